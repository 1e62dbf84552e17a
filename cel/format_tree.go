package cel

import "strings"

// layouter makes a doc of words, by the grammar that reader reads them by. The words are known to parse.
type layouter struct {
	words []word
	pos   int
	// spaced says that the comments before the next word have been taken.
	spaced bool
}

func layOut(words []word) *doc {
	p := &layouter{words: words}
	out := append(p.gap(nil), p.expr())
	if end := p.words[p.pos].comments; len(end) > 0 {
		out = append(out, p.commentDocs(end)...)
	}
	return concat(out...)
}

func (p *layouter) peek() *word          { return &p.words[p.pos] }
func (p *layouter) at(punct string) bool { return p.peek().is(punct) }

// commented reports whether comments stand before the next word.
func (p *layouter) commented() bool { return !p.spaced && len(p.peek().comments) > 0 }

// gap returns what stands before the next word: its comments, else sep, which may be nil.
func (p *layouter) gap(sep *doc) []*doc {
	commented := p.commented()
	p.spaced = true
	switch {
	case commented:
		return p.commentDocs(p.peek().comments)
	case sep != nil:
		return []*doc{sep}
	}
	return nil
}

// commentDocs writes comments, each with the end of its line. They have no width: they break no line but their own.
func (p *layouter) commentDocs(list []comment) []*doc {
	var out []*doc
	for i, c := range list {
		text := c.text
		switch {
		case !c.own:
			text = " " + text
		case i == 0 && p.pos > 0:
			out = append(out, hardDoc("", c.blank))
		case i > 0:
			out[len(out)-1].blank = c.blank
		}
		out = append(out, hardDoc(text, false))
	}
	return out
}

// word takes the next word.
func (p *layouter) word() *doc {
	before := p.gap(nil)
	d := textDoc(p.peek().text)
	p.pos++
	p.spaced = false
	if len(before) == 0 {
		return d
	}
	return concat(append(before, d)...)
}

// expr = or { "?" or ":" or }
func (p *layouter) expr() *doc {
	var arms []*doc
	several := 0
	part := p.logic("||")
	for ; p.at("?"); several++ {
		arm := append([]*doc{part}, p.gap(textDoc(" "))...)
		arm = append(arm, p.word())
		arm = append(arm, p.gap(lineDoc(" "))...)
		arm = append(arm, p.logic("||"))
		arm = append(arm, p.gap(textDoc(" "))...)
		arms = append(arms, concat(append(arm, p.word())...))
		arms = append(arms, p.gap(lineDoc(" "))...)
		part = p.logic("||")
	}
	if arms == nil {
		return part
	}
	if several > 1 {
		for i, a := range arms {
			if a.kind == docConcat {
				arms[i] = group(nest(a))
			}
		}
	}
	return group(nest(append(arms, part)...))
}

