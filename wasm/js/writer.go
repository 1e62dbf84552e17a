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

// valueOf is the code that writes the value x of a type to field i. What most values of most types are is written out, as engines follow only so many calls. Of what no action reads, it is
// looked at whether it is of the type.
func (fn *function) valueOf(t *policy.Type, i int, nullable, read bool) string {
	refuse := "else L()"
	if nullable {
		refuse = "else if(x!==null)L()"
	}
	put := func(code string) string {
		if !read {
			return ""
		}
		place := ""
		if code != "" {
			place, code = fmt.Sprintf("at:w%d,", i), fmt.Sprintf(code, i)
		}
		fmt.Fprintf(&fn.variables, "const{%sword:k%d,bit:b%[2]d}=f[%[2]d];", place, i)
		return code + fmt.Sprintf("W[k%d]|=b%[1]d", i)
	}
	switch t.Kind {
	case policy.KindString:
		if nullable {
			refuse = ""
		}
		fmt.Fprintf(&fn.variables, "var l%d;", i)
		return fmt.Sprintf("if(x!==null){if(x!==l%d){l%[1]d=void 0;l%[1]d=z(f[%[1]d],x)}%s}%s", i, put(""), refuse)
	case policy.KindBool:
		return fmt.Sprintf(`if(typeof x==="boolean"){%s}%s`, put("B[w%d]=x===true?1:0;"), refuse)
	case policy.KindDouble:
		return fmt.Sprintf(`if(typeof x==="number"&&x-x===0){%s}%s`, put("D[w%d>>>3]=x;"), refuse)
	case policy.KindInt:
		return fmt.Sprintf(`if(typeof x==="number"&&(x|0)===x){%s}else o(f[%d],x)`, put("W[w%d>>>2]=x;W[(w%[1]d>>>2)+1]=x>>31;"), i)
	case policy.KindTimestamp:
		write := put("m(w%d,G.call(x));")
		if !read { // it is looked at whether there is such a time
			write = fmt.Sprintf("m(f[%d].at,G.call(x))", i)
		}
		return fmt.Sprintf("if(x!==null&&x.getTime===G){%s}else o(f[%d],x)", write, i)
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
	params := each(m.Schema.Params, func(p abi.Param) policy.Attr { return policy.Attr{Name: p.Name, Type: p.Type} })
	signals := each(m.Schema.Signals, func(s abi.Signal) policy.Attr { return policy.Attr{Name: s.Name, Type: s.Type} })
	signals = append(signals, policy.Attr{Name: "resource"})
	w := &writing{next: 1}
	w.told, w.read = slotsOf(&m.Schema)
	clean := clean(params, signals, m.Schema.Actions)
	writeParams := w.maker("params", 0, "", params)
	writeSignals := w.maker("signals", 0, clean, signals)
	defined, resources := w.resources(m.Schema.Actions)
	return fmt.Appendf(nil, "e=>{const{%s}=e,N={};%sreturn[()=>{%s},%s,%s,[%s]]}", tools, defined, clean, writeParams, writeSignals, strings.Join(resources, ","))
}

// clean leaves a request where Object.prototype has a member of a name that the policy knows: what an object does not have would be read from there. Engines know that it has none, and make
// nothing of it.
func clean(params, signals []policy.Attr, actions []abi.Action) string {
	names := map[string]bool{"action": true, "now": true, "posture": true, "params": true, "signals": true}
	var add func([]policy.Attr)
	add = func(attrs []policy.Attr) {
		for _, a := range attrs {
			names[a.Name] = true
			if a.Type != nil && a.Type.Kind == policy.KindObject {
				add(a.Type.Attrs)
			}
		}
	}
	add(params)
	add(signals)
	for i := range actions {
		if t := actions[i].Resource; t != nil {
			add(t.Attrs)
		}
	}
	there := each(slices.Sorted(maps.Keys(names)), func(name string) string { return "N" + member(name) + "!==void 0" })
	return "if(" + strings.Join(there, "||") + ")L();"
}

// slotsOf are the paths of signals and objects of which it matters that they are there, beside what is in them: lazy signals, and objects that are slots themselves; and of all that an
// action reads.
func slotsOf(s *abi.Schema) (told, read map[string]bool) {
	told, read = map[string]bool{}, map[string]bool{}
	for _, name := range s.Lazy {
		told["signals."+name] = true
	}
	for i := range s.Actions {
		for _, slot := range s.Actions[i].Slots {
			at := strings.Join(slot.Path, ".")
			read[at] = true
			if slot.Presence {
				told[at] = true
			}
		}
	}
	return told, read
}

// writing is a writer that is being written.
type writing struct {
	next       int // the number of the next field
	told, read map[string]bool
}

// function is what one of a writer does, and its variables: places of fields, the bits that say that they are there, and last texts. Engines have a function's variables nearer than the
// members of an object.
type function struct {
	*writing
	strings.Builder
	variables strings.Builder
}

// resources are makers of what writes the resource of each action, which comes after all other fields: their definitions, one for all that are alike, and their names; where there is no
// resource, of L.
func (w *writing) resources(actions []abi.Action) (defined string, names []string) {
	first := w.next
	had := map[string]string{}
	names = make([]string, len(actions))
	for i := range actions {
		names[i] = "()=>L"
		if t := actions[i].Resource; t != nil {
			w.next = first
			text := w.maker("resource", first-1, "", t.Attrs)
			if had[text] == "" {
				had[text] = fmt.Sprintf("r%d", i)
				defined += fmt.Sprintf("const %s=%s;", had[text], text)
			}
			names[i] = had[text]
		}
	}
	return defined, names
}

// maker is a function that makes, of the fields of an action, one that writes the members of an object v, and of the objects in it, which is a field: engines make more of one function
// than of many. It does something else first; c says whether to count what is unknown; r writes the resource.
func (w *writing) maker(path string, field int, first string, attrs []policy.Attr) string {
	fn := &function{writing: w}
	fn.object("v", path, field, attrs)
	return fmt.Sprintf("(f,r)=>{%sreturn(v,c)=>{%slet x;const{words:W,bytes:B,doubles:D}=S;%s}}", fn.variables.String(), first, fn)
}

// object writes what reads an object, which is the value of a variable. Engines know what an object is once a member of it was read: asking for its prototype costs nothing then. Nothing
// that the host says is ignored, so an object of params has no other members.
func (fn *function) object(v, path string, field int, attrs []policy.Attr) {
	plain := fmt.Sprintf("if(g(%s)!==O)L();", v)
	hosts := path == "params" || strings.HasPrefix(path, "params.")
	if hosts {
		fn.WriteString("let n=0;")
	}
	for i, a := range attrs {
		fmt.Fprintf(fn, "x=%s%s;", v, member(a.Name))
		if i == 0 {
			fn.WriteString(plain)
		}
		if hosts {
			fn.WriteString("if(x!==void 0){n++;")
			fn.value(v, path, a)
			fn.WriteString("}")
		} else {
			fn.WriteString("if(x!==void 0)")
			fn.value(v, path, a)
		}
	}
	if len(attrs) == 0 {
		fn.WriteString(plain)
	}
	if hosts {
		fmt.Fprintf(fn, "for(x in %s)n--;if(n)L()", v)
	} else {
		fmt.Fprintf(fn, "if(c)q(%s,f[%d])", v, field)
	}
}

// value writes what is done with the value x of an attribute of the object v.
func (fn *function) value(v, path string, a policy.Attr) {
	i := fn.next
	fn.next++
	at := path + "." + a.Name
	if a.Type == nil {
		at = a.Name // the resource, which is the action's
	}
	object := a.Type != nil && a.Type.Kind == policy.KindObject
	write := "{"
	switch {
	case fn.told[at] && (object || path == "signals"), object && path == "params":
		write = fmt.Sprintf("if(h(f[%d],x)){", i)
	case object, a.Type == nil:
		write = "if(x!==null){"
	}
	fn.WriteString(write)
	switch {
	case at == "signals.session.level":
		fn.WriteString("L()") // it is computed
	case a.Type == nil:
		fn.WriteString("r(x,c)")
	case object:
		fmt.Fprintf(fn, "const %s=x;", v+"v")
		fn.object(v+"v", at, i, a.Type.Attrs)
	default:
		fn.WriteString(fn.valueOf(a.Type, i, path != "params", fn.read[at]))
	}
	fn.WriteString("}")
}

var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z_0-9]*$`)

// member is how a member of v is read.
func member(name string) string {
	if identifier.MatchString(name) {
		return "." + name
	}
	return "[" + quoted(name) + "]"
}
