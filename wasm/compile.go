// Package wasm compiles a policy into a WebAssembly module that takes whole decisions by itself: without imports, a few kilobytes, the same answers as the
// native engine.
//
// The stages are packages under internal: lower makes a typed tree of each condition (package ir) and places what a request holds in a record; emit writes
// functions for the conditions, and for every action one that asks its rules in the order of package policy/plan; what does not belong inline is C, in
// package guest, of which package link takes in what is reached; package fuel makes every function and loop pay for what it does; package binary is the format. Package abi is what a
// module and its hosts agree on, and package host runs modules in Go. docs/abi.md is the page for those who write another host.
package wasm

import (
	"errors"
	"fmt"
	"slices"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/plan"
	"github.com/rungpolicy/rung/wasm/abi"
	"github.com/rungpolicy/rung/wasm/internal/emit"
	"github.com/rungpolicy/rung/wasm/internal/ir"
	"github.com/rungpolicy/rung/wasm/internal/lower"
	"github.com/rungpolicy/rung/wasm/internal/table"
)

// Options say how a module is made. The zero value is the usual way.
type Options struct {
	// Compiler is the version of the program that compiles: it stands in the module.
	Compiler string
	// Strip leaves the section rung.debug out: decisions then do not say at which place a condition erred.
	Strip bool
	// JSON adds the entry decide_json, for hosts that have requests as JSON and no encoder of records.
	JSON bool
	// Public refuses what should not be read by everybody: lists, and what sensitive signals are held against.
	Public bool
	// Fast makes a module that is a tenth larger and calls fewer functions: JavaScript's engines, which put no function of a module into another, decide by it in a tenth less time. wazero
	// takes longer to compile it.
	Fast bool
}

// Module is a compiled policy.
type Module struct {
	// Bytes are the module. The same policy comes to the same bytes.
	Bytes []byte
	// Sizes say what takes the room.
	Sizes *Sizes
}

// unsupported is the code of the diagnostics of what modules cannot do yet.
const unsupported = "module-unsupported"

// Compile makes a module of a plan. What the module could not decide as the native engine does is refused: the error is then a [diag.List], with the place of each
// such construct.
func Compile(pl *plan.Plan, o Options) (*Module, error) {
	c := &compiler{plan: pl, options: o, unit: emit.NewUnit(), steps: pl.Steps(), methods: table.Methods(pl.Policy)}
	if err := c.lower(); err != nil {
		return nil, err
	}
	if o.Public {
		if err := c.publish(); err != nil {
			return nil, err
		}
	}
	c.layout()
	if err := c.emit(); err != nil {
		return nil, err
	}
	return c.link()
}

// compiler is a module under construction.
type compiler struct {
	plan    *plan.Plan
	options Options
	program *lower.Program
	unit    *emit.Unit
	steps   []plan.Steps
	methods []string
	actions []*lower.Action
	words   int
	zones   bool         // a time zone is in it
	used    map[int]bool // conditions, by index
	texts   map[int]bool // those that are a rollout's `by`
	// json are the names of functions and data that only the reader of JSON needs.
	json map[string]bool
}

// lower makes trees of all conditions that a rule of some action uses.
func (c *compiler) lower() error {
	c.program = lower.New(c.plan.Policy, lower.Tables{Zone: c.zone, Pattern: table.Regexp, Captures: captures, Reach: table.Reach})
	c.find()
	var refused diag.List
	for i, condition := range c.plan.Conditions {
		if !c.used[i] {
			c.program.Skip()
			continue
		}
		as := policy.Bool
		if c.texts[i] {
			as = policy.String
		}
		err := c.program.Add(condition, as)
		var u *lower.Unsupported
		switch {
		case errors.As(err, &u):
			refused.Add(diag.Diagnostic{
				Severity: diag.Error, Code: unsupported, Range: u.Range,
				Summary: u.Construct + " cannot be built into a module yet",
				Detail:  "The native engine decides it; rung build makes no module that would decide otherwise.",
			})
		case err != nil:
			return fmt.Errorf("wasm: %w", err)
		}
	}
	refused.Sort()
	return refused.Err()
}

// find notes which conditions some action uses: a rule that is off has one too.
func (c *compiler) find() {
	c.used, c.texts = map[int]bool{}, map[int]bool{}
	for i := range c.steps {
		for _, condition := range c.conditions(&c.steps[i]) {
			c.used[condition] = true
		}
		for _, r := range c.steps[i].Rules {
			if r.Rollout != nil {
				c.texts[r.Rollout.By] = true
			}
		}
	}
}

