package guest_test

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/rungpolicy/rung/wasm/internal/guest"
)

// keyOrder is the order of keys that are no strings, and whether two are the same key.
func keyOrder(kind int, a, b uint64) int {
	x, y := math.Float64frombits(a), math.Float64frombits(b)
	switch {
	case kind == guest.KeyInt:
		return compare(int64(a), int64(b))
	case kind != guest.KeyDouble:
		return compare(a, b)
	case x != x || y != y:
		return compare(boolean(x == x).returned, boolean(y == y).returned)
	}
	return compare(x, y)
}

func compare[T int64 | uint64 | float64](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func sameKey(kind int, a, b uint64) bool {
	x, y := math.Float64frombits(a), math.Float64frombits(b)
	return keyOrder(kind, a, b) == 0 && (kind != guest.KeyDouble || x == y)
}

// sealed is what rt_map_seal must come to: the entries are written into a map one after the other, as the native engine writes them.
func sealed(kind int, keys, values []uint64, unique bool, present []byte) result {
	if !unique && len(keys) > 65536 {
		return result{returned: limit, show: leavesMap}
	}
	type entry struct{ key, value uint64 }
	var m []entry
	at := make(map[uint64]int) // quick for what is not double
	for i, k := range keys {
		j, ok := at[k]
		if kind == guest.KeyDouble {
			j = slices.IndexFunc(m, func(e entry) bool { return sameKey(kind, e.key, k) })
			ok = j >= 0
		}
		gone := present != nil && present[i] == 0
		switch {
		case ok && unique:
			return result{returned: invalidArgument, show: leavesMap}
		case len(m) == 65536:
			return result{returned: limit, show: leavesMap}
		case ok && gone:
			m = slices.Delete(m, j, j+1)
			clear(at)
			for j, e := range m {
				at[e.key] = j
			}
		case ok:
			m[j] = entry{k, values[i]}
		case !gone:
			at[k] = len(m)
			m = append(m, entry{k, values[i]})
		}
	}
	slices.SortStableFunc(m, func(a, b entry) int { return keyOrder(kind, a.key, b.key) })
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(m)))
	for _, e := range m {
		b = binary.LittleEndian.AppendUint64(b, e.key)
	}
	for _, e := range m {
		b = binary.LittleEndian.AppendUint64(b, e.value)
	}
	return result{show: leavesMap, bytes: string(b)}
}

func words64(v []uint64) []byte {
	b := make([]byte, 0, 8*len(v))
	for _, x := range v {
		b = binary.LittleEndian.AppendUint64(b, x)
	}
	return b
}

func sealCall(kind int, keys, values []uint64, unique bool, present []byte) call {
	var there any = uint64(0)
	if present != nil {
		there = present
	}
	args := []any{uint64(len(keys)), words64(keys), words64(values), uint64(8), uint64(kind), boolean(unique).returned, there}
	return call{"rt_map_seal", args, sealed(kind, keys, values, unique, present)}
}

func randomKey(r *rand.Rand, kind int) uint64 {
	switch kind {
	case guest.KeyBool:
		return uint64(r.IntN(2))
	case guest.KeyDouble:
		return math.Float64bits([]float64{0, math.Copysign(0, -1), 1, -1, math.NaN(), math.Inf(1), math.Inf(-1), 0.5, -0.5, 5e-324, float64(r.IntN(20))}[r.IntN(11)])
	}
	if r.IntN(4) == 0 {
		return number(r)
	}
	return uint64(r.IntN(20) - 10)
}

func TestSeal(t *testing.T) {
	t.Parallel()
	r := newRand()
	var calls []call
	for range 20_000 {
		kind := guest.KeyInt + r.IntN(4)
		n := r.IntN(24)
		keys, values := make([]uint64, n), make([]uint64, n)
		var present []byte
		if r.IntN(3) == 0 {
			present = make([]byte, n)
		}
		for i := range n {
			keys[i], values[i] = randomKey(r, kind), uint64(i)
			if present != nil {
				present[i] = byte(r.IntN(2))
			}
		}
		unique := r.IntN(2) == 0
		if unique {
			present = nil
		}
		calls = append(calls, sealCall(kind, keys, values, unique, present))
	}
	// Large ones: at the limit, past it, and past it with a key that is there already, before or after the limit is met.
	for _, n := range []int{65536, 65537, 70000} {
		keys := make([]uint64, n)
		for i, p := range r.Perm(n) {
			keys[i] = uint64(p)
		}
		calls = append(calls, sealCall(guest.KeyUint, keys, keys, false, nil), sealCall(guest.KeyUint, keys, keys, true, nil))
		for _, i := range []int{1000, 65535, 65536, n - 1} {
			if i < n {
				again := slices.Clone(keys)
				again[i] = keys[1]
				calls = append(calls, sealCall(guest.KeyUint, again, keys, true, nil))
			}
		}
	}
	run(t, calls)
}

// TestStringKeys and lookups go through memory that a call leaves, so they are for WebAssembly alone.
func TestMapsInMemory(t *testing.T) {
	t.Parallel()
	r := newRand()
	m := instantiate(t, compiler())
	for range 3000 {
		m.heap.Set(m.start)
		kind := r.IntN(5)
		n := r.IntN(30)
		texts := make(map[uint64]string)
		key := func() uint64 {
			if kind != guest.KeyString {
				return randomKey(r, kind)
			}
			s := words(r, 5)
			k := uint64(len(s))<<32 | uint64(m.put(s))
			texts[k] = s
			return k
		}
		order := func(a, b uint64) int {
			if kind == guest.KeyString {
				return strings.Compare(texts[a], texts[b])
			}
			return keyOrder(kind, a, b)
		}
		keys := make([]uint64, n)
		values := make([]uint64, n)
		for i := range keys {
			keys[i], values[i] = key(), uint64(i)
		}
		at, valuesAt := m.put(string(words64(keys))), m.put(string(words64(values)))
		if code := m.raw(t, "rt_map_seal", uint64(n), uint64(at), uint64(valuesAt), 8, uint64(kind), 0, 0); code != 0 {
			t.Fatalf("code %d", code)
		}
		sealed := m.word(m.out)
		count, _ := m.Memory().ReadUint32Le(uint32(sealed))
		keysAt, _ := m.Memory().ReadUint32Le(uint32(sealed) + 4)
		sealedValues, _ := m.Memory().ReadUint32Le(uint32(sealed) + 8)
		for i := range count {
			if i > 0 && order(m.word(keysAt+8*i-8), m.word(keysAt+8*i)) > 0 {
				t.Fatalf("keys %d and %d of kind %d are in the wrong order", i-1, i, kind)
			}
		}
		for range 10 {
			k := key()
			if n > 0 && r.IntN(2) == 0 {
				k = keys[r.IntN(n)]
			}
			want := -1
			for i, other := range keys {
				if order(k, other) == 0 && (kind != guest.KeyDouble || sameKey(kind, k, other)) {
					want = i
				}
			}
			got := int(int32(m.raw(t, "rt_map_find", sealed, k, uint64(kind))))
			if got >= 0 {
				got = int(m.word(sealedValues + 8*uint32(got)))
			}
			if got != want {
				t.Fatalf("the last entry of key %#x of kind %d is found as %d, not %d", k, kind, got, want)
			}
		}
	}
}
