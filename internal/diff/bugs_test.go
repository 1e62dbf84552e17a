package diff

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// bugs are mistakes that could be made in package emit: in a file, what stands there, and what would be wrong.
var bugs = []struct{ name, file, right, wrong string }{
	{
		"ints compared without their sign", "compare.go",
		"policy.KindInt:      signed64,",
		"policy.KindInt: {ir.Lt: wasm.OpI64LtU, ir.Le: wasm.OpI64LeU, ir.Gt: wasm.OpI64GtU, ir.Ge: wasm.OpI64GeU},",
	},
	{
		"an overflow that is not looked for", "number.go",
		"f.Op(binary.OpI64LtS)\n\tf.failIf(abi.Overflow, n.Place)\n\tf.LocalGet(r)\n}",
		"f.Op(binary.OpDrop)\n\tf.Op(binary.OpDrop)\n\tf.LocalGet(r)\n}",
	},
	{
		"a neighbour's presence bit", "expr.go",
		"f.I32Const(1 << (s.Bit % 8))",
		"f.I32Const(1 << (s.Bit ^ 1) % 8)",
	},
	{
		"the first error instead of the last", "fold.go",
		"\t\tt.last()\n\t\tf.Br(next)",
		"\t\tt.first()\n\t\tf.Br(next)",
	},
	{
		"touched signals that are not forgotten", "logic.go",
		"if pendsBefore(strays, i) {\n\t\t\tsaved.restore()",
		"if pendsBefore(strays, i) && or {\n\t\t\tsaved.restore()",
	},
	{
		"equal values of any that are less than each other", "dyn.go",
		"f.I32Const(0)\n\t\tf.Op(binary.OpI32LtS)",
		"f.I32Const(0)\n\t\tf.Op(binary.OpI32LeS)",
	},
	{
		"a call for operands of other kinds", "dyn.go",
		"f.isKind(params[i][0], tag)",
		"f.isKind(params[i][0], tag)\n\t\tf.Op(binary.OpDrop)\n\t\tf.I32Const(1)",
	},
}

// TestBugs puts each of the bugs into the compiler: the 20,000 pairs must find it. The sources stay as they are; the go command is told to take a file for another.
func TestBugs(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds the compiler seven times")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, bug := range bugs {
		t.Run(bug.name, func(t *testing.T) {
			t.Parallel()
			program := seeded(t, root, filepath.Join(root, "wasm/internal/emit", bug.file), bug.right, bug.wrong)
			cmd := exec.Command(program, "-pairs", "20000", "-workers", "1", "-whole")
			cmd.Dir = root
			out, err := cmd.CombinedOutput()
			if err == nil || !bytes.Contains(out, []byte("\ndiffers:")) && !bytes.HasPrefix(out, []byte("differs:")) {
				t.Fatalf("not found: %v\n%s", err, out)
			}
			t.Log(string(out[bytes.LastIndex(out, []byte("soak pairs:")):]))
		})
	}
}

// seeded builds the command that compares engines with a bug in one file, and returns its path.
func seeded(t *testing.T, root, file, right, wrong string) string {
	t.Helper()
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(source), right); n != 1 {
		t.Fatalf("%s: the place of the bug stands there %d times, want 1: has it moved?\n%s", file, n, right)
	}
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	overlay, err := json.Marshal(map[string]map[string]string{
		"Replace": {file: write("bug.go", []byte(strings.Replace(string(source), right, wrong, 1)))},
	})
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "soak")
	cmd := exec.Command("go", "build", "-overlay", write("overlay.json", overlay), "-o", program, "./internal/soak")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return program
}
