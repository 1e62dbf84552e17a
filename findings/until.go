package findings

import (
	"time"

	"github.com/rungpolicy/rung/diag"
)

func pastUntil() *Finding {
	return &Finding{
		Code: "past-until", Severity: diag.Warning,
		Title: "a rule on trial whose last day has passed",
		Explanation: "A rule with `mode = \"shadow\"` is evaluated and reported, and never enforced. `until` says for how long that was meant: once the day is over, " +
			"in UTC, somebody should look at what the trial has shown, and enforce the rule or remove it. Until then it costs time and protects nobody.",
		Bad: `action "transfer.create" {
  level    = "aal1"
  resource = object({ amount = double })

  step_up "large transfer" {
    mode  = "shadow"
    until = "2020-12-31"
    when  = "resource.amount > 1000.0"
    level = "aal2"
  }
}
`,
		Good: `action "transfer.create" {
  level    = "aal1"
  resource = object({ amount = double })

  step_up "large transfer" {
    when  = "resource.amount > 1000.0"
    level = "aal2"
  }
}
`,
		find: findPastUntil,
	}
}

func findPastUntil(f *finder) {
	if f.Now.IsZero() {
		return
	}
	today := f.Now.UTC().Format(time.DateOnly)
	for _, r := range f.Policy.Rules {
		if r.Until != "" && r.Until < today { // both are YYYY-MM-DD
			f.report(r.UntilRange, "the trial of `"+r.ID+"` was to end on "+r.Until, "enforce the rule (`mode = \"enforce\"`), remove it, or say until when it goes on")
		}
	}
}
