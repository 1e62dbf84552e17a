package plan_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/plan"
)

// now is the moment all requests of these tests are asked at.
var now = time.Date(2026, 1, 1, 12, 0, 0, 500_000_000, time.UTC)

func ago(d time.Duration) time.Time { return now.Add(-d) }

// script is an engine whose conditions come out as written, and that counts what it is asked.
type script struct {
	results map[string]plan.Result // by rule id, or "by:" and the rule's id
	names   []string
	asked   []string
	in      []plan.Input
}

func (s *script) answer(i int, in *plan.Input) plan.Result {
	s.asked = append(s.asked, s.names[i])
	s.in = append(s.in, *in)
	return s.results[s.names[i]]
}

func (s *script) Eval(i int, in *plan.Input) plan.Result { return s.answer(i, in) }
func (s *script) Text(i int, in *plan.Input) plan.Result { return s.answer(i, in) }
func (s *script) Trace(i int, in *plan.Input) (plan.Result, []policy.NodeTrace) {
	return s.answer(i, in), []policy.NodeTrace{{Text: s.names[i]}}
}

// world is a policy in the making: one action, "act", and rules whose conditions a script answers.
type world struct {
	*policy.Policy
	script
	action *policy.Action
}

// The ladder of these tests: a has an acr and an amr set, b has neither of its own, c has both, d has only an acr and a ceremony.
func ladder() []*policy.Level {
	return []*policy.Level{
		{Name: "a", Rank: 1, ACR: []string{"acr-a"}, AMR: [][]string{{"pwd"}}},
		{Name: "b", Rank: 5, ACR: []string{"acr-b"}},
		{Name: "c", Rank: 9, ACR: []string{"acr-c", "acr-c2"}, AMR: [][]string{{"otp", "pwd"}, {"hwk", "mfa"}}},
		{Name: "d", Rank: 10, ACR: []string{"acr-d"}, AMR: [][]string{{"user"}}},
	}
}

func newWorld() *world {
	w := &world{Policy: &policy.Policy{
		Name: "w", Version: "1", Digest: "sha256:0", Levels: ladder(), Signals: policy.StandardSignals(),
		Postures: []*policy.Posture{{Name: "elevated", Rank: 3}, {Name: "critical", Rank: 7}},
	}}
	w.results = map[string]plan.Result{}
	w.action = &policy.Action{Name: "act", Level: w.Levels[0], LevelRange: diag.Range{File: "w.rung.hcl", Start: diag.Pos{Line: 2, Column: 3}}}
	w.Actions = []*policy.Action{w.action}
	return w
}

// rule adds a rule; what is not said is left as hcl leaves it.
func (w *world) rule(id string, res plan.Result, change ...func(*policy.Rule)) {
	r := &policy.Rule{ID: id, Name: id, Effect: policy.StepUp, Level: w.Levels[2], Actions: []*policy.Action{w.action}, Reason: "because " + id}
	r.Range = diag.Range{File: "w.rung.hcl", Start: diag.Pos{Line: 10 + len(w.Rules), Column: 1}}
	for _, c := range change {
		c(r)
	}
	w.Rules = append(w.Rules, r)
	w.results[id] = res
}

func deny(r *policy.Rule)   { r.Effect, r.Level = policy.Deny, nil }
func shadow(r *policy.Rule) { r.Mode = policy.Shadow }
func off(r *policy.Rule)    { r.Mode = policy.Off }
func skip(r *policy.Rule)   { r.OnErrorSkip = true }

func level(l *policy.Level) func(*policy.Rule) { return func(r *policy.Rule) { r.Level = l } }
func maxAge(s int64) func(*policy.Rule) {
	return func(r *policy.Rule) { r.MaxAge = policy.Seconds{Set: true, N: s} }
}
func methods(m ...string) func(*policy.Rule) { return func(r *policy.Rule) { r.Methods = m } }
func rollout(bucket uint64, seed string) func(*policy.Rule) {
	return func(r *policy.Rule) { r.Rollout = &policy.Rollout{Bucket: bucket, Seed: seed} }
}

// build plans the world.
func (w *world) build() *plan.Plan {
	c := &expr.Conditions{When: map[expr.Use]int{}, By: map[expr.Use]int{}}
	w.names = nil
	add := func(m map[expr.Use]int, r *policy.Rule, name string) {
		m[expr.Use{Rule: r, Action: w.action}] = len(c.All)
		c.All = append(c.All, &expr.Condition{})
		w.names = append(w.names, name)
	}
	for _, r := range w.Rules {
		if r.When != nil || w.results[r.ID].Truth != plan.Erred || w.results[r.ID].Fault != nil {
			add(c.When, r, r.ID)
		}
		if r.Rollout != nil {
			add(c.By, r, "by:"+r.ID)
		}
	}
	return plan.Build(w.Policy, c)
}

func (w *world) decide(r *policy.Request) *policy.Decision {
	w.asked, w.in = nil, nil
	if r.Action == "" {
		r.Action = "act"
	}
	if r.Now.IsZero() {
		r.Now = now
	}
	pl := w.build()
	d := pl.Decide(&w.script, r)
	asked, in := w.asked, w.in
	w.sameInCase(pl, r, d)
	w.asked, w.in = asked, in
	return d
}

// sameInCase decides in a Case, twice with other requests before it: it must come to the same.
func (w *world) sameInCase(pl *plan.Plan, r *policy.Request, want *policy.Decision) {
	c := pl.Case(r.Action)
	if (c == nil) != (pl.Policy.Action(r.Action) == nil) {
		panic("a case of an action that is not declared, or none")
	}
	for range 2 {
		if c == nil {
			return
		}
		c.Decide(&w.script, &policy.Request{Action: r.Action, Now: now, Posture: "critical"})
		c.Decide(&w.script, &policy.Request{Action: r.Action, Now: now, Posture: "odd"})
		if diff := cmp.Diff(want, c.Decide(&w.script, r)); diff != "" {
			panic(diff)
		}
	}
}

