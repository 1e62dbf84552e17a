package cel

import (
	"strconv"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types/ref"

	"github.com/rungpolicy/rung/policy"
)

// nodeKind is the kind of a node of CEL's syntax.
type nodeKind uint8

const (
	nodeLiteral nodeKind = iota // value
	nodeIdent                   // name; with a dot before it, if written so
	nodeSelect                  // kids[0].name, or with optional kids[0].?name
	nodeIndex                   // kids[0][kids[1]], or with optional kids[0][?kids[1]]
	nodeCall                    // name(kids…): functions, and operators by CEL's names of them
	nodeMethod                  // kids[0].name(kids[1:]…)
	nodeList                    // [kids…]
	nodeMap                     // {kids[0]: kids[1], …}
	nodeMessage                 // name{…}: refused, there are no messages
)

// node is a node of CEL's syntax: macros stand as they are written. Parsed trees are shared and not changed; see expander.
type node struct {
	kind  nodeKind
	name  string
	value ref.Val
	kids  []*node
	// optional marks `.?` and `[?`; optionals the elements and entries of a literal that are written with `?`.
	optional  bool
	optionals []bool

	// The node is the bytes [start, end) of text, parentheses around it left out. at and atEnd are the operator's, function's or
	// attribute's own name in it.
	text       *policy.Text
	start, end int
	at, atEnd  int

	// size and height are of the tree from here down.
	size, height int

	// Set in expanded trees.
	id    int64      // of the node in cel-go's tree
	bound *binding   // the variable that an identifier names, if a macro binds it
	vars  []*binding // the variables that a macro binds
	form  macroForm  // of a macro that binds
	inner [2]int64   // ids of nodes that the macro makes: see innerIDs
	call  ast.Expr   // cel-go's node of a method, which the checker may make a function of a library
}

// binding is a variable that a macro binds.
type binding struct {
	name     string
	slot     int
	typeSize int // see builder.bound
}

// maxDepth is how deep a condition nests at most, lets put in: as deep as cel-go's parser goes. Recursive walks rely on it.
const maxDepth = 250

// syntaxError is why a text does not parse.
type syntaxError struct {
	start, end int
	code       string
	summary    string
	detail     string
}

// reader reads CEL by the grammar of the CEL specification. It is our own, and not cel-go's, because positions, limits and
// errors must be exact: cel-go's tests stand beside ours that both read the same.
type reader struct {
	text *policy.Text
	lex  lexer
	tok  token
	// before is the token before tok.
	before string
	depth  int
	nodes  int
	// err is the first error; after it the parser only unwinds.
	err *syntaxError
}

// parse reads a whole text.
func parse(text *policy.Text) (*node, *syntaxError) {
	if len(text.Value) > policy.MaxConditionBytes {
		return nil, &syntaxError{end: len(text.Value), code: "limit", summary: "the condition is longer than 64 KiB"}
	}
	p := &reader{text: text, lex: lexer{src: text.Value}}
	p.advance()
	if p.tok.kind == tokEnd && p.err == nil {
		return nil, &syntaxError{end: len(text.Value), code: "cel-syntax", summary: "the condition is empty"}
	}
	n := p.expr()
	if p.err == nil && p.tok.kind != tokEnd {
		p.unexpected("an operator or the end")
	}
	if p.err != nil {
		return nil, p.err
	}
	return n, nil
}

func (p *reader) fail(start, end int, code, summary, detail string) {
	if p.err == nil {
		p.err = &syntaxError{start, end, code, summary, detail}
	}
	p.tok = token{kind: tokEnd, start: len(p.lex.src), end: len(p.lex.src)}
}

func (p *reader) advance() {
	if p.err != nil {
		return
	}
	p.before = p.tok.text
	p.tok = p.lex.next()
	if p.tok.kind == tokInvalid {
		p.fail(p.tok.start, p.tok.end, "cel-syntax", p.tok.problem, "")
	}
}

// unexpected reports the token that is here and what should be.
func (p *reader) unexpected(want string) {
	t := p.tok
	if t.kind == tokEnd {
		p.fail(max(0, t.start-1), t.end, "cel-syntax", "the condition ends where "+want+" should follow", "")
		return
	}
	detail := ""
	switch t.text {
	case "and":
		detail = "write `&&`"
	case "or":
		detail = "write `||`"
	case "not":
		detail = "write `!`"
	case "is":
		detail = "write `==`"
	}
	switch {
	case p.before == "not":
		detail = "write `!` for `not`"
	case p.before == "." && t.kind >= tokTrue && t.kind <= tokIn:
		detail = "an attribute of that name is written with back quotes, .`" + t.text + "`"
	}
	p.fail(t.start, t.end, "cel-syntax", "`"+printable(t.text)+"` stands where "+want+" belongs", detail)
}

