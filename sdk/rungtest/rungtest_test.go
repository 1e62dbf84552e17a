package rungtest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/rungpolicy/rung/diag"
	rung "github.com/rungpolicy/rung/sdk"
	"github.com/rungpolicy/rung/sdk/rungtest"
)

const pay = `policy "p" { language = 1 }
signal "score" {
  type = double
  lazy = true
}
action "pay" {
  level    = "aal1"
  resource = object({ amount = double, to = string })
  step_up "large" {
    when  = "resource.amount > 100.0"
    level = "aal2"
  }
  step_up "risky" {
    when  = "score < 0.5"
    level = "aal3"
  }
  deny "nowhere" {
    when   = "resource.to == 'nowhere'"
    reason = "There is no such place."
  }
}
`

const payTests = `fixture "somebody" {
  signals = {
    session  = { amr = ["pwd"], auth_time = "2026-01-01T00:00:00Z" }
    score    = 0.9
    resource = { amount = 5, to = "home" }
  }
}
test "pay" {
  action = "pay"
  uses   = ["somebody"]
  expect { effect = "allow" }
  case "little" {}
  case "much" {
    signals = { resource = { amount = 500 } }
  }
  case "nowhere" {
    signals = { resource = { to = "nowhere" } }
    expect {
      effect  = "deny"
      reasons = [{ rule = "pay/nowhere", message = "There is such a place." }]
    }
  }
}
test "score" {
  action = "pay"
  signals = { session = { amr = ["pwd"] } }
  expect {
    effect = "step_up"
    need   = ["score"]
  }
}
`

func files(policy, tests string) fstest.MapFS {
	return fstest.MapFS{"p.rung.hcl": {Data: []byte(policy)}, "t.rungtest.hcl": {Data: []byte(tests)}}
}

