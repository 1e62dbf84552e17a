package lower

import (
	"slices"
	"strconv"
	"strings"

	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/abi"
	"github.com/rungpolicy/rung/wasm/internal/ir"
)

// maxDecimals is the most that a clause may ask for.
const maxDecimals = 100

// format lowers `text.format([…])`. Of a constant text and a list that is written there, the clauses are known.
func (l *lowerer) format(e *expr.Call) *ir.Node {
	text := l.expr(e.Args[0])
	s, ok := text.Value.(string)
	list, written := e.Args[1].(*expr.MakeList)
	if text.Op != ir.Const || !ok || !written || slices.Contains(list.Optional, true) {
		args := []*ir.Node{text, l.expr(e.Args[1])}
		if l.refused == nil && (isAny(args[0].Type) || isAny(args[1].Type)) {
			return l.dynamic(e, args)
		}
		return l.computedFormat(e, args)
	}
	args := make([]*ir.Node, len(list.Elems))
	for i, x := range list.Elems {
		args[i] = l.expr(x)
		if _, ok := abi.TagOf(args[i].Type); !ok && l.refused == nil && args[i].Type.Kind != policy.KindObject {
			args[i] = l.box(args[i])
		}
	}
	if l.refused != nil {
		return text
	}
	return ir.New(ir.Format, policy.String, l.place(e), ir.Imm{Pieces: pieces(s, len(args))}, args...)
}

// computedFormat is format of what is known only at run time.
func (l *lowerer) computedFormat(e *expr.Call, args []*ir.Node) *ir.Node {
	if l.refused != nil {
		return args[0]
	}
	return guest("rt_dyn_format", policy.String, l.place(e), true, args[0], l.box(args[1]))
}

// pieces takes a text apart at its clauses, for so many operands.
func pieces(s string, args int) []ir.Piece {
	var out []ir.Piece
	text := func(t string) {
		switch n := len(out); {
		case t == "":
		case n > 0 && out[n-1].Verb == 0:
			out[n-1].Text += t
		default:
			out = append(out, ir.Piece{Text: t})
		}
	}
	for arg := 0; ; arg++ {
		before, rest, clause := strings.Cut(s, "%")
		for clause && strings.HasPrefix(rest, "%") {
			text(before + "%")
			before, rest, clause = strings.Cut(rest[1:], "%")
		}
		text(before)
		if !clause {
			return out
		}
		verb, decimals, after := readClause(rest)
		switch {
		case arg >= args:
			return append(out, ir.Piece{Code: abi.IndexOutOfBounds})
		case verb == 0:
			return append(out, ir.Piece{Code: abi.InvalidArgument})
		}
		out = append(out, ir.Piece{Verb: verb, Arg: arg, Decimals: decimals})
		s = after
	}
}

// readClause reads what stands behind a `%`. The verb is 0 where it is wrong.
func readClause(s string) (verb byte, decimals int, rest string) {
	decimals = 6
	if after, ok := strings.CutPrefix(s, "."); ok {
		s = strings.TrimLeft(after, "0123456789")
		var err error
		if decimals, err = strconv.Atoi(after[:len(after)-len(s)]); err != nil || decimals > maxDecimals {
			return 0, 0, ""
		}
	}
	if s == "" || !strings.Contains("sdfebxXo", s[:1]) {
		return 0, 0, ""
	}
	return s[0], decimals, s[1:]
}
