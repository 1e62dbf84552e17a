package ir

import (
	"fmt"
	"strings"
)

// String prints the tree, a node a line, operands below and indented: for tests, and for people who look for a mistake.
func (n *Node) String() string {
	var b strings.Builder
	n.print(&b, 0)
	return b.String()
}

func (n *Node) print(b *strings.Builder, depth int) {
	b.WriteString(strings.Repeat("  ", depth))
	b.WriteString(n.Op.String())
	n.immediates(b)
	fmt.Fprintf(b, ": %s", n.Type)
	if n.Fails {
		b.WriteString(" !")
	}
	if n.Pends {
		b.WriteString(" ?")
	}
	b.WriteByte('\n')
	for _, a := range n.Args {
		a.print(b, depth+1)
	}
	for _, c := range n.Cases {
		fmt.Fprintf(b, "%scase %x $%d\n", strings.Repeat("  ", depth+1), c.Tags, c.Vars)
		c.Body.print(b, depth+2)
	}
}

func (n *Node) immediates(b *strings.Builder) {
	switch n.Op {
	case Const, InRange:
		fmt.Fprintf(b, " %v", n.Value)
	case Read, SlotHas, SlotOpt:
		fmt.Fprintf(b, " %s@%d", n.Slot.Path, n.Slot.Offset)
	case Field, FieldHas, FieldOpt:
		b.WriteString(" ." + n.Attr.Name)
	case Convert, Getter, InTable, Math, ListFn, Word, Unbox, IsKind:
		fmt.Fprintf(b, " %d", n.N)
	case Format:
		fmt.Fprintf(b, " %+v", n.Pieces)
	case Call, Dispatch:
		b.WriteString(" " + n.Func)
	case DynSelect, DynHas:
		fmt.Fprintf(b, " %q %d", n.Names, n.N)
	}
	for _, v := range n.Vars {
		fmt.Fprintf(b, " $%d", v)
	}
}
