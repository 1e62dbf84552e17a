package hcl

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/policy"
)

// litKind is the form of a literal.
type litKind uint8

const (
	litBad litKind = iota // has been reported
	litText
	litNumber
	litBool
	litNull
	litTuple
	litObject
)

var litNames = [...]string{
	litBad: "something else", litText: "text", litNumber: "a number", litBool: "`true` or `false`", litNull: "`null`",
	litTuple: "a list in brackets", litObject: "an object in braces",
}

// String names the form for people.
func (k litKind) String() string { return litNames[k] }

// lit is a literal: a value as it is written. Text and numbers are read from span when they are asked for, and not by HCL.
type lit struct {
	kind   litKind
	span   diag.Span
	items  []lit   // of a tuple
	fields []field // of an object, in the order written
}

type field struct {
	name string
	key  diag.Span
	val  lit
}

// inner is the literal without its quotes.
func (l lit) inner() diag.Span {
	s := l.span
	if l.kind == litText && s.End-s.Start >= 2 && s.Source.Bytes[s.Start] == '"' {
		s.Start, s.End = s.Start+1, s.End-1
	}
	return s
}

// literal reads an expression, which must be one. It walks HCL's tree and evaluates nothing: HCL's own evaluation of a few nested
// `for` takes seconds, and its numbers and text are not the author's.
func (d *decoder) literal(src *diag.Source, e hclsyntax.Expression) lit {
	rng := e.Range()
	span := src.Span(rng.Start.Byte, rng.End.Byte)
	switch e := e.(type) {
	case *hclsyntax.LiteralValueExpr:
		return d.word(wordKind(src.Bytes[span.Start]), span)
	case *hclsyntax.TemplateExpr, *hclsyntax.TemplateWrapExpr:
		return lit{kind: litText, span: span}
	case *hclsyntax.UnaryOpExpr:
		if n, ok := e.Val.(*hclsyntax.LiteralValueExpr); ok && e.Op == hclsyntax.OpNegate && wordKind(src.Bytes[n.SrcRange.Start.Byte]) == litNumber {
			return d.word(litNumber, span)
		}
	case *hclsyntax.TupleConsExpr:
		l := lit{kind: litTuple, span: span, items: make([]lit, len(e.Exprs))}
		for i, x := range e.Exprs {
			l.items[i] = d.literal(src, x)
		}
		return l
	case *hclsyntax.ObjectConsExpr:
		return d.objectLiteral(src, e, span)
	}
	d.notLiteral(span, e)
	return lit{span: span}
}

// word is a literal that is written bare. HCL takes numbers with zeros before them; JSON does not, and to some they are octal.
func (d *decoder) word(kind litKind, span diag.Span) lit {
	if kind == litNumber {
		digits := strings.TrimLeft(span.Text(), "- \t\r\n")
		if rest := strings.TrimLeft(digits, "0"); len(digits)-len(rest) > 1 || digits[0] == '0' && rest != "" && '0' <= rest[0] && rest[0] <= '9' {
			if rest == "" || rest[0] < '0' || rest[0] > '9' {
				rest = "0" + rest
			}
			dg := d.errorf(span, codeValue, "`"+short(span.Text())+"` begins with a zero", "numbers are written as in JSON")
			dg.Suggestion = strings.TrimSuffix(span.Text(), digits) + rest
			return lit{span: span}
		}
	}
	return lit{kind: kind, span: span}
}

// wordKind tells the literals that HCL keeps as one kind of node by how they begin.
func wordKind(first byte) litKind {
	switch first {
	case 't', 'f':
		return litBool
	case 'n':
		return litNull
	}
	return litNumber
}

