package emit

import (
	"strconv"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/plan"
	"github.com/rungpolicy/rung/wasm/abi"
	"github.com/rungpolicy/rung/wasm/internal/binary"
	"github.com/rungpolicy/rung/wasm/internal/ir"
	"github.com/rungpolicy/rung/wasm/internal/table"
)

// Names of the decision's data.
const (
	dataState  = "state"  // of the decision; begins with the result
	dataLadder = "ladder" // the levels
	dataRanks  = "ranks"  // i64 each: the rank of a place, from 0
)

// Decider adds the functions that decide: the guest joins what rules come to, the code here asks them in order.
type Decider struct {
	*Unit
	Methods []string
	Levels  []*policy.Level
	// Conditions are the plan's; Uses says how many rules use each, in how many actions.
	Conditions []*ir.Node
	Uses       map[int]int
}

// mostInline is how many rules an action may have whose conditions stand in its own function: larger functions take engines long to compile.
const mostInline = 32

// condition returns the name of the function of a condition, which it adds if it is not there yet.
func (d *Decider) condition(i int) string {
	name := ConditionPrefix + strconv.Itoa(i)
	if !d.made[name] {
		d.made[name] = true
		d.Unit.Condition(name, d.Conditions[i])
	}
	return name
}

// text is condition of a rollout's `by`.
func (d *Decider) text(i int) string {
	name := ByPrefix + strconv.Itoa(i)
	if !d.made[name] {
		d.made[name] = true
		d.Unit.Text(name, d.Conditions[i])
	}
	return name
}

// Dispatch adds `decide`, which calls the function of the action. Fuel begins anew with each decision.
func (u *Unit) Dispatch(actions []string) {
	c := binary.NewCode(2)
	if len(actions) > 1 {
		u.branch(c, actions)
	} else if len(actions) == 1 {
		c.LocalGet(0)
		c.Op(binary.OpI32Eqz)
		c.If(binary.I32)
		c.LocalGet(1)
		c.Call(actions[0])
		c.Else()
		c.I32Const(0)
		c.End()
	} else {
		c.I32Const(0)
	}
	u.Funcs = append(u.Funcs, Func{Name: abi.ExportDecide, Type: i32s(2, 1), Code: c})
}

// branch jumps by the action's number: out of one block for each.
func (u *Unit) branch(c *binary.Code, actions []string) {
	none := c.Block()
	labels := make([]binary.Label, len(actions))
	for i := range actions {
		labels[len(actions)-1-i] = c.Block()
	}
	c.LocalGet(0)
	c.BrTable(labels, none)
	for _, name := range actions {
		c.End()
		c.LocalGet(1)
		c.Call(name)
		c.Op(binary.OpReturn)
	}
	c.End()
	c.I32Const(0)
}

func i32s(params, results int) binary.FuncType {
	t := binary.FuncType{}
	for range params {
		t.Params = append(t.Params, binary.I32)
	}
	for range results {
		t.Results = append(t.Results, binary.I32)
	}
	return t
}

// Action adds the function of an action: record -> address of the result. The comment in the guest's decide.h is the plan of it.
func (d *Decider) Action(name string, s *plan.Steps, needsRank bool) {
	c := binary.NewCode(1)
	a := &action{Decider: d, Code: c, fn: &fn{Unit: d.Unit, Code: c, vars: map[int]*variable{}}, inline: len(s.Rules) <= mostInline}
	a.fn.err = a.Local(binary.I32)
	for i, r := range s.Rules {
		n := numbered{r, i}
		switch {
		case r.Rollout != nil && r.Rollout.Bucket == 0: // nobody
		case r.Shadow:
			a.trials = append(a.trials, n)
		case r.Level == 0:
			a.denies = append(a.denies, n)
		default:
			a.stepUps = append(a.stepUps, n)
		}
	}
	a.emit(needsRank)
	for _, span := range a.spans {
		span.Func, span.Of = name, a.Len()
		d.Spans = append(d.Spans, span)
	}
	d.Funcs = append(d.Funcs, Func{Name: name, Type: i32s(1, 1), Code: a.Code})
}

// numbered is a rule with its number in the action's outputs.
type numbered struct {
	plan.Step
	n int
}

// action is the function of an action under construction; the record is its parameter.
type action struct {
	*Decider
	*binary.Code
	// fn emits conditions into the action's own code.
	fn                      *fn
	inline                  bool
	denies, stepUps, trials []numbered
	spans                   []Span
	fault                   uint32 // local
	level                   uint32 // local: the place of the session's level
}

