package rungtest_test

import (
	"flag"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	rung "github.com/rungpolicy/rung/sdk"
	"github.com/rungpolicy/rung/sdk/rungtest"
)

var update = flag.Bool("update", false, "write what comes out into testdata")

// fake is a test of which we look at what it says.
type fake struct {
	name string
	said *[]string
}

func newFake() *fake { return &fake{said: new([]string)} }

func (f *fake) Helper() {}
func (f *fake) Errorf(format string, args ...any) {
	*f.said = append(*f.said, strings.TrimPrefix(f.name+": ", ": ")+fmt.Sprintf(format, args...))
}
func (f *fake) Fatalf(format string, args ...any) { f.Errorf("fatal: "+format, args...) }
func (f *fake) Run(name string, run func(*fake)) bool {
	run(&fake{name: strings.TrimPrefix(f.name+"/"+name, "/"), said: f.said})
	return true
}

func TestAsserts(t *testing.T) {
	t.Parallel()
	e, err := rung.Load(files(pay, ""), rung.Trusted())
	if err != nil {
		t.Fatal(err)
	}
	ask := func(amount int, to, score string) *rung.Decision {
		return e.ExplainJSON(fmt.Appendf(nil, `{"action": "pay", "now": "2026-01-01T00:00:00Z", "signals": {"session": {"amr": ["pwd"]}%s,
			"resource": {"amount": %d, "to": %q}}}`, score, amount, to))
	}
	allow, stepUp, deny, need := ask(5, "home", `, "score": 0.9`), ask(500, "home", `, "score": 0.9`), ask(5, "nowhere", `, "score": 0.9`), ask(5, "home", "")
	refused := e.DecideJSON([]byte(`{"action": "pya"}`))
	tests := []struct {
		name   string
		assert func(rungtest.T)
		want   string // a part of what is said; "" is nothing
	}{
		{"allow", func(t rungtest.T) { rungtest.Allow(t, allow) }, ""},
		{"no allow", func(t rungtest.T) { rungtest.Allow(t, stepUp) }, "effect  \"allow\"   \"step_up\"\n  decision  {\"effect\":\"step_up\""},
		{"its trace", func(t rungtest.T) { rungtest.Allow(t, stepUp) }, "applies  pay/large"},
		{"step_up", func(t rungtest.T) { rungtest.StepUp(t, stepUp, "aal2") }, ""},
		{"any step_up", func(t rungtest.T) { rungtest.StepUp(t, stepUp, "") }, ""},
		{"another level", func(t rungtest.T) { rungtest.StepUp(t, stepUp, "aal3") }, `requirement.level  "aal3"    "aal2"`},
		{"no step_up", func(t rungtest.T) { rungtest.StepUp(t, allow, "aal2") }, `requirement  {"level": "aal2"}  (nothing)`},
		{"deny", func(t rungtest.T) { rungtest.Deny(t, deny) }, ""},
		{"deny by a rule", func(t rungtest.T) { rungtest.Deny(t, deny, "pay/nowhere") }, ""},
		{"deny by another", func(t rungtest.T) { rungtest.Deny(t, deny, "pay/elsewhere") }, `reasons[0].rule  "pay/elsewhere"  "pay/nowhere"`},
		{"deny by more", func(t rungtest.T) { rungtest.Deny(t, deny, "pay/nowhere", "pay/b") }, `reasons[1]       {"rule": "pay/nowhere"}  (nothing)`},
		{"refused", func(t rungtest.T) { rungtest.Deny(t, refused) }, `(nothing)  {"code":"unknown_action"`},
		{"nil", func(t rungtest.T) { rungtest.Allow(t, nil) }, `"deny"`},
		{"need", func(t rungtest.T) { rungtest.Need(t, need, "score") }, ""},
		{"any need", func(t rungtest.T) { rungtest.Need(t, need) }, ""},
		{"other signals", func(t rungtest.T) { rungtest.Need(t, need, "score", "place") }, `need[0]  "place"   "score"`},
		{"no need", func(t rungtest.T) { rungtest.Need(t, allow) }, `"need"    "allow"`},
		{"a part", func(t rungtest.T) {
			rungtest.Expect(t, stepUp, `{"requirement": {"max_age": null, "level": "aal2"}, "satisfied": {"level": "aal1"}, "shadow": [], "policy": {"name": "p"}}`)
		}, ""},
		{"another part", func(t rungtest.T) { rungtest.Expect(t, stepUp, `{"requirement": {"max_age": 300, "reachable": true}}`) }, `requirement.reachable  true      (nothing)`},
		{"what is refused", func(t rungtest.T) {
			rungtest.Expect(t, refused, `{"effect": "deny", "error": {"code": "unknown_action", "path": "/action"}}`)
		}, ""},
		{"of a wrong form", func(t rungtest.T) { rungtest.Expect(t, stepUp, `{"requirement": "aal2", "reasons": {"rule": 1}}`) }, `requirement  "aal2"`},
		{"no JSON", func(t rungtest.T) { rungtest.Expect(t, stepUp, `{`) }, "fatal: what is expected is no JSON object"},
		{"a fraction", func(t rungtest.T) { rungtest.Expect(t, stepUp, `{"a": [{"b": 0.5}]}`) }, "fatal: what is expected: 0.5 is no whole number"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake()
			tt.assert(f)
			switch said := strings.Join(*f.said, "\n"); {
			case tt.want == "" && said != "":
				t.Errorf("it fails: %s", said)
			case !strings.Contains(said, tt.want) || tt.want != "" && len(*f.said) != 1:
				t.Errorf("got\n%s\nwant\n%s", said, tt.want)
			}
		})
	}
}

// TestGoTests: what Run says to the Go test that it runs in.
func TestGoTests(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		files fstest.MapFS
		opts  []rungtest.Option
		want  []string
	}{
		{"failures", files(pay, payTests), []rungtest.Option{rungtest.On(rungtest.Native)}, []string{
			"pay/much: \nFAIL  pay/much  t.rungtest.hcl:13:3", "pay/nowhere: \nFAIL  pay/nowhere", "score: \nFAIL  score",
		}},
		{"coverage", files(pay, payTests), []rungtest.Option{rungtest.Covering(90)}, []string{
			"pay/much", "pay/nowhere", "score", "the tests see too little of the policy, less than 90 %:\ncoverage 83.3 %: 5 of 6 outcomes",
		}},
		{"enough", files(pay, payTests), []rungtest.Option{rungtest.Covering(80)}, []string{"pay/much", "pay/nowhere", "score"}},
		{"no policy", fstest.MapFS{}, nil, []string{"fatal: no *.rung.hcl file here"}},
		{"no tests", files(pay, ""), nil, []string{"fatal: the policy has no tests"}},
		{"mistakes", files(pay, "test \"t\" {\n  action = \"pya\"\n}\n"), nil, []string{"fatal: \nerror: a `test` block needs a block `expect`"}},
		{"an engine", files(pay, payTests), []rungtest.Option{rungtest.On(func(*rung.Checked) (string, *rung.Engine, error) { return "", nil, fmt.Errorf("broken") })}, []string{"fatal: broken"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake()
			rungtest.Run(f, tt.files, tt.opts...)
			said := *f.said
			if len(said) != len(tt.want) {
				t.Fatalf("%d: %q", len(said), said)
			}
			for i := range said {
				if !strings.HasPrefix(said[i], tt.want[i]) {
					t.Errorf("got\n%s\nwant\n%s", said[i], tt.want[i])
				}
			}
		})
	}
}
