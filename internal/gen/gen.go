// Package gen makes policies and requests at random, for tests that hold whatever a policy says: that the order of rules does not
// matter, that what is missing never opens a door, that two engines agree.
//
// Everything is drawn from a [Source], a string of bytes: the same bytes give the same policy and request, so a fuzzer can search
// them and a failing test can name them. The words of the language are drawn so that conditions often come out either way, often err,
// and are often pending.
package gen

import (
	"encoding/binary"
	"math/rand/v2"
)

// Source is a string of choices. When its bytes are used up it goes on with bytes derived from them.
type Source struct {
	bytes []byte
	rest  *rand.Rand
}

// NewSource returns a Source that draws from b.
func NewSource(b []byte) *Source {
	seed := uint64(len(b))
	for _, c := range b {
		seed = seed*1099511628211 ^ uint64(c)
	}
	return &Source{bytes: b, rest: rand.New(rand.NewPCG(seed, 0x6e67))}
}

// Seeded returns a Source for a number.
func Seeded(seed uint64) *Source { return NewSource(binary.LittleEndian.AppendUint64(nil, seed)) }

// Scattered returns a Source for a number whose first choices, too, have nothing in common with those of the numbers beside it.
func Scattered(seed, of uint64) *Source { return &Source{rest: rand.New(rand.NewPCG(seed, of))} }

// N draws a number from 0 to n-1.
func (s *Source) N(n int) int {
	if n <= 1 {
		return 0
	}
	if len(s.bytes) > 0 && n <= 256 {
		b := s.bytes[0]
		s.bytes = s.bytes[1:]
		return int(b) % n
	}
	return s.rest.IntN(n)
}

// Chance is true once in n draws.
func (s *Source) Chance(n int) bool { return s.N(n) == 0 }

// Pick draws one of the choices.
func Pick[T any](s *Source, choices ...T) T { return choices[s.N(len(choices))] }

// Shuffle puts a slice in another order.
func Shuffle[T any](s *Source, xs []T) {
	for i := len(xs) - 1; i > 0; i-- {
		j := s.N(i + 1)
		xs[i], xs[j] = xs[j], xs[i]
	}
}
