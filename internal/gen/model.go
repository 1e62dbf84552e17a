package gen

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"testing/fstest"
)

// Model is a policy as its parts, which can be drawn anew and taken away. It holds values of all types, and functions of all
// libraries.
type Model struct {
	Levels   []*Level // none: the ladder of the language
	Signals  []*Signal
	Params   []*Param
	Lists    []*List
	Lets     []*Let
	Postures []*Posture
	Actions  []*Action
	Rules    []*Rule

	drawers map[string]*drawer
	source  *Source
	short   bool // conditions
}

// The parts of a policy.
type (
	// Level is a level of the ladder.
	Level struct {
		Name string
		Rank int
		ACR  []string
		AMR  [][]string
	}
	// Signal is a declared signal, or a standard one, which is not written.
	Signal struct {
		Name     string
		Type     *Type
		Lazy     bool
		Standard bool
	}
	// Param is a param.
	Param struct {
		Name, Default, Stricter string
		Type                    *Type
		host                    []any
		overlay                 []string
	}
	// List is a list.
	List struct {
		Name   string
		Type   *Type
		Values []string
	}
	// Let names an expression.
	Let struct {
		Name string
		Expr *Expr
		lazy bool
	}
	// Posture is a posture; Params are overlays.
	Posture struct {
		Name   string
		Rank   int
		Params map[string]string
	}
	// Action is an action.
	Action struct {
		Name, Level string
		Resource    *Type
	}
	// Rule is a rule.
	Rule struct {
		Name    string
		Deny    bool
		In      string // its action; none: at top level
		Actions []string
		// When, Unless and By may be nil.
		When, Unless, By             *Expr
		Level, MaxAge, Posture, Mode string
		Methods                      []string
		Skip                         bool
		Percent, Seed                string
	}
)

// Names of authentication methods; the last are words for ceremonies.
var methods = []string{"pwd", "otp", "sms", "hwk", "swk", "pin", "fpt", "face", "mfa", "user", "mca", "rba", "geo"}

// NewModel draws a policy.
func NewModel(s *Source) *Model {
	m := &Model{source: s, drawers: map[string]*drawer{}}
	m.ladder()
	m.signals()
	m.params()
	m.lists()
	apart := s.Chance(2)
	n := 2 + s.N(3)
	if apart {
		n += 4 + s.N(8)
	}
	m.actions(n)
	m.lets()
	if !apart {
		n = 3 + s.N(9)
	}
	if !apart && s.Chance(20) {
		n += 60 // more than a word of rules
		m.short = true
	}
	for i := range n {
		m.rule(fmt.Sprintf("r%d", i))
	}
	for i, a := range m.Actions {
		if apart {
			m.alone(m.Rules[i], a)
		}
	}
	return m
}

// alone makes a rule the only one of an action that is open without it: whatever its condition comes to is then seen in the decision.
func (m *Model) alone(r *Rule, a *Action) {
	a.Level = "none"
	*r = Rule{Name: r.Name, In: a.Name, Deny: true}
	r.When = m.drawer(a.Name).draw(boolean, 10+m.source.N(40))
}

func (m *Model) ladder() {
	s := m.source
	if s.Chance(4) {
		return
	}
	taken := map[string]bool{}
	rank := 0
	for i := range 1 + s.N(4) {
		rank += 1 + s.N(3)
		l := &Level{Name: fmt.Sprintf("l%d", i), Rank: rank}
		if s.N(5) > 0 {
			l.ACR = []string{fmt.Sprintf("acr:%d", i)}
			if s.Chance(3) {
				l.ACR = append(l.ACR, fmt.Sprintf("acr:%db", i))
			}
		}
		for range s.N(3) + 1 {
			set := m.methodSet(3)
			if key := strings.Join(set, " "); !taken[key] {
				taken[key] = true
				l.AMR = append(l.AMR, set)
			}
		}
		if s.Chance(6) && l.ACR != nil {
			l.AMR = nil
		}
		if l.ACR != nil || l.AMR != nil {
			m.Levels = append(m.Levels, l)
		}
	}
}

// methodSet draws methods in order, none twice.
func (m *Model) methodSet(most int) []string {
	s := m.source
	in := map[string]bool{}
	for range 1 + s.N(most) {
		n := len(methods)
		if s.N(3) > 0 {
			n = 6
		}
		in[methods[s.N(n)]] = true
	}
	var out []string
	for _, name := range methods {
		if in[name] {
			out = append(out, name)
		}
	}
	return out
}

func (m *Model) levelNames() []string {
	if len(m.Levels) == 0 {
		return []string{"aal1", "aal2", "aal3"}
	}
	var out []string
	for _, l := range m.Levels {
		out = append(out, l.Name)
	}
	return out
}

