package hcl

import (
	"fmt"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/policy"
)

// typeNames are the types that stand by themselves, in the order of the manual; then those that take others.
func typeNames() []string {
	return []string{"bool", "int", "uint", "double", "string", "bytes", "timestamp", "duration", "ip", "cidr", "any", "list", "map", "object"}
}

// simpleType is the type of a name, or nil.
func simpleType(name string) *policy.Type {
	switch name {
	case "bool":
		return policy.Bool
	case "int":
		return policy.Int
	case "uint":
		return policy.Uint
	case "double":
		return policy.Double
	case "string":
		return policy.String
	case "bytes":
		return policy.Bytes
	case "timestamp":
		return policy.Timestamp
	case "duration":
		return policy.Duration
	case "ip":
		return policy.IP
	case "cidr":
		return policy.CIDR
	case "any":
		return policy.Any
	}
	return nil
}

// typeExpr reads a type expression; name is what messages will call it if it is an object. What cannot be read is `any`, so that the
// conditions that use it are not complained about too; false says so.
func (d *decoder) typeExpr(src *diag.Source, e hclsyntax.Expression, name string) (*policy.Type, bool) {
	rng := e.Range()
	span := src.Span(rng.Start.Byte, rng.End.Byte)
	switch e := e.(type) {
	case *hclsyntax.ScopeTraversalExpr:
		return d.namedType(span, e)
	case *hclsyntax.FunctionCallExpr:
		at := src.Span(e.NameRange.Start.Byte, e.NameRange.End.Byte)
		if e.ExpandFinal {
			d.errorf(span, codeType, "a type takes no `...`", "")
			return policy.Any, false
		}
		switch e.Name {
		case "list", "map":
			return d.collectionType(src, e, span, name)
		case "object":
			return d.objectType(src, e, span, name)
		case "optional":
			d.errorf(at, codeType, "`optional` stands only around the type of an object's attribute", "every signal may be missing without it")
			return policy.Any, false
		}
		return d.unknownType(at, e.Name)
	case *hclsyntax.TemplateExpr, *hclsyntax.TemplateWrapExpr:
		inner := lit{kind: litText, span: span}.inner()
		dg := d.errorf(span, codeType, "a type stands without quotes", "")
		if simpleType(inner.Text()) != nil {
			dg.Suggestion = inner.Text()
		}
		return policy.Any, false
	}
	d.errorf(span, codeType, "here stands a type", "such as `string`, `list(string)` or `object({ id = string })`")
	return policy.Any, false
}

func (d *decoder) namedType(span diag.Span, e *hclsyntax.ScopeTraversalExpr) (*policy.Type, bool) {
	name := span.Text()
	if len(e.Traversal) != 1 {
		return d.unknownType(span, name)
	}
	if t := simpleType(name); t != nil {
		return t, true
	}
	switch name {
	case "list", "map":
		d.errorf(span, codeType, "`"+name+"` needs the type of its elements", "").Suggestion = name + "(string)"
		return policy.Any, false
	case "object":
		d.errorf(span, codeType, "`object` needs its attributes", "write `object({ id = string })`")
		return policy.Any, false
	}
	return d.unknownType(span, name)
}

func (d *decoder) unknownType(at diag.Span, name string) (*policy.Type, bool) {
	dg := d.errorf(at, codeType, "there is no type `"+short(name)+"`", "")
	switch name {
	case "number", "float":
		dg.Suggestion, dg.Detail = "double", "did you mean `double`? whole numbers are `int`"
	case "boolean":
		dg.Suggestion, dg.Detail = "bool", "did you mean `bool`?"
	case "set":
		dg.Suggestion, dg.Detail = "list", "did you mean `list`?"
	default:
		d.suggest(dg, name, typeNames)
	}
	return policy.Any, false
}

// collectionType reads list(T), list(T, N), map(T) and map(T, N).
func (d *decoder) collectionType(src *diag.Source, e *hclsyntax.FunctionCallExpr, span diag.Span, name string) (*policy.Type, bool) {
	if len(e.Args) < 1 || len(e.Args) > 2 {
		d.errorf(span, codeType, "`"+e.Name+"` takes a type and, if need be, the most entries", "such as `"+e.Name+"(string, 100)`")
		return policy.Any, false
	}
	elem, ok := d.typeExpr(src, e.Args[0], name)
	limit := int64(policy.DefaultMax)
	if len(e.Args) == 2 {
		at := e.Args[1].Range()
		n := src.Span(at.Start.Byte, at.End.Byte)
		var fits bool
		if _, isNumber := e.Args[1].(*hclsyntax.LiteralValueExpr); isNumber && wordKind(src.Bytes[n.Start]) == litNumber {
			limit, fits = readDecimal(n.Text()).scaled(0)
		}
		if fits = fits && limit >= 1 && limit <= policy.MaxEntries; !fits {
			d.errorf(n, codeType, "`"+short(n.Text())+"` is no number of entries", "from 1 to 100000")
		}
		ok = ok && fits
	}
	if !ok {
		limit = policy.DefaultMax
	}
	if e.Name == "map" {
		return &policy.Type{Kind: policy.KindMap, Key: policy.String, Elem: elem, Max: int(limit)}, ok
	}
	return policy.ListOfMax(elem, int(limit)), ok
}

// objectType reads object({ name = type, … }).
func (d *decoder) objectType(src *diag.Source, e *hclsyntax.FunctionCallExpr, span diag.Span, name string) (*policy.Type, bool) {
	var cons *hclsyntax.ObjectConsExpr
	if len(e.Args) == 1 {
		cons, _ = e.Args[0].(*hclsyntax.ObjectConsExpr)
	}
	if cons == nil {
		d.errorf(span, codeType, "`object` takes its attributes in braces", "write `object({ id = string })`")
		return policy.Any, false
	}
	attrs, seen, all := make([]policy.Attr, 0, len(cons.Items)), make(map[string]diag.Span, len(cons.Items)), true
	for _, item := range cons.Items {
		attr, key, ok := d.objectKey(src, item.KeyExpr)
		t, optional, typed := d.attrType(src, item.ValueExpr, name+"."+attr)
		if first, twice := seen[attr]; ok && twice {
			related(d.errorf(key, codeDuplicate, "the attribute `"+short(attr)+"` is there twice", ""), "first here", first)
			continue
		}
		if ok && d.checkAttrName(key, attr) {
			seen[attr] = key
			attrs = append(attrs, policy.Attr{Name: attr, Type: t, Optional: optional})
		}
		all = all && typed && ok
	}
	return policy.ObjectOf(name, attrs...), all
}

// attrType reads the type of an object's attribute, which may be optional.
func (d *decoder) attrType(src *diag.Source, e hclsyntax.Expression, name string) (t *policy.Type, optional, ok bool) {
	call, isCall := e.(*hclsyntax.FunctionCallExpr)
	if !isCall || call.Name != "optional" {
		t, ok = d.typeExpr(src, e, name)
		return t, false, ok
	}
	if len(call.Args) != 1 || call.ExpandFinal {
		rng := call.Range()
		d.errorf(src.Span(rng.Start.Byte, rng.End.Byte), codeType, "`optional` takes one type", fmt.Sprintf("here are %d arguments", len(call.Args)))
		return policy.Any, true, false
	}
	t, ok = d.typeExpr(src, call.Args[0], name)
	return t, true, ok
}
