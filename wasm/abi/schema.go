package abi

import (
	"slices"
	"strings"

	"github.com/rungpolicy/rung/policy"
)

// Module is what a module says of itself.
type Module struct {
	Meta    Meta
	Schema  Schema
	Outputs Outputs
	// Debug is nil if the section is left out.
	Debug *Debug
}

// Meta is the section rung.meta: which policy this is, and what it needs.
type Meta struct {
	// ABI is [Version].
	ABI int
	// Compiler is the version of rung that made the module.
	Compiler string
	// Fuel is how much each decision may spend.
	Fuel int64
	// Language is [policy.Language].
	Language int
	// Pages is the declared maximum of the memory.
	Pages int
	// TZData is the version of the time zones inside, "" if there are none.
	TZData string
	// Name, Version and Digest are those of the policy.
	Name, Version, Digest string
}

// Schema is the section rung.schema: what a request may hold, and where it goes in the record.
type Schema struct {
	// Actions are ordered by name: their index is the number that decide takes.
	Actions []Action
	// Lazy are the names of the lazy signals, ordered: their index is the bit in the record and in the result.
	Lazy     []string
	Params   []Param   // by name
	Postures []Posture // by rank, without normal
	Signals  []Signal  // by name
	// Words is the number of presence words of a record.
	Words int
}

// Action is an action, and the record of its requests.
type Action struct {
	Name string
	HTTP []string // net/http patterns
	GRPC []string // full method names
	// Resource is the type of the resource; nil if there is none.
	Resource *policy.Type
	// Size is that of the record's fixed part.
	Size int
	// Slots are what a host writes for this action, by path.
	Slots []Slot
}

// Slot is where an attribute goes in the record.
type Slot struct {
	// Path begins with "signals", "resource" or "params": {"signals", "device", "trusted"}, {"resource", "amount"}, {"params", "limit"}.
	Path []string
	// Type is that of the value. It is not in the section: the path says it.
	Type *policy.Type
	// Presence says that the bit is all: the object of the path is given or not, and nothing is written for it.
	Presence bool
	Bit      int
	Offset   int // 0 if Presence
}

// Signal is a signal of the policy.
type Signal struct {
	Name      string
	Type      *policy.Type
	Sensitive bool
}

// Param is a param, which the host may set. Its default is in the module's code.
type Param struct {
	Name string
	Type *policy.Type
}

// Posture is a posture above normal.
type Posture struct {
	Name string
	Rank int
}

// Outputs is the section rung.outputs: what the numbers of a result stand for.
type Outputs struct {
	// Actions are the numbers, in Rules, of the rules of each of the schema's actions, ordered by id; those that are off are left out. A
	// place in such a list is the bit of the rule in the result's sets.
	Actions [][]int
	// Levels are by rank: the first is level 1 of results.
	Levels []Level
	// Methods are the bits of groups of methods, ordered: at most 64.
	Methods []string
	// Rules are all rules but those that are off, and the baselines, ordered by id.
	Rules []Rule
}

// MaxMethods is how many methods all rules may name: they are bits of a u64.
const MaxMethods = 64

// Level is a level of the policy.
type Level struct {
	Name string
	Rank int
	// ACRValues are the acr values that satisfy it: its own, then the higher ones'.
	ACRValues []string
}

// Rule is a rule as decisions show it.
type Rule struct {
	ID      string
	Effect  policy.Effect // policy.Deny or policy.StepUp
	Level   string
	MaxAge  policy.Seconds
	Methods []string
	Message string
	// Shadow says that the rule is on trial.
	Shadow bool
}

// Debug is the section rung.debug.
type Debug struct {
	// Places are the places of errors, file:line:column, by the number that a fault has.
	Places []string
}

// Signal returns the place in Signals of the signal of that name, or -1.
func (s *Schema) Signal(name string) int {
	return index(s.Signals, name, func(g Signal) string { return g.Name })
}

// Action returns the number of the action of that name, or -1.
func (s *Schema) Action(name string) int {
	return index(s.Actions, name, func(a Action) string { return a.Name })
}

func index[T any](s []T, name string, of func(T) string) int {
	i, ok := slices.BinarySearchFunc(s, name, func(x T, n string) int { return strings.Compare(of(x), n) })
	if !ok {
		return -1
	}
	return i
}