// plain is an object with an attribute of each type without parts, and any.
func plain() *Type {
	t := &Type{Kind: "object"}
	for i, x := range scalars {
		t.Attrs = append(t.Attrs, Attr{string(rune('a' + i)), x})
	}
	t.Attrs = append(t.Attrs, Attr{"k", anything}, Attr{"l", sized(listOf(anything), 6)})
	return t
}

func object(attrs ...Attr) *Type { return &Type{Kind: "object", Attrs: attrs} }

func sized(t *Type, n int) *Type {
	out := *t
	out.Max = n
	return &out
}

func (m *Model) signals() {
	s := m.source
	authentication := object(Attr{"acr", text}, Attr{"amr", sized(listOf(text), 32)}, Attr{"time", moment})
	standard := func(name string, attrs ...Attr) {
		m.Signals = append(m.Signals, &Signal{Name: name, Type: object(attrs...), Standard: true})
	}
	standard("subject", Attr{"id", text}, Attr{"country", text}, Attr{"tenure", span}, Attr{"enrolled", sized(listOf(text), 32)})
	standard("session", Attr{"id", text}, Attr{"acr", text}, Attr{"auth_time", moment}, Attr{"not_before", moment}, Attr{"ip", address},
		Attr{"amr", sized(listOf(text), 32)}, Attr{"authentications", sized(listOf(authentication), 64)})
	standard("network", Attr{"ip", address}, Attr{"asn", integer}, Attr{"country", text}, Attr{"reputation", double}, Attr{"tor", boolean})
	m.Signals = append(m.Signals, &Signal{Name: "plain", Type: plain()}, &Signal{Name: "dear", Type: plain(), Lazy: true}, &Signal{Name: "rare", Type: plain(), Lazy: true})
	for i := range 1 + s.N(4) {
		m.Signals = append(m.Signals, &Signal{Name: fmt.Sprintf("sig%d", i), Type: s.signalType(2), Lazy: s.Chance(3)})
	}
	if s.Chance(2) {
		m.Signals = append(m.Signals, &Signal{Name: "many", Type: sized(listOf(s.objectType(1)), 6)})
	}
	if s.Chance(12) { // more than a byte of lazy ones
		for i := range 10 + s.N(46) {
			m.Signals = append(m.Signals, &Signal{Name: fmt.Sprintf("lazy%d", i), Type: Pick(s, boolean, integer, text), Lazy: true})
		}
	}
	if s.Chance(12) { // more than a word of attributes
		wide := &Type{Kind: "object"}
		for i := range 34 + s.N(40) {
			wide.Attrs = append(wide.Attrs, Attr{fmt.Sprintf("a%02d", i), s.scalar()})
		}
		m.Signals = append(m.Signals, &Signal{Name: "wide", Type: wide}, &Signal{Name: "wides", Type: sized(listOf(wide), 3)})
	}
}

// params draws params, and postures that lay values over them.
func (m *Model) params() {
	s := m.source
	for i := range s.N(4) {
		t := Pick(s, integer, integer, double, double, unsigned, span, text, boolean, moment, address, network)
		if s.Chance(6) {
			t = sized(listOf(s.scalar()), 5)
		}
		p := &Param{Name: fmt.Sprintf("p%d", i), Type: t, Default: hclValue(s.value(t))}
		if t.Kind == "int" || t.Kind == "uint" || t.Kind == "double" || t.Kind == "duration" {
			p.Stricter = Pick(s, "lower", "higher")
		}
		for range 3 {
			p.host = append(p.host, s.value(t))
			p.overlay = append(p.overlay, hclValue(s.value(t)))
		}
		m.Params = append(m.Params, p)
	}
	for i := range s.N(4) {
		p := &Posture{Name: fmt.Sprintf("up%d", i), Rank: 1 + 2*i + s.N(2), Params: map[string]string{}}
		for _, x := range m.Params {
			if s.Chance(2) {
				p.Params[x.Name] = Pick(s, x.overlay...)
			}
		}
		m.Postures = append(m.Postures, p)
	}
}

func (m *Model) lists() {
	s := m.source
	for i := range 1 + s.N(4) {
		l := &List{Name: fmt.Sprintf("w%d", i), Type: Pick(s, text, text, integer, address, network, network, unsigned, double, moment)}
		n := 1 + s.N(12)
		if s.Chance(6) {
			n = 50 + s.N(200) // searched, and more than one level of it
		}
		v4 := s.Chance(2)
		for range n {
			l.Values = append(l.Values, hclValue(s.entry(l.Type, v4)))
		}
		m.Lists = append(m.Lists, l)
	}
}

