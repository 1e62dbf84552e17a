// Package deps_test holds the rules of what may import what. It is a statement of design and not a record of how things
// happen to be: a change here deserves a sentence in the commit.
package deps_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/rungpolicy/rung"

// rules say of every package of the library which of our packages and which third-party modules it may import. Arrows point down: front
// ends (hcl, cel) and back ends meet in policy and policy/plan, and sdk ties them. What embedders' decisions are made of has no
// third-party imports at all.
var rules = []struct {
	pkg     string
	ours    string
	modules string
}{
	{"diag", "", ""},
	{"challenge", "", ""}, // clients import it too
	{"internal/spell", "", ""},
	{"internal/spent", "", ""},
	{"internal/traced", "diag policy policy/codec", ""},
	{"internal/zone", "", ""},
	{"internal/reach", "", ""},
	{"internal/run", "", ""},
	{"internal/gen", "", ""},
	{"internal/texts", "", ""},
	{"internal/abits", "policy wasm/abi", ""},
	{"internal/cases", "cel conformance diag hcl policy/plan wasm wasm/host wasm/js", ""},
	{"internal/odd", "diag internal/gen policy sdk", ""},
	{"internal/canon", "cel diag expr hcl internal/gen policy", ""},
	{"internal/mutant", "", ""},
	{"internal/soak", "internal/diff internal/gen internal/mutant sdk wasm wasm/host", "golang.org/x/tools"},
	{"internal/diff", "cel conformance diag hcl internal/gen policy policy/codec policy/plan wasm wasm/host", ""},
	{"policy", "challenge diag", ""},
	{"expr", "diag policy", ""},
	{"policy/plan", "diag expr policy", ""},
	{"policy/codec", "diag policy internal/spell", ""},
	{"findings", "diag expr policy internal/spell", ""}, // pure: the command line, editors and the playground run it
	{"policy/change", "expr policy policy/plan", ""},
	{"hcl", "diag policy internal/spell", "github.com/hashicorp/hcl/v2 github.com/zclconf/go-cty"},
	{"cel/ext", "diag policy internal/zone", "cel.dev/cel-go"},
	{"cel", "diag policy expr policy/plan cel/ext internal/reach internal/spell internal/zone", "cel.dev/cel-go"},
	{"editor", "cel diag hcl policy sdk", ""},
	{"sdk/rungdiff", "policy policy/codec sdk", ""},
	{"sdk/rungtest", "cel diag expr hcl internal/traced policy policy/codec policy/plan sdk", ""},
	{"sdk", "diag policy expr findings policy/change policy/plan policy/codec hcl cel wasm wasm/host", ""},
	{"sdk/guard", "challenge policy", ""}, // guards link no engine: what decides is given to them
	{"sdk/httpguard", "challenge policy sdk/guard", ""},
	{"wasm/abi", "policy", ""},
	{"wasm/js", "policy wasm/abi", ""},
	{"wasm/host", "internal/spent policy policy/codec wasm/abi wasm/internal/binary wasm/internal/fuel", "github.com/tetratelabs/wazero"},
	{"wasm/internal/binary", "", ""},
	{"wasm/internal/link", "wasm/internal/binary", ""},
	{"wasm/internal/fuel", "wasm/internal/binary", ""},
	{"wasm/internal/inline", "wasm/internal/binary", ""},
	{"wasm/internal/guest", "wasm/internal/binary wasm/internal/link", ""},
	{"wasm/internal/table", "internal/reach internal/zone policy policy/codec wasm/abi", ""},
	{"wasm/internal/ir", "policy", ""},
	{"wasm/internal/lower", "diag expr policy wasm/abi wasm/internal/ir", ""},
	{"wasm/internal/emit", "policy policy/plan wasm/abi wasm/internal/binary wasm/internal/ir wasm/internal/link wasm/internal/table", ""},
	{
		"wasm", "diag expr internal/zone policy policy/plan wasm/abi wasm/internal/binary wasm/internal/emit wasm/internal/fuel wasm/internal/guest wasm/internal/inline " +
			"wasm/internal/ir wasm/internal/link wasm/internal/lower wasm/internal/table", "",
	},
	{"conformance", "diag policy expr policy/plan policy/codec hcl cel sdk", "golang.org/x/tools"},
}

// doors are the packages through which a third-party module comes in; none has two, but for cel-go, whose library tables stand apart,
// and txtar, the form of the cases.
var doors = map[string][]string{
	"cel.dev/cel-go":                {"cel", "cel/ext"},
	"github.com/hashicorp/hcl/v2":   {"hcl"},
	"github.com/zclconf/go-cty":     {"hcl"},
	"github.com/tetratelabs/wazero": {"wasm/host"},
	"golang.org/x/tools":            {"conformance", "internal/soak"},
}

