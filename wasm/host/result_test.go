package host

import (
	"encoding/binary"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/abi"
)

// behind is where an answer's sets and lists stand: behind its head, 8 bytes each.
func behind(n int) uint64 { return uint64(resultAt + abi.ResultSize + 8*n) }

// and appends numbers of 8 bytes.
func and(b []byte, numbers ...uint64) []byte {
	for _, n := range numbers {
		b = binary.LittleEndian.AppendUint64(b, n)
	}
	return b
}

// seconds300 is a max_age, as a result has it.
const seconds300 = 300

var (
	reasonA = &policy.Reason{Rule: "a deny", Effect: policy.Deny, Message: "No."}
	reasonB = &policy.Reason{
		Rule: "b step", Effect: policy.StepUp, Level: "high", MaxAge: policy.Seconds{Set: true, N: 300}, Methods: []string{"hwk", "otp"},
	}
	reasonC = &policy.Reason{Rule: "c step", Effect: policy.StepUp, Level: "low", Methods: []string{"pin"}}
	reasonD = &policy.Reason{Rule: "d trial", Effect: policy.StepUp, Level: "low"}
	reasonE = &policy.Reason{Rule: "e trial", Effect: policy.Deny}
)

func with(r *policy.Reason, code policy.Code, pending bool) *policy.Reason {
	out := *r
	out.Code, out.Pending = code, pending
	return &out
}

func TestResults(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer []byte
		want   policy.Decision
	}{
		"deny": {
			and(head(abi.ResultEffect, 0, abi.ResultReasonSet, behind(1)), 0, 1),
			policy.Decision{Effect: policy.Deny, Reasons: []*policy.Reason{reasonA}},
		},
		"step_up by one rule": {
			and(head(abi.ResultEffect, 2, abi.ResultLevel, 2, abi.ResultReachable, 2, abi.ResultMaxAge, seconds300, abi.ResultGroups, 1,
				abi.ResultReasonSet, behind(1), abi.ResultGroupList, behind(2)), 0, 0b10, 0b011),
			policy.Decision{Effect: policy.StepUp, Reasons: []*policy.Reason{reasonB}, Requirement: &policy.Requirement{
				Level: "high", ACRValues: []string{"h"}, MaxAge: policy.Seconds{Set: true, N: 300}, Methods: [][]string{{"hwk", "otp"}}, Reachable: policy.Yes,
			}},
		},
		"step_up by several, groups put in order": {
			and(head(abi.ResultEffect, 2, abi.ResultLevel, 1, abi.ResultReachable, 1, abi.ResultMaxAge, 0, abi.ResultGroups, 2,
				abi.ResultReasonSet, behind(1), abi.ResultGroupList, behind(2)), 0, 0b110, 0b100, 0b011),
			policy.Decision{Effect: policy.StepUp, Reasons: []*policy.Reason{reasonB, reasonC}, Requirement: &policy.Requirement{
				Level: "low", ACRValues: []string{"l", "h"}, MaxAge: policy.Seconds{Set: true}, Methods: [][]string{{"hwk", "otp"}, {"pin"}}, Reachable: policy.No,
			}},
		},
		"need": {
			head(abi.ResultEffect, 3, abi.ResultNeed, 0b11, abi.ResultSatisfied, 1),
			policy.Decision{Effect: policy.Need, Need: []string{"reputation", "risk"}, Satisfied: &policy.Satisfied{Level: "low"}},
		},
		"faults, of a rule on trial too": {
			and(head(abi.ResultShadowEffect, 3, abi.ResultFaults, 3, abi.ResultFaultList, behind(0), abi.ResultShadowSet, behind(3), abi.ResultWaitingSet, behind(4)),
				1|(abi.Overflow|1<<8)<<32, 3|abi.NoSuchKey<<32, 0|abi.Limit<<32, 0b01000, 0b10000),
			policy.Decision{
				Effect: policy.Allow, Shadow: []*policy.Reason{with(reasonD, policy.NoSuchKey, false), with(reasonE, "", true)},
				ShadowEffect: policy.StepUp, ShadowDiffers: true, Indeterminate: []policy.Indeterminate{
					{Rule: "a deny", Code: policy.Limit, Error: abi.Text(abi.Limit)},
					{Rule: "b step", Code: policy.Overflow, Error: abi.Text(abi.Overflow), At: "a.rung.hcl:1:2"},
				},
			},
		},
		"shadow of a deny": {
			and(head(abi.ResultEffect, 0, abi.ResultReasonSet, behind(0), abi.ResultShadowSet, behind(1), abi.ResultWaitingSet, behind(2)), 1, 0b11000, 0),
			policy.Decision{Effect: policy.Deny, Reasons: []*policy.Reason{reasonA}, Shadow: []*policy.Reason{reasonD, reasonE}},
		},
	} {
		p := open(t, about(), c.answer)
		c.want.Action, c.want.Posture, c.want.Policy = "act", "normal", policy.Identity{Name: "test", Version: "1", Digest: "sha256:00"}
		got := p.Decide(request(p))
		if d := cmp.Diff(&c.want, got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		if got.Reasons != nil && got.Reasons[0] != p.Decide(request(p)).Reasons[0] {
			t.Errorf("%s: reasons are not shared", name)
		}
	}
}

