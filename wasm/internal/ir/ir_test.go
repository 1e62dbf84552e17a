package ir_test

import (
	"strings"
	"testing"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/internal/ir"
)

func read(t *policy.Type, lazy int) *ir.Node {
	return ir.New(ir.Read, t, 1, ir.Imm{Slot: &ir.Slot{Path: "x.y", Bit: 7, Offset: 96, Lazy: lazy}})
}

func number(n int64) *ir.Node { return ir.New(ir.Const, policy.Int, 0, ir.Imm{Value: n}) }

func truth(b bool) *ir.Node { return ir.New(ir.Const, policy.Bool, 0, ir.Imm{Value: b}) }

func local(n int, t *policy.Type) *ir.Node { return ir.New(ir.Local, t, 0, ir.Imm{Vars: []int{n}}) }

// TestStrays: what can go wrong in a node follows from its operation and its operands.
func TestStrays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name         string
		n            *ir.Node
		fails, pends bool
	}{
		{"a constant", number(1), false, false},
		{"a slot", read(policy.Int, -1), true, false},
		{"a slot of a lazy signal", read(policy.Int, 2), true, true},
		{"whether a lazy signal is there", ir.New(ir.SlotHas, policy.Bool, 0, ir.Imm{Slot: &ir.Slot{Lazy: 0}}), false, true},
		{"a sum of ints", ir.New(ir.Add, policy.Int, 0, ir.Imm{}, number(1), number(2)), true, false},
		{"a sum of doubles", ir.New(ir.Add, policy.Double, 0, ir.Imm{}, read(policy.Double, -1), read(policy.Double, -1)), true, false},
		{"a comparison", ir.New(ir.Lt, policy.Bool, 0, ir.Imm{}, number(1), number(2)), false, false},
		{"an operand that is pending", ir.New(ir.Lt, policy.Bool, 0, ir.Imm{}, number(1), read(policy.Int, 0)), true, true},
		{"a checked function", ir.New(ir.Call, policy.Int, 0, ir.Imm{Func: "f", Checked: true}, number(1)), true, false},
		{"a function", ir.New(ir.Call, policy.Int, 0, ir.Imm{Func: "f"}, number(1)), false, false},
	} {
		if c.n.Fails != c.fails || c.n.Pends != c.pends {
			t.Errorf("%s: fails %v, pends %v", c.name, c.n.Fails, c.n.Pends)
		}
	}
}

// TestVerify: a tree that package lower should not have made is found, whatever is wrong with it.
func TestVerify(t *testing.T) {
	t.Parallel()
	if err := ir.Verify(ir.New(ir.And, policy.Bool, 0, ir.Imm{}, truth(true), read(policy.Bool, 0))); err != nil {
		t.Errorf("a good tree: %v", err)
	}
	list := ir.New(ir.MakeList, policy.ListOf(policy.Int), 0, ir.Imm{}, number(1))
	forgotten := ir.New(ir.Not, policy.Bool, 0, ir.Imm{}, read(policy.Bool, 0))
	forgotten.Pends = false
	for name, n := range map[string]*ir.Node{
		"nothing":                 nil,
		"no operation":            ir.New(ir.Invalid, policy.Bool, 0, ir.Imm{}),
		"no type":                 ir.New(ir.Const, nil, 0, ir.Imm{}),
		"an operand too few":      ir.New(ir.And, policy.Bool, 0, ir.Imm{}, truth(true)),
		"an operand too many":     ir.New(ir.Not, policy.Bool, 0, ir.Imm{}, truth(true), truth(true)),
		"not a condition":         ir.New(ir.Or, policy.Bool, 0, ir.Imm{}, truth(true), number(1)),
		"a variable that is free": ir.New(ir.Not, policy.Bool, 0, ir.Imm{}, local(3, policy.Bool)),
		"one bound elsewhere": ir.New(ir.And, policy.Bool, 0, ir.Imm{},
			ir.New(ir.FoldAll, policy.Bool, 0, ir.Imm{Vars: []int{3}}, list, truth(true)), local(3, policy.Bool)),
		"branches that differ":   ir.New(ir.Cond, policy.Int, 0, ir.Imm{}, truth(true), number(1), truth(true)),
		"unlike operands":        ir.New(ir.Eq, policy.Bool, 0, ir.Imm{}, number(1), truth(true)),
		"no slot":                ir.New(ir.Read, policy.Int, 0, ir.Imm{}),
		"a value of no optional": ir.New(ir.Unwrap, policy.Int, 0, ir.Imm{}, number(1)),
		"an index of no list":    ir.New(ir.ListGet, policy.Int, 0, ir.Imm{}, number(1), number(1)),
		"a key of another type": ir.New(ir.MapGet, policy.Int, 0, ir.Imm{},
			ir.New(ir.MakeMap, policy.MapOf(policy.Int), 0, ir.Imm{}), number(1)),
		"pending forgotten": forgotten,
	} {
		if err := ir.Verify(n); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestKey: conditions have one key where they come to the same in the same places, whatever their variables are called.
func TestKey(t *testing.T) {
	t.Parallel()
	fold := func(v, place int, word string) *ir.Node {
		list := ir.New(ir.Read, policy.ListOf(policy.String), place, ir.Imm{Slot: &ir.Slot{Path: "x.tags", Offset: 96, Lazy: -1}})
		body := ir.New(ir.Eq, policy.Bool, place, ir.Imm{}, local(v, policy.String), ir.New(ir.Const, policy.String, 0, ir.Imm{Value: word}))
		n := ir.New(ir.FoldExists, policy.Bool, place, ir.Imm{Vars: []int{v}}, list, body)
		return ir.New(ir.Or, policy.Bool, 0, ir.Imm{}, n, ir.New(ir.SlotHas, policy.Bool, 0, ir.Imm{Slot: &ir.Slot{Path: "x", Lazy: -1}}))
	}
	key := func(n *ir.Node) string {
		k, ok := ir.Key(n)
		if !ok {
			t.Fatalf("no key of\n%s", n)
		}
		return k
	}
	if key(fold(1, 2, "a")) != key(fold(5, 2, "a")) {
		t.Error("the number of a variable counts")
	}
	if key(fold(1, 2, "a")) == key(fold(1, 3, "a")) {
		t.Error("the place of errors does not count")
	}
	if key(fold(1, 2, "a")) == key(fold(1, 2, "b")) {
		t.Error("constants do not count")
	}
	free := ir.New(ir.And, policy.Bool, 0, ir.Imm{}, fold(1, 2, "a"), local(9, policy.Bool))
	if _, ok := ir.Key(free); ok {
		t.Error("what reads a variable of its surroundings has a key")
	}
	if _, ok := ir.Key(truth(true)); ok {
		t.Error("what is too small has a key")
	}
}

// TestPrint: a tree reads as what it computes.
func TestPrint(t *testing.T) {
	t.Parallel()
	n := ir.New(ir.Gt, policy.Bool, 0, ir.Imm{}, read(policy.Int, 0), number(5))
	want := "gt: bool ! ?\n  read x.y@96: int ! ?\n  const 5: int\n"
	if got := n.String(); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if !strings.Contains(ir.New(ir.Invalid, policy.Bool, 0, ir.Imm{}).String(), "invalid") {
		t.Error("what is no operation is not said")
	}
}
