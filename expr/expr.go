// Package expr is a checked condition as a typed tree.
//
// Package cel makes the tree out of CEL's own checked syntax tree; everything that works on conditions works on this
// one: the native engine plans it into closures, and bounds and traces are read off it. It knows nothing of CEL's
// libraries: a function is its name and the ids of the overloads that the checker left possible.
//
// Every node has a static type, its text as written and its place in the author's file. Lets are already put in, macros
// are already recognised ([Fold], [Bind], [OptMap]), names are resolved to slots. Trees are immutable once built and may
// be read from several goroutines; what stands in several conditions by way of a let is a tree of its own in each.
package expr

import (
	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/policy"
)

// Expr is a node. The set of its types is closed.
//
//sumtype:decl
type Expr interface {
	// Node returns what all nodes have.
	Node() *Base
	isExpr()
}

// Base is what all nodes have.
type Base struct {
	// ID numbers the nodes of a condition from 0, parents before children, children in the order written.
	ID int
	// Type is the static type; KindAny where only the run shows.
	Type *policy.Type
	// Text is the expression as written, parentheses around it left out.
	Text string
	// Span is where it stands in the author's file: in the let's file, if it is a part of a let.
	Span diag.Span
}

// Node implements Expr.
func (b *Base) Node() *Base { return b }

func (*Base) isExpr() {}

// The nodes.
type (
	// Const is a literal, a name of a constant (`level.mfa`, `postures.elevated`), or what folding made of constants.
	Const struct {
		Base
		// Value is of Base.Type; policy.Null{} for null.
		Value policy.Value
	}
	// TypeConst is the name of a type used as a value (`int`, `google.protobuf.Timestamp`): Name is CEL's name of it.
	TypeConst struct {
		Base
		Name string
	}
	// Signal is a signal as a whole. Index is its place in policy.Policy.Signals, or one of the values below.
	Signal struct {
		Base
		Name  string
		Index int
		Lazy  bool
	}
	// Param is `param.name`. Index is its place in policy.Policy.Params.
	Param struct {
		Base
		Name  string
		Index int
	}
	// List is `list.name`. Index is its place in policy.Policy.Lists.
	List struct {
		Base
		Name  string
		Index int
	}
	// Local is a variable that a [Fold], [Bind] or [OptMap] above it binds: an iteration variable, a bound name.
	Local struct {
		Base
		Name string
		Slot int
	}
	// SessionLevel is `session.level`: computed, never missing.
	SessionLevel struct{ Base }

	// Select is `of.name`: of an object's attribute, where Slot is its place in the type's Attrs; else of a map's key or of something
	// dynamic, and Slot is -1. With Optional it is `of.?name`, and its type an optional. Of may then be an optional itself,
	// through which both forms look.
	Select struct {
		Base
		Of       Expr
		Name     string
		Slot     int
		Optional bool
	}
	// Has is `has(of.name)`, Slot as in Select, or `has(signal)`, where Name is "" and Of a [Signal]. With Chain, Of is selects down to a
	// signal (or a signal), and what is missing on the way makes it false instead of an error.
	Has struct {
		Base
		Of    Expr
		Name  string
		Slot  int
		Chain bool
	}
	// Index is `of[key]`; with Optional `of[?key]`.
	Index struct {
		Base
		Of, Key  Expr
		Optional bool
	}

	// Logic is `a && b` or `a || b`. An operand that decides does so whatever the other is.
	Logic struct {
		Base
		Or          bool
		Left, Right Expr
	}
	// Cond is `cond ? then : else`.
	Cond struct {
		Base
		If, Then, Else Expr
	}
	// Call is a strict call of a function or operator: all operands are evaluated, an error in one is the result.
	Call struct {
		Base
		// Function is CEL's name of it: "_==_", "size", "math.@max".
		Function string
		// Overloads are the ids that the checker left possible, in its order: one, where the types are known.
		Overloads []string
		// Method says that it was written `args[0].function(args[1:])`.
		Method bool
		Args   []Expr
	}
	// OrElse is `of.or(other)`, with both optionals, or with Value `of.orValue(other)`. Other is evaluated only if Of is none.
	OrElse struct {
		Base
		Of, Other Expr
		Value     bool
	}
	// MakeList is `[a, ?b]`. Optional[i] says that element i is an optional that is left out if none.
	MakeList struct {
		Base
		Elems    []Expr
		Optional []bool
	}
	// MakeMap is `{k: v, ?k: v}`, Optional as in MakeList.
	MakeMap struct {
		Base
		Keys, Values []Expr
		Optional     []bool
	}

	// Fold is a macro over the elements of a list or the entries of a map.
	Fold struct {
		Base
		Macro Macro
		Range Expr
		// Vars are the iteration variables: one (a list's element, a map's key), or two (index and element, key and value).
		Vars []Var
		// Filter is the predicate that an element must pass before Body: of map, transformList, transformMap, transformMapEntry with three
		// or four arguments; nil if there is none.
		Filter Expr
		// Body is the predicate of all, exists, existsOne and filter, what map and transform… compute, and for
		// transformMapEntry a MakeMap or other map.
		Body Expr
	}
	// Bind is `cel.bind(var, init, body)`: Init is evaluated when Var is first read, at most once.
	Bind struct {
		Base
		Var        Var
		Init, Body Expr
	}
	// OptMap is `of.optMap(var, body)`; with Flat `of.optFlatMap(var, body)`, where Body is an optional.
	OptMap struct {
		Base
		Of   Expr
		Var  Var
		Body Expr
		Flat bool
	}
)