var (
	yes     = plan.Result{Truth: plan.True}
	no      = plan.Result{Truth: plan.False}
	failing = plan.Result{Fault: &plan.Fault{Code: policy.NoSuchAttribute, Message: "no such attribute", At: "w.rung.hcl:7:9"}}
	// alwaysTrue stands for a rule without a condition.
	alwaysTrue = plan.Result{}
)

func pending(signals ...int) plan.Result { return plan.Result{Truth: plan.Pending, Touched: signals} }

// auth is an authentication, or a session, or both.
type auth struct {
	acr       string
	amr       []string
	time      time.Time
	notBefore time.Time
	others    []auth
	keep      bool // authentications are given though there is none
}

func list(ss []string) policy.Value {
	out := make([]policy.Value, len(ss))
	for i, s := range ss {
		out[i] = s
	}
	return out
}

func (a auth) fill(t *policy.Type, date string) *policy.Object {
	o := policy.NewObject(t)
	if a.acr != "" {
		o.Attrs[t.Slot("acr")] = a.acr
	}
	if a.amr != nil {
		o.Attrs[t.Slot("amr")] = list(a.amr)
	}
	if !a.time.IsZero() {
		o.Attrs[t.Slot(date)] = a.time
	}
	return o
}

// request is a request of a session, and what its subject is enrolled for (nil: not given).
func (w *world) request(a auth, enrolled []string) *policy.Request {
	session, subject := w.Signal("session").Type, w.Signal("subject").Type
	o := a.fill(session, "auth_time")
	if !a.notBefore.IsZero() {
		o.Attrs[session.Slot("not_before")] = a.notBefore
	}
	if a.others != nil || a.keep {
		list := []policy.Value{}
		for _, other := range a.others {
			list = append(list, other.fill(session.Attrs[session.Slot("authentications")].Type.Elem, "time"))
		}
		o.Attrs[session.Slot("authentications")] = list
	}
	r := &policy.Request{Signals: make([]policy.Value, len(w.Signals))}
	r.Signals[w.SignalIndex("session")] = o
	if enrolled != nil {
		s := policy.NewObject(subject)
		s.Attrs[subject.Slot("enrolled")] = list(enrolled)
		r.Signals[w.SignalIndex("subject")] = s
	}
	return r
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func rules(rs []*policy.Reason) string {
	ids := make([]string, len(rs))
	for i, r := range rs {
		ids[i] = r.Rule
		if r.Pending {
			ids[i] += "?"
		}
		if r.Code != "" {
			ids[i] += "!" + string(r.Code)
		}
	}
	return strings.Join(ids, " ")
}

func seconds(n int64) policy.Seconds { return policy.Seconds{Set: true, N: n} }

func TestRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld()
	equal(t, "unknown action", w.decide(&policy.Request{Action: "other"}),
		&policy.Decision{Error: &policy.RequestError{Code: policy.UnknownAction, Path: "/action", Message: "the policy declares no such action"}})
	equal(t, "unknown posture", w.decide(&policy.Request{Posture: "odd"}),
		&policy.Decision{Error: &policy.RequestError{Code: policy.InvalidRequest, Path: "/posture", Message: "the policy declares no such posture"}})
	d := w.build().Explain(&w.script, &policy.Request{Action: "other"})
	if d.Error == nil || d.Trace != nil {
		t.Errorf("explain of a refused request: %+v", d)
	}
}

func TestBaseline(t *testing.T) {
	t.Parallel()
	w := newWorld()
	equal(t, "nobody", w.decide(&policy.Request{}), &policy.Decision{
		Effect: policy.StepUp, Action: "act", Posture: "normal", Policy: policy.Identity{Name: "w", Version: "1", Digest: "sha256:0"},
		Requirement: &policy.Requirement{Level: "a", ACRValues: []string{"acr-a", "acr-b", "acr-c", "acr-c2", "acr-d"}},
		Reasons:     []*policy.Reason{{Rule: "act", Effect: policy.StepUp, Level: "a"}},
	})
	equal(t, "by acr", w.decide(w.request(auth{acr: "acr-b", time: ago(90 * time.Second)}, nil)), &policy.Decision{
		Effect: policy.Allow, Action: "act", Posture: "normal", Policy: policy.Identity{Name: "w", Version: "1", Digest: "sha256:0"},
		Satisfied: &policy.Satisfied{Level: "b", Age: seconds(90)},
	})
	w.action.Level = nil
	equal(t, "none", w.decide(&policy.Request{}).Effect, policy.Allow)
}