func (a *action) emit(needsRank bool) {
	a.state()
	a.I32Addr(dataLadder, 0)
	a.LocalGet(0)
	a.Call("rt_evidence")
	a.level = a.Local(binary.I32)
	a.I32Const(0)
	a.MemAddr(binary.OpI32Load, dataState, table.SatisfiedOffset)
	a.LocalSet(a.level)
	if needsRank {
		a.rank()
	}
	trials := a.Block()
	toSettle := a.Block()
	for i := range a.denies {
		a.rule(&a.denies[i], func(r *numbered) { a.verdict("rt_deny", r) })
	}
	if len(a.denies) > 0 {
		a.stands()
		a.BrIf(toSettle)
	}
	if len(a.stepUps) > 0 {
		a.steps(trials)
	} else {
		a.Br(trials)
	}
	a.End() // toSettle
	a.state()
	a.I32Addr(dataLadder, 0)
	a.LocalGet(0)
	a.Call("rt_settle")
	a.I32Const(3)
	a.Op(binary.OpI32Eq)
	a.If()
	a.state()
	a.Op(binary.OpReturn)
	a.End()
	a.End() // trials
	for i := range a.trials {
		a.trial(&a.trials[i])
	}
	a.state()
}

func (a *action) state() { a.I32Addr(dataState, 0) }

// stands puts on the stack whether a rule applies or is pending.
func (a *action) stands() {
	a.I32Const(0)
	a.MemAddr(binary.OpI32Load, dataState, table.StandsOffset)
}

// rank sets the global that conditions read the rank of the session's level from.
func (a *action) rank() {
	a.LocalGet(a.level)
	a.I32Const(3)
	a.Op(binary.OpI32Shl)
	a.MemAddr(binary.OpI64Load, dataRanks, 0)
	a.GlobalSet(globalRank)
}

// steps asks the step_up rules that are not met and, where the guest wants it, those that are.
func (a *action) steps(trials binary.Label) {
	again := a.Local(binary.I32)
	loop := a.Loop()
	a.fn.loops++
	for i := range a.stepUps {
		a.rule(&a.stepUps[i], func(r *numbered) {
			a.met(r)
			a.LocalGet(again)
			a.Op(binary.OpI32Eq)
			a.If()
			a.verdict("rt_step", r)
			a.End()
		})
	}
	a.fn.loops--
	a.stands()
	a.Op(binary.OpI32Eqz)
	a.BrIf(trials)
	a.state()
	a.Call("rt_again")
	a.LocalTee(again)
	a.BrIf(loop)
	a.End()
}

// rule runs body if the posture is high enough for a rule.
func (a *action) rule(r *numbered, body func(*numbered)) {
	start := a.Len()
	defer func() { a.spans = append(a.spans, Span{Rule: r.Reason.Rule, Bytes: a.Len() - start}) }()
	if r.Posture == 0 {
		body(r)
		return
	}
	a.LocalGet(0)
	a.Mem(binary.OpI32Load, abi.RecordPosture)
	a.I32Const(int32(r.Posture))
	a.Op(binary.OpI32GeS)
	a.If()
	body(r)
	a.End()
}

// met puts on the stack whether the session meets a rule.
func (a *action) met(r *numbered) {
	limit := table.Limit(r.Reason.MaxAge)
	if len(r.Reason.Methods) == 0 && !r.Reason.MaxAge.Set {
		a.LocalGet(a.level)
		a.I32Const(int32(r.Level))
		a.Op(binary.OpI32GeU)
		return
	}
	if len(r.Reason.Methods) > 0 {
		a.state()
		a.I32Addr(dataLadder, 0)
		a.I32Const(int32(r.Level))
		a.I64Const(limit)
		a.I64Const(int64(table.Mask(a.Methods, r.Reason.Methods)))
		a.Call("rt_meets")
		return
	}
	a.I32Const(0)
	a.MemAddr(binary.OpI64Load, dataState, table.AgeOffset(r.Level))
	a.I64Const(limit)
	a.Op(binary.OpI64LeS)
}

// verdict evaluates a rule and hands what it comes to over to the guest, if that is anything.
func (a *action) verdict(function string, r *numbered) {
	if r.Rollout != nil {
		a.rolledOut(function, r)
		return
	}
	if r.When < 0 {
		a.handPlain(function, r, func() { a.I32Const(abi.True) })
		return
	}
	if n := a.Conditions[r.When]; a.inline && a.Uses[r.When] == 1 && !n.Makes() {
		a.inPlace(function, r, n)
		return
	}
	a.LocalGet(0)
	a.Call(a.condition(r.When))
	a.LocalTee(a.fn.err)
	a.If()
	a.handPlain(function, r, func() { a.LocalGet(a.fn.err) })
	a.End()
}

