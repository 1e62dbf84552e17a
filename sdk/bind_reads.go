package rung

import (
	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
)

// reads is what deciding can look at of an object: all of it if nil, else of the attributes in the map, by slot. That the
// object is there is always looked at.
type reads map[int]*slotReads

// slotReads is what is read of one attribute: all, or some of an object.
type slotReads struct {
	all  bool
	some reads
}

// of is what is read of an attribute, and whether it is read at all.
func (r reads) of(slot int) (reads, bool) {
	if r == nil {
		return nil, true
	}
	s, ok := r[slot]
	if !ok || s.all {
		return nil, ok
	}
	return s.some, true
}

// add notes that the attribute at the end of a path of slots is read: all of it, or only whether it is there.
func (r reads) add(all bool, path ...int) {
	s := r[path[0]]
	if s == nil {
		s = &slotReads{some: reads{}}
		r[path[0]] = s
	}
	if len(path) > 1 {
		s.some.add(all, path[1:]...)
	} else if all {
		s.all = true
	}
}

// actionReads is, for each action, what of a request its decisions can look at: the evidence, and what conditions read. At
// the top, the slot of a signal is its index, and that of the resource comes after all signals.
func actionReads(p *policy.Policy, c *expr.Conditions) map[*policy.Action]reads {
	out := make(map[*policy.Action]reads, len(p.Actions))
	for _, a := range p.Actions {
		out[a] = evidenceReads(p)
	}
	paths := make([][]readPath, len(c.All))
	for i, condition := range c.All {
		paths[i] = conditionReads(p, condition.Root)
	}
	for _, uses := range []map[expr.Use]int{c.When, c.By} {
		for use, i := range uses {
			if i < 0 || use.Rule.Mode == policy.Off {
				continue
			}
			for _, path := range paths[i] {
				out[use.Action].add(path.all, path.slots...)
			}
		}
	}
	return out
}

// evidenceReads are what a decision looks at by itself.
func evidenceReads(p *policy.Policy) reads {
	r := reads{}
	session, subject := p.SignalIndex("session"), p.SignalIndex("subject")
	for _, a := range policy.EvidenceAttrs() {
		r.add(true, session, p.Signals[session].Type.Slot(a.Name))
	}
	for _, a := range policy.SubjectAttrs() {
		r.add(true, subject, p.Signals[subject].Type.Slot(a.Name))
	}
	return r
}

// readPath is an attribute that a condition reads; without all, it only looks whether it is there.
type readPath struct {
	slots []int
	all   bool
}

func conditionReads(p *policy.Policy, root expr.Expr) []readPath {
	var out []readPath
	expr.Walk(root, func(e expr.Expr) bool {
		slots, _ := selects(p, e)
		if slots == nil {
			return true
		}
		_, has := e.(*expr.Has)
		out = append(out, readPath{slots: slots, all: !has})
		return false
	})
	return out
}

// selects is the path of a chain of selects that starts at a signal, as far as it leads through declared attributes; open
// says that it may go on. The path is nil if e is no such chain.
func selects(p *policy.Policy, e expr.Expr) (path []int, open bool) {
	step := func(of expr.Expr, slot int) ([]int, bool) {
		path, open := selects(p, of)
		if path == nil || !open || slot < 0 {
			return path, false // what is behind a key is a part of a whole map, or of something dynamic
		}
		return append(path, slot), true
	}
	switch e := e.(type) {
	case *expr.Signal:
		switch {
		case e.Index >= 0:
			return []int{e.Index}, true
		case e.Index == expr.Resource:
			return []int{len(p.Signals)}, true
		}
	case *expr.Select:
		return step(e.Of, e.Slot)
	case *expr.Has:
		if e.Name == "" {
			return selects(p, e.Of)
		}
		return step(e.Of, e.Slot)
	}
	return nil, false
}
