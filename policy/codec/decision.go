package codec

import (
	"strconv"

	"github.com/rungpolicy/rung/policy"
)

// AppendDecision appends a decision as JSON on one line. The members come in the order of docs/language.md's example; those that
// have nothing to say are left out. A refused request answers with its effect, which is deny, and its error alone. A nil
// decision is the zero one, a deny.
func AppendDecision(dst []byte, d *policy.Decision) []byte {
	if d == nil {
		d = &policy.Decision{}
	}
	w := writer{b: dst}
	w.open('{')
	if d.Error != nil {
		w.text("effect", policy.Deny.String())
		w.refusal(d.Error)
		w.close('}')
		return w.b
	}
	w.text("effect", effect(d.Effect))
	w.textIf("action", d.Action)
	w.requirement(d.Requirement)
	w.satisfied(d.Satisfied)
	w.reasons("reasons", d.Reasons)
	w.reasons("shadow", d.Shadow)
	if d.ShadowDiffers {
		w.text("shadow_effect", effect(d.ShadowEffect))
	}
	w.indeterminate(d.Indeterminate)
	w.textsIf("need", d.Need)
	w.textIf("posture", d.Posture)
	w.identity(d.Policy)
	w.trace(d.Trace)
	w.close('}')
	return w.b
}

// effect is an effect as it stands in JSON. What is none is a deny, as everywhere.
func effect(e policy.Effect) string {
	if e > policy.Need {
		e = policy.Deny
	}
	return e.String()
}

func (w *writer) refusal(e *policy.RequestError) {
	w.name("error")
	w.open('{')
	w.text("code", string(e.Code))
	w.text("message", e.Message)
	w.textIf("path", e.Path)
	w.close('}')
}

func (w *writer) requirement(r *policy.Requirement) {
	if r == nil {
		return
	}
	w.name("requirement")
	w.open('{')
	w.textIf("level", r.Level)
	w.textsIf("acr_values", r.ACRValues)
	w.seconds("max_age", r.MaxAge)
	if len(r.Methods) > 0 {
		w.name("methods")
		w.open('[')
		for _, group := range r.Methods {
			w.open('{')
			w.textsIf("one_of", group)
			w.close('}')
		}
		w.close(']')
	}
	switch r.Reachable {
	case policy.Unknown: // left out
	case policy.No:
		w.raw("reachable", "false")
	case policy.Yes:
		w.raw("reachable", "true")
	}
	w.close('}')
}

func (w *writer) satisfied(s *policy.Satisfied) {
	if s == nil {
		return
	}
	w.name("satisfied")
	w.open('{')
	w.text("level", s.Level)
	w.seconds("age", s.Age)
	w.close('}')
}

func (w *writer) reasons(name string, rs []*policy.Reason) {
	if len(rs) == 0 {
		return
	}
	w.name(name)
	w.open('[')
	for i := range rs {
		r := rs[i]
		w.open('{')
		w.text("rule", r.Rule)
		w.text("effect", effect(r.Effect))
		w.textIf("level", r.Level)
		w.seconds("max_age", r.MaxAge)
		w.textsIf("methods", r.Methods)
		w.textIf("message", r.Message)
		w.textIf("code", string(r.Code))
		if r.Pending {
			w.raw("pending", "true")
		}
		w.close('}')
	}
	w.close(']')
}

func (w *writer) indeterminate(is []policy.Indeterminate) {
	if len(is) == 0 {
		return
	}
	w.name("indeterminate")
	w.open('[')
	for i := range is {
		w.open('{')
		w.text("rule", is[i].Rule)
		w.text("code", string(is[i].Code))
		w.text("error", is[i].Error)
		w.textIf("at", is[i].At)
		w.close('}')
	}
	w.close(']')
}

func (w *writer) identity(p policy.Identity) {
	if p == (policy.Identity{}) {
		return
	}
	w.name("policy")
	w.open('{')
	w.textIf("name", p.Name)
	w.textIf("version", p.Version)
	w.textIf("digest", p.Digest)
	w.close('}')
}

func (w *writer) trace(ts []policy.RuleTrace) {
	if len(ts) == 0 {
		return
	}
	w.name("trace")
	w.open('[')
	for i := range ts {
		w.open('{')
		w.text("rule", ts[i].Rule)
		w.text("state", string(ts[i].State))
		w.textIf("at", ts[i].At)
		w.nodes(ts[i].Nodes)
		w.close('}')
	}
	w.close(']')
}

// nodes writes each node with one of value, error and pending; a node without an error and without pending signals has a
// value, null if nothing else.
func (w *writer) nodes(ns []policy.NodeTrace) {
	if len(ns) == 0 {
		return
	}
	w.name("nodes")
	w.open('[')
	for i := range ns {
		n := &ns[i]
		w.open('{')
		w.text("text", n.Text)
		w.textIf("at", n.At)
		switch {
		case n.Error != "":
			w.text("error", string(n.Error))
		case len(n.Pending) > 0:
			w.textsIf("pending", n.Pending)
		default:
			w.name("value")
			w.value(n.Type, n.Value)
		}
		w.close('}')
	}
	w.close(']')
}

func (w *writer) text(name, s string) {
	w.name(name)
	w.string(s)
}

func (w *writer) textIf(name, s string) {
	if s != "" {
		w.text(name, s)
	}
}

func (w *writer) textsIf(name string, ss []string) {
	if len(ss) == 0 {
		return
	}
	w.name(name)
	w.open('[')
	for _, s := range ss {
		w.string(s)
	}
	w.close(']')
}

func (w *writer) seconds(name string, s policy.Seconds) {
	if s.Set {
		w.raw(name, strconv.FormatInt(s.N, 10))
	}
}

func (w *writer) raw(name, json string) {
	w.name(name)
	w.word(json)
}

// AppendExplained is [AppendDecision] of a decision that is explained: "changes" follows its trace, if there are any, with what would have made it an allow.
func AppendExplained(dst []byte, d *policy.Decision, changes []policy.Change) []byte {
	dst = AppendDecision(dst, d)
	if len(changes) == 0 {
		return dst
	}
	dst = append(dst[:len(dst)-1], `,"changes":`...)
	return append(AppendChanges(dst, changes), '}')
}

// AppendChanges appends changes as a JSON array. Of those that add elements to a list, or leave some out, only the elements are written.
func AppendChanges(dst []byte, changes []policy.Change) []byte {
	w := writer{b: dst}
	w.open('[')
	for i := range changes {
		w.change(&changes[i])
	}
	w.close(']')
	return w.b
}

func (w *writer) change(c *policy.Change) {
	w.open('{')
	w.text("attribute", c.Attribute)
	w.text("path", c.Path)
	w.text("how", string(c.How))
	w.valueIf("value", c.Type, c.Value)
	if c.How != policy.With && c.How != policy.Without {
		w.valueIf("from", c.Type, c.From)
		w.valueIf("to", c.Type, c.To)
	}
	w.close('}')
}

func (w *writer) valueIf(name string, t *policy.Type, v policy.Value) {
	if v != nil {
		w.name(name)
		w.value(t, v)
	}
}
