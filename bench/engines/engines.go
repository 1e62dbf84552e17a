// Package engines holds the policy engines that are compared, one file each.
package engines

import "github.com/rungpolicy/rung/bench/bank"

// Engine loads a policy.
type Engine struct {
	Name string
	Note string // how the engine is used, and what stands for what its language cannot say
	Load func(*bank.Policy) (Loaded, error)
	// BaseOnly engines know only the base policy.
	BaseOnly bool
	// MaxRules bounds the growth for engines whose cost would make it last for minutes; 0: no bound.
	MaxRules int
}

// Loaded is a policy ready to decide. It is safe for concurrent use.
type Loaded interface {
	// Prepare turns a context into the engine's own natural input.
	Prepare(*bank.Context) any
	// Decide answers what Prepare has made.
	Decide(in any) (bank.Decision, error)
}

// StructDecider is a Loaded that has a better way from a struct than Prepare and Decide.
type StructDecider interface {
	DecideStruct(*bank.Context) (bank.Decision, error)
}

// DecideStruct answers a struct: the conversion is part of it.
func DecideStruct(l Loaded) func(*bank.Context) (bank.Decision, error) {
	if d, ok := l.(StructDecider); ok {
		return d.DecideStruct
	}
	return func(c *bank.Context) (bank.Decision, error) { return l.Decide(l.Prepare(c)) }
}

// The names of engines that others are held against.
const (
	Rung     = "rung"
	Module   = "rung/module"
	CELFlat  = "cel-go/flat"
	CELTuned = "cel-go/tuned"
	Closures = "go-closures"
)

// All are the engines, the physical limit first.
func All() []Engine {
	const how = " One program a rule, found by action in a Go map, OptOptimize on, CIDRs through ext.Network."
	return []Engine{
		{
			Name: "go-handwritten", BaseOnly: true, Note: "The physical limit: one Go function with a switch over the actions.",
			Load: func(*bank.Policy) (Loaded, error) { return handWritten{}, nil },
		},
		{
			Name: Closures, Load: loadClosures,
			Note: "Conditions as a tree of Go closures over the Go struct; the reference for policies that nobody writes by hand.",
		},
		{
			Name: Rung, Load: loadRung,
			Note: "The policy in Rung's language, asked through the SDK: `Binding.Decide` from a struct, `Engine.Decide` with a request that is ready, `Engine.DecideJSON`. The whole decision is made: reasons, requirement, the session's level.",
		},
		{
			Name: Module, Load: loadModule,
			Note: "The same, compiled to a WebAssembly module, which wazero runs: `rung.WithEngine(rung.Wasm)`.",
		},
		{
			Name: CELTuned, Load: loadCELTuned,
			Note: "What a patient host makes of cel-go: the activation of cel-go/flat, the rules of an action joined eight at a time into one expression, `bits(a, b, …)`, whose host function yields a bit a rule (so fewer Evals), and CIDRs through a host function that keeps parsed prefixes.",
		},
		{
			Name: CELFlat, Load: func(p *bank.Policy) (Loaded, error) { return loadCEL(p, celFlat) },
			Note: "Every attribute its own typed variable with a dotted name, resolved by a Go switch over the struct." + how,
		},
		{
			Name: "cel-go/native", Load: func(p *bank.Policy) (Loaded, error) { return loadCEL(p, celNative) },
			Note: "Go structs through ext.NativeTypes." + how,
		},
		{
			Name: "cel-go/map", Load: func(p *bank.Policy) (Loaded, error) { return loadCEL(p, celMap) },
			Note: "map[string]any activation, roots declared map(string, dyn)." + how,
		},
		{
			Name: "cedar-go", Load: loadCedar,
			Note: "A policy set an action, found in a Go map; every rule a `permit`, whose ids the answer lists and the host joins. Wildcard patterns stand for regular expressions, lists of the groups drawn for `exists`.",
		},
	}
}

// Named finds an engine.
func Named(name string) Engine {
	for _, e := range All() {
		if e.Name == name {
			return e
		}
	}
	panic("no engine " + name)
}
