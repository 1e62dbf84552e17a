package binary

// Label is where a branch goes: to the end of a block or an if, or to the start of a loop. It is valid until the block's End. The
// zero Label is the function itself: a branch there returns.
type Label int

// Block begins a block that leaves such results. A branch to its label leaves it with them.
func (c *Code) Block(results ...ValType) Label { return c.open(OpBlock, FuncType{Results: results}) }

// Loop begins a loop that leaves such results when it falls through its end. A branch to its label goes around again.
func (c *Code) Loop(results ...ValType) Label { return c.open(OpLoop, FuncType{Results: results}) }

// If takes an i32 from the stack and begins what is done unless it is zero.
func (c *Code) If(results ...ValType) Label { return c.open(OpIf, FuncType{Results: results}) }

// BlockOf begins a block, a loop or an if that takes its parameters from the stack.
func (c *Code) BlockOf(op Op, t FuncType) Label { return c.open(op, t) }

// emptyBlock is the type of a block that takes and leaves nothing.
const emptyBlock = 0x40

func (c *Code) open(op Op, t FuncType) Label {
	if info, _ := op.Info(); info.Imm != ImmBlock {
		panic(op.String() + " begins no block")
	}
	c.begin(op)
	switch {
	case len(t.Params) == 0 && len(t.Results) == 0:
		c.code = append(c.code, emptyBlock)
	case len(t.Params) == 0 && len(t.Results) == 1:
		c.code = append(c.code, byte(t.Results[0]))
	default:
		c.reloc(Reloc{Kind: RelocType, Type: t})
	}
	c.depth++
	return c.depth
}

// Else begins what is done if the If's number was zero.
func (c *Code) Else() { c.begin(OpElse) }

// End ends the innermost block. An Else right before it, with nothing in between, is left out. The function's own end is not written: Func does.
func (c *Code) End() {
	if c.depth == 0 {
		panic("an end without a block")
	}
	c.depth--
	if Op(c.code[c.last]) == OpElse {
		c.code = c.code[:c.last]
	}
	c.begin(OpEnd)
}

// Br branches.
func (c *Code) Br(to Label) { c.index(OpBr, c.out(to)) }

// BrIf takes an i32 from the stack and branches unless it is zero.
func (c *Code) BrIf(to Label) { c.index(OpBrIf, c.out(to)) }

// BrTable takes an i32 from the stack and branches to the label with that number, or to otherwise.
func (c *Code) BrTable(to []Label, otherwise Label) {
	c.begin(OpBrTable)
	c.code = AppendU32(c.code, uint32(len(to)))
	for _, l := range to {
		c.code = AppendU32(c.code, c.out(l))
	}
	c.code = AppendU32(c.code, c.out(otherwise))
}

// out says how many blocks out a label is.
func (c *Code) out(to Label) uint32 {
	if to < 0 || to > c.depth {
		panic("a branch to a block that has ended")
	}
	return uint32(c.depth - to)
}
