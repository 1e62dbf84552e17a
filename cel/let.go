package cel

import (
	"slices"
	"strings"

	"cel.dev/cel-go/common/decls"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/policy"
)

// let is a policy's let, read.
type let struct {
	*policy.Let
	body *node // nil if it does not parse
	uses []use // of other lets, in the order written
	// failed says that it is of no use: an error of its own is reported, and conditions that use it are not blamed.
	failed bool
	// size and height are of its body with lets put in.
	size, height int
	typeSize     int
	reads        *reads // nil until it is read
	// waits counts the uses that are not measured yet.
	waits int
	users []*let
	// wanted: another let or a rule uses it.
	wanted bool
}

// use is a place where a text names a let.
type use struct {
	let *let
	at  *node
}

// letUses returns where a parsed text names lets.
func (e *Env) letUses(n *node) []use {
	var all []use
	n.walk(func(k *node) {
		if k.kind == nodeIdent {
			if l := e.lets[k.name]; l != nil {
				all = append(all, use{l, k})
			}
		}
	})
	return all
}

// walk calls f for a node and all below it, parents first.
func (n *node) walk(f func(*node)) {
	f(n)
	for _, k := range n.kids {
		k.walk(f)
	}
}

// readLets parses the lets, finds the cycles among them, and checks each once by itself, where a let that it uses is a
// variable of the type that this one was found to have: so the time is that of their texts, however they use each other.
func (c *policyChecker) readLets() {
	var all []*let
	for _, l := range c.policy.Lets {
		c.checkLetName(l)
		x := c.env.lets[l.Name]
		if x == nil || x.Let != l {
			continue // a second let of one name is reported where names are
		}
		if x.body = c.parse(l.CEL); x.body == nil {
			x.failed = true
			continue
		}
		x.uses = c.env.letUses(x.body)
		all = append(all, x)
	}
	for _, l := range c.inOrder(all) {
		c.readLet(l)
	}
	for _, l := range all {
		if l.waits > 0 {
			l.failed = true
		}
	}
	c.reportCycles(all)
}

// inOrder returns the lets so that each comes after those that it uses; those on cycles, or that need one that is, are
// left out, with waits > 0. It does not recurse: a chain of lets may be as long as a file.
func (c *policyChecker) inOrder(all []*let) []*let {
	var ready, order []*let
	for _, l := range all {
		for _, u := range l.uses {
			u.let.wanted = true
			if u.let.body != nil {
				l.waits++
				u.let.users = append(u.let.users, l)
			}
		}
		if l.waits == 0 {
			ready = append(ready, l)
		}
	}
	for len(ready) > 0 {
		l := ready[0]
		ready = ready[1:]
		order = append(order, l)
		for _, u := range l.users {
			if u.waits--; u.waits == 0 {
				ready = append(ready, u)
			}
		}
	}
	return order
}

// readLet measures and checks a let whose uses are read.
func (c *policyChecker) readLet(l *let) {
	for _, u := range l.uses {
		if u.let.failed {
			l.failed = true
			return
		}
	}
	l.size, l.height = c.env.measure(l.body)
	if d, ok := c.tooLarge(l.CEL, l.size, l.height); ok {
		c.diags.Add(d)
		l.failed = true
		return
	}
	l.reads = c.readsOf(l.body)
	typ, typeSize, diags := c.env.checkLet(l.body, &c.work)
	l.typeSize = typeSize
	if c.diags.Add(diags...); typ == nil {
		l.failed = true
		if !diags.HasErrors() {
			c.exhausted(l.CEL)
		}
		return
	}
	_ = c.env.checker.AddIdents(decls.NewVariable(letVariable(l.Name), typ))
}

// letVariable is the variable that stands for a let where another is checked by itself.
func letVariable(name string) string { return letPrefix + name }

const letPrefix = "@let."

// trimLet is the name of the let that a variable stands for; "" if it is none.
func trimLet(name string) string {
	let, ok := strings.CutPrefix(name, letPrefix)
	if !ok {
		return ""
	}
	return let
}

// measure returns the size and height of a text with lets put in.
func (e *Env) measure(n *node) (size, height int) {
	const most = 1 << 30
	if n.kind == nodeIdent {
		if l := e.lets[n.name]; l != nil && l.size > 0 {
			return l.size, l.height
		}
		return 1, 1
	}
	size, height = 1, 1
	for _, k := range n.kids {
		s, h := e.measure(k)
		size = min(size+s, most)
		height = max(height, h+1)
	}
	return size, height
}

func (c *policyChecker) tooLarge(t *policy.Text, size, height int) (diag.Diagnostic, bool) {
	switch {
	case size > policy.MaxConditionNodes:
		return diagnostic(t, 0, len(t.Value), "cel-limit", "with the lets put in, the condition has more than 10,000 nodes", "", ""), true
	case height > maxDepth:
		return diagnostic(t, 0, len(t.Value), "cel-limit", "with the lets put in, the condition is nested deeper than 250", "", ""), true
	}
	return diag.Diagnostic{}, false
}

// reportCycles reports each cycle once, at the let of it whose name comes first.
func (c *policyChecker) reportCycles(all []*let) {
	seen := make(map[*let]int) // the round in which it was met
	for round, l := range all {
		for l.waits > 0 && seen[l] == 0 {
			seen[l] = round + 1
			l = l.waitsFor().let
		}
		if l.waits > 0 && seen[l] == round+1 {
			c.reportCycle(l)
		}
	}
}

// waitsFor is the first use of a let that is itself on a cycle or needs one that is.
func (l *let) waitsFor() use {
	for _, u := range l.uses {
		if u.let.waits > 0 {
			return u
		}
	}
	panic("cel: a let waits for nothing")
}

func (c *policyChecker) reportCycle(l *let) {
	members := []*let{l}
	for m := l.waitsFor().let; m != l; m = m.waitsFor().let {
		members = append(members, m)
	}
	first := 0
	for i, m := range members {
		if m.Name < members[first].Name {
			first = i
		}
	}
	members = slices.Concat(members[first:], members[:first])
	names := make([]string, 0, len(members)+1)
	var related []diag.Related
	for _, m := range members {
		u := m.waitsFor()
		names = append(names, "`"+m.Name+"`")
		related = append(related, diag.Related{
			Message: "`" + m.Name + "` uses `" + u.let.Name + "`",
			Range:   m.CEL.Place(u.at.start, u.at.end).Range(),
		})
	}
	const most = 12
	if len(names) > most {
		names, related = append(names[:most-1], "…"), related[:most]
	}
	u := members[0].waitsFor()
	d := diagnostic(members[0].CEL, u.at.start, u.at.end, "let-cycle",
		"let `"+members[0].Name+"` uses itself: "+strings.Join(append(names, "`"+members[0].Name+"`"), " → "), "", "")
	if len(members) > 1 {
		d.Related = related
	}
	c.diags.Add(d)
}

// checkLetName reports a let that is called like something else.
func (c *policyChecker) checkLetName(l *policy.Let) {
	if why := c.env.taken(l.Name); why != "" {
		c.diags.Add(diag.Diagnostic{
			Code: "reserved", Summary: "a let may not be called `" + l.Name + "`: " + why, Range: l.Range,
		})
	}
}
