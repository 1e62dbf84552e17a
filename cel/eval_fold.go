package cel

import (
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
)

// loop is a planned macro over a list or map.
type loop struct {
	*site
	rng, filter, body run
	slots             []int
}

// planFold plans a macro.
func (p *planner) planFold(e *expr.Fold) run {
	d := &loop{site: p.site(e), rng: p.plan(e.Range)}
	slots, unbind := p.bind(e.Vars, variable{sensitive: p.sensitive(e.Range)})
	d.slots = slots
	if e.Filter != nil {
		d.filter = p.plan(e.Filter)
	}
	d.body = p.plan(e.Body)
	unbind()
	if len(slots) == 0 || len(slots) > 2 {
		return p.fail("a macro with %d variables", len(slots))
	}
	switch e.Macro {
	case expr.All:
		return func(f *frame) ref.Val { return d.quantify(f, types.False) }
	case expr.Exists:
		return func(f *frame) ref.Val { return d.quantify(f, types.True) }
	case expr.ExistsOne:
		return d.existsOne
	case expr.Filter:
		return d.keep
	case expr.Map, expr.TransformList:
		return d.transformList
	case expr.TransformMap:
		return func(f *frame) ref.Val { return d.transformMap(f, false) }
	case expr.TransformMapEntry:
		return func(f *frame) ref.Val { return d.transformMap(f, true) }
	}
	return p.fail("unknown macro %d", e.Macro)
}

// elements is where a fold stands: the variables are those of one element after the other.
type elements struct {
	slots []int
	list  *requestList // a list of the request, which is gone through without an iterator
	it    traits.Iterator
	of    traits.Mapper // nil for a list
	i     int
}

// begin evaluates the range; it returns what the fold comes to instead, if it has none.
func (d *loop) begin(f *frame) (elements, ref.Val) {
	v := d.rng(f)
	if failed(v) {
		return elements{}, v
	}
	switch v := v.(type) {
	case *requestList:
		return elements{slots: d.slots, list: v}, nil
	case traits.Mapper:
		return elements{slots: d.slots, it: v.Iterator(), of: v}, nil
	case traits.Lister:
		return elements{slots: d.slots, it: v.Iterator()}, nil
	}
	return elements{}, d.noOverload()
}

// next sets the variables to the next element, if there is one.
func (e *elements) next(f *frame) bool {
	var v ref.Val
	switch {
	case e.list != nil && e.i < e.list.size():
		v = e.list.at(e.i)
	case e.it != nil && e.it.HasNext() == types.True:
		v = e.it.Next()
	default:
		return false
	}
	switch {
	case len(e.slots) == 1:
		f.slots[e.slots[0]] = v
	case e.of != nil:
		f.slots[e.slots[0]], f.slots[e.slots[1]] = v, e.of.Get(v)
	default:
		f.slots[e.slots[0]], f.slots[e.slots[1]] = types.Int(e.i), v
	}
	e.i++
	return true
}

// tally collects how the elements of a fold fail. An error in any of them is the result; else the fold is pending on all that
// they have touched.
type tally struct {
	err  *fault
	wait *pending
}

// first keeps the first error, last the last.
func (t *tally) first(v ref.Val) { t.add(v, false) }
func (t *tally) last(v ref.Val)  { t.add(v, true) }

func (t *tally) add(v ref.Val, last bool) {
	switch v := v.(type) {
	case *fault:
		if t.err == nil || last {
			t.err = v
		}
	case *pending:
		t.wait = t.wait.and(v)
	}
}

// instead is what the fold comes to if an element has failed; nil if none has.
func (t *tally) instead() ref.Val {
	switch {
	case t.err != nil:
		return t.err
	case t.wait != nil:
		return t.wait
	}
	return nil
}

// holds evaluates a predicate: a bool, or what it failed with.
func (d *loop) holds(f *frame, predicate run) (bool, ref.Val) {
	switch v := predicate(f).(type) {
	case types.Bool:
		return bool(v), nil
	case *fault, *pending:
		return false, v
	}
	return false, d.noOverload()
}

// quantify is all and exists: chains of && and of ||. An element that absorbs decides; else a pending one leaves it pending; else the first
// error counts.
func (d *loop) quantify(f *frame, absorbing types.Bool) ref.Val {
	e, instead := d.begin(f)
	if instead != nil {
		return instead
	}
	var t tally
	for e.next(f) {
		b, bad := d.holds(f, d.body)
		if bad != nil {
			t.first(bad)
		} else if types.Bool(b) == absorbing {
			return absorbing
		}
	}
	if t.wait != nil {
		return t.wait
	}
	if t.err != nil {
		return t.err
	}
	return !absorbing
}

