package emit_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/internal/binary"
	"github.com/rungpolicy/rung/wasm/internal/emit"
	"github.com/rungpolicy/rung/wasm/internal/ir"
)

var update = flag.Bool("update", false, "write the golden files anew")

func slot(path string, t *policy.Type, offset, lazy int) *ir.Node {
	return ir.New(ir.Read, t, 3, ir.Imm{Slot: &ir.Slot{Path: path, Bit: 9, Offset: offset, Lazy: lazy}})
}

func value(t *policy.Type, v policy.Value) *ir.Node { return ir.New(ir.Const, t, 0, ir.Imm{Value: v}) }

func node(op ir.Op, t *policy.Type, args ...*ir.Node) *ir.Node {
	return ir.New(op, t, 4, ir.Imm{}, args...)
}

// conditions are those whose code is looked at: one for each of the ways in which code is put together.
func conditions() map[string]*ir.Node {
	trusted := slot("device.trusted", policy.Bool, 100, -1)
	amount := slot("resource.amount", policy.Int, 104, -1)
	score := slot("risk.score", policy.Int, 112, 0)
	os := slot("device.os", policy.String, 120, -1)
	over := node(ir.Gt, policy.Bool, amount, value(policy.Int, int64(1000)))
	return map[string]*ir.Node{
		"a slot that may be missing":                             trusted,
		"a text held against a short one":                        node(ir.Eq, policy.Bool, os, value(policy.String, "ios")),
		"a side that errs beside one that does":                  node(ir.Or, policy.Bool, over, trusted),
		"a sum that may overflow":                                node(ir.Gt, policy.Bool, node(ir.Add, policy.Int, amount, value(policy.Int, int64(1))), value(policy.Int, int64(5))),
		"a signal that may be pending, in front of what may err": node(ir.Lt, policy.Bool, score, amount),
	}
}

// TestCode holds the code of conditions to what it was: what changes here changes every module.
func TestCode(t *testing.T) {
	t.Parallel()
	const name = "testdata/code.txt"
	var b strings.Builder
	all := conditions()
	for _, title := range []string{
		"a slot that may be missing", "a text held against a short one", "a side that errs beside one that does", "a sum that may overflow",
		"a signal that may be pending, in front of what may err",
	} {
		n := all[title]
		if err := ir.Verify(n); err != nil {
			t.Fatal(err)
		}
		b.WriteString("== " + title + "\n" + n.String() + "\n" + text(t, n) + "\n")
	}
	if *update {
		if err := os.WriteFile(name, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("%s differs (look at the difference, then -update); now:\n%s", name, b.String())
	}
}

// text is the code of a condition.
func text(t *testing.T, n *ir.Node) string {
	t.Helper()
	u := emit.NewUnit()
	u.Condition("condition", n)
	if err := u.Err(); err != nil {
		t.Fatal(err)
	}
	m := &binary.Module{}
	f, err := u.Funcs[0].Code.Func(func(binary.Reloc) (int64, error) { return 0, nil })
	if err != nil {
		t.Fatal(err)
	}
	f.Type = m.Type(u.Funcs[0].Type)
	m.Funcs = append(m.Funcs, f)
	file, err := binary.Decode(m.Encode())
	if err != nil {
		t.Fatal(err)
	}
	s, err := file.Text(nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
