package rung

import (
	"net/netip"
	"reflect"
	"time"
	"unicode/utf8"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/plan"
)

// desk is where the requests of a struct type are read for one action, one at a time. It has a copy of the struct and the
// objects of the request, whose slots hold the addresses of the copy's fields (see [policy.Value]): once set, they stay.
// To read a request then is to assign it to the copy, and to hold it against the rules of the language. Nothing is looked
// up, and no value takes memory of its own.
//
// A desk takes what is in order. All else is read by reflect, see [object.into], which says what is wrong: a request comes to the
// same either way.
type desk struct {
	reading
	drawer
	attrs    []policy.Value // the signals, and the resource
	root     any            // the address of the copy
	deciding *plan.Case
	// form knows the addresses of the fields, where a module decides: it reads by itself, and holds against the rules, what has a Go type that it
	// takes. All else it reads from the slots. nil if there is none.
	form form
	// params are the host's, for the form; nil if it does not look at them.
	params []policy.Value
	// bare says that there is nothing else, but for addresses that are text.
	bare bool
}

// drawer is the part of a desk for one struct: the request, or what a pointer in it points to.
type drawer struct {
	copy reflect.Value
	// form is that of the desk, if the fields of this drawer are to be bound to it.
	form form
	// What is to be checked, or may be missing.
	texts   []*string
	doubles []*float64
	lists   []deskList
	times   []deskTime
	addrs   []deskAddr
	omitted []deskOmit
	// What has another type than the policy's.
	ints    []deskInt
	ips     []deskIP
	behinds []*behind
	others  []deskOther
}

type (
	deskList struct {
		at   *[]string
		most int
		to   *policy.Value
	}
	deskTime struct {
		at *time.Time
		to *policy.Value
	}
	deskAddr struct {
		at *netip.Addr
		to *policy.Value
	}
	// deskOmit is a field that is missing if it is zero.
	deskOmit struct {
		v  reflect.Value
		at policy.Value
		to *policy.Value
	}
	deskInt struct {
		at *int
		is *int64
	}
	deskIP struct {
		at *string
		is *netip.Addr
	}
	// deskOther is a field of a rare type.
	deskOther struct {
		v        reflect.Value
		read     reader
		omitZero bool
		to       *policy.Value
	}
)

// behind is what a pointer to a struct points to.
type behind struct {
	drawer
	pointer reflect.Value
	object  *policy.Object
	to      *policy.Value
}

// newDesk makes a desk for requests of type g that o reads, which are decided by c, or by a form if there is one.
func newDesk(g reflect.Type, o *object, c *plan.Case, f form) *desk {
	d := &desk{attrs: make([]policy.Value, o.slots), deciding: c, form: f}
	root := reflect.New(g)
	d.root, d.copy = root.Interface(), root.Elem()
	d.drawer.form = f
	d.add(o, d.copy, d.attrs, nil)
	d.bare = f != nil && d.empty()
	return d
}

// bindParams has the form look at the host's params.
func (d *desk) bindParams(declared []*policy.Param) {
	d.params = make([]policy.Value, len(declared))
	for i, p := range declared {
		d.drawer.form = d.form
		d.bind(&d.params[i], []string{"params", p.Name})
	}
}

// empty reports whether there is nothing to be checked, and nothing that may be missing, but for addresses that are text.
func (d *drawer) empty() bool {
	return len(d.texts)+len(d.doubles)+len(d.lists)+len(d.times)+len(d.addrs)+len(d.omitted)+len(d.ints)+len(d.behinds)+len(d.others) == 0
}

// add adds the fields of a struct, which stands at a path.
func (d *drawer) add(o *object, v reflect.Value, attrs []policy.Value, path []string) {
	for i := range o.fields {
		f := &o.fields[i]
		to := &attrs[f.slot]
		at := under(path, f.name)
		in, fixed := fixedField(v, f)
		switch {
		case !fixed: // a pointer may be nil on the way
			one := &object{fields: []field{*f}}
			d.others = append(d.others, deskOther{v: v, read: one.only, to: to})
			d.bind(to, at)
		case f.inner != nil && !f.omitZero:
			d.inner(f.inner, in, to, at)
		case d.form != nil && d.bound(f, in, at):
		case !d.plain(f, in, to):
			d.others = append(d.others, deskOther{v: in, read: f.read, omitZero: f.omitZero, to: to})
			d.bind(to, at)
		default:
			d.bind(to, at)
		}
	}
}

