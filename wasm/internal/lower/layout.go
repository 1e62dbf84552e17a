package lower

import (
	"cmp"
	"slices"
	"strings"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/abi"
)

// evidence makes the slots of what decisions look at by themselves: their bits and offsets are the ABI's.
func (g *Program) evidence() {
	session := g.policy.Signal("session").Type
	subject := g.policy.Signal("subject").Type
	fixed := func(signal string, t *policy.Type, name string, bit, offset int) {
		s := g.slot([]string{"signals", signal, name}, t.Attrs[t.Slot(name)].Type, false, -1)
		s.Bit, s.Offset, s.fixed = bit, offset, true
	}
	fixed("session", session, "acr", abi.BitACR, abi.RecordACR)
	fixed("session", session, "amr", abi.BitAMR, abi.RecordAMR)
	fixed("session", session, "auth_time", abi.BitAuthTime, abi.RecordAuthTime)
	fixed("session", session, "not_before", abi.BitNotBefore, abi.RecordNotBefore)
	fixed("session", session, "authentications", abi.BitAuthentications, abi.RecordAuthentications)
	fixed("subject", subject, "enrolled", abi.BitEnrolled, abi.RecordEnrolled)
}

// Action is what an action needs of the record.
type Action struct {
	// Conditions are the indices of its conditions.
	Conditions []int
	// Evidence are the presence bits of the evidence that its decision looks at.
	Evidence []int

	Slots []*Slot // by path
	Size  int
}

// Layout places the slots, fills in what each action's record holds, and returns the number of presence words.
//
// The slots that most actions share are placed first, each behind all that its actions have so far: it has one place in all of them, and
// none overlaps another.
func (g *Program) Layout(actions []*Action) (words int) {
	uses := map[*Slot][]*Action{}
	for _, a := range actions {
		for _, s := range g.used(a) {
			a.Slots = append(a.Slots, s)
			if !s.fixed {
				uses[s] = append(uses[s], a)
			}
		}
	}
	twins := g.twins(uses)
	order := make([]*Slot, 0, len(uses))
	for s := range uses {
		order = append(order, s)
	}
	slices.SortFunc(order, func(a, b *Slot) int {
		return cmp.Or(-cmp.Compare(alignment(a), alignment(b)), -cmp.Compare(len(uses[a]), len(uses[b])), compareSlots(a, b))
	})
	bits := placeBits(order, uses, twins)
	for _, a := range actions {
		a.Slots = slices.DeleteFunc(a.Slots, func(s *Slot) bool { return twins[s] != nil && slices.Contains(a.Slots, twins[s]) })
	}
	words = abi.Words(bits)
	placeOffsets(order, uses, actions, abi.SlotsOffset(words))
	return words
}

// twins are the slots of whole objects whose presence has a slot of its own, by that slot: both have one bit, and where an action reads both, the
// object's is enough.
func (g *Program) twins(uses map[*Slot][]*Action) map[*Slot]*Slot {
	out := map[*Slot]*Slot{}
	for _, whole := range g.slots {
		presence := g.slots[slotKey(whole.Path, whole.Type, true)]
		if !whole.Presence && uses[whole] != nil && uses[presence] != nil {
			out[presence] = whole
		}
	}
	return out
}

func alignment(s *Slot) int {
	if s.Presence {
		return 1
	}
	return abi.AlignOf(s.Type)
}

func compareSlots(a, b *Slot) int {
	x, y := slices.Compare(a.Path, b.Path), strings.Compare(a.Type.String(), b.Type.String())
	p := 0
	if a.Presence != b.Presence {
		p = -1
		if a.Presence {
			p = 1
		}
	}
	return cmp.Or(x, y, p)
}

// used are the slots that an action's decision looks at, by path.
func (g *Program) used(a *Action) []*Slot {
	set := map[*Slot]bool{}
	for _, c := range a.Conditions {
		for s := range g.reads[c] {
			set[s] = true
		}
	}
	for _, s := range g.slots {
		if s.fixed && slices.Contains(a.Evidence, s.Bit) {
			set[s] = true
		}
	}
	out := make([]*Slot, 0, len(set))
	for s := range set {
		out = append(out, s)
	}
	slices.SortFunc(out, compareSlots)
	return out
}

// placeBits gives every slot its presence bit, that of its twin if it has one, and returns how many there are.
func placeBits(order []*Slot, uses map[*Slot][]*Action, twins map[*Slot]*Slot) int {
	presence := map[*Slot]*Slot{}
	for p, whole := range twins {
		presence[whole] = p
	}
	next := map[*Action]int{}
	most := abi.FirstBit
	for _, s := range order {
		if twins[s] != nil {
			continue
		}
		bit, all := abi.FirstBit, slices.Concat(uses[s], uses[presence[s]])
		for _, a := range all {
			bit = max(bit, next[a])
		}
		s.Bit = bit
		most = max(most, bit+1)
		for _, a := range all {
			next[a] = bit + 1
		}
	}
	for p, whole := range twins {
		p.Bit = whole.Bit
	}
	return most
}

// placeOffsets gives every slot its place behind the header.
func placeOffsets(order []*Slot, uses map[*Slot][]*Action, actions []*Action, begin int) {
	for _, a := range actions {
		a.Size = begin
	}
	for _, s := range order {
		if s.Presence {
			continue
		}
		at := begin
		for _, a := range uses[s] {
			at = max(at, a.Size)
		}
		align := alignment(s)
		at = (at + align - 1) &^ (align - 1)
		s.Offset = at
		for _, a := range uses[s] {
			a.Size = at + abi.SizeOf(s.Type)
		}
	}
	for _, a := range actions {
		a.Size = (a.Size + 7) &^ 7
	}
}
