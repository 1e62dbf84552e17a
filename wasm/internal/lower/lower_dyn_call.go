package lower

import (
	"slices"
	"strings"

	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/abi"
	"github.com/rungpolicy/rung/wasm/internal/ir"
)

// A call with operands of type any is dispatched: for all that its function can be called with, one after the other, it is asked whether the operands are that, and if so
// they are taken as of these types and the call is lowered as one of them. The code for it stands in the module once, however often the function is called.

// candidate is what a function can be called with: the types of its operands, and of its result.
type candidate struct {
	operands []*policy.Type
	result   *policy.Type
}

// anyList is what a list is taken as.
var anyList = policy.ListOf(policy.Any)

// types are those that signatures name.
var signatureTypes = map[string]*policy.Type{
	"bool": policy.Bool, "int": policy.Int, "uint": policy.Uint, "double": policy.Double, "string": policy.String, "bytes": policy.Bytes,
	"timestamp": policy.Timestamp, "duration": policy.Duration, "ip": policy.IP, "cidr": policy.CIDR, "list": anyList,
}

// dynamicCalls are the functions that can be called with values whose types are known only at run time, "operands: result", one for each way to call them. Those of
// conversions stand by themselves: what they come to is their name.
var dynamicCalls = map[string]string{
	"_+_": "int int: int; uint uint: uint; double double: double; string string: string; bytes bytes: bytes; timestamp duration: timestamp; " +
		"duration timestamp: timestamp; duration duration: duration; list list: list",
	"_-_": "int int: int; uint uint: uint; double double: double; timestamp duration: timestamp; timestamp timestamp: duration; duration duration: duration",
	"_*_": "int int: int; uint uint: uint; double double: double",
	"_/_": "int int: int; uint uint: uint; double double: double",
	"_%_": "int int: int; uint uint: uint",
	"-_":  "int: int; double: double; duration: duration",

	"contains": "string string: bool", "startsWith": "string string: bool", "endsWith": "string string: bool",

	"bool": "bool; string", "bytes": "bytes; string", "double": "double; int; string; uint", "duration": "duration; string",
	"int": "int; double; duration; string; timestamp; uint", "string": "string; bool; bytes; double; duration; int; timestamp; uint",
	"timestamp": "timestamp; int; string", "uint": "uint; double; int; string", "ip": "string", "cidr": "string",

	"getFullYear": "timestamp: int", "getMonth": "timestamp: int", "getDate": "timestamp: int", "getDayOfMonth": "timestamp: int",
	"getDayOfWeek": "timestamp: int", "getDayOfYear": "timestamp: int", "getHours": "timestamp: int; duration: int",
	"getMinutes": "timestamp: int; duration: int", "getSeconds": "timestamp: int; duration: int", "getMilliseconds": "timestamp: int; duration: int",
}

// candidates are the ways to call a function with so many operands.
func candidates(function string, n int) []candidate {
	var out []candidate
	for way := range strings.SplitSeq(dynamicCalls[function], "; ") {
		operands, result, ok := strings.Cut(way, ": ")
		if !ok {
			result = function
		}
		names := strings.Fields(operands)
		if len(names) != n {
			continue
		}
		c := candidate{result: signatureTypes[result]}
		for _, name := range names {
			c.operands = append(c.operands, signatureTypes[name])
		}
		out = append(out, c)
	}
	return out
}

// fits reports whether operands can be what a candidate wants.
func (c candidate) fits(args []*ir.Node) bool {
	for i, a := range args {
		if !isAny(a.Type) && a.Type.Kind != c.operands[i].Kind {
			return false
		}
	}
	return true
}

// dynamic lowers a call with operands of type any; nil if the function has no such calls.
func (l *lowerer) dynamic(e *expr.Call, args []*ir.Node) *ir.Node {
	ways := slices.DeleteFunc(candidates(e.Function, len(args)), func(c candidate) bool { return !c.fits(args) })
	if len(dynamicCalls[e.Function]) == 0 {
		return nil
	}
	var result *policy.Type
	for _, c := range ways {
		if result == nil {
			result = c.result
		}
		result = join(result, c.result)
	}
	if result == nil { // no way to call it: whatever the operands are, it is an error
		result = policy.Any
	}
	imm := ir.Imm{Func: e.Function}
	place := l.place(e)
	before := l.nowhere
	l.nowhere = true
	for _, c := range ways {
		imm.Cases = append(imm.Cases, l.way(e, args, c, result))
	}
	l.nowhere = before
	return ir.New(ir.Dispatch, result, place, imm, args...)
}

// way is the case of a candidate.
func (l *lowerer) way(e *expr.Call, args []*ir.Node, c candidate, result *policy.Type) ir.Case {
	out := ir.Case{}
	var operands []*ir.Node
	for i, a := range args {
		v, tag := variable{n: l.fresh(), typ: a.Type}, abi.TagAny
		if isAny(a.Type) {
			v.typ = c.operands[i]
			t, _ := abi.TagOf(v.typ)
			tag = t & 15
		}
		out.Tags, out.Vars, out.Types = append(out.Tags, tag), append(out.Vars, v.n), append(out.Types, v.typ)
		operands = append(operands, local(v))
	}
	call := *e
	call.Type = c.result
	out.Body = l.to(l.typedCall(&call, operands), result)
	return out
}