// under is the path of a form's slots to what stands in something else: of signals, or the resource, in the request.
func under(path []string, name string) []string {
	if len(path) == 0 && name == "resource" {
		return []string{name}
	} else if len(path) == 0 {
		return []string{"signals", name}
	}
	return append(path[:len(path):len(path)], name)
}

// bind has the form look at a slot of the request.
func (d *drawer) bind(to *policy.Value, path []string) {
	if d.form != nil && d.form.Bind(to, path...) != nil {
		panic("rung: a slot that cannot be bound") // a bug: any can
	}
}

// bound has the form look at a field itself, if it can.
func (d *drawer) bound(f *field, in reflect.Value, path []string) bool {
	if f.t == nil || f.omitZero {
		return false
	}
	at := addressOf(in, f.t)
	if p, ok := at.(*string); ok && f.t.Kind == policy.KindIP {
		ip := new(netip.Addr)
		d.ips = append(d.ips, deskIP{p, ip})
		at = ip
	}
	return at != nil && d.form.Bind(at, path...) == nil
}

// fixedField is a field, if it is always there.
func fixedField(v reflect.Value, f *field) (reflect.Value, bool) {
	for _, i := range f.outer {
		if v = v.Field(i); v.Kind() == reflect.Pointer {
			return v, false
		}
	}
	return v.Field(f.index), true
}

// only reads the one field of o.
func (o *object) only(x *reading, v reflect.Value) (policy.Value, *refusal) {
	attrs := x.slots(o.fields[0].slot + 1)
	bad := o.into(attrs, x, v)
	return attrs[o.fields[0].slot], bad
}

// inner adds a struct, or a pointer to one.
func (d *drawer) inner(o *object, in reflect.Value, to *policy.Value, path []string) {
	if in.Kind() == reflect.Struct && d.form != nil && d.form.BindObject(path...) == nil {
		d.add(o, in, make([]policy.Value, o.slots), path)
		return
	}
	d.bind(to, path)
	made := &policy.Object{Attrs: make([]policy.Value, o.slots)}
	if in.Kind() == reflect.Struct {
		*to = made
		f := d.form
		d.form = nil
		d.add(o, in, made.Attrs, path)
		d.form = f
		return
	}
	b := &behind{pointer: in, object: made, to: to}
	b.copy = reflect.New(in.Type().Elem()).Elem()
	b.add(o, b.copy, made.Attrs, path)
	d.behinds = append(d.behinds, b)
}

// plain adds a field of a common type, and reports whether it has one.
func (d *drawer) plain(f *field, in reflect.Value, to *policy.Value) bool {
	if f.t == nil {
		return false
	}
	at := addressOf(in, f.t)
	switch p := at.(type) {
	case nil:
		return false
	case *string:
		if f.t.Kind == policy.KindIP && f.omitZero {
			return false
		}
		d.texts = append(d.texts, p)
		if f.t.Kind == policy.KindIP {
			ip := new(netip.Addr)
			d.ips = append(d.ips, deskIP{p, ip})
			at = ip
		}
	case *int:
		n := new(int64)
		d.ints = append(d.ints, deskInt{p, n})
		at = n
	case *float64:
		d.doubles = append(d.doubles, p)
	case *time.Time: // the zero value is missing, as it is with omitzero
		d.times = append(d.times, deskTime{p, to})
		return true
	case *netip.Addr:
		d.addrs = append(d.addrs, deskAddr{p, to})
		return true
	case *[]string:
		d.lists = append(d.lists, deskList{p, limit(f.t), to})
		return true
	}
	if f.omitZero {
		d.omitted = append(d.omitted, deskOmit{in, at, to})
	} else {
		*to = at
	}
	return true
}

