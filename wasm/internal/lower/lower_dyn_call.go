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

// signatureTypes are those that signatures name.
var signatureTypes = map[string]*policy.Type{
	"bool": policy.Bool, "int": policy.Int, "uint": policy.Uint, "double": policy.Double, "string": policy.String, "bytes": policy.Bytes,
	"timestamp": policy.Timestamp, "duration": policy.Duration, "ip": policy.IP, "cidr": policy.CIDR, "list": anyList,
	"strings": policy.ListOf(policy.String), "ints": policy.ListOf(policy.Int),
}

// What several functions can be called with.
const (
	ofNumbers  = "int int: int; uint uint: uint; double double: double"
	ofIntegers = "int int: int; uint uint: uint"
	ofMoments  = "timestamp: int; timestamp string: int"
	ofTimes    = "timestamp: int; duration: int; timestamp string: int"
	askTexts   = "string string: bool"
	askIP      = "ip: bool"
	askDouble  = "double: bool"
	textOfText = "string: string"
	askLists   = "list list: bool"
	sameNumber = "int: int; uint: uint; double: double"
	sameDouble = "double: double"
)

// dynamicCalls are the functions that can be called with values whose types are known only at run time, "operands: result", one for each way to call them. Those of
// conversions stand by themselves: what they come to is their name. A function whose method of the same name is another has that with a point before it.
var dynamicCalls = map[string]string{
	"_+_": "int int: int; uint uint: uint; double double: double; string string: string; bytes bytes: bytes; timestamp duration: timestamp; " +
		"duration timestamp: timestamp; duration duration: duration; list list: list",
	"_-_": ofNumbers + "; timestamp duration: timestamp; timestamp timestamp: duration; duration duration: duration",
	"_*_": ofNumbers,
	"_/_": ofNumbers,
	"_%_": ofIntegers,
	"-_":  "int: int; double: double; duration: duration",

	"bool": "bool; string", "bytes": "bytes; string", "double": "double; int; string; uint", "duration": "duration; string",
	"int": "int; double; duration; string; timestamp; uint", "string": "string; bool; bytes; double; duration; int; timestamp; uint; ip; cidr",
	"timestamp": "timestamp; int; string", "uint": "uint; double; int; string", "ip": "string", ".ip": "cidr: ip", "cidr": "string",

	"getFullYear": ofMoments, "getMonth": ofMoments, "getDate": ofMoments, "getDayOfMonth": ofMoments, "getDayOfWeek": ofMoments, "getDayOfYear": ofMoments,
	"getHours": ofTimes, "getMinutes": ofTimes, "getSeconds": ofTimes, "getMilliseconds": ofTimes,

	"contains": askTexts, "startsWith": askTexts, "endsWith": askTexts,
	"charAt": "string int: string", "indexOf": "string string: int; string string int: int", "lastIndexOf": "string string: int; string string int: int",
	"lowerAscii": textOfText, "upperAscii": textOfText, "trim": textOfText, "strings.quote": textOfText, "reverse": "string: string; list: list",
	"replace": "string string string: string; string string string int: string", "split": "string string: strings; string string int: strings",
	"format": "string list: string", "join": "strings: string; strings string: string", "substring": "string int: string; string int int: string",

	"base64.decode": "string: bytes", "base64.decodeUrl": "string: bytes", "base64.encode": "bytes: string", "base64.encodeUrl": "bytes: string",

	"containsIP": "cidr ip: bool; cidr string: bool", "containsCIDR": "cidr cidr: bool; cidr string: bool", "family": "ip: int", "ip.isCanonical": "string: bool",
	"isCIDR": "string: bool", "isIP": "string: bool", "isUnspecified": askIP, "isLoopback": askIP, "isLinkLocalUnicast": askIP, "isLinkLocalMulticast": askIP,
	"isGlobalUnicast": askIP, "isMask": "cidr: bool", "masked": "cidr: cidr", "prefixLength": "cidr: int",

	"math.abs": sameNumber, "math.sign": sameNumber, "math.sqrt": "int: double; uint: double; double: double", "math.ceil": sameDouble, "math.floor": sameDouble,
	"math.trunc": sameDouble, "math.round": sameDouble, "math.isNaN": askDouble, "math.isInf": askDouble, "math.isFinite": askDouble, "math.bitAnd": ofIntegers,
	"math.bitOr": ofIntegers, "math.bitXor": ofIntegers, "math.bitNot": "int: int; uint: uint", "math.bitShiftLeft": "int int: int; uint int: uint",
	"math.bitShiftRight": "int int: int; uint int: uint",

	"sets.contains": askLists, "sets.intersects": askLists, "sets.equivalent": askLists, "hasAll": askLists, "hasAny": askLists, "hasOnly": askLists, "hasExactly": askLists,
	"distinct": "list: list", "slice": "list int int: list", "lists.range": "int: ints",
}

