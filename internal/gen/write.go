package gen

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// writer writes a policy and keeps what stands in each line.
type writer struct {
	strings.Builder
	n      int
	owners map[int]any
}

func (w *writer) line(owner any, format string, a ...any) {
	text := fmt.Sprintf(format, a...)
	w.n++
	w.owners[w.n] = owner
	w.WriteString(text + "\n")
}

// write writes the policy; owners are by line.
func (m *Model) write() (text string, owners map[int]any) {
	w := &writer{owners: map[int]any{}}
	w.line(nil, "policy \"gen\" {")
	w.line(nil, "  language = 1")
	w.line(nil, "}")
	for _, l := range m.Levels {
		w.line(nil, "level %s {", hclText(l.Name))
		w.line(nil, "  rank = %d", l.Rank)
		if l.ACR != nil {
			w.line(nil, "  acr = %s", hclTexts(l.ACR))
		}
		if l.AMR != nil {
			var sets []string
			for _, set := range l.AMR {
				sets = append(sets, hclTexts(set))
			}
			w.line(nil, "  amr = [%s]", strings.Join(sets, ", "))
		}
		w.line(nil, "}")
	}
	m.writeData(w)
	for _, p := range m.Postures {
		w.line(nil, "posture %s {", hclText(p.Name))
		w.line(nil, "  rank = %d", p.Rank)
		if len(p.Params) > 0 {
			var parts []string
			for _, name := range slices.Sorted(maps.Keys(p.Params)) {
				parts = append(parts, name+" = "+p.Params[name])
			}
			w.line(nil, "  params = { %s }", strings.Join(parts, ", "))
		}
		w.line(nil, "}")
	}
	m.writeRules(w)
	return w.String(), w.owners
}

func (m *Model) writeData(w *writer) {
	for _, s := range m.Signals {
		if s.Standard {
			continue
		}
		w.line(s, "signal %s {", hclText(s.Name))
		w.line(s, "  type = %s", s.Type.declared())
		if s.Lazy {
			w.line(s, "  lazy = true")
		}
		w.line(s, "}")
	}
	for _, p := range m.Params {
		w.line(p, "param %s {", hclText(p.Name))
		w.line(p, "  type = %s", p.Type.declared())
		w.line(p, "  default = %s", p.Default)
		if p.Stricter != "" {
			w.line(p, "  stricter = %s", hclText(p.Stricter))
		}
		w.line(p, "}")
	}
	for _, l := range m.Lists {
		w.line(l, "list %s {", hclText(l.Name))
		w.line(l, "  type = %s", l.Type.declared())
		w.line(l, "  values = [%s]", strings.Join(l.Values, ", "))
		w.line(l, "}")
	}
	if len(m.Lets) > 0 {
		w.line(nil, "let {")
		for _, l := range m.Lets {
			w.line(l, "  %s = %s", l.Name, hclText(l.Expr.String()))
		}
		w.line(nil, "}")
	}
}

func (m *Model) writeRules(w *writer) {
	for _, a := range m.Actions {
		w.line(a, "action %s {", hclText(a.Name))
		w.line(a, "  level = %s", hclText(a.Level))
		w.line(a, "  resource = %s", a.Resource.declared())
		for _, r := range m.Rules {
			if r.In == a.Name {
				r.write(w)
			}
		}
		w.line(nil, "}")
	}
	for _, r := range m.Rules {
		if r.In == "" {
			r.write(w)
		}
	}
}

func (r *Rule) write(w *writer) {
	kind := "step_up"
	if r.Deny {
		kind = "deny"
	}
	w.line(r, "  %s %s {", kind, hclText(r.Name))
	if r.In == "" {
		w.line(r, "    actions = %s", hclTexts(r.Actions))
	}
	if r.When != nil {
		w.line(r, "    when = %s", hclText(r.When.String()))
	}
	if r.Unless != nil {
		w.line(r, "    unless = %s", hclText(r.Unless.String()))
	}
	for _, x := range [][2]string{{"level", r.Level}, {"max_age", r.MaxAge}, {"posture", r.Posture}, {"mode", r.Mode}} {
		if x[1] != "" {
			w.line(r, "    %s = %s", x[0], hclText(x[1]))
		}
	}
	if r.Methods != nil {
		w.line(r, "    methods = %s", hclTexts(r.Methods))
	}
	if r.Skip {
		w.line(r, "    on_error = \"skip\"")
	}
	if r.By != nil {
		w.line(r, "    rollout {")
		w.line(r, "      percent = %s", r.Percent)
		w.line(r, "      by = %s", hclText(r.By.String()))
		if r.Seed != "" {
			w.line(r, "      seed = %s", hclText(r.Seed))
		}
		w.line(r, "    }")
	}
	w.line(r, "  }")
}

// hclText writes a text as HCL does.
func hclText(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case (r == '$' || r == '%') && strings.HasPrefix(s[i+1:], "{"):
			b.WriteRune(r)
			b.WriteRune(r)
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String() + `"`
}

func hclTexts(list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = hclText(s)
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// hclValue writes a value that JSON has as HCL does.
func hclValue(v any) string {
	switch v := v.(type) {
	case bool:
		return fmt.Sprint(v)
	case json.Number:
		return string(v)
	case string:
		return hclText(v)
	case []any:
		out := make([]string, len(v))
		for i, x := range v {
			out[i] = hclValue(x)
		}
		return "[" + strings.Join(out, ", ") + "]"
	}
	panic(fmt.Sprintf("gen: a value %v", v)) // params and lists hold no others
}
