package guest_test

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// Kinds of values whose type is known only at run time: the low four bits of a tag, as in dyn.c.
const (
	tAny = iota
	tNull
	tBool
	tInt
	tUint
	tDouble
	tString
	tBytes
	tTimestamp
	tDuration
	_
	_
	tList
	tMap
	tOptional
)

// dyn is an argument of two numbers, a tag and a value, as it lies in memory: in pieces, each with the addresses of pieces before it.
type dyn struct {
	tag    uint32
	value  uint64
	piece  uint32 // whose address is the value's low half
	pieces []piece
}

type piece struct {
	bytes []byte
	refs  []placed
}

type placed struct{ at, of uint32 }

const noPiece = math.MaxUint32

// written is the argument as testdata/native.c reads it.
func (d dyn) written() []byte {
	le := binary.LittleEndian
	b := le.AppendUint32([]byte{'d'}, d.tag)
	b = le.AppendUint32(le.AppendUint64(b, d.value), uint32(len(d.pieces)))
	for _, p := range d.pieces {
		b = append(le.AppendUint32(b, uint32(len(p.bytes))), p.bytes...)
		b = le.AppendUint32(b, uint32(len(p.refs)))
		for _, r := range p.refs {
			b = le.AppendUint32(le.AppendUint32(b, r.at), r.of)
		}
	}
	return le.AppendUint32(b, d.piece)
}

// placed puts the pieces into a module's memory and returns the value.
func (d dyn) placed(m *module) uint64 {
	var at []uint32
	for _, p := range d.pieces {
		b := slices.Clone(p.bytes)
		for _, r := range p.refs {
			binary.LittleEndian.PutUint32(b[r.at:], at[r.of])
		}
		at = append(at, m.put(string(b)))
	}
	if d.piece == noPiece {
		return d.value
	}
	return d.value&^math.MaxUint32 | uint64(at[d.piece])
}

// cells are values of any type as results show them.
func (m *module) cells(at, n uint32) string {
	var b []byte
	for ; n > 0; n, at = n-1, at+16 {
		tag, v := uint32(m.word(at)), m.word(at+8)
		text, _ := m.Memory().Read(uint32(v), uint32(v>>32))
		b = shown(b, tag, v, string(text))
	}
	return string(b)
}

func shown(b []byte, tag uint32, v uint64, text string) []byte {
	b = binary.LittleEndian.AppendUint32(b, tag)
	switch kind := tag & 15; {
	case kind == tString:
		b = append(binary.LittleEndian.AppendUint32(b, uint32(len(text))), text...)
	case kind < tList:
		b = binary.LittleEndian.AppendUint64(b, v)
	}
	return b
}

// tree is a value: what it is for cel-go, which is the oracle, and for the guest.
type tree struct {
	kind uint32
	bits uint64 // of scalars; of an optional 1, if it is there
	text string
	// list has the elements of a list, the values of a map, and what an optional holds; typed says of a list that they lie as those of a type.
	list  []tree
	keys  []tree
	typed bool
}

// val is the value in cel-go.
func (x tree) val() ref.Val {
	switch x.kind {
	case tBool:
		return types.Bool(x.bits != 0)
	case tInt:
		return types.Int(x.bits)
	case tUint:
		return types.Uint(x.bits)
	case tDouble:
		return types.Double(math.Float64frombits(x.bits))
	case tString:
		return types.String(x.text)
	case tBytes:
		return types.Bytes(x.text)
	case tTimestamp:
		return types.Timestamp{Time: time.Unix(int64(x.bits), 7).UTC()}
	case tDuration:
		return types.Duration{Duration: time.Duration(x.bits)}
	case tList:
		list := make([]ref.Val, len(x.list))
		for i, e := range x.list {
			list[i] = e.val()
		}
		return types.NewRefValList(types.DefaultTypeAdapter, list)
	case tMap:
		m := map[ref.Val]ref.Val{}
		for i, k := range x.keys {
			m[k.val()] = x.list[i].val()
		}
		return types.NewRefValMap(types.DefaultTypeAdapter, m)
	case tOptional:
		if x.bits == 0 {
			return types.OptionalNone
		}
		return types.OptionalOf(x.list[0].val())
	}
	return types.NullValue
}

