package editor

import (
	"github.com/rungpolicy/rung/hcl"
	"github.com/rungpolicy/rung/policy"
)

// tree is what can be read of a file's text, however broken it is.
type tree struct {
	text *text
	toks []token
	root *block
	// junk is what has no meaning where it stands, open the blocks that lack their end, which is missing where their body ends.
	junk []span
	open []*block
}

// block is a block; the root is one that holds the file.
type block struct {
	parent *block
	schema *hcl.Block // nil: there is no such block
	kind   span       // the word it begins with
	label  *value     // nil if there is none
	body   span       // what is between its braces
	whole  span
	attrs  []*attr
	blocks []*block
	// lines are the words that are no attribute or block yet.
	lines []span
}

// attr is an attribute of a block, or a field of an object.
type attr struct {
	name span
	key  *value // of an object's field: the name or text before the sign
	// value is nil where nothing is written yet; whole ends at the line's end then.
	value *value
	whole span
}

// valueKind is the form of a value.
type valueKind uint8

const (
	valText valueKind = iota
	valNumber
	valWord // a name: true, double, what is not in quotes yet
	valCall
	valList
	valObject
)

// value is a value. Of one that is not ok something is missing.
type value struct {
	kind   valueKind
	at     span
	ok     bool
	closed bool     // text: its end is there
	items  []*value // of a list, or the arguments of a call
	fields []*attr  // of an object
	literal
}

// literal is text, read when it is first asked for.
type literal struct{ read *policy.Text }

// maxDepth bounds the recursion of the reader: deeper than package hcl reads.
const maxDepth = 80

type reader struct {
	*tree
	i       int
	schemas map[string]*hcl.Block
	// guess says that blocks lack their ends, which are then taken to be before what begins a line and belongs at top level.
	guess bool
	depth int
}

// readTree reads a text.
func readTree(t *text, schemas map[string]*hcl.Block) *tree {
	toks := tokens(t.src.Bytes)
	r := reader{tree: &tree{text: t, toks: toks}, schemas: schemas}
	r.file()
	if len(r.open) > 0 {
		r = reader{tree: &tree{text: t, toks: toks}, schemas: schemas, guess: true}
		r.file()
	}
	return r.tree
}

func (r *reader) file() {
	all := span{0, len(r.text.src.Bytes)}
	r.root = &block{body: all, whole: all}
	for r.body(r.root); r.tok().kind != tokEnd; r.body(r.root) {
		r.drop() // a brace that closes nothing
	}
}

func (r *reader) tok() token { return r.toks[r.i] }

func (r *reader) peek(n int) token { return r.toks[min(r.i+n, len(r.toks)-1)] }

func (r *reader) is(t token, c byte) bool {
	return t.kind == tokPunct && r.text.src.Bytes[t.start] == c
}

// drop passes over a token that has no meaning where it stands.
func (r *reader) drop() {
	r.junk = append(r.junk, span{r.tok().start, r.tok().end})
	r.i++
}

// dropLine passes over the rest of a line, but not over what closes the block on it.
func (r *reader) dropLine() {
	for depth := 0; ; {
		switch t := r.tok(); {
		case t.kind == tokNewline, t.kind == tokEnd, t.kind == tokComment && t.closed && r.text.src.Bytes[t.start] != '/':
			return
		case r.is(t, '{'):
			depth++
		case r.is(t, '}'):
			if depth--; depth < 0 {
				return
			}
		}
		r.drop()
	}
}

// body reads what is in a block, up to the brace that closes it.
func (r *reader) body(b *block) {
	for {
		switch t := r.tok(); {
		case t.kind == tokEnd || r.is(t, '}'):
			return
		case t.kind == tokNewline || t.kind == tokComment:
			if !t.closed && t.kind == tokComment {
				r.junk = append(r.junk, span{t.start, t.end})
			}
			r.i++
		case t.kind == tokName:
			if r.guess && b != r.root && r.belongsAtTop(b) {
				return
			}
			r.entry(b)
		default:
			r.dropLine()
		}
	}
}

