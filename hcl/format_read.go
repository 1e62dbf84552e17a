package hcl

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/rungpolicy/rung/diag"
)

// entry is what stands in a file, a block, a list, an object or the parentheses of a type: a comment, an attribute, a block, an element.
type entry struct {
	// newline says that a line ends before it, blank that an empty line is there.
	newline, blank bool
	// A comment has nothing but text; lineComment is one that ends its line.
	comment     string
	lineComment bool

	head  string     // the name of an attribute or key, a block's type and labels; "" of an element
	value *formValue // nil of a comment and a block
	cel   bool       // the value is a condition

	block   []entry
	isBlock bool
	oneLine bool // of a block: it has no line of its own
}

// formValue is a value: a word, or what stands in brackets.
type formValue struct {
	before  []string // comments
	text    string   // a word, or what opens the bracket, with what is before it: `object(`
	span    diag.Span
	heredoc bool
	quoted  bool

	bracket string // what closes it, "" of a word
	entries []entry

	width     int  // on one line
	multi     bool // it is written on several lines
	own       bool // and so by what stands directly in it
	breakable bool // it has elements that could stand on lines of their own
}

// formReader makes entries of tokens, which are known to parse. Anything that is no literal and no type is reported.
type formReader struct {
	d       *decoder
	src     *diag.Source
	toks    []formToken
	pos     int
	newline string
}

func (r *formReader) peek() formToken { return r.toks[r.pos] }

func (r *formReader) at(kind hclsyntax.TokenType) bool { return r.peek().kind == kind }

func (r *formReader) text(t formToken) string { return string(r.src.Bytes[t.start:t.end]) }

func (r *formReader) next() formToken {
	t := r.toks[r.pos]
	if t.kind != hclsyntax.TokenEOF {
		r.pos++
	}
	return t
}

// bad reports what stands where a literal should, and skips the rest.
func (r *formReader) bad() {
	t := r.peek()
	if len(r.d.diags) == 0 {
		r.d.errorf(r.src.Span(t.start, t.end), codeNotLiteral, "the value is no literal",
			"text in quotes, a number, `true` or `false`, a list in brackets or an object in braces; a condition is CEL, written as text")
	}
	r.pos = len(r.toks) - 1
}

// lines skips ends of lines and, in lists, commas. It says whether a line ended, and whether an empty one was there. A comment that ends its line
// has ended it.
func (r *formReader) lines(commas bool) (newline, blank bool) {
	ends := 0
	if r.pos > 0 && isLineComment(r.text(r.toks[r.pos-1])) && r.toks[r.pos-1].kind == hclsyntax.TokenComment {
		ends++
	}
	for r.at(hclsyntax.TokenNewline) || commas && r.at(hclsyntax.TokenComma) {
		if r.next().kind == hclsyntax.TokenNewline {
			ends++
		}
	}
	return ends > 0 || r.pos == 0, ends > 1
}

func isLineComment(s string) bool { return strings.HasPrefix(s, "#") || strings.HasPrefix(s, "//") }

// comment takes a comment as an entry.
func (r *formReader) comment() entry {
	s := r.text(r.next())
	if isLineComment(s) {
		return entry{comment: strings.TrimRight(s, " \t\r\n"), lineComment: true}
	}
	return entry{comment: s}
}

// inline takes the comments that stand in the middle of an attribute, or a block's header: none of them ends a line.
func (r *formReader) inline() []string {
	var out []string
	for r.at(hclsyntax.TokenComment) {
		out = append(out, r.comment().comment)
	}
	return out
}

// body reads what stands in a block of a kind, or in a file.
func (r *formReader) body(kind *Block, top bool) []entry {
	var out []entry
	for {
		newline, blank := r.lines(false)
		var e entry
		switch {
		case r.at(hclsyntax.TokenEOF), r.at(hclsyntax.TokenCBrace):
			return out
		case r.at(hclsyntax.TokenComment):
			e = r.comment()
		case r.at(hclsyntax.TokenIdent):
			e = r.definition(kind, top)
		default:
			r.bad()
			return out
		}
		e.newline, e.blank = newline, blank
		out = append(out, e)
	}
}

// definition reads an attribute or a block.
func (r *formReader) definition(kind *Block, top bool) entry {
	name := r.text(r.next())
	head := append([]string{name}, r.inline()...)
	if r.at(hclsyntax.TokenEqual) {
		r.next()
		e := entry{head: strings.Join(head, " ")}
		before := r.inline()
		e.value = r.value()
		e.value.before = before
		e.cel = kind.holdsCEL(name) && e.value.bracket == "" && (e.value.quoted || e.value.heredoc)
		return e
	}
	for r.at(hclsyntax.TokenIdent) || r.at(hclsyntax.TokenOQuote) || r.at(hclsyntax.TokenComment) {
		if r.at(hclsyntax.TokenComment) {
			head = append(head, r.inline()...)
		} else {
			head = append(head, r.text(r.next()))
		}
	}
	e := entry{head: strings.Join(head, " "), isBlock: true}
	if !r.at(hclsyntax.TokenOBrace) {
		r.bad()
		return e
	}
	open := r.next()
	e.block = r.body(r.kindOf(kind, top, name), false)
	end := r.next()
	e.oneLine = !strings.Contains(string(r.src.Bytes[open.start:end.end]), "\n") &&
		!slices.ContainsFunc(e.block, func(x entry) bool { return x.comment != "" || x.isBlock })
	return e
}