// addressOf is the address of a field whose type is common for values of a type, or nil.
func addressOf(in reflect.Value, t *policy.Type) any {
	as := func(want reflect.Type) any {
		if in.Kind() != want.Kind() {
			return nil
		}
		return in.Addr().Convert(reflect.PointerTo(want)).Interface() // it may be a type of the host's own: `type Country string`
	}
	exactly := func(want reflect.Type) any {
		if in.Type() != want {
			return nil
		}
		return in.Addr().Interface()
	}
	switch t.Kind {
	case policy.KindBool:
		return as(reflect.TypeFor[bool]())
	case policy.KindInt:
		if in.Kind() == reflect.Int {
			return as(reflect.TypeFor[int]())
		}
		return as(reflect.TypeFor[int64]())
	case policy.KindUint:
		return as(reflect.TypeFor[uint64]())
	case policy.KindDouble:
		return as(reflect.TypeFor[float64]())
	case policy.KindString:
		return as(reflect.TypeFor[string]())
	case policy.KindTimestamp:
		return exactly(typeTime)
	case policy.KindDuration:
		return exactly(typeDuration)
	case policy.KindIP:
		if in.Kind() == reflect.String {
			return as(reflect.TypeFor[string]())
		}
		return exactly(typeAddr)
	case policy.KindList:
		if t.Elem.Kind == policy.KindString {
			return exactly(reflect.TypeFor[[]string]())
		}
	}
	return nil
}

// read reads what is in the copy; false if not all of it is in order.
func (d *desk) read() (ok bool) {
	if d.bare {
		return d.takeAddrs()
	}
	defer func() {
		if recover() != nil { // a method of the request's, or somebody changes it meanwhile
			ok = false
		}
	}()
	return d.take(&d.reading)
}

func (d *drawer) take(x *reading) bool {
	size := 0
	for _, p := range d.texts {
		size += len(*p)
		if !isText(*p) {
			return false
		}
	}
	for _, p := range d.doubles {
		if *p-*p != 0 { // NaN, an infinity
			return false
		}
	}
	for _, n := range d.ints {
		*n.is = int64(*n.at)
	}
	if x.size += size; x.size > policy.MaxRequestBytes {
		return false
	}
	return d.takeLists(x) && d.takeTimes() && d.takeAddrs() && d.takeRest(x)
}

func isText(s string) bool { return len(s) <= policy.MaxStringBytes && utf8.ValidString(s) }

func (d *drawer) takeLists(x *reading) bool {
	for i := range d.lists {
		l := &d.lists[i]
		if *l.at == nil {
			*l.to = nil
			continue
		}
		size := 2 * len(*l.at)
		for _, s := range *l.at {
			size += len(s)
			if !isText(s) {
				return false
			}
		}
		if x.size += size; len(*l.at) > l.most || x.size > policy.MaxRequestBytes {
			return false
		}
		*l.to = l.at
	}
	return true
}

func (d *drawer) takeTimes() bool {
	for _, t := range d.times {
		if t.at.IsZero() {
			*t.to = nil
			continue
		}
		if s := t.at.Unix(); s < policy.FirstSecond || s > policy.LastSecond {
			return false
		}
		*t.at = t.at.UTC()
		*t.to = t.at
	}
	return true
}

func (d *drawer) takeAddrs() bool {
	for _, a := range d.addrs {
		if !a.at.IsValid() {
			*a.to = nil
			continue
		}
		if a.at.Zone() != "" {
			return false
		}
		*a.at = a.at.Unmap()
		*a.to = a.at
	}
	for _, a := range d.ips {
		ip, err := policy.ParseIP(*a.at)
		if err != nil {
			return false
		}
		*a.is = ip
	}
	return true
}

func (d *drawer) takeRest(x *reading) bool {
	for i := range d.omitted {
		o := &d.omitted[i]
		if *o.to = o.at; o.v.IsZero() {
			*o.to = nil
		}
	}
	for _, b := range d.behinds {
		*b.to = nil
		if b.pointer.IsNil() {
			continue
		}
		b.copy.Set(b.pointer.Elem())
		if !b.take(x) {
			return false
		}
		*b.to = b.object
	}
	for i := range d.others {
		o := &d.others[i]
		*o.to = nil
		if o.omitZero && o.v.IsZero() {
			continue
		}
		v, bad := o.read(x, o.v)
		if bad != nil {
			return false
		}
		*o.to = v
	}
	return true
}

// clear forgets the request, so that none of its values lives on in a pool. What the addresses in the slots point to is in the
// copies, of which that of the request is its owner's to clear.
func (d *desk) clear() {
	if d.bare {
		return
	}
	d.drawer.clear()
	d.reset()
}

func (d *drawer) clear() {
	for _, b := range d.behinds {
		b.copy.SetZero()
		b.drawer.clear()
	}
	for i := range d.others {
		*d.others[i].to = nil
	}
}
