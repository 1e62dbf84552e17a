package hcl

import (
	"errors"
	"io/fs"
	"maps"
	"slices"
	"strconv"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/policy"
)

// Tests is what the test files of a policy say: docs/language.md, "Tests".
type Tests struct {
	// Cases are the cases of all tests, by file and place. A test that has none is one itself.
	Cases []*Case
	// Sources are the test files, by name.
	Sources []*diag.Source
	// Diagnostics are sorted. If they have errors, cases may be missing, or not be complete.
	Diagnostics diag.List
}

// Case is one request and what is expected of its decision, fixtures and tables already worked in.
type Case struct {
	// Test is the name of the test, Name that of the case; "" if the test has none.
	Test, Name string
	Request    *policy.Request
	Expect     Expect
	// Range is the header of the case, or of the test.
	Range diag.Range
}

// FullName is `test` or `test/case`.
func (c *Case) FullName() string {
	if c.Name == "" {
		return c.Test
	}
	return c.Test + "/" + c.Name
}

// ExpectKind is the form of an expected value.
type ExpectKind uint8

// The forms.
const (
	ExpectAbsent ExpectKind = iota // null: there is nothing of that name
	ExpectText
	ExpectNumber
	ExpectBool
	ExpectList   // all of the list: as many elements, in this order, each as expected
	ExpectObject // a part of the object: the fields named
)

// Expect is a part of a decision's JSON. What it names must be so; what it does not name may be anything.
type Expect struct {
	Kind   ExpectKind
	Text   string
	Number int64
	Bool   bool
	Items  []Expect
	Fields []ExpectField // in the order written
	Range  diag.Range
}

// ExpectField is a member of an object.
type ExpectField struct {
	Name string
	Expect
}

// Field is the member of an object of that name, or nil.
func (e *Expect) Field(name string) *Expect {
	for i := range e.Fields {
		if e.Fields[i].Name == name {
			return &e.Fields[i].Expect
		}
	}
	return nil
}

// TestBlocks returns the kinds of block of test files.
func TestBlocks() []*Block {
	return []*Block{blockFixture(), blockTest(), blockCase(), blockExpect()}
}

// ParseTests reads the tests of a policy: the named files of fsys, or all *.rungtest.hcl files in its root if none is named; no such file is
// no test. The values in them are read by the types of the policy, which is not changed: it may be what [Parse] could read of one with mistakes. The error is for
// files that cannot be read.
func ParseTests(fsys fs.FS, p *policy.Policy, names ...string) (*Tests, error) {
	d := newDecoder(fsys, TestBlocks())
	own := *p
	d.policy, d.what, d.said = &own, "the tests are", make(map[saying]bool)
	t := &testReader{decoder: d, fixtures: make(map[string]layer), rules: ruleIDs(p), shape: decisionShape(), values: maxTestValues}
	err := d.files.read(names, testSuffix)
	if errors.Is(err, ErrNoFiles) {
		err = nil
	}
	if err == nil {
		t.decode(d.parseFiles())
	}
	r := d.result()
	return &Tests{Cases: t.cases, Sources: r.Sources, Diagnostics: r.Diagnostics}, err
}

// saying is something that was said of a place.
type saying struct {
	at      diag.Span
	summary string
}

// repeats reports whether the same was said already: what a fixture holds is read for each test that uses it.
func (d *decoder) repeats(at diag.Span, summary string) bool {
	if d.said == nil {
		return false
	}
	s := saying{at, summary}
	twice := d.said[s]
	d.said[s] = true
	return twice
}

// testReader reads the blocks of test files.
type testReader struct {
	*decoder
	fixtures map[string]layer
	rules    map[string]bool // ids
	shape    *shape          // of a decision
	cases    []*Case
	values   int // how many more there may be
}

// maxTestValues is how many values the requests of all cases may have, with what is laid over something counted as often as it is: far more than people write,
// and no more than fits into memory. A few fixtures of many values in many cases are a file of a megabyte.
const maxTestValues = 4 << 20

// spend takes values from those that there may be; the first time that there are too few, it says so.
func (t *testReader) spend(n int, at diag.Span) bool {
	before := t.values
	t.values -= n
	if before >= 0 && t.values < 0 {
		t.errorf(at, codeLimit, "the tests have more than "+strconv.Itoa(maxTestValues)+" values, fixtures put in", "use smaller fixtures, or fewer cases")
	}
	return t.values >= 0
}

func ruleIDs(p *policy.Policy) map[string]bool {
	ids := make(map[string]bool, len(p.Rules)+len(p.Actions))
	for _, r := range p.Rules {
		ids[r.ID] = true
	}
	for _, a := range p.Actions {
		ids[a.Name] = true // its baseline
	}
	return ids
}

// decode reads the fixtures, then the tests.
func (t *testReader) decode(parsed []parsedFile) {
	for _, f := range parsed {
		t.openFile(f)
	}
	for _, b := range t.bodies["fixture"] {
		t.fixture(b)
	}
	for _, b := range t.bodies["test"] {
		t.test(b)
	}
}

// fixture keeps what a fixture says. Its values are read once for themselves, for what is wrong with them; the resource is of an action, and waits for a test.
func (t *testReader) fixture(b *body) {
	if !t.declare(kindFixture, b.name, b.label) {
		return
	}
	l := t.layer(b)
	l.weight = 1 + l.signals.weight() + l.params.weight()
	t.fixtures[b.name] = l
	t.signals(nil, l.signals)
	t.params(l.params)
	t.posture(l.posture)
	t.now(l.now)
}

