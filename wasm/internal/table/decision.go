package table

import (
	"fmt"
	"math"
	"math/bits"
	"slices"

	"github.com/rungpolicy/rung/policy"
)

// MaxMethods is how many methods a policy may name: sets of them are words of 64 bits.
const MaxMethods = 64

// Unaged is the age of what is proved without one: older than any. What is not proved is older still.
const Unaged = math.MaxInt64 - 1

// Where the state of a decision keeps what compiled code reads: the place of the session's level, what rules have come to (0: none applies
// or is pending), and, at [AgeOffset], the ages. The state begins with the result.
const (
	SatisfiedOffset = 24
	StandsOffset    = 76

	agesOffset = 1672
)

// Methods are the words of a policy's amr sets and of its rules' methods, sorted. Bit i of a set of methods stands for the i-th.
func Methods(p *policy.Policy) []string {
	var out []string
	for _, l := range p.Levels {
		out = append(out, slices.Concat(l.AMR...)...)
	}
	for _, r := range p.Rules {
		out = append(out, r.Methods...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Mask is the set of some of the methods.
func Mask(methods, some []string) uint64 {
	var set uint64
	for _, m := range some {
		if i, ok := slices.BinarySearch(methods, m); ok {
			set |= 1 << i
		}
	}
	return set
}

// ceremonies are the amr values (RFC 8176) that describe how an authentication went rather than a thing that the subject has.
var ceremonies = []string{"geo", "mca", "mfa", "rba", "user"}

// Ladder is the levels of a policy as decisions read them, constant data with an alignment of 8.
type Ladder struct {
	levels   int
	rules    int
	ceremony uint64
	sets     []amrSet
}

type amrSet struct {
	methods uint64
	level   int
}

// NewLadder makes the ladder of a policy's levels. No action has more rules than that; methods are those of [Methods].
func NewLadder(levels []*policy.Level, methods []string, rules int) (*Ladder, error) {
	if len(methods) > MaxMethods {
		return nil, fmt.Errorf("there are %d methods, more than %d", len(methods), MaxMethods)
	}
	l := &Ladder{levels: len(levels), rules: rules, ceremony: Mask(methods, ceremonies)}
	for i, level := range slices.Backward(levels) {
		for _, set := range level.AMR {
			l.sets = append(l.sets, amrSet{Mask(methods, set), i + 1})
		}
	}
	return l, nil
}

// words is how many words a set of an action's rules has.
func (l *Ladder) words() int { return (l.rules + 31) / 32 }

// Bytes are the constant data: struct ladder of the guest's decide.h.
func (l *Ladder) Bytes() []byte {
	out := order.AppendUint64(nil, l.ceremony)
	for _, n := range []int{l.levels, len(l.sets), l.rules, l.words()} {
		out = order.AppendUint32(out, uint32(n))
	}
	for _, s := range l.sets {
		out = order.AppendUint64(out, s.methods)
		out = order.AppendUint32(out, uint32(s.level))
	}
	return out
}

// Workspace is the size of the state of a decision, struct decision of the guest's decide.h with what lies behind it. It begins as
// zeros, with an alignment of 8.
func (l *Ladder) Workspace() int {
	const age, group, pending, fault = 8, 8, 32, 8
	return agesOffset + l.levels*age + l.rules*(group+pending+fault) + 3*4*l.words()
}

// AgeOffset is where the state has the age of the evidence of a level, a place from 1.
func AgeOffset(level int) uint32 { return agesOffset + 8*uint32(level-1) }

// Limit is what an age is compared with: a rule is met by one up to it.
func Limit(maxAge policy.Seconds) int64 {
	if !maxAge.Set {
		return Unaged
	}
	return 2 * maxAge.N
}

// Rule is how a rule is named to the guest: its number in the action's outputs, its level's place if it is a step_up, and how it is meant.
func Rule(number, level int, deny, skip bool) int32 {
	r := uint32(number) | uint32(level)<<16
	if deny {
		r |= 1 << 30
	}
	if skip {
		r |= 1 << 31
	}
	return int32(r)
}

// Rollout is a rule's part of the subjects, constant data with an alignment of 8: the state of SipHash-2-4 with a key of zeros after
// what is the same for all subjects, the bytes that do not fill a word yet, how many bytes that is in all, and the buckets of 10,000 that are in.
func Rollout(prefix string, bucket uint64) []byte {
	s := sipState{0x736f6d6570736575, 0x646f72616e646f6d, 0x6c7967656e657261, 0x7465646279746573}
	rest := []byte(prefix)
	for ; len(rest) >= 8; rest = rest[8:] {
		s.absorb(order.Uint64(rest))
	}
	var out []byte
	for _, v := range s {
		out = order.AppendUint64(out, v)
	}
	out = append(out, rest...)
	out = append(out, make([]byte, 8-len(rest))...)
	return order.AppendUint64(out, uint64(len(prefix))|bucket<<32)
}

type sipState [4]uint64

func (s *sipState) absorb(m uint64) {
	s[3] ^= m
	s.round()
	s.round()
	s[0] ^= m
}

func (s *sipState) round() {
	s[0] += s[1]
	s[1] = bits.RotateLeft64(s[1], 13) ^ s[0]
	s[0] = bits.RotateLeft64(s[0], 32)
	s[2] += s[3]
	s[3] = bits.RotateLeft64(s[3], 16) ^ s[2]
	s[0] += s[3]
	s[3] = bits.RotateLeft64(s[3], 21) ^ s[0]
	s[2] += s[1]
	s[1] = bits.RotateLeft64(s[1], 17) ^ s[2]
	s[2] = bits.RotateLeft64(s[2], 32)
}
