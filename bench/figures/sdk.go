package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing/fstest"
	"time"

	bench "github.com/rungpolicy/rung/bench/measure"
	"github.com/rungpolicy/rung/policy"
	rung "github.com/rungpolicy/rung/sdk"
	"github.com/rungpolicy/rung/wasm"
	"github.com/rungpolicy/rung/wasm/host"
)

// mostOverhead is what the SDK may add to what decides.
const mostOverhead = 60 * time.Nanosecond

// short is a policy whose decisions take little, so that what comes on top of them shows.
var short = fstest.MapFS{"a.rung.hcl": {Data: []byte(`policy "figures" { language = 1 }
action "pay" {
  level    = "none"
  resource = object({ amount = double })
  deny "large" { when = "resource.amount > 100.0" }
}
`)}}

// overhead is what Decide takes beyond the engine that decides, asked with a clock that it is told of: who asks an engine by himself reads one too. Both decide
// the same request.
func overhead(using rung.Using, engine func() (func(*policy.Request) *policy.Decision, error)) func(*setting) (string, bool, error) {
	return func(*setting) (string, bool, error) {
		bench.Calm()
		e, err := rung.Load(short, rung.WithEngine(using))
		if err != nil {
			return "", false, err
		}
		decide, err := engine()
		if err != nil {
			return "", false, err
		}
		asked := &policy.Request{Action: "pay", Resource: &policy.Object{Attrs: []policy.Value{5.0}}}
		full := *asked
		full.Posture = "normal"
		check := func(d *policy.Decision) error {
			if !d.Allowed() {
				return fmt.Errorf("%s, want allow", d.Effect)
			}
			return nil
		}
		series, err := bench.Rounds(bench.Plan{Rounds: rounds, Slice: 20 * time.Millisecond},
			bench.Subject{Name: "engine", Run: func(int) error {
				full.Now = time.Now()
				return check(decide(&full))
			}},
			bench.Subject{Name: "sdk", Run: func(int) error { return check(e.Decide(asked)) }},
		)
		if err != nil {
			return "", false, err
		}
		more, allocs := series[1].Time()-series[0].Time(), series[1].Allocs-series[0].Allocs
		return fmt.Sprintf("%.0f ns on top of %.0f ns, %.2f allocations", more, series[0].Time(), max(0, allocs)),
			more <= float64(mostOverhead.Nanoseconds()) && allocs < 0.01, nil
	}
}

func nativeAlone() (func(*policy.Request) *policy.Decision, error) {
	r, err := open(short)
	if err != nil {
		return nil, err
	}
	return func(q *policy.Request) *policy.Decision { return r.plan.Decide(r.engine, q) }, nil
}

func moduleAlone() (func(*policy.Request) *policy.Decision, error) {
	r, err := open(short)
	if err != nil {
		return nil, err
	}
	m, err := wasm.Compile(r.plan, wasm.Options{})
	if err != nil {
		return nil, err
	}
	p, err := host.Open(context.Background(), m.Bytes)
	if err != nil {
		return nil, err
	}
	return p.Decide, nil
}

// soaked is the log of `make soak-sdk`.
func soaked(s *setting) (string, error) {
	text, err := os.ReadFile(filepath.Join(s.root, ".cache/soak-sdk.log"))
	if err != nil {
		return "", errors.New("run `make soak-sdk` first")
	}
	return string(text), nil
}

// answersUnderChange reads the lines "native: 1234 decisions, 3000 settings, 3000 policies in 30s, 0 wrong, race detector", one for each engine. A module is compiled for
// each policy, which takes longer than a hundredth of a second: so its policies change as often as that allows.
func answersUnderChange(s *setting) (string, bool, error) {
	if err := made(s, "soak-sdk"); err != nil {
		return "", false, err
	}
	log, err := soaked(s)
	if err != nil {
		return "", false, err
	}
	found := regexp.MustCompile(`(\w+): (\d+) decisions, (\d+) settings, (\d+) policies in (\S+), (\d+) wrong(, race detector)?`).FindAllStringSubmatch(log, -1)
	var text []string
	holds := len(found) == 2 && !regexp.MustCompile(`(?m)^(FAIL|WARNING: DATA RACE|--- FAIL)`).MatchString(log)
	for _, m := range found {
		settings, _ := strconv.Atoi(m[3]) // digits, by the expression
		policies, _ := strconv.Atoi(m[4])
		took, err := time.ParseDuration(m[5])
		if err != nil {
			return "", false, err
		}
		often := int(95 * took.Seconds()) // a ticker passes over a tick where the machine is busy
		text = append(text, m[0])
		holds = holds && m[6] == "0" && m[7] != "" && took >= 30*time.Second && settings >= often && (policies >= often || m[1] == "wasm")
	}
	return strings.Join(text, "; "), holds, nil
}

// reloadsHold reads the line "native: 10000 reloads: {…}, then {…}: nothing held".
func reloadsHold(s *setting) (string, bool, error) {
	log, err := soaked(s)
	if err != nil {
		return "", false, err
	}
	var text []string
	holds := regexp.MustCompile(`--- PASS: TestReloadsHoldNothing`).MatchString(log)
	for _, engine := range []string{"native", "wasm"} {
		m := regexp.MustCompile(engine + `: ((\d+) reloads: .*)`).FindStringSubmatch(log)
		if m == nil {
			return "", false, fmt.Errorf("the log does not speak of reloads, %s", engine)
		}
		n, _ := strconv.Atoi(m[2]) // digits, by the expression
		text = append(text, engine+" "+m[1])
		holds = holds && n >= 10_000
	}
	return strings.Join(text, "; "), holds, nil
}

// hostile counts the calls that hostile hosts make, in a run of the tests now.
func hostile(s *setting) (string, bool, error) {
	o, err := goTest(s, "", "-count=1", "-v", "-run", "^TestHostile$", "./sdk")
	if err != nil {
		return "", false, err
	}
	m := regexp.MustCompile(`(\d+) hostile calls, (\d+) panics, (\d+) allowed`).FindStringSubmatch(o.output)
	if m == nil {
		return "", false, errors.New("the test has not counted")
	}
	n, _ := strconv.Atoi(m[1]) // digits, by the expression
	return m[0], n >= 400 && m[2] == "0" && m[3] == "0", nil
}

// documented counts what the packages for embedders export, and the examples that run.
func documented(s *setting) (string, bool, error) {
	o, err := goTest(s, "", "-count=1", "-v", "-run", "^TestExportedDocs$", ".")
	if err != nil {
		return "", false, err
	}
	m := regexp.MustCompile(`(\d+) exported names in (\d+) packages, (\d+) without a comment, (\d+) examples`).FindStringSubmatch(o.output)
	if m == nil {
		return "", false, errors.New("the test has not counted")
	}
	return m[0], m[3] == "0" && m[1] != "0" && m[4] != "0", nil
}
