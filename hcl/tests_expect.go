package hcl

import (
	"slices"
	"strconv"
	"time"

	"github.com/rungpolicy/rung/policy"
)

// shape is what a part of a decision's JSON looks like.
type shape struct {
	name, doc string
	kind      litKind
	elem      *shape  // of a list
	fields    []shape // of an object
	// what a text names, and which names there are; "" if it may be any.
	what  string
	names func(*testReader) []string
}

// form is how the value is written, for manuals.
func (s *shape) form() string {
	switch s.kind {
	case litText:
		return "string"
	case litNumber:
		return "int"
	case litBool:
		return "bool"
	case litTuple:
		return "list of " + s.elem.form()
	case litObject, litBad, litNull:
	}
	return "object"
}

func textShape(name string) shape   { return shape{name: name, kind: litText} }
func numberShape(name string) shape { return shape{name: name, kind: litNumber} }
func boolShape(name string) shape   { return shape{name: name, kind: litBool} }

func objectShape(name string, fields ...shape) shape {
	return shape{name: name, kind: litObject, fields: fields}
}

func listShape(name string, elem shape) shape {
	elem.name = name
	return shape{name: name, kind: litTuple, elem: &elem}
}

// nameShape is a text that names one of several things.
func nameShape(name, what string, names func(*testReader) []string) shape {
	return shape{name: name, kind: litText, what: what, names: names}
}

// wordShape is one of a few words.
func wordShape(name, what string, words ...string) shape {
	return nameShape(name, what, func(*testReader) []string { return words })
}

func levelShape() shape {
	return nameShape("level", "level", func(t *testReader) []string { return levelNames(t.policy) })
}

func ruleShape() shape { return nameShape("rule", "rule", (*testReader).ruleNames) }

func codeShape() shape {
	return wordShape("code", "error code", "no_such_attribute", "no_such_key", "index_out_of_bounds", "overflow", "divide_by_zero", "no_such_overload",
		"bad_value", "invalid_argument", "optional_none", "limit")
}

// decisionShape is that of docs/language.md, "Decision, as JSON". A request that a test makes is never refused: what could be wrong with it is found when the test is
// read. So there is no `error`.
func decisionShape() *shape {
	effects := []string{"allow", "step_up", "deny", "need"}
	reason := objectShape("", ruleShape(), wordShape("effect", "effect of a rule", "step_up", "deny"), levelShape(), numberShape("max_age"),
		listShape("methods", textShape("")), textShape("message"))
	trial := reason
	trial.fields = append(slices.Clone(reason.fields), codeShape(), boolShape("pending"))
	s := objectShape("",
		described(wordShape("effect", "effect", effects...), "`allow`, `step_up`, `deny` or `need`"),
		described(nameShape("action", "action", func(t *testReader) []string { return policyActions(t.policy) }), "the action"),
		described(objectShape("requirement", levelShape(), listShape("acr_values", textShape("")), numberShape("max_age"),
			listShape("methods", objectShape("", listShape("one_of", textShape("")))), boolShape("reachable")), "what to challenge for: `{ level = \"mfa\", max_age = 300 }`"),
		described(objectShape("satisfied", levelShape(), numberShape("age")), "what the session proves"),
		described(listShape("reasons", reason), "the rules that made the effect: `[{ rule = \"transfer.create/large transfer\" }]`"),
		described(listShape("shadow", trial), "the rules on trial that would deny or step up"),
		described(wordShape("shadow_effect", "effect", effects...), "the effect with the rules on trial, where it differs"),
		described(listShape("indeterminate", objectShape("", ruleShape(), codeShape(), textShape("error"), textShape("at"))), "the rules whose condition was in error"),
		described(listShape("need", nameShape("", "lazy signal", (*testReader).lazySignals)), "the lazy signals to fetch"),
		described(nameShape("posture", "posture", func(t *testReader) []string { return allPostures(t.policy) }), "the posture"),
		described(objectShape("policy", textShape("name"), textShape("version"), textShape("digest")), "which policy decided"),
	)
	return &s
}

func described(s shape, doc string) shape {
	s.doc = doc
	return s
}

func (t *testReader) ruleNames() []string {
	names := make([]string, 0, len(t.rules))
	for id := range t.rules {
		names = append(names, id)
	}
	slices.Sort(names)
	return names
}

func (t *testReader) lazySignals() []string {
	var names []string
	for _, s := range t.policy.Signals {
		if s.Lazy {
			names = append(names, s.Name)
		}
	}
	return names
}

// has reports whether a text is one of those that the shape allows.
func (s *shape) has(t *testReader, text string) bool {
	switch {
	case s.names == nil:
		return true
	case s.what == "rule":
		return t.rules[text]
	}
	return slices.Contains(s.names(t), text)
}