// entry draws an entry of a list; v4: no IPv6, of which there is a table of its own.
func (s *Source) entry(t *Type, v4 bool) any {
	switch {
	case t == text && s.Chance(2):
		return fmt.Sprintf("%c%d", 'a'+rune(s.N(26)), s.N(100))
	case t == integer && s.Chance(2):
		return json.Number(fmt.Sprint(s.N(500) - 100))
	case t == unsigned && s.Chance(2):
		return json.Number(fmt.Sprint(s.N(500)))
	case t == address && v4:
		return s.near().String()
	case t == network && (v4 || s.Chance(2)):
		return netip.PrefixFrom(s.near(), Pick(s, 8, 16, 22, 24, 28, 29, 30, 31, 32)).Masked().String()
	}
	return s.value(t)
}

// near draws one of a few addresses, so that several meet.
func (s *Source) near() netip.Addr {
	return netip.AddrFrom4([4]byte{10, byte(s.N(3)), byte(s.N(3)), byte(s.N(12))})
}

func (m *Model) actions(n int) {
	s := m.source
	shared := []Attr{{"owner", text}, {"amount", double}, {"flag", boolean}}
	for i := range n {
		a := &Action{Name: fmt.Sprintf("do.a%d", i), Level: Pick(s, append(m.levelNames(), "none", "none")...)}
		a.Resource = object(append(append([]Attr(nil), shared...), Attr{"varies", Pick(s, integer, text, unsigned, boolean)}, Attr{fmt.Sprintf("own%d", i), s.signalType(2)})...)
		m.Actions = append(m.Actions, a)
	}
}

// drawer is what draws expressions for an action; "" for what stands outside of one.
func (m *Model) drawer(action string) *drawer {
	if d := m.drawers[action]; d != nil {
		return d
	}
	d := &drawer{Source: m.source, scope: &scope{byType: map[string][]path{}, params: m.Params, lists: m.Lists, level: true}}
	d.levels = append(d.levels, m.levelNames()...)
	for _, p := range m.Postures {
		d.posture = append(d.posture, p.Name)
	}
	for _, sig := range m.Signals {
		d.add([]string{sig.Name}, sig.Type, sig.Lazy)
	}
	shared := object(m.Actions[0].Resource.Attrs[:3]...)
	if action != "" {
		for _, a := range m.Actions {
			if a.Name == action {
				shared = a.Resource
			}
		}
	}
	if action != "let" {
		d.add([]string{"resource"}, shared, false)
	}
	d.lets = m.Lets
	m.drawers[action] = d
	return d
}

func (m *Model) lets() {
	s := m.source
	d := m.drawer("let")
	for i := range s.N(4) {
		t := Pick(s, boolean, boolean, integer, double, text, listOf(text), moment)
		l := &Let{Name: fmt.Sprintf("named%d", i), Expr: d.draw(t, 14), lazy: true}
		m.Lets = append(m.Lets, l)
		d.lets = m.Lets
	}
}

func (m *Model) rule(name string) {
	s := m.source
	r := &Rule{Name: name, Deny: s.Chance(6)}
	if s.Chance(5) {
		r.Actions = Pick(s, []string{"*"}, []string{"do.*"}, []string{m.Actions[0].Name, m.Actions[1].Name})
	} else {
		r.In = Pick(s, m.Actions...).Name
	}
	m.conditions(r)
	if !r.Deny {
		m.requirement(r)
		r.Skip = s.Chance(6)
	}
	if len(m.Postures) > 0 && s.Chance(6) {
		r.Posture = Pick(s, m.Postures...).Name
	}
	r.Mode = Pick(s, "", "", "", "shadow", "shadow")
	if s.Chance(30) {
		r.Mode = "off"
	}
	m.Rules = append(m.Rules, r)
}

// conditions draws what a rule computes.
func (m *Model) conditions(r *Rule) {
	s, d := m.source, m.drawer(r.In)
	r.When, r.Unless, r.By, r.Percent, r.Seed = nil, nil, nil, "", ""
	if !s.Chance(16) {
		size := 10 + s.N(40)
		if m.short {
			size = 4
		}
		r.When = d.draw(boolean, size)
	}
	if s.Chance(4) {
		r.Unless = d.draw(boolean, 10+s.N(10))
	}
	if s.Chance(5) {
		r.Percent = Pick(s, "0", "10", "50", "50", "99.99", "100", "0.01", "33.3")
		d.eager = true
		r.By = d.draw(text, Pick(s, 1, 1, 6))
		d.eager = false
		if s.Chance(3) {
			r.Seed = Pick(s, "seed", "é", "x/y")
		}
	}
}