// dyn is the value in memory.
func (x tree) dyn() dyn {
	var d dyn
	d.tag, d.value, d.piece = x.put(&d)
	return d
}

// add adds a piece, and returns which it is.
func (d *dyn) add(b []byte, refs ...placed) uint32 {
	d.pieces = append(d.pieces, piece{b, refs})
	return uint32(len(d.pieces) - 1)
}

func (x tree) put(d *dyn) (tag uint32, value uint64, of uint32) {
	le := binary.LittleEndian
	switch x.kind {
	case tString, tBytes:
		return x.kind, uint64(len(x.text)) << 32, d.add([]byte(x.text))
	case tTimestamp:
		return x.kind, 0, d.add(le.AppendUint64(le.AppendUint64(nil, x.bits), 7))
	case tList:
		if x.typed && len(x.list) > 0 {
			var b []byte
			for _, e := range x.list {
				b = le.AppendUint64(b, e.bits)
			}
			return tList | x.list[0].kind<<4, uint64(len(x.list)) << 32, d.add(b)
		}
		return tList, uint64(len(x.list)) << 32, d.cells(x.list)
	case tMap:
		keys := d.cells(x.keys)
		values := d.cells(x.list)
		head := le.AppendUint32(nil, uint32(len(x.keys)))
		return tMap, 0, d.add(append(head, make([]byte, 8)...), placed{4, keys}, placed{8, values})
	case tOptional:
		b := make([]byte, 24)
		if x.bits == 0 {
			return tOptional, 0, d.add(b)
		}
		tag, value, of := x.list[0].put(d)
		b[0] = 1
		le.PutUint32(b[8:], tag)
		le.PutUint64(b[16:], value)
		if of == noPiece {
			return tOptional, 0, d.add(b)
		}
		return tOptional, 0, d.add(b, placed{16, of})
	}
	return x.kind, x.bits, noPiece
}

// cells adds values side by side, as of any type.
func (d *dyn) cells(list []tree) uint32 {
	le := binary.LittleEndian
	var b []byte
	var refs []placed
	for _, e := range list {
		tag, value, of := e.put(d)
		if of != noPiece {
			refs = append(refs, placed{uint32(len(b)) + 8, of})
		}
		b = le.AppendUint64(le.AppendUint64(b, uint64(tag)), value)
	}
	return d.add(b, refs...)
}

// numbers that are equal across types, that differ by less than a double can say, and that are at the ends.
var numbers = []tree{
	{kind: tInt},
	{kind: tInt, bits: 1},
	{kind: tInt, bits: math.MaxUint64},
	{kind: tInt, bits: 1<<53 + 1},
	{kind: tInt, bits: math.MaxInt64},
	{kind: tInt, bits: 1 << 63},
	{kind: tUint},
	{kind: tUint, bits: 1},
	{kind: tUint, bits: 1<<53 + 1},
	{kind: tUint, bits: 1 << 63},
	{kind: tUint, bits: math.MaxUint64},
	realTree(0), realTree(math.Copysign(0, -1)), realTree(1), realTree(-1), realTree(0.5), realTree(1 << 53), realTree(1 << 63), realTree(-1 << 63), realTree(1 << 64), realTree(math.NaN()), realTree(math.Inf(-1)),
}

func realTree(v float64) tree { return tree{kind: tDouble, bits: math.Float64bits(v)} }

// scalar draws a value without parts.
func scalar(r *rand.Rand) tree {
	switch r.IntN(8) {
	case 0:
		return tree{kind: tNull}
	case 1:
		return tree{kind: tBool, bits: r.Uint64N(2)}
	case 2:
		return tree{kind: tBytes, text: letters(r, 2)}
	case 3:
		return tree{kind: tTimestamp, bits: r.Uint64N(3)}
	case 4:
		return tree{kind: tDuration, bits: r.Uint64N(3)}
	case 5:
		return tree{kind: tString, text: letters(r, 3)}
	}
	return numbers[r.IntN(len(numbers))]
}