// TestEvidence has, for a session, the level it proves and its age (-1: none).
func TestEvidence(t *testing.T) {
	t.Parallel()
	minute := time.Minute
	for name, c := range map[string]struct {
		session auth
		level   string
		age     int64
	}{
		"nothing":                           {auth{}, "", -1},
		"unknown acr":                       {auth{acr: "odd", time: ago(minute)}, "", -1},
		"acr":                               {auth{acr: "acr-c2", time: ago(minute)}, "c", 60},
		"acr without a time":                {auth{acr: "acr-a"}, "a", -1},
		"rounded down":                      {auth{acr: "acr-a", time: ago(2*time.Second - 1)}, "a", 1},
		"just now":                          {auth{acr: "acr-a", time: now}, "a", 0},
		"a little ahead":                    {auth{acr: "acr-a", time: ago(-minute)}, "a", 0},
		"too far ahead":                     {auth{acr: "acr-a", time: ago(-minute - 1)}, "", -1},
		"in the year 1":                     {auth{acr: "acr-a", time: time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC)}, "a", now.Unix() + 62135596800 - 86400},
		"amr set":                           {auth{amr: []string{"pwd", "otp"}, time: ago(minute)}, "c", 60},
		"part of a set":                     {auth{amr: []string{"otp"}, time: ago(minute)}, "", -1},
		"ceremony set":                      {auth{amr: []string{"mfa", "hwk"}, time: ago(minute)}, "c", 60},
		"ceremony alone":                    {auth{amr: []string{"user"}}, "d", -1},
		"several together":                  {auth{amr: []string{"pwd"}, time: ago(3 * minute), others: []auth{{amr: []string{"otp"}, time: ago(minute)}}}, "c", 180},
		"each at its freshest":              {auth{amr: []string{"pwd", "otp"}, time: ago(3 * minute), others: []auth{{amr: []string{"pwd"}, time: ago(minute)}, {amr: []string{"pwd"}, time: ago(2 * minute)}}}, "c", 180},
		"no ceremony together":              {auth{amr: []string{"hwk"}, time: ago(minute), others: []auth{{amr: []string{"mfa"}, time: ago(minute)}}}, "", -1},
		"an untimed part":                   {auth{amr: []string{"pwd"}, others: []auth{{amr: []string{"otp"}, time: ago(minute)}}}, "c", -1},
		"timed beats untimed":               {auth{acr: "acr-c", others: []auth{{acr: "acr-c", time: ago(minute)}}}, "c", 60},
		"timed first":                       {auth{acr: "acr-c", time: ago(minute), others: []auth{{acr: "acr-c"}}}, "c", 60},
		"the freshest":                      {auth{acr: "acr-c", time: ago(2 * minute), others: []auth{{acr: "acr-d", time: ago(3 * minute)}, {acr: "acr-d", time: ago(4 * minute)}}}, "d", 180},
		"freshest of a level":               {auth{acr: "acr-c", time: ago(3 * minute), others: []auth{{acr: "acr-c2", time: ago(2 * minute)}}}, "c", 120},
		"freshest by sub-second":            {auth{acr: "acr-c", time: ago(minute + 600*time.Millisecond), others: []auth{{acr: "acr-c", time: ago(minute - 600*time.Millisecond)}}}, "c", 59},
		"before not_before":                 {auth{acr: "acr-c", time: ago(minute + 1), notBefore: ago(minute)}, "", -1},
		"at not_before":                     {auth{acr: "acr-c", time: ago(minute), notBefore: ago(minute)}, "c", 60},
		"untimed, not_before":               {auth{acr: "acr-c", notBefore: ago(minute)}, "", -1},
		"not_before ahead":                  {auth{acr: "acr-c", time: now, notBefore: ago(-time.Hour)}, "c", 0},
		"before a not_before that is ahead": {auth{acr: "acr-c", time: ago(1), notBefore: ago(-time.Hour)}, "", -1},
		"other dropped":                     {auth{acr: "acr-a", time: ago(minute), others: []auth{{acr: "acr-c", time: ago(-2 * minute)}}}, "a", 60},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			w.rule("act/r", no, level(w.Levels[3]), maxAge(0)) // its condition is asked, and sees session.level
			got := w.decide(w.request(c.session, nil))
			var want *policy.Satisfied
			rank := int64(0)
			if c.level != "" {
				want, rank = &policy.Satisfied{Level: c.level}, int64(w.Level(c.level).Rank)
				if c.age >= 0 {
					want.Age = seconds(c.age)
				}
			}
			equal(t, "satisfied", got.Satisfied, want)
			if c.level != "d" { // d within 0 s may be met
				equal(t, "session.level", w.in[0].SessionLevel, rank)
			}
		})
	}
}