// objectLiteral reads an object. HCL takes the last of several equal keys without a word; here they are an error.
func (d *decoder) objectLiteral(src *diag.Source, e *hclsyntax.ObjectConsExpr, span diag.Span) lit {
	l := lit{kind: litObject, span: span, fields: make([]field, 0, len(e.Items))}
	seen := make(map[string]diag.Span, len(e.Items))
	for _, item := range e.Items {
		name, key, ok := d.objectKey(src, item.KeyExpr)
		val := d.literal(src, item.ValueExpr)
		if !ok {
			continue
		}
		if first, twice := seen[name]; twice {
			related(d.errorf(key, codeDuplicate, "the key `"+short(name)+"` is there twice", ""), "first here", first)
			continue
		}
		seen[name] = key
		l.fields = append(l.fields, field{name: name, key: key, val: val})
	}
	return l
}

// objectKey reads a key: a bare word, or text in quotes.
func (d *decoder) objectKey(src *diag.Source, e hclsyntax.Expression) (string, diag.Span, bool) {
	rng := e.Range()
	span := src.Span(rng.Start.Byte, rng.End.Byte)
	if k, ok := e.(*hclsyntax.ObjectConsKeyExpr); ok {
		e = k.Wrapped
	}
	switch e := e.(type) {
	case *hclsyntax.ScopeTraversalExpr:
		if len(e.Traversal) == 1 {
			return span.Text(), span, true
		}
	case *hclsyntax.LiteralValueExpr: // true, false, null and numbers, written bare
		return span.Text(), span, true
	case *hclsyntax.TemplateExpr, *hclsyntax.TemplateWrapExpr:
		s, ok := d.plainText(span)
		return s, lit{kind: litText, span: span}.inner(), ok
	}
	d.errorf(span, codeNotLiteral, "a key is a bare word or text in quotes", "")
	return "", span, false
}

// notLiteral reports an expression that would have to be evaluated.
func (d *decoder) notLiteral(span diag.Span, e hclsyntax.Expression) {
	what, detail := "an expression", "values are literals; what depends on the request goes into a condition"
	switch e := e.(type) {
	case *hclsyntax.ScopeTraversalExpr, *hclsyntax.RelativeTraversalExpr, *hclsyntax.IndexExpr, *hclsyntax.SplatExpr:
		what = "a variable"
		if t, ok := e.(*hclsyntax.ScopeTraversalExpr); ok && len(t.Traversal) == 1 && len(span.Text()) <= policy.MaxNameBytes {
			d.errorf(span, codeNotLiteral, "the value is a variable, not a literal", "text stands in quotes").Suggestion = strconv.Quote(span.Text())
			return
		}
	case *hclsyntax.FunctionCallExpr:
		what = "a function call"
	case *hclsyntax.BinaryOpExpr, *hclsyntax.UnaryOpExpr, *hclsyntax.ConditionalExpr:
		what, detail = "an operation", "values are literals; a condition is CEL, written as text in quotes"
	case *hclsyntax.ForExpr:
		what = "a `for`"
	case *hclsyntax.ParenthesesExpr:
		what, detail = "in parentheses", "leave them out"
	}
	d.errorf(span, codeNotLiteral, "the value is "+what+", not a literal", detail)
}

// text reads a literal as text that may not hold a template. `forCondition` says that the text is CEL.
func (d *decoder) text(l lit, forCondition bool) (*policy.Text, bool) {
	if !d.want(l, litText) {
		return nil, false
	}
	t, faults := readText(l.span)
	for _, f := range faults {
		if f.template {
			d.template(f.span, forCondition)
		} else {
			d.errorf(f.span, codeSyntax, "`"+f.span.Text()+"` is no escape", "a backslash itself is `\\\\`, and in a heredoc every backslash is one; there are `\\n`, `\\r`, `\\t`, `\\\"`, `\\uXXXX` and `\\UXXXXXXXX`")
		}
	}
	return t, len(faults) == 0
}