// inPlace is verdict of a condition whose code stands here: in the local err is what it comes to, if that is not false.
//
//	block $done
//	  block $fail
//	    condition
//	    i32.eqz; br_if $done
//	    i32.const 1; local.set err
//	  end
//	  …
//	end
func (a *action) inPlace(function string, r *numbered, n *ir.Node) {
	a.fn.begin(n)
	if !n.Strays() {
		a.fn.emit(n)
		a.If()
		a.handPlain(function, r, func() { a.I32Const(abi.True) })
		a.End()
		return
	}
	done := a.Block()
	a.fn.catch = a.Block()
	a.fn.emit(n)
	a.Op(binary.OpI32Eqz)
	a.BrIf(done)
	a.I32Const(abi.True)
	a.LocalSet(a.fn.err)
	a.End()
	a.handPlain(function, r, func() { a.LocalGet(a.fn.err) })
	a.End()
}

// hand calls the guest with what a rule came to.
func (a *action) hand(function string, r *numbered, result, fault func()) {
	a.state()
	a.asks(function, r)
	result()
	fault()
	a.Call(function)
}

// asks puts on the stack which rule it is and, of a step_up, what it asks for.
func (a *action) asks(function string, r *numbered) {
	a.I32Const(table.Rule(r.n, r.Level, r.Level == 0, r.Skip))
	if function == "rt_step" {
		a.I64Const(r.age())
		a.I64Const(int64(table.Mask(a.Methods, r.Reason.Methods)))
	}
}

// age is a rule's max_age in seconds, -1 if it has none.
func (r *numbered) age() int64 {
	if r.Reason.MaxAge.Set {
		return r.Reason.MaxAge.N
	}
	return -1
}

// handPlain is hand of a rule without a rollout.
func (a *action) handPlain(function string, r *numbered, result func()) {
	if function != "rt_step" || len(r.Reason.Methods) > 0 {
		a.hand(function, r, result, func() { a.I32Const(0) })
		return
	}
	a.state()
	result()
	a.asks("", r)
	a.I64Const(r.age())
	a.Call("rt_step_plain")
}

// rolledOut evaluates a rule for a part of the subjects. Where its `by` errs the subject is in, unless errors are skipped.
func (a *action) rolledOut(function string, r *numbered) {
	if a.fault == 0 { // the record is local 0
		a.fault = a.Local(binary.I32)
	}
	by := a.Local(binary.I64)
	name := "rollout." + strconv.Itoa(len(a.Unit.Data))
	a.Unit.Data = append(a.Unit.Data, Data{Name: name, Bytes: table.Rollout(r.Rollout.Prefix, r.Rollout.Bucket), Align: 8})
	a.LocalGet(0)
	a.Call(a.text(r.Rollout.By))
	a.LocalSet(by)
	a.LocalTee(a.fault)
	a.If(binary.I32)
	a.I32Const(flag(!r.Skip))
	a.Else()
	a.I32Addr(name, 0)
	a.LocalGet(by)
	a.Call("rt_rolled")
	a.End()
	a.If(binary.I32)
	if r.When < 0 {
		a.I32Const(abi.True)
	} else {
		a.LocalGet(0)
		a.Call(a.condition(r.When))
	}
	a.Else()
	a.I32Const(abi.False)
	a.End()
	a.LocalTee(a.fn.err)
	a.LocalGet(a.fault)
	a.Op(binary.OpI32Or)
	a.If()
	a.hand(function, r, func() { a.LocalGet(a.fn.err) }, func() { a.LocalGet(a.fault) })
	a.End()
}

// trial evaluates a rule in shadow mode: a step_up if the session does not meet it.
func (a *action) trial(r *numbered) {
	a.rule(r, func(r *numbered) {
		if r.Level == 0 {
			a.verdict("rt_trial", r)
			return
		}
		a.met(r)
		a.Op(binary.OpI32Eqz)
		a.If()
		a.verdict("rt_trial", r)
		a.End()
	})
}

// Ranks are the ranks of the levels by their place, from 0.
func Ranks(levels []*policy.Level) Data {
	b := appendU64(nil, 0)
	for _, l := range levels {
		b = appendU64(b, uint64(l.Rank))
	}
	return Data{Name: dataRanks, Bytes: b, Align: 8}
}
