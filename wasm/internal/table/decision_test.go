package table_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/plan"
	"github.com/rungpolicy/rung/wasm/internal/table"
)

// TestDecisions holds the guest's decisions against the plan's, over random policies and requests, and conditions that come to anything.
func TestDecisions(t *testing.T) {
	t.Parallel()
	policies, requests := 4000, 40
	if testing.Short() {
		policies = 400
	}
	for part := range 4 {
		t.Run(fmt.Sprint(part), func(t *testing.T) {
			t.Parallel()
			n := newNative(t)
			r := rand.New(rand.NewPCG(uint64(part), 15))
			for range policies / 4 {
				w := newWorld(r)
				n.forget(base)
				w.place(n)
				cases := make([]*deal, requests)
				for i := range cases {
					cases[i] = w.deal(r)
					w.ask(n, cases[i])
				}
				n.answers(0)
				for i, c := range cases {
					want, got := w.want(c), w.answer(n)
					if want != got {
						t.Fatalf("request %d of\n%s\n%s\nwant %s\ngot  %s", i, w, c, want, got)
					}
				}
			}
		})
	}
}

const (
	lazies = 64
	codes  = 10 // of errors, from 3 on
)

// world is a policy of one action, with what tests need to ask of both sides.
type world struct {
	policy     *policy.Policy
	plan       *plan.Plan
	conditions *expr.Conditions
	methods    []string
	outputs    []row // in order of ids
	numConds   int
	ladder     *table.Ladder
	rollouts   []uint32 // addresses in the native program
}

// row is a rule with what compiled code knows of it.
type row struct {
	id       string
	rule     *policy.Rule // nil: the baseline
	level    int
	when, by int
}

var words = []string{"pwd", "otp", "hwk", "mfa", "user", "geo", "sms", "face", "fpt", "pin", "rba", "mca"}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

