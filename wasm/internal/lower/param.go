package lower

import (
	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/internal/ir"
)

// param lowers `param.name`: the host's value, or the default, and over it what the postures in force lay on it, the lowest first.
func (l *lowerer) param(e *expr.Param) *ir.Node {
	p := l.policy.Params[e.Index]
	s := l.Program.slot([]string{"params", p.Name}, p.Type, false, -1)
	l.reads[s] = true
	host := ir.New(ir.SlotOpt, optional(p.Type), 0, ir.Imm{Slot: &s.Slot})
	n := ir.New(ir.OrValue, p.Type, 0, ir.Imm{}, host, constant(p.Type, p.Default))
	for _, posture := range l.policy.Postures {
		if v, ok := posture.Params[p.Name]; ok {
			n = l.overlaid(n, p, constant(p.Type, v), int64(posture.Rank))
		}
	}
	if n.Op == ir.OrValue {
		return n
	}
	return ir.New(ir.Shared, p.Type, 0, ir.Imm{Func: "param." + p.Name}, n)
}

// overlaid is a param's value with a posture's over it: of numbers and durations the stricter counts, of others the posture's.
func (l *lowerer) overlaid(n *ir.Node, p *policy.Param, v *ir.Node, rank int64) *ir.Node {
	on := ir.New(ir.Ge, policy.Bool, 0, ir.Imm{}, ir.New(ir.Posture, policy.Int, 0, ir.Imm{}), constant(policy.Int, rank))
	if p.Stricter == policy.StricterNone {
		return ir.New(ir.Cond, p.Type, 0, ir.Imm{}, on, v, n)
	}
	x := variable{n: l.fresh(), typ: p.Type}
	op := ir.Lt
	if p.Stricter == policy.StricterHigher {
		op = ir.Gt
	}
	replaces := ir.New(ir.And, policy.Bool, 0, ir.Imm{}, on, ir.New(op, policy.Bool, 0, ir.Imm{}, v, local(x)))
	return ir.New(ir.Bind, p.Type, 0, ir.Imm{Vars: []int{x.n}}, n, ir.New(ir.Cond, p.Type, 0, ir.Imm{}, replaces, v, local(x)))
}
