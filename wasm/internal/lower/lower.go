// Package lower turns checked conditions into package ir's trees.
//
// What a condition reads of a request becomes slots of the record. [Program.Layout] places them once all conditions are lowered: a path has the
// same bit and offset in every action, so that actions can share the code of a condition, and an action's record holds only what its own rules read.
package lower

import (
	"fmt"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/internal/ir"
)

// Unsupported is a construct that the compiler does not take yet.
type Unsupported struct {
	Construct string
	Range     diag.Range
}

// Error implements error.
func (u *Unsupported) Error() string {
	return fmt.Sprintf("%s: %s cannot be built into a module yet", u.Range, u.Construct)
}

// Tables makes constant data: of a time zone (nil for UTC), and the automaton of a regular expression, or its program, which notes so many groups; and says how many
// groups a regular expression has, and how far it reaches.
type Tables struct {
	Zone     func(name string) ([]byte, error)
	Pattern  func(pattern string) ([]byte, error)
	Captures func(pattern string, groups int) ([]byte, error)
	Reach    func(pattern string) (groups, far int)
}

// Program is a policy's conditions, lowered.
type Program struct {
	Tables
	policy *policy.Policy
	lazy   map[int]int // the number of a lazy signal, by the signal's index

	// Conditions are those of the plan, by index; their slots are placed by Layout.
	Conditions []*ir.Node
	// Places are where errors stand, "file:line:col"; the first is none.
	Places []string
	places map[string]int

	slots map[string]*Slot
	// reads are the slots of each condition.
	reads []map[*Slot]bool
}

// Slot is a slot of the record with what a host must know to fill it.
type Slot struct {
	ir.Slot
	Path     []string // as in the schema: "signals", "device", "trusted"
	Type     *policy.Type
	Presence bool
	fixed    bool
}

// New begins a program.
func New(p *policy.Policy, t Tables) *Program {
	g := &Program{Tables: t, policy: p, lazy: map[int]int{}, Places: []string{""}, places: map[string]int{}, slots: map[string]*Slot{}}
	for i, s := range p.Signals {
		if s.Lazy {
			g.lazy[i] = len(g.lazy)
		}
	}
	g.evidence()
	return g
}

// Add lowers the next condition of the plan, whose value is used as a bool, or as the string that a rollout's `by` is. The error is an [*Unsupported].
func (g *Program) Add(c *expr.Condition, as *policy.Type) error {
	library.Do(fillLibrary)
	l := &lowerer{Program: g, reads: map[*Slot]bool{}, scope: map[int]variable{}}
	n := l.expr(c.Root)
	n = l.unbox(n, as, noOverload, c.Root)
	if l.refused != nil {
		g.Skip()
		return l.refused
	}
	if err := ir.Verify(n); err != nil {
		return err
	}
	g.Conditions = append(g.Conditions, n)
	g.reads = append(g.reads, l.reads)
	return nil
}

// Skip leaves out the next condition of the plan.
func (g *Program) Skip() {
	g.Conditions = append(g.Conditions, nil)
	g.reads = append(g.reads, nil)
}

// place is that of the program, or none.
func (l *lowerer) place(e expr.Expr) int {
	if l.nowhere {
		return 0
	}
	return l.Program.place(e)
}

// place returns the number of the place where e stands.
func (g *Program) place(e expr.Expr) int {
	at := e.Node().Span.Range().String()
	n, ok := g.places[at]
	if !ok {
		n = len(g.Places)
		g.places[at] = n
		g.Places = append(g.Places, at)
	}
	return n
}

// lowerer lowers one condition.
type lowerer struct {
	*Program
	reads   map[*Slot]bool
	scope   map[int]variable // by the slot that the checker gave
	vars    int
	refused error
	// patterns are the regular expressions of calls, by the operands that they are.
	patterns map[expr.Expr]string
	// nowhere says that what is lowered stands in several places.
	nowhere bool
}

// variable is a bound variable: every one has a number of its own.
type variable struct {
	n            int
	typ          *policy.Type
	fails, pends bool
}

