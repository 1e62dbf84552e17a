// Package odd holds what package findings says of policies against decisions: a condition that is always true may be replaced by `true`, a rule that
// changes no outcome may be turned off, an optional attribute that is read unguarded makes some request fail, and of what is unused there is no trace in any
// condition.
//
// [Policy] draws policies whose conditions say much about few things, so that they often contradict themselves; [Request] draws requests for any policy.
package odd

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing/fstest"
	"time"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/internal/gen"
	"github.com/rungpolicy/rung/policy"
	rung "github.com/rungpolicy/rung/sdk"
)

// Now is the time of findings and requests.
var Now = time.Date(2026, 6, 30, 23, 59, 59, 0, time.UTC)

// Result says what was found in policies, and what came of it.
type Result struct {
	Policies int
	// Found counts findings by code, Held those that were held against decisions or texts.
	Found, Held map[string]int
	// Refuted are findings that are not so.
	Refuted []error
}

// Total is the number of findings.
func (r *Result) Total() int {
	n := 0
	for _, k := range r.Found {
		n += k
	}
	return n
}

// Hold finds what is odd in a policy and holds it against n requests. A policy with errors counts for nothing.
func (r *Result) Hold(s *gen.Source, fsys fs.FS, n int) error {
	files, err := copied(fsys)
	if err != nil {
		return err
	}
	h := &holder{Result: r, files: files}
	if h.checked, err = rung.Read(files); err != nil {
		return err
	}
	if h.checked.Diagnostics.HasErrors() || h.checked.Policy.Bytes > mostBytes {
		return nil
	}
	r.Policies++
	if r.Found == nil {
		r.Found, r.Held = map[string]int{}, map[string]int{}
	}
	found := h.checked.Findings(Now)
	if len(found) == 0 {
		return nil
	}
	if h.engine, err = engineOf(h.checked); err != nil {
		return err
	}
	pool := newPool(h.checked)
	if costly(h.checked) {
		n = min(n, fewRequests)
	}
	for range n {
		request := Request(s, h.checked.Policy, pool)
		h.requests, h.traces = append(h.requests, request), append(h.traces, tracesOf(h.engine.ExplainJSON(request)))
	}
	tried := map[string]int{}
	for _, d := range found {
		r.Found[d.Code]++
		if tried[d.Code]++; tried[d.Code] > mostHeld {
			continue
		}
		held, err := h.hold(d)
		if held {
			r.Held[d.Code]++
		}
		if err != nil {
			r.Refuted = append(r.Refuted, fmt.Errorf("%v: %w", d, err))
		}
	}
	return nil
}

// What is held of one policy: those at the limits of the language are large, and full of what is odd.
const (
	mostBytes = 64 << 10
	mostHeld  = 20 // of a code

	fewRequests = 3 // to policies whose decisions may take long
)

var atMost = regexp.MustCompile(`cost at most ([\d,]+)$`)

// costly reports whether a decision by a policy can take long.
func costly(c *rung.Checked) bool {
	return slices.ContainsFunc(c.Info("cost"), func(d diag.Diagnostic) bool {
		m := atMost.FindStringSubmatch(d.Summary)
		return m != nil && len(m[1]) >= len("1,000,000")
	})
}

// trace is what came of a rule.
type trace struct {
	rule   string
	state  policy.RuleState
	failed bool     // something in its condition failed, or is pending
	missed []string // where attributes were missing
}

func tracesOf(d *rung.Decision) []trace {
	out := make([]trace, len(d.Trace))
	for i, r := range d.Trace {
		out[i] = trace{rule: r.Rule, state: r.State}
		for _, n := range r.Nodes {
			out[i].failed = out[i].failed || n.Error != "" || len(n.Pending) > 0
			if n.Error == policy.NoSuchAttribute {
				out[i].missed = append(out[i].missed, n.At)
			}
		}
	}
	return out
}

// copied is a policy's folder in memory, tests left out.
func copied(fsys fs.FS) (fstest.MapFS, error) {
	out := fstest.MapFS{}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(name, ".rungtest.hcl") {
			return err
		}
		text, err := fs.ReadFile(fsys, name)
		out[name] = &fstest.MapFile{Data: text}
		return err
	})
	return out, err
}

func engineOf(c *rung.Checked) (*rung.Engine, error) { return c.Engine(rung.Trusted(), rung.Strict()) }

// holder holds the findings of a policy.
type holder struct {
	*Result
	files    fstest.MapFS
	checked  *rung.Checked
	engine   *rung.Engine
	requests [][]byte
	traces   [][]trace // of each request
}

// hold reports whether a finding could be held against anything, and why it is not so.
func (h *holder) hold(d diag.Diagnostic) (bool, error) {
	switch d.Code {
	case "always-true", "always-false":
		return h.always(d)
	case "covered":
		return true, h.covered(d)
	case "unguarded-optional":
		return h.unguarded(d), nil
	case "unused":
		return true, h.unused(d)
	}
	return false, nil
}

