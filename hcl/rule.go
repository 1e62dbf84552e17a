package hcl

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rungpolicy/rung/policy"
)

// decodeRule reads a step_up or deny block: of an action, or at top level, where action is nil.
func (d *decoder) decodeRule(b *body, action *policy.Action) {
	r := &policy.Rule{ID: b.name, Name: b.name, Effect: policy.StepUp, Range: b.header.Range()}
	if b.kind.Type == "deny" {
		r.Effect = policy.Deny
	}
	if strings.Contains(b.name, "/") {
		d.errorf(b.label, codeName, "a rule's name holds no `/`", "a rule's id is the action's name, `/`, and its own")
	}
	d.ruleActions(b, r, action)
	fresh := d.declare(kindRule, r.ID, b.label)
	r.When, r.Unless = d.attrCEL(b, "when"), d.attrCEL(b, "unless")
	r.Reason, _ = d.attrText(b, "reason")
	d.ruleRequirement(b, r)
	d.ruleHold(b, r)
	r.Rollout = d.decodeRollout(b)
	if !fresh {
		return
	}
	if len(d.policy.Rules) == policy.MaxRules {
		d.errorf(b.header, codeLimit, "the policy has more than 65,535 rules", "")
	}
	if len(d.policy.Rules) <= policy.MaxRules {
		d.policy.Rules = append(d.policy.Rules, r)
	}
}

// ruleActions says what a rule reaches, and with it its id.
func (d *decoder) ruleActions(b *body, r *policy.Rule, action *policy.Action) {
	if action != nil {
		r.ID = action.Name + "/" + b.name
		r.Actions = []*policy.Action{action}
		if b.attr("actions") != nil {
			d.errorf(b.attrSpan("actions"), codeUnknownAttribute, "a rule in an action has no `actions`", "it reaches that action; at top level, `actions` says which")
		}
		return
	}
	if taken, ok := d.names[kindAction][b.name]; ok {
		related(d.errorf(b.label, codeConflict, "the rule `"+b.name+"` is called like an action", "that is the id of the action's baseline"), "the action", taken)
	}
	if b.attr("actions") == nil {
		d.errorf(b.header, codeMissingAttribute, "a rule at top level needs the attribute `actions`", "write `actions = [\"transfer.*\"]`, or put the rule into its action")
		return
	}
	if l, ok := d.attrLit(b, "actions"); ok {
		r.ActionsRange = l.span.Range()
		r.Actions = d.actionsOf(l)
	}
}

// ruleRequirement reads what a step_up rule requires.
func (d *decoder) ruleRequirement(b *body, r *policy.Rule) {
	if r.Effect == policy.Deny {
		return
	}
	if b.attr("level") == nil && b.attr("max_age") == nil && b.attr("methods") == nil {
		d.errorf(b.header, codeMissingAttribute, "the rule asks for nothing", "write `level`, `max_age` or `methods`")
	}
	if l, ok := d.attrLit(b, "level"); ok {
		detail := ""
		if t, ok := readTextQuietly(l); ok && t == "none" {
			detail = "`none` is for an action's baseline; a rule cannot ask for less"
		}
		r.LevelRange = l.span.Range()
		r.Level, _ = refTo(d, l, "level", d.levels, func() []string { return levelNames(d.policy) }, detail)
	} else if b.attr("level") == nil {
		r.Level = d.policy.Levels[0]
	}
	r.MaxAge = d.maxAge(b)
	methods, places := d.attrTexts(b, "methods")
	d.countMethods(methods, places)
	r.MethodRanges = rangesOf(methods, places)
	slices.Sort(methods)
	r.Methods = slices.Compact(methods)
}

// The bounds of max_age: less than 30 s could not be met, since the redirect takes that long.
const (
	minMaxAge = 30 * time.Second
	maxMaxAge = 10 * 365 * 24 * time.Hour
)

// maxAge reads a rule's max_age: a duration of whole seconds.
func (d *decoder) maxAge(b *body) policy.Seconds {
	l, ok := d.attrLit(b, "max_age")
	if !ok {
		return policy.Seconds{}
	}
	if l.kind == litNumber {
		dg := d.errorf(l.span, codeValue, "`max_age` is a duration, written as text", "such as `5m` or `300s`, in quotes")
		if v, ok := readDecimal(l.span.Text()).scaled(0); ok && v > 0 {
			dg.Suggestion = fmt.Sprintf("\"%ds\"", v)
		}
		return policy.Seconds{}
	}
	t, ok := d.text(l, false)
	if !ok {
		return policy.Seconds{}
	}
	v, err := policy.ParseDuration(t.Value)
	switch {
	case err != nil:
		d.errorf(l.span, codeValue, "`"+short(t.Value)+"` is "+err.Error(), "")
	case v < minMaxAge:
		d.errorf(l.span, codeValue, "`max_age` is less than 30 seconds", "it could not be met: the way to the identity provider and back takes that long").Suggestion = `"30s"`
	case v > maxMaxAge:
		d.errorf(l.span, codeValue, "`max_age` is more than ten years", "leave it out if any age will do")
	case v%time.Second != 0:
		d.errorf(l.span, codeValue, "`max_age` is no whole number of seconds", "")
	default:
		return policy.Seconds{Set: true, N: int64(v / time.Second)}
	}
	return policy.Seconds{}
}

// ruleHold reads when a rule holds: its posture, mode, until, and what an error does.
func (d *decoder) ruleHold(b *body, r *policy.Rule) {
	mode := d.attrWord(b, "mode", "enforce", "shadow", "off")
	switch mode {
	case "shadow":
		r.Mode = policy.Shadow
	case "off":
		r.Mode = policy.Off
	}
	if d.attrWord(b, "on_error", "apply", "skip") == "skip" {
		r.OnErrorSkip = r.Effect == policy.StepUp
		if !r.OnErrorSkip {
			d.errorf(lit{kind: litText, span: b.valueSpan("on_error")}.inner(), codeValue, "a deny rule cannot skip errors", "`on_error = \"skip\"` is for step_up rules: a deny that cannot be decided denies")
		}
	}
	if l, ok := d.attrLit(b, "posture"); ok {
		if t, ok := readTextQuietly(l); !ok || t != "normal" {
			r.Posture, _ = refTo(d, l, "posture", d.postures, func() []string { return append(postureNames(d.policy), "normal") }, "")
		}
	}
	r.Until = d.until(b)
	if r.Until != "" {
		r.UntilRange = b.valueSpan("until").Range()
	}
	if mode == "" && b.attr("mode") != nil || r.Mode == policy.Shadow || b.attr("until") == nil {
		return // on trial, or it cannot be known
	}
	d.errorf(b.attrSpan("until"), codeValue, "`until` is for rules on trial", "write `mode = \"shadow\"`, or leave it out")
	r.Until = ""
}

// until reads the last day of a rule on trial.
func (d *decoder) until(b *body) string {
	l, ok := d.attrLit(b, "until")
	if !ok {
		return ""
	}
	t, ok := d.text(l, false)
	if !ok {
		return ""
	}
	if _, err := time.Parse(time.DateOnly, t.Value); err != nil {
		d.errorf(l.span, codeValue, "`"+short(t.Value)+"` is no day", "write `2026-12-31`")
		return ""
	}
	return t.Value
}

// finishRules puts the rules in order. All blocks have been read.
func finishRules(d *decoder) {
	slices.SortFunc(d.policy.Rules, func(a, b *policy.Rule) int { return strings.Compare(a.ID, b.ID) })
}
