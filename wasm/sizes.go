package wasm

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/rungpolicy/rung/wasm/abi"
	"github.com/rungpolicy/rung/wasm/internal/binary"
	"github.com/rungpolicy/rung/wasm/internal/emit"
	"github.com/rungpolicy/rung/wasm/internal/guest"
	"github.com/rungpolicy/rung/wasm/internal/link"
	"github.com/rungpolicy/rung/wasm/internal/table"
)

// Sizes say what takes the room in a module, in bytes.
type Sizes struct {
	// Total is the whole module, and the sum of the Sections.
	Total int
	// Sections are the module's, with their headers, in their order.
	Sections []Section
	// Parts are what is in the sections of code and data, by kind, the largest first.
	Parts []Part
}

// Section is a section of a module; the eight bytes before the first are one too, which is called "header".
type Section struct {
	Name   string
	Custom bool
	Size   int
}

// Part is a piece of code or data.
type Part struct {
	Kind Kind
	Name string
	Size int
	// Rules are those that it is for, where that is not plain from its name.
	Rules []string
}

// Kind is what a part is for.
type Kind string

// The kinds of parts.
const (
	// KindRule is a rule, named by its id: its code in all actions, with what it alone needs.
	KindRule Kind = "rule"
	// KindAction is what an action does besides its rules.
	KindAction Kind = "action"
	// KindShared is what several rules use: conditions, parts of them, params.
	KindShared Kind = "shared"
	// KindPolicy is what the policy needs once: the choice of the action, acr values, methods.
	KindPolicy Kind = "policy"
	// KindRuntime is a helper of the runtime.
	KindRuntime Kind = "runtime"
	// KindJSON is what the entry for JSON needs and nothing else: its code, helpers among it, and its data.
	KindJSON Kind = "json"
	// KindList is the data of a list of the policy.
	KindList Kind = "list"
	// KindData is other data.
	KindData Kind = "data"
)

// kinds are in the order in which they are shown.
var kinds = []Kind{KindRule, KindAction, KindShared, KindPolicy, KindRuntime, KindJSON, KindList, KindData}

// Kind is the sum of the parts of a kind.
func (s *Sizes) Kind(k Kind) int {
	n := 0
	for _, p := range s.Parts {
		if p.Kind == k {
			n += p.Size
		}
	}
	return n
}

// Custom is the size of the custom sections: what the module says of itself, and does not run.
func (s *Sizes) Custom() int {
	n := 0
	for _, section := range s.Sections {
		if section.Custom {
			n += section.Size
		}
	}
	return n
}

// Bare is the size without custom sections and the data of lists: what the decisions themselves take.
func (s *Sizes) Bare() int { return s.Total - s.Custom() - s.Kind(KindList) }

// Measure reads the sections of a module.
func Measure(module []byte) ([]Section, error) {
	f, err := binary.Decode(module)
	if err != nil {
		return nil, err
	}
	out := []Section{{Name: "header", Size: 8}}
	end := 8
	for _, section := range f.Sections {
		s := Section{Name: section.ID.String(), Custom: section.ID == binary.SectionCustom}
		if s.Custom {
			s.Name = section.Name
		}
		s.Size = section.At + section.Size - end
		end += s.Size
		out = append(out, s)
	}
	return out, nil
}

// ReadsJSON reports whether a module has the entry for requests as JSON text: docs/abi.md, "Requests as text".
func ReadsJSON(module []byte) (bool, error) {
	f, err := binary.Decode(module)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(f.Exports, func(e binary.Export) bool { return e.Name == abi.ExportDecideJSON }), nil
}

// Text is a module in WebAssembly's text format, for people.
func Text(module []byte) (string, error) {
	f, err := binary.Decode(module)
	if err != nil {
		return "", err
	}
	return f.Text(nil)
}

// sizes says what takes the room in a module that was just made.
func (c *compiler) sizes(module []byte, where *link.Map) (*Sizes, error) {
	s := &Sizes{Total: len(module)}
	var err error
	if s.Sections, err = Measure(module); err != nil {
		return nil, err
	}
	t := &tally{shares: shares(c.unit.Spans), users: c.users(), json: c.json, parts: map[string]*Part{}}
	for _, f := range where.Funcs {
		t.function(f)
	}
	for _, d := range where.Data {
		if !d.Zero {
			t.data(d)
		}
	}
	for _, p := range t.parts {
		s.Parts = append(s.Parts, *p)
	}
	slices.SortFunc(s.Parts, func(a, b Part) int {
		return cmp.Or(cmp.Compare(slices.Index(kinds, a.Kind), slices.Index(kinds, b.Kind)), cmp.Compare(b.Size, a.Size), cmp.Compare(a.Name, b.Name))
	})
	return s, nil
}