// kindOf is the kind of a block by its name, nil if it is none that could stand there.
func (r *formReader) kindOf(outer *Block, top bool, name string) *Block {
	kind := r.d.kinds[name]
	if kind == nil || top && !kind.Top || !top && (outer == nil || !slices.Contains(outer.Nested, name)) {
		return nil
	}
	return kind
}

// value reads a literal or a type.
func (r *formReader) value() *formValue {
	t := r.next()
	v := &formValue{text: r.text(t), span: r.src.Span(t.start, t.end)}
	switch t.kind {
	case hclsyntax.TokenOQuote:
		v.quoted = true
	case hclsyntax.TokenOHeredoc:
		v.heredoc, v.multi = true, true
	case hclsyntax.TokenNumberLit:
	case hclsyntax.TokenMinus:
		if !r.at(hclsyntax.TokenNumberLit) {
			r.bad()
			return v
		}
		v.text += r.text(r.next())
	case hclsyntax.TokenIdent:
		if r.at(hclsyntax.TokenOParen) {
			v.text += r.text(r.next())
			r.bracket(v, hclsyntax.TokenCParen, ")")
		}
	case hclsyntax.TokenOBrack:
		r.bracket(v, hclsyntax.TokenCBrack, "]")
	case hclsyntax.TokenOBrace:
		r.bracket(v, hclsyntax.TokenCBrace, "}")
	default:
		r.pos--
		r.bad()
		return v
	}
	if v.bracket == "" {
		v.width = textWidth(v.text)
	}
	return v
}

// bracket reads what stands in brackets.
func (r *formReader) bracket(v *formValue, end hclsyntax.TokenType, closing string) {
	v.bracket = closing
	for {
		newline, blank := r.lines(true)
		if r.at(end) {
			r.next()
			v.own = v.own || newline && len(v.entries) > 0
			break
		}
		if r.at(hclsyntax.TokenEOF) {
			r.bad()
			return
		}
		var e entry
		if r.at(hclsyntax.TokenComment) {
			e = r.comment()
		} else {
			e = r.element(closing)
		}
		e.newline, e.blank = newline, blank
		v.own = v.own || newline || e.lineComment
		v.entries = append(v.entries, e)
	}
	v.measure()
}

// element reads an element, or an object's key and value.
func (r *formReader) element(closing string) entry {
	var e entry
	var before []string
	if closing == "}" {
		key := r.next()
		if key.kind != hclsyntax.TokenIdent && key.kind != hclsyntax.TokenOQuote && key.kind != hclsyntax.TokenNumberLit {
			r.pos--
			r.bad()
			return entry{value: &formValue{}}
		}
		e.head = strings.Join(append([]string{r.text(key)}, r.inline()...), " ")
		if !r.at(hclsyntax.TokenEqual) && !r.at(hclsyntax.TokenColon) {
			r.bad()
			return entry{value: &formValue{}}
		}
		r.next()
		before = r.inline()
	}
	e.value = r.value()
	e.value.before = before
	if e.value.heredoc && closing != "}" { // nothing may stand behind a heredoc, not the comma either
		r.quote(e.value)
	}
	return e
}

// quote puts a heredoc in quotes.
func (r *formReader) quote(v *formValue) {
	t, ok := r.d.text(lit{kind: litText, span: v.span}, false)
	if !ok {
		return
	}
	v.text, v.heredoc, v.quoted, v.multi = quoted(t.Value), false, true, false
	v.width = textWidth(v.text)
}

// measure sums up what is in brackets.
func (v *formValue) measure() {
	v.width = textWidth(v.text) + len(v.bracket)
	v.multi = v.own
	for i, e := range v.entries {
		if i > 0 {
			v.width += len(", ")
		}
		v.width += textWidth(e.comment) + textWidth(e.head)
		if e.head != "" {
			v.width += len(" = ")
		}
		if e.value != nil {
			v.width += e.value.width
			v.multi = v.multi || e.value.multi
			v.breakable = v.breakable || e.value.breakable
			for _, c := range e.value.before {
				v.width += textWidth(c) + 1
			}
		}
	}
	if v.bracket == "}" && len(v.entries) > 0 {
		v.width += len("  ")
	}
	v.breakable = v.breakable || v.bracket != ")" && len(v.entries) > 0
}

// textWidth is the width of a text, or of its last line.
func textWidth(s string) int {
	return utf8.RuneCountInString(s[strings.LastIndexByte(s, '\n')+1:])
}
