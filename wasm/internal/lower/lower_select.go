package lower

import (
	"strings"

	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/internal/ir"
)

// chain lowers a signal, and selects of one or of something else. It is one expression: an error in it stands where it begins.
func (l *lowerer) chain(e expr.Expr) *ir.Node {
	place := l.place(e)
	root, steps := takeApart(e)
	sig, ok := root.(*expr.Signal)
	if !ok {
		return l.steps(e, l.expr(root), steps, place)
	}
	switch sig.Index {
	case expr.Now:
		return ir.New(ir.Now, policy.Timestamp, 0, ir.Imm{})
	case expr.Posture:
		return ir.New(ir.Posture, policy.Int, 0, ir.Imm{})
	}
	direct := 0
	for direct < len(steps) && steps[direct].Slot >= 0 && !steps[direct].Optional {
		direct++
	}
	if direct == 0 && len(steps) > 0 && (steps[0].Slot >= 0 || steps[0].Optional) {
		return l.optionalChain(e, sig, steps, place)
	}
	base := ir.New(ir.Read, typeAt(sig, steps[:direct]), place, ir.Imm{Slot: l.read(sig, steps[:direct])})
	return l.steps(e, base, steps[direct:], place)
}

// optionalChain lowers `signal.?a.b`: from the first select on, what is missing makes it none.
func (l *lowerer) optionalChain(e expr.Expr, sig *expr.Signal, steps []*expr.Select, place int) *ir.Node {
	n := 0
	for n < len(steps) && steps[n].Slot >= 0 {
		n++
	}
	t := typeAt(sig, steps[:n])
	base := ir.New(ir.SlotOpt, optional(t), place, ir.Imm{Slot: l.read(sig, steps[:n])})
	return l.steps(e, base, steps[n:], place)
}

// takeApart returns what a chain of selects begins with, and the selects in the order written.
func takeApart(e expr.Expr) (expr.Expr, []*expr.Select) {
	var steps []*expr.Select
	for {
		s, ok := e.(*expr.Select)
		if !ok {
			return e, steps
		}
		steps = append([]*expr.Select{s}, steps...)
		e = s.Of
	}
}

// typeAt is the declared type at the end of a path.
func typeAt(sig *expr.Signal, steps []*expr.Select) *policy.Type {
	t := sig.Type
	for _, s := range steps {
		t = t.Attrs[s.Slot].Type
	}
	return t
}

// steps lowers selects of a value.
func (l *lowerer) steps(e expr.Expr, of *ir.Node, steps []*expr.Select, place int) *ir.Node {
	for i, s := range steps {
		if anyOrOptional(of.Type) {
			return l.selected(of, steps[i:], place)
		}
		of = l.step(e, of, s, place)
	}
	return of
}

// anyOrOptional reports whether values of a type are any, or optionals of any.
func anyOrOptional(t *policy.Type) bool {
	return isAny(t) || t.Kind == policy.KindOptional && isAny(t.Elem)
}

// step is `of.name`, or `of.?name`. Of an optional, both look into it, and come to an optional.
func (l *lowerer) step(e expr.Expr, of *ir.Node, s *expr.Select, place int) *ir.Node {
	t, name, opt := of.Type, s.Name, s.Optional
	switch t.Kind {
	case policy.KindOptional:
		v := variable{n: l.fresh(), typ: t.Elem}
		inner := l.steps(e, local(v), []*expr.Select{{Name: name, Optional: true}}, place)
		return ir.New(ir.OptFlat, inner.Type, place, ir.Imm{Vars: []int{v.n}}, of, inner)
	case policy.KindObject:
		slot := t.Slot(name)
		if slot < 0 {
			break
		}
		imm := ir.Imm{Attr: ir.Attr{Name: name, Slot: slot}}
		if opt {
			return ir.New(ir.FieldOpt, optional(t.Attrs[slot].Type), place, imm, of)
		}
		return ir.New(ir.Field, t.Attrs[slot].Type, place, imm, of)
	case policy.KindMap:
		key := constant(policy.String, name)
		if t.Key.Kind != policy.KindString {
			return l.selected(l.box(of), []*expr.Select{{Name: name, Optional: opt}}, place)
		}
		if opt {
			return ir.New(ir.MapOpt, optional(t.Elem), place, ir.Imm{}, of, key)
		}
		return ir.New(ir.MapGet, t.Elem, place, ir.Imm{}, of, key)
	}
	return l.selected(l.box(of), []*expr.Select{{Name: name, Optional: opt}}, place)
}

// has lowers `has(a.b)`.
func (l *lowerer) has(e *expr.Has) *ir.Node {
	place := l.place(e)
	root, steps := takeApart(e.Of)
	sig, ok := root.(*expr.Signal)
	if e.Name == "" && ok {
		return ir.New(ir.SlotHas, policy.Bool, place, ir.Imm{Slot: l.presence(sig)})
	}
	if !ok || !e.Chain {
		return l.hasIn(e, l.expr(e.Of), place)
	}
	steps = append(steps, &expr.Select{Name: e.Name, Slot: e.Slot})
	direct := 0
	for direct < len(steps) && steps[direct].Slot >= 0 {
		direct++
	}
	t := typeAt(sig, steps[:direct])
	slot := l.slot(sig, steps[:direct], t, t.Kind == policy.KindObject)
	if direct == len(steps) {
		return ir.New(ir.SlotHas, policy.Bool, place, ir.Imm{Slot: slot})
	}
	of := ir.New(ir.SlotOpt, optional(t), place, ir.Imm{Slot: slot})
	for i := direct; i < len(steps); i++ {
		if anyOrOptional(of.Type) {
			imm := ir.Imm{}
			for _, s := range steps[i:] {
				imm.Names = append(imm.Names, s.Name)
			}
			return ir.New(ir.DynHas, policy.Bool, place, imm, of)
		}
		of = l.step(e, of, steps[i], place)
	}
	return ir.New(ir.HasValue, policy.Bool, place, ir.Imm{}, of)
}