// template reports a `${` or `%{` in text.
func (d *decoder) template(at diag.Span, inCondition bool) {
	marker := at.Text()
	literally := "`" + marker[:1] + marker + "` is the characters themselves"
	if inCondition {
		d.errorf(at, codeInterpolation, "a condition takes no template", "declare a `param` for a value that changes, and read it as `param.NAME`; "+literally)
		return
	}
	d.errorf(at, codeNotLiteral, "the text holds a template", "values are literals; "+literally)
}

// plainText reads the text that stands at a span.
func (d *decoder) plainText(span diag.Span) (string, bool) {
	t, ok := d.text(lit{kind: litText, span: span}, false)
	return t.Value, ok
}

// want checks the form of a literal.
func (d *decoder) want(l lit, kind litKind) bool {
	if l.kind != kind && l.kind != litBad {
		d.errorf(l.span, codeValue, l.kind.String()+" stands where "+kind.String()+" belongs", quotesHint(l, kind))
	}
	return l.kind == kind
}

// quotesHint says that a literal is right but for its quotes.
func quotesHint(l lit, kind litKind) string {
	inner := strings.Trim(l.span.Text(), `"`)
	switch {
	case l.kind == litText && (kind == litNumber && isNumber(inner) || kind == litBool && (inner == "true" || inner == "false")):
		return "leave the quotes out: `" + inner + "`"
	case kind == litText && (l.kind == litNumber || l.kind == litBool):
		return "text stands in quotes"
	}
	return ""
}

// decimal is a number exactly as it is written: digits × 10^exp. The digits begin and end with no zero; none are zero.
type decimal struct {
	neg    bool
	digits string
	exp    int
}

// maxExponent is where exponents are cut off: far past every type's range.
const maxExponent = 1 << 24

// readDecimal reads a number token, which HCL's scanner has found well-formed. An exponent costs nothing, however big.
func readDecimal(text string) decimal {
	var n decimal
	if s, ok := strings.CutPrefix(text, "-"); ok {
		n.neg, text = true, strings.TrimLeft(s, " \t\r\n")
	}
	mantissa := text
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		mantissa = text[:i]
		exp, err := strconv.Atoi(text[i+1:])
		if err != nil { // out of an int's range: Atoi has returned the nearest
			exp = maxExponent
			if strings.HasPrefix(text[i+1:], "-") {
				exp = -maxExponent
			}
		}
		n.exp = max(-maxExponent, min(exp, maxExponent))
	}
	whole, frac, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(whole+frac, "0")
	n.digits = strings.TrimRight(digits, "0")
	n.exp += len(digits) - len(n.digits) - len(frac)
	if n.digits == "" {
		n = decimal{neg: n.neg}
	}
	return n
}

// scaled returns the number × 10^shift as an integer, and whether it is one of at most 18 digits.
func (n decimal) scaled(shift int) (int64, bool) {
	if n.digits == "" {
		return 0, true
	}
	exp := n.exp + shift
	if exp < 0 || len(n.digits)+exp > 18 {
		return 0, false
	}
	v, err := strconv.ParseInt(n.digits+strings.Repeat("0", exp), 10, 64)
	if n.neg {
		v = -v
	}
	return v, err == nil
}

// integral reports whether the number is one without a fraction.
func (n decimal) integral() bool { return n.digits == "" || n.exp >= 0 }

// maxNumberInt is the largest magnitude of an integer that is written as a number; larger ones are written as text, as in JSON.
const maxNumberInt = 1 << 53

// integer reads a literal as an integer of [low, high].
func (d *decoder) integer(l lit, low, high int64) (int64, bool) {
	if !d.want(l, litNumber) {
		return 0, false
	}
	v, ok := readDecimal(l.span.Text()).scaled(0)
	if !ok || v < low || v > high {
		detail := fmt.Sprintf("from %d to %d", low, high)
		d.errorf(l.span, codeValue, "`"+short(l.span.Text())+"` is no whole number in range", detail)
		return 0, false
	}
	return v, true
}