// testModules are what tests may import besides: embedders' builds do not see them, but their go.sum does.
var testModules = []string{
	"cel.dev/cel-go",                // the oracle that conditions are held against
	"github.com/google/go-cmp",      // differences that can be read
	"github.com/tetratelabs/wazero", // what runs modules
	"golang.org/x/tools",            // txtar, the form of cases
	"pgregory.net/rapid",            // properties
	"cel.dev/expr",                  // the CEL specification's own suite,
	"google.golang.org/protobuf",    // which is written as protobuf text
}

// TestTestImports holds the tests to testModules and to what their package may import.
func TestTestImports(t *testing.T) {
	t.Parallel()
	for _, p := range list(t) {
		allowed := slices.Clone(testModules)
		for _, r := range rules {
			if r.pkg == strings.TrimPrefix(p.ImportPath, module+"/") {
				allowed = append(allowed, strings.Fields(r.modules)...)
			}
		}
		for _, imported := range slices.Concat(p.TestImports, p.XTestImports) {
			first, _, _ := strings.Cut(imported, "/")
			if strings.Contains(first, ".") && !within(imported, module) && !slices.ContainsFunc(allowed, func(m string) bool { return within(imported, m) }) {
				t.Errorf("tests of %s may not import %s", p.ImportPath, imported)
			}
		}
	}
}

func TestImports(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, p := range list(t) {
		pkg := strings.TrimPrefix(p.ImportPath, module+"/")
		i := slices.IndexFunc(rules, func(r struct{ pkg, ours, modules string }) bool { return r.pkg == pkg })
		if len(p.GoFiles) == 0 {
			continue // tests alone
		}
		if i < 0 {
			t.Errorf("package %s has no row in this table", pkg)
			continue
		}
		seen[pkg] = true
		for _, imported := range p.Imports {
			check(t, pkg, imported, strings.Fields(rules[i].ours), strings.Fields(rules[i].modules))
		}
	}
	for _, r := range rules {
		if !seen[r.pkg] {
			t.Errorf("package %s of this table is not there", r.pkg)
		}
	}
}

func check(t *testing.T, pkg, imported string, ours, modules []string) {
	t.Helper()
	first, _, _ := strings.Cut(imported, "/")
	switch {
	case !strings.Contains(first, "."): // the standard library
	case strings.HasPrefix(imported, module+"/"):
		if !slices.Contains(ours, strings.TrimPrefix(imported, module+"/")) {
			t.Errorf("%s may not import %s", pkg, imported)
		}
	case !slices.ContainsFunc(modules, func(m string) bool { return within(imported, m) }):
		t.Errorf("%s may not import %s: it has another door", pkg, imported)
	}
}

func within(pkg, module string) bool { return pkg == module || strings.HasPrefix(pkg, module+"/") }

// TestDoors holds the table itself against the rule of one door for each module.
func TestDoors(t *testing.T) {
	t.Parallel()
	for _, r := range rules {
		for _, m := range strings.Fields(r.modules) {
			if !slices.Contains(doors[m], r.pkg) {
				t.Errorf("%s is a second door for %s", r.pkg, m)
			}
		}
	}
}

// TestPure: what takes decisions reads no clock, no random source, no files and no network.
func TestPure(t *testing.T) {
	t.Parallel()
	for _, p := range list(t) {
		pkg := strings.TrimPrefix(p.ImportPath, module+"/")
		if !slices.Contains([]string{"challenge", "diag", "expr", "findings", "policy", "policy/change", "policy/plan", "policy/codec", "wasm/abi"}, pkg) {
			continue
		}
		for _, imported := range p.Imports {
			if slices.Contains([]string{"os", "net", "net/http", "syscall", "unsafe", "reflect", "math/rand", "math/rand/v2", "crypto/rand"}, imported) {
				t.Errorf("%s imports %s", pkg, imported)
			}
		}
	}
}

type listed struct {
	ImportPath                         string
	GoFiles                            []string
	Imports, TestImports, XTestImports []string
}

func list(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,GoFiles,Imports,TestImports,XTestImports", path.Join(module, "..."))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.Bytes())
	}
	var all []listed
	for in := json.NewDecoder(bufio.NewReader(bytes.NewReader(out))); ; {
		var p listed
		if err := in.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(p.ImportPath, module+"/") && !other(p.ImportPath) {
			all = append(all, p)
		}
	}
}

// other reports whether a package is of another module of the workspace.
func other(pkg string) bool {
	return slices.ContainsFunc([]string{"cmd", "bench", "examples", "playground", "sdk/grpcguard", "sdk/rungotel"}, func(dir string) bool { return within(pkg, path.Join(module, dir)) })
}
