package rung

import (
	"reflect"
	"slices"
	"time"

	"github.com/rungpolicy/rung/policy"
)

// desk is where the requests of a struct type are read for one action, one at a time: a copy of the struct, whose fields are known by their addresses, and the
// objects that they go into. So nothing is looked up while a request is read: fields are copied at once, and reflect is asked only for those of rare
// types. It is the fast form of [object.into], and comes to the same.
type desk struct {
	reading
	attrs []policy.Value // the signals, and the resource
	drawer
}

// drawer is the part of a desk for the request itself, or for what a pointer in it points to.
type drawer struct {
	copy  reflect.Value
	steps []deskStep
}

// deskStep reads one field.
type deskStep struct {
	// address is that of the field, if its type is a common one; else read reads v.
	address any
	v       reflect.Value
	read    reader
	list    *list // if the address is that of a []string
	// to is where the value goes.
	to       *policy.Value
	omitZero bool
	path     []string
}

// behind is the address of a pointer to a struct.
type behind struct {
	drawer
	object *policy.Object
}

// newDesk makes a desk for requests of type g that o reads.
func newDesk(g reflect.Type, o *object) *desk {
	d := &desk{attrs: make([]policy.Value, o.slots)}
	d.drawer = newDrawer(g, o, d.attrs, nil)
	return d
}

func newDrawer(g reflect.Type, o *object, attrs []policy.Value, path []string) drawer {
	d := drawer{copy: reflect.New(g).Elem()}
	d.add(o, d.copy, attrs, path)
	return d
}

// add adds the fields of a struct.
func (d *drawer) add(o *object, v reflect.Value, attrs []policy.Value, path []string) {
	for i := range o.fields {
		f := &o.fields[i]
		at := slices.Concat(path, []string{f.name})
		to := &attrs[f.slot]
		if f.outer != nil { // a pointer may be nil on the way
			one := &object{fields: []field{*f}}
			d.steps = append(d.steps, deskStep{v: v, read: one.only, to: to, path: path})
			continue
		}
		in := v.Field(f.index)
		step := deskStep{v: in, read: f.read, list: f.list, to: to, omitZero: f.omitZero, path: at}
		switch {
		case f.omitZero:
		case f.plain:
			step.address = in.Addr().Interface()
		case f.inner != nil:
			inner := &policy.Object{Attrs: make([]policy.Value, f.inner.slots)}
			if in.Kind() == reflect.Struct {
				*to = inner
				d.add(f.inner, in, inner.Attrs, at)
				continue
			}
			step.address = &behind{newDrawer(in.Type().Elem(), f.inner, inner.Attrs, at), inner}
		}
		d.steps = append(d.steps, step)
	}
}

// only reads the one field of o.
func (o *object) only(x *reading, v reflect.Value) (policy.Value, *refusal) {
	attrs := x.slots(o.fields[0].slot + 1)
	bad := o.into(attrs, x, v)
	return attrs[o.fields[0].slot], bad
}

// read reads a request, or what a pointer of one points to.
func (d *drawer) read(x *reading, v reflect.Value) *refusal {
	d.copy.Set(v)
	for i := range d.steps {
		s := &d.steps[i]
		var bad *refusal
		switch p := s.address.(type) {
		case *string:
			if bad = x.text(*p); bad == nil {
				*s.to = *p
			}
		case *bool:
			*s.to = *p
		case *int64:
			*s.to = *p
		case *int:
			*s.to = int64(*p)
		case *float64:
			if bad = finite(*p); bad == nil {
				*s.to = *p
			}
		case *time.Time:
			*s.to, bad = moment(*p)
		case *[]string:
			*s.to = nil
			if *p != nil {
				*s.to, bad = s.list.strings(x, *p)
			}
		case *behind:
			*s.to = nil
			if !s.v.IsNil() {
				*s.to = p.object
				if bad := p.read(x, s.v.Elem()); bad != nil {
					return bad // its path is whole
				}
			}
		default:
			*s.to = nil
			if !s.omitZero || !s.v.IsZero() {
				*s.to, bad = s.read(x, s.v)
			}
		}
		if bad != nil {
			return s.refused(bad)
		}
	}
	return nil
}

func (s *deskStep) refused(bad *refusal) *refusal {
	for i := len(s.path) - 1; i >= 0; i-- {
		bad = bad.under(s.path[i])
	}
	return bad.under("signals")
}

// clear forgets the request, so that none of its values lives on in a pool.
func (d *desk) clear() {
	d.drawer.clear()
	d.reset()
}

func (d *drawer) clear() {
	for i := range d.steps {
		s := &d.steps[i]
		if p, ok := s.address.(*behind); ok && *s.to != nil {
			p.clear()
		}
		*s.to = nil
	}
	d.copy.SetZero()
}
