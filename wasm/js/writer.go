package js

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/abi"
)

// tools are the functions of sdk/js/src/fast.ts that a writer is made of, by short names.
const tools = "protoOf:g,plain:O,leave:L,seen:h,text:s,texts:l,bool:b,double:d,int:i,timestamp:t,address:a,other:o,odd:q"

// toolOf is the tool that writes values of a type.
func toolOf(t *policy.Type) string {
	switch t.Kind {
	case policy.KindString:
		return "s"
	case policy.KindBool:
		return "b"
	case policy.KindDouble:
		return "d"
	case policy.KindInt:
		return "i"
	case policy.KindTimestamp:
		return "t"
	case policy.KindIP, policy.KindCIDR:
		return "a"
	case policy.KindList:
		if t.Elem.Kind == policy.KindString {
			return "l"
		}
	}
	return "o"
}

// Writer is the code by which requests about a policy are written fast: an expression of JavaScript, a Writer of sdk/js/src/fast.ts. It reads each member that the policy knows by its name,
// and tells the SDK which field its value is. Fields are numbered as they stand in the schema: the signals as a whole, the params, the signals, the resource, each object before its attributes.
func Writer(m *abi.Module) []byte {
	w := &writing{next: 1, told: told(&m.Schema)}
	params := w.object("P", "params", "L()", each(m.Schema.Params, func(p abi.Param) policy.Attr { return policy.Attr{Name: p.Name, Type: p.Type} }))
	signals := each(m.Schema.Signals, func(s abi.Signal) policy.Attr { return policy.Attr{Name: s.Name, Type: s.Type} })
	all := w.object("S", "signals", odd(0), append(signals, policy.Attr{Name: "resource"}))
	resources := w.resources(m.Schema.Actions)
	return fmt.Appendf(nil, "e=>{const{%s}=e;%s%s%sreturn[P,S,[%s]]}", tools, w.defined.String(), params, all, strings.Join(resources, ","))
}

// odd is what is done where an object, which is a field, has not just the members that it was read for.
func odd(field int) string { return fmt.Sprintf("q(v,f[%d].plan,n)", field) }

// told are the paths of signals and objects of which it matters that they are there, beside what is in them: lazy signals, and objects that are slots themselves.
func told(s *abi.Schema) map[string]bool {
	out := map[string]bool{}
	for _, name := range s.Lazy {
		out["signals."+name] = true
	}
	for i := range s.Actions {
		for _, slot := range s.Actions[i].Slots {
			if slot.Presence {
				out[strings.Join(slot.Path, ".")] = true
			}
		}
	}
	return out
}

// writing is a writer that is being written: the functions that it needs, and the number of the next field.
type writing struct {
	defined strings.Builder
	next    int
	told    map[string]bool
}

// resources are the names of the functions that write the resource of each action, which comes after all other fields: one for all that are alike, and L where there is none.
// What is in a resource has the numbers of what is in others, so the functions of its objects are its own.
func (w *writing) resources(actions []abi.Action) []string {
	first := w.next
	had := map[string]string{}
	out := make([]string, len(actions))
	for i := range actions {
		out[i] = "L"
		if t := actions[i].Resource; t != nil {
			own := writing{next: first, told: w.told}
			write := own.object("", "resource", odd(first-1), t.Attrs)
			text := own.defined.String() + write
			if had[text] == "" {
				had[text] = fmt.Sprintf("r%d", i)
				if own.defined.Len() > 0 {
					write = fmt.Sprintf("=(()=>{%sreturn%s})();", own.defined.String(), strings.TrimPrefix(write, "="))
				}
				w.defined.WriteString("const " + had[text] + write)
			}
			out[i] = had[text]
		}
	}
	return out
}

// object is a function that writes the members of an object. Engines know what an object is once a member of it was read: asking for its prototype costs nothing then.
func (w *writing) object(name, path, odd string, attrs []policy.Attr) string {
	const plain = "if(g(v)!==O)L();"
	var b strings.Builder
	if name != "" {
		b.WriteString("const " + name)
	}
	b.WriteString("=(v,f,r)=>{let n=0,x;")
	for i, a := range attrs {
		fmt.Fprintf(&b, "x=v%s;", member(a.Name))
		if i == 0 {
			b.WriteString(plain)
		}
		fmt.Fprintf(&b, "if(x!==void 0){n++;%s}", w.value(path, a))
	}
	if len(attrs) == 0 {
		b.WriteString(plain)
	}
	fmt.Fprintf(&b, "for(x in v)n--;if(n)%s};", odd)
	return b.String()
}

// value is what is done with the value x of an attribute.
func (w *writing) value(path string, a policy.Attr) string {
	i := w.next
	w.next++
	at := path + "." + a.Name
	write := "r(x,f)" // the resource, which is the action's
	switch {
	case at == "signals.session.level":
		return "L()" // it is computed
	case a.Type == nil:
		at = a.Name
	case a.Type.Kind == policy.KindObject:
		name := fmt.Sprintf("s%d", i)
		odd := odd(i)
		if strings.HasPrefix(at, "params.") {
			odd = "L()" // nothing that the host says is ignored
		}
		w.defined.WriteString(w.object(name, at, odd, a.Type.Attrs))
		write = name + "(x,f)"
	default:
		write = fmt.Sprintf("%s(f[%d],x)", toolOf(a.Type), i)
		if !w.told[at] || path != "signals" {
			return write
		}
	}
	if w.told[at] || path == "params" {
		return fmt.Sprintf("if(h(f[%d],x))%s", i, write)
	}
	return "if(x!==null)" + write
}

var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z_0-9]*$`)

// member is how a member of v is read.
func member(name string) string {
	if identifier.MatchString(name) {
		return "." + name
	}
	return "[" + quoted(name) + "]"
}