// expect takes a bracket or sign that must follow.
func (p *reader) expect(punct string) token {
	t := p.tok
	if !t.is(punct) {
		p.unexpected("`" + punct + "`")
	}
	p.advance()
	return t
}

// enter counts a level of nesting; each has its leave. It reports whether there is room.
func (p *reader) enter() bool {
	p.depth++
	if p.depth > maxDepth {
		p.tooDeep(p.tok.start, p.tok.end)
		return false
	}
	return p.err == nil
}

func (p *reader) leave() { p.depth-- }

func (p *reader) node(kind nodeKind, start, end int, kids ...*node) *node {
	p.nodes++
	if p.nodes > policy.MaxConditionNodes && p.err == nil {
		p.fail(start, end, "cel-limit", "the condition has more than "+amount(policy.MaxConditionNodes)+" nodes", "")
	}
	n := &node{kind: kind, kids: kids, text: p.text, start: start, end: end, at: start, atEnd: end}
	n.measure()
	if n.height > maxDepth {
		p.tooDeep(start, end)
	}
	return n
}

// measure sets size and height from those of the kids.
func (n *node) measure() {
	n.size, n.height = 1, 1
	for _, k := range n.kids {
		n.size += k.size
		n.height = max(n.height, k.height+1)
	}
}

func (p *reader) tooDeep(start, end int) {
	p.fail(start, end, "cel-limit", "the condition is nested deeper than "+strconv.Itoa(maxDepth), "give parts of it names in a `let` block")
}

// operator makes the node of an operator at t.
func (p *reader) operator(name string, t token, start, end int, kids ...*node) *node {
	n := p.node(nodeCall, start, end, kids...)
	n.name, n.at, n.atEnd = name, t.start, t.end
	return n
}

// outer is the place of a node with the parentheses around it: what an operator around it begins or ends with.
type outer struct {
	*node
	from, to int
}

// expr = or [ "?" or ":" expr ]
func (p *reader) expr() *node { return p.ternary().node }

func (p *reader) ternary() outer {
	if !p.enter() {
		return p.nothing()
	}
	defer p.leave()
	cond := p.logic("||")
	if !p.tok.is("?") {
		return cond
	}
	t := p.tok
	p.advance()
	then := p.logic("||")
	p.expect(":")
	other := p.ternary()
	n := p.operator(operators.Conditional, t, cond.from, other.to, cond.node, then.node, other.node)
	return outer{n, cond.from, other.to}
}

// nothing stands for what could not be read.
func (p *reader) nothing() outer {
	n := p.node(nodeLiteral, p.tok.start, p.tok.start)
	return outer{n, n.start, n.end}
}

// logic = and { "||" and } and and = relation { "&&" relation }. A run of one operator becomes a balanced tree, as in cel-go, so that a
// long run nests by its logarithm.
func (p *reader) logic(op string) outer {
	next := func() outer {
		if op == "||" {
			return p.logic("&&")
		}
		return p.binary(0)
	}
	first := next()
	if !p.tok.is(op) {
		return first
	}
	terms, ops := []outer{first}, []token{}
	for p.tok.is(op) {
		ops = append(ops, p.tok)
		p.advance()
		terms = append(terms, next())
	}
	name := operators.LogicalAnd
	if op == "||" {
		name = operators.LogicalOr
	}
	return p.balance(name, terms, ops)
}

func (p *reader) balance(name string, terms []outer, ops []token) outer {
	if len(terms) == 1 {
		return terms[0]
	}
	mid := len(ops) / 2
	left := p.balance(name, terms[:mid+1], ops[:mid])
	right := p.balance(name, terms[mid+1:], ops[mid+1:])
	return outer{p.operator(name, ops[mid], left.from, right.to, left.node, right.node), left.from, right.to}
}

