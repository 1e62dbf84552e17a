package binary

import (
	"fmt"
	"slices"
)

// ObjectCode makes a body out of one of an object file: the locals as declared, the code with its padded numbers, and a relocation for every
// one of them. It refuses code that is not of the profile, and relocations that do not stand where a number of their kind does.
func ObjectCode(params int, locals []Locals, code []byte, relocs []Reloc) (*Code, error) {
	c := NewCode(params)
	for _, run := range locals {
		c.locals = append(c.locals, slices.Repeat([]ValType{run.Type}, int(run.Count))...)
	}
	next := 0
	for in, err := range instrs(code, true) {
		if err != nil {
			return nil, err
		}
		info, _ := in.Op.Info()
		end := in.At + in.Size
		if next < len(relocs) && relocs[next].At < end {
			if r := relocs[next]; r.At < in.At || r.At+r.Width != end || r.Kind.imm() != info.Imm {
				return nil, fmt.Errorf("the relocation of %s at byte %#x is not one of %v", r.Name, r.At, in.Op)
			}
			next++
		} else if info.Imm == ImmFunc || info.Imm == ImmGlobal {
			return nil, fmt.Errorf("%v at byte %#x has no relocation", in.Op, in.At)
		}
	}
	if next < len(relocs) {
		return nil, fmt.Errorf("the relocation of %s at byte %#x is past the code", relocs[next].Name, relocs[next].At)
	}
	c.code = code[:len(code)-1] // Func writes the last end.
	c.relocs = relocs
	return c, nil
}

// imm is the kind of immediate that a relocation stands in.
func (k RelocKind) imm() Imm {
	switch k {
	case RelocFunc:
		return ImmFunc
	case RelocGlobal:
		return ImmGlobal
	case RelocType:
		return ImmBlock
	case RelocOffset:
		return ImmMem
	case RelocI32:
		return ImmI32
	case RelocI64:
		return ImmI64
	}
	return ImmNone
}