// expectLayer is a block's `expect`, as an object.
func (t *testReader) expectLayer(b *body) *lit {
	var found *body
	for _, x := range b.hcl.Blocks {
		if x.Type != "expect" {
			continue
		}
		e, _ := t.openBlock(b.src, t.kinds["expect"], x)
		if found != nil {
			related(t.errorf(e.header, codeDuplicate, b.kind.block()+" has a second `expect`", ""), "first here", found.header)
			continue
		}
		found = e
	}
	if found == nil {
		return nil
	}
	if len(found.hcl.Attributes)+len(found.hcl.Blocks) == 0 {
		t.errorf(found.header, codeValue, "nothing is expected", "such a test cannot fail; name a part of the decision: `effect = \"allow\"`")
	}
	l := &lit{kind: litObject, span: found.header}
	for _, a := range found.sortedAttrs() {
		if !slices.ContainsFunc(found.kind.Attrs, func(x Attr) bool { return x.Name == a.Name }) {
			continue // reported
		}
		val := t.literal(b.src, a.Expr)
		l.fields = append(l.fields, field{name: a.Name, key: found.attrSpan(a.Name), val: val})
	}
	return l
}

// ofEffect are the members of a decision that belong to its effect.
var ofEffect = []string{"requirement", "reasons", "need", "shadow_effect"}

// mergedExpect is what a case expects, laid over what its test does. If the case names another effect, what the test expects of its own is not asked for.
func mergedExpect(under, over *lit) *lit {
	if under == nil || over == nil {
		return first(over, under)
	}
	if e := effectOf(over); e != "" && e != effectOf(under) {
		kept := *under
		kept.fields = slices.DeleteFunc(slices.Clone(under.fields), func(f field) bool { return slices.Contains(ofEffect, f.name) })
		under = &kept
	}
	return merged(under, over)
}

// effectOf is the effect that is expected, as it is written.
func effectOf(l *lit) string {
	for _, f := range l.fields {
		if f.name == "effect" && f.val.kind == litText {
			return f.val.inner().Text()
		}
	}
	return ""
}

// expectation reads what is expected. A test that expects nothing cannot fail, and is an error.
func (t *testReader) expectation(at *body, l *lit) (Expect, bool) {
	if l == nil {
		t.errorf(at.header, codeMissingBlock, at.kind.block()+" needs a block `expect`", "a part of the decision: `expect { effect = \"allow\" }`")
		return Expect{}, false
	}
	return t.expect(*l, t.shape)
}

// expect reads an expected value of a shape.
func (t *testReader) expect(l lit, s *shape) (Expect, bool) {
	e := Expect{Range: l.span.Range()}
	if l.kind == litNull {
		return e, true
	}
	if t.isDuration(l, s) || !t.want(l, s.kind) {
		return e, false
	}
	switch s.kind {
	case litText:
		return t.expectText(l, s)
	case litNumber:
		n, ok := t.integer(l, 0, maxNumberInt)
		e.Kind, e.Number = ExpectNumber, n
		return e, ok
	case litBool:
		e.Kind, e.Bool = ExpectBool, l.span.Text() == "true"
		return e, true
	case litTuple:
		return t.expectList(l, s)
	case litObject, litBad, litNull:
	}
	return t.expectObject(l, s)
}

// isDuration reports an age that is written as in a policy, where a decision has seconds.
func (t *testReader) isDuration(l lit, s *shape) bool {
	if l.kind != litText || s.kind != litNumber {
		return false
	}
	age, err := policy.ParseDuration(l.inner().Text())
	if err != nil {
		return false
	}
	dg := t.errorf(l.span, codeValue, "`"+s.name+"` is a number of seconds", "")
	dg.Suggestion = strconv.FormatInt(int64(age/time.Second), 10)
	return true
}

func (t *testReader) expectText(l lit, s *shape) (Expect, bool) {
	e := Expect{Kind: ExpectText, Range: l.span.Range()}
	text, ok := t.text(l, false)
	if !ok {
		return e, false
	}
	e.Text = text.Value
	if !s.has(t, e.Text) {
		t.suggest(t.errorf(l.inner(), codeUnknownName, "there is no "+s.what+" `"+short(e.Text)+"`", ""), e.Text, func() []string { return s.names(t) })
		return e, false
	}
	return e, true
}

func (t *testReader) expectList(l lit, s *shape) (Expect, bool) {
	e, all := Expect{Kind: ExpectList, Range: l.span.Range()}, true
	for _, item := range l.items {
		if item.kind == litNull {
			t.want(item, s.elem.kind)
			all = false
			continue
		}
		x, ok := t.expect(item, s.elem)
		e.Items, all = append(e.Items, x), all && ok
	}
	return e, all
}

func (t *testReader) expectObject(l lit, s *shape) (Expect, bool) {
	e, all := Expect{Kind: ExpectObject, Range: l.span.Range()}, true
	for _, f := range l.fields {
		i := slices.IndexFunc(s.fields, func(x shape) bool { return x.name == f.name })
		if i < 0 {
			t.noMember(f, s)
			all = false
			continue
		}
		x, ok := t.expect(f.val, &s.fields[i])
		e.Fields, all = append(e.Fields, ExpectField{Name: f.name, Expect: x}), all && ok
	}
	return e, all
}

func (t *testReader) noMember(f field, s *shape) {
	t.suggest(t.errorf(f.key, codeUnknownAttribute, "`"+s.name+"` of a decision has no `"+short(f.name)+"`", ""), f.name, func() []string {
		var names []string
		for _, x := range s.fields {
			names = append(names, x.name)
		}
		return names
	})
}
