package table

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/rungpolicy/rung/internal/zone"
)

// Zone returns the constant data of a zone as the guest's getters read them: struct zone in the guest's time.c, to be aligned to 4. The
// zone is an IANA name, or an offset as conditions write it. UTC, and the empty name, have none: the guest's address for them is 0.
//
// The data and Go's time.Location agree about all of the years 1 to 9999.
func Zone(name string) ([]byte, error) {
	switch {
	case name == "" || name == "UTC":
		return nil, nil
	case strings.Contains(name, ":"):
		seconds, err := zone.Offset(name)
		if err != nil {
			return nil, err
		}
		return (&zoneData{before: int32(seconds)}).encode()
	}
	loc, err := zone.Load(name)
	if err != nil {
		return nil, err
	}
	tz, _ := zone.Data(name)
	d, footer, err := readTZif([]byte(tz))
	if err != nil {
		return nil, fmt.Errorf("zone %s: %w", name, err)
	}
	first := time.Unix(minTransition, 0)
	if len(d.at) > 0 {
		first = time.Unix(d.at[0]-1, 0)
	}
	_, before := first.In(loc).Zone()
	d.before = int32(before)
	if err := d.extend(footer); err != nil {
		return nil, fmt.Errorf("zone %s: %w", name, err)
	}
	return d.encode()
}

// Transitions of 33 bits: what TZif files have.
const (
	minTransition = -1 << 32
	maxTransition = 1<<32 - 1
)

// zoneData is a zone as the guest has it.
type zoneData struct {
	before int32   // the offset before the first transition
	at     []int64 // transitions, seconds since 1970
	after  []int32 // offsets from each on
	rule   *zoneRule
}

// zoneRule is what holds after the last transition.
type zoneRule struct {
	standard, daylight int32
	start, end         zoneChange
}

// zoneChange is the day and the time of a change, in the time that it ends.
type zoneChange struct {
	month, week, weekday int
	seconds              int32
}

var errTZif = errors.New("its data are not as RFC 9636 has them")

// readTZif returns the transitions of TZif data, and the footer.
func readTZif(b []byte) (*zoneData, string, error) {
	block, err := readTZifBlock(b, 4)
	if err != nil {
		return nil, "", err
	}
	if b[4] < '2' {
		return nil, "", errTZif
	}
	b = b[block.size:]
	if block, err = readTZifBlock(b, 8); err != nil {
		return nil, "", err
	}
	footer := string(b[block.size:])
	if len(footer) < 2 || footer[0] != '\n' || footer[len(footer)-1] != '\n' {
		return nil, "", errTZif
	}
	d := &zoneData{}
	for i := range block.transitions {
		at := int64(binary.BigEndian.Uint64(block.times[8*i:]))
		kind := int(block.index[i])
		if kind >= block.kinds || at < minTransition || at > maxTransition {
			return nil, "", errTZif
		}
		d.at = append(d.at, at)
		d.after = append(d.after, int32(binary.BigEndian.Uint32(block.offsets[6*kind:])))
	}
	return d, footer[1 : len(footer)-1], nil
}

// tzifBlock is one of the two parts of TZif data, the second of which has times of 8 bytes.
type tzifBlock struct {
	transitions, kinds    int
	times, index, offsets []byte
	size                  int
}

func readTZifBlock(b []byte, timeSize int) (*tzifBlock, error) {
	const headerSize = 44
	if len(b) < headerSize || string(b[:4]) != "TZif" {
		return nil, errTZif
	}
	count := func(i int) int { return int(binary.BigEndian.Uint32(b[20+4*i:]) & 0xffffff) }
	ut, std, leaps, transitions, kinds, chars := count(0), count(1), count(2), count(3), count(4), count(5)
	block := &tzifBlock{transitions: transitions, kinds: kinds}
	at := headerSize
	take := func(n int) []byte {
		from := at
		at += n
		return b[min(from, len(b)):min(at, len(b))]
	}
	block.times, block.index, block.offsets = take(transitions*timeSize), take(transitions), take(6*kinds)
	take(chars + leaps*(timeSize+4) + std + ut)
	block.size = at
	if at > len(b) {
		return nil, errTZif
	}
	return block, nil
}