// mapKeys are keys in their order, of which some are equal numbers of different types.
var mapKeys = []tree{
	{kind: tBool},
	{kind: tBool, bits: 1},
	{kind: tInt},
	{kind: tUint},
	realTree(0),
	{kind: tInt, bits: 1},
	{kind: tUint, bits: 1},
	realTree(1), realTree(1.5),
	{kind: tInt, bits: 2},
	{kind: tString, text: ""},
	{kind: tString, text: "a"},
	{kind: tString, text: "ab"},
	{kind: tString, text: "b"},
}

func anyValue(r *rand.Rand, depth int) tree {
	if depth == 0 {
		return scalar(r)
	}
	x := tree{kind: []uint32{tList, tList, tMap, tOptional, tAny}[r.IntN(5)]}
	switch x.kind {
	case tAny:
		return scalar(r)
	case tList:
		x.list = make([]tree, r.IntN(4))
		if x.typed = r.IntN(4) == 0; x.typed {
			kind := []uint32{tInt, tUint, tDouble}[r.IntN(3)]
			of := slices.DeleteFunc(slices.Clone(numbers), func(n tree) bool { return n.kind != kind })
			for i := range x.list {
				x.list[i] = of[r.IntN(len(of))]
			}
			return x
		}
	case tMap:
		for _, k := range mapKeys {
			if r.IntN(7) == 0 {
				x.keys = append(x.keys, k)
			}
		}
		x.list = make([]tree, len(x.keys))
	case tOptional:
		x.bits = r.Uint64N(2)
		x.list = make([]tree, x.bits)
	}
	for i := range x.list {
		x.list[i] = anyValue(r, depth-1)
	}
	return x
}

// changed is a value that is often equal: some numbers have another type, some elements are others.
func changed(r *rand.Rand, x tree) tree {
	if r.IntN(12) == 0 {
		return anyValue(r, 1)
	}
	if x.kind == tInt && r.IntN(3) == 0 && int64(x.bits) >= 0 {
		return tree{kind: tUint, bits: x.bits}
	}
	if (x.kind == tInt || x.kind == tUint) && r.IntN(3) == 0 && x.bits < 1<<53 {
		return realTree(float64(x.bits))
	}
	if x.list != nil {
		x.list = slices.Clone(x.list)
		for i := range x.list {
			if !x.typed {
				x.list[i] = changed(r, x.list[i])
			}
		}
		if x.kind == tList {
			x.typed = false
		}
	}
	return x
}

func equalTrees(a, b tree) bool { return types.Equal(a.val(), b.val()) == types.True }

// shownCells are elements as results show them.
func shownCells(list []tree) string {
	var b []byte
	for _, e := range list {
		tag := e.kind
		if e.kind == tList && e.typed && len(e.list) > 0 {
			tag |= e.list[0].kind << 4
		}
		if e.kind == tBytes || e.kind == tTimestamp {
			continue // an address is not the same everywhere: the tests leave them out
		}
		b = shown(b, tag, e.bits, e.text)
	}
	return string(b)
}

// TestDynCompare holds equality, order and search of values to cel-go's.
func TestDynCompare(t *testing.T) {
	t.Parallel()
	r := newRand()
	var calls []call
	for range 8000 {
		a := anyValue(r, 3)
		b := changed(r, a)
		x, y := a.dyn(), b.dyn()
		equal := boolean(equalTrees(a, b))
		calls = append(calls, call{"rt_dyn_eq", []any{x, y}, value(0, equal.returned)}, call{"rt_dyn_is", []any{y, x}, equal})
		list := tree{kind: tList, list: []tree{anyValue(r, 1), b, anyValue(r, 2)}}
		calls = append(calls, call{"rt_dyn_in", []any{x, list.dyn()}, value(0, boolean(slices.ContainsFunc(list.list, func(e tree) bool { return equalTrees(a, e) })).returned)})
		o := tree{kind: tOptional, bits: 1, list: []tree{b}}
		calls = append(calls, call{"rt_dyn_has_value", []any{o.dyn(), x}, value(0, equal.returned)})
		p, q := scalar(r), scalar(r)
		calls = append(calls, call{"rt_dyn_cmp", []any{p.dyn(), q.dyn()}, result{returned: uint64(orderOf(p, q))}})
	}
	run(t, calls)
}

