package emit

import (
	"slices"
	"strconv"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/plan"
	"github.com/rungpolicy/rung/wasm/abi"
	"github.com/rungpolicy/rung/wasm/internal/binary"
	"github.com/rungpolicy/rung/wasm/internal/ir"
	"github.com/rungpolicy/rung/wasm/internal/table"
)

// Names of the decision's data and globals, beside those of package table.
const (
	dataRanks    = "ranks"     // i64 each: the rank of a place, from 0
	globalStands = "rt_stands" // i32: not 0 if a rule applies or is pending
	globalFault  = "rt_fault"  // i32: the error of the rollout of the rule that is handed over
	globalDecide = "rt_decide" // the decision, where it has two entries
)

// Decider adds the functions that decide: the guest joins what rules come to, the code here asks them in order.
type Decider struct {
	*Unit
	Methods []string
	Levels  []*policy.Level
	// JSON has an entry beside decide that reads texts: both call the same function.
	JSON bool
	// Conditions are the plan's; Uses says how many rules use each, in how many actions.
	Conditions []*ir.Node
	Uses       map[int]int

	actions, trials []string // the functions of the actions, and those of their rules on trial, if there are any
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

// Dispatch adds `decide`, which goes through what all actions have in common:
//
//	evidence of what the session proves
//	loop
//	  ask the action's rules
//	  if one applies or is pending: settle; br_if loop, where those that are met are to be asked too
//	end
//	ask those on trial, unless the decision waits
//	the address of the result
func (d *Decider) Dispatch() {
	const action, record = 0, 1
	f := binary.NewCode(2)
	again, level := f.Local(binary.I32), f.Local(binary.I32)
	if len(d.actions) > 0 {
		f.LocalGet(action)
		f.I32Const(int32(len(d.actions)))
		f.Op(binary.OpI32LtU)
		f.If()
		f.LocalGet(record)
		f.Call("rt_evidence")
		f.LocalSet(level)
		loop := f.Loop()
		choose(f, action, d.actions, record, again, level)
		f.GlobalGet(globalStands)
		f.If()
		f.LocalGet(record)
		f.Call("rt_settle")
		f.LocalTee(again)
		f.BrIf(loop)
		f.End()
		f.End()
		d.onTrial(f, action, record, level)
		f.I32Addr(table.StateData, 0)
		f.Op(binary.OpReturn)
		f.End()
	}
	f.I32Const(0)
	name := abi.ExportDecide
	if d.JSON {
		name = globalDecide
		entry := binary.NewCode(2)
		call(entry, name, []uint32{action, record})
		d.Funcs = append(d.Funcs, Func{Name: abi.ExportDecide, Type: i32s(2, 1), Code: entry})
	}
	d.Funcs = append(d.Funcs, Func{Name: name, Type: i32s(2, 1), Code: f})
}

// onTrial asks the action's rules on trial.
func (d *Decider) onTrial(f *binary.Code, action, record, level uint32) {
	if !slices.ContainsFunc(d.trials, func(name string) bool { return name != "" }) {
		return
	}
	f.I32Const(0)
	f.MemAddr(binary.OpI32Load, table.StateData, abi.ResultEffect)
	f.I32Const(int32(policy.Need))
	f.Op(binary.OpI32Ne)
	f.If()
	choose(f, action, d.trials, record, level)
	f.End()
}

// choose calls the function with a number, if there is one: out of a block for each. The number is less than there are functions.
func choose(f *binary.Code, number uint32, functions []string, args ...uint32) {
	there := slices.DeleteFunc(slices.Clone(functions), func(name string) bool { return name == "" })
	if len(functions) == 1 {
		call(f, there[0], args)
		return
	}
	done := f.Block()
	blocks := map[string]binary.Label{"": done}
	for _, name := range slices.Backward(there) {
		blocks[name] = f.Block()
	}
	labels := make([]binary.Label, len(functions))
	for i, name := range functions {
		labels[i] = blocks[name]
	}
	last := len(labels) - 1
	f.LocalGet(number)
	f.BrTable(labels[:last], labels[last])
	for i, name := range there {
		f.End()
		call(f, name, args)
		if i+1 < len(there) {
			f.Br(done)
		}
	}
	f.End()
}

// call calls a function with locals.
func call(f *binary.Code, name string, args []uint32) {
	for _, a := range args {
		f.LocalGet(a)
	}
	f.Call(name)
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

// Action adds the functions of an action: of its rules (record, again, level) and, if there are any, of those on trial (record, level). In the first round
// again is 0, and rules are asked that the session does not meet; in the second it is 1, and step_up rules are asked that it meets. Level is the place of
// the session's.
func (d *Decider) Action(name string, s *plan.Steps, needsRank bool) {
	rules, trials := d.action(3, len(s.Rules)), d.action(2, len(s.Rules))
	rules.again, rules.level, trials.level = 1, 2, 1
	var denies, stepUps, onTrial []numbered
	for i, r := range s.Rules {
		n := numbered{r, i}
		switch {
		case r.Rollout != nil && r.Rollout.Bucket == 0: // nobody
		case r.Shadow:
			onTrial = append(onTrial, n)
		case r.Level == 0:
			denies = append(denies, n)
		default:
			stepUps = append(stepUps, n)
		}
	}
	if needsRank {
		rules.rank()
	}
	rules.deny(denies)
	rules.step(stepUps)
	d.actions = append(d.actions, rules.add(ActionPrefix+name, i32s(3, 0)))
	if len(onTrial) == 0 {
		d.trials = append(d.trials, "")
		return
	}
	for i := range onTrial {
		trials.trial(&onTrial[i])
	}
	d.trials = append(d.trials, trials.add(TrialPrefix+name, i32s(2, 0)))
}

func (d *Decider) action(params, rules int) *action {
	c := binary.NewCode(params)
	a := &action{Decider: d, Code: c, fn: &fn{Unit: d.Unit, Code: c, vars: map[int]*variable{}}, inline: rules <= mostInline}
	a.fn.err = a.Local(binary.I32)
	return a
}

// add adds the function, and returns its name.
func (a *action) add(name string, t binary.FuncType) string {
	for _, span := range a.spans {
		span.Func, span.Of = name, a.Len()+3 // locals and the end are the action's
		a.Spans = append(a.Spans, span)
	}
	a.Funcs = append(a.Funcs, Func{Name: name, Type: t, Code: a.Code})
	return name
}

// numbered is a rule with its number in the action's outputs.
type numbered struct {
	plan.Step
	n int
}

// action is a function of an action under construction; the record is its first parameter.
type action struct {
	*Decider
	*binary.Code
	// fn emits conditions into the action's own code.
	fn           *fn
	inline       bool
	spans        []Span
	again, level uint32 // locals
	fault        uint32 // local
}

// deny asks the deny rules, in the first round. If one applies or is pending, that is all.
func (a *action) deny(rules []numbered) {
	if len(rules) == 0 {
		return
	}
	a.LocalGet(a.again)
	a.Op(binary.OpI32Eqz)
	a.If()
	for i := range rules {
		a.rule(&rules[i], func(r *numbered) { a.verdict("rt_deny", r) })
	}
	a.GlobalGet(globalStands)
	a.BrIf(0)
	a.End()
}

// rank sets the global that conditions read the rank of the session's level from.
func (a *action) rank() {
	a.LocalGet(a.level)
	a.I32Const(3)
	a.Op(binary.OpI32Shl)
	a.MemAddr(binary.OpI64Load, dataRanks, 0)
	a.GlobalSet(globalRank)
}

// step asks the step_up rules that are not met or, in the second round, those that are.
func (a *action) step(rules []numbered) {
	for i := range rules {
		a.rule(&rules[i], func(r *numbered) {
			a.met(r)
			a.LocalGet(a.again)
			a.Op(binary.OpI32Eq)
			a.If()
			a.verdict("rt_step", r)
			a.End()
		})
	}
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
		a.I32Const(int32(r.Level))
		a.I64Const(limit)
		a.I64Const(int64(table.Mask(a.Methods, r.Reason.Methods)))
		a.Call("rt_meets")
		return
	}
	a.I32Const(0)
	a.MemAddr(binary.OpI64Load, table.StateData, table.AgeOffset(r.Level))
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
func (a *action) hand(function string, r *numbered, result func()) {
	result()
	a.I32Const(table.Rule(r.n, r.Level, r.Skip))
	if function == "rt_step" || function == "rt_step_plain" {
		a.I64Const(r.age())
	}
	if function == "rt_step" {
		a.I64Const(int64(table.Mask(a.Methods, r.Reason.Methods)))
	}
	a.Call(function)
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
	if function == "rt_step" && len(r.Reason.Methods) == 0 {
		function = "rt_step_plain"
	}
	a.hand(function, r, result)
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
	a.LocalGet(a.fault)
	a.GlobalSet(globalFault)
	a.hand(function, r, func() { a.LocalGet(a.fn.err) })
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