// float reads a number as a double: correctly rounded, never infinite, and 0 only if it is written so.
func (d *decoder) float(l lit) (float64, bool) {
	n := readDecimal(l.span.Text())
	if n.digits == "" {
		if n.neg {
			return math.Copysign(0, -1), true // as in JSON
		}
		return 0, true
	}
	v, err := policy.ParseDouble(n.digits + "e" + strconv.Itoa(n.exp))
	if n.neg {
		v = -v
	}
	if err != nil || math.IsInf(v, 0) || v == 0 {
		d.errorf(l.span, codeValue, "`"+short(l.span.Text())+"` is beyond the range of a double", "")
		return 0, false
	}
	return v, true
}

// short cuts what an author wrote to the length of a message, and leaves out what would play tricks on a terminal.
func short(s string) string {
	const most = 60
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return utf8.RuneError
		}
		return r
	}, s[:min(len(s), 4*most)])
	if len(s) <= most {
		return s
	}
	for i := range s {
		if i > most {
			return s[:i] + "…"
		}
	}
	return s
}

// value reads a literal as a value of a type: as it would be written in a request's JSON (docs/language.md, "The request's JSON").
func (d *decoder) value(l lit, t *policy.Type) (policy.Value, bool) {
	if l.kind == litBad || t == nil || t.Kind == policy.KindInvalid {
		return nil, false
	}
	switch t.Kind {
	case policy.KindAny:
		return d.anyValue(l)
	case policy.KindBool:
		return l.span.Text() == "true", d.want(l, litBool)
	case policy.KindDouble:
		if !d.want(l, litNumber) {
			return nil, false
		}
		return boxed(d.float(l))
	case policy.KindInt, policy.KindUint:
		return d.integerValue(l, t)
	case policy.KindList:
		return d.listValue(l, t)
	case policy.KindMap:
		return d.mapValue(l, t)
	case policy.KindObject:
		return d.objectValue(l, t)
	}
	return d.textValue(l, t, false)
}

func boxed[T any](v T, ok bool) (policy.Value, bool) {
	if !ok {
		return nil, false
	}
	return v, true
}

// integerValue reads an int or uint: a number, or the integer as text.
func (d *decoder) integerValue(l lit, t *policy.Type) (policy.Value, bool) {
	if l.kind == litText {
		return d.textValue(l, t, false)
	}
	low := int64(-maxNumberInt)
	if t.Kind == policy.KindUint {
		low = 0
	}
	if l.kind == litNumber && readDecimal(l.span.Text()).integral() && !d.fitsNumber(l) {
		return nil, false
	}
	v, ok := d.integer(l, low, maxNumberInt)
	if ok && t.Kind == policy.KindUint {
		return uint64(v), true
	}
	return boxed(v, ok)
}

// fitsNumber says how to write an integer that is too large for a number.
func (d *decoder) fitsNumber(l lit) bool {
	n := readDecimal(l.span.Text())
	if v, ok := n.scaled(0); ok && v >= -maxNumberInt && v <= maxNumberInt {
		return true
	}
	dg := d.errorf(l.span, codeValue, "`"+short(l.span.Text())+"` is larger than a number may be", "an integer beyond 2^53 is written as text, in quotes")
	if len(n.digits)+n.exp <= 20 {
		sign := ""
		if n.neg {
			sign = "-"
		}
		dg.Suggestion = `"` + sign + n.digits + strings.Repeat("0", n.exp) + `"`
	}
	return false
}

// textValue reads a value that is written as text. bare says that a cidr may be an address.
func (d *decoder) textValue(l lit, t *policy.Type, bare bool) (policy.Value, bool) {
	text, ok := d.text(l, false)
	if !ok {
		return nil, false
	}
	if len(text.Value) > policy.MaxStringBytes {
		d.errorf(l.span, codeLimit, "the text is longer than 64 KiB", "")
		return nil, false
	}
	v, err := parseValue(text.Value, t.Kind, bare)
	if err != nil {
		d.errorf(l.span, codeValue, "`"+short(text.Value)+"` is "+err.Error(), "")
		return nil, false
	}
	return v, true
}