// refuse notes that e cannot be lowered, and returns a stand-in.
func (l *lowerer) refuse(e expr.Expr, format string, args ...any) *ir.Node {
	if l.refused == nil {
		l.refused = &Unsupported{Construct: fmt.Sprintf(format, args...), Range: e.Node().Span.Range()}
	}
	return ir.New(ir.Const, policy.Bool, 0, ir.Imm{Value: false})
}

// bind puts variables of these types into scope while f runs.
func (l *lowerer) bind(vars []expr.Var, types []variable, f func()) []int {
	numbers := make([]int, len(vars))
	before := make([]variable, len(vars))
	for i, v := range vars {
		before[i] = l.scope[v.Slot]
		numbers[i] = l.fresh()
		types[i].n = numbers[i]
		l.scope[v.Slot] = types[i]
	}
	f()
	for i, v := range vars {
		l.scope[v.Slot] = before[i]
	}
	return numbers
}

func (l *lowerer) fresh() int {
	l.vars++
	return l.vars - 1
}

func local(v variable) *ir.Node {
	return ir.New(ir.Local, v.typ, 0, ir.Imm{Vars: []int{v.n}}).Fallible(v.fails, v.pends)
}

func optional(t *policy.Type) *policy.Type { return &policy.Type{Kind: policy.KindOptional, Elem: t} }

func constant(t *policy.Type, v policy.Value) *ir.Node {
	return ir.New(ir.Const, t, 0, ir.Imm{Value: v})
}

// expr lowers a node and all below it.
func (l *lowerer) expr(e expr.Expr) *ir.Node {
	if l.refused != nil {
		return constant(policy.Bool, false)
	}
	switch e := e.(type) {
	case *expr.Const:
		return constant(e.Type, e.Value)
	case *expr.Signal, *expr.Select:
		return l.chain(e)
	case *expr.SessionLevel:
		return ir.New(ir.SessionLevel, policy.Int, 0, ir.Imm{})
	case *expr.Param:
		return l.param(e)
	case *expr.List:
		list := l.policy.Lists[e.Index]
		return constant(e.Type, list.Values)
	case *expr.Local:
		v, ok := l.scope[e.Slot]
		if !ok {
			return l.refuse(e, "a variable that nothing binds")
		}
		return local(v)
	case *expr.Has:
		return l.has(e)
	case *expr.Index:
		return l.index(e)
	case *expr.Logic:
		return l.logic(e)
	case *expr.Cond:
		return l.cond(e)
	case *expr.Call:
		return l.call(e)
	case *expr.OrElse:
		return l.orElse(e)
	case *expr.MakeList:
		return l.makeList(e)
	case *expr.MakeMap:
		return l.makeMap(e)
	case *expr.Fold:
		return l.fold(e)
	case *expr.Bind:
		return l.bound(e)
	case *expr.OptMap:
		return l.optMap(e)
	case *expr.TypeConst:
		return l.typeConst(e)
	}
	return l.refuse(e, "%s", e.Node().Text)
}

// emptyLiteral reports whether e is a literal of nothing, whose type is that of what stands beside it.
func emptyLiteral(e expr.Expr) bool {
	switch e := e.(type) {
	case *expr.MakeList:
		return len(e.Elems) == 0
	case *expr.MakeMap:
		return len(e.Keys) == 0
	case *expr.Call:
		return e.Function == "optional.none"
	}
	return false
}

// as gives a literal of nothing the type that it is used as.
func as(n *ir.Node, t *policy.Type) *ir.Node {
	if t != nil && n.Type.Kind == t.Kind && nothing(n) {
		return ir.New(n.Op, t, n.Place, n.Imm)
	}
	return n
}

func nothing(n *ir.Node) bool {
	return len(n.Args) == 0 && (n.Op == ir.MakeList || n.Op == ir.MakeMap || n.Op == ir.None)
}

// alike gives two nodes one type, where one of them is a literal of nothing.
func alike(a, b *ir.Node) (*ir.Node, *ir.Node) {
	return as(a, b.Type), as(b, a.Type)
}
