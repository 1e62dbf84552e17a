package findings

import (
	"math"
	"slices"
	"time"

	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
)

// truths says what an expression may come to. Of one that is no bool, mayTrue says that it may have a value.
type truths uint8

const (
	mayTrue truths = 1 << iota
	mayFalse
	mayFail // an error, or pending

	unknown = mayTrue | mayFalse | mayFail
)

// values are the truths without failing.
func (t truths) values() truths { return t &^ mayFail }

func truthOf(v bool) truths {
	if v {
		return mayTrue
	}
	return mayFalse
}

func (t truths) negated() truths {
	out := t & mayFail
	if t&mayTrue != 0 {
		out |= mayFalse
	}
	if t&mayFalse != 0 {
		out |= mayTrue
	}
	return out
}

// joined is what `a && b` comes to, or `a || b`: one operand that decides does so whatever the other is.
func joined(or bool, a, b truths) truths {
	if or {
		return joined(false, a.negated(), b.negated()).negated()
	}
	if a == mayFalse || b == mayFalse {
		return mayFalse
	}
	var out truths
	if a&mayTrue != 0 && b&mayTrue != 0 {
		out |= mayTrue
	}
	if (a|b)&mayFalse != 0 {
		out |= mayFalse
	}
	if a&mayFail != 0 && b != mayFalse || b&mayFail != 0 && a != mayFalse {
		out |= mayFail
	}
	return out
}

// analysis says what conditions may come to, from their text alone.
//
// It goes by facts: that a term, if it has a value, has one in a domain. They hold where an operand did not decide: in `a && b`, b matters only where a
// is true or fails; if it is `x > 10`, then x is above 10 wherever it has a value. So facts hold in spite of errors, and `x > 5` beside `x > 10` is always
// true: where x is missing, both fail alike.
type analysis struct {
	in   *Input
	work int // how much more it may do; then all is unknown
	*memo
}

// memo keeps what is known of expressions wherever they stand.
type memo struct {
	atoms map[expr.Expr]atom
	facts map[factsKey][]fact
}

type factsKey struct {
	e     expr.Expr
	value bool
}

func newMemo() *memo {
	return &memo{atoms: map[expr.Expr]atom{}, facts: map[factsKey][]fact{}}
}

const (
	workPerCondition = 200_000
	workInAll        = 20_000_000
)

// spend counts the work, and reports whether there may be more.
func (a *analysis) spend(n int) bool {
	a.work -= n
	return a.work > 0
}

// fact says that a term, if it has a value, has one in a domain.
type fact struct {
	key string
	domain
}

// scope is what is known where an expression stands. nil is nothing.
type scope struct {
	facts []fact
	above *scope
	// missing is a path that is supposed to lead to nothing, void the key of a list that is supposed to be empty; "" if there is none.
	missing, void string
}

func (s *scope) with(facts []fact) *scope {
	if len(facts) == 0 {
		return s
	}
	out := &scope{facts: facts, above: s}
	if s != nil {
		out.missing, out.void = s.missing, s.void
	}
	return out
}

// lacks reports whether a path is supposed to lead to nothing.
func (s *scope) lacks(path string) bool {
	return s != nil && s.missing != "" && within(path, s.missing)
}

// voids reports whether a list is supposed to be empty.
func (s *scope) voids(e expr.Expr) bool { return s != nil && s.void != "" && keyOf(e) == s.void }

// known is the domain of a term.
func (a *analysis) known(s *scope, key string, d domain) domain {
	for ; s != nil; s = s.above {
		a.spend(len(s.facts))
		for i := range s.facts {
			if s.facts[i].key == key {
				d = both(d, s.facts[i].domain)
			}
		}
	}
	return d
}