// TestNoDebug: without places errors are told all the same.
func TestNoDebug(t *testing.T) {
	t.Parallel()
	m := about()
	m.Debug = nil
	p := open(t, m, and(head(abi.ResultFaults, 1, abi.ResultFaultList, behind(0), abi.ResultShadowSet, behind(1), abi.ResultWaitingSet, behind(1)), 1|(abi.Overflow|99<<8)<<32, 0))
	d := p.Decide(request(p))
	if len(d.Indeterminate) != 1 || d.Indeterminate[0].Code != policy.Overflow || d.Indeterminate[0].At != "" {
		t.Errorf("%+v %v", d, d.Error)
	}
}

// TestGarbage: an answer that no decision can have is a deny.
func TestGarbage(t *testing.T) {
	t.Parallel()
	const outside = abi.PageSize - 3
	stepUp := func(changes ...uint64) []byte {
		return and(head(append([]uint64{
			abi.ResultEffect, 2, abi.ResultLevel, 2, abi.ResultGroups, 1, abi.ResultReasonSet, behind(0), abi.ResultGroupList, behind(1),
		}, changes...)...), 0b10, 0b011, 0b100, 0b001)
	}
	for name, answer := range map[string][]byte{
		"effect 4":                      head(abi.ResultEffect, 4),
		"effect -1":                     head(abi.ResultEffect, 1<<32-1),
		"level met 3":                   head(abi.ResultSatisfied, 3),
		"age -2":                        head(abi.ResultSatisfied, 1, abi.ResultAge, 1<<64-2),
		"deny without a reason":         head(abi.ResultEffect, 0),
		"deny by a step_up rule":        and(head(abi.ResultEffect, 0), 0b11),
		"deny by a rule on trial":       and(head(abi.ResultEffect, 0), 0b10000),
		"deny by no rule at all":        and(head(abi.ResultEffect, 0), 1<<5|1),
		"deny, reasons outside":         head(abi.ResultEffect, 0, abi.ResultReasonSet, outside),
		"step_up without a reason":      stepUp(abi.ResultReasonSet, behind(4)),
		"step_up by a deny rule":        stepUp(abi.ResultReasonSet, behind(3)),
		"step_up to level 0":            stepUp(abi.ResultLevel, 0),
		"step_up to level 3":            stepUp(abi.ResultLevel, 3),
		"step_up, reachable 3":          stepUp(abi.ResultReachable, 3),
		"step_up, max_age -2":           stepUp(abi.ResultMaxAge, 1<<64-2),
		"step_up, groups outside":       stepUp(abi.ResultGroupList, outside),
		"step_up, billions of groups":   stepUp(abi.ResultGroups, 1<<32-1),
		"step_up, six groups":           stepUp(abi.ResultGroups, 6),
		"step_up, a group of nobody's":  stepUp(abi.ResultGroupList, behind(3)),
		"step_up, one group twice":      and(stepUp(abi.ResultGroups, 2, abi.ResultGroupList, behind(4)), 0b011, 0b011),
		"need of nothing":               head(abi.ResultEffect, 3),
		"need of a third signal":        head(abi.ResultEffect, 3, abi.ResultNeed, 0b100),
		"need with a shadow":            head(abi.ResultEffect, 3, abi.ResultNeed, 1, abi.ResultShadowEffect, 1),
		"shadow effect allow":           head(abi.ResultShadowEffect, 2),
		"shadow effect need":            head(abi.ResultShadowEffect, 4),
		"shadow effect as the effect":   and(head(abi.ResultEffect, 0, abi.ResultShadowEffect, 1, abi.ResultShadowSet, behind(1), abi.ResultWaitingSet, behind(1)), 1, 0),
		"shadow of an enforced rule":    and(head(abi.ResultShadowSet, behind(0)), 1),
		"shadow outside":                head(abi.ResultShadowSet, 1<<32-1),
		"waiting, an enforced rule":     and(head(abi.ResultWaitingSet, behind(1)), 0, 1),
		"applying and waiting":          and(head(), 0b1000),
		"six faults":                    head(abi.ResultFaults, 6),
		"faults outside":                head(abi.ResultFaults, 1, abi.ResultFaultList, outside),
		"a fault of rule 5":             and(head(abi.ResultFaults, 1), 5|3<<32),
		"two faults of a rule":          and(head(abi.ResultFaults, 2), 1|3<<32, 1|4<<32),
		"a fault with code 2":           and(head(abi.ResultFaults, 1), 1|2<<32),
		"a fault with code 13":          and(head(abi.ResultFaults, 1), 1|13<<32),
		"a fault at a place of nowhere": and(head(abi.ResultFaults, 1), 1|(3|2<<8)<<32),
	} {
		p := open(t, about(), answer)
		d := p.Decide(request(p))
		want := &policy.Decision{Error: &policy.RequestError{Code: policy.EngineError, Message: errResult.Error()}}
		if diff := cmp.Diff(want, d); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// FuzzAnswer: whatever stands in an answer, there is a decision, and one that is more than allowed is whole.
func FuzzAnswer(f *testing.F) {
	m := about()
	rs := newResults(m, 0, newShared(m))
	f.Add(head(), uint32(0))
	f.Add(and(head(abi.ResultEffect, 0, abi.ResultReasonSet, abi.ResultSize), 1), uint32(0))
	f.Fuzz(func(t *testing.T, memory []byte, at uint32) {
		var d policy.Decision
		if rs.read(memory, at, &d, new(policy.Satisfied)) != nil {
			return
		}
		if (d.Effect == policy.StepUp) != (d.Requirement != nil) || (d.Effect == policy.Need) != (len(d.Need) > 0) ||
			(d.Effect == policy.Deny || d.Effect == policy.StepUp) != (len(d.Reasons) > 0) || d.Effect > policy.Need {
			t.Errorf("%+v", d)
		}
	})
}