// hasIn is `has(x.name)` of a value.
func (l *lowerer) hasIn(e *expr.Has, of *ir.Node, place int) *ir.Node {
	switch of.Type.Kind {
	case policy.KindObject:
		if slot := of.Type.Slot(e.Name); slot >= 0 {
			return ir.New(ir.FieldHas, policy.Bool, place, ir.Imm{Attr: ir.Attr{Name: e.Name, Slot: slot}}, of)
		}
	case policy.KindMap:
		if of.Type.Key.Kind == policy.KindString {
			return ir.New(ir.MapHas, policy.Bool, place, ir.Imm{}, constant(policy.String, e.Name), of)
		}
	}
	if of.Type.Kind != policy.KindOptional {
		of = l.box(of)
	}
	found := l.steps(e, of, []*expr.Select{{Name: e.Name, Optional: true}}, place)
	return ir.New(ir.HasValue, policy.Bool, place, ir.Imm{}, found)
}

// index lowers `of[key]` and `of[?key]`.
func (l *lowerer) index(e *expr.Index) *ir.Node {
	of, key := l.expr(e.Of), l.expr(e.Key)
	place := l.place(e)
	if of.Type.Kind != policy.KindOptional {
		return l.at(of, key, e.Optional, place)
	}
	if !direct(of.Type.Elem, key.Type) {
		return l.indexed(of, key, true, place)
	}
	if key.Strays() { // it is an operand even where there is nothing to look it up in
		op, t := ir.MakeList, of.Type.Elem
		if t.Kind == policy.KindMap {
			op = ir.MakeMap
		}
		of = ir.New(ir.OrValue, t, 0, ir.Imm{}, of, ir.New(op, t, 0, ir.Imm{}))
		return l.at(of, key, true, place)
	}
	v := variable{n: l.fresh(), typ: of.Type.Elem}
	inner := l.at(local(v), key, true, place)
	return ir.New(ir.OptFlat, inner.Type, place, ir.Imm{Vars: []int{v.n}}, of, inner)
}

// direct reports whether keys of a type are looked up in values of another as both are.
func direct(of, key *policy.Type) bool {
	return of.Kind == policy.KindMap && of.Key.Equal(key) && keys(key) || of.Kind == policy.KindList && key.Kind == policy.KindInt
}

func (l *lowerer) at(of, key *ir.Node, opt bool, place int) *ir.Node {
	t := of.Type
	if !direct(t, key.Type) {
		return l.indexed(of, key, opt, place)
	}
	ops := [2]ir.Op{ir.ListGet, ir.ListOpt}
	if t.Kind == policy.KindMap {
		ops = [2]ir.Op{ir.MapGet, ir.MapOpt}
	}
	if opt {
		return ir.New(ops[1], optional(t.Elem), place, ir.Imm{}, of, key)
	}
	return ir.New(ops[0], t.Elem, place, ir.Imm{}, of, key)
}

// read is the slot of a path; the value at its end.
func (l *lowerer) read(sig *expr.Signal, steps []*expr.Select) *ir.Slot {
	return l.slot(sig, steps, typeAt(sig, steps), false)
}

// presence is the slot that says whether a signal is given.
func (l *lowerer) presence(sig *expr.Signal) *ir.Slot {
	return l.slot(sig, nil, sig.Type, sig.Type.Kind == policy.KindObject)
}

func (l *lowerer) slot(sig *expr.Signal, steps []*expr.Select, t *policy.Type, presence bool) *ir.Slot {
	path := []string{"signals", sig.Name}
	if sig.Index == expr.Resource {
		path = []string{"resource"}
	}
	for _, s := range steps {
		path = append(path, s.Name)
	}
	lazy := -1
	if n, ok := l.lazy[sig.Index]; ok {
		lazy = n
	}
	s := l.Program.slot(path, t, presence, lazy)
	l.reads[s] = true
	return &s.Slot
}

// slot finds or makes the slot of a path.
func (g *Program) slot(path []string, t *policy.Type, presence bool, lazy int) *Slot {
	key := slotKey(path, t, presence)
	s := g.slots[key]
	if s == nil {
		name := strings.Join(path, ".")
		s = &Slot{Slot: ir.Slot{Path: strings.TrimPrefix(name, "signals."), Lazy: lazy}, Path: path, Type: t, Presence: presence}
		g.slots[key] = s
	}
	return s
}

func slotKey(path []string, t *policy.Type, presence bool) string {
	key := strings.Join(path, "\x00") + "\x00\x00" + t.String()
	if presence {
		key += "\x00?"
	}
	return key
}
