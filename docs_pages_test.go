package deps_test

import (
	"context"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/hcl"
	"github.com/rungpolicy/rung/internal/canon"
	"github.com/rungpolicy/rung/sdk/rungtest"
)

// TestCookbook runs the recipes of docs/cookbook.md: each section is a policy that there is nothing to say about, and tests of it that pass on both engines. It
// may have files beside it.
func TestCookbook(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("docs/cookbook.md")
	if err != nil {
		t.Fatal(err)
	}
	recipes := regexp.MustCompile(`(?m)^## `).Split(string(text), -1)[1:]
	if len(recipes) < 20 {
		t.Errorf("%d recipes, want twenty", len(recipes))
	}
	for _, r := range recipes {
		name, body, _ := strings.Cut(r, "\n")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			runRecipe(t, body)
		})
	}
}

// block is a fenced block that has a language and perhaps, in brackets, a file.
var block = regexp.MustCompile("(?ms)^```([a-z]+)(?: \\[([^]]+)\\])?\n(.*?)^```")

func runRecipe(t *testing.T, body string) {
	t.Helper()
	fsys := fstest.MapFS{}
	for _, m := range block.FindAllStringSubmatch(body, -1) {
		name, text := m[2], m[3]
		switch {
		case m[1] == "hcl" && name == "":
			name = "recipe.rung.hcl"
			fsys["policy.rung.hcl"] = &fstest.MapFile{Data: []byte("policy \"recipe\" { language = 1 }\n")}
		case name == "test":
			name = "recipe.rungtest.hcl"
		}
		if fsys[name] != nil {
			t.Fatalf("two blocks of %s", name)
		}
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
		if m[1] == "hcl" {
			canonical(t, name, text)
		}
	}
	s, err := rungtest.Read(fsys)
	if err != nil {
		t.Fatal(err)
	}
	if found := slices.Concat(s.Diagnostics, s.Policy.Findings(time.Now())); len(found) > 0 {
		t.Fatal(found)
	}
	r, err := s.Run(context.Background(), rungtest.Options{Engines: []rungtest.Engine{rungtest.Native, rungtest.Wasm}, Coverage: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range r.Results {
		if !x.Passed {
			t.Error(x.Text())
		}
	}
	if gaps := r.Coverage.Gaps(); len(gaps) > 0 {
		t.Errorf("not all of it is tested: %v", gaps)
	}
}

// canonical: what people copy is as `rung fmt` would write it.
func canonical(t *testing.T, name, text string) {
	t.Helper()
	form, diags := hcl.Format(diag.NewSource(name, []byte(text)), canon.Condition)
	if diags.HasErrors() {
		t.Error(diags)
	} else if string(form) != text {
		t.Errorf("rung fmt would write\n%s", form)
	}
}