// orderOf is what rt_dyn_cmp comes to.
func orderOf(a, b tree) int32 {
	number := func(x tree) bool { return x.kind >= tInt && x.kind <= tDouble }
	nan := func(x tree) bool { return x.kind == tDouble && math.IsNaN(math.Float64frombits(x.bits)) }
	if a.kind < tBool {
		return noSuchOverload
	}
	if nan(a) || nan(b) {
		return 2
	}
	if a.kind != b.kind && !(number(a) && number(b)) {
		return noSuchOverload
	}
	c, ok := a.val().(traits.Comparer)
	if !ok {
		return noSuchOverload
	}
	n, _ := c.Compare(b.val()).(types.Int)
	return int32(n)
}

const noSuchOverload, noSuchKey = 8, 4

// TestDynParts holds what takes values apart.
func TestDynParts(t *testing.T) {
	t.Parallel()
	r := newRand()
	var calls []call
	for range 6000 {
		x := anyValue(r, 2)
		size, count := int64(-1), int64(-1)
		if s, ok := x.val().(traits.Sizer); ok && x.kind != tOptional {
			size = int64(s.Size().(types.Int))
			if x.kind == tList || x.kind == tMap {
				count = size
			}
		}
		calls = append(calls, call{"rt_dyn_size", []any{x.dyn()}, result{returned: uint64(size)}}, call{"rt_dyn_count", []any{x.dyn()}, result{returned: uint64(count)}})
		calls = append(calls, getCalls(r, x)...)
	}
	run(t, calls)
}

// getCalls are v[key], v[?key] and key in v.
func getCalls(r *rand.Rand, x tree) []call {
	key := mapKeys[r.IntN(len(mapKeys))]
	found, code := -1, uint64(0)
	switch x.kind {
	case tMap:
		v, ok := x.val().(traits.Mapper).Find(key.val())
		code = noSuchKey
		for i := range x.keys {
			if ok && sameTree(x.keys[i], key) {
				found, code = i, 0
			}
		}
		for i := range x.keys {
			if ok && code != 0 && types.Equal(x.keys[i].val(), key.val()) == types.True && types.Equal(x.list[i].val(), v) == types.True {
				found, code = i, 0
			}
		}
		if ok && code != 0 {
			return nil // NaN in the value: which one it was cannot be told
		}
	case tList:
		i := key.bits
		switch {
		case key.kind == tBool || key.kind == tString:
			code = noSuchOverload
		case key.kind == tDouble && math.Float64frombits(key.bits) == 1.5:
			code = invalidArgument
		default:
			if key.kind == tDouble {
				i = uint64(math.Float64frombits(key.bits))
			}
			if code = indexOutOfBounds; i < uint64(len(x.list)) {
				found, code = int(i), 0
			}
		}
	default:
		return nil
	}
	want := result{returned: code}
	there := result{out: []uint64{0}}
	if found >= 0 {
		e := x.list[found]
		tag, bits, of := e.put(new(dyn))
		want.out, there.out = []uint64{uint64(tag)}, []uint64{1, uint64(tag)}
		if of == noPiece {
			want.out = append(want.out, bits)
		}
	} else if code == noSuchOverload || code == invalidArgument {
		there = result{returned: code}
	}
	calls := []call{{"rt_dyn_get", []any{x.dyn(), key.dyn()}, want}, {"rt_dyn_opt", []any{x.dyn(), key.dyn()}, there}}
	if x.kind == tMap {
		calls = append(calls, call{"rt_dyn_in", []any{key.dyn(), x.dyn()}, value(0, boolean(found >= 0).returned)})
		if key.kind == tString {
			calls = append(calls, call{"rt_dyn_select", []any{x.dyn(), []string{key.text}, uint64(1)}, want})
		}
	}
	return calls
}

func sameTree(a, b tree) bool { return a.kind == b.kind && a.bits == b.bits && a.text == b.text }

// addressless draws values that are shown whole.
func addressless(r *rand.Rand) tree {
	for {
		if x := scalar(r); x.kind != tBytes && x.kind != tTimestamp {
			return x
		}
	}
}

