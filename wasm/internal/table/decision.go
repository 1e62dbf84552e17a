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

// StateData is the piece of the state of a decision that begins with the result, and has the ages, at [AgeOffset].
const StateData = "rt_state"

// Offsets in it: where it says that there was a decision in it, and the ages, which the guest writes several at a time.
const (
	dirtyOffset = 76
	agesOffset  = 1664
	agesRow     = 4
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

// Ladder is the levels of a policy as decisions read them, constant data with an alignment of 4.
type Ladder struct {
	levels   int
	rules    int
	ceremony uint64
	sets     []amrSet
	// byMethods says that rules ask for methods.
	byMethods bool
}

type amrSet struct {
	methods uint64
	level   int
}

// NewLadder makes the ladder of a policy. No action has more rules than that; methods are those of [Methods].
func NewLadder(p *policy.Policy, methods []string, rules int) (*Ladder, error) {
	if len(methods) > MaxMethods {
		return nil, fmt.Errorf("there are %d methods, more than %d", len(methods), MaxMethods)
	}
	l := &Ladder{levels: len(p.Levels), rules: rules, ceremony: Mask(methods, ceremonies)}
	l.byMethods = slices.ContainsFunc(p.Rules, func(r *policy.Rule) bool { return len(r.Methods) > 0 })
	for i, level := range slices.Backward(p.Levels) {
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
	for _, n := range []int{l.levels, l.asked(), l.words()} {
		out = order.AppendUint32(out, uint32(n))
	}
	for _, s := range l.sets {
		out = order.AppendUint32(out, uint32(s.level))
		out = order.AppendUint64(out, s.methods)
	}
	return order.AppendUint32(out, 0)
}

// asked is the level from which on it does not matter which methods an authentication had.
func (l *Ladder) asked() int {
	if l.byMethods {
		return math.MaxInt32
	}
	if len(l.sets) > 0 {
		return l.sets[0].level
	}
	return 0
}

// Room is a piece of the state of a decision: zeros, but for what its first bytes are and addresses in it.
type Room struct {
	Name string
	Size int
	// Dirty says that it begins as if a decision had been in it.
	Dirty bool
	// Addresses are where in it the addresses of other pieces stand.
	Addresses []Address
}

// Address is where in a piece of the state the address of another one stands, and what is added to it.
type Address struct {
	At   int
	Of   string
	Plus int
}

// State is the state of a decision, each piece with an alignment of 8: what the guest's decide.h declares.
func (l *Ladder) State() []Room {
	set, rows := 4*l.words(), max(1, (l.levels+agesRow-1)/agesRow)
	return []Room{
		{Name: StateData, Size: agesOffset + 8*rows*agesRow, Dirty: true, Addresses: []Address{
			{56, "rt_sets", 0}, {60, "rt_sets", set}, {64, "rt_sets", 2 * set}, {68, "rt_groups", 0}, {72, "rt_faults", 0},
		}},
		{Name: "rt_sets", Size: 3 * set},
		{Name: "rt_groups", Size: 8 * l.rules},
		{Name: "rt_pending", Size: 32 * l.rules},
		{Name: "rt_faults", Size: 8 * l.rules},
	}
}

// Bytes are what the piece begins as, without the addresses.
func (r *Room) Bytes() []byte {
	b := make([]byte, r.Size)
	if r.Dirty {
		b[dirtyOffset] = 1
	}
	return b
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

// Rule is how a rule is named to the guest: its number in the action's outputs, its level's place, 0 if it denies, and how it is meant.
func Rule(number, level int, skip bool) int32 {
	r := uint32(number) | uint32(level)<<16
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