// TestMeets has a rule, a session, and whether the session meets the rule: then its condition is not asked.
func TestMeets(t *testing.T) {
	t.Parallel()
	at := ago
	for name, c := range map[string]struct {
		level   int
		change  []func(*policy.Rule)
		session auth
		met     bool
	}{
		"higher acr":                     {0, nil, auth{acr: "acr-d"}, true},
		"lower acr":                      {2, nil, auth{acr: "acr-b"}, false},
		"a higher level's set":           {1, nil, auth{amr: []string{"otp", "pwd"}}, true},
		"a lower level's set":            {1, nil, auth{amr: []string{"pwd"}}, false},
		"age at max_age":                 {0, []func(*policy.Rule){maxAge(60)}, auth{acr: "acr-a", time: at(60 * time.Second)}, true},
		"age over max_age":               {0, []func(*policy.Rule){maxAge(60)}, auth{acr: "acr-a", time: at(60*time.Second + 1)}, false},
		"age under max_age":              {0, []func(*policy.Rule){maxAge(60)}, auth{acr: "acr-a", time: at(59 * time.Second)}, true},
		"no time, max_age":               {0, []func(*policy.Rule){maxAge(60)}, auth{acr: "acr-a"}, false},
		"age over by part of a second":   {0, []func(*policy.Rule){maxAge(60)}, auth{acr: "acr-a", time: at(60*time.Second + 600*time.Millisecond)}, false},
		"unknown acr, no level asked":    {0, []func(*policy.Rule){maxAge(60), func(r *policy.Rule) { r.Level = nil }}, auth{acr: "odd", time: at(time.Second)}, false},
		"unknown acr, methods alone":     {0, []func(*policy.Rule){methods("otp"), func(r *policy.Rule) { r.Level = nil }}, auth{acr: "odd", amr: []string{"otp"}}, false},
		"method in the same":             {2, []func(*policy.Rule){methods("hwk", "otp")}, auth{acr: "acr-c", amr: []string{"otp"}}, true},
		"method missing":                 {2, []func(*policy.Rule){methods("hwk", "otp")}, auth{acr: "acr-c", amr: []string{"pwd"}}, false},
		"no amr":                         {2, []func(*policy.Rule){methods("hwk", "otp")}, auth{acr: "acr-c"}, false},
		"acr with another's method":      {1, []func(*policy.Rule){methods("sms")}, auth{acr: "acr-c", others: []auth{{amr: []string{"sms"}}}}, false},
		"method within the set":          {2, []func(*policy.Rule){methods("otp")}, auth{amr: []string{"otp", "pwd"}}, true},
		"set and another's method":       {2, []func(*policy.Rule){methods("sms")}, auth{amr: []string{"otp", "pwd"}, others: []auth{{amr: []string{"sms"}}}}, true},
		"set without the method":         {2, []func(*policy.Rule){methods("sms")}, auth{amr: []string{"otp", "pwd"}}, false},
		"method without the set":         {2, []func(*policy.Rule){methods("otp")}, auth{amr: []string{"otp"}}, false},
		"age of the method counts":       {2, []func(*policy.Rule){methods("sms"), maxAge(60)}, auth{amr: []string{"otp", "pwd"}, time: at(time.Second), others: []auth{{amr: []string{"sms"}, time: at(61 * time.Second)}}}, false},
		"age of the method, fresh":       {2, []func(*policy.Rule){methods("sms"), maxAge(60)}, auth{amr: []string{"otp", "pwd"}, time: at(time.Second), others: []auth{{amr: []string{"sms"}, time: at(60 * time.Second)}}}, true},
		"the fresher method":             {2, []func(*policy.Rule){methods("sms", "tel"), maxAge(60)}, auth{amr: []string{"otp", "pwd", "tel"}, time: at(time.Second), others: []auth{{amr: []string{"sms"}, time: at(61 * time.Second)}}}, true},
		"ceremony set, other's method":   {2, []func(*policy.Rule){methods("sms")}, auth{amr: []string{"hwk", "mfa"}, others: []auth{{amr: []string{"sms"}}}}, true},
		"ceremony method, same":          {2, []func(*policy.Rule){methods("geo")}, auth{amr: []string{"otp", "pwd", "geo"}}, true},
		"ceremony method, other":         {2, []func(*policy.Rule){methods("geo")}, auth{amr: []string{"otp", "pwd"}, others: []auth{{amr: []string{"geo"}}}}, false},
		"ceremony method, set elsewhere": {2, []func(*policy.Rule){methods("geo")}, auth{amr: []string{"geo"}, others: []auth{{amr: []string{"otp", "pwd"}}}}, false},
		"mca is a ceremony":              {2, []func(*policy.Rule){methods("mca")}, auth{amr: []string{"otp", "pwd"}, others: []auth{{amr: []string{"mca"}}}}, false},
		"rba is a ceremony":              {2, []func(*policy.Rule){methods("rba")}, auth{amr: []string{"otp", "pwd"}, others: []auth{{amr: []string{"rba"}}}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			w.rule("act/r", no, append([]func(*policy.Rule){level(w.Levels[c.level])}, c.change...)...)
			w.decide(w.request(c.session, nil))
			if asked := slices.Contains(w.asked, "act/r"); asked == c.met {
				t.Errorf("asked %v, met %v", asked, c.met)
			}
		})
	}
}