// truth says what a bool may come to, and of anything else whether it may have a value.
func (a *analysis) truth(e expr.Expr, s *scope) truths {
	if !a.spend(1) {
		return unknown
	}
	switch e := e.(type) {
	case *expr.Const:
		if v, ok := e.Value.(bool); ok {
			return truthOf(v)
		}
		return mayTrue
	case *expr.TypeConst, *expr.Param, *expr.List, *expr.SessionLevel:
		return a.atom(e, s)
	case *expr.Logic:
		return a.logic(e, s)
	case *expr.Cond:
		return a.cond(e, s)
	case *expr.Has:
		return a.has(e, s)
	case *expr.Select:
		return a.selected(e, s)
	case *expr.Call:
		return a.call(e, s)
	case *expr.OrElse:
		if a.none(e.Of, s) {
			return a.truth(e.Other, s)
		}
		return a.atom(e, s)
	case *expr.Fold:
		return a.fold(e, s)
	case *expr.Bind:
		return a.truth(e.Body, s)
	case *expr.Signal:
		if s.lacks(e.Name) && e.Type.Kind != policy.KindObject { // an object that is missing has no attributes, and is one
			return mayFail
		}
		return a.atom(e, s)
	case *expr.Local, *expr.Index, *expr.MakeList, *expr.MakeMap, *expr.OptMap:
		return a.strict(e, s)
	}
	return unknown
}

// strict is an expression that fails where one of its operands does.
func (a *analysis) strict(e expr.Expr, s *scope) truths {
	if o, ok := e.(*expr.OptMap); ok {
		if a.truth(o.Of, s) == mayFail {
			return mayFail
		}
		return unknown
	}
	for _, c := range expr.Children(e) {
		if a.truth(c, s) == mayFail {
			return mayFail
		}
	}
	return a.atom(e, s)
}

// atom is an expression about which there may be facts.
func (a *analysis) atom(e expr.Expr, s *scope) truths {
	if e.Node().Type.Kind != policy.KindBool {
		if total(e) {
			return mayTrue
		}
		return mayTrue | mayFail
	}
	at := a.atomOf(e)
	out := mayFail
	if at.total {
		out = 0
	}
	if at.fixed {
		return out | truthOf(at.value)
	}
	d := a.known(s, at.key, at.range_)
	yes, no := both(d, at.pos), both(d, at.neg)
	if !yes.empty() {
		out |= mayTrue
	}
	if !no.empty() {
		out |= mayFalse
	}
	if out.values() == 0 {
		return unknown // what is known contradicts itself: nothing comes here
	}
	return out
}

// operands are the operands of a run of `&&`, or of `||`.
func operands(e *expr.Logic) []expr.Expr {
	var out []expr.Expr
	var walk func(x expr.Expr)
	walk = func(x expr.Expr) {
		if l, ok := x.(*expr.Logic); ok && l.Or == e.Or {
			walk(l.Left)
			walk(l.Right)
			return
		}
		out = append(out, x)
	}
	walk(e)
	return out
}

func (a *analysis) logic(e *expr.Logic, s *scope) truths {
	out := truthOf(!e.Or)
	for _, x := range operands(e) {
		out = joined(e.Or, out, a.truth(x, s))
		s = s.with(a.factsOf(x, !e.Or))
	}
	return out
}

func (a *analysis) cond(e *expr.Cond, s *scope) truths {
	c := a.truth(e.If, s)
	out := c & mayFail
	if c&mayTrue != 0 {
		out |= a.truth(e.Then, s.with(a.factsOf(e.If, true)))
	}
	if c&mayFalse != 0 {
		out |= a.truth(e.Else, s.with(a.factsOf(e.If, false)))
	}
	return out
}

func (a *analysis) has(e *expr.Has, s *scope) truths {
	if !e.Chain {
		if path, ok := pathOf(e.Of); ok && s.lacks(path+pathSep+e.Name) {
			return mayFalse
		}
		return a.strict(e, s)
	}
	path := hasPath(e)
	if s.lacks(path) {
		return mayFalse
	}
	for through := path; ; {
		d := a.known(s, "has "+through, just(true, false))
		if no := both(d, just(true)); no.empty() {
			return mayFalse | mayFail
		}
		if yes := both(d, just(false)); through == path && yes.empty() {
			return mayTrue | mayFail
		}
		i := lastSep(through)
		if i < 0 {
			return unknown
		}
		through = through[:i]
	}
}