// resolve sets the types of the slots; where a path leads nowhere there is none.
func (s *Schema) resolve() {
	for i := range s.Actions {
		a := &s.Actions[i]
		for j := range a.Slots {
			a.Slots[j].Type = s.typeAt(a, a.Slots[j].Path)
		}
	}
}

// typeAt is the type at the end of a path; nil if it leads nowhere.
func (s *Schema) typeAt(a *Action, path []string) *policy.Type {
	if len(path) == 0 {
		return nil
	}
	var t *policy.Type
	rest := path[1:]
	if path[0] == "resource" {
		if a != nil {
			t = a.Resource
		}
	} else if len(rest) > 0 {
		t = s.root(path[0], rest[0])
		rest = rest[1:]
	}
	for _, name := range rest {
		if t == nil || t.Kind != policy.KindObject || t.Slot(name) < 0 {
			return nil
		}
		t = t.Attrs[t.Slot(name)].Type
	}
	return t
}

func (s *Schema) root(of, name string) *policy.Type {
	switch of {
	case "signals":
		if i := s.Signal(name); i >= 0 {
			return s.Signals[i].Type
		}
	case "params":
		if i := index(s.Params, name, func(p Param) string { return p.Name }); i >= 0 {
			return s.Params[i].Type
		}
	}
	return nil
}

// evidence are the slots that stand at the same place in every module, by path, with the least that their types are.
var evidence = []Slot{
	{Path: []string{"signals", "session", "acr"}, Bit: BitACR, Offset: RecordACR, Type: policy.String},
	{Path: []string{"signals", "session", "amr"}, Bit: BitAMR, Offset: RecordAMR, Type: policy.ListOf(policy.String)},
	{Path: []string{"signals", "session", "auth_time"}, Bit: BitAuthTime, Offset: RecordAuthTime, Type: policy.Timestamp},
	{
		Path: []string{"signals", "session", "authentications"}, Bit: BitAuthentications, Offset: RecordAuthentications,
		Type: policy.ListOf(policy.ObjectOf("", authentication...)),
	},
	{Path: []string{"signals", "session", "not_before"}, Bit: BitNotBefore, Offset: RecordNotBefore, Type: policy.Timestamp},
	{Path: []string{"signals", "subject", "enrolled"}, Bit: BitEnrolled, Offset: RecordEnrolled, Type: policy.ListOf(policy.String)},
}

// EvidenceSlots returns the slots of the evidence, by path, with the types that the signals give them. Which of them an action has is the
// compiler's to say.
func (s *Schema) EvidenceSlots() []Slot {
	out := slices.Clone(evidence)
	for i := range out {
		out[i].Type = s.typeAt(nil, out[i].Path)
	}
	return out
}

func evidenceAt(path []string) (Slot, bool) {
	for _, e := range evidence {
		if slices.Equal(e.Path, path) {
			return e, true
		}
	}
	return Slot{}, false
}

// Policy returns as much of the policy as a module tells: all that package codec needs to read requests for it, and that an application needs to find
// its actions. Conditions, lists and defaults are in the module's code, and rules in Outputs.
func (m *Module) Policy() *policy.Policy {
	p := &policy.Policy{Name: m.Meta.Name, Version: m.Meta.Version, Digest: m.Meta.Digest}
	for _, l := range m.Outputs.Levels {
		p.Levels = append(p.Levels, &policy.Level{Name: l.Name, Rank: l.Rank})
	}
	for _, g := range m.Schema.Signals {
		p.Signals = append(p.Signals, &policy.Signal{
			Name: g.Name, Type: g.Type, Lazy: slices.Contains(m.Schema.Lazy, g.Name), Sensitive: g.Sensitive,
		})
	}
	for _, x := range m.Schema.Params {
		p.Params = append(p.Params, &policy.Param{Name: x.Name, Type: x.Type})
	}
	for _, x := range m.Schema.Postures {
		p.Postures = append(p.Postures, &policy.Posture{Name: x.Name, Rank: x.Rank})
	}
	for _, a := range m.Schema.Actions {
		p.Actions = append(p.Actions, &policy.Action{Name: a.Name, HTTP: a.HTTP, GRPC: a.GRPC, Resource: a.Resource})
	}
	return p
}
