package canon_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/hcl"
	"github.com/rungpolicy/rung/internal/canon"
	"github.com/rungpolicy/rung/internal/gen"
)

// TestCorpus formats every policy in the repository, as it is and with comments sprinkled in.
func TestCorpus(t *testing.T) {
	t.Parallel()
	corpus, err := canon.Corpus("../..")
	if err != nil {
		t.Fatal(err)
	}
	total := canon.Result{}
	for name, files := range corpus {
		for seed := range uint64(3) {
			policy := files
			if seed > 0 {
				policy = canon.Sprinkled(gen.Seeded(seed), files)
			}
			r, err := canon.Hold(policy)
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			total.Formatted += r.Formatted
			total.Refused += r.Refused
			total.Comments += r.Comments
		}
	}
	t.Logf("%d policies, three times: %d files formatted, %d refused, %d comments", len(corpus), total.Formatted, total.Refused, total.Comments)
	if len(corpus) < 500 || total.Formatted < 1500 || total.Comments < 5000 {
		t.Errorf("the corpus is small: %d policies, %+v", len(corpus), total)
	}
}

// TestGenerated formats policies drawn at random, every other one with comments.
func TestGenerated(t *testing.T) {
	t.Parallel()
	comments := 0
	for seed := range uint64(400) {
		r, err := canon.Hold(canon.Generated(seed))
		if err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
		if r.Refused > 0 {
			t.Errorf("seed %d: %+v", seed, r)
		}
		comments += r.Comments
	}
	if comments < 2000 {
		t.Errorf("there were only %d comments", comments)
	}
}

// TestCanonical: the policies that people are shown have the form that `rung fmt` gives them.
func TestCanonical(t *testing.T) {
	t.Parallel()
	shown := 0
	for _, root := range []string{"../../examples", "../../docs", "../../README.md"} {
		err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			policies := map[string]string{}
			switch {
			case strings.HasSuffix(name, ".md"):
				for i, m := range fenced.FindAllStringSubmatch(string(text), -1) {
					policies[fmt.Sprintf("%s, policy %d", name, i+1)] = m[1]
				}
			case strings.HasSuffix(name, ".rung.hcl"), strings.HasSuffix(name, ".rungtest.hcl"):
				policies[name] = string(text)
			}
			for where, policy := range policies {
				shown++
				form, diags := hcl.Format(diag.NewSource(where, []byte(policy)), canon.Condition)
				if diags.HasErrors() || string(form) != policy {
					t.Errorf("%s is not in canonical form (rung fmt): %v", where, diags)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if shown < 12 {
		t.Errorf("only %d policies are shown", shown)
	}
}

var fenced = regexp.MustCompile("(?ms)^```hcl\n(.*?)^```")