func read(t *testing.T, policy, tests string) *rungtest.Suite {
	t.Helper()
	s, err := rungtest.Read(files(policy, tests))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func run(t *testing.T, s *rungtest.Suite, o rungtest.Options) *rungtest.Report {
	t.Helper()
	r, err := s.Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestBank: the tests of the bank's example pass on both engines, and see all of it.
func TestBank(t *testing.T) {
	t.Parallel()
	rungtest.Run(t, os.DirFS("../../examples/bank"), rungtest.On(rungtest.Native, rungtest.Wasm), rungtest.Covering(100))
}

func TestRun(t *testing.T) {
	t.Parallel()
	s := read(t, pay, payTests)
	r := run(t, s, rungtest.Options{Engines: []rungtest.Engine{rungtest.Native, rungtest.Wasm}, Workers: 3})
	if want := []string{"native", "wasm"}; !slices.Equal(r.Engines, want) || r.Policy.Name != "p" || r.OK() {
		t.Errorf("%+v", r)
	}
	var lines []string
	for _, x := range r.Results {
		lines = append(lines, fmt.Sprint(x.Name, " ", x.Range, " ", x.Passed, " ", x.Decision.Effect, " ", len(x.Differences)))
	}
	want := []string{
		"pay/little t.rungtest.hcl:12:3 true allow 0",
		"pay/much t.rungtest.hcl:13:3 false step_up 1",
		"pay/nowhere t.rungtest.hcl:16:3 false deny 1",
		"score t.rungtest.hcl:24:1 false deny 2",
	}
	if diff := cmp.Diff(want, lines); diff != "" || r.Passed != 1 || r.Failed != 3 {
		t.Errorf("%d, %d\n%s", r.Passed, r.Failed, diff)
	}
	some := run(t, s, rungtest.Options{Match: func(name string) bool { return strings.HasSuffix(name, "/little") }})
	if !some.OK() || len(some.Results) != 1 {
		t.Errorf("%+v", some)
	}
	none := run(t, s, rungtest.Options{Match: func(string) bool { return false }})
	if none.OK() || len(none.Results) != 0 {
		t.Error("a run of nothing is good")
	}
}

// TestText: what a failure says.
func TestText(t *testing.T) {
	t.Parallel()
	r := run(t, read(t, pay, payTests), rungtest.Options{})
	var out bytes.Buffer
	for _, x := range r.Results {
		if text := x.Text(); x.Passed != (text == "") {
			t.Errorf("%s: %q", x.Name, text)
		}
		if err := x.WriteText(&out, false); err != nil {
			t.Fatal(err)
		}
	}
	want := `FAIL  pay/much  t.rungtest.hcl:13:3
          expected  got
  effect  "allow"   "step_up"
  it would be allow if resource.amount is at most 100, not 500
  rules
    applies  pay/large  p.rung.hcl:9:3
             resource.amount > 100.0 → true
               resource.amount → 500
FAIL  pay/nowhere  t.rungtest.hcl:16:3
                      expected                  got
  reasons[0].message  "There is such a place."  "There is no such place."
  rules
    applies  pay/nowhere  p.rung.hcl:17:3
             resource.to == 'nowhere' → true
               resource.to → "nowhere"
FAIL  score  t.rungtest.hcl:24:1
           expected   got
  effect   "step_up"  "deny"
  need[0]  "score"    (nothing)
  rules
    error    pay/nowhere  p.rung.hcl:17:3
             resource.to == 'nowhere' → no_such_attribute
               resource.to → no_such_attribute
    met      pay  p.rung.hcl:7:14
    error    pay/large  p.rung.hcl:9:3
             resource.amount > 100.0 → no_such_attribute
               resource.amount → no_such_attribute
    pending  pay/risky  p.rung.hcl:13:3
             score < 0.5 → pending: score
               score → pending: score
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
	var colored strings.Builder
	if err := r.Results[1].WriteText(&colored, true); err != nil || !strings.HasPrefix(colored.String(), "\x1b[1;31mFAIL\x1b[0m") {
		t.Errorf("%q, %v", colored.String(), err)
	}
}

// TestOrder: what a run comes to does not depend on how many work at it.
func TestOrder(t *testing.T) {
	t.Parallel()
	s := read(t, pay, payTests)
	form := func(workers int) string {
		r := run(t, s, rungtest.Options{Workers: workers, Coverage: true})
		r.Elapsed = 0
		for _, x := range r.Results {
			x.Elapsed = 0
		}
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	want := form(1)
	for workers := range 8 {
		if got := form(workers); got != want {
			t.Errorf("%d workers:\n%s\nwant\n%s", workers, got, want)
		}
	}
}

// TestEnginesDiffer: an engine that decides otherwise fails the case, though the first one does as expected.
func TestEnginesDiffer(t *testing.T) {
	t.Parallel()
	wrong := func(*rung.Checked) (string, *rung.Engine, error) {
		e, err := rung.Load(files(strings.Replace(pay, "100.0", "1.0", 1), ""))
		return "wrong", e, err
	}
	s := read(t, pay, payTests)
	r := run(t, s, rungtest.Options{Engines: []rungtest.Engine{rungtest.Native, wrong}})
	little := r.Results[0]
	if little.Passed || len(little.Differences) > 0 || len(little.Others) != 1 || little.Others[0].Engine != "wrong" || little.Others[0].Decision.Effect != rung.StepUp {
		t.Fatalf("%+v", little)
	}
	if text := little.Text(); !strings.Contains(text, "the engine wrong has decided otherwise, which is a bug of rung") {
		t.Error(text)
	}
	if text, err := json.Marshal(little); err != nil || !strings.Contains(string(text), `"others":[{"engine":"wrong","decision":{"effect":"step_up"`) {
		t.Errorf("%s, %v", text, err)
	}
}

// TestEngineErrors: where an engine cannot be made, nothing is run.
func TestEngineErrors(t *testing.T) {
	t.Parallel()
	s := read(t, pay, payTests)
	broken := errors.New("broken")
	_, err := s.Run(context.Background(), rungtest.Options{Engines: []rungtest.Engine{
		rungtest.Wasm, func(*rung.Checked) (string, *rung.Engine, error) { return "", nil, broken },
	}})
	if !errors.Is(err, broken) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Run(ctx, rungtest.Options{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestMistakes: those of the policy and those of the tests are told together, and nothing is run.
func TestMistakes(t *testing.T) {
	t.Parallel()
	s := read(t, strings.Replace(pay, "resource.amount", "resource.amuont", 1), strings.Replace(payTests, `"pay"`, `"pya"`, 2))
	if len(s.Diagnostics) != 2 || s.Diagnostics[0].Range.File != "p.rung.hcl" || s.Diagnostics[1].Range.File != "t.rungtest.hcl" {
		t.Errorf("%v", s.Diagnostics)
	}
	var l diag.List
	if _, err := s.Run(context.Background(), rungtest.Options{}); !errors.As(err, &l) || len(l) != 2 {
		t.Error(err)
	}
	if s.Source("p.rung.hcl") == nil || s.Source("t.rungtest.hcl") == nil || s.Source("other") != nil {
		t.Error(s.Sources)
	}
	if _, err := rungtest.Read(fstest.MapFS{}); err == nil {
		t.Error("no policy is no error")
	}
}

// TestManyFailures: the first hundred come with reasons, and the others say that they fail.
func TestManyFailures(t *testing.T) {
	t.Parallel()
	var tests strings.Builder
	tests.WriteString("test \"t\" {\n  action = \"pay\"\n  expect { effect = \"allow\" }\n")
	for i := range 150 {
		fmt.Fprintf(&tests, "  case \"%d\" {}\n", i)
	}
	tests.WriteString("}\n")
	r := run(t, read(t, pay, tests.String()), rungtest.Options{})
	for i, x := range r.Results {
		if explained := len(x.Decision.Trace) > 0; explained != (i < 100) || x.Passed || !strings.Contains(x.Text(), `"allow"`) {
			t.Fatalf("%d: %s", i, x.Text())
		}
	}
}

func TestDone(t *testing.T) {
	t.Parallel()
	var names []string
	run(t, read(t, pay, payTests), rungtest.Options{Workers: 4, Done: func(r *rungtest.Result) { names = append(names, r.Name) }})
	slices.Sort(names)
	if want := []string{"pay/little", "pay/much", "pay/nowhere", "score"}; !slices.Equal(names, want) {
		t.Error(names)
	}
}

func TestReportJSON(t *testing.T) {
	t.Parallel()
	r := run(t, read(t, pay, payTests), rungtest.Options{Coverage: true})
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Policy         struct{ Name, Digest string }
		Engines        []string
		Passed, Failed int
		Results        []struct {
			Name, Test, Case, Text string
			Passed                 bool
			At                     struct {
				File  string
				Start struct{ Line int }
			}
			Differences []struct{ Path, Expected, Got string }
			Changes     []struct{ Attribute, How string }
			Decision    struct {
				Effect string
				Trace  []struct{ Rule string }
			}
		}
		Coverage struct {
			Percent        float64
			Seen, Outcomes int
			Rules          []struct{ Rule string }
			Conditions     []struct{ Text string }
		}
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if got.Policy.Name != "p" || got.Passed != 1 || got.Failed != 3 || len(got.Results) != 4 || len(got.Coverage.Rules) != 3 || got.Coverage.Outcomes != 6 {
		t.Errorf("%s", text)
	}
	much := got.Results[1]
	if much.Name != "pay/much" || much.At.Start.Line != 13 || much.Differences[0].Got != `"step_up"` || much.Changes[0].Attribute != "resource.amount" ||
		len(much.Decision.Trace) != 1 || much.Text == "" {
		t.Errorf("%+v", much)
	}
	if little := got.Results[0]; !little.Passed || little.Decision.Effect != "allow" || little.Text != "" {
		t.Errorf("%+v", little)
	}
}

func TestJUnit(t *testing.T) {
	t.Parallel()
	r := run(t, read(t, pay, strings.ReplaceAll(payTests, "home", "<home> & \u0001")), rungtest.Options{})
	var out bytes.Buffer
	if err := r.WriteJUnit(&out); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Suites   []struct {
			Name  string `xml:"name,attr"`
			Cases []struct {
				Name    string `xml:"name,attr"`
				Class   string `xml:"classname,attr"`
				Line    int    `xml:"line,attr"`
				Failure *struct {
					Message string `xml:"message,attr"`
					Text    string `xml:",chardata"`
				} `xml:"failure"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Tests != 4 || got.Failures != 3 || len(got.Suites) != 1 || len(got.Suites[0].Cases) != 4 {
		t.Fatalf("%s", out.String())
	}
	if c := got.Suites[0].Cases[0]; c.Name != "pay/little" || c.Class != "t" || c.Line != 12 || c.Failure != nil {
		t.Errorf("%+v", c)
	}
	c := got.Suites[0].Cases[3]
	if c.Failure == nil || c.Failure.Message != `effect: expected "step_up", got "deny"; and 1 more difference` || !strings.Contains(c.Failure.Text, "no_such_attribute") {
		t.Errorf("%+v", c.Failure)
	}
}

// TestWasmAlone: where a module alone decides, the native engine still says why.
func TestWasmAlone(t *testing.T) {
	t.Parallel()
	r := run(t, read(t, pay, payTests), rungtest.Options{Engines: []rungtest.Engine{rungtest.Wasm}})
	if r.Passed != 1 || r.Failed != 3 || !slices.Equal(r.Engines, []string{"wasm"}) {
		t.Errorf("%+v", r)
	}
	if text := r.Results[1].Text(); !strings.Contains(text, "it would be allow if resource.amount is at most 100") || !strings.Contains(text, "applies  pay/large") {
		t.Error(text)
	}
}

// TestRulesThatMatter: which rules a failure shows, by what is not as expected.
func TestRulesThatMatter(t *testing.T) {
	t.Parallel()
	const policy = `policy "p" { language = 1 }
signal "score" {
  type = double
  lazy = true
}
posture "high" {
  rank = 1
}
action "a" {
  level = "aal1"
  step_up "applies" {
    when  = "subject.id != 'nobody'"
    level = "aal2"
  }
  step_up "not" {
    when    = "subject.id == 'nobody'"
    max_age = "5m"
  }
  step_up "posture" {
    posture = "high"
    when    = "subject.id != 'nobody'"
    level   = "aal3"
  }
  step_up "pending" {
    when  = "score < 0.5"
    level = "aal2"
  }
  step_up "trial" {
    mode  = "shadow"
    when  = "subject.id == 'trial'"
    level = "aal3"
  }
  step_up "off" {
    mode  = "off"
    level = "aal3"
  }
  deny "denies" {
    when = "subject.id == 'bad'"
  }
}
`
	tests := []struct {
		signals, expect string
		want            []string
	}{
		// Another requirement: those that could have made it.
		{`score = 0.9`, `requirement = { max_age = 300 }`, []string{"a", "a/applies", "a/not", "a/pending"}},
		// What is named, though it is as expected.
		{`score = 0.9`, "reasons = [{ rule = \"a/applies\" }]\n  posture = \"high\"", []string{"a", "a/applies"}},
		// A deny: the rules that deny, and who made the decision.
		{`score = 0.9`, `effect = "deny"`, []string{"a", "a/applies", "a/denies"}},
		{`score = 0.9`, `shadow = [{ rule = "a/trial" }]`, []string{"a", "a/applies", "a/trial"}},
		{`score = 0.9`, `shadow_effect = "step_up"`, []string{"a", "a/applies", "a/trial"}},
		// A signal that nobody has fetched.
		{`session = { acr = "aal2" }`, `effect = "need"`, []string{}},
		{`session = { acr = "aal1" }, subject = { id = "nobody" }`, `effect = "step_up"`, []string{"a", "a/applies", "a/not", "a/pending"}},
		{`score = 0.9, session = { acr = "aal1" }`, `need = ["score"]`, []string{"a/applies"}},
	}
	for _, tt := range tests {
		subject := `subject = { id = "somebody" }, `
		if strings.Contains(tt.signals, "subject") {
			subject = ""
		}
		text := "test \"t\" {\n  action = \"a\"\n  signals = { " + subject + tt.signals + " }\n  expect {\n  " + tt.expect + "\n  }\n}\n"
		s := read(t, policy, text)
		if err := s.Diagnostics.Err(); err != nil {
			t.Fatal(err)
		}
		x := run(t, s, rungtest.Options{}).Results[0]
		var got []string
		for _, r := range x.Rules() {
			got = append(got, r.Rule)
		}
		if x.Passed || !slices.Equal(got, tt.want) {
			t.Errorf("%s, %s: passed %t, %q, want %q", tt.signals, tt.expect, x.Passed, got, tt.want)
		}
	}
}

// TestManyRules: of more rules than a screen shows, the first are shown.
func TestManyRules(t *testing.T) {
	t.Parallel()
	var policy strings.Builder
	policy.WriteString("policy \"p\" { language = 1 }\naction \"a\" {\n  level = \"none\"\n")
	for i := range 15 {
		fmt.Fprintf(&policy, "  deny \"d%02d\" {}\n", i)
	}
	policy.WriteString("}\n")
	r := run(t, read(t, policy.String(), "test \"t\" {\n  action = \"a\"\n  expect { effect = \"allow\" }\n}\n"), rungtest.Options{})
	if text := r.Results[0].Text(); !strings.Contains(text, "a/d11 ") || strings.Contains(text, "a/d12") || !strings.HasSuffix(text, "and 3 more rules\n") {
		t.Error(text)
	}
}
