// Package traced writes traces for people: how every rule came out, and the tree of its sub-expressions with their values.
package traced

import (
	"regexp"
	"slices"
	"strings"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/codec"
)

// Paint colours a text, by SGR parameters; it may leave it as it is.
type Paint func(sgr, s string) string

// Plain is a Paint that leaves all as it is.
func Plain(_, s string) string { return s }

// The colours of terminals, as SGR parameters.
const (
	bold   = "1"
	dim    = "2"
	red    = "1;31"
	green  = "1;32"
	yellow = "1;33"
	cyan   = "1;36"
)

// node is a sub-expression with those that it was computed from.
type node struct {
	policy.NodeTrace
	parts []*node
}

// Write writes how rules came out, each line behind an indent, each rule with the tree of its sub-expressions. A literal is its own value and needs no line.
func Write(out *strings.Builder, rules []policy.RuleTrace, lets []*policy.Let, indent string, paint Paint) {
	w := writer{out, paint}
	for _, r := range rules {
		out.WriteString(indent + paint(stateColor(r.State), pad(string(r.State), 8)) + " " + paint(bold, oneLine(r.Rule)) + "  " + paint(dim, oneLine(r.At)) + "\n")
		for _, n := range tree(r.Nodes, lets) {
			w.node(n, indent+"         ")
		}
	}
}

type writer struct {
	out   *strings.Builder
	paint Paint
}

func (w writer) node(n *node, indent string) {
	if len(n.parts) == 0 && value(n) == oneLine(n.Text) {
		return
	}
	w.out.WriteString(indent + Cut(oneLine(n.Text), 90) + w.paint(dim, " → ") + w.paint(valueColor(n), value(n)) + "\n")
	for _, part := range n.parts {
		w.node(part, indent+"  ")
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

func valueColor(n *node) string {
	switch {
	case n.Error != "":
		return red
	case len(n.Pending) > 0:
		return cyan
	}
	return bold
}

func value(n *node) string {
	switch {
	case n.Error != "":
		return string(n.Error)
	case len(n.Pending) > 0:
		return "pending: " + strings.Join(n.Pending, ", ")
	case n.Type != nil && n.Type.Kind == policy.KindOptional && n.Value == policy.Value(policy.Null{}):
		return "none"
	}
	return Cut(oneLine(string(codec.AppendValue(nil, n.Value))), 60)
}

func oneLine(s string) string { return diag.Visible(strings.Join(strings.Fields(s), " ")) }

// Cut shortens what would not fit on a line.
func Cut(s string, most int) string {
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return string(r[:most-1]) + "…"
}

// tree makes trees of nodes in order of evaluation, in which what a node was computed from stands right before it. A part of an
// expression is a part of its text too; a let's expression stands where the let's name does.
func tree(nodes []policy.NodeTrace, lets []*policy.Let) []*node {
	var done []*node
	for _, n := range nodes {
		top := &node{NodeTrace: n}
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
	if len(part.Text) < len(whole.Text) && contains(whole.Text, part.Text) {
		return true
	}
	return slices.ContainsFunc(lets, func(l *policy.Let) bool {
		return strings.TrimSpace(l.CEL.Value) == part.Text && mentions(whole.Text, l.Name)
	})
}

// contains reports whether an expression stands in another: `score` does in `score < 0.5`, and not in `param.score_floor`.
func contains(whole, part string) bool {
	for at := 0; ; at++ {
		i := strings.Index(whole[at:], part)
		if i < 0 {
			return false
		}
		at += i
		if !joins(whole[:at], part, true) && !joins(part, whole[at+len(part):], false) {
			return true
		}
	}
}

// joins reports whether two texts, one behind the other, make one name. A dot before a name makes it a part of one.
func joins(a, b string, dot bool) bool {
	if a == "" || b == "" {
		return false
	}
	last, first := a[len(a)-1], b[0]
	return isWord(first) && (isWord(last) || dot && last == '.')
}

func isWord(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

// mentions reports whether a name stands in an expression.
func mentions(text, name string) bool {
	return regexp.MustCompile(`(^|[^\w.])` + regexp.QuoteMeta(name) + `($|\W)`).MatchString(text)
}
