package cel

import (
	"slices"
	"strings"
)

// Cursor is a place in the text of a condition, and what stands around it. The text need not parse: brackets alone say what belongs together.
type Cursor struct {
	text string
	toks []token
	// Start and End are the name at the place, or where one would be written.
	Start, End int
	// Member says that the name stands behind a dot; From to To is then the value before the dot.
	Member   bool
	From, To int
	// Whole is the end of the expression that ends with the name: behind its arguments, if it is called.
	Whole int
	// InText says that the place is in a string, InComment in a comment: no name is written there. Start and End are then the string without
	// its quotes.
	InText, InComment bool
	// Calls are the calls that the place stands in, the innermost first.
	Calls []CursorCall
	// tok is the index of the first token that does not end before the place.
	tok int
}

// CursorCall is a call that a cursor stands in.
type CursorCall struct {
	// Name is the function's, with its namespace; Method says that it is called of a value, the bytes From to To.
	Name     string
	Method   bool
	From, To int
	// Args are where the arguments begin and end; the cursor is in the last.
	Args [][2]int
}

// CursorAt returns the place at a byte of a text.
func CursorAt(text string, offset int) *Cursor {
	offset = max(0, min(offset, len(text)))
	c := &Cursor{text: text, toks: lex(text), Start: offset, End: offset, Whole: offset}
	c.tok = slices.IndexFunc(c.toks, func(t token) bool { return t.end >= offset })
	if c.tok < 0 {
		c.tok = len(c.toks)
	}
	c.find(offset)
	for i := c.tok - 1; i >= 0 && len(c.Calls) < maxDepth; {
		i = c.enclosing(i)
	}
	return c
}

// find says what is written at the place.
func (c *Cursor) find(offset int) {
	if c.tok < len(c.toks) && c.toks[c.tok].end == offset && !nameLike(&c.toks[c.tok]) && c.tok+1 < len(c.toks) && c.toks[c.tok+1].start == offset {
		c.tok++ // between two tokens it is the one that may be a name
	}
	if c.inComment(offset) {
		c.InComment = true
		return
	}
	if c.tok >= len(c.toks) {
		c.member()
		return
	}
	switch t := &c.toks[c.tok]; {
	case t.start < offset && (t.kind == tokString || t.kind == tokBytes || t.kind == tokInvalid && strings.ContainsAny(t.text[:1], `"'`)):
		c.string(t, offset)
	case nameLike(t) && t.start <= offset:
		c.Start, c.End, c.Whole = t.start, t.end, t.end
		if c.tok+1 < len(c.toks) && c.toks[c.tok+1].is("(") {
			c.Whole = c.toks[c.closing(c.tok+1)].end
		}
		c.member()
	default:
		if t.end <= offset {
			c.tok++
		}
		c.member()
	}
}

// string says that the place is in a string, if it is not behind its closing quote.
func (c *Cursor) string(t *token, offset int) {
	inner := strings.TrimLeft(t.text, "rRbB")
	quote := inner[:1]
	if strings.HasPrefix(inner, strings.Repeat(quote, 3)) {
		quote = inner[:3]
	}
	start, end := t.end-len(inner)+len(quote), t.end
	if t.kind != tokInvalid {
		end -= len(quote)
	}
	if offset >= start && offset <= end {
		c.InText, c.Start, c.End = true, start, end
	}
}

// inComment reports whether the place is in a comment: what lies before it since the last token begins one on its line.
func (c *Cursor) inComment(offset int) bool {
	from := 0
	if c.tok > 0 {
		from = c.toks[c.tok-1].end
	}
	if c.tok < len(c.toks) && c.toks[c.tok].start < offset {
		return false
	}
	gap := c.text[min(from, offset):offset]
	return strings.Contains(gap[strings.LastIndexByte(gap, '\n')+1:], "//")
}

func nameLike(t *token) bool {
	return t.kind == tokIdent || t.kind == tokQuoted || t.kind >= tokTrue && t.kind <= tokIn
}

// member finds the value before the dot, if the name stands behind one.
func (c *Cursor) member() {
	dot := dotBefore(c.toks, c.tok)
	if dot < 0 {
		return
	}
	c.Member = true
	c.From, c.To = c.toks[dot].start, c.toks[dot].start
	if dot > 0 {
		c.From, c.To = c.toks[c.operand(dot-1)].start, c.toks[dot-1].end
	}
}

