// Package js writes the module of a policy as a module of JavaScript: one file with the SDK and the bytes inside, and one that tells TypeScript which actions, resources, signals, levels and
// rules there are.
//
//	module, err := js.Module(m.Bytes, about, false)
//	types := js.Types(about)
//
// policy.js is the SDK of sdk/js, bundled by bundle.sh; it imports nothing. fast.js is the same with a place for code that is written for the policy.
package js

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/abi"
)

//go:generate sh bundle.sh

//go:embed policy.js
var sdk []byte

//go:embed fast.js
var fastSDK []byte

// Where in the SDK the module goes, in a text, and where the writer of requests does, which is code.
const (
	placeOfModule = "@rung:module@"
	placeOfWriter = `"@rung:writer@"`
)

// Head is how both files begin.
const Head = "// The policy "

// Module is an ES module that exports load, loadSync, decideWith and LoadError. A fast one is some kilobytes larger, and has code by which requests that are plain objects are written
// several times as fast. The error says that the SDK has no place for what it should hold, which is a mistake of ours.
func Module(module []byte, about *abi.Module, fast bool) ([]byte, error) {
	head := fmt.Sprintf(Head+"%s, made by rung: do not edit.\n", comment(about.Meta.Name+" "+about.Meta.Version+" "+about.Meta.Digest))
	code, err := sdk, error(nil)
	if fast {
		code, err = put(fastSDK, placeOfWriter, Writer(about))
	}
	if err == nil {
		code, err = put(code, placeOfModule, []byte(base64.StdEncoding.EncodeToString(module)))
	}
	return append([]byte(head), code...), err
}

// put puts something in its place.
func put(code []byte, place string, what []byte) ([]byte, error) {
	if bytes.Count(code, []byte(place)) != 1 {
		return nil, fmt.Errorf("js: the SDK has no place for %s", place)
	}
	return bytes.Replace(code, []byte(place), what, 1), nil
}

// comment is a text as it may stand in a comment of a line, or of several.
func comment(s string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == 0x2028 || r == 0x2029 {
			return ' '
		}
		return r
	}, s), "*/", "* /")), " ")
}

// Types are the declarations that go with [Module]. The names of a policy's levels, rules and so on are types of their own.
func Types(m *abi.Module) []byte {
	w := &writer{}
	w.line(Head+"%s, made by rung: do not edit.", comment(m.Meta.Name+" "+m.Meta.Version))
	w.line("")
	w.union("Action", "The actions.", each(m.Schema.Actions, func(a abi.Action) string { return a.Name }))
	w.union("Level", "The levels, the lowest first.", each(m.Outputs.Levels, func(l abi.Level) string { return l.Name }))
	w.union("Rule", "The rules, by their ids.", each(m.Outputs.Rules, func(r abi.Rule) string { return r.ID }))
	w.union("Lazy", "The lazy signals.", m.Schema.Lazy)
	w.union("Posture", "The postures.", append([]string{"normal"}, each(m.Schema.Postures, func(p abi.Posture) string { return p.Name })...))
	w.line("/** Values of params. What is left out has the policy's default. */")
	w.line("export interface Params {")
	for _, p := range m.Schema.Params {
		w.member(p.Name, p.Type, "", "undefined")
	}
	w.line("}\n")
	w.line("/** What the rules may look at, beside the resource. */")
	w.line("export interface Signals {")
	for _, s := range m.Schema.Signals {
		w.member(s.Name, shown(s), "", "null | undefined")
	}
	w.line("}\n")
	w.line("/** The resource of each action. */")
	w.line("export interface Resources {")
	for i := range m.Schema.Actions {
		if a := &m.Schema.Actions[i]; a.Resource != nil {
			w.line("  readonly %s: %s;", quoted(a.Name), w.typ(a.Resource, "  "))
		} else {
			w.line("  readonly %s: undefined;", quoted(a.Name))
		}
	}
	w.line("}\n")
	w.b.WriteString(declarations)
	return w.b.Bytes()
}

// shown is the type of a signal without what nobody can send.
func shown(s abi.Signal) *policy.Type {
	if s.Name != "session" || s.Type.Kind != policy.KindObject {
		return s.Type
	}
	out := *s.Type
	out.Attrs = nil
	for _, a := range s.Type.Attrs {
		if a.Name != "level" {
			out.Attrs = append(out.Attrs, a)
		}
	}
	return &out
}

func each[T, R any](list []T, of func(T) R) []R {
	out := make([]R, len(list))
	for i, x := range list {
		out[i] = of(x)
	}
	return out
}

// quoted is a text as a literal of TypeScript.
func quoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ' || r == 0x7f || r == 0x2028 || r == 0x2029:
			fmt.Fprintf(&b, "\\u%04x", r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

type writer struct{ b bytes.Buffer }

func (w *writer) line(format string, args ...any) {
	fmt.Fprintf(&w.b, format+"\n", args...)
}

func (w *writer) union(name, says string, of []string) {
	w.line("/** %s */", says)
	if len(of) == 0 {
		w.line("export type %s = never;\n", name)
		return
	}
	w.line("export type %s =", name)
	for i, text := range of {
		end := ""
		if i == len(of)-1 {
			end = ";\n"
		}
		w.line("  | %s%s", quoted(text), end)
	}
}

func (w *writer) member(name string, t *policy.Type, indent, or string) {
	w.line("%s  readonly %s?: %s | %s;", indent, quoted(name), w.typ(t, indent+"  "), or)
}

// values are what the simple types take.
var values = map[policy.Kind]string{
	policy.KindBool: "boolean", policy.KindInt: "number | bigint | string", policy.KindUint: "number | bigint | string", policy.KindDouble: "number",
	policy.KindString: "string", policy.KindBytes: "Uint8Array | string", policy.KindTimestamp: "Date | string", policy.KindDuration: "bigint | string",
	policy.KindIP: "string", policy.KindCIDR: "string",
}

func (w *writer) typ(t *policy.Type, indent string) string {
	switch t.Kind {
	case policy.KindList:
		return "readonly (" + w.typ(t.Elem, indent) + ")[]"
	case policy.KindMap:
		elem := w.typ(t.Elem, indent)
		return "{ readonly [key: string]: " + elem + " } | ReadonlyMap<string, " + elem + ">"
	case policy.KindObject:
		in := &writer{}
		in.line("{")
		for _, a := range t.Attrs {
			in.member(a.Name, a.Type, indent, "null | undefined")
		}
		fmt.Fprintf(&in.b, "%s}", indent)
		return in.b.String()
	}
	if v := values[t.Kind]; v != "" {
		return v
	}
	return "unknown"
}

//go:embed declarations.d.ts
var declarations string