// TestDynLists holds what makes lists of lists.
func TestDynLists(t *testing.T) {
	t.Parallel()
	r := newRand()
	var calls []call
	draw := func(depth int) tree {
		var of func(int) tree
		of = func(depth int) tree {
			x := tree{kind: tList, list: make([]tree, r.IntN(4))}
			for i := range x.list {
				if x.list[i] = addressless(r); depth > 0 && r.IntN(2) == 0 {
					x.list[i] = of(depth - 1)
				}
			}
			return x
		}
		return of(depth)
	}
	for range 4000 {
		a, b := draw(3), draw(1)
		depth := int64(r.IntN(5)) - 1
		flat := result{show: leavesCells, bytes: shownCells(flattened(a.list, depth))}
		if depth < 0 {
			flat = result{show: leavesCells, returned: invalidArgument}
		}
		calls = append(calls, call{"rt_dyn_flatten", []any{a.dyn(), uint64(depth)}, flat},
			call{"rt_dyn_join", []any{a.dyn(), b.dyn()}, result{show: leavesCellsAfter, bytes: shownCells(slices.Concat(a.list, b.list))}},
			call{"rt_dyn_list", []any{a.dyn()}, result{show: leavesCells, bytes: shownCells(a.list)}})
		keys := tree{kind: tList, list: make([]tree, len(a.list)), typed: true}
		for i := range keys.list {
			keys.list[i] = tree{kind: tInt, bits: r.Uint64N(4) - 1}
		}
		calls = append(calls, call{"rt_dyn_sort", []any{a.dyn(), keys.dyn()}, result{show: leavesCells, bytes: shownCells(sortedBy(a.list, keys.list))}})
		calls = append(calls, extremeCalls(r)...)
	}
	run(t, calls)
}

func flattened(list []tree, depth int64) (out []tree) {
	for _, e := range list {
		if e.kind == tList && depth > 0 {
			out = append(out, flattened(e.list, depth-1)...)
		} else {
			out = append(out, e)
		}
	}
	return out
}

func sortedBy(list, keys []tree) []tree {
	by := make([]int, len(list))
	for i := range by {
		by[i] = i
	}
	slices.SortStableFunc(by, func(i, j int) int { return compare(int64(keys[i].bits), int64(keys[j].bits)) })
	out := make([]tree, len(list))
	for i, k := range by {
		out[i] = list[k]
	}
	return out
}

// extremeCalls are math.greatest and math.least of a list of numbers, of which none is NaN but now and then.
func extremeCalls(r *rand.Rand) []call {
	x := tree{kind: tList, list: make([]tree, 1+r.IntN(4))}
	for i := range x.list {
		x.list[i] = numbers[r.IntN(len(numbers))]
	}
	var calls []call
	for least := range uint64(2) {
		best, code := x.list[0], uint64(0)
		for _, e := range x.list[1:] {
			switch c := orderOf(e, best); {
			case c == 2:
				code = noSuchOverload
			case c > 0 && least == 0 || c < 0 && least == 1:
				best = e
			}
			if code != 0 {
				break
			}
		}
		calls = append(calls, call{"rt_dyn_extreme", []any{x.dyn(), least}, value(code, uint64(best.kind), best.bits)})
	}
	return calls
}

// TestDynLimits: how much may be compared.
func TestDynLimits(t *testing.T) {
	t.Parallel()
	ones := func(n int) tree {
		x := tree{kind: tList, list: make([]tree, n), typed: true}
		for i := range x.list {
			x.list[i] = tree{kind: tInt, bits: 1}
		}
		return x
	}
	within, over := ones(1<<17-1), ones(1<<17)
	run(t, []call{
		{"rt_dyn_eq", []any{within.dyn(), within.dyn()}, value(0, 1)},
		{"rt_dyn_eq", []any{over.dyn(), within.dyn()}, value(0, 0)},
		{"rt_dyn_eq", []any{over.dyn(), over.dyn()}, value(limit)},
		{"rt_dyn_is", []any{over.dyn(), over.dyn()}, result{returned: 1}},
		{"rt_dyn_join", []any{ones(1 << 16).dyn(), ones(1).dyn()}, result{returned: limit}},
	})
}