func TestOutcome(t *testing.T) {
	t.Parallel()
	weak := auth{acr: "acr-a", time: ago(time.Hour)}
	type out struct {
		Effect                      string
		Reasons, Erred, Asked, Need string
	}
	show := func(w *world, d *policy.Decision) out {
		o := out{Effect: d.Effect.String(), Reasons: rules(d.Reasons), Asked: strings.Join(w.asked, " "), Need: strings.Join(d.Need, " ")}
		for _, i := range d.Indeterminate {
			o.Erred += i.Rule + ":" + string(i.Code) + ":" + i.Error + ":" + i.At + " "
		}
		return o
	}
	const fault = ":no_such_attribute:no such attribute:w.rung.hcl:7:9 "
	for name, c := range map[string]struct {
		rules   func(w *world)
		session auth
		posture string
		want    out
	}{
		"a true rule":                {func(w *world) { w.rule("act/r", yes) }, weak, "", out{"step_up", "act/r", "", "act/r", ""}},
		"a rule without a condition": {func(w *world) { w.rule("act/r", alwaysTrue) }, weak, "", out{"step_up", "act/r", "", "", ""}},
		"a false rule":               {func(w *world) { w.rule("act/r", no) }, weak, "", out{"allow", "", "", "act/r", ""}},
		"an error applies":           {func(w *world) { w.rule("act/r", failing) }, weak, "", out{"step_up", "act/r", "act/r" + fault, "act/r", ""}},
		"an error skipped":           {func(w *world) { w.rule("act/r", failing, skip) }, weak, "", out{"allow", "", "act/r" + fault, "act/r", ""}},
		"an error denies":            {func(w *world) { w.rule("act/d", failing, deny) }, weak, "", out{"deny", "act/d", "act/d" + fault, "act/d", ""}},
		"all denies, no step_up": {func(w *world) {
			w.rule("act/d2", yes, deny)
			w.rule("act/d1", yes, deny)
			w.rule("act/d0", no, deny)
			w.rule("act/r", yes)
		}, weak, "", out{"deny", "act/d1 act/d2", "", "act/d0 act/d1 act/d2", ""}},
		"deny beats a pending deny": {
			func(w *world) { w.rule("act/d1", pending(0), deny); w.rule("act/d2", yes, deny) }, weak, "",
			out{"deny", "act/d2", "", "act/d1 act/d2", ""},
		},
		"pending deny needs, and asks no more": {func(w *world) {
			w.rule("act/d1", pending(2, 1), deny)
			w.rule("act/d2", pending(1), deny)
			w.rule("act/d3", failing, deny, skip)
			w.rule("act/r", pending(3))
			w.rule("act/t", yes, shadow)
		}, weak, "", out{"need", "", "act/d3" + fault, "act/d1 act/d2 act/d3", "device network"}},
		"pending step_up needs": {
			func(w *world) { w.rule("act/r", pending(0)); w.rule("act/s", no); w.rule("act/t", yes, shadow) }, weak, "",
			out{"need", "", "", "act/r act/s", "behavior"},
		},
		"a pending rule that changes nothing": {
			func(w *world) { w.rule("act/r", pending(0), level(w.Levels[1])); w.rule("act/s", yes) }, weak, "",
			out{"step_up", "act/s", "", "act/r act/s", ""},
		},
		"a pending rule of a higher level": {
			func(w *world) { w.rule("act/r", pending(0), level(w.Levels[3])); w.rule("act/s", yes) }, weak, "",
			out{"need", "", "", "act/r act/s", "behavior"},
		},
		"a pending rule of a shorter age": {
			func(w *world) { w.rule("act/r", pending(0), maxAge(59)); w.rule("act/s", yes, maxAge(60)) }, weak, "",
			out{"need", "", "", "act/r act/s", "behavior"},
		},
		"a pending rule of a longer age": {
			func(w *world) { w.rule("act/r", pending(0), maxAge(61)); w.rule("act/s", yes, maxAge(60)) }, weak, "",
			out{"step_up", "act/s", "", "act/r act/s", ""},
		},
		"a pending rule of other methods": {
			func(w *world) { w.rule("act/r", pending(0), methods("hwk")); w.rule("act/s", yes, methods("otp")) }, weak, "",
			out{"need", "", "", "act/r act/s", "behavior"},
		},
		"a pending rule of wider methods": {
			func(w *world) {
				w.rule("act/r", pending(0), methods("hwk", "otp"))
				w.rule("act/s", yes, methods("otp"))
			}, weak, "",
			out{"step_up", "act/s", "", "act/r act/s", ""},
		},
		"met, pending, join over all": {
			func(w *world) { w.rule("act/m", pending(0), level(w.Levels[0]), maxAge(7200)); w.rule("act/s", yes) }, weak, "",
			out{"need", "", "", "act/s act/m", "behavior"},
		},
		"met, pending, kept": {
			func(w *world) { w.rule("act/m", pending(0), level(w.Levels[0]), maxAge(7200)); w.rule("act/s", yes) },
			auth{acr: "acr-a", time: ago(time.Hour), keep: true},
			"",
			out{"step_up", "act/s", "", "act/s", ""},
		},
		"met, in error, join over all": {
			func(w *world) { w.rule("act/m", failing, level(w.Levels[0]), maxAge(7200)); w.rule("act/s", failing) }, weak, "",
			out{"step_up", "act/s", "act/m" + fault + "act/s" + fault, "act/s act/m", ""},
		},
		"met, none unmet applies": {
			func(w *world) { w.rule("act/m", yes, level(w.Levels[0])); w.rule("act/s", no) }, weak, "",
			out{"allow", "", "", "act/s", ""},
		},
		"off": {func(w *world) { w.rule("act/r", yes, off) }, weak, "", out{"allow", "", "", "", ""}},
		"below the posture": {
			func(w *world) { w.rule("act/r", yes, func(r *policy.Rule) { r.Posture = w.Postures[1] }) }, weak, "elevated",
			out{"allow", "", "", "", ""},
		},
		"at the posture": {
			func(w *world) { w.rule("act/r", yes, func(r *policy.Rule) { r.Posture = w.Postures[0] }) }, weak, "elevated",
			out{"step_up", "act/r", "", "act/r", ""},
		},
		"above the posture": {
			func(w *world) { w.rule("act/r", yes, func(r *policy.Rule) { r.Posture = w.Postures[0] }) }, weak, "critical",
			out{"step_up", "act/r", "", "act/r", ""},
		},
		"normal by name": {
			func(w *world) { w.rule("act/r", yes, func(r *policy.Rule) { r.Posture = w.Postures[0] }) }, weak, "normal",
			out{"allow", "", "", "", ""},
		},
		"an engine that says nothing": {
			func(w *world) { w.rule("act/r", alwaysTrue, func(r *policy.Rule) { r.When = &policy.Text{} }) }, weak, "",
			out{"step_up", "act/r", "act/r:invalid_argument:the condition could not be evaluated: ", "act/r", ""},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			c.rules(w)
			r := w.request(c.session, nil)
			r.Posture = c.posture
			d := w.decide(r)
			equal(t, "outcome", show(w, d), c.want)
			want := c.posture
			if want == "" {
				want = "normal"
			}
			equal(t, "posture", d.Posture, want)
			if d.Effect == policy.Need && (d.Shadow != nil || d.ShadowDiffers) {
				t.Error("a need speaks of rules on trial")
			}
			if (d.Requirement != nil) != (d.Effect == policy.StepUp) {
				t.Errorf("requirement %v on %v", d.Requirement, d.Effect)
			}
		})
	}
}

