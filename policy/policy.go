// Package policy is the model: what a step-up policy says, what is asked of it, and what it answers.
//
// It is a leaf of plain values. Package hcl makes a [Policy] out of files; package cel checks its conditions; package
// policy/plan puts it in order and decides a [Request], which yields a [Decision]; package policy/codec reads and
// writes both as JSON. The language is described in docs/language.md; names here are its names.
package policy

import "github.com/rungpolicy/rung/diag"

// Language is the version of the policy language that this code reads.
const Language = 1

// Limits of the language: docs/language.md, "Bad input" and "Sizes at run time".
const (
	MaxNameBytes      = 128
	MaxFileBytes      = 1 << 20  // a policy file
	MaxPolicyBytes    = 16 << 20 // all policy files, lists aside
	MaxListBytes      = 8 << 20  // all lists together, as they lie in a module
	MaxConditionBytes = 64 << 10
	MaxConditionNodes = 10_000 // after lets are put in
	MaxRules          = 65_535
	MaxMethods        = 64 // distinct ones, in the levels' amr sets and the rules' methods
	MaxLazySignals    = 64
	MaxNesting        = 64       // of a policy file, of a request's JSON
	MaxRequestBytes   = 1 << 20  // a request's JSON
	MaxStringBytes    = 64 << 10 // a string in a request
	MaxAnyEntries     = 1000     // of a list or map inside `any`
	MaxEntries        = 100_000  // what list(T, N) may say

	MaxMadeBytes    = 1 << 20  // a string that a condition makes
	MaxMadeElements = 65_536   // a list or map that a condition makes
	MaxMade         = 16 << 20 // all that one condition can make
	DefaultMaxCost  = 100_000_000
)

// The first and the last second of timestamps, since 1970 UTC: those of the years 1 to 9999.
const (
	FirstSecond = -62_135_596_800
	LastSecond  = 253_402_300_799
)

// Policy is all that a policy's files say, names resolved, conditions still text. It is immutable once hcl.Parse has returned it.
//
// All slices are ordered so that equal policies are equal whatever the order of blocks and files: by name, but levels and
// postures by rank.
type Policy struct {
	Name        string
	Version     string
	Description string
	// MaxCost caps each action's worst-case cost, in cel-go's cost units.
	MaxCost uint64
	// Digest is "sha256:" and hex, over all policy and list files.
	Digest string
	// Bytes is the size of its files, lists aside; 0 if it does not come out of files. Some limits grow with it.
	Bytes int
	// Partial says that one of its files does not parse: what that declares is not here, and names may seem unknown.
	Partial bool

	Levels   []*Level
	Signals  []*Signal
	Params   []*Param
	Lists    []*List
	Lets     []*Let
	Postures []*Posture // without `normal`, which is rank 0
	Actions  []*Action
	Rules    []*Rule // without baselines, which are their actions' Level

	Range diag.Range // of the policy block
}

// Level is a rung of the ladder.
type Level struct {
	Name        string
	Rank        int
	ACR         []string   // as declared
	AMR         [][]string // each set sorted, without repeats
	Description string
	Range       diag.Range
	// SetRanges are where the sets of AMR are written, MethodRanges where each method is first; of the default ladder there are none.
	SetRanges    []diag.Range
	MethodRanges map[string]diag.Range
}

// Signal is something conditions may look at: declared, or standard. `resource`, `now` and `posture` are not among a
// policy's signals: the first is of each action, the others are the host's.
type Signal struct {
	Name        string
	Type        *Type
	Lazy        bool
	Sensitive   bool
	Declared    bool // false: a standard signal as it comes
	Description string
	Range       diag.Range
}

// Stricter is the way in which an overlay may move a param.
type Stricter uint8

// The ways. StricterNone means that overlays replace the value.
const (
	StricterNone Stricter = iota
	StricterLower
	StricterHigher
)