// belongsAtTop reports whether a block begins here that cannot be meant to be in b: its word begins a line and is one of top level.
func (r *reader) belongsAtTop(b *block) bool {
	t := r.tok()
	if t.start > 0 && r.text.src.Bytes[t.start-1] != '\n' || r.is(r.peek(1), '=') {
		return false
	}
	s := r.schemas[r.text.bytes(span{t.start, t.end})]
	return s != nil && s.Top && (r.peek(1).kind == tokText || r.is(r.peek(1), '{'))
}

// entry reads an attribute or a block.
func (r *reader) entry(b *block) {
	name := span{r.tok().start, r.tok().end}
	if r.is(r.peek(1), '=') {
		r.attribute(b, name)
		return
	}
	n := 1
	for r.peek(n).kind == tokText || r.peek(n).kind == tokName {
		n++
	}
	if !r.is(r.peek(n), '{') {
		b.lines = append(b.lines, name)
		r.dropLine()
		return
	}
	r.block(b, name, n)
}

func (r *reader) attribute(b *block, name span) {
	a := &attr{name: name, whole: span{name.start, r.peek(1).end}}
	r.i += 2
	if a.value = r.value(); a.value != nil {
		a.whole.end = a.value.at.end
	}
	b.attrs = append(b.attrs, a)
	if a.value == nil || !a.value.ok {
		a.whole.end = max(a.whole.end, r.lineEnd(a.whole.end))
	}
	r.dropLine()
}

// lineEnd is the end of the line in which a place is.
func (r *reader) lineEnd(offset int) int {
	for i := r.i; i < len(r.toks); i++ {
		if t := r.toks[i]; t.kind == tokNewline || t.kind == tokEnd || t.kind == tokComment {
			return max(offset, t.start)
		}
	}
	return offset
}

func (r *reader) block(parent *block, name span, labels int) {
	b := &block{parent: parent, kind: name, schema: r.schemas[r.text.bytes(name)]}
	for k := 1; k < labels; k++ {
		if t := r.peek(k); b.label == nil {
			b.label = r.leaf(t)
		}
	}
	parent.blocks = append(parent.blocks, b)
	r.i += labels + 1
	b.body.start = r.toks[r.i-1].end
	if r.depth++; r.depth < maxDepth {
		r.body(b)
	}
	r.depth--
	b.body.end = r.tok().start
	b.whole = span{name.start, r.tok().end}
	if r.is(r.tok(), '}') {
		r.i++
		return
	}
	b.whole.end = r.tok().start
	r.open = append(r.open, b)
	if r.tok().kind != tokEnd && !r.guess {
		r.drop() // nested too deep
	}
}

// leaf makes a value of a token: text, a number or a word.
func (r *reader) leaf(t token) *value {
	v := &value{at: span{t.start, t.end}, ok: t.closed, closed: t.closed}
	switch t.kind {
	case tokNumber:
		v.kind = valNumber
	case tokName:
		v.kind = valWord
	}
	return v
}

// value reads a value; nil if there is none.
func (r *reader) value() *value {
	t := r.tok()
	if r.depth >= maxDepth {
		return nil
	}
	switch {
	case t.kind == tokText || t.kind == tokHeredoc || t.kind == tokNumber:
		r.i++
		return r.leaf(t)
	case r.is(t, '-') && r.peek(1).kind == tokNumber:
		r.i += 2
		return &value{kind: valNumber, at: span{t.start, r.toks[r.i-1].end}, ok: true}
	case t.kind == tokName && r.is(r.peek(1), '('):
		r.i++
		return r.sequence(valCall, t.start, ')')
	case t.kind == tokName:
		r.i++
		return r.leaf(t)
	case r.is(t, '['):
		return r.sequence(valList, t.start, ']')
	case r.is(t, '{'):
		return r.object()
	}
	return nil
}

// skip passes over what separates nothing.
func (r *reader) skip() {
	for r.tok().kind == tokNewline || r.tok().kind == tokComment {
		r.i++
	}
}