// existsOne is exists_one and existsOne: of several errors the last.
func (d *loop) existsOne(f *frame) ref.Val {
	e, instead := d.begin(f)
	if instead != nil {
		return instead
	}
	var t tally
	n := 0
	for e.next(f) {
		b, bad := d.holds(f, d.body)
		if bad != nil {
			t.last(bad)
		} else if b {
			n++
		}
	}
	if instead := t.instead(); instead != nil {
		return instead
	}
	return types.Bool(n == 1)
}

// keep is filter: of several errors the last. An element too many is an error where it stands.
func (d *loop) keep(f *frame) ref.Val {
	e, instead := d.begin(f)
	if instead != nil {
		return instead
	}
	var t tally
	var kept []ref.Val
	for e.next(f) {
		b, bad := d.holds(f, d.body)
		switch {
		case bad != nil:
			t.last(bad)
		case b && t.err == nil:
			if bad := d.chargeElements(len(kept) + 1); bad != nil {
				t.first(bad)
				continue
			}
			kept = append(kept, f.slots[e.slots[0]])
		}
	}
	if instead := t.instead(); instead != nil {
		return instead
	}
	return types.NewRefValList(adapter, kept)
}

// pass evaluates the filter of a map or transform for an element: of several errors in it the last counts, over those of what
// was computed, as in cel-go.
func (d *loop) pass(f *frame, t *tally) bool {
	if d.filter == nil {
		return true
	}
	b, bad := d.holds(f, d.filter)
	if bad != nil {
		t.last(bad)
		return false
	}
	return b
}

// transformList is map and transformList: of several errors in what they compute the first.
func (d *loop) transformList(f *frame) ref.Val {
	e, instead := d.begin(f)
	if instead != nil {
		return instead
	}
	var t tally
	var made []ref.Val
	for e.next(f) {
		if !d.pass(f, &t) {
			continue
		}
		if t.err != nil {
			if d.filter == nil {
				return t.err // nothing can come in its place
			}
			continue
		}
		v := d.body(f)
		if failed(v) {
			t.first(v)
			continue
		}
		if bad := d.chargeElements(len(made) + 1); bad != nil {
			t.first(bad)
			continue
		}
		made = append(made, v)
	}
	if instead := t.instead(); instead != nil {
		return instead
	}
	return types.NewRefValList(adapter, made)
}

// transformMap is transformMap, whose keys are those of the range, and transformMapEntry, whose body is the entries to add.
func (d *loop) transformMap(f *frame, entry bool) ref.Val {
	e, instead := d.begin(f)
	if instead != nil {
		return instead
	}
	var t tally
	made := make(map[ref.Val]ref.Val)
	for e.next(f) {
		if !d.pass(f, &t) {
			continue
		}
		if t.err != nil {
			if d.filter == nil {
				return t.err
			}
			continue
		}
		v := d.body(f)
		switch {
		case failed(v):
			t.first(v)
		case entry:
			if bad := d.insertAll(made, v); bad != nil {
				t.first(bad)
			}
		default:
			if bad := d.insert(made, f.slots[e.slots[0]], v); bad != nil {
				t.first(bad)
			}
		}
	}
	if instead := t.instead(); instead != nil {
		return instead
	}
	return newSortedMap(made)
}

func (d *loop) insertAll(made map[ref.Val]ref.Val, v ref.Val) *fault {
	m, ok := v.(traits.Mapper)
	if !ok {
		return d.noOverload()
	}
	for it := m.Iterator(); it.HasNext() == types.True; {
		k := it.Next()
		if bad := d.insert(made, k, m.Get(k)); bad != nil {
			return bad
		}
	}
	return nil
}

// insert adds an entry, whose key must be new: 1 and 1u are the same key here, as for cel-go, which looks the key up.
func (d *loop) insert(made map[ref.Val]ref.Val, k, v ref.Val) *fault {
	if !keyable(k) {
		return d.fault(policy.InvalidArgument, notKey(k))
	}
	for _, same := range sameKeys(k) {
		if _, ok := made[same]; ok {
			return d.fault(policy.InvalidArgument, "insert failed: key "+label(k)+" already exists")
		}
	}
	if bad := d.chargeElements(len(made) + 1); bad != nil {
		return bad
	}
	made[k] = v
	return nil
}

// sameKeys are the keys under which cel-go's maps find k.
func sameKeys(k ref.Val) []ref.Val {
	keys := []ref.Val{k}
	for _, t := range []ref.Type{types.IntType, types.UintType} {
		if !isNumber(k) || k.Type() == t {
			continue
		}
		other := k.ConvertToType(t)
		if !types.IsError(other) && types.Equal(other, k) == types.True {
			keys = append(keys, other)
		}
	}
	return keys
}