// hasPath is the path that a chain of `has` asks for.
func hasPath(e *expr.Has) string {
	path, _ := pathOf(e.Of)
	if e.Name != "" {
		path += pathSep + e.Name
	}
	return path
}

func lastSep(path string) int {
	for i := len(path) - 1; i >= 0; i-- {
		if path[i:i+1] == pathSep {
			return i
		}
	}
	return -1
}

func (a *analysis) selected(e *expr.Select, s *scope) truths {
	path, ok := pathOf(e)
	if ok && s.lacks(path) && e.Node().Type.Kind != policy.KindOptional {
		return mayFail
	}
	if a.truth(e.Of, s) == mayFail {
		return mayFail
	}
	return a.atom(e, s)
}

// none reports whether an optional surely holds nothing.
func (a *analysis) none(e expr.Expr, s *scope) bool {
	sel, ok := e.(*expr.Select)
	if !ok || sel.Node().Type.Kind != policy.KindOptional {
		return false
	}
	path, ok := pathOf(sel)
	return ok && s.lacks(path)
}

func (a *analysis) call(e *expr.Call, s *scope) truths {
	if e.Function == opNot && len(e.Args) == 1 {
		return a.truth(e.Args[0], s).negated()
	}
	for _, c := range e.Args {
		if a.truth(c, s) == mayFail {
			return mayFail
		}
	}
	if len(e.Args) == 1 && a.none(e.Args[0], s) {
		switch e.Function {
		case "hasValue":
			return mayFalse
		case "value":
			return mayFail
		}
	}
	if t, ok := a.ofVoid(e, s); ok {
		return t
	}
	return a.atom(e, s)
}

// ofVoid is what a call comes to where a list in it is supposed to be empty.
func (a *analysis) ofVoid(e *expr.Call, s *scope) (truths, bool) {
	if s == nil || s.void == "" || len(e.Args) != 2 {
		return 0, false
	}
	isEmpty := func(x expr.Expr) bool {
		l, isList := x.(*expr.MakeList)
		m, isMap := x.(*expr.MakeMap)
		return isList && len(l.Elems) == 0 || isMap && len(m.Keys) == 0
	}
	same := s.voids(e.Args[0]) && isEmpty(e.Args[1]) || s.voids(e.Args[1]) && isEmpty(e.Args[0])
	switch {
	case e.Function == opIn && s.voids(e.Args[1]):
		return mayFalse | mayFail, true
	case e.Function == opEqual && same:
		return mayTrue, true
	case e.Function == opNotEqual && same:
		return mayFalse, true
	}
	return 0, false
}

func (a *analysis) fold(e *expr.Fold, s *scope) truths {
	over := a.truth(e.Range, s)
	if over == mayFail {
		return mayFail
	}
	if e.Type.Kind != policy.KindBool {
		return a.atom(e, s)
	}
	empty := s.voids(e.Range)
	if l, ok := e.Range.(*expr.MakeList); ok && len(l.Elems) == 0 {
		empty = true
	}
	body := a.truth(e.Body, s)
	switch e.Macro {
	case expr.All:
		if empty || body.values() == mayTrue {
			return mayTrue | (over|body)&mayFail
		}
	case expr.Exists, expr.ExistsOne:
		if empty || body.values() == mayFalse {
			return mayFalse | (over|body)&mayFail
		}
	default:
	}
	return a.atom(e, s)
}

// factsOf is what is known where an expression does not come to the opposite of what is said.
func (a *analysis) factsOf(e expr.Expr, value bool) []fact {
	at := factsKey{e, value}
	if known, ok := a.facts[at]; ok {
		return known
	}
	if !a.spend(1) {
		return nil
	}
	out := a.factsAnew(e, value)
	if a.work > 0 { // else some may be left out
		a.facts[at] = slices.Clip(out)
	}
	return out
}

