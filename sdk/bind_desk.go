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
	copy  reflect.Value
	attrs []policy.Value // the signals, and the resource
	steps []deskStep
}

// deskStep reads one field.
type deskStep struct {
	// address is that of the field, if its type is a common one; else read reads v.
	address any
	v       reflect.Value
	read    reader
	list    *list // if the address is that of a []string
	words   map[string]policy.Value
	// to is where the value goes.
	to       *policy.Value
	omitZero bool
	path     []string
}

// newDesk makes a desk for requests of type g that o reads.
func newDesk(g reflect.Type, o *object) *desk {
	d := &desk{copy: reflect.New(g).Elem(), attrs: make([]policy.Value, o.slots)}
	d.add(o, d.copy, d.attrs, nil)
	return d
}

// add adds the fields of a struct.
func (d *desk) add(o *object, v reflect.Value, attrs []policy.Value, path []string) {
	for i := range o.fields {
		f := &o.fields[i]
		at := slices.Concat(path, []string{f.name})
		to := &attrs[f.slot]
		switch {
		case f.outer != nil:
			one := &object{fields: []field{*f}} // a pointer may be nil on the way
			d.steps = append(d.steps, deskStep{v: v, read: one.only, to: to, path: path})
		case f.inner != nil && !f.omitZero:
			inner := &policy.Object{Attrs: make([]policy.Value, f.inner.slots)}
			*to = inner
			d.add(f.inner, v.Field(f.index), inner.Attrs, at)
		default:
			in := v.Field(f.index)
			d.steps = append(d.steps, deskStep{address: f.address(in), v: in, read: f.read, list: f.list, words: f.words, to: to, omitZero: f.omitZero, path: at})
		}
	}
}

// only reads the one field of o.
func (o *object) only(x *reading, v reflect.Value) (policy.Value, *refusal) {
	attrs := x.slots(o.fields[0].slot + 1)
	bad := o.into(attrs, x, v)
	return attrs[o.fields[0].slot], bad
}

// address is that of a field of a common type, which is read as what it is.
func (f *field) address(v reflect.Value) any {
	if !f.plain || f.omitZero {
		return nil
	}
	return v.Addr().Interface()
}

// read reads a request.
func (d *desk) read(v reflect.Value) *refusal {
	d.copy.Set(v)
	x := &d.reading
	for i := range d.steps {
		s := &d.steps[i]
		var bad *refusal
		switch p := s.address.(type) {
		case *string:
			if word := s.words[*p]; word != nil {
				*s.to = word
			} else if bad = x.text(*p); bad == nil {
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
		default:
			*s.to = nil
			if !s.omitZero || !s.v.IsZero() {
				*s.to, bad = s.read(x, s.v)
			}
		}
		if bad != nil {
			for i := len(s.path) - 1; i >= 0; i-- {
				bad = bad.under(s.path[i])
			}
			return bad.under("signals")
		}
	}
	return nil
}

// clear forgets the request, so that none of its values lives on in a pool.
func (d *desk) clear() {
	for i := range d.steps {
		*d.steps[i].to = nil
	}
	d.copy.SetZero()
	d.reset()
}