func TestJoin(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.rule("act/1", yes, level(w.Levels[1]), maxAge(300), methods("hwk", "otp"))
	w.rule("act/2", yes, level(w.Levels[2]), maxAge(600), methods("otp"))
	w.rule("act/3", yes, level(w.Levels[0]), methods("fpt", "sms"))
	w.rule("act/4", yes, level(w.Levels[0]), maxAge(400), methods("fpt", "sms"))
	w.rule("act/met", yes, level(w.Levels[0]), maxAge(30))
	w.rule("act/lowest", yes, func(r *policy.Rule) { r.Level = nil }, maxAge(30))
	fresh := auth{acr: "acr-a", time: ago(10 * time.Second)}
	want := &policy.Requirement{
		Level: "c", ACRValues: []string{"acr-c", "acr-c2", "acr-d"}, MaxAge: seconds(30),
		Methods: [][]string{{"fpt", "sms"}, {"otp"}},
	}
	got := w.decide(w.request(fresh, nil))
	equal(t, "over all", got.Requirement, want)
	equal(t, "reasons", *got.Reasons[0], policy.Reason{
		Rule: "act/1", Effect: policy.StepUp, Level: "b", MaxAge: seconds(300), Methods: []string{"hwk", "otp"}, Message: "because act/1",
	})
	equal(t, "only unmet reasons", rules(got.Reasons), "act/1 act/2 act/3 act/4")

	fresh.keep = true
	want.MaxAge = seconds(300)
	equal(t, "over the unmet", w.decide(w.request(fresh, nil)).Requirement, want)

	for name, c := range map[string]struct {
		notBefore time.Time
		want      int64
	}{
		"shortened":  {ago(100*time.Second + 999*time.Millisecond), 100},
		"not longer": {ago(time.Hour), 300},
		"to nothing": {ago(-time.Hour), 0},
	} {
		fresh.notBefore = c.notBefore
		equal(t, name, w.decide(w.request(fresh, nil)).Requirement.MaxAge, seconds(c.want))
	}
	none := newWorld()
	none.rule("act/r", yes)
	equal(t, "set by not_before alone", none.decide(none.request(auth{notBefore: ago(9 * time.Second)}, nil)).Requirement.MaxAge, seconds(9))
	// Whether a pending rule matters is asked before not_before shortens.
	none.rule("act/p", pending(0), maxAge(100))
	equal(t, "pending before shortening", none.decide(none.request(auth{notBefore: ago(9 * time.Second)}, nil)).Effect, policy.Need)
}

func TestReachable(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		level    int
		methods  []string
		enrolled []string
		want     policy.Tristate
	}{
		"not given":                {0, nil, nil, policy.Unknown},
		"own set":                  {2, nil, []string{"otp", "pwd"}, policy.Yes},
		"part of it":               {2, nil, []string{"pwd"}, policy.No},
		"nothing":                  {2, nil, []string{}, policy.No},
		"a ceremony is left out":   {2, nil, []string{"hwk"}, policy.Yes},
		"a higher level's set":     {0, nil, []string{"hwk"}, policy.Yes},
		"no own set, reachable":    {1, nil, []string{"hwk"}, policy.Yes},
		"no own set, unreachable":  {1, nil, []string{"pwd"}, policy.Unknown},
		"an empty set is no set":   {3, nil, []string{"pwd"}, policy.Unknown},
		"method enrolled":          {2, []string{"hwk", "sms"}, []string{"otp", "pwd", "sms"}, policy.Yes},
		"method not enrolled":      {2, []string{"fpt", "sms"}, []string{"otp", "pwd"}, policy.No},
		"a ceremony counts as had": {2, []string{"fpt", "geo"}, []string{"otp", "pwd"}, policy.Yes},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			w.rule("act/r", yes, level(w.Levels[c.level]), methods(c.methods...))
			got := w.decide(w.request(auth{}, c.enrolled))
			equal(t, "reachable", got.Requirement.Reachable, c.want)
		})
	}
}

func TestShadow(t *testing.T) {
	t.Parallel()
	weak := auth{acr: "acr-a", time: ago(time.Hour)}
	for name, c := range map[string]struct {
		rules  func(w *world)
		effect policy.Effect
		shadow string
		would  string // "": no difference
	}{
		"a step_up on trial": {func(w *world) { w.rule("act/t", yes, shadow) }, policy.Allow, "act/t", "step_up"},
		"a deny on trial":    {func(w *world) { w.rule("act/t", yes, shadow, deny) }, policy.Allow, "act/t", "deny"},
		"both":               {func(w *world) { w.rule("act/t2", yes, shadow); w.rule("act/t1", yes, shadow, deny) }, policy.Allow, "act/t1 act/t2", "deny"},
		"no difference":      {func(w *world) { w.rule("act/r", yes); w.rule("act/t", yes, shadow) }, policy.StepUp, "act/t", ""},
		"over a step_up":     {func(w *world) { w.rule("act/r", yes); w.rule("act/t", yes, shadow, deny) }, policy.StepUp, "act/t", "deny"},
		"under a deny":       {func(w *world) { w.rule("act/d", yes, deny); w.rule("act/t", yes, shadow) }, policy.Deny, "act/t", ""},
		"false":              {func(w *world) { w.rule("act/t", no, shadow) }, policy.Allow, "", ""},
		"met":                {func(w *world) { w.rule("act/t", yes, shadow, level(w.Levels[0])) }, policy.Allow, "", ""},
		"in error":           {func(w *world) { w.rule("act/t", failing, shadow) }, policy.Allow, "act/t!no_such_attribute", "step_up"},
		"in error, skipped":  {func(w *world) { w.rule("act/t", failing, shadow, skip) }, policy.Allow, "", ""},
		"pending":            {func(w *world) { w.rule("act/t1", pending(0), shadow); w.rule("act/t0", pending(0), shadow, deny) }, policy.Allow, "act/t0? act/t1?", ""},
		"pending and true":   {func(w *world) { w.rule("act/t1", pending(0), shadow); w.rule("act/t2", yes, shadow) }, policy.Allow, "act/t1? act/t2", "step_up"},
		"below the posture":  {func(w *world) { w.rule("act/t", yes, shadow, func(r *policy.Rule) { r.Posture = w.Postures[0] }) }, policy.Allow, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			c.rules(w)
			d := w.decide(w.request(weak, nil))
			equal(t, "effect", d.Effect, c.effect)
			equal(t, "shadow", rules(d.Shadow), c.shadow)
			would := ""
			if d.ShadowDiffers {
				would = d.ShadowEffect.String()
			}
			equal(t, "shadow effect", would, c.would)
			if d.Indeterminate != nil {
				t.Errorf("rules on trial are in indeterminate: %v", d.Indeterminate)
			}
		})
	}
}