// operand returns the token with which the operand begins that ends with token i: a name, literal or bracket with all that hangs on it.
func (c *Cursor) operand(i int) int {
	for {
		t := &c.toks[i]
		if t.is(")") || t.is("]") || t.is("}") {
			open := c.opening(i)
			if open == 0 || t.is("}") {
				return open
			}
			before := &c.toks[open-1]
			isOperand := nameLike(before) && before.kind != tokIn || t.is("]") && (before.is(")") || before.is("]") || before.is("}") || before.kind == tokString)
			if !isOperand {
				return open
			}
			i = open - 1
			continue
		}
		dot := dotBefore(c.toks, i)
		if dot <= 0 || !nameLike(t) {
			return i
		}
		i = dot - 1
	}
}

// opening returns the bracket that token i closes; the first token if there is none.
func (c *Cursor) opening(i int) int {
	depth := 0
	for ; i > 0; i-- {
		switch t := &c.toks[i]; {
		case t.is(")"), t.is("]"), t.is("}"):
			depth++
		case t.is("("), t.is("["), t.is("{"):
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return 0
}

// closing returns the bracket that closes token i; the last token if there is none.
func (c *Cursor) closing(i int) int {
	depth := 0
	for ; i < len(c.toks)-1; i++ {
		switch t := &c.toks[i]; {
		case t.is("("), t.is("["), t.is("{"):
			depth++
		case t.is(")"), t.is("]"), t.is("}"):
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(c.toks) - 1
}

// enclosing goes back from token i to the bracket in which it stands, and takes its call, if it is one. It returns the token before that; -1 at
// the beginning.
func (c *Cursor) enclosing(i int) int {
	depth := 0
	var commas []int
	for ; i >= 0; i-- {
		switch t := &c.toks[i]; {
		case t.is(")"), t.is("]"), t.is("}"):
			depth++
		case t.is(",") && depth == 0:
			commas = append(commas, i)
		case (t.is("(") || t.is("[") || t.is("{")) && depth > 0:
			depth--
		case t.is("(") && i > 0 && c.toks[i-1].kind == tokIdent:
			slices.Reverse(commas)
			c.call(i, commas)
			return i - 2
		case t.is("("), t.is("["), t.is("{"):
			return i - 1
		}
	}
	return -1
}

// call takes the call whose parenthesis is token open.
func (c *Cursor) call(open int, commas []int) {
	call := CursorCall{Name: c.toks[open-1].text}
	if dot := dotBefore(c.toks, open-1); dot > 0 {
		call.Method = true
		call.From, call.To = c.toks[c.operand(dot-1)].start, c.toks[dot-1].end
		if before := c.text[call.From:call.To]; slices.Contains(theBasis().namespaces, before) {
			call.Method, call.Name = false, before+"."+call.Name
		}
	}
	start := c.toks[open].end
	for _, k := range commas {
		call.Args = append(call.Args, [2]int{start, c.toks[k].start})
		start = c.toks[k].end
	}
	call.Args = append(call.Args, [2]int{start, max(start, c.Start)})
	c.Calls = append(c.Calls, call)
}

// Variables are the names that macros bind where the cursor stands, the innermost first.
func (c *Cursor) Variables() []string {
	var names []string
	for i := range c.Calls {
		names = append(names, c.bound(&c.Calls[i])...)
	}
	return names
}

// bound are the variables that a call binds where the cursor stands, in the order written.
func (c *Cursor) bound(call *CursorCall) []string {
	most := macroVars(call.Name, call.Method)
	if call.Name == "cel.bind" {
		most = 1
		if len(call.Args) < 3 {
			return nil
		}
	}
	var names []string
	for i, arg := range call.Args[:len(call.Args)-1] {
		name := strings.TrimSpace(c.text[arg[0]:arg[1]])
		if i == most || !isName(name) {
			break
		}
		names = append(names, name)
	}
	return names
}

func isName(s string) bool {
	toks := lex(s)
	return len(toks) == 1 && toks[0].kind == tokIdent && toks[0].end-toks[0].start == len(s)
}