// logic lays out a run of one operator, which is broken behind each of them or none.
func (p *layouter) logic(op string) *doc {
	term := func() *doc {
		if op == "||" {
			return p.logic("&&")
		}
		return p.binary(0)
	}
	parts := []*doc{term()}
	for p.at(op) {
		parts = append(parts, p.operator(lineDoc(" "))...)
		parts = append(parts, term())
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return group(nest(parts...))
}

// operator takes an operator, with what stands around it. One that begins a line, behind a comment, does not end it too.
func (p *layouter) operator(sep *doc) []*doc {
	if p.commented() {
		sep = textDoc(" ")
	}
	out := append(p.gap(textDoc(" ")), p.word())
	return append(out, p.gap(sep)...)
}

// binary lays out operators of a precedence. They are broken only where nothing in their operands can be.
func (p *layouter) binary(precedence int) *doc {
	if precedence > 2 {
		return p.unary()
	}
	first := p.binary(precedence + 1)
	parts, breaks := []*doc{first}, first.breaks || first.hard
	var lines []*doc
	commented := false
	for binaryOperator(&p.peek().token, precedence) != "" {
		commented = commented || p.commented()
		sep := lineDoc(" ")
		lines = append(lines, sep)
		parts = append(parts, p.operator(sep)...)
		operand := p.binary(precedence + 1)
		breaks = breaks || operand.breaks || operand.hard
		parts = append(parts, operand)
	}
	if len(parts) == 1 {
		return first
	}
	if !breaks {
		return group(nest(parts...))
	}
	for _, l := range lines {
		*l = *textDoc(" ")
	}
	if commented {
		return nest(parts...)
	}
	return concat(parts...)
}

func (p *layouter) unary() *doc {
	var out []*doc
	for p.at("!") || p.at("-") {
		out = append(out, p.word())
	}
	if out == nil {
		return p.member()
	}
	return concat(append(out, p.member())...)
}

// link is a part of a chain: `.name`, `.name(…)`, `[…]` or `{…}`.
type link struct {
	before []*doc // what stands before it
	sep    *doc   // the place for a break among that
	body   *doc
	method bool
}

// member lays out a primary and what follows it. A chain of two methods or more may be broken before each of them.
func (p *layouter) member() *doc {
	named := p.peek().kind == tokIdent
	head := p.primary()
	named = named && head.kind == docText
	var links []link
	methods := 0
	for {
		l, ok := p.link()
		if !ok {
			break
		}
		if l.method && (!named || len(links) > 0) { // what is right behind a name is a namespace's function, or short
			methods++
		} else {
			l.method = false
		}
		links = append(links, l)
	}
	return joined(head, links, methods > 1)
}

func joined(head *doc, links []link, broken bool) *doc {
	if len(links) == 0 {
		return head
	}
	var rest []*doc
	for _, l := range links {
		if broken && l.method {
			*l.sep = *lineDoc("")
		}
		if before := concat(l.before...); before.hard && !broken {
			rest = append(rest, nest(before))
		} else {
			rest = append(rest, before)
		}
		rest = append(rest, l.body)
	}
	if broken {
		return group(head, nest(rest...))
	}
	return concat(append([]*doc{head}, rest...)...)
}

func (p *layouter) link() (link, bool) {
	l := link{sep: textDoc("")}
	switch {
	case p.at("."):
		l.before = p.gap(l.sep)
		parts := []*doc{p.word()}
		if p.at("?") {
			parts = append(parts, p.word())
		}
		name := p.peek().text
		parts = append(parts, p.word())
		if l.method = p.at("("); l.method {
			parts = append(parts, p.arguments(name))
		}
		l.body = concat(parts...)
	case p.at("["):
		l.before = p.gap(l.sep)
		l.body = p.enclosed()
	case p.at("{"):
		l.before = p.gap(l.sep)
		l.body = p.bracket(p.entry)
	default:
		return l, false
	}
	return l, true
}

// closing takes a closing bracket. Comments before it are indented like what is in the brackets.
func (p *layouter) closing(sep *doc) []*doc {
	before := p.gap(sep)
	if n := len(before); n > 1 || n == 1 && before[0].kind == docHard {
		last := before[n-1]
		before = []*doc{nest(append(before[:n-1:n-1], &doc{kind: docText, text: last.text})...), hardDoc("", false)}
	}
	return append(before, p.word())
}

func (p *layouter) primary() *doc {
	switch {
	case p.at("("):
		return p.enclosed()
	case p.at("["):
		return p.bracket(p.element)
	case p.at("{"):
		return p.bracket(p.entry)
	case p.at("."):
		return concat(p.word(), p.primary())
	}
	name := p.peek().text
	isName := p.peek().kind == tokIdent
	d := p.word()
	if isName && p.at("(") {
		return concat(d, p.arguments(name))
	}
	return d
}

// enclosed lays out `(a)`, `[a]` or `[?a]`, which is broken inside of a alone.
func (p *layouter) enclosed() *doc {
	open := p.word()
	commented := p.commented()
	inner := concat(append(p.gap(nil), p.element())...)
	if commented {
		inner = nest(inner)
	}
	return concat(append([]*doc{open, inner}, p.closing(nil)...)...)
}

// bindsNames reports whether a function is a macro whose first arguments are names that it binds: they stand on its line.
func bindsNames(function string) bool {
	switch function {
	case "all", "exists", "exists_one", "existsOne", "filter", "map", "transformList", "transformMap", "transformMapEntry", "bind", "optMap", "optFlatMap":
		return true
	}
	return false
}

// arguments lays out `(a, b)`: on one line, or each on a line of its own.
func (p *layouter) arguments(function string) *doc {
	open := p.word()
	if p.at(")") {
		return concat(append([]*doc{open}, p.closing(nil)...)...)
	}
	first, last := lineDoc(""), lineDoc("")
	inner := p.gap(first)
	names := bindsNames(function)
	if names && p.bindsHere() {
		*first = *textDoc("")
	}
	plain := inner[0] == first          // no comment
	bracketed := p.at("[") || p.at("{") // the brackets of the only argument are enough
	for {
		arg := p.expr()
		if plain && len(inner) == 1 && p.at(")") && !p.commented() && (bracketed || !arg.breaks) {
			*first, *last = *textDoc(""), *textDoc("")
		}
		inner = append(inner, arg)
		if !p.at(",") {
			break
		}
		inner = append(inner, p.word())
		sep := lineDoc(" ")
		if names = names && p.bindsHere(); names {
			sep = textDoc(" ")
		}
		inner = append(inner, p.gap(sep)...)
	}
	end := p.closing(last)
	if last.kind == docText { // nothing is broken here
		return concat(append(append([]*doc{open}, inner...), end...)...)
	}
	return group(open, nest(inner...), concat(end...))
}

// bindsHere reports whether the next argument is a name, and not the last one.
func (p *layouter) bindsHere() bool {
	return p.peek().kind == tokIdent && p.words[p.pos+1].is(",")
}

// bracket lays out a literal or message: on one line, or each element on a line of its own, but for plain values, of which a line takes as
// many as fit.
func (p *layouter) bracket(element func() *doc) *doc {
	open := p.word()
	closing := map[string]string{"[": "]", "{": "}"}[open.last()]
	if p.at(closing) {
		return concat(append([]*doc{open}, p.closing(nil)...)...)
	}
	start := p.gap(lineDoc(""))
	var inner []*doc
	plain := true
	for !p.at(closing) {
		if p.at(",") { // of `[,]`
			inner = append(inner, p.word())
			continue
		}
		e := element()
		plain = plain && closing == "]" && !e.breaks && !e.hard
		if p.at(",") {
			e = concat(e, p.word())
		}
		inner = append(inner, e)
		if !p.at(closing) {
			inner = append(inner, p.gap(lineDoc(" "))...)
		}
	}
	if plain {
		inner = []*doc{newDoc(docFill, inner)}
	}
	end := p.closing(lineDoc(""))
	return group(open, nest(append(start, inner...)...), concat(end...))
}

// last is the text that a doc ends with.
func (d *doc) last() string {
	for len(d.kids) > 0 {
		d = d.kids[len(d.kids)-1]
	}
	return d.text
}

// element = [ "?" ] expr
func (p *layouter) element() *doc {
	if p.at("?") {
		return concat(p.word(), p.expr())
	}
	return p.expr()
}

// entry = [ "?" ] expr ":" expr
func (p *layouter) entry() *doc {
	var out []*doc
	if p.at("?") {
		out = append(out, p.word())
	}
	if strings.HasPrefix(p.peek().text, "`") {
		out = append(out, p.word())
	} else {
		out = append(out, p.expr())
	}
	out = append(out, p.word())
	out = append(out, p.gap(textDoc(" "))...)
	return concat(append(out, p.expr())...)
}