// TestRollout has the buckets of docs/language.md, "Rollout", computed apart from this code: of policy "bank", rule "r".
func TestRollout(t *testing.T) {
	t.Parallel()
	by := func(s string) plan.Result { return plan.Result{Truth: plan.True, Text: s} }
	for name, c := range map[string]struct {
		id, seed string
		bucket   uint64
		by, res  plan.Result
		change   []func(*policy.Rule)
		effect   policy.Effect
		asked    string
		fault    int
	}{
		"in":                        {"r", "", 6931, by("alice"), yes, nil, policy.StepUp, "by:r r", 0},
		"out":                       {"r", "", 6930, by("alice"), yes, nil, policy.Allow, "by:r", 0},
		"another":                   {"r", "", 9724, by("bob"), yes, nil, policy.Allow, "by:r", 0},
		"another in":                {"r", "", 9725, by("bob"), yes, nil, policy.StepUp, "by:r r", 0},
		"empty":                     {"r", "", 7788, by(""), yes, nil, policy.StepUp, "by:r r", 0},
		"empty out":                 {"r", "", 7787, by(""), yes, nil, policy.Allow, "by:r", 0},
		"UTF-8":                     {"r", "", 6572, by("zoë"), yes, nil, policy.StepUp, "by:r r", 0},
		"UTF-8 out":                 {"r", "", 6571, by("zoë"), yes, nil, policy.Allow, "by:r", 0},
		"long":                      {"r", "", 514, by(strings.Repeat("u", 100)), yes, nil, policy.StepUp, "by:r r", 0},
		"long out":                  {"r", "", 513, by(strings.Repeat("u", 100)), yes, nil, policy.Allow, "by:r", 0},
		"a seed for the id":         {"other", "r", 6931, by("alice"), yes, nil, policy.StepUp, "by:other other", 0},
		"a seed for the id, out":    {"other", "r", 6930, by("alice"), yes, nil, policy.Allow, "by:other", 0},
		"everybody":                 {"r", "", 10000, by("bob"), yes, nil, policy.StepUp, "by:r r", 0},
		"nobody, not even in error": {"r", "", 0, failing, yes, nil, policy.Allow, "", 0},
		"in, then false":            {"r", "", 10000, by("bob"), no, nil, policy.Allow, "by:r r", 0},
		"by errs, in":               {"r", "", 1, failing, yes, nil, policy.StepUp, "by:r r", 1},
		"by errs, false":            {"r", "", 1, failing, no, nil, policy.Allow, "by:r r", 1},
		"by and condition err":      {"r", "", 1, failing, plan.Result{Fault: &plan.Fault{Code: policy.Limit}}, nil, policy.StepUp, "by:r r", 1},
		"by errs, skip":             {"r", "", 9999, failing, yes, []func(*policy.Rule){skip}, policy.Allow, "by:r", 1},
		"condition errs, skip":      {"r", "", 10000, by("x"), failing, []func(*policy.Rule){skip}, policy.Allow, "by:r r", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			w.Name = "bank"
			w.rule(c.id, c.res, append(c.change, rollout(c.bucket, c.seed))...)
			w.results["by:"+c.id] = c.by
			d := w.decide(w.request(auth{acr: "acr-a"}, nil))
			equal(t, "effect", d.Effect, c.effect)
			equal(t, "asked", strings.Join(w.asked, " "), c.asked)
			equal(t, "indeterminate", len(d.Indeterminate), c.fault)
			if c.fault > 0 {
				equal(t, "listed for `by`", d.Indeterminate[0].Code, policy.NoSuchAttribute)
			}
		})
	}
}

func TestRolloutOfShadow(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.rule("act/t", yes, shadow, rollout(1, ""))
	w.results["by:act/t"] = failing
	d := w.decide(w.request(auth{acr: "acr-a"}, nil))
	equal(t, "shadow", rules(d.Shadow), "act/t!no_such_attribute")
}