// extend takes the rule of a footer over: a POSIX TZ string with the extensions of RFC 9636, as in "CET-1CEST,M3.5.0,M10.5.0/3".
func (d *zoneData) extend(footer string) error {
	if footer == "" {
		return nil
	}
	p := &footerReader{rest: footer}
	p.name()
	standard := -p.offset()
	if p.rest == "" && p.err == nil {
		d.settle(standard)
		return nil
	}
	rule := &zoneRule{standard: standard, daylight: standard + 3600}
	p.name()
	if p.err == nil && !strings.HasPrefix(p.rest, ",") {
		rule.daylight = -p.offset()
	}
	rule.start, rule.end = p.change(), p.change()
	if p.rest != "" {
		p.fail()
	}
	d.rule = rule
	return p.err
}

// settle makes an offset hold after the last transition.
func (d *zoneData) settle(offset int32) {
	if n := len(d.after); n > 0 {
		d.after[n-1] = offset
	} else {
		d.before = offset
	}
}

// footerReader reads a footer from its start. After an error it reads nothing.
type footerReader struct {
	rest string
	err  error
}

func (p *footerReader) fail() {
	p.err = fmt.Errorf("its rule ends in %q, which is not understood", p.rest)
}

func (p *footerReader) skip(prefix string) bool {
	rest, ok := strings.CutPrefix(p.rest, prefix)
	p.rest = rest
	return ok
}

func (p *footerReader) name() {
	if p.skip("<") {
		_, rest, ok := strings.Cut(p.rest, ">")
		if !ok {
			p.fail()
		}
		p.rest = rest
		return
	}
	n := strings.IndexAny(p.rest, "0123456789+-,")
	if n < 0 {
		n = len(p.rest)
	}
	p.rest = p.rest[n:]
}

func (p *footerReader) number() int {
	n := 0
	for n < len(p.rest) && '0' <= p.rest[n] && p.rest[n] <= '9' {
		n++
	}
	v, err := strconv.Atoi(p.rest[:n])
	if err != nil || v > 167 {
		p.fail()
		return 0
	}
	p.rest = p.rest[n:]
	return v
}

// offset is a time in seconds, written [+-]h[:mm[:ss]].
func (p *footerReader) offset() int32 {
	minus := p.skip("-")
	if !minus {
		p.skip("+")
	}
	seconds := p.number() * 3600
	for _, unit := range []int{60, 1} {
		if p.skip(":") {
			seconds += p.number() * unit
		}
	}
	if minus {
		seconds = -seconds
	}
	return int32(seconds)
}

// change is a rule's day and time, ",M3.5.0/2". No zone has one of the other forms.
func (p *footerReader) change() zoneChange {
	if !p.skip(",M") {
		p.fail()
		return zoneChange{}
	}
	c := zoneChange{seconds: 2 * 3600}
	c.month = p.number()
	p.skip(".")
	c.week = p.number()
	p.skip(".")
	c.weekday = p.number()
	if c.month < 1 || c.month > 12 || c.week < 1 || c.week > 5 || c.weekday > 6 {
		p.fail()
	}
	if p.skip("/") {
		c.seconds = p.offset()
	}
	return c
}

// encode writes struct zone.
func (d *zoneData) encode() ([]byte, error) {
	var offsets []int32
	index := make([]byte, len(d.at))
	early := 0
	for i, offset := range d.after {
		k := 0
		for k < len(offsets) && offsets[k] != offset {
			k++
		}
		if k == len(offsets) {
			offsets = append(offsets, offset)
		}
		if k > 255 || len(d.at) > 65535 {
			return nil, errTZif
		}
		index[i] = byte(k)
		if d.at[i] < 0 {
			early = i + 1
		}
	}
	le := binary.LittleEndian
	out := le.AppendUint32(nil, uint32(d.before))
	out = le.AppendUint16(out, uint16(len(d.at)))
	out = le.AppendUint16(out, uint16(early))
	out = le.AppendUint16(out, uint16(len(offsets)))
	rules := uint16(0)
	if d.rule != nil {
		rules = 1
	}
	out = le.AppendUint16(out, rules)
	for _, at := range d.at {
		out = le.AppendUint32(out, uint32(at))
	}
	for _, offset := range offsets {
		out = le.AppendUint32(out, uint32(offset))
	}
	if d.rule != nil {
		out = le.AppendUint32(out, uint32(d.rule.standard))
		out = le.AppendUint32(out, uint32(d.rule.daylight))
		out = d.rule.start.append(out)
		out = d.rule.end.append(out)
	}
	return append(out, index...), nil
}

func (c zoneChange) append(out []byte) []byte {
	out = binary.LittleEndian.AppendUint32(out, uint32(c.month)<<16|uint32(c.week)<<8|uint32(c.weekday))
	return binary.LittleEndian.AppendUint32(out, uint32(c.seconds))
}
