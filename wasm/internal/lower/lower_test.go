package lower_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rungpolicy/rung/cel"
	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/hcl"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/internal/lower"
	"github.com/rungpolicy/rung/wasm/internal/table"
)

var update = flag.Bool("update", false, "write the golden files anew")

const head = `policy "p" {
  language = 1
}
level "pwd" {
  rank = 1
  acr  = ["pwd"]
}
posture "elevated" {
  rank   = 1
  params = { limit = 10 }
}
param "limit" {
  type     = int
  default  = 100
  stricter = "lower"
}
list "words" {
  type   = string
  values = ["a", "b"]
}
signal "device" {
  type = object({
    id      = string
    trusted = bool
    seen    = timestamp
    tags    = list(string)
    labels  = map(string)
    owner   = object({ name = string })
    extra   = any
  })
}
signal "risk" {
  lazy = true
  type = object({ score = int })
}
action "a" {
  level = "none"
`

// check checks conditions, each a rule's of one action.
func check(t *testing.T, conditions ...string) (*policy.Policy, *expr.Conditions) {
	t.Helper()
	var b strings.Builder
	b.WriteString(head)
	for i, c := range conditions {
		fmt.Fprintf(&b, "  deny \"r%02d\" {\n    when = %q\n  }\n", i, c)
	}
	b.WriteString("}\n")
	parsed, err := hcl.Parse(fstest.MapFS{"p.rung.hcl": {Data: []byte(b.String())}})
	if err != nil {
		t.Fatal(err)
	}
	checked, found := cel.Check(parsed.Policy)
	parsed.Diagnostics.Add(found...)
	if err := parsed.Diagnostics.Err(); err != nil {
		t.Fatal(err)
	}
	return parsed.Policy, checked
}

func tables() lower.Tables {
	return lower.Tables{Zone: table.Zone, Pattern: table.Regexp, Captures: table.Program, Reach: table.Reach}
}

// TestTrees prints what conditions become: testdata/trees.txt has them in its headings.
func TestTrees(t *testing.T) {
	t.Parallel()
	const name = "testdata/trees.txt"
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var conditions []string
	for line := range strings.Lines(string(text)) {
		if c, ok := strings.CutPrefix(line, "== "); ok {
			conditions = append(conditions, strings.TrimSuffix(c, "\n"))
		}
	}
	p, checked := check(t, conditions...)
	byText := map[string]int{}
	for use, i := range checked.When {
		byText[use.Rule.Name] = i
	}
	g := lower.New(p, tables())
	for _, c := range checked.All {
		if err := g.Add(c, policy.Bool); err != nil {
			t.Fatal(err)
		}
	}
	a := &lower.Action{}
	for i := range checked.All {
		a.Conditions = append(a.Conditions, i)
	}
	g.Layout([]*lower.Action{a})
	var b strings.Builder
	for i, c := range conditions {
		fmt.Fprintf(&b, "== %s\n%s\n", c, g.Conditions[byText[fmt.Sprintf("r%02d", i)]])
	}
	if *update {
		if err := os.WriteFile(name, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	} else if b.String() != string(text) {
		t.Errorf("%s differs (look at the difference, then -update); now:\n%s", name, b.String())
	}
}

// TestUnsupported: what the compiler does not take is named, with its place.
func TestUnsupported(t *testing.T) {
	t.Parallel()
	for condition, want := range map[string]string{
		"device.extra == 1":                                "",
		"device.id == 'x' || device.extra.a > 0":           "",
		"[[device.id]] == [['x']]":                         "",
		"device.id.matches('(a|b|c|d)[0-9a-f]{200}\\\\w')": "",
	} {
		p, checked := check(t, condition)
		err := lower.New(p, tables()).Add(checked.All[0], policy.Bool)
		var u *lower.Unsupported
		switch {
		case want == "" && err == nil:
		case !errors.As(err, &u):
			t.Errorf("%s: %v, want %q", condition, err, want)
		case want != "" && err.Error() != want:
			t.Errorf("%s: %q, want %q", condition, err, want)
		}
	}
}

// TestLayout: slots of one action do not overlap, a path has one place in all actions, and no action has slots that it does not read.
func TestLayout(t *testing.T) {
	t.Parallel()
	p, checked := check(t, "device.trusted", "device.id == 'x'", "device.seen < now", "risk.score > param.limit", "has(device)", "'x' in device.tags")
	g := lower.New(p, tables())
	for _, c := range checked.All {
		if err := g.Add(c, policy.Bool); err != nil {
			t.Fatal(err)
		}
	}
	actions := []*lower.Action{{Conditions: []int{0, 1, 2}}, {Conditions: []int{2, 3}}, {Conditions: []int{4, 5, 0}}, {}}
	words := g.Layout(actions)
	if words != 1 {
		t.Errorf("%d presence words", words)
	}
	type place struct{ bit, offset int }
	places := map[string]place{}
	for i, a := range actions {
		taken := map[int]string{}
		for _, s := range a.Slots {
			at := place{s.Bit, s.Offset}
			if before, ok := places[s.Slot.Path]; ok && before != at && !s.Presence {
				t.Errorf("%s is at %v and at %v", s.Slot.Path, before, at)
			}
			places[s.Slot.Path] = at
			if s.Offset+1 > a.Size && !s.Presence {
				t.Errorf("action %d: %s at %d is beyond %d", i, s.Slot.Path, s.Offset, a.Size)
			}
			if other, ok := taken[s.Offset]; ok && !s.Presence {
				t.Errorf("action %d: %s and %s are both at %d", i, s.Slot.Path, other, s.Offset)
			}
			if !s.Presence {
				taken[s.Offset] = s.Slot.Path
			}
		}
	}
	if n := len(actions[3].Slots); n != 0 {
		t.Errorf("an action without rules has %d slots", n)
	}
}
