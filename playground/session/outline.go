package session

import (
	"slices"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/codec"
)

// Outline is what a page shows of a policy: enough for forms, the ladder and the list of rules.
type Outline struct {
	Name        string    `json:"name"`
	Version     string    `json:"version,omitempty"`
	Description string    `json:"description,omitempty"`
	Levels      []Level   `json:"levels"`   // by rank
	Postures    []Posture `json:"postures"` // by rank, normal first
	Params      []Param   `json:"params"`
	Lists       []List    `json:"lists"`
	Signals     []Signal  `json:"signals"`
	Actions     []Action  `json:"actions"`
	Rules       []Rule    `json:"rules"`
}

// Level is a rung of the ladder.
type Level struct {
	Name        string     `json:"name"`
	Rank        int        `json:"rank"`
	ACR         []string   `json:"acr"`
	AMR         [][]string `json:"amr"`
	Description string     `json:"description,omitempty"`
	At          diag.Range `json:"at"`
}

// Posture is a position of the dial.
type Posture struct {
	Name   string   `json:"name"`
	Rank   int      `json:"rank"`
	Params []string `json:"params"` // the params that it moves
}

// Param is a value that the host may set. Its default is written as in a request.
type Param struct {
	Name        string `json:"name"`
	Type        *Type  `json:"type"`
	Default     string `json:"default"`
	Stricter    string `json:"stricter,omitempty"` // lower, higher
	Description string `json:"description,omitempty"`
}

// List is data of the policy.
type List struct {
	Name    string `json:"name"`
	Type    *Type  `json:"type"`
	Entries int    `json:"entries"`
}

// Signal is something that conditions may look at.
type Signal struct {
	Name        string `json:"name"`
	Type        *Type  `json:"type"`
	Lazy        bool   `json:"lazy,omitempty"`
	Sensitive   bool   `json:"sensitive,omitempty"`
	Declared    bool   `json:"declared,omitempty"`
	Description string `json:"description,omitempty"`
}

// Action is a critical action. Level is "none" where anybody may.
type Action struct {
	Name        string     `json:"name"`
	Description string     `json:"description,omitempty"`
	Level       string     `json:"level"`
	HTTP        []string   `json:"http,omitempty"`
	Resource    *Type      `json:"resource,omitempty"`
	At          diag.Range `json:"at"`
}

// Rule is a step_up or deny rule; a number of seconds that is not set is -1.
type Rule struct {
	ID      string     `json:"id"`
	Effect  string     `json:"effect"`
	Actions []string   `json:"actions"`
	Level   string     `json:"level,omitempty"`
	MaxAge  int64      `json:"max_age"`
	Methods []string   `json:"methods,omitempty"`
	Reason  string     `json:"reason,omitempty"`
	Posture string     `json:"posture,omitempty"`
	Mode    string     `json:"mode"`
	Percent *float64   `json:"percent,omitempty"`
	At      diag.Range `json:"at"`
}

// Type is a type as a form needs it.
type Type struct {
	Kind  string `json:"kind"`
	Elem  *Type  `json:"elem,omitempty"`
	Max   int    `json:"max,omitempty"`
	Attrs []Attr `json:"attrs,omitempty"`
}

// Attr is an attribute of an object.
type Attr struct {
	Name     string `json:"name"`
	Type     *Type  `json:"type"`
	Optional bool   `json:"optional,omitempty"`
}

func outline(p *policy.Policy) *Outline {
	o := &Outline{
		Name: p.Name, Version: p.Version, Description: p.Description,
		Postures: []Posture{{Name: "normal", Params: []string{}}},
		Levels:   []Level{}, Params: []Param{}, Lists: []List{}, Signals: []Signal{}, Actions: []Action{}, Rules: []Rule{},
	}
	for _, l := range p.Levels {
		o.Levels = append(o.Levels, Level{l.Name, l.Rank, l.ACR, l.AMR, l.Description, l.Range})
	}
	for _, x := range p.Postures {
		params := []string{}
		for _, q := range p.Params {
			if _, moved := x.Params[q.Name]; moved {
				params = append(params, q.Name)
			}
		}
		o.Postures = append(o.Postures, Posture{x.Name, x.Rank, params})
	}
	for _, q := range p.Params {
		o.Params = append(o.Params, Param{q.Name, typeOf(q.Type), string(codec.AppendTyped(nil, q.Type, q.Default)), stricter[q.Stricter], q.Description})
	}
	for _, l := range p.Lists {
		o.Lists = append(o.Lists, List{l.Name, typeOf(l.Type), len(l.Values)})
	}
	for _, x := range p.Signals {
		o.Signals = append(o.Signals, Signal{x.Name, typeOf(x.Type), x.Lazy, x.Sensitive, x.Declared, x.Description})
	}
	for _, a := range p.Actions {
		o.Actions = append(o.Actions, Action{a.Name, a.Description, levelName(a.Level, "none"), a.HTTP, typeOf(a.Resource), a.Range})
	}
	for _, r := range p.Rules {
		o.Rules = append(o.Rules, ruleOf(r))
	}
	return o
}

var (
	stricter = map[policy.Stricter]string{policy.StricterLower: "lower", policy.StricterHigher: "higher"}
	modes    = map[policy.Mode]string{policy.Enforce: "enforce", policy.Shadow: "shadow", policy.Off: "off"}
)

func ruleOf(r *policy.Rule) Rule {
	out := Rule{
		ID: r.ID, Effect: r.Effect.String(), Actions: []string{}, Level: levelName(r.Level, ""), MaxAge: -1,
		Methods: slices.Clone(r.Methods), Reason: r.Reason, Mode: modes[r.Mode], At: r.Range,
	}
	for _, a := range r.Actions {
		out.Actions = append(out.Actions, a.Name)
	}
	if r.MaxAge.Set {
		out.MaxAge = r.MaxAge.N
	}
	if r.Posture != nil {
		out.Posture = r.Posture.Name
	}
	if r.Rollout != nil {
		out.Percent = new(percent(r.Rollout.Bucket))
	}
	return out
}

func levelName(l *policy.Level, none string) string {
	if l == nil {
		return none
	}
	return l.Name
}

func typeOf(t *policy.Type) *Type {
	if t == nil {
		return nil
	}
	out := &Type{Kind: t.Kind.String(), Elem: typeOf(t.Elem), Max: t.Max}
	for _, a := range t.Attrs {
		out.Attrs = append(out.Attrs, Attr{a.Name, typeOf(a.Type), a.Optional})
	}
	return out
}