// conditions are the conditions of an action's rules. A rollout of nobody has none.
func (c *compiler) conditions(s *plan.Steps) []int {
	var out []int
	for _, r := range s.Rules {
		if r.Rollout != nil && r.Rollout.Bucket == 0 {
			continue
		}
		if r.Rollout != nil {
			out = append(out, r.Rollout.By)
		}
		if r.When >= 0 {
			out = append(out, r.When)
		}
	}
	return out
}

func (c *compiler) zone(name string) ([]byte, error) {
	data, err := table.Zone(name)
	c.zones = c.zones || data != nil
	return data, err
}

// layout says what each action looks at, and places it in the records.
func (c *compiler) layout() {
	for i := range c.steps {
		a := &lower.Action{Evidence: c.evidence(&c.steps[i]), Conditions: c.conditions(&c.steps[i])}
		c.actions = append(c.actions, a)
	}
	c.words = c.program.Layout(c.actions)
}

// evidence is what a decision on an action looks at by itself: nothing where there are no levels, no methods where none are declared.
func (c *compiler) evidence(s *plan.Steps) []int {
	if len(c.plan.Policy.Levels) == 0 {
		return nil
	}
	bits := []int{abi.BitACR, abi.BitAuthTime, abi.BitNotBefore, abi.BitAuthentications}
	if len(c.methods) > 0 {
		bits = append(bits, abi.BitAMR)
		if slices.ContainsFunc(s.Rules, func(r plan.Step) bool { return r.Level > 0 }) {
			bits = append(bits, abi.BitEnrolled)
		}
	}
	return bits
}

// emit writes the functions.
func (c *compiler) emit() error {
	c.unit.Lists = c.lists()
	c.unit.Share(c.program.Conditions)
	p := c.plan.Policy
	d := &emit.Decider{Unit: c.unit, Methods: c.methods, Levels: p.Levels, Conditions: c.program.Conditions, Uses: c.uses(), JSON: c.options.JSON}
	for i := range c.steps {
		d.Action(c.steps[i].Action.Name, &c.steps[i], c.readsLevel(c.actions[i]))
	}
	d.Dispatch()
	c.vocabulary()
	return c.unit.Err()
}

// lists are the names of the policy's lists, by the address of their first value.
func (c *compiler) lists() map[*policy.Value]string {
	names := map[*policy.Value]string{}
	for _, l := range c.plan.Policy.Lists {
		if len(l.Values) > 0 {
			names[&l.Values[0]] = l.Name
		}
	}
	return names
}

// uses counts the rules, in all actions, that use each condition.
func (c *compiler) uses() map[int]int {
	uses := map[int]int{}
	for i := range c.steps {
		for _, condition := range c.conditions(&c.steps[i]) {
			uses[condition]++
		}
	}
	return uses
}

// readsLevel reports whether a condition of an action reads the session's level.
func (c *compiler) readsLevel(a *lower.Action) bool {
	return slices.ContainsFunc(a.Conditions, func(i int) bool { return readsLevel(c.program.Conditions[i]) })
}

func readsLevel(n *ir.Node) bool {
	return n.Op == ir.SessionLevel || slices.ContainsFunc(n.Args, readsLevel)
}

// vocabulary adds the functions that know the policy's acr values and methods.
func (c *compiler) vocabulary() {
	var acrs, methods []emit.Word
	for i, l := range c.plan.Policy.Levels {
		for _, acr := range l.ACR {
			if acr != "" {
				acrs = append(acrs, emit.Word{Text: acr, Number: int32(i + 1)})
			}
		}
	}
	for i, m := range c.methods {
		methods = append(methods, emit.Word{Text: m, Number: int32(i)})
	}
	c.unit.Matcher("rt_acr", acrs, 0)
	c.unit.Matcher("rt_method", methods, -1)
}

// rules is the most rules that an action has.
func (c *compiler) rules() int {
	most := 0
	for _, s := range c.steps {
		most = max(most, len(s.Rules))
	}
	return most
}

// captures finds a regular expression by an automaton, or, where that would be too large or nothing is to be noted, by its program.
func captures(pattern string, groups int) ([]byte, error) {
	if groups >= 0 {
		if data, err := table.Finder(pattern, groups); err == nil {
			return data, nil
		}
	}
	return table.Program(pattern, groups)
}
