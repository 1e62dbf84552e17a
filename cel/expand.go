package cel

import (
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/policy"
)

// builder makes cel-go's tree of one condition, for one type of the resource: it puts lets in, resolves the names that
// macros bind, and has cel-go's macros expand themselves. It keeps the tree as written beside, whose nodes know their ids
// in cel-go's.
type builder struct {
	env      *Env
	factory  ast.ExprFactory
	resource int     // the index of the resource's type, or -1
	action   string  // of which resource is the resource
	several  bool    // the condition is checked for other actions too
	owners   []*node // by id: the node as written that a node of cel-go's tree belongs to
	slots    int
	diags    diag.List
	text     *policy.Text
	tree     *node    // the condition with lets put in
	checked  *ast.AST // and what cel-go makes of it
	typeSize int      // see bound
	work     *budget  // nil if there is no end to it
	extra    int      // see sizer
	// alone: a let is checked by itself, other lets are variables, and the resource may be anything.
	alone bool
	// strict: names of variables are held against the language's rules. Single expressions may shadow, as in CEL.
	strict bool
	// usesResource is set once `resource` is seen.
	usesResource bool
}

func newBuilder(e *Env, resource int) *builder {
	return &builder{env: e, factory: ast.NewExprFactory(), resource: resource, owners: make([]*node, 1, 32)}
}

func (b *builder) newID(owner *node) int64 {
	b.owners = append(b.owners, owner)
	return int64(len(b.owners) - 1)
}

// report adds a diagnostic, once.
func (b *builder) report(n *node, start, end int, code, summary, detail, suggestion string) {
	if b.action != "" && !strings.Contains(summary, "action `") && (b.several || n.text != b.text) && n.looksAtResource() {
		summary += ", for action `" + b.action + "`"
	}
	d := diagnostic(n.text, start, end, code, summary, detail, suggestion)
	for _, known := range b.diags {
		if known.Range == d.Range && known.Summary == d.Summary {
			return
		}
	}
	b.diags.Add(d)
}

func diagnostic(t *policy.Text, start, end int, code, summary, detail, suggestion string) diag.Diagnostic {
	return diag.Diagnostic{Code: code, Summary: summary, Detail: detail, Suggestion: suggestion, Range: t.Place(start, end).Range()}
}

// scope is the variables that are bound where a node stands, the innermost first. Those of another frame are hidden: a let
// does not see the variables of the condition that uses it.
type scope struct {
	*binding
	outer *scope
	frame int
}

// find returns the variable of that name that the frame sees, and whether one is hidden.
func (s *scope) find(name string, frame int) (bound *binding, hidden bool) {
	for ; s != nil; s = s.outer {
		if s.name == name {
			if s.frame == frame {
				return s.binding, false
			}
			hidden = true
		}
	}
	return nil, hidden
}

// place is where a node stands: what is bound there.
type place struct {
	scope *scope
	depth int // variables bound
	frame int // lets entered
}

func (b *builder) bind(at place, name string) (place, *binding) {
	v := &binding{name: name, slot: at.depth}
	at.scope = &scope{binding: v, outer: at.scope, frame: at.frame}
	at.depth++
	b.slots = max(b.slots, at.depth)
	return at, v
}

// expand returns a copy of a parsed tree with lets put in and names resolved.
func (b *builder) expand(n *node, at place) *node {
	if n.kind == nodeIdent {
		return b.ident(n, at)
	}
	c := *n
	c.kids = make([]*node, len(n.kids))
	if f, ok := form(n); ok {
		b.expandMacro(&c, n, f, at)
		return &c
	}
	for i, k := range n.kids {
		c.kids[i] = b.expand(k, at)
	}
	return &c
}

func (b *builder) ident(n *node, at place) *node {
	c := *n
	bound, hidden := at.scope.find(n.name, at.frame)
	if bound != nil {
		c.bound = bound
		return &c
	}
	if l := b.env.lets[n.name]; l != nil {
		if l.body == nil || l.failed {
			c.name = poison // reported where the let stands
			return &c
		}
		if b.alone {
			c.name = letVariable(l.Name)
			return &c
		}
		at.frame++ // which hides what is bound so far
		return b.expand(l.body, at)
	}
	if n.name == "resource" {
		b.usesResource = true
		if b.resource < 0 {
			b.noResource(n)
			c.name = poison
			return &c
		}
		c.name = resourceVariable(b.resource)
		return &c
	}
	if hidden {
		c.name = "." + n.name
	}
	return &c
}

