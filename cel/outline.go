package cel

import (
	"slices"
	"strings"
)

// NameKind says what a name in a condition is, as far as the words around it tell.
type NameKind uint8

// The kinds of names.
const (
	// NameRoot stands by itself: a signal, a let, `param` …
	NameRoot NameKind = iota
	// NameMember stands behind a dot.
	NameMember
	// NameVariable is a variable that a macro binds, where it is bound and where it is read.
	NameVariable
	// NameFunction is a function or macro that is called by its name alone, its namespace aside.
	NameFunction
	// NameMethod is one that is called of the value before the dot.
	NameMethod
	// NameNamespace stands before the dot of a function: `math`.
	NameNamespace
	// NameType is a type that stands for itself: `int`.
	NameType
)

// Name is a name in a condition: the bytes [Start, End), back quotes included.
type Name struct {
	Kind       NameKind
	Start, End int
	// Text is the name, without back quotes.
	Text string
	// Of is the index of the name before the dot, where a name stands there and nothing else; else -1.
	Of int
	// Binds says that a variable is bound here; Bound is the index of the name where it is, for a variable.
	Binds bool
	Bound int
}

// Names returns the names in the text of a condition, in order. It takes any text: what has no meaning is passed over, and variables of macros
// are known by the parentheses in which they hold.
func Names(text string) []Name {
	r := nameReader{toks: lex(text), lib: theBasis()}
	for r.i = 0; r.i < len(r.toks); r.i++ {
		r.token()
	}
	return r.names
}

// lex cuts any text into tokens, and goes on after what is none; tokEnd is left out.
func lex(text string) []token {
	l := lexer{src: text}
	var toks []token
	for {
		t := l.next()
		if t.kind == tokEnd {
			return toks
		}
		if t.kind == tokInvalid && t.end == t.start {
			return toks // cannot be, but an endless loop would be worse
		}
		toks = append(toks, t)
	}
}

// nameReader walks over the tokens of a text once.
type nameReader struct {
	toks   []token
	lib    *basis
	i      int
	names  []Name
	frames []nameFrame
}

// nameFrame is an open bracket: the variables that hold in it, as indices of names.
type nameFrame struct{ vars []int }

func (r *nameReader) at(i int) *token {
	if i < 0 || i >= len(r.toks) {
		return &token{}
	}
	return &r.toks[i]
}

func (r *nameReader) token() {
	switch t := r.at(r.i); {
	case t.is("("), t.is("["), t.is("{"):
		r.frames = append(r.frames, nameFrame{})
	case t.is(")"), t.is("]"), t.is("}"):
		if n := len(r.frames); n > 0 {
			r.frames = r.frames[:n-1]
		}
	case t.kind == tokIdent || t.kind == tokQuoted:
		r.name(t)
	case t.kind >= tokTrue && t.kind <= tokIn && r.at(r.i-1).is("."):
		r.name(t) // an attribute must be written in back quotes then, which the parser says
	}
}

func (r *nameReader) name(t *token) {
	n := Name{Start: t.start, End: t.end, Text: strings.Trim(t.text, "`"), Of: -1, Bound: -1}
	call := r.at(r.i + 1).is("(")
	if dot := dotBefore(r.toks, r.i); dot >= 0 {
		n.Kind = NameMember
		if last := len(r.names) - 1; last >= 0 && dot > 0 && r.names[last].End == r.toks[dot-1].end {
			n.Of = last
		}
		if call {
			n.Kind = NameMethod
			if n.Of >= 0 && slices.Contains(r.lib.functions, r.path(n.Of)+"."+n.Text) {
				n.Kind = NameFunction
				r.namespace(n.Of)
			}
		}
	} else {
		r.root(&n, call)
	}
	r.names = append(r.names, n)
	if call && n.Kind != NameVariable {
		r.bind(len(r.names) - 1)
	}
}

// dotBefore returns the index of the dot of `.name`, `.?name` or `.` with the name of token i missing; -1 if there is none.
func dotBefore(toks []token, i int) int {
	switch {
	case i >= 1 && toks[i-1].is("."):
		return i - 1
	case i >= 2 && toks[i-1].is("?") && toks[i-2].is(".") && toks[i-2].end == toks[i-1].start:
		return i - 2
	}
	return -1
}

// path is a chain of names with its dots.
func (r *nameReader) path(i int) string {
	if r.names[i].Of < 0 {
		return r.names[i].Text
	}
	return r.path(r.names[i].Of) + "." + r.names[i].Text
}

func (r *nameReader) namespace(i int) {
	for ; i >= 0; i = r.names[i].Of {
		r.names[i].Kind = NameNamespace
	}
}

// root says what a name is that stands by itself.
func (r *nameReader) root(n *Name, call bool) {
	if v := r.variable(n.Text); v >= 0 {
		n.Kind, n.Bound = NameVariable, v
		return
	}
	switch {
	case call:
		n.Kind = NameFunction
	case typeName(n.Text) != nil && !r.at(r.i+1).is("."):
		n.Kind = NameType
	}
}

// variable returns the innermost variable of that name; -1 if there is none.
func (r *nameReader) variable(name string) int {
	for i := len(r.frames) - 1; i >= 0; i-- {
		for _, v := range r.frames[i].vars {
			if r.names[v].Text == name {
				return v
			}
		}
	}
	return -1
}

// bind takes the variables of a macro, whose name is the index'th: the names right behind the parenthesis.
func (r *nameReader) bind(index int) {
	n := &r.names[index]
	vars := macroVars(n.Text, n.Kind == NameMethod || n.Kind == NameFunction && n.Of >= 0 && r.path(index) == "cel.bind")
	if vars == 0 {
		return
	}
	frame := nameFrame{}
	i := r.i + 2
	for range vars {
		t := r.at(i)
		if t.kind != tokIdent || !r.at(i+1).is(",") {
			break
		}
		r.names = append(r.names, Name{Kind: NameVariable, Start: t.start, End: t.end, Text: t.text, Of: -1, Binds: true, Bound: len(r.names)})
		frame.vars = append(frame.vars, len(r.names)-1)
		i += 2
	}
	if len(frame.vars) > 0 {
		r.frames = append(r.frames, frame)
		r.i = i - 1 // the comma behind the last variable
	}
}

// macroVars is how many variables a macro of that name binds at most.
func macroVars(name string, method bool) int {
	if !method {
		return 0
	}
	switch name {
	case "all", "exists", "exists_one", "existsOne", "transformList", "transformMap", "transformMapEntry":
		return 2
	case "map", "filter", "sortBy", "optMap", "optFlatMap", "bind":
		return 1
	}
	return 0
}