// shares are the spans by the functions that they are in.
func shares(spans []emit.Span) map[string][]emit.Span {
	out := map[string][]emit.Span{}
	for _, s := range spans {
		out[s.Func] = append(out[s.Func], s)
	}
	return out
}

// users are the rules that use each function of a condition, by the function's name.
func (c *compiler) users() map[string][]string {
	users := map[string][]string{}
	add := func(kind string, condition int, rule string) {
		name := kind + strconv.Itoa(condition)
		if !slices.Contains(users[name], rule) {
			users[name] = append(users[name], rule)
		}
	}
	for i := range c.steps {
		for _, r := range c.steps[i].Rules {
			if r.When >= 0 {
				add(emit.ConditionPrefix, r.When, r.Reason.Rule)
			}
			if r.Rollout != nil {
				add(emit.ByPrefix, r.Rollout.By, r.Reason.Rule)
			}
		}
	}
	for _, rules := range users {
		slices.Sort(rules)
	}
	return users
}

// tally adds up parts.
type tally struct {
	shares map[string][]emit.Span
	users  map[string][]string
	json   map[string]bool
	parts  map[string]*Part
}

func (t *tally) add(k Kind, name string, size int, rules []string) {
	key := string(k) + " " + name
	if t.parts[key] == nil {
		t.parts[key] = &Part{Kind: k, Name: name, Rules: rules}
	}
	t.parts[key].Size += size
}

// once are the functions that a policy has once, whatever its rules.
var once = []string{abi.ExportBegin, abi.ExportDecide, guest.Acr, guest.Method}

func (t *tally) function(f link.FuncPlace) {
	name := strings.TrimSuffix(f.Name, emit.InnerSuffix)
	action, isAction := strings.CutPrefix(name, emit.ActionPrefix)
	if !isAction {
		action, isAction = strings.CutPrefix(name, emit.TrialPrefix)
	}
	rules := t.users[name]
	switch {
	case t.json[f.Name]:
		t.add(KindJSON, name, f.Size, nil)
	case f.Object:
		t.add(KindRuntime, name, f.Size, nil)
	case isAction:
		rest := f.Size
		for _, s := range t.shares[name] {
			// The bytes of the function as it was linked, in the same proportion.
			n := min(rest, (f.Size*s.Bytes+s.Of/2)/s.Of)
			t.add(KindRule, s.Rule, n, nil)
			rest -= n
		}
		t.add(KindAction, action, rest, nil)
	case len(rules) == 1:
		t.add(KindRule, rules[0], f.Size, nil)
	case slices.Contains(once, name):
		t.add(KindPolicy, name, f.Size, nil)
	default:
		t.add(KindShared, name, f.Size, rules)
	}
}

func (t *tally) data(d link.DataPlace) {
	if list, ok := strings.CutPrefix(d.Name, emit.ListPrefix); ok {
		if dot := strings.LastIndexByte(list, '.'); dot > 0 {
			t.add(KindList, list[:dot], d.Size, nil)
			return
		}
	}
	switch {
	case !t.json[d.Name]:
		t.add(KindData, d.Name, d.Held, nil)
	case d.Object:
		t.add(KindJSON, "messages", d.Held, nil)
	case d.Name == table.JSONData:
		t.add(KindJSON, "types and slots", d.Held, nil)
	default:
		t.add(KindJSON, "words", d.Held, nil)
	}
}

// About is what a module says of itself, in its custom sections. It is not verified: package host does that.
func About(module []byte) (*abi.Module, error) {
	f, err := binary.Decode(module)
	if err != nil {
		return nil, err
	}
	customs := make([]abi.Section, len(f.Customs))
	for i, c := range f.Customs {
		customs[i] = abi.Section{Name: c.Name, Data: c.Bytes}
	}
	return abi.Parse(customs)
}