func (b *builder) noResource(n *node) {
	switch {
	case b.alone:
	case b.action == "":
		b.report(n, n.start, n.end, "cel-unknown", "there is no resource here", "", "")
	default:
		b.report(n, n.start, n.end, "cel-unknown", "action `"+b.action+"` declares no resource", "give the action a `resource = object({…})`", "")
	}
}

func (b *builder) expandMacro(c, n *node, f macroForm, at place) {
	c.form = f
	c.kids[0] = b.expandTarget(n.kids[0], at)
	inner := at
	if n.name == "sortBy" {
		var v *binding
		inner, v = b.bind(inner, sortTarget)
		c.vars = append(c.vars, v)
	}
	for i := 1; i < len(n.kids); i++ {
		k := n.kids[i]
		switch {
		case i <= f.vars && k.kind == nodeIdent:
			var v *binding
			b.checkVariable(k)
			inner, v = b.bind(inner, k.name)
			c.vars = append(c.vars, v)
			name := *k
			name.bound = v
			c.kids[i] = &name
		case i <= f.vars:
			b.report(k, k.start, k.end, "cel-name", "`"+printable(k.source())+"` is not a name; `"+n.name+"` needs the name of a variable here", "", "")
			name := *k
			name.kind, name.kids, name.name = nodeIdent, nil, "@name"
			_, name.bound = b.bind(inner, name.name)
			c.vars = append(c.vars, name.bound)
			c.kids[i] = &name
		case i <= f.vars+f.unbound:
			c.kids[i] = b.expand(k, at)
		default:
			c.kids[i] = b.expand(k, inner)
		}
	}
}

// sortTarget is the name of the list that sortBy sorts, in cel-go's expansion of it.
const sortTarget = "@__sortBy_input__"

// expandTarget leaves the name of a library alone.
func (b *builder) expandTarget(n *node, at place) *node {
	if n.kind == nodeIdent && n.name == "cel" {
		c := *n
		return &c
	}
	return b.expand(n, at)
}

// source is the text of a node, as written.
func (n *node) source() string { return n.text.Value[n.start:n.end] }

// emit makes cel-go's node.
func (b *builder) emit(n *node) ast.Expr {
	switch n.kind {
	case nodeCall:
		return b.emitCall(n)
	case nodeMethod:
		return b.emitMethod(n)
	case nodeLiteral:
		n.id = b.newID(n)
		return b.factory.NewLiteral(n.id, n.value)
	case nodeIdent:
		n.id = b.newID(n)
		return b.factory.NewIdent(n.id, n.name)
	case nodeSelect:
		of := b.emit(n.kids[0])
		n.id = b.newID(n)
		if n.optional {
			return b.factory.NewCall(n.id, operators.OptSelect, of, b.factory.NewLiteral(b.newID(n), types.String(n.name)))
		}
		return b.factory.NewSelect(n.id, of, n.name)
	case nodeIndex:
		kids := b.emitAll(n.kids)
		n.id = b.newID(n)
		if n.optional {
			return b.factory.NewCall(n.id, operators.OptIndex, kids...)
		}
		return b.factory.NewCall(n.id, operators.Index, kids...)
	case nodeList:
		return b.emitList(n)
	case nodeMap:
		return b.emitMap(n)
	case nodeMessage:
		b.report(n, n.start, n.end, "cel-unknown", "conditions make no messages: `"+printable(n.name)+"{…}`", "a map is written `{'key': value}`", "")
		n.id = b.newID(n)
		return b.factory.NewIdent(n.id, poison)
	}
	panic("cel: unknown node")
}

func (b *builder) emitAll(nodes []*node) []ast.Expr {
	out := make([]ast.Expr, len(nodes))
	for i, n := range nodes {
		out[i] = b.emit(n)
	}
	return out
}

func (b *builder) emitList(n *node) ast.Expr {
	elems := b.emitAll(n.kids)
	n.id = b.newID(n)
	var optionals []int32
	for i, o := range n.optionals {
		if o {
			optionals = append(optionals, int32(i))
		}
	}
	return b.factory.NewList(n.id, elems, optionals)
}

func (b *builder) emitMap(n *node) ast.Expr {
	kids := b.emitAll(n.kids)
	n.id = b.newID(n)
	entries := make([]ast.EntryExpr, len(n.optionals))
	for i := range entries {
		entries[i] = b.factory.NewMapEntry(b.newID(n), kids[2*i], kids[2*i+1], n.optionals[i])
	}
	return b.factory.NewMap(n.id, entries)
}