// Var is a variable that a macro binds: its name as written, and its slot in the frame of the condition.
type Var struct {
	Name string
	Slot int
}

// The Index of a [Signal] that is not among policy.Policy.Signals.
const (
	Resource = -1 - iota // `resource`
	Now                  // `now`
	Posture              // `posture`: the rank, an int
)

// Macro is the kind of a [Fold].
type Macro uint8

// The macros.
const (
	All Macro = iota
	Exists
	ExistsOne // exists_one, and existsOne with two variables
	Filter
	Map
	TransformList
	TransformMap
	TransformMapEntry
)

// Condition is a checked condition: `when && !(unless)`, or a rollout's `by`.
type Condition struct {
	Root Expr
	// Nodes and Slots are how many nodes the tree has, and how many variables bind at most at one time.
	Nodes int
	Slots int
	// Cost is the worst case in cel-go's cost units, Made the most bytes it can make, both under the request's sizes.
	Cost uint64
	Made uint64
}

// Use is a place where a condition is used: a rule that reaches an action.
type Use struct {
	Rule   *policy.Rule
	Action *policy.Action
}

// Conditions are the checked conditions of a policy. Uses that need not differ share one: those of rules at top level that do not
// look at the resource, say.
type Conditions struct {
	// All are the distinct ones. A use's condition is an index into it.
	All []*Condition
	// When is the condition of a rule; -1 where it is always true.
	When map[Use]int
	// By is the `by` of a rule's rollout; uses without one are not in it.
	By map[Use]int
	// UnusedLets are the lets that no rule and no other let uses, ordered by name.
	UnusedLets []*policy.Let
}

// Children returns the operands of a node, in the order of evaluation.
func Children(e Expr) []Expr {
	switch e := e.(type) {
	case *Const, *TypeConst, *Signal, *Param, *List, *Local, *SessionLevel:
		return nil
	case *Select:
		return []Expr{e.Of}
	case *Has:
		return []Expr{e.Of}
	case *Index:
		return []Expr{e.Of, e.Key}
	case *Logic:
		return []Expr{e.Left, e.Right}
	case *Cond:
		return []Expr{e.If, e.Then, e.Else}
	case *Call:
		return e.Args
	case *OrElse:
		return []Expr{e.Of, e.Other}
	case *MakeList:
		return e.Elems
	case *MakeMap:
		all := make([]Expr, 0, 2*len(e.Keys))
		for i := range e.Keys {
			all = append(all, e.Keys[i], e.Values[i])
		}
		return all
	case *Fold:
		if e.Filter != nil {
			return []Expr{e.Range, e.Filter, e.Body}
		}
		return []Expr{e.Range, e.Body}
	case *Bind:
		return []Expr{e.Init, e.Body}
	case *OptMap:
		return []Expr{e.Of, e.Body}
	}
	panic("expr: unknown node")
}

// Walk calls f for e and all below it, parents first; where f returns false it does not go below.
func Walk(e Expr, f func(Expr) bool) {
	if !f(e) {
		return
	}
	for _, c := range Children(e) {
		Walk(c, f)
	}
}
