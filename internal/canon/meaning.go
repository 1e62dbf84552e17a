package canon

import (
	"fmt"
	"io/fs"
	"reflect"
	"slices"
	"strings"

	"github.com/rungpolicy/rung/cel"
	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/hcl"
	"github.com/rungpolicy/rung/policy"
)

// meaning is all that a policy and its tests say, as text: the model, the trees of its conditions, and the cases, without places and digest; of one that is in
// error, the codes of its diagnostics.
func meaning(fsys fs.FS) string {
	parsed, err := hcl.Parse(fsys)
	if err != nil {
		return err.Error()
	}
	conditions, found := cel.Check(parsed.Policy)
	tests, err := hcl.ParseTests(fsys, parsed.Policy)
	if err != nil {
		return err.Error()
	}
	if all := slices.Concat(parsed.Diagnostics, found, tests.Diagnostics); all.HasErrors() {
		return codes(all)
	}
	w := &dumper{seen: map[place]int{}}
	p := *parsed.Policy
	p.Digest, p.Bytes = "", 0
	w.value(reflect.ValueOf(&p))
	for _, r := range p.Rules {
		for _, a := range r.Actions {
			use := expr.Use{Rule: r, Action: a}
			fmt.Fprintf(&w.out, "\n%s on %s: ", r.ID, a.Name)
			w.condition(conditions, conditions.When[use])
			if by, ok := conditions.By[use]; ok {
				w.out.WriteString(" by ")
				w.condition(conditions, by)
			}
		}
	}
	w.value(reflect.ValueOf(tests.Cases))
	return w.out.String()
}

// dumper writes values as text.
type dumper struct {
	out  strings.Builder
	seen map[place]int // of what has been written, so that cycles end
}

type place struct {
	typ reflect.Type
	at  uintptr
}

func (w *dumper) condition(c *expr.Conditions, i int) {
	if i >= 0 {
		w.value(reflect.ValueOf(c.All[i].Root))
	}
}

// places are the types of what says where something stands, or how it is written.
var places = []reflect.Type{
	reflect.TypeFor[diag.Span](), reflect.TypeFor[diag.Range](), reflect.TypeFor[*diag.Source](), reflect.TypeFor[*policy.Text](),
}

func (w *dumper) value(v reflect.Value) {
	if !v.IsValid() || slices.Contains(places, v.Type()) {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		w.pointer(v)
	case reflect.Interface:
		if !v.IsNil() {
			w.out.WriteString(v.Elem().Type().String())
		}
		w.value(v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); v.Type() != reflect.TypeFor[expr.Base]() || f.Name != "Text" {
				w.out.WriteString("\n" + f.Name + ":")
				w.value(v.Field(i))
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			w.out.WriteString(" ")
			w.value(v.Index(i))
		}
	case reflect.Map:
		w.mapping(v)
	case reflect.Func, reflect.Chan:
	default:
		fmt.Fprintf(&w.out, "%v", v)
	}
}

func (w *dumper) pointer(v reflect.Value) {
	if v.IsNil() {
		return
	}
	at := place{v.Type(), v.Pointer()}
	if n, ok := w.seen[at]; ok {
		fmt.Fprintf(&w.out, "#%d", n)
		return
	}
	w.seen[at] = len(w.seen)
	w.value(v.Elem())
}

func (w *dumper) mapping(v reflect.Value) {
	var entries []string
	for _, k := range v.MapKeys() {
		inner := &dumper{seen: w.seen}
		inner.value(k)
		inner.out.WriteString("=")
		inner.value(v.MapIndex(k))
		entries = append(entries, inner.out.String())
	}
	slices.Sort(entries)
	w.out.WriteString(strings.Join(entries, " "))
}
