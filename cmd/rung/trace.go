package main

import (
	"regexp"
	"slices"
	"strings"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/codec"
)

// traceNode is a sub-expression with those that it was computed from.
type traceNode struct {
	policy.NodeTrace
	parts []*traceNode
}

// trace writes how every rule came out, each with the tree of its sub-expressions.
func (t *text) trace(rules []policy.RuleTrace, p *policy.Policy) {
	t.out.WriteString("  " + t.paint(dim, "trace") + "\n")
	for _, r := range rules {
		t.out.WriteString("    " + t.paint(stateColor(r.State), pad(string(r.State), 8)) + " " + t.paint(bold, oneLine(r.Rule)) + "  " + t.paint(dim, oneLine(r.At)) + "\n")
		for _, n := range tree(r.Nodes, p.Lets) {
			t.node(n, "             ")
		}
	}
}

func stateColor(s policy.RuleState) string {
	switch s {
	case policy.StateApplies:
		return yellow
	case policy.StateMet:
		return green
	case policy.StateError:
		return red
	case policy.StatePending:
		return cyan
	case policy.StateFalse, policy.StateOff, policy.StatePosture, policy.StateRollout:
	}
	return dim
}

func pad(s string, n int) string { return s + strings.Repeat(" ", max(0, n-len(s))) }

// node writes a sub-expression and what it was computed from. A literal is its own value and needs no line.
func (t *text) node(n *traceNode, indent string) {
	if len(n.parts) == 0 && nodeValue(n) == oneLine(n.Text) {
		return
	}
	t.out.WriteString(indent + cut(oneLine(n.Text), 90) + t.paint(dim, " → ") + t.paint(valueColor(n), nodeValue(n)) + "\n")
	for _, part := range n.parts {
		t.node(part, indent+"  ")
	}
}

func valueColor(n *traceNode) string {
	switch {
	case n.Error != "":
		return red
	case len(n.Pending) > 0:
		return cyan
	}
	return bold
}

func nodeValue(n *traceNode) string {
	switch {
	case n.Error != "":
		return string(n.Error)
	case len(n.Pending) > 0:
		return "pending: " + strings.Join(n.Pending, ", ")
	case n.Type != nil && n.Type.Kind == policy.KindOptional && n.Value == policy.Value(policy.Null{}):
		return "none"
	}
	return cut(oneLine(string(codec.AppendValue(nil, n.Value))), 60)
}

// cut shortens what would not fit on a line.
func cut(s string, most int) string {
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return string(r[:most-1]) + "…"
}

// tree makes trees of nodes in order of evaluation, in which what a node was computed from stands right before it. A part of an
// expression is a part of its text too; a let's expression stands where the let's name does.
func tree(nodes []policy.NodeTrace, lets []*policy.Let) []*traceNode {
	var done []*traceNode
	for _, n := range nodes {
		top := &traceNode{NodeTrace: n}
		first := len(done)
		for first > 0 && isPart(done[first-1].NodeTrace, n, lets) {
			first--
		}
		top.parts = slices.Clone(done[first:])
		done = append(done[:first], top)
	}
	return done
}

func isPart(part, whole policy.NodeTrace, lets []*policy.Let) bool {
	if len(part.Text) < len(whole.Text) && strings.Contains(whole.Text, part.Text) {
		return true
	}
	return slices.ContainsFunc(lets, func(l *policy.Let) bool {
		return strings.TrimSpace(l.CEL.Value) == part.Text && mentions(whole.Text, l.Name)
	})
}

// mentions reports whether a name stands in an expression.
func mentions(text, name string) bool {
	return regexp.MustCompile(`(^|[^\w.])` + regexp.QuoteMeta(name) + `($|\W)`).MatchString(text)
}