func (a *analysis) factsAnew(e expr.Expr, value bool) []fact {
	switch e := e.(type) {
	case *expr.Const:
		return nil
	case *expr.Logic:
		return a.factsOfRun(e, value)
	case *expr.Has:
		if e.Chain {
			return hasFacts(hasPath(e), value)
		}
	case *expr.Call:
		if e.Function == opNot && len(e.Args) == 1 {
			return a.factsOf(e.Args[0], !value)
		}
	default:
	}
	if e.Node().Type.Kind != policy.KindBool {
		return nil
	}
	at := a.atomOf(e)
	switch {
	case at.fixed:
		return nil
	case value:
		return []fact{{at.key, at.pos}}
	}
	return []fact{{at.key, at.neg}}
}

func (a *analysis) factsOfRun(e *expr.Logic, value bool) []fact {
	var out []fact
	for i, x := range operands(e) {
		switch facts := a.factsOf(x, value); {
		case e.Or != value: // none of them decides
			out = append(out, facts...)
		case i == 0:
			out = facts
		default:
			out = a.common(out, facts)
		}
	}
	return out
}

// hasFacts: where something is there, so is all on the way to it.
func hasFacts(path string, value bool) []fact {
	out := []fact{{"has " + path, just(value)}}
	for i := lastSep(path); value && i >= 0; i = lastSep(path) {
		path = path[:i]
		out = append(out, fact{"has " + path, just(true)})
	}
	return out
}

// common is what is known where one of two lists of facts holds.
func (a *analysis) common(x, y []fact) []fact {
	a.spend(len(x) * len(y))
	var out []fact
	for i, f := range x {
		if hasFact(x[:i], f.key) || !hasFact(y, f.key) {
			continue
		}
		out = append(out, fact{f.key, either(allOf(x, f.key), allOf(y, f.key))})
	}
	return out
}

func hasFact(facts []fact, key string) bool {
	for i := range facts {
		if facts[i].key == key {
			return true
		}
	}
	return false
}

// allOf is what facts say of a term together.
func allOf(facts []fact, key string) domain {
	var d domain
	for i := range facts {
		if facts[i].key == key {
			d = both(d, facts[i].domain)
		}
	}
	return d
}

var (
	someTime     = time.Unix(0, 0)
	someDuration = time.Duration(0)
)

// rangeOf is what a term can be at all.
func (a *analysis) rangeOf(e expr.Expr) domain {
	var d domain
	switch e.Node().Type.Kind {
	case policy.KindBool:
		return just(true, false)
	case policy.KindInt:
		d = domain{integral: true}
	case policy.KindUint:
		d = domain{lo: &bound{uint64(0), false}, hi: &bound{uint64(math.MaxUint64), false}, integral: true}
	}
	switch e := e.(type) {
	case *expr.SessionLevel:
		ranks := []policy.Value{int64(0)}
		for _, l := range a.in.Policy.Levels {
			ranks = append(ranks, int64(l.Rank))
		}
		return just(ranks...)
	case *expr.Signal:
		if e.Index == expr.Posture {
			ranks := []policy.Value{int64(0)}
			for _, p := range a.in.Policy.Postures {
				ranks = append(ranks, int64(p.Rank))
			}
			return just(ranks...)
		}
	case *expr.Call:
		if r, ok := resultOf(e); ok {
			r.integral = true
			return r
		}
	default:
	}
	return d
}

// resultOf is what a function can come to, where that is less than its type says.
func resultOf(c *expr.Call) (domain, bool) {
	if c.Function == "size" {
		return above(int64(0), false), true
	}
	if len(c.Args) == 0 || c.Args[0].Node().Type.Kind != policy.KindTimestamp {
		return domain{}, false
	}
	switch c.Function {
	case "getMonth":
		return between(0, 11), true
	case "getDate":
		return between(1, 31), true
	case "getDayOfMonth":
		return between(0, 30), true
	case "getDayOfWeek":
		return between(0, 6), true
	case "getDayOfYear":
		return between(0, 365), true
	case "getHours":
		return between(0, 23), true
	case "getMinutes", "getSeconds":
		return between(0, 59), true
	case "getMilliseconds":
		return between(0, 999), true
	}
	return domain{}, false
}