// parseValue reads the text form of a value.
func parseValue(s string, k policy.Kind, bare bool) (policy.Value, error) {
	switch k {
	case policy.KindString:
		return s, nil
	case policy.KindInt:
		return failing(policy.ParseInt(s))
	case policy.KindUint:
		return failing(policy.ParseUint(s))
	case policy.KindBytes:
		return failing(policy.ParseBytes(s))
	case policy.KindTimestamp:
		return failing(policy.ParseTimestamp(s))
	case policy.KindDuration:
		return failing(policy.ParseDuration(s))
	case policy.KindIP:
		return failing(policy.ParseIP(s))
	case policy.KindCIDR:
		return failing(policy.ParseCIDR(s, bare))
	}
	return nil, fmt.Errorf("%s is not written as text", k)
}

func failing[T any](v T, err error) (policy.Value, error) {
	if err != nil {
		return nil, err
	}
	return v, nil
}

// entries checks the number of a list's or map's entries.
func (d *decoder) entries(l lit, n, most int) bool {
	if n > most {
		d.errorf(l.span, codeLimit, fmt.Sprintf("%d entries are more than the %d that the type allows", n, most), "")
	}
	return n <= most
}

func (d *decoder) listValue(l lit, t *policy.Type) (policy.Value, bool) {
	if !d.want(l, litTuple) || !d.entries(l, len(l.items), t.Max) {
		return nil, false
	}
	values, all := make([]policy.Value, 0, len(l.items)), true
	for _, item := range l.items {
		v, ok := d.value(item, t.Elem)
		values, all = append(values, v), all && ok
	}
	return values, all
}

func (d *decoder) mapValue(l lit, t *policy.Type) (policy.Value, bool) {
	if !d.want(l, litObject) || !d.entries(l, len(l.fields), t.Max) {
		return nil, false
	}
	values, all := make(map[string]policy.Value, len(l.fields)), true
	for _, f := range l.fields {
		v, ok := d.value(f.val, t.Elem)
		values[f.name], all = v, all && ok
	}
	return policy.NewMap(values), all
}

// objectValue reads an object. An attribute that is not written, or null, is missing.
func (d *decoder) objectValue(l lit, t *policy.Type) (policy.Value, bool) {
	if !d.want(l, litObject) {
		return nil, false
	}
	o, all := policy.NewObject(t), true
	for _, f := range l.fields {
		slot := t.Slot(f.name)
		if slot < 0 {
			d.suggest(d.errorf(f.key, codeUnknownAttribute, "the type has no attribute `"+short(f.name)+"`", ""), f.name, func() []string { return attrNames(t) })
			all = false
			continue
		}
		if f.val.kind == litNull && t.Attrs[slot].Type.Kind != policy.KindAny {
			continue
		}
		v, ok := d.value(f.val, t.Attrs[slot].Type)
		o.Attrs[slot], all = v, all && ok
	}
	return o, all
}

func attrNames(t *policy.Type) []string {
	names := make([]string, len(t.Attrs))
	for i, a := range t.Attrs {
		names[i] = a.Name
	}
	return names
}

// anyValue reads a literal as CEL sees JSON: its numbers are doubles.
func (d *decoder) anyValue(l lit) (policy.Value, bool) {
	switch l.kind {
	case litNull:
		return policy.Null{}, true
	case litBool:
		return l.span.Text() == "true", true
	case litNumber:
		return boxed(d.float(l))
	case litText:
		return d.textValue(l, policy.String, false)
	case litTuple:
		return d.listValue(l, policy.ListOfMax(policy.Any, policy.MaxAnyEntries))
	case litObject:
		return d.mapValue(l, &policy.Type{Kind: policy.KindMap, Key: policy.String, Elem: policy.Any, Max: policy.MaxAnyEntries})
	}
	return nil, false
}
