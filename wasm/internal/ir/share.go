package ir

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/rungpolicy/rung/policy"
)

// Bounds of what is worth sharing, in nodes: calls are not free, and larger ones are not looked at more than once.
const (
	leastShared = 6
	mostShared  = 2000
)

// Common counts the sub-conditions that stand in several places, by [Key]: what a let was, mostly.
type Common map[string]int

// Count counts the sub-conditions of a condition.
func (s Common) Count(n *Node) {
	if key, ok := Key(n); ok {
		s[key]++
		if s[key] > 1 {
			return // its parts are counted where it first stood
		}
	}
	for _, a := range n.Args {
		s.Count(a)
	}
}

// Key is the same for conditions that are. It is false for what cannot be shared or is not worth it: what is no condition, reads a variable bound outside, or is small.
func Key(n *Node) (string, bool) {
	if n.Type.Kind != policy.KindBool || n.Op == Local || n.Op == Const {
		return "", false
	}
	size := weigh(n, mostShared)
	if size < leastShared || size >= mostShared {
		return "", false
	}
	k := &keyer{numbers: map[int]int{}}
	k.write(n)
	return k.b.String(), !k.free
}

// weigh counts nodes up to most.
func weigh(n *Node, most int) int {
	size := 1
	if n.Op == Shared {
		return size
	}
	for _, a := range n.Args {
		if size >= most {
			break
		}
		size += weigh(a, most-size)
	}
	return size
}

// keyer writes a tree with its variables numbered by where they are bound.
type keyer struct {
	b       strings.Builder
	numbers map[int]int
	free    bool
}

func (k *keyer) write(n *Node) {
	k.b.WriteString(n.Op.String())
	k.b.WriteByte(' ')
	k.b.WriteString(strconv.Itoa(n.Place))
	k.b.WriteByte(' ')
	k.b.WriteString(n.Type.String())
	if n.Op == Const || n.Op == InTable || n.Op == InRange {
		k.constant(n.Value)
	} else {
		plain := *n
		plain.Vars = nil
		plain.immediates(&k.b)
	}
	if n.Slot != nil { // a path may have several slots: whether there is an object, and in each action that declares it otherwise
		k.b.WriteString(" #" + strconv.Itoa(n.Slot.Bit))
	}
	k.b.Write(n.Data)
	k.b.WriteString(strconv.Itoa(n.N))
	for _, v := range n.Vars {
		number, bound := k.numbers[v]
		if n.Op != Local {
			number = len(k.numbers)
			k.numbers[v] = number
		} else if !bound {
			k.free = true
		}
		k.b.WriteString(" $" + strconv.Itoa(number))
	}
	for _, f := range n.Flags {
		k.b.WriteString(strconv.FormatBool(f))
	}
	k.b.WriteByte('(')
	if n.Op != Shared {
		for _, a := range n.Args {
			k.write(a)
			k.b.WriteByte(',')
		}
	}
	for _, c := range n.Cases {
		k.b.WriteString(c.text())
	}
	k.b.WriteByte(')')
}

// CasesText is the same for dispatches that do the same.
func (n *Node) CasesText() string {
	var b strings.Builder
	for _, a := range n.Args {
		b.WriteString(a.Type.String() + ",")
	}
	b.WriteString(n.Type.String())
	for _, c := range n.Cases {
		b.WriteString(c.text())
	}
	return b.String()
}

func (c *Case) text() string {
	k := &keyer{numbers: map[int]int{}}
	for i, v := range c.Vars {
		k.numbers[v] = i
	}
	fmt.Fprintf(&k.b, " case %x", c.Tags)
	k.write(c.Body)
	return k.b.String()
}

// constant writes a value; of a long list, where it is: that of a list of the policy is the same wherever it is used.
func (k *keyer) constant(v policy.Value) {
	if values, ok := v.([]policy.Value); ok && len(values) > leastShared {
		fmt.Fprintf(&k.b, "%p", values)
		return
	}
	fmt.Fprintf(&k.b, "%#v", v)
}