// candidates are the ways in which a call may be meant; false if its function has none.
func candidates(e *expr.Call) (out []candidate, ok bool) {
	ways, ok := dynamicCalls["."+e.Function]
	if !ok || !e.Method {
		ways, ok = dynamicCalls[e.Function]
	}
	for way := range strings.SplitSeq(ways, "; ") {
		operands, result, other := strings.Cut(way, ": ")
		if !other {
			result = e.Function
		}
		names := strings.Fields(operands)
		if len(names) != len(e.Args) {
			continue
		}
		c := candidate{result: signatureTypes[result]}
		for _, name := range names {
			c.operands = append(c.operands, signatureTypes[name])
		}
		out = append(out, c)
	}
	return out, ok
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
	ways, ok := candidates(e)
	if !ok {
		return nil
	}
	ways = slices.DeleteFunc(ways, func(c candidate) bool { return !c.fits(args) })
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
		own := local(v)
		if a.Op == ir.Const { // a zone is compiled with the policy
			own = a
		}
		if isAny(a.Type) {
			v.typ = c.operands[i]
			t, _ := abi.TagOf(v.typ)
			tag = t & 15
		}
		out.Tags, out.Vars, out.Types = append(out.Tags, tag), append(out.Vars, v.n), append(out.Types, v.typ)
		if isAny(a.Type) {
			own = local(v)
		}
		operands = append(operands, own)
	}
	call := *e
	call.Type = c.result
	out.Body = l.to(l.typedCall(&call, operands), result)
	return out
}

// listsOfAny lowers functions of lists whose elements have no form, or not the same, that they could be taken as; nil if a call is of none.
func (l *lowerer) listsOfAny(e *expr.Call, args []*ir.Node) *ir.Node {
	place := l.place(e)
	least := wordOf(0)
	switch e.Function {
	case "math.@min", "math.@max":
		if e.Function == "math.@min" {
			least = wordOf(1)
		}
		if len(args) == 1 {
			return guest("rt_dyn_extreme", policy.Any, place, true, l.box(args[0]), least)
		}
		return guest("rt_dyn_max", policy.Any, place, true, l.box(args[0]), l.box(args[1]), least)
	case "flatten":
		depth := constant(policy.Int, int64(1))
		if len(args) == 2 {
			depth = args[1]
		}
		if !isAny(depth.Type) {
			return guest("rt_dyn_flatten", anyList, place, true, l.box(args[0]), depth)
		}
		return l.flattenAny(e, args)
	case "sort":
		v := variable{n: l.fresh(), typ: policy.Any}
		sorted := guest("rt_dyn_sort", anyList, place, true, local(v), local(v))
		boxed := l.box(args[0])
		if boxed.Strays() {
			v.fails, v.pends = boxed.Fails, boxed.Pends
			sorted = guest("rt_dyn_sort", anyList, place, true, local(v), local(v))
		}
		return ir.New(ir.Bind, anyList, 0, ir.Imm{Vars: []int{v.n}}, boxed, sorted)
	case "@sortByAssociatedKeys":
		return guest("rt_dyn_sort", anyList, place, true, l.box(args[0]), l.box(args[1]))
	}
	for i, a := range args { // elements of any type
		if a.Type.Kind != policy.KindList {
			return nil
		}
		if !isAny(a.Type.Elem) && len(args) > 1 && !a.Type.Equal(args[1-i].Type) {
			args[i] = ir.New(ir.Unbox, anyList, 0, ir.Imm{}, l.box(a))
		}
	}
	fn, ok := compared[e.Function]
	if !ok {
		return nil
	}
	t := policy.Bool
	if fn == ir.Distinct {
		t = args[0].Type
	}
	return ir.New(ir.ListFn, t, place, ir.Imm{N: int(fn), Checked: true}, args...)
}

// compared are the functions that compare each element with each.
var compared = map[string]ir.ListFunction{
	"distinct": ir.Distinct, "hasAll": ir.HasAll, "hasOnly": ir.HasOnly, "hasAny": ir.HasAny, "hasExactly": ir.HasExactly, "sets.contains": ir.HasAll,
	"sets.intersects": ir.HasAny, "sets.equivalent": ir.HasExactly,
}

// flattenAny is flatten to a depth that is of any type.
func (l *lowerer) flattenAny(e *expr.Call, args []*ir.Node) *ir.Node {
	list, depth := variable{n: l.fresh(), typ: policy.Any}, variable{n: l.fresh(), typ: policy.Int}
	body := guest("rt_dyn_flatten", anyList, 0, true, local(list), local(depth))
	c := ir.Case{Tags: []uint32{abi.TagAny, abi.TagInt}, Vars: []int{list.n, depth.n}, Types: []*policy.Type{policy.Any, policy.Int}, Body: body}
	return ir.New(ir.Dispatch, anyList, l.place(e), ir.Imm{Func: e.Function, Cases: []ir.Case{c}}, l.box(args[0]), args[1])
}