func (m *Model) requirement(r *Rule) {
	s := m.source
	r.Level = Pick(s, m.levelNames()...)
	if s.Chance(2) {
		r.MaxAge = Pick(s, "30s", "60s", "5m", "1h", "24h", "87600h")
	}
	if s.Chance(4) {
		r.Methods = m.methodSet(3)
	}
}

// Text writes the policy in one file.
func (m *Model) Text() string { text, _ := m.write(); return text }

// Files is the policy's folder.
func (m *Model) Files() fstest.MapFS { return fstest.MapFS{"a.rung.hcl": {Data: []byte(m.Text())}} }

// Redraw draws anew what stands in a line; false if nothing there can be.
func (m *Model) Redraw(line int) bool {
	_, owners := m.write()
	switch x := owners[line].(type) {
	case *Rule:
		m.conditions(x)
	case *Let:
		x.Expr = m.drawer("let").draw(x.Expr.Type, 4)
	case *Action:
		x.Level = "none"
	default:
		return false
	}
	return true
}

// Request draws a request.
func (m *Model) Request(s *Source) *Request {
	a := Pick(s, m.Actions...)
	r := &Request{Action: a.Name, Now: Pick(s, moments...), Signals: Object{}, Params: Object{}}
	if s.N(3) > 0 {
		r.Now = Now.Format("2006-01-02T15:04:05Z")
	}
	if len(m.Postures) > 0 && s.N(3) > 0 {
		r.Posture = Pick(s, m.Postures...).Name
	}
	for _, sig := range m.Signals {
		switch {
		case sig.Lazy && s.Chance(2):
		default:
			s.put(r.Signals, sig.Name, sig.Type)
		}
	}
	s.put(r.Signals, "resource", a.Resource)
	m.evidence(s, r.Signals)
	if o, ok := r.Signals["plain"].(Object); ok && s.Chance(100) {
		o["e"] = strings.Repeat(Pick(s, "é", "ab", "😀"), 10_000+s.N(4000)) // more than an instance has room for at first
	}
	for _, p := range m.Params {
		if s.Chance(4) {
			r.Params[p.Name] = Pick(s, p.host...)
		}
	}
	return r
}

// evidence draws what a session proves: mostly words that the ladder knows.
func (m *Model) evidence(s *Source, signals Object) {
	acrs := []string{"", "odd", "aal1", "aal2", "aal3"}
	for _, l := range m.Levels {
		acrs = append(acrs, l.ACR...)
	}
	acr := func() any { return Pick(s, acrs...) }
	amr := func() any {
		out := []any{}
		for range s.N(5) {
			out = append(out, Pick(s, methods...))
		}
		return out
	}
	when := func() any {
		return Pick(s, "2026-11-20T12:00:00Z", "2026-11-20T11:55:00Z", "2026-11-20T11:59:30Z", "2026-11-20T12:00:59.5Z", "2026-11-20T12:01:00.000000001Z", "2026-11-20T11:00:00Z",
			"2026-11-19T12:00:00Z", "2026-11-20T11:54:59.999999999Z", "2016-11-20T12:00:00Z", Pick(s, moments...))
	}
	session, ok := signals["session"].(Object)
	if ok {
		replace(s, session, "acr", acr)
		replace(s, session, "amr", amr)
		replace(s, session, "auth_time", when)
		delete(session, "not_before")
		if s.Chance(4) {
			session["not_before"] = when()
		}
		delete(session, "authentications")
		if s.Chance(2) {
			list := []any{}
			for range s.N(4) {
				o := Object{}
				replace(s, o, "acr", acr)
				replace(s, o, "amr", amr)
				replace(s, o, "time", when)
				list = append(list, o)
			}
			session["authentications"] = list
		}
	}
	if subject, ok := signals["subject"].(Object); ok {
		delete(subject, "enrolled")
		if s.Chance(2) {
			subject["enrolled"] = amr()
		}
	}
}

func replace(s *Source, o Object, name string, draw func() any) {
	delete(o, name)
	if s.N(6) > 0 {
		o[name] = draw()
	}
}

// Clone is a copy whose parts can be changed.
func (m *Model) Clone() *Model {
	return &Model{
		Levels: cloned(m.Levels), Signals: cloned(m.Signals), Params: cloned(m.Params), Lists: cloned(m.Lists), Lets: cloned(m.Lets),
		Postures: cloned(m.Postures), Actions: cloned(m.Actions), Rules: cloned(m.Rules),
	}
}

func cloned[T any](parts []*T) []*T {
	out := make([]*T, len(parts))
	for i, p := range parts {
		part := *p
		out[i] = &part
	}
	return out
}
