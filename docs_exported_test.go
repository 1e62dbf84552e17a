package deps_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// public are the packages that are written for others than this repository.
var public = []string{
	"sdk", "sdk/guard", "sdk/httpguard", "sdk/grpcguard", "sdk/rungotel", "sdk/rungtest", "sdk/rungdiff", "challenge",
	"policy", "policy/codec", "policy/plan", "policy/change", "expr", "diag", "hcl", "cel", "cel/ext", "findings", "wasm", "wasm/host", "wasm/abi", "conformance",
}

// tasks are the examples of what people come for. Each has its output, so it runs.
var tasks = map[string][]string{
	"sdk": {
		"Example", "ExampleBind", "ExampleOpen", "ExampleEngine_Swap", "ExampleEngine_Set", "ExampleWithProvider", "ExampleNewLog", "ExampleEngine_ExplainJSON",
		"ExampleEngine_ChangesJSON", "ExampleBuild", "ExampleDecision",
	},
	"sdk/guard": {"ExampleTo"}, "sdk/httpguard": {"Example"}, "sdk/grpcguard": {"Example"}, "sdk/rungotel": {"Example"}, "sdk/rungdiff": {"Example"},
	"challenge": {"ExampleParse", "ExampleStepUp"}, "hcl": {"ExampleFormat"}, "wasm/host": {"Example"},
}

// TestExportedDocs: what a public package exports has a comment, and what people come for an example.
func TestExportedDocs(t *testing.T) {
	t.Parallel()
	names, bare, examples := 0, 0, 0
	for _, pkg := range public {
		files, tests := parsed(t, pkg)
		documented := false
		for _, f := range files {
			documented = documented || f.Doc != nil
			for _, d := range f.Decls {
				each(d, func(name string, has bool) {
					if names++; !has {
						bare++
						t.Errorf("%s: %s has no comment", pkg, name)
					}
				})
			}
		}
		if !documented {
			t.Errorf("package %s has no comment", pkg)
		}
		for _, name := range tasks[pkg] {
			if !slices.ContainsFunc(tests, func(f *ast.File) bool { return runs(f, name) }) {
				t.Errorf("%s has no %s with its output", pkg, name)
			}
			examples++
		}
	}
	t.Logf("%d exported names in %d packages, %d without a comment, %d examples", names, len(public), bare, examples)
}

func parsed(t *testing.T, pkg string) (files, tests []*ast.File) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(pkg, "*.go"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("package %s: %v", pkg, err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, text, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(path, "_test.go") {
			tests = append(tests, f)
		} else {
			files = append(files, f)
		}
	}
	return files, tests
}

// each calls f for every exported name that a declaration makes, and whether it has a comment: its own, one behind it, or one over its group.
func each(d ast.Decl, f func(name string, has bool)) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && (d.Recv == nil || isExportedType(d.Recv.List[0].Type)) {
			f(d.Name.Name, d.Doc != nil)
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				if s.Name.IsExported() {
					f(s.Name.Name, s.Doc != nil || d.Doc != nil && len(d.Specs) == 1 || s.Comment != nil || d.Lparen.IsValid() && d.Doc != nil)
					methods(s, f)
				}
			case *ast.ValueSpec:
				for _, n := range s.Names {
					if n.IsExported() {
						f(n.Name, s.Doc != nil || s.Comment != nil || d.Doc != nil)
					}
				}
			}
		}
	}
}

// methods calls f for those of an interface.
func methods(s *ast.TypeSpec, f func(name string, has bool)) {
	i, ok := s.Type.(*ast.InterfaceType)
	if !ok {
		return
	}
	for _, m := range i.Methods.List {
		for _, n := range m.Names {
			if n.IsExported() {
				f(s.Name.Name+"."+n.Name, m.Doc != nil || m.Comment != nil)
			}
		}
	}
}

func isExportedType(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.StarExpr:
		return isExportedType(e.X)
	case *ast.IndexExpr:
		return isExportedType(e.X)
	case *ast.Ident:
		return e.IsExported()
	}
	return false
}

// runs reports whether a file has an example of that name with an output.
func runs(f *ast.File, name string) bool {
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Name.Name != name {
			continue
		}
		return slices.ContainsFunc(f.Comments, func(c *ast.CommentGroup) bool {
			text := strings.ToLower(c.Text())
			return fn.Body.Pos() < c.Pos() && c.Pos() < fn.Body.End() && (strings.HasPrefix(text, "output:") || strings.Contains(text, "\noutput:") || strings.HasPrefix(text, "unordered output:"))
		})
	}
	return false
}