// binaryOperator is the name of the operator that a token is, if it is one of that precedence: 0 is the loosest.
func binaryOperator(t *token, precedence int) string {
	if t.kind == tokIn && precedence == 0 {
		return operators.In
	}
	if t.kind != tokPunct {
		return ""
	}
	switch precedence {
	case 0:
		switch t.text {
		case "<":
			return operators.Less
		case "<=":
			return operators.LessEquals
		case ">":
			return operators.Greater
		case ">=":
			return operators.GreaterEquals
		case "==":
			return operators.Equals
		case "!=":
			return operators.NotEquals
		}
	case 1:
		switch t.text {
		case "+":
			return operators.Add
		case "-":
			return operators.Subtract
		}
	case 2:
		switch t.text {
		case "*":
			return operators.Multiply
		case "/":
			return operators.Divide
		case "%":
			return operators.Modulo
		}
	}
	return ""
}

// binary reads operators of a precedence and the tighter ones; all are left-associative.
func (p *reader) binary(precedence int) outer {
	if precedence > 2 {
		return p.unary()
	}
	left := p.binary(precedence + 1)
	for {
		name := binaryOperator(&p.tok, precedence)
		if name == "" {
			return left
		}
		t := p.tok
		p.advance()
		right := p.binary(precedence + 1)
		left = outer{p.operator(name, t, left.from, right.to, left.node, right.node), left.from, right.to}
	}
}

// unary = { "!" } member | { "-" } member. As in cel-go, an even run of one operator is none, and a sign before a number is the number's.
func (p *reader) unary() outer {
	if !p.tok.is("!") && !p.tok.is("-") {
		return p.member()
	}
	first := p.tok
	run := 0
	for p.tok.is(first.text) {
		run++
		p.advance()
	}
	if first.text == "-" && run == 1 && (p.tok.kind == tokInt || p.tok.kind == tokDouble) {
		return p.selectors(p.literal(&first))
	}
	var operand outer
	if first.text == "!" && p.tok.is("-") {
		minus := p.tok
		p.advance()
		if p.tok.kind != tokInt && p.tok.kind != tokDouble {
			p.unexpected("a number")
			return p.nothing()
		}
		operand = p.selectors(p.literal(&minus))
	} else {
		operand = p.member()
	}
	if run%2 == 0 {
		return outer{operand.node, first.start, operand.to}
	}
	name := operators.LogicalNot
	if first.text == "-" {
		name = operators.Negate
	}
	return outer{p.operator(name, first, first.start, operand.to, operand.node), first.start, operand.to}
}

func (p *reader) member() outer { return p.selectors(p.primary()) }

// selectors reads what follows a primary: `.name`, `.?name`, `.name(…)`, `[…]`, `[?…]`, `{…}`.
func (p *reader) selectors(of outer) outer {
	levels := 0
	defer func() { p.depth -= levels }()
	for p.err == nil {
		switch {
		case p.tok.is("."):
			of = p.dot(of)
		case p.tok.is("["):
			of = p.index(of)
		case p.tok.is("{") && messageName(of) != "":
			of = p.message(of)
		default:
			return of
		}
		levels++
		if !p.enter() {
			break
		}
	}
	return of
}

func (p *reader) dot(of outer) outer {
	p.advance()
	optional := p.tok.is("?")
	if optional {
		p.advance()
	}
	t := p.tok
	if t.kind != tokIdent && t.kind != tokQuoted {
		p.unexpected("a name")
		return p.nothing()
	}
	p.advance()
	if p.tok.is("(") && !optional && t.kind == tokIdent {
		args, end := p.arguments()
		n := p.node(nodeMethod, of.from, end, append([]*node{of.node}, args...)...)
		n.name, n.at, n.atEnd = t.text, t.start, t.end
		return outer{n, n.start, n.end}
	}
	n := p.node(nodeSelect, of.from, t.end, of.node)
	n.name, n.at, n.atEnd, n.optional = strings.Trim(t.text, "`"), t.start, t.end, optional
	return outer{n, n.start, n.end}
}

func (p *reader) index(of outer) outer {
	p.advance()
	optional := p.tok.is("?")
	if optional {
		p.advance()
	}
	key := p.expr()
	end := p.expect("]").end
	n := p.node(nodeIndex, of.from, end, of.node, key)
	n.optional = optional
	return outer{n, n.start, n.end}
}

// messageName is the dotted name that of is, as a message's type may be written; "" if it is something else, or in parentheses.
func messageName(of outer) string {
	name := ""
	n := of.node
	if of.from != n.start {
		return ""
	}
	for ; n.kind == nodeSelect && !n.optional; n = n.kids[0] {
		name = "." + n.name + name
	}
	if n.kind != nodeIdent {
		return ""
	}
	return n.name + name
}

