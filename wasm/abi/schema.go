package abi

import "github.com/rungpolicy/rung/policy"

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
	// Places are the places of errors: file:line:col. The place 0 is of those that have none, and "".
	Places []string
}
