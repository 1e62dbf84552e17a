package cel

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/policy"
)

var update = flag.Bool("update", false, "write the golden files anew")

// bankEnv has one of everything that a condition may name.
func bankEnv() *Env {
	return NewEnv(&policy.Policy{
		Signals:  policy.StandardSignals(),
		Levels:   policy.DefaultLevels(),
		Params:   []*policy.Param{{Name: "transfer_limit", Type: policy.Double}},
		Lists:    []*policy.List{{Name: "sanctioned", Type: policy.String}, {Name: "tor_exits", Type: policy.CIDR}},
		Postures: []*policy.Posture{{Name: "elevated", Rank: 1}},
	})
}

// describeAll writes diagnostics a line each.
func describeAll(diags diag.List) string {
	var b strings.Builder
	for _, d := range diags {
		fmt.Fprintf(&b, "    %d-%d %s: %s", d.Range.Start.Byte, d.Range.End.Byte, d.Code, d.Summary)
		if d.Detail != "" {
			b.WriteString("; " + d.Detail)
		}
		if d.Suggestion != "" {
			b.WriteString(" [" + d.Suggestion + "]")
		}
		b.WriteString("\n")
	}
	return b.String()
}

// TestErrors holds what is said of wrong expressions against testdata/errors.txt.
func TestErrors(t *testing.T) {
	t.Parallel()
	const file = "testdata/errors.txt"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	env := bankEnv()
	var b strings.Builder
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "    ") {
			continue
		}
		b.WriteString(line + "\n")
		if line == "" || strings.HasPrefix(line, "# ") {
			continue
		}
		_, diags := env.Check(fileOf(line), nil)
		b.WriteString(describeAll(diags))
	}
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if d := cmp.Diff(string(text), b.String()); d != "" {
		t.Error(d)
	}
}