func (p *reader) message(of outer) outer {
	name := messageName(of)
	p.advance()
	for p.err == nil && !p.tok.is("}") {
		if p.tok.is("?") {
			p.advance()
		}
		if p.tok.kind != tokIdent && p.tok.kind != tokQuoted {
			p.unexpected("a name")
		}
		p.advance()
		p.expect(":")
		p.expr()
		if !p.tok.is(",") {
			break
		}
		p.advance()
	}
	end := p.expect("}").end
	n := p.node(nodeMessage, of.from, end)
	n.name = name
	return outer{n, n.start, n.end}
}

// arguments reads `(a, b)` and returns where it ends.
func (p *reader) arguments() ([]*node, int) {
	p.expect("(")
	var args []*node
	for p.err == nil && !p.tok.is(")") {
		args = append(args, p.expr())
		if !p.tok.is(",") {
			break
		}
		p.advance()
		if p.tok.is(")") {
			p.unexpected("an argument")
		}
	}
	return args, p.expect(")").end
}

func (p *reader) primary() outer {
	t := p.tok
	switch {
	case t.is("("):
		p.advance()
		n := p.expr()
		end := p.expect(")").end
		return outer{n, t.start, end}
	case t.is("["):
		return p.list()
	case t.is("{"):
		return p.mapping()
	case t.is("."), t.kind == tokIdent:
		return p.name()
	case t.kind >= tokInt && t.kind <= tokNull:
		return p.literal(nil)
	}
	p.unexpected("a value")
	return p.nothing()
}

// literal reads a literal, with the sign before it if there is one.
func (p *reader) literal(sign *token) outer {
	t := p.tok
	start := t.start
	if sign != nil {
		start = sign.start
	}
	value, err := parseLiteral(t, sign != nil)
	if err != nil {
		p.fail(start, t.end, "cel-syntax", err.Error(), "")
		return p.nothing()
	}
	p.advance()
	n := p.node(nodeLiteral, start, t.end)
	n.value = value
	return outer{n, start, t.end}
}

// name = [ "." ] ident [ arguments ]
func (p *reader) name() outer {
	start := p.tok.start
	dot := ""
	if p.tok.is(".") {
		dot = "."
		p.advance()
	}
	t := p.tok
	if t.kind != tokIdent {
		p.unexpected("a name")
		return p.nothing()
	}
	if isReservedWord(t.text) {
		p.fail(t.start, t.end, "cel-syntax", "`"+t.text+"` is a reserved word of CEL, and no name", "")
		return p.nothing()
	}
	p.advance()
	if p.tok.is("(") {
		args, end := p.arguments()
		n := p.node(nodeCall, start, end, args...)
		n.name, n.at, n.atEnd = dot+t.text, t.start, t.end
		return outer{n, start, end}
	}
	n := p.node(nodeIdent, start, t.end)
	n.name, n.at = dot+t.text, t.start
	return outer{n, start, t.end}
}

// loneComma takes the comma of `[,]` and `{,}`, which are empty.
func (p *reader) loneComma(closing string) {
	if p.tok.is(",") {
		ahead := p.lex
		if t := ahead.next(); t.is(closing) {
			p.advance()
		}
	}
}

func (p *reader) list() outer {
	start := p.expect("[").start
	var kids []*node
	var optionals []bool
	p.loneComma("]")
	for p.err == nil && !p.tok.is("]") {
		optional := p.tok.is("?")
		if optional {
			p.advance()
		}
		kids = append(kids, p.expr())
		optionals = append(optionals, optional)
		if !p.tok.is(",") {
			break
		}
		p.advance()
	}
	end := p.expect("]").end
	n := p.node(nodeList, start, end, kids...)
	n.optionals = optionals
	return outer{n, start, end}
}

func (p *reader) mapping() outer {
	start := p.expect("{").start
	var kids []*node
	var optionals []bool
	p.loneComma("}")
	for p.err == nil && !p.tok.is("}") {
		optional := p.tok.is("?")
		if optional {
			p.advance()
		}
		key := p.expr()
		p.expect(":")
		kids = append(kids, key, p.expr())
		optionals = append(optionals, optional)
		if !p.tok.is(",") {
			break
		}
		p.advance()
	}
	end := p.expect("}").end
	n := p.node(nodeMap, start, end, kids...)
	n.optionals = optionals
	return outer{n, start, end}
}

// isReservedWord reports whether CEL keeps a word for itself, though it has no meaning there.
func isReservedWord(s string) bool {
	switch s {
	case "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package", "namespace",
		"return", "var", "void", "while":
		return true
	}
	return false
}