// test reads a test, and makes its cases.
func (t *testReader) test(b *body) {
	if !t.declare(kindTest, b.name, b.label) {
		return
	}
	base := t.layer(b)
	base.expect = t.expectLayer(b)
	var cases []*body
	names := make(map[string]diag.Span)
	for _, x := range b.hcl.Blocks {
		if x.Type != "case" {
			continue
		}
		c, ok := t.openBlock(b.src, t.kinds["case"], x)
		if !ok {
			continue
		}
		if first, twice := names[c.name]; twice {
			related(t.errorf(c.label, codeDuplicate, "the case `"+c.name+"` is there twice", "names of cases are unique within their test"), "first here", first)
			continue
		}
		names[c.name] = c.label
		cases = append(cases, c)
	}
	if len(cases) == 0 {
		t.addCase(b, b, base)
	}
	for _, c := range cases {
		own := t.layer(c)
		own.expect = t.expectLayer(c)
		t.addCase(b, c, own.over(base))
	}
}

// addCase makes a case of what is said of it: by a case of a test, or by the test itself.
func (t *testReader) addCase(test, at *body, l layer) {
	if !t.spend(l.signals.weight()+l.params.weight()+l.expect.weight(), at.header) {
		return
	}
	c := &Case{Test: test.name, Range: at.header.Range()}
	if at != test {
		c.Name = at.name
	}
	if l.action == nil && test.attr("action") == nil && at.attr("action") == nil {
		t.errorf(at.header, codeMissingAttribute, at.kind.block()+" needs the attribute `action`", "the action that is asked for, in the test or in each of its cases")
	}
	request, ok := t.request(l)
	expect, expects := t.expectation(at, l.expect)
	if ok && expects {
		c.Request, c.Expect = request, expect
		t.cases = append(t.cases, c)
	}
}

// layer is what a fixture, a test or a case says of a request, as it is written; nil is nothing.
type layer struct {
	action, signals, params, posture, now *lit
	expect                                *lit // of tests and cases
	weight                                int  // of fixtures: how many values it has
}

// weight is how many values a literal has.
func (l *lit) weight() int {
	if l == nil {
		return 0
	}
	n := 1
	for i := range l.items {
		n += l.items[i].weight()
	}
	for i := range l.fields {
		n += l.fields[i].val.weight()
	}
	return n
}

// layer reads a block's attributes, over the fixtures that it uses.
func (t *testReader) layer(b *body) layer {
	var l layer
	for _, name := range t.uses(b) {
		l = name.over(l)
	}
	own := layer{
		action: t.form(b, "action", litText), signals: t.form(b, "signals", litObject), params: t.form(b, "params", litObject),
		posture: t.form(b, "posture", litText), now: t.form(b, "now", litText),
	}
	return own.over(l)
}

// form reads an attribute of a form.
func (t *testReader) form(b *body, name string, kind litKind) *lit {
	l, ok := t.attrLit(b, name)
	if !ok || !t.want(l, kind) {
		return nil
	}
	return &l
}

// uses are the fixtures that a block names.
func (t *testReader) uses(b *body) []layer {
	if b.attr("uses") == nil || b.kind.Type == "fixture" {
		return nil
	}
	names, places := t.attrTexts(b, "uses")
	var found []layer
	for i, name := range names {
		l, ok := t.fixtures[name]
		if !ok {
			t.suggest(t.errorf(places[i], codeUnknownName, "there is no fixture `"+short(name)+"`", ""), name, t.fixtureNames)
			continue
		}
		if !t.spend(l.weight, places[i]) {
			return nil
		}
		found = append(found, l)
	}
	return found
}

func (t *testReader) fixtureNames() []string {
	return slices.Sorted(maps.Keys(t.fixtures))
}

// over is a layer laid over another: what it says counts, and of the other what is left. Objects are laid over each other deeply.
func (l layer) over(under layer) layer {
	return layer{
		action: first(l.action, under.action), signals: merged(under.signals, l.signals), params: merged(under.params, l.params),
		posture: first(l.posture, under.posture), now: first(l.now, under.now), expect: mergedExpect(under.expect, l.expect),
	}
}

func first(a, b *lit) *lit {
	if a != nil {
		return a
	}
	return b
}

// merged is one literal laid over another.
func merged(under, over *lit) *lit {
	switch {
	case over == nil:
		return under
	case under == nil || under.kind != litObject || over.kind != litObject:
		return over
	}
	out := lit{kind: litObject, span: over.span, fields: slices.Clone(under.fields)}
	at := under.places()
	for _, f := range over.fields {
		if i := at(f.name); i >= 0 {
			out.fields[i] = field{name: f.name, key: f.key, val: *merged(&out.fields[i].val, &f.val)}
		} else {
			out.fields = append(out.fields, f)
		}
	}
	return &out
}

// places finds the fields of an object by name: their index, or -1.
func (l *lit) places() func(name string) int {
	const few = 16 // for which trying each is faster
	if len(l.fields) <= few {
		return func(name string) int {
			return slices.IndexFunc(l.fields, func(f field) bool { return f.name == name })
		}
	}
	index := make(map[string]int, len(l.fields))
	for i, f := range l.fields {
		index[f.name] = i
	}
	return func(name string) int {
		if i, ok := index[name]; ok {
			return i
		}
		return -1
	}
}
