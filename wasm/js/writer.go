package js

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/abi"
)

// tools are what a writer is made of, from sdk/js/src/fast.ts, by short names.
const tools = "state:S,protoOf:g,plain:O,getTime:G,leave:L,seen:h,fresh:z,texts:l,moment:m,address:k,other:o,count:q"

// valueOf is the code that writes the value x of a type to field i. What most values of most types are is written out, as engines follow only so many calls.
func valueOf(t *policy.Type, i int, nullable bool) string {
	const there = "W[a.word]|=a.bit"
	refuse := "else L()"
	if nullable {
		refuse = "else if(x!==null)L()"
	}
	switch t.Kind {
	case policy.KindString:
		if nullable {
			refuse = ""
		}
		return fmt.Sprintf("if(x!==null){a=f[%d];if(x!==a.last)z(a,x);%s}%s", i, there, refuse)
	case policy.KindBool:
		return fmt.Sprintf(`if(typeof x==="boolean"){a=f[%d];B[a.at]=x?1:0;%s}%s`, i, there, refuse)
	case policy.KindDouble:
		return fmt.Sprintf(`if(typeof x==="number"&&x-x===0){a=f[%d];D[a.at>>3]=x;%s}%s`, i, there, refuse)
	case policy.KindInt:
		return fmt.Sprintf(`a=f[%d];if(typeof x==="number"&&(x|0)===x){W[a.at>>2]=x;W[(a.at>>2)+1]=x>>31;%s}else o(a,x)`, i, there)
	case policy.KindTimestamp:
		return fmt.Sprintf("a=f[%d];if(x!==null&&x.getTime===G){m(a.at,G.call(x));%s}else o(a,x)", i, there)
	case policy.KindIP, policy.KindCIDR:
		return fmt.Sprintf("k(f[%d],x)", i)
	case policy.KindList:
		if t.Elem.Kind == policy.KindString {
			return fmt.Sprintf("l(f[%d],x)", i)
		}
	}
	return fmt.Sprintf("o(f[%d],x)", i)
}

// Writer is the code by which requests about a policy are written fast: an expression of JavaScript, a Writer of sdk/js/src/fast.ts. It reads each member that the policy knows by its name,
// and writes its value to its field. Fields are numbered as they stand in the schema: the signals as a whole, the params, the signals, the resource, each object before its attributes.
func Writer(m *abi.Module) []byte {
	w := &writing{next: 1, told: told(&m.Schema), names: map[string]bool{}}
	for _, name := range []string{"action", "now", "posture", "params", "signals"} {
		w.names[name] = true
	}
	params := w.function("params", 0, each(m.Schema.Params, func(p abi.Param) policy.Attr { return policy.Attr{Name: p.Name, Type: p.Type} }))
	signals := each(m.Schema.Signals, func(s abi.Signal) policy.Attr { return policy.Attr{Name: s.Name, Type: s.Type} })
	all := w.function("signals", 0, append(signals, policy.Attr{Name: "resource"}))
	defined, resources := w.resources(m.Schema.Actions)
	return fmt.Appendf(nil, "e=>{const{%s}=e,%s%sreturn[E,%s,%s,[%s]]}", tools, w.clean(), defined, params, all, strings.Join(resources, ","))
}

// clean is a function that leaves a request where Object.prototype has a member of a name that the policy knows: what an object does not have would be read from there. Engines know that it
// has none, and make nothing of it.
func (w *writing) clean() string {
	var b strings.Builder
	for i, name := range slices.Sorted(maps.Keys(w.names)) {
		if i > 0 {
			b.WriteString("||")
		}
		fmt.Fprintf(&b, "N%s!==void 0", member(name))
	}
	return "N={},E=()=>{if(" + b.String() + ")L()};"
}

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

// writing is a writer that is being written.
type writing struct {
	next  int // the number of the next field
	told  map[string]bool
	names map[string]bool // of all members
}

// resources are functions that write the resource of each action, which comes after all other fields: their definitions, one for all that are alike, and their names, L where there is no resource.
func (w *writing) resources(actions []abi.Action) (defined string, names []string) {
	first := w.next
	had := map[string]string{}
	names = make([]string, len(actions))
	for i := range actions {
		names[i] = "L"
		if t := actions[i].Resource; t != nil {
			w.next = first
			text := w.function("resource", first-1, t.Attrs)
			if had[text] == "" {
				had[text] = fmt.Sprintf("r%d", i)
				defined += fmt.Sprintf("const %s=%s;", had[text], text)
			}
			names[i] = had[text]
		}
	}
	return defined, names
}

// function is one that writes the members of an object v, which is a field, and of the objects in it: engines make more of one function than of many. c says whether to count
// what is unknown; r writes the resource.
func (w *writing) function(path string, field int, attrs []policy.Attr) string {
	var b strings.Builder
	b.WriteString("(v,f,c,r)=>{let x,a;const{words:W,bytes:B,doubles:D}=S;")
	w.object(&b, "v", path, field, attrs)
	b.WriteString("}")
	return b.String()
}

// object writes what reads an object, which is the value of a variable. Engines know what an object is once a member of it was read: asking for its prototype costs nothing then. Nothing
// that the host says is ignored, so an object of params has no other members.
func (w *writing) object(b *strings.Builder, v, path string, field int, attrs []policy.Attr) {
	plain := fmt.Sprintf("if(g(%s)!==O)L();", v)
	hosts := path == "params" || strings.HasPrefix(path, "params.")
	if hosts {
		b.WriteString("let n=0;")
	}
	for i, a := range attrs {
		w.names[a.Name] = true
		fmt.Fprintf(b, "x=%s%s;", v, member(a.Name))
		if i == 0 {
			b.WriteString(plain)
		}
		if hosts {
			b.WriteString("if(x!==void 0){n++;")
			w.value(b, v, path, a)
			b.WriteString("}")
		} else {
			b.WriteString("if(x!==void 0)")
			w.value(b, v, path, a)
		}
	}
	if len(attrs) == 0 {
		b.WriteString(plain)
	}
	if hosts {
		fmt.Fprintf(b, "for(x in %s)n--;if(n)L()", v)
	} else {
		fmt.Fprintf(b, "if(c)q(%s,f[%d])", v, field)
	}
}

// value writes what is done with the value x of an attribute of the object v.
func (w *writing) value(b *strings.Builder, v, path string, a policy.Attr) {
	i := w.next
	w.next++
	at := path + "." + a.Name
	if a.Type == nil {
		at = a.Name // the resource, which is the action's
	}
	object := a.Type != nil && a.Type.Kind == policy.KindObject
	write := "{"
	switch {
	case w.told[at] && (object || path == "signals"), object && path == "params":
		write = fmt.Sprintf("if(h(f[%d],x)){", i)
	case object, a.Type == nil:
		write = "if(x!==null){"
	}
	b.WriteString(write)
	switch {
	case at == "signals.session.level":
		b.WriteString("L()") // it is computed
	case a.Type == nil:
		b.WriteString("r(x,f,c)")
	case object:
		fmt.Fprintf(b, "const %s=x;", v+"v")
		w.object(b, v+"v", at, i, a.Type.Attrs)
	default:
		b.WriteString(valueOf(a.Type, i, path != "params"))
	}
	b.WriteString("}")
}

var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z_0-9]*$`)

// member is how a member of v is read.
func member(name string) string {
	if identifier.MatchString(name) {
		return "." + name
	}
	return "[" + quoted(name) + "]"
}
