package ext_test

import (
	"slices"
	"strings"
	"testing"

	"cel.dev/cel-go/cel"

	"github.com/rungpolicy/rung/cel/ext"
)

// TestTable checks the table against what cel-go declares: nothing is left out, nothing stands there that is not.
func TestTable(t *testing.T) {
	t.Parallel()
	env, err := cel.NewEnv(ext.Options()...)
	if err != nil {
		t.Fatal(err)
	}
	rows := make(map[string]bool)
	for _, l := range ext.Libraries() {
		if l.Name == "" || l.Doc == "" {
			t.Errorf("library %q has no name or doc", l.Name)
		}
		if !slices.IsSortedFunc(l.Funcs, func(a, b ext.Func) int { return strings.Compare(a.Name, b.Name) }) {
			t.Errorf("%s: functions are not ordered by name", l.Name)
		}
		for _, f := range l.Funcs {
			rows[f.Name] = true
			if f.Doc == "" {
				t.Errorf("%s: %s has no doc", l.Name, f.Name)
			}
			if d, ok := env.Functions()[f.Name]; !ok || d.IsDeclarationDisabled() {
				t.Errorf("%s: %s is not declared", l.Name, f.Name)
			}
		}
	}
	for name, d := range env.Functions() {
		operator := strings.ContainsAny(name[:1], "_!-@") && name != "@sortByAssociatedKeys" || strings.HasPrefix(name, "cel.@")
		if !operator && !d.IsDeclarationDisabled() && !rows[name] {
			t.Errorf("%s is declared, but has no row", name)
		}
	}
}

func TestWithoutJSON(t *testing.T) {
	t.Parallel()
	env, err := cel.NewEnv(ext.Options()...)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range []string{`json.encode(1)`, `json.parse('1')`, `json.parse('1', int)`, `yaml.encode(1)`, `yaml.parse('1')`, `yaml.parse('1', int)`} {
		if _, iss := env.Compile(e); iss.Err() == nil {
			t.Errorf("%s compiles", e)
		}
	}
}