func (b *builder) emitCall(n *node) ast.Expr {
	if n.name == operators.Has && len(n.kids) == 1 {
		return b.emitHas(n)
	}
	kids := b.emitAll(n.kids)
	n.id = b.newID(n)
	return b.factory.NewCall(n.id, n.name, kids...)
}

// emitHas is our own `has`: of a select, as in CEL, or of a signal as a whole.
func (b *builder) emitHas(n *node) ast.Expr {
	of := n.kids[0]
	switch {
	case of.kind == nodeSelect && isSpace(of.kids[0]):
		b.report(of, of.start, of.end, "cel-type", "`"+short(of)+"` is always there", "`has()` is for signals and attributes, which may be missing", "")
		n.id = b.newID(n)
		return b.factory.NewLiteral(n.id, types.True)
	case of.kind == nodeSelect && !of.optional:
		operand := b.emit(of.kids[0])
		n.id = b.newID(n)
		return b.factory.NewPresenceTest(n.id, operand, of.name)
	case of.kind == nodeIdent && of.bound == nil && b.isSignal(of.name):
		signal := b.emit(of)
		n.id = b.newID(n)
		return b.factory.NewCall(n.id, hasSignal, signal)
	}
	switch {
	case of.kind == nodeIdent && (of.name == "now" || of.name == "posture"):
		b.report(of, of.start, of.end, "cel-type", "`"+of.name+"` is always there", "`has()` is for signals and attributes, which may be missing", "")
	case of.kind == nodeIdent && of.bound == nil && of.name != poison:
		b.unknownName(of)
	case of.name != poison:
		b.report(of, of.start, of.end, "cel-type", "`has()` takes a signal or an attribute, as in `has(device.id)`", "", "")
	}
	n.id = b.newID(n)
	return b.factory.NewLiteral(n.id, types.True)
}

// looksAtResource reports whether `resource` is in a node.
func (n *node) looksAtResource() bool {
	found := false
	n.walk(func(k *node) { found = found || k.kind == nodeIdent && strings.HasPrefix(k.name, resourcePrefix) })
	return found
}

// isSpace reports whether a node is one of the names before `param.x` and the like.
func isSpace(n *node) bool {
	if n.kind != nodeIdent || n.bound != nil {
		return false
	}
	switch n.name {
	case "param", "list", "level", "postures":
		return true
	}
	return false
}

// isSignal reports whether a name at the top of a condition is that of a signal.
func (b *builder) isSignal(name string) bool {
	name = strings.TrimPrefix(name, ".")
	return b.env.policy.SignalIndex(name) >= 0 || strings.HasPrefix(name, resourcePrefix)
}

func (b *builder) emitMethod(n *node) ast.Expr {
	m := b.env.lib.findMacro(n.name, len(n.kids)-1, true)
	if m == nil || n.name == "bind" && !isBind(n) {
		return b.emitMember(n, b.emitAll(n.kids))
	}
	kids := b.emitAll(n.kids)
	h := &macroHelper{ExprFactory: b.factory, b: b, owner: n}
	e, err := m.Expander()(h, kids[0], kids[1:])
	if err != nil {
		b.macroError(n, err)
		n.id = b.newID(n)
		return b.factory.NewIdent(n.id, poison)
	}
	if e == nil {
		return b.emitMember(n, kids)
	}
	n.id, n.call = e.ID(), e
	n.inner = innerIDs(e)
	return e
}

func (b *builder) emitMember(n *node, kids []ast.Expr) ast.Expr {
	n.id = b.newID(n)
	n.call = b.factory.NewMemberCall(n.id, n.name, kids[0], kids[1:]...)
	return n.call
}

// innerIDs are the ids of the nodes inside of a macro that are part of our tree: of sortBy, the call that sorts and the
// map in it; of math.greatest and math.least, the list of the arguments if there is one.
func innerIDs(e ast.Expr) (ids [2]int64) {
	switch e.Kind() {
	case ast.ComprehensionKind:
		if call := e.AsComprehension().Result(); call.Kind() == ast.CallKind && len(call.AsCall().Args()) == 1 {
			ids = [2]int64{call.ID(), call.AsCall().Args()[0].ID()}
		}
	case ast.CallKind:
		if args := e.AsCall().Args(); len(args) == 1 {
			ids[0] = args[0].ID()
		}
	}
	return ids
}
