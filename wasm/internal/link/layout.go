package link

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	wasm "github.com/rungpolicy/rung/wasm/internal/binary"
)

// stackAlign is what the stack and free memory begin at a multiple of: C's largest alignment.
const stackAlign = 16

// layout gives the data that are reached their addresses, and the stack its.
func (p *program) layout() error {
	next := uint64(p.in.Base)
	if p.stack.reached {
		next = align(next+uint64(p.in.Stack), stackAlign)
		p.places.Stack = p.in.Stack
		p.stack.Init = next
	}
	p.merge()
	for _, d := range p.inOrder() {
		if d.Align&(d.Align-1) != 0 {
			return fmt.Errorf("data %s: an alignment of %d, which is not a power of two", d.Name, d.Align)
		}
		next = align(next, uint64(max(d.Align, 1)))
		d.addr = uint32(next)
		if next += uint64(len(d.Bytes)); next > math.MaxUint32 {
			return fmt.Errorf("more data than can be addressed")
		}
	}
	p.heap.addr = uint32(align(next, stackAlign))
	p.places.HeapBase = p.heap.addr
	return nil
}

func align(n, to uint64) uint64 { return (n + to - 1) / to * to }

// inOrder are the data that have bytes of their own, as they will stand: those that begin as zeros last, since a module does not hold
// them, and otherwise those of larger alignments first, which leaves no gaps.
func (p *program) inOrder() []*datum {
	var order []*datum
	for _, d := range p.data {
		if d.reached && d.same == nil {
			order = append(order, d)
		}
	}
	slices.SortStableFunc(order, func(a, b *datum) int {
		return cmp.Or(cmp.Compare(zero(a), zero(b)), -cmp.Compare(a.Align, b.Align))
	})
	return order
}

// zero is 1 for data that are all zeros.
func zero(d *datum) int {
	if len(d.Relocs) > 0 || bytes.ContainsFunc(d.Bytes, func(r rune) bool { return r != 0 }) {
		return 0
	}
	return 1
}

// merge makes equal data that nothing writes to one.
func (p *program) merge() {
	first := map[string]*datum{}
	for _, d := range p.data {
		if !d.reached || !d.ReadOnly || len(d.Relocs) > 0 {
			continue
		}
		if one := first[string(d.Bytes)]; one != nil {
			d.same = one
			one.Align = max(one.Align, d.Align)
			continue
		}
		first[string(d.Bytes)] = d
	}
}

// makeMemory counts the pages.
func (p *program) makeMemory() error {
	m := p.in.Memory
	begin := uint64(p.heap.addr) + uint64(m.Reserve)
	limit := max(begin, uint64(p.heap.addr)+uint64(m.Limit))
	pages := func(bytes uint64) uint32 { return uint32(align(bytes, wasm.PageSize) / wasm.PageSize) }
	if limit > wasm.MaxPages*wasm.PageSize {
		return fmt.Errorf("more memory than can be addressed")
	}
	if limit > 0 || m.Export != "" {
		p.module.Memory = &wasm.Memory{Min: pages(begin), Max: pages(limit)}
	}
	return nil
}

// makeData writes the data that are not zeros. What is between them is zeros, and left out where that is shorter.
func (p *program) makeData() error {
	order := p.inOrder()
	var image []byte
	var base uint32
	for i, d := range order {
		p.places.Data = append(p.places.Data, d.place())
		if zero(d) == 1 {
			continue
		}
		if i == 0 {
			base = d.addr
		}
		image = append(image, make([]byte, int(d.addr-base)-len(image))...)
		image = append(image, d.Bytes...)
		if err := p.addresses(d, image[d.addr-base:]); err != nil {
			return fmt.Errorf("data %s: %w", d.Name, err)
		}
	}
	p.module.Data = split(base, image)
	return nil
}

// addresses writes those that the data hold.
func (p *program) addresses(d *datum, to []byte) error {
	for _, a := range d.Relocs {
		n, err := p.address(d.of, a.Name, int64(a.Addend), wasm.RelocI32)
		if err != nil {
			return err
		}
		if a.At < 0 || a.At+4 > len(d.Bytes) {
			return fmt.Errorf("the address of %s at %d is not inside of it", a.Name, a.At)
		}
		binary.LittleEndian.PutUint32(to[a.At:], uint32(n))
	}
	return nil
}

// split makes segments of an image of the memory, without runs of zeros that are longer than what a further segment costs.
func split(base uint32, image []byte) []wasm.Data {
	const cost = 8 // a flag, the address as an expression, the size
	var out []wasm.Data
	for at := 0; at < len(image); {
		if image[at] == 0 {
			at++
			continue
		}
		end, zeros := at, 0
		for i := at; i < len(image) && zeros <= cost; i++ {
			if zeros++; image[i] != 0 {
				end, zeros = i+1, 0
			}
		}
		out = append(out, wasm.Data{Offset: base + uint32(at), Bytes: image[at:end:end]})
		at = end
	}
	return out
}
