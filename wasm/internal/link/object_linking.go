package link

import (
	"fmt"
	"strings"

	"github.com/rungpolicy/rung/wasm/internal/binary"
)

// The subsections of the linking section.
const (
	subSegments = 5
	subInits    = 6
	subComdats  = 7
	subSymbols  = 8
	linkingTwo  = 2 // the version of the format
)

// segmentInfo is what the object says of a data segment.
type segmentInfo struct {
	name  string
	align uint32
}

// readOnly reports whether nothing may write to the segment. C's constants are so by their sections' names.
func (s segmentInfo) readOnly() bool { return strings.HasPrefix(s.name, ".rodata") }

// linking reads the linking section: segments and symbols.
func (p *parser) linking() error {
	for _, c := range p.file.Customs {
		if c.Name != "linking" {
			continue
		}
		r := binary.NewReader(c.Bytes, c.At)
		if v := r.U32(); v != linkingTwo {
			return fmt.Errorf("version %d of the linking section, and not %d", v, linkingTwo)
		}
		for r.More() {
			p.subsection(r)
		}
		if r.Err() != nil {
			return r.Err()
		}
	}
	if len(p.info) != len(p.file.Data) {
		return fmt.Errorf("%d data segments, of which %d are described", len(p.file.Data), len(p.info))
	}
	return nil
}

func (p *parser) subsection(r *binary.Reader) {
	kind := r.Byte()
	size := r.U32()
	end := r.Pos() + int(size)
	switch kind {
	case subSegments:
		for n := r.Count(3); n > 0 && r.Err() == nil; n-- {
			p.info = append(p.info, readSegmentInfo(r))
		}
	case subSymbols:
		for n := r.Count(2); n > 0 && r.Err() == nil; n-- {
			p.symbols = append(p.symbols, p.readSymbol(r))
		}
	case subInits, subComdats:
		if n := r.Count(1); n > 0 {
			r.Fail(r.Pos(), "there are constructors, or definitions for several objects")
		}
	default:
		r.Fail(r.Pos(), "an unknown part of the linking section, %d", kind)
	}
	if r.Pos() != end {
		r.Fail(r.Pos(), "a part of the linking section has another size than it says")
	}
}

func readSegmentInfo(r *binary.Reader) segmentInfo {
	s := segmentInfo{name: r.Name()}
	power := r.U32()
	if power > 16 {
		r.Fail(r.Pos(), "an alignment of 2^%d", power)
		return s
	}
	s.align = 1 << power
	if flags := r.U32(); flags&^segmentStrings != 0 {
		r.Fail(r.Pos(), "segment %s has unknown flags, %#x", s.name, flags)
	}
	return s
}

// segmentStrings says that a segment holds strings, which a linker may merge where one is another's end.
const segmentStrings = 1
