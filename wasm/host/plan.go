package host

import (
	"slices"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/abi"
)

// action is how requests for an action are written and its results are read.
type action struct {
	name string
	size int
	// words is where the presence words after the first stand.
	words []uint32
	// What is written, by where the request has it.
	signals  []root
	resource *step
	params   []root
	lazy     []int // places of the lazy signals among the signals
	results
}

// root is a step with the place in the request's list where its value stands.
type root struct {
	index int
	step
}

// step writes a value, or what is inside of it.
type step struct {
	name string
	// slot is the place of the value in its object.
	slot int
	// word and mask are the presence bit.
	word, mask uint32
	// offset is where the value goes, if layout is set: else nothing is written but the bit, if there is one.
	offset uint32
	layout *layout
	// present says that there is a bit.
	present bool
	// nullable says that null is a value.
	nullable bool
	// inner are attributes of the value, an object, that are written by themselves.
	inner []step
}

// layout is how a value of a type lies in memory.
type layout struct {
	kind   policy.Kind
	typ    *policy.Type
	most   int // entries of a list or map
	elem   *layout
	stride int
	align  int
	body   abi.Body
	attrs  []attribute
}

type attribute struct {
	name   string
	word   uint32
	mask   uint32
	offset uint32
	layout *layout
}

// layouts are made once for each type.
type layouts map[*policy.Type]*layout

func (ls layouts) of(t *policy.Type) *layout {
	if l := ls[t]; l != nil {
		return l
	}
	l := &layout{kind: t.Kind, typ: t, most: t.Max}
	ls[t] = l
	switch t.Kind {
	case policy.KindList, policy.KindMap:
		if l.most == 0 {
			l.most = policy.DefaultMax
		}
		l.elem, l.stride, l.align = ls.of(t.Elem), abi.Stride(t.Elem), abi.AlignOf(t.Elem)
	case policy.KindAny:
		l.most = policy.DefaultMax
	case policy.KindObject:
		l.body = abi.BodyOf(t)
		for i, f := range l.body.Fields {
			a := t.Attrs[i]
			l.attrs = append(l.attrs, attribute{
				name: a.Name, word: uint32(4 * (f.Bit / 32)), mask: 1 << (f.Bit % 32), offset: uint32(f.Offset), layout: ls.of(a.Type),
			})
		}
	}
	return l
}

func newAction(p *policy.Policy, m *abi.Module, n int, s *shared, types layouts) action {
	a := &m.Schema.Actions[n]
	out := action{name: a.Name, size: a.Size, results: newResults(m, n, s)}
	for w := 1; w < m.Schema.Words; w++ {
		out.words = append(out.words, uint32(abi.PresenceOffset(32*w)))
	}
	for _, name := range m.Schema.Lazy {
		out.lazy = append(out.lazy, p.SignalIndex(name))
	}
	for i := range a.Slots {
		out.add(p, &a.Slots[i], types)
	}
	return out
}

// add puts a slot into the tree of steps.
func (a *action) add(p *policy.Policy, slot *abi.Slot, types layouts) {
	path := slot.Path
	var at *step
	var t *policy.Type
	rest := path[1:]
	switch path[0] {
	case "resource":
		if a.resource == nil {
			a.resource = &step{name: "resource"}
		}
		at, t = a.resource, p.Action(a.name).Resource
	case "signals":
		i := p.SignalIndex(path[1])
		at, t, rest = rootAt(&a.signals, i, path[1]), p.Signals[i].Type, path[2:]
	default:
		i := p.ParamIndex(path[1])
		at, t, rest = rootAt(&a.params, i, path[1]), p.Params[i].Type, path[2:]
	}
	for _, name := range rest {
		i := t.Slot(name)
		at, t = at.at(i, name), t.Attrs[i].Type
	}
	at.present = true
	at.nullable = t.Kind == policy.KindAny && (path[0] != "signals" || len(path) > 2)
	at.word, at.mask = uint32(abi.PresenceOffset(slot.Bit)), 1<<(slot.Bit%32)
	if !slot.Presence {
		at.offset, at.layout = uint32(slot.Offset), types.of(t)
	}
}

// rootAt is the step of a signal or param, which is added if it is not there yet.
func rootAt(roots *[]root, index int, name string) *step {
	i := slices.IndexFunc(*roots, func(r root) bool { return r.index == index })
	if i < 0 {
		i = len(*roots)
		*roots = append(*roots, root{index: index, step: step{name: name}})
	}
	return &(*roots)[i].step
}

// at is the step of an attribute, which is added if it is not there yet.
func (s *step) at(slot int, name string) *step {
	i := slices.IndexFunc(s.inner, func(in step) bool { return in.slot == slot })
	if i < 0 {
		i = len(s.inner)
		s.inner = append(s.inner, step{slot: slot, name: name})
	}
	return &s.inner[i]
}