// always puts the constant into the place of a part of a condition: no rule comes out in another way, where nothing in it failed.
func (h *holder) always(d diag.Diagnostic) (bool, error) {
	value := d.Code == "always-true"
	text := string(h.files[d.Range.File].Data)
	part := text[d.Range.Start.Byte:d.Range.End.Byte]
	quoted := between(d.Summary)
	switch {
	case quoted == "!("+part+")", strings.HasSuffix(quoted, "…") && strings.HasPrefix(quoted, "!(") && !strings.HasPrefix(part, "!"):
		value = !value
	case strings.HasPrefix(d.Summary, "this is just"), quoted == part, strings.HasSuffix(quoted, "…"):
	default:
		return false, nil // `when` and `unless` together, or on several lines
	}
	changed := fstest.MapFS{}
	for name, f := range h.files {
		changed[name] = f
	}
	changed[d.Range.File] = &fstest.MapFile{Data: []byte(text[:d.Range.Start.Byte] + fmt.Sprint(value) + text[d.Range.End.Byte:])}
	c, err := rung.Read(changed)
	if err != nil || c.Diagnostics.HasErrors() {
		return false, errors.Join(err, c.Diagnostics.Err())
	}
	other, err := engineOf(c)
	if err != nil {
		return false, err
	}
	for i, r := range h.requests {
		after := tracesOf(other.ExplainJSON(r))
		if len(after) != len(h.traces[i]) {
			return true, fmt.Errorf("%s is refused", r)
		}
		for j, x := range h.traces[i] {
			if !x.failed && x.state != after[j].state {
				return true, fmt.Errorf("%s is %v, and %v where it is %v: %s", x.rule, x.state, after[j].state, value, r)
			}
		}
	}
	return true, nil
}

// between is what stands in the first backticks.
func between(s string) string {
	_, s, _ = strings.Cut(s, "`")
	end := strings.LastIndex(s, "` is always ")
	if end < 0 {
		return ""
	}
	return s[:end]
}

// covered turns a rule off: no decision changes but for its reasons.
func (h *holder) covered(d diag.Diagnostic) error {
	c, err := rung.Read(h.files)
	if err != nil {
		return err
	}
	for _, r := range c.Policy.Rules {
		if r.Range == d.Range {
			r.Mode = policy.Off
		}
	}
	other, err := engineOf(c)
	if err != nil {
		return err
	}
	for _, r := range h.requests {
		if x, y := outcome(h.engine.DecideJSON(r)), outcome(other.DecideJSON(r)); x != y {
			return fmt.Errorf("%s becomes %s: %s", x, y, r)
		}
	}
	return nil
}

// outcome is what comes of a decision.
func outcome(d *rung.Decision) string {
	out := fmt.Sprint(d.Effect, d.Need, d.ShadowEffect, d.ShadowDiffers, d.Error)
	if q := d.Requirement; q != nil {
		out += fmt.Sprint(*q)
	}
	return out
}

// unguarded reports whether there is a request in which the attribute is missed. There need not be one among the few that are drawn.
func (h *holder) unguarded(d diag.Diagnostic) bool {
	at := d.Range.String()
	return slices.ContainsFunc(h.traces, func(rules []trace) bool {
		return slices.ContainsFunc(rules, func(x trace) bool { return slices.Contains(x.missed, at) })
	})
}

// unused looks for the name in the conditions of rules, and in lets that they may use.
func (h *holder) unused(d diag.Diagnostic) error {
	words := strings.Fields(d.Summary) // no rule reads the list `x`
	kind, name := words[4], strings.Trim(strings.Join(words[5:], " "), "`")
	pattern := `\b` + regexp.QuoteMeta(name) + `\b`
	if kind == "list" || kind == "param" {
		pattern = kind + `\s*\.\s*` + "`?" + regexp.QuoteMeta(name) + `\b`
	}
	found := regexp.MustCompile(pattern)
	p := h.checked.Policy
	var texts []*policy.Text
	for _, r := range p.Rules {
		texts = append(texts, r.When, r.Unless)
		if r.Rollout != nil {
			texts = append(texts, r.Rollout.By)
		}
	}
	for i := 0; i < len(texts); i++ { // lets are added as they are met
		if texts[i] == nil {
			continue
		}
		if text := withoutText(texts[i].Value); found.MatchString(text) {
			return fmt.Errorf("it is in %q", text)
		}
		for _, l := range p.Lets {
			if !slices.Contains(texts, l.CEL) && strings.Contains(texts[i].Value, l.Name) {
				texts = append(texts, l.CEL)
			}
		}
	}
	return nil
}

var literals = regexp.MustCompile(`'[^'\n]*'|"[^"\n]*"|//[^\n]*|\.\s*\w+`)

// withoutText is a condition without the text in it, comments, and names that follow a dot, unless those are of a list or param.
func withoutText(cel string) string {
	return literals.ReplaceAllStringFunc(cel, func(s string) string {
		if strings.HasPrefix(s, ".") {
			return s
		}
		return " "
	})
}