func TestParams(t *testing.T) {
	t.Parallel()
	param := func(name string, typ *policy.Type, def policy.Value, s policy.Stricter) *policy.Param {
		return &policy.Param{Name: name, Type: typ, Default: def, Stricter: s}
	}
	overlays := []map[string]policy.Value{
		{"d": 200.0, "i": int64(5), "t": time.Minute, "s": "one", "u": uint64(9), "m": int64(1)},
		{"d": 300.0, "i": int64(7), "s": "two", "u": uint64(8), "m": "odd"},
	}
	def := []policy.Value{1000.0, int64(3), int64(0), "zero", time.Hour, uint64(8), true}
	for name, c := range map[string]struct {
		posture string
		host    []policy.Value
		want    []policy.Value
	}{
		"defaults":            {"", nil, def},
		"host":                {"", []policy.Value{50.0, nil, int64(4), "h"}, []policy.Value{50.0, int64(3), int64(4), "h", time.Hour, uint64(8), true}},
		"overlay":             {"elevated", nil, []policy.Value{200.0, int64(5), int64(0), "one", time.Minute, uint64(9), true}},
		"two overlays":        {"critical", nil, []policy.Value{200.0, int64(7), int64(0), "two", time.Minute, uint64(9), true}},
		"a stricter host":     {"elevated", []policy.Value{50.0, int64(6), "odd", "h", time.Second, uint64(10)}, []policy.Value{50.0, int64(6), "odd", "one", time.Second, uint64(10), true}},
		"a looser host":       {"elevated", []policy.Value{5000.0, int64(1), nil, nil, 2 * time.Hour, uint64(1), false}, []policy.Value{200.0, int64(5), int64(0), "one", time.Minute, uint64(9), false}},
		"a host of nothing":   {"", []policy.Value{nil, nil}, def},
		"more than there are": {"", append(slices.Clone(def), 1.0), def},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			w.Params = []*policy.Param{
				param("d", policy.Double, 1000.0, policy.StricterLower), param("i", policy.Int, int64(3), policy.StricterHigher),
				param("m", policy.Int, int64(0), policy.StricterLower),
				param("s", policy.String, "zero", policy.StricterNone), param("t", policy.Duration, time.Hour, policy.StricterLower),
				param("u", policy.Uint, uint64(8), policy.StricterHigher), param("x", policy.Bool, true, policy.StricterHigher),
			}
			w.Postures[0].Params, w.Postures[1].Params = overlays[0], overlays[1]
			w.rule("act/r", no)
			r := w.request(auth{}, nil)
			r.Posture, r.Params = c.posture, c.host
			w.decide(r)
			equal(t, "params", w.in[0].Params, c.want)
			equal(t, "posture", w.in[0].Posture, map[string]int64{"": 0, "elevated": 3, "critical": 7}[c.posture])
		})
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	w := newWorld()
	by := func(s string) plan.Result { return plan.Result{Truth: plan.True, Text: s} }
	w.rule("act/applies", yes)
	w.rule("act/false", no)
	w.rule("act/error", failing)
	w.rule("act/pending", pending(0), level(w.Levels[0]), maxAge(30))
	w.rule("act/met", yes, level(w.Levels[0]))
	w.rule("act/deny", no, deny)
	w.rule("act/off", yes, off)
	w.rule("act/posture", yes, func(r *policy.Rule) { r.Posture = w.Postures[0] })
	w.rule("act/rollout", yes, rollout(1, ""))
	w.rule("act/rolled in", yes, rollout(10000, ""))
	w.rule("act/rollout 0", yes, rollout(0, ""))
	w.rule("act/rollout 0, by errs", yes, rollout(0, ""))
	w.rule("act/by errs", yes, rollout(1, ""))
	w.rule("act/by errs, skip", yes, rollout(1, ""), skip)
	w.rule("act/trial", yes, shadow)
	for _, id := range []string{"act/rollout", "act/rolled in", "act/rollout 0"} {
		w.results["by:"+id] = by("x")
	}
	w.results["by:act/rollout 0, by errs"] = failing
	w.results["by:act/by errs"], w.results["by:act/by errs, skip"] = failing, failing
	r := w.request(auth{acr: "acr-a", time: ago(time.Minute)}, nil)
	plain := w.decide(r)
	got := w.build().Explain(&w.script, r)
	var lines []string
	for _, rt := range got.Trace {
		line := rt.Rule + " = " + string(rt.State)
		for _, n := range rt.Nodes {
			line += " [" + n.Text + "]"
		}
		lines = append(lines, line)
	}
	equal(t, "trace", lines, []string{
		"act = met",
		"act/applies = applies [act/applies]",
		"act/by errs = applies [by:act/by errs] [act/by errs]",
		"act/by errs, skip = rollout [by:act/by errs, skip] [act/by errs, skip]",
		"act/deny = false [act/deny]",
		"act/error = error [act/error]",
		"act/false = false [act/false]",
		"act/met = met [act/met]",
		"act/off = off [act/off]",
		"act/pending = pending [act/pending]",
		"act/posture = posture [act/posture]",
		"act/rolled in = applies [by:act/rolled in] [act/rolled in]",
		"act/rollout = rollout [by:act/rollout] [act/rollout]",
		"act/rollout 0 = rollout [by:act/rollout 0] [act/rollout 0]",
		"act/rollout 0, by errs = rollout [by:act/rollout 0, by errs] [act/rollout 0, by errs]",
		"act/trial = applies [act/trial]",
	})
	equal(t, "where", []string{got.Trace[0].At, got.Trace[1].At}, []string{"w.rung.hcl:2:3", "w.rung.hcl:10:1"})
	got.Trace = nil
	equal(t, "outcome", got, plain)
}

// TestHostileInput has values of wrong types where evidence is read: they count as missing.
func TestHostileInput(t *testing.T) {
	t.Parallel()
	w := newWorld()
	session := w.SignalIndex("session")
	for name, v := range map[string]policy.Value{
		"null": policy.Null{}, "text": "x", "nil object": (*policy.Object)(nil), "short object": &policy.Object{Attrs: []policy.Value{"x"}},
		"wrong attributes": &policy.Object{Attrs: slices.Repeat([]policy.Value{int64(1)}, 20)},
		"wrong elements":   &policy.Object{Attrs: slices.Repeat([]policy.Value{[]policy.Value{1, "x", nil}}, 20)},
	} {
		r := &policy.Request{Signals: make([]policy.Value, len(w.Signals))}
		r.Signals[session] = v
		if d := w.decide(r); d.Effect != policy.StepUp || d.Satisfied != nil {
			t.Errorf("%s: %+v", name, d)
		}
	}
}

// TestShortSignals has fewer signals than the policy: the others are missing.
func TestShortSignals(t *testing.T) {
	t.Parallel()
	w := newWorld()
	r := w.request(auth{acr: "acr-d"}, []string{"pwd"})
	for n := range r.Signals {
		short := &policy.Request{Signals: r.Signals[:n]}
		want := policy.StepUp
		if n > w.SignalIndex("session") {
			want = policy.Allow
		}
		if d := w.decide(short); d.Effect != want {
			t.Errorf("%d signals: %v", n, d.Effect)
		}
	}
}

// TestReuse decides with one plan again and again: nothing of one request may be left for the next.
func TestReuse(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.rule("act/r", failing, level(w.Levels[3]))
	p := w.build()
	strong := w.request(auth{acr: "acr-d", others: []auth{{acr: "acr-c"}}}, nil)
	none := &policy.Request{}
	for _, r := range []*policy.Request{strong, none} {
		r.Action, r.Now = "act", now
	}
	for range 3 {
		if d := p.Decide(&w.script, strong); d.Effect != policy.Allow || d.Indeterminate != nil {
			t.Fatalf("strong: %+v", d)
		}
		d := p.Decide(&w.script, none)
		if d.Effect != policy.StepUp || d.Satisfied != nil || len(d.Indeterminate) != 1 || d.Requirement.MaxAge.Set {
			t.Fatalf("none: %+v", d)
		}
	}
}