// Param is a value that an operator may turn without touching a rule.
type Param struct {
	Name        string
	Type        *Type
	Default     Value
	Stricter    Stricter
	Description string
	Range       diag.Range
}

// List is data for `in`: values of Type, without repeats, in the order written.
type List struct {
	Name   string
	Type   *Type // of an entry
	Values []Value
	File   string // "" if inline
	Range  diag.Range
}

// Let is a name for a condition, put in where it is used.
type Let struct {
	Name  string
	CEL   *Text
	Range diag.Range
}

// Posture is a position of the dial above normal.
type Posture struct {
	Name string
	Rank int
	// Params are the overlays, by the name of the param.
	Params map[string]Value
	Range  diag.Range
}

// Action is a critical action of the application.
type Action struct {
	Name        string
	Description string
	HTTP        []string // net/http patterns
	GRPC        []string // full method names
	// Level is the baseline; nil is "none", open to anybody.
	Level *Level
	// Resource is the type of the action's resource; nil if it declares none.
	Resource *Type
	Range    diag.Range
	// LevelRange is where the baseline level is written.
	LevelRange diag.Range
}

// Mode says whether a rule counts. The zero value is Enforce.
type Mode uint8

// The modes.
const (
	Enforce Mode = iota
	Shadow
	Off
)

// Rule is a step_up or deny block.
type Rule struct {
	// ID is `action/name`, or `name` for a rule at top level.
	ID     string
	Name   string
	Effect Effect // StepUp or Deny
	// Actions are those it reaches, ordered by name.
	Actions []*Action

	When   *Text // nil: true
	Unless *Text // nil: false

	// Level, MaxAge and Methods are what a step_up rule requires; a deny rule has none of them.
	Level   *Level
	MaxAge  Seconds
	Methods []string // sorted, without repeats

	Reason      string
	Posture     *Posture // nil: at any
	Mode        Mode
	OnErrorSkip bool
	Rollout     *Rollout
	Until       string // YYYY-MM-DD, or ""
	Range       diag.Range
	// ActionsRange is where a top-level rule's `actions` stand, LevelRange where its level does, UntilRange the day, MethodRanges each method.
	// What is not written has no place.
	ActionsRange, LevelRange, UntilRange diag.Range
	MethodRanges                         map[string]diag.Range
}

// Rollout limits a rule to a part of the subjects.
type Rollout struct {
	// Bucket is percent × 100: a subject whose bucket is below it is in.
	Bucket uint64
	By     *Text
	Seed   string // "" if none
}

// Seconds is a whole number of seconds that may be absent. The zero value is absent.
type Seconds struct {
	Set bool
	N   int64
}

// Level returns the level of that name, or nil.
func (p *Policy) Level(name string) *Level {
	return find(p.Levels, name, func(l *Level) string { return l.Name })
}

// Signal returns the signal of that name, or nil.
func (p *Policy) Signal(name string) *Signal {
	if i := p.SignalIndex(name); i >= 0 {
		return p.Signals[i]
	}
	return nil
}

// SignalIndex returns the place in Signals of the signal of that name, or -1. A [Request] keeps its values by it.
func (p *Policy) SignalIndex(name string) int {
	return indexByName(p.Signals, name, func(s *Signal) string { return s.Name })
}

// ParamIndex returns the place in Params of the param of that name, or -1. A [Request] keeps its values by it.
func (p *Policy) ParamIndex(name string) int {
	return indexByName(p.Params, name, func(s *Param) string { return s.Name })
}

// Action returns the action of that name, or nil.
func (p *Policy) Action(name string) *Action {
	if i := indexByName(p.Actions, name, func(a *Action) string { return a.Name }); i >= 0 {
		return p.Actions[i]
	}
	return nil
}

// Posture returns the posture of that name, or nil: for `normal` too.
func (p *Policy) Posture(name string) *Posture {
	return find(p.Postures, name, func(x *Posture) string { return x.Name })
}
