package lower

import (
	"net/netip"
	"strings"
	"sync"

	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/internal/ir"
)

// signature is a function with the kinds of its operands, by which the tables here are searched: "contains(string, string)".
func signature(function string, args []*ir.Node) string {
	kinds := make([]string, len(args))
	for i, a := range args {
		kinds[i] = a.Type.Kind.String()
	}
	return function + "(" + strings.Join(kinds, ", ") + ")"
}

// conversions are the functions that are no more than another reading of a number.
var conversions = map[string]ir.Conversion{
	"int(int)": ir.Same, "uint(uint)": ir.Same, "double(double)": ir.Same, "bool(bool)": ir.Same, "string(string)": ir.Same,
	"bytes(bytes)": ir.Same, "bytes(string)": ir.Same, "timestamp(timestamp)": ir.Same, "duration(duration)": ir.Same,
	"uint(int)": ir.IntToUint, "int(uint)": ir.UintToInt,
	"double(int)": ir.IntToDouble, "double(uint)": ir.UintToDouble,
	"int(timestamp)": ir.TimeToInt, "int(duration)": ir.DurToInt,
}

// function lowers a call that the guest has a function for.
type function func(l *lowerer, e *expr.Call, args []*ir.Node) *ir.Node

// library are the functions by [signature], and those of lists by name. It is filled when the first module is lowered: a program that lowers none does not link
// what it holds.
var library struct {
	sync.Once
	guest, extensions, lists map[string]function
}

func fillLibrary() {
	library.guest, library.extensions, library.lists = guestFunctions(), extensionFunctions(), listFunctions()
}

// guestFunctions are those that the guest has, by [signature].
func guestFunctions() map[string]function {
	return map[string]function{
		"_+_(string, string)":        fallible("rt_str_concat"),
		"_+_(bytes, bytes)":          fallible("rt_bytes_concat"),
		"_+_(timestamp, duration)":   fallible("rt_ts_add"),
		"_+_(duration, timestamp)":   swapped("rt_ts_add"),
		"_+_(duration, duration)":    fallible("rt_dur_add"),
		"_-_(timestamp, duration)":   fallible("rt_ts_sub_dur"),
		"_-_(timestamp, timestamp)":  fallible("rt_ts_diff"),
		"_-_(duration, duration)":    fallible("rt_dur_sub"),
		"contains(string, string)":   plain("rt_str_contains"),
		"startsWith(string, string)": plain("rt_str_starts"),
		"endsWith(string, string)":   plain("rt_str_ends"),
		"size(string)":               plain("rt_str_size"),
		"string(int)":                plain("rt_int_to_str"),
		"string(uint)":               plain("rt_uint_to_str"),
		"string(double)":             plain("rt_double_to_str"),
		"string(bytes)":              fallible("rt_bytes_to_str"),
		"string(timestamp)":          plain("rt_ts_to_str"),
		"string(duration)":           plain("rt_dur_to_str"),
		"string(bool)":               boolText,
		"int(string)":                fallible("rt_str_to_int"),
		"int(double)":                fallible("rt_double_to_int"),
		"uint(string)":               fallible("rt_str_to_uint"),
		"uint(double)":               fallible("rt_double_to_uint"),
		"double(string)":             fallible("rt_str_to_double"),
		"bool(string)":               fallible("rt_str_to_bool"),
		"timestamp(string)":          fallible("rt_ts_parse"),
		"timestamp(int)":             fallible("rt_ts_from_int"),
		"duration(string)":           fallible("rt_dur_parse"),
		"containsIP(cidr, ip)":       containsIP,
		"containsCIDR(cidr, cidr)":   plain("rt_cidr_contains_cidr"),
		"ip(string)":                 fallible("rt_ip_parse"),
		"cidr(string)":               fallible("rt_cidr_parse"),
	}
}

// guest is a call of a function of the guest.
func guest(name string, t *policy.Type, place int, fails bool, args ...*ir.Node) *ir.Node {
	return ir.New(ir.Call, t, place, ir.Imm{Func: name, Checked: fails}, args...)
}

// plain is a function of the guest that takes the operands, and then what more is given: constants, and words.
func plain(name string, more ...any) function { return calls(name, false, more) }

// fallible is plain of one that can fail.
func fallible(name string, more ...any) function { return calls(name, true, more) }

func calls(name string, fails bool, more []any) function {
	return func(l *lowerer, e *expr.Call, args []*ir.Node) *ir.Node {
		for _, m := range more {
			switch m := m.(type) {
			case word:
				args = append(args, ir.New(ir.Word, policy.Bool, 0, ir.Imm{N: int(m)}))
			case int64:
				args = append(args, constant(policy.Int, m))
			case string:
				args = append(args, constant(policy.String, m))
			}
		}
		return guest(name, e.Type, l.place(e), fails, args...)
	}
}

// word is a constant of 32 bits, which is the form of a bool.
type word int32

// swapped is of a function that takes its second operand first. They are evaluated as they are written.
func swapped(name string) function {
	return func(l *lowerer, e *expr.Call, args []*ir.Node) *ir.Node {
		return ir.New(ir.Call, e.Type, l.place(e), ir.Imm{Func: name, Checked: true, N: ir.Swapped}, args...)
	}
}

// containsIP asks a constant range in place.
func containsIP(l *lowerer, e *expr.Call, args []*ir.Node) *ir.Node {
	if p, ok := args[0].Value.(netip.Prefix); ok && args[0].Op == ir.Const {
		return ir.New(ir.InRange, policy.Bool, l.place(e), ir.Imm{Value: p}, args[1])
	}
	return plain("rt_cidr_contains_ip")(l, e, args)
}

func boolText(_ *lowerer, e *expr.Call, args []*ir.Node) *ir.Node {
	return ir.New(ir.Cond, policy.String, 0, ir.Imm{}, args[0], constant(e.Type, "true"), constant(e.Type, "false"))
}