// sequence reads a list, or the arguments of a call; the bracket is the token.
func (r *reader) sequence(kind valueKind, start int, end byte) *value {
	v := &value{kind: kind, at: span{start, r.tok().end}}
	r.depth++
	defer func() { r.depth-- }()
	r.i++
	v.ok = true
	for {
		last := r.toks[r.i-1].end
		r.skip()
		t := r.tok()
		switch {
		case r.is(t, end):
			r.i++
			v.at.end = t.end
			return v
		case r.is(t, ','):
			r.i++
			continue
		}
		if t.kind == tokName && (r.is(r.peek(1), '=') || r.peek(1).kind == tokText) || r.is(t, '}') || r.is(t, ']') || r.is(t, ')') || t.kind == tokEnd {
			v.ok, v.at.end = false, last
			return v
		}
		item := r.value()
		if item == nil {
			v.ok = false
			r.i++
			continue
		}
		v.items = append(v.items, item)
		v.ok = v.ok && item.ok
		if next := r.next(); !r.is(next, ',') && !r.is(next, end) {
			v.ok = false
		}
	}
}

// next is the next token that says something.
func (r *reader) next() token {
	for i := r.i; ; i++ {
		if t := r.toks[i]; t.kind != tokNewline && t.kind != tokComment {
			return t
		}
	}
}

// object reads an object: the brace is the token.
func (r *reader) object() *value {
	v := &value{kind: valObject, at: span{r.tok().start, r.tok().end}}
	r.depth++
	defer func() { r.depth-- }()
	r.i++
	v.ok = true
	for {
		last := r.toks[r.i-1].end
		r.skip()
		t := r.tok()
		switch {
		case r.is(t, '}'):
			r.i++
			v.at.end = t.end
			return v
		case r.is(t, ','):
			r.i++
			continue
		case r.is(t, ']'), r.is(t, ')'), t.kind == tokEnd, t.kind == tokName && (r.peek(1).kind == tokText || r.is(r.peek(1), '{')):
			v.ok, v.at.end = false, last
			return v
		}
		if (t.kind == tokName || t.kind == tokText || t.kind == tokNumber) && (r.is(r.peek(1), '=') || r.is(r.peek(1), ':')) {
			v.ok = r.field(v) && v.ok
			continue
		}
		if t.kind == tokName {
			v.fields = append(v.fields, &attr{name: span{t.start, t.end}, key: r.leaf(t), whole: span{t.start, t.end}})
		}
		v.ok = false
		r.i++
	}
}

func (r *reader) field(v *value) bool {
	t := r.tok()
	f := &attr{name: span{t.start, t.end}, key: r.leaf(t), whole: span{t.start, r.peek(1).end}}
	r.i += 2
	v.fields = append(v.fields, f)
	if f.value = r.value(); f.value == nil {
		return false
	}
	f.whole.end = f.value.at.end
	next := r.tok()
	if next.kind == tokComment {
		next = r.toks[min(r.i+1, len(r.toks)-1)]
	}
	return f.value.ok && (next.kind == tokNewline || r.is(next, ',') || r.is(next, '}'))
}

// textOf is what a text says, with the way back to its bytes; nil if the value is none.
func (t *tree) textOf(v *value) *policy.Text {
	if v == nil || v.kind != valText {
		return nil
	}
	if v.read == nil {
		v.read = hcl.Text(t.text.src.Span(v.at.start, v.at.end), v.closed)
	}
	return v.read
}

// inner is a text without its quotes, and any other value whole.
func (t *tree) inner(v *value) span {
	s := v.at
	if v.kind == valText && s.end > s.start && t.text.src.Bytes[s.start] == '"' {
		s.start++
		if v.closed {
			s.end--
		}
	}
	return s
}

// nameOf is what a label, key or text says.
func (t *tree) nameOf(v *value) string {
	if v == nil {
		return ""
	}
	if text := t.textOf(v); text != nil {
		return text.Value
	}
	return t.text.bytes(v.at)
}

// attr returns an attribute of a block, or nil.
func (t *tree) attr(b *block, name string) *attr {
	for _, a := range b.attrs {
		if t.text.bytes(a.name) == name {
			return a
		}
	}
	return nil
}

// at returns the innermost block that holds a place.
func (t *tree) at(offset int) *block {
	b := t.root
	for {
		inner := b
		for _, x := range b.blocks {
			if x.body.holds(offset) {
				inner = x
			}
		}
		if inner == b {
			return b
		}
		b = inner
	}
}

// attrAt returns the attribute of a block that holds a place, or nil.
func (b *block) attrAt(offset int) *attr {
	for _, a := range b.attrs {
		if a.whole.holds(offset) {
			return a
		}
	}
	return nil
}
