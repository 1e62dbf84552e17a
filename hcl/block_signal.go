package hcl

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/policy"
)

func blockSignal() *Block {
	return &Block{
		Type: "signal", Label: "signal", Top: true,
		Doc: "Something that conditions may look at. The standard signals need no declaration; a declaration of the same name replaces.",
		Attrs: []Attr{
			{Name: "type", Form: "type", Required: true, Doc: "what the signal looks like: `type = object({ id = string })`"},
			{Name: "lazy", Form: "bool", Doc: "fetched only when it can change the outcome"},
			{Name: "sensitive", Form: "bool", Doc: "never written to a log or trace in the clear"},
			{Name: "description", Form: "string", Doc: "what the signal says, and where it comes from"},
		},
		decode: decodeSignal, finish: finishSignals,
	}
}

func decodeSignal(d *decoder, b *body) {
	if !d.checkScope(b.label, kindSignal, b.name) || !d.declare(kindSignal, b.name, b.label) {
		return
	}
	t, ok := d.attrTypeExpr(b, "type", b.name)
	s := &policy.Signal{
		Name: b.name, Type: t, Declared: true, Range: b.header.Range(),
		Lazy: d.attrBool(b, "lazy"), Sensitive: d.attrBool(b, "sensitive"),
	}
	s.Description, _ = d.attrText(b, "description")
	d.redeclared(b, s, ok)
	if s.Lazy {
		if d.lazy++; d.lazy == policy.MaxLazySignals+1 {
			d.errorf(b.valueSpan("lazy"), codeLimit, "the policy has more than 64 lazy signals", "fetch several with one: a signal may be an object of many attributes")
		}
	}
	d.policy.Signals = append(d.policy.Signals, s)
}

// redeclared holds `session` and `subject` to what decisions read of them: docs/language.md, "Redeclaring".
func (d *decoder) redeclared(b *body, s *policy.Signal, typed bool) {
	var fixed []policy.Attr
	switch s.Name {
	case "session":
		fixed = policy.EvidenceAttrs()
	case "subject":
		fixed = policy.SubjectAttrs()
	default:
		return
	}
	if s.Lazy {
		d.errorf(b.valueSpan("lazy"), codeValue, "`"+s.Name+"` cannot be lazy", "every decision reads it")
		s.Lazy = false
	}
	at := b.valueSpan("type")
	if s.Type.Kind != policy.KindObject {
		if typed {
			d.errorf(at, codeConflict, "`"+s.Name+"` is an object", "decisions read its attributes "+quotedList(attrNames(&policy.Type{Attrs: fixed})))
		}
		s.Type = policy.ObjectOf(s.Name, fixed...)
		return
	}
	s.Type = d.mergeFixed(b, s.Type, fixed)
}

// attrTypeSpan is where the type of an object's attribute is written, in a block's `type`.
func (d *decoder) attrTypeSpan(b *body, name string) diag.Span {
	if call, ok := b.attr("type").Expr.(*hclsyntax.FunctionCallExpr); ok && len(call.Args) == 1 {
		if cons, ok := call.Args[0].(*hclsyntax.ObjectConsExpr); ok {
			for _, item := range cons.Items {
				if key := item.KeyExpr.Range(); strings.Trim(string(b.src.Bytes[key.Start.Byte:key.End.Byte]), `"`) == name {
					rng := item.ValueExpr.Range()
					return b.span(rng.Start.Byte, rng.End.Byte)
				}
			}
		}
	}
	return b.valueSpan("type")
}

// mergeFixed returns a type with the attributes that decisions read, with their types; that they are optional may be said.
func (d *decoder) mergeFixed(b *body, t *policy.Type, fixed []policy.Attr) *policy.Type {
	attrs := slices.Clone(t.Attrs)
	for _, f := range fixed {
		slot := t.Slot(f.Name)
		if slot < 0 {
			attrs = append(attrs, f)
			continue
		}
		if !sameShape(attrs[slot].Type, f.Type) {
			d.errorf(d.attrTypeSpan(b, f.Name), codeConflict, "`"+b.name+"."+f.Name+"` is of type `"+f.Type.String()+"`, not `"+short(attrs[slot].Type.String())+"`", "decisions read it; leave it out, and it is there all the same")
		}
		attrs[slot].Type = f.Type
	}
	return policy.ObjectOf(t.Name, attrs...)
}

// sameShape is equality of types, whatever is optional in them.
func sameShape(a, b *policy.Type) bool {
	if a == nil || b == nil {
		return a == b
	}
	if a.Kind != b.Kind || len(a.Attrs) != len(b.Attrs) || !sameShape(a.Elem, b.Elem) || !sameShape(a.Key, b.Key) {
		return false
	}
	for i := range a.Attrs {
		if a.Attrs[i].Name != b.Attrs[i].Name || !sameShape(a.Attrs[i].Type, b.Attrs[i].Type) {
			return false
		}
	}
	return true
}

// finishSignals adds the standard signals that no declaration replaces.
func finishSignals(d *decoder) {
	for _, s := range policy.StandardSignals() {
		if _, declared := d.names[kindSignal][s.Name]; !declared {
			d.policy.Signals = append(d.policy.Signals, s)
		}
	}
	slices.SortFunc(d.policy.Signals, func(a, b *policy.Signal) int { return strings.Compare(a.Name, b.Name) })
}
