package rungtest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/rungpolicy/rung/sdk/rungtest"
)

// TestCoverage runs testdata/coverage.txtar: folders with a policy, tests and what is seen of it.
func TestCoverage(t *testing.T) {
	t.Parallel()
	const file = "testdata/coverage.txtar"
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	cases, names := make(map[string]fstest.MapFS), []string{}
	for _, f := range archive.Files {
		folder, name, _ := strings.Cut(f.Name, "/")
		if cases[folder] == nil {
			cases[folder], names = fstest.MapFS{}, append(names, folder)
		}
		cases[folder][name] = &fstest.MapFile{Data: f.Data}
	}
	for _, name := range names {
		want := string(cases[name]["coverage"].Data)
		s, err := rungtest.Read(cases[name])
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Diagnostics.Err(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		r := run(t, s, rungtest.Options{Coverage: true})
		got := coverageLines(r.Coverage)
		if *update {
			for i := range archive.Files {
				if archive.Files[i].Name == name+"/coverage" {
					archive.Files[i].Data = []byte(got)
				}
			}
		} else if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if *update {
		if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func coverageLines(c *rungtest.Coverage) string {
	var b strings.Builder
	for _, r := range c.Rules {
		fmt.Fprintf(&b, "rule %s: applied %d, not %d, errors %d, pending %d", r.Rule, r.Applied, r.NotApplied, r.Errors, r.Pending)
		if !r.Conditional {
			b.WriteString(", no condition")
		}
		b.WriteString("\n")
	}
	for _, x := range c.Conditions {
		fmt.Fprintf(&b, "%s true %d, false %d, errors %d, pending %d: %s", x.Range, x.True, x.False, x.Errors, x.Pending, x.Text)
		if x.Let != "" {
			b.WriteString(" [let " + x.Let + "]")
		}
		if len(x.Rules) > 1 || x.Let != "" {
			b.WriteString(" of " + strings.Join(x.Rules, " and "))
		}
		b.WriteString("\n")
	}
	for _, a := range c.Actions {
		fmt.Fprintf(&b, "action %s: allow %d, step_up %d, deny %d, need %d\n", a.Action, a.Allow, a.StepUp, a.Deny, a.Need)
	}
	if err := c.WriteText(&b); err != nil {
		return err.Error()
	}
	return b.String()
}

// TestCoverageOfNothing: a policy without rules is covered, and no number is none.
func TestCoverageOfNothing(t *testing.T) {
	t.Parallel()
	s := read(t, "policy \"p\" { language = 1 }\naction \"a\" { level = \"none\" }\n", "test \"t\" {\n  action = \"a\"\n  expect { effect = \"allow\" }\n}\n")
	c := run(t, s, rungtest.Options{Coverage: true}).Coverage
	if c.Percent() != 100 || len(c.Gaps()) != 0 {
		t.Errorf("%+v", c)
	}
	if run(t, s, rungtest.Options{}).Coverage != nil {
		t.Error("a coverage that nobody has asked for")
	}
	if text, err := json.Marshal(c); err != nil || string(text[:50]) != `{"percent":100,"seen":0,"outcomes":0,"rules":[],"c` {
		t.Errorf("%s, %v", text, err)
	}
	if text, err := json.Marshal(c); err != nil || strings.Contains(string(text), "null") {
		t.Errorf("%s, %v", text, err)
	}
}

func TestLCOV(t *testing.T) {
	t.Parallel()
	r := run(t, read(t, strings.Replace(pay, "nowhere", "no, where", 1), strings.Replace(payTests, "pay/nowhere", "pay/no, where", 1)), rungtest.Options{Coverage: true})
	var out strings.Builder
	if err := r.Coverage.WriteLCOV(&out, "policies/bank"); err != nil {
		t.Fatal(err)
	}
	want := `TN:
SF:policies/bank/p.rung.hcl
FN:9,pay/large
FN:13,pay/risky
FN:17,pay/no; where
FNDA:2,pay/large
FNDA:2,pay/risky
FNDA:4,pay/no; where
FNF:3
FNH:3
BRDA:10,0,0,1
BRDA:10,0,1,1
BRDA:14,0,0,0
BRDA:14,0,1,2
BRDA:18,0,0,1
BRDA:18,0,1,2
BRF:6
BRH:5
DA:9,2
DA:10,2
DA:13,2
DA:14,2
DA:17,4
DA:18,4
LF:6
LH:6
end_of_record
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}

// TestHTML: the page shows the files as they are, with marks that nest, and nothing in them is markup.
func TestHTML(t *testing.T) {
	t.Parallel()
	for _, policy := range []string{
		pay,
		strings.TrimSuffix(strings.ReplaceAll(pay, "nowhere", "<b>&amp; ∅"), "\n"),
		strings.ReplaceAll(pay, `"resource.amount > 100.0"`, "<<-EOT\n      resource.amount > 100.0 &&\n        (resource.to != '<i>' ||\n           has(resource.to))\n    EOT"),
		strings.ReplaceAll(pay, "\n", "\r\n"),
		strings.ReplaceAll(pay, `"resource.amount > 100.0"`, `"resource.amount > 100.0||(resource.amount<1.0&&!has(resource.to))||resource.to=='x'"`) + "action \"no.test\" {\n  level = \"none\"\n}\n",
	} {
		s := read(t, policy, strings.ReplaceAll(payTests, "pay/nowhere", "pay/large"))
		r := run(t, s, rungtest.Options{Coverage: true})
		var out bytes.Buffer
		if err := r.Coverage.WriteHTML(&out, "<p>", s.Sources); err != nil {
			t.Fatal(err)
		}
		page := out.String()
		for _, outside := range []string{"http:", "https:", "<script", "<link", "<b>", "<i>", "<p>", "url("} {
			if strings.Contains(strings.Replace(page, `<p>`+"Point", "", 1), outside) {
				t.Errorf("the page has %s", outside)
			}
		}
		balanced(t, page)
		pre := regexp.MustCompile(`(?s)<pre>(.*?)</pre>`).FindStringSubmatch(page)
		if pre == nil {
			t.Fatal("no source")
		}
		shown := regexp.MustCompile(`<span class="(number|gutter)">[^<]*</span>`).ReplaceAllString(pre[1], "")
		shown = html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(shown, ""))
		if want := strings.TrimSuffix(strings.ReplaceAll(policy, "\r", ""), "\n") + "\n"; shown != want {
			t.Error(cmp.Diff(want, shown))
		}
	}
}

// balanced checks that what is opened is closed, in order.
func balanced(t *testing.T, page string) {
	t.Helper()
	var open []string
	for _, m := range regexp.MustCompile(`<(/?)([a-z0-9]+)[^>]*>`).FindAllStringSubmatch(page, -1) {
		switch {
		case m[2] == "meta":
		case m[1] == "":
			open = append(open, m[2])
		case len(open) == 0 || open[len(open)-1] != m[2]:
			t.Fatalf("</%s> closes nothing of %v", m[2], open)
		default:
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		t.Errorf("%v are open", open)
	}
}
