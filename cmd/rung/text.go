package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/internal/traced"
	"github.com/rungpolicy/rung/policy"
)

// describe is a decision as a person wants to see it.
//
//	step_up  transfer.create
//	  requires   mfa, at most 5m old; acr_values: urn:bank:acr:mfa phr phrh
//	  session    proves password, 1h30m old
//	  reason     transfer.create/large transfer asks for mfa, at most 5m old: Large transfers need a second factor.
func describe(d *policy.Decision, changes []policy.Change, p *policy.Policy, color bool) string {
	t := &text{color: color}
	head := t.paint(effectColor(d), d.Effect.String())
	if d.Action != "" {
		head += "  " + t.paint(bold, diag.Visible(d.Action))
	}
	t.out.WriteString(head + "\n")
	if e := d.Error; e != nil {
		t.row("refused", strings.TrimSpace(string(e.Code)+" "+e.Path)+": "+e.Message)
	}
	t.requirement(d.Requirement)
	if d.Error == nil {
		t.row("session", session(d.Satisfied))
	}
	t.rules(d)
	if d.ShadowDiffers {
		t.row("on trial", "with the rules on trial it would be "+d.ShadowEffect.String())
	}
	for _, i := range d.Indeterminate {
		t.row("in error", fmt.Sprintf("%s: %s, at %s (%s)", i.Rule, i.Error, i.At, i.Code))
	}
	for _, c := range changes {
		t.row("allow if", traced.Change(&c))
	}
	if d.Posture != "" {
		t.row("posture", d.Posture)
	}
	if d.Policy.Name != "" {
		t.row("policy", strings.TrimSpace(d.Policy.Name+" "+d.Policy.Version))
	}
	if len(d.Trace) > 0 {
		t.trace(d.Trace, p)
	}
	return t.out.String()
}

// text is a decision being written.
type text struct {
	out   strings.Builder
	color bool
	last  string
}

// The colours of terminals, as SGR parameters.
const (
	bold   = "1"
	dim    = "2"
	red    = "1;31"
	green  = "1;32"
	yellow = "1;33"
	cyan   = "1;36"
)

func (t *text) paint(sgr, s string) string {
	if !t.color || s == "" {
		return s
	}
	return "\x1b[" + sgr + "m" + s + "\x1b[0m"
}

func effectColor(d *policy.Decision) string {
	switch d.Effect {
	case policy.Allow:
		return green
	case policy.StepUp:
		return yellow
	case policy.Need:
		return cyan
	case policy.Deny:
	}
	return red
}

// row writes a line with its label, which is not repeated.
func (t *text) row(label, s string) {
	shown := label
	if label == t.last {
		shown = ""
	}
	t.last = label
	t.out.WriteString("  " + t.paint(dim, fmt.Sprintf("%-9s", shown)) + "  " + oneLine(s) + "\n")
}

func oneLine(s string) string { return diag.Visible(strings.Join(strings.Fields(s), " ")) }

func (t *text) requirement(r *policy.Requirement) {
	if r == nil {
		return
	}
	s := demand(r.Level, r.MaxAge, r.Methods)
	if len(r.ACRValues) > 0 {
		s += "; acr_values: " + strings.Join(r.ACRValues, " ")
	}
	t.row("requires", s)
	switch r.Reachable {
	case policy.Yes:
		t.row("reachable", "yes, with what the subject has enrolled")
	case policy.No:
		t.row("reachable", "no: a prompt would be a dead end; enrol the subject, or refuse")
	case policy.Unknown:
	}
}

// demand is a requirement in words: "mfa, at most 5m old, with hwk or otp".
func demand(level string, age policy.Seconds, methods [][]string) string {
	var parts []string
	if level != "" {
		parts = append(parts, level)
	}
	if age.Set {
		parts = append(parts, "at most "+span(age.N)+" old")
	}
	for _, group := range methods {
		parts = append(parts, "with "+strings.Join(group, " or "))
	}
	return strings.Join(parts, ", ")
}

func session(s *policy.Satisfied) string {
	switch {
	case s == nil:
		return "proves no level"
	case !s.Age.Set:
		return "proves " + s.Level + ", of unknown age"
	}
	return "proves " + s.Level + ", " + span(s.Age.N) + " old"
}

func (t *text) rules(d *policy.Decision) {
	for _, r := range d.Reasons {
		t.row("reason", reason(r))
	}
	if len(d.Need) > 0 {
		t.row("fetch", strings.Join(d.Need, ", ")+", and ask again")
	}
	for _, r := range d.Shadow {
		s := reason(r)
		switch {
		case r.Pending:
			s += ", pending"
		case r.Code != "":
			s += ", in error: " + string(r.Code)
		}
		t.row("on trial", s)
	}
}

func reason(r *policy.Reason) string {
	var groups [][]string
	if len(r.Methods) > 0 {
		groups = [][]string{r.Methods}
	}
	s := r.Rule
	if r.Effect == policy.Deny {
		s += " denies"
	} else if asks := demand(r.Level, r.MaxAge, groups); asks != "" {
		s += " asks for " + asks
	}
	if r.Message != "" {
		s += ": " + r.Message
	}
	return s
}

// span is a number of seconds as people say it: 90 is "1m30s", 86400 "1d".
func span(seconds int64) string {
	var b strings.Builder
	for _, unit := range [...]struct {
		name string
		n    int64
	}{{"d", 86_400}, {"h", 3600}, {"m", 60}, {"s", 1}} {
		if n := seconds / unit.n; n > 0 {
			b.WriteString(strconv.FormatInt(n, 10) + unit.name)
			seconds %= unit.n
		}
	}
	if b.Len() == 0 {
		return "0s"
	}
	return b.String()
}