// some are up to n of the words, sorted, without repeats; one at least.
func some(r *rand.Rand, n int, from []string) []string {
	var out []string
	for range 1 + r.IntN(n) {
		out = append(out, pick(r, from...))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func newWorld(r *rand.Rand) *world {
	vocabulary := words[:2+r.IntN(len(words)-1)]
	if r.IntN(8) == 0 {
		vocabulary = slices.Clone(words)
		for i := range table.MaxMethods - len(words) {
			vocabulary = append(vocabulary, fmt.Sprintf("m%02d", i))
		}
	}
	p := &policy.Policy{Name: "p" + strings.Repeat("x", r.IntN(12)), Signals: policy.StandardSignals()}
	for i := range lazies {
		p.Signals = append(p.Signals, &policy.Signal{Name: fmt.Sprintf("lazy%02d", i), Type: policy.Bool, Lazy: true})
	}
	slices.SortFunc(p.Signals, func(a, b *policy.Signal) int { return strings.Compare(a.Name, b.Name) })
	for i := range 1 + r.IntN(5) {
		l := &policy.Level{Name: fmt.Sprintf("l%d", i), Rank: 2*i + 1}
		for j := range r.IntN(3) {
			l.ACR = append(l.ACR, fmt.Sprintf("acr%d%d", i, j))
		}
		for range r.IntN(4) {
			l.AMR = append(l.AMR, some(r, 3, vocabulary))
		}
		p.Levels = append(p.Levels, l)
	}
	p.Postures = []*policy.Posture{{Name: "elevated", Rank: 1}, {Name: "critical", Rank: 4}}
	action := &policy.Action{Name: "m"}
	if r.IntN(2) == 0 {
		action.Level = pick(r, p.Levels...)
	}
	p.Actions = []*policy.Action{action}
	w := &world{policy: p, numConds: 1 + r.IntN(6), conditions: &expr.Conditions{When: map[expr.Use]int{}, By: map[expr.Use]int{}}}
	number := r.IntN(10)
	if r.IntN(20) == 0 {
		number = 70
	}
	for i := range number {
		w.addRule(r, fmt.Sprintf("%c%02d", 'a'+rune(r.IntN(26)), i), vocabulary)
	}
	if action.Level != nil {
		w.outputs = append(w.outputs, row{id: "m", level: 1 + slices.Index(p.Levels, action.Level), when: -1})
	}
	slices.SortFunc(w.outputs, func(a, b row) int { return strings.Compare(a.id, b.id) })
	w.plan = plan.Build(p, w.conditions)
	w.methods = table.Methods(p)
	return w
}

func (w *world) addRule(r *rand.Rand, id string, vocabulary []string) {
	p := w.policy
	rule := &policy.Rule{ID: id, Name: id, Effect: policy.StepUp, Actions: p.Actions}
	rule.Mode = pick(r, policy.Enforce, policy.Enforce, policy.Enforce, policy.Shadow, policy.Off)
	if r.IntN(4) == 0 {
		rule.Effect = policy.Deny
	}
	out := row{id: id, rule: rule, when: -1}
	if rule.Effect == policy.StepUp {
		out.level = 1
		if r.IntN(4) > 0 {
			rule.Level = pick(r, p.Levels...)
			out.level = 1 + slices.Index(p.Levels, rule.Level)
		}
		if r.IntN(2) == 0 {
			rule.MaxAge = policy.Seconds{Set: true, N: pick[int64](r, 1, 30, 300, 3600)}
		}
		if r.IntN(2) == 0 {
			rule.Methods = some(r, 4, vocabulary)
		}
	}
	if r.IntN(4) == 0 {
		rule.Posture = pick(r, p.Postures...)
	}
	rule.OnErrorSkip = r.IntN(4) == 0
	use := expr.Use{Rule: rule, Action: p.Actions[0]}
	if r.IntN(5) > 0 {
		out.when = r.IntN(w.numConds)
		w.conditions.When[use] = out.when
	} else {
		w.conditions.When[use] = -1
	}
	if r.IntN(4) == 0 {
		rule.Rollout = &policy.Rollout{Bucket: pick[uint64](r, 0, 1, 5000, 9999, 10000), Seed: pick(r, "", "", "seed", "a longer seed of some words")}
		out.by = w.numConds + r.IntN(2) // the texts come after the conditions
		w.conditions.By[use] = out.by
	}
	p.Rules = append(p.Rules, rule)
	if rule.Mode != policy.Off {
		w.outputs = append(w.outputs, out)
	}
}

func (w *world) String() string {
	var b strings.Builder
	for _, l := range w.policy.Levels {
		fmt.Fprintf(&b, "%s acr %q amr %q\n", l.Name, l.ACR, l.AMR)
	}
	for i, o := range w.outputs {
		fmt.Fprintf(&b, "%d %s level %d when %d by %d", i, o.id, o.level, o.when, o.by)
		if o.rule != nil {
			fmt.Fprintf(&b, " %v mode %d skip %v max_age %v methods %q posture %v rollout %+v", o.rule.Effect, o.rule.Mode, o.rule.OnErrorSkip, o.rule.MaxAge, o.rule.Methods, o.rule.Posture, o.rule.Rollout)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// place writes the constants to the native program.
func (w *world) place(n *native) {
	n.t.Helper()
	l, err := table.NewLadder(w.policy, w.methods, len(w.outputs))
	if err != nil {
		n.t.Fatal(err)
	}
	w.ladder = l
	w.putState(n)
	w.rollouts = make([]uint32, len(w.outputs))
	for i, o := range w.outputs {
		if o.rule != nil && o.rule.Rollout != nil {
			group := cmp.Or(o.rule.Rollout.Seed, o.id)
			w.rollouts[i] = n.put(table.Rollout(w.policy.Name+"\x00"+group+"\x00", o.rule.Rollout.Bucket))
		}
	}
	type name struct {
		text  uint64
		value uint32
	}
	var acrs, methods []name
	for i, l := range w.policy.Levels {
		for _, acr := range l.ACR {
			acrs = append(acrs, name{n.text(acr), uint32(i + 1)})
		}
	}
	for i, m := range w.methods {
		methods = append(methods, name{n.text(m), uint32(i)})
	}
	n.call('N')
	for _, names := range [][]name{acrs, methods} {
		n.send(uint32(len(names)))
		for _, x := range names {
			n.send(x.text)
			n.send(x.value)
		}
	}
}

// putState writes the ladder and the state.
func (w *world) putState(n *native) {
	n.t.Helper()
	at := map[string]uint32{}
	places := []any{n.put(w.ladder.Bytes())}
	for _, r := range slices.Backward(w.ladder.State()) { // addresses are of later ones
		b := r.Bytes()
		for _, a := range r.Addresses {
			order.PutUint32(b[a.At:], at[a.Of]+uint32(a.Plus))
		}
		at[r.Name] = n.put(b)
		places = append(places, at[r.Name])
	}
	n.call('W', places...)
}

// deal is a request, and what conditions come to in it.
type deal struct {
	posture     int
	own         facts
	notBefore   *time.Time
	others      []facts
	kept        bool
	enrolled    []string
	hasEnrolled bool
	verdicts    []plan.Result
	now         time.Time
}

type facts struct {
	acr  *string
	amr  []string // nil: none
	time *time.Time
}

func (c *deal) String() string {
	var b strings.Builder
	f := func(x facts) string {
		s := fmt.Sprintf("amr %q", x.amr)
		if x.acr != nil {
			s += " acr " + *x.acr
		}
		if x.time != nil {
			s += fmt.Sprintf(" age %v", c.now.Sub(*x.time))
		}
		return s
	}
	fmt.Fprintf(&b, "posture %d own {%s}", c.posture, f(c.own))
	if c.notBefore != nil {
		fmt.Fprintf(&b, " not_before %v", c.now.Sub(*c.notBefore))
	}
	fmt.Fprintf(&b, " kept %v", c.kept)
	for _, o := range c.others {
		fmt.Fprintf(&b, " {%s}", f(o))
	}
	fmt.Fprintf(&b, " enrolled %v %q verdicts", c.hasEnrolled, c.enrolled)
	for _, v := range c.verdicts {
		fmt.Fprintf(&b, " %d", v.Truth)
	}
	return b.String()
}

func (w *world) deal(r *rand.Rand) *deal {
	c := &deal{posture: r.IntN(3), now: time.Unix(pick[int64](r, 1_790_000_000, -62135596800+100, 253402300000), pick[int64](r, 0, 1, 999_999_999, 500_000_000)).UTC()}
	var acrs []string
	for _, l := range w.policy.Levels {
		acrs = append(acrs, l.ACR...)
	}
	acrs = append(acrs, "odd", "")
	moment := func() *time.Time {
		if r.IntN(5) == 0 {
			return nil
		}
		ago := pick(r, 0, time.Second, 30*time.Second, 300*time.Second, time.Hour, 48*time.Hour, -time.Second, -60*time.Second) + time.Duration(r.IntN(3)-1)
		t := c.now.Add(-ago)
		if r.IntN(20) == 0 {
			t = time.Unix(pick[int64](r, -62135596800, 253402300799), 999_999_999).UTC()
		}
		return &t
	}
	some := func() facts {
		var f facts
		if r.IntN(3) > 0 {
			acr := pick(r, acrs...)
			f.acr = &acr
		}
		if r.IntN(4) > 0 {
			f.amr = []string{}
			for range r.IntN(5) {
				f.amr = append(f.amr, pick(r, append(w.methods, "nothing")...))
			}
		}
		f.time = moment()
		return f
	}
	c.own = some()
	if r.IntN(3) == 0 {
		c.notBefore = moment()
	}
	if c.kept = r.IntN(2) == 0; c.kept {
		for range pick(r, 0, 1, 2, 3, 3, 64) {
			c.others = append(c.others, some())
		}
	}
	if c.hasEnrolled = r.IntN(3) > 0; c.hasEnrolled {
		for range r.IntN(6) {
			c.enrolled = append(c.enrolled, pick(r, append(w.methods, "nothing")...))
		}
	}
	quiet := r.IntN(3) == 0
	for range w.numConds {
		c.verdicts = append(c.verdicts, w.verdict(r, quiet))
	}
	for range 2 {
		v := plan.Result{Truth: plan.True, Text: strings.Repeat("subject", r.IntN(3)) + fmt.Sprint(r.IntN(1000))}
		if r.IntN(4) == 0 {
			v = erred(r)
		}
		c.verdicts = append(c.verdicts, v)
	}
	return c
}

func erred(r *rand.Rand) plan.Result {
	return plan.Result{Truth: plan.Erred, Fault: &plan.Fault{Code: policy.Code(fmt.Sprint("code", 3+r.IntN(codes))), At: fmt.Sprint(r.IntN(1 << 20))}}
}

// verdict is what a condition comes to: rarely pending or an error where it is quiet.
func (w *world) verdict(r *rand.Rand, quiet bool) plan.Result {
	switch r.IntN(6) {
	case 0, 1:
		return plan.Result{Truth: plan.True}
	case 2:
		if !quiet {
			v := plan.Result{Truth: plan.Pending}
			first := w.policy.SignalIndex("lazy00")
			for range 1 + r.IntN(2) {
				v.Touched = append(v.Touched, first+r.IntN(lazies))
			}
			slices.Sort(v.Touched)
			v.Touched = slices.Compact(v.Touched)
			return v
		}
	case 3:
		if !quiet {
			return erred(r)
		}
	}
	return plan.Result{Truth: plan.False}
}

// stub is an engine that says what is dealt.
type stub struct{ *deal }

func (s stub) Eval(condition int, _ *plan.Input) plan.Result { return s.verdicts[condition] }
func (s stub) Text(condition int, _ *plan.Input) plan.Result { return s.verdicts[condition] }
func (s stub) Trace(condition int, _ *plan.Input) (plan.Result, []policy.NodeTrace) {
	return s.verdicts[condition], nil
}

var (
	postureNames = []string{"normal", "elevated", "critical"}
	postureRanks = []int{0, 1, 4}
)

// want is the plan's decision, as text.
func (w *world) want(c *deal) string {
	signals := make([]policy.Value, len(w.policy.Signals))
	object := func(name string) *policy.Object {
		i := w.policy.SignalIndex(name)
		o := policy.NewObject(w.policy.Signals[i].Type)
		signals[i] = o
		return o
	}
	set := func(o *policy.Object, t *policy.Type, name string, v policy.Value) { o.Attrs[t.Slot(name)] = v }
	session, kind := object("session"), w.policy.Signal("session").Type
	put := func(o *policy.Object, t *policy.Type, f facts, date string) {
		if f.acr != nil {
			set(o, t, "acr", *f.acr)
		}
		if f.amr != nil {
			set(o, t, "amr", values(f.amr))
		}
		if f.time != nil {
			set(o, t, date, *f.time)
		}
	}
	put(session, kind, c.own, "auth_time")
	if c.notBefore != nil {
		set(session, kind, "not_before", *c.notBefore)
	}
	if c.kept {
		elem := kind.Attrs[kind.Slot("authentications")].Type.Elem
		list := []policy.Value{}
		for _, f := range c.others {
			o := policy.NewObject(elem)
			put(o, elem, f, "time")
			list = append(list, o)
		}
		set(session, kind, "authentications", list)
	}
	if c.hasEnrolled {
		set(object("subject"), w.policy.Signal("subject").Type, "enrolled", values(c.enrolled))
	}
	return inText(w.plan.Decide(stub{c}, &policy.Request{Action: "m", Signals: signals, Now: c.now, HasNow: true, Posture: postureNames[c.posture]}))
}

func values(texts []string) []policy.Value {
	out := make([]policy.Value, len(texts))
	for i, s := range texts {
		out[i] = s
	}
	return out
}

// inText is a decision as text.
func inText(d *policy.Decision) string {
	var b strings.Builder
	fmt.Fprint(&b, d.Effect)
	if s := d.Satisfied; s != nil {
		fmt.Fprintf(&b, " satisfied %s %v", s.Level, s.Age)
	}
	if q := d.Requirement; q != nil {
		fmt.Fprintf(&b, " requires %s %v %q %d", q.Level, q.MaxAge, q.Methods, q.Reachable)
	}
	for _, x := range d.Reasons {
		fmt.Fprintf(&b, " reason %s", x.Rule)
	}
	for _, x := range d.Shadow {
		fmt.Fprintf(&b, " shadow %s %q %v", x.Rule, x.Code, x.Pending)
	}
	if d.ShadowDiffers {
		fmt.Fprintf(&b, " instead %s", d.ShadowEffect)
	}
	fmt.Fprintf(&b, " need %q", d.Need)
	for _, x := range d.Indeterminate {
		fmt.Fprintf(&b, " fault %s %s %s", x.Rule, x.Code, x.At)
	}
	return b.String()
}

// ask sends a request to the native program.
func (w *world) ask(n *native, c *deal) {
	n.t.Helper()
	record := w.record(n, c)
	var rows []byte
	for i, o := range w.outputs {
		rows = append(rows, w.native(n, c, i, o)...)
	}
	n.call('D', record, uint32(len(w.outputs)), rows)
}

// native is a rule as testdata/native.c has it.
func (w *world) native(n *native, c *deal, i int, o row) []byte {
	rule := cmp.Or(o.rule, &policy.Rule{Effect: policy.StepUp})
	kind := uint32(rule.Effect)
	if rule.Mode == policy.Shadow {
		kind = uint32(policy.Need)
	}
	letIn := uint32(1)
	if rule.Posture != nil && rule.Posture.Rank > postureRanks[c.posture] {
		letIn = 0
	}
	rollout, fault, by := w.rollouts[i], uint32(0), uint64(0)
	if rule.Rollout != nil {
		if rule.Rollout.Bucket == 0 {
			letIn = 0
		}
		if v := c.verdicts[o.by]; v.Truth == plan.Erred {
			fault = number(v.Fault)
		} else {
			by = n.text(v.Text)
		}
	}
	maxAge := ^uint64(0)
	if rule.MaxAge.Set {
		maxAge = uint64(rule.MaxAge.N)
	}
	result, touched := uint32(1), uint64(0)
	if o.when >= 0 {
		v := c.verdicts[o.when]
		switch v.Truth {
		case plan.False:
			result = 0
		case plan.Pending:
			result = 2
		case plan.Erred:
			result = number(v.Fault)
		case plan.True:
		}
		for _, s := range v.Touched {
			touched |= 1 << (s - w.policy.SignalIndex("lazy00"))
		}
	}
	b := order.AppendUint32(nil, kind)
	b = order.AppendUint32(b, letIn)
	b = order.AppendUint32(b, uint32(table.Rule(i, o.level, rule.OnErrorSkip)))
	b = order.AppendUint32(b, uint32(o.level))
	b = order.AppendUint64(b, uint64(table.Limit(rule.MaxAge)))
	b = order.AppendUint64(b, maxAge)
	b = order.AppendUint64(b, table.Mask(w.methods, rule.Methods))
	b = order.AppendUint32(b, rollout)
	b = order.AppendUint32(b, fault)
	b = order.AppendUint64(b, by)
	b = order.AppendUint32(b, result)
	b = order.AppendUint32(b, 0)
	return order.AppendUint64(b, touched)
}

func number(f *plan.Fault) uint32 {
	var code, place uint32
	_, _ = fmt.Sscanf(string(f.Code), "code%d", &code)
	_, _ = fmt.Sscan(f.At, &place)
	return code | place<<8
}

// record writes a request as a host would.
func (w *world) record(n *native, c *deal) uint32 {
	given := uint32(0)
	moment := func(b []byte, t *time.Time) []byte {
		if t == nil {
			return append(b, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa)
		}
		b = order.AppendUint64(b, uint64(t.Unix()))
		return order.AppendUint64(b, uint64(t.Nanosecond()))
	}
	list := func(texts []string) uint64 {
		var b []byte
		for _, s := range texts {
			b = order.AppendUint64(b, n.text(s))
		}
		return uint64(len(texts))<<32 | uint64(n.put(b))
	}
	written := func(b []byte, f facts) (uint32, []byte) {
		given, acr, amr := uint32(0), uint64(0xaaaaaaaa_aaaaaaaa), uint64(0xaaaaaaaa_aaaaaaaa)
		if f.acr != nil {
			given, acr = given|1, n.text(*f.acr)
		}
		if f.amr != nil {
			given, amr = given|2, list(f.amr)
		}
		if f.time != nil {
			given |= 4
		}
		b = order.AppendUint64(b, acr)
		b = order.AppendUint64(b, amr)
		return given, moment(b, f.time)
	}
	b := moment(nil, &c.now)
	b = order.AppendUint32(b, uint32(postureRanks[c.posture]))
	b = order.AppendUint32(b, 0)
	b = order.AppendUint64(b, 0)
	given, b = written(b, c.own)
	b = moment(b, c.notBefore)
	if c.notBefore != nil {
		given |= 8
	}
	var bodies []byte
	for _, f := range c.others {
		bits, body := written(make([]byte, 8), f)
		order.PutUint32(body, bits)
		bodies = order.AppendUint32(bodies, n.put(body))
	}
	if c.kept {
		given |= 16
	}
	b = order.AppendUint64(b, uint64(len(c.others))<<32|uint64(n.put(bodies)))
	if c.hasEnrolled {
		given |= 32
	}
	b = order.AppendUint64(b, list(c.enrolled))
	order.PutUint32(b[20:], given)
	return n.put(b)
}

// answer reads a result, as text.
func (w *world) answer(n *native) string {
	b := n.read(80)
	u32 := func(at int) uint32 { return order.Uint32(b[at:]) }
	count := (len(w.outputs) + 31) / 32 * 4
	reasons, shadow, waiting := n.read(count), n.read(count), n.read(count)
	groups := n.read(8 * int(u32(28)))
	d := &policy.Decision{Effect: policy.Effect(u32(0))}
	if s := u32(24); s > 0 {
		d.Satisfied = &policy.Satisfied{Level: w.policy.Levels[s-1].Name, Age: seconds(b[32:])}
	}
	if d.Effect == policy.StepUp {
		q := &policy.Requirement{Level: w.policy.Levels[u32(8)-1].Name, MaxAge: seconds(b[16:]), Reachable: policy.Tristate(u32(12))}
		for ; len(groups) > 0; groups = groups[8:] {
			q.Methods = append(q.Methods, w.named(order.Uint64(groups)))
		}
		slices.SortFunc(q.Methods, slices.Compare)
		d.Requirement = q
	}
	code := map[int]policy.Code{}
	for range u32(48) {
		f := n.read(8)
		i, fault := int(order.Uint32(f)), order.Uint32(f[4:])
		code[i] = policy.Code(fmt.Sprint("code", fault&0xff))
		if o := w.outputs[i]; o.rule == nil || o.rule.Mode == policy.Enforce {
			d.Indeterminate = append(d.Indeterminate, policy.Indeterminate{Rule: o.id, Code: code[i], At: fmt.Sprint(fault >> 8)})
		}
	}
	slices.SortFunc(d.Indeterminate, func(a, b policy.Indeterminate) int { return strings.Compare(a.Rule, b.Rule) })
	for i, o := range w.outputs {
		has := func(set []byte) bool { return set[i/8]>>(i%8)&1 == 1 }
		if has(reasons) && (d.Effect == policy.Deny || d.Effect == policy.StepUp) {
			d.Reasons = append(d.Reasons, &policy.Reason{Rule: o.id})
		}
		if d.Effect != policy.Need && (has(shadow) || has(waiting)) {
			d.Shadow = append(d.Shadow, &policy.Reason{Rule: o.id, Code: code[i], Pending: has(waiting)})
		}
	}
	if s := u32(4); s > 0 {
		d.ShadowEffect, d.ShadowDiffers = policy.Effect(s-1), true
	}
	if d.Effect == policy.Need {
		for i := range lazies {
			if order.Uint64(b[40:])>>i&1 == 1 {
				d.Need = append(d.Need, fmt.Sprintf("lazy%02d", i))
			}
		}
	}
	return inText(d)
}

func seconds(b []byte) policy.Seconds {
	if v := int64(order.Uint64(b)); v >= 0 {
		return policy.Seconds{Set: true, N: v}
	}
	return policy.Seconds{}
}

// named are the methods of a set.
func (w *world) named(set uint64) []string {
	var out []string
	for i, m := range w.methods {
		if set>>i&1 == 1 {
			out = append(out, m)
		}
	}
	return out
}
