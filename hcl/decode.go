package hcl

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/policy"
)

// The readers of attributes: each takes a block and an attribute's name, reports what is wrong with it, and returns false if the attribute
// is not there or not usable.

// attrLit reads an attribute as a literal.
func (d *decoder) attrLit(b *body, name string) (lit, bool) {
	a := b.attr(name)
	if a == nil {
		return lit{}, false
	}
	l := d.literal(b.src, a.Expr)
	return l, l.kind != litBad
}

// attrText reads text.
func (d *decoder) attrText(b *body, name string) (string, bool) {
	l, ok := d.attrLit(b, name)
	if !ok {
		return "", false
	}
	t, ok := d.text(l, false)
	if !ok {
		return "", false
	}
	return t.Value, true
}

// attrCEL reads the text of a condition.
func (d *decoder) attrCEL(b *body, name string) *policy.Text {
	if a := b.attr(name); a != nil && d.unquotedCEL(b, a.Expr) {
		return nil
	}
	l, ok := d.attrLit(b, name)
	if !ok {
		return nil
	}
	return d.cel(l)
}

// unquotedCEL reports a condition that is written without quotes, which HCL reads as an expression of its own.
func (d *decoder) unquotedCEL(b *body, e hclsyntax.Expression) bool {
	switch e.(type) {
	case *hclsyntax.BinaryOpExpr, *hclsyntax.UnaryOpExpr, *hclsyntax.ConditionalExpr, *hclsyntax.ScopeTraversalExpr, *hclsyntax.RelativeTraversalExpr,
		*hclsyntax.FunctionCallExpr, *hclsyntax.IndexExpr, *hclsyntax.ParenthesesExpr:
	default:
		return false
	}
	rng := e.Range()
	at := b.span(rng.Start.Byte, rng.End.Byte)
	dg := d.errorf(at, codeNotLiteral, "a condition is text, in quotes or a heredoc", "it is CEL, which HCL does not read")
	if text := at.Text(); len(text) <= 200 && !strings.ContainsAny(text, "\"\\\n\r${%") {
		dg.Suggestion = `"` + text + `"`
	}
	return true
}

// cel reads a literal as the text of a condition. A broken one is nil: the checker, which would read it as `true`, has nothing to add.
func (d *decoder) cel(l lit) *policy.Text {
	if l.kind == litBool && l.span.Text() != "" {
		d.errorf(l.span, codeValue, "a condition is CEL, written as text", "").Suggestion = `"` + l.span.Text() + `"`
		return nil
	}
	t, ok := d.text(l, true)
	if !ok {
		return nil
	}
	if len(t.Value) > policy.MaxConditionBytes {
		d.errorf(l.span, codeLimit, "the condition is longer than 64 KiB", "data goes into a `list`; parts that repeat go into a `let`")
		return nil
	}
	return t
}

func (d *decoder) attrBool(b *body, name string) bool {
	l, ok := d.attrLit(b, name)
	return ok && d.want(l, litBool) && l.span.Text() == "true"
}

func (d *decoder) attrInt(b *body, name string, low, high int64) (int64, bool) {
	l, ok := d.attrLit(b, name)
	if !ok {
		return 0, false
	}
	return d.integer(l, low, high)
}

// attrTexts reads a list of texts, which holds one at least, none of them empty.
func (d *decoder) attrTexts(b *body, name string) (values []string, places []diag.Span) {
	l, ok := d.attrLit(b, name)
	if !ok {
		return nil, nil
	}
	values, places, _ = d.texts(l, name)
	return values, places
}

// texts reads a literal as a list of texts, which holds one at least, none of them empty. name is what messages call it.
func (d *decoder) texts(l lit, name string) (values []string, places []diag.Span, ok bool) {
	if l.kind == litText {
		d.errorf(l.span, codeValue, "`"+name+"` is a list", "").Suggestion = "[" + l.span.Text() + "]"
		return nil, nil, false
	}
	if !d.want(l, litTuple) {
		return nil, nil, false
	}
	if len(l.items) == 0 {
		d.errorf(l.span, codeValue, "`"+name+"` is empty", "write what it is to hold")
		return nil, nil, false
	}
	ok = true
	for _, item := range l.items {
		t, good := d.text(item, false)
		if good && t.Value == "" {
			d.errorf(item.span, codeValue, "`"+name+"` holds an empty string", "")
			good = false
		}
		if ok = ok && good; good {
			values, places = append(values, t.Value), append(places, item.inner())
		}
	}
	return values, places, ok
}

// attrWord reads one of a few words.
func (d *decoder) attrWord(b *body, name string, words ...string) string {
	l, ok := d.attrLit(b, name)
	if !ok {
		return ""
	}
	t, ok := d.text(l, false)
	if !ok {
		return ""
	}
	if !slices.Contains(words, t.Value) {
		d.suggest(d.errorf(l.inner(), codeValue, "`"+name+"` cannot be `"+short(t.Value)+"`", ""), t.Value, func() []string { return words })
		return ""
	}
	return t.Value
}

// attrType reads a type; what is not there or not readable is `any`, and false.
func (d *decoder) attrTypeExpr(b *body, name, object string) (*policy.Type, bool) {
	a := b.attr(name)
	if a == nil {
		return policy.Any, false
	}
	return d.typeExpr(b.src, a.Expr, object)
}
