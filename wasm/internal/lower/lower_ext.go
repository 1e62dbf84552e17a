package lower

import (
	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/wasm/internal/ir"
)

// extensionFunctions are those of the language's libraries, by [signature]: a method's receiver is its first operand.
func extensionFunctions() map[string]function {
	return map[string]function{
		"charAt(string, int)":                  fallible("rt_str_char_at"),
		"indexOf(string, string)":              fallible("rt_str_index", int64(0)),
		"indexOf(string, string, int)":         fallible("rt_str_index"),
		"lastIndexOf(string, string)":          plain("rt_str_last"),
		"lastIndexOf(string, string, int)":     fallible("rt_str_last_index"),
		"lowerAscii(string)":                   plain("rt_str_lower"),
		"upperAscii(string)":                   plain("rt_str_upper"),
		"trim(string)":                         plain("rt_str_trim"),
		"reverse(string)":                      plain("rt_str_reverse"),
		"replace(string, string, string)":      fallible("rt_str_replace", int64(-1)),
		"replace(string, string, string, int)": fallible("rt_str_replace"),
		"split(string, string)":                fallible("rt_str_split", int64(-1)),
		"split(string, string, int)":           fallible("rt_str_split"),
		"join(list)":                           fallible("rt_str_join", ""),
		"join(list, string)":                   fallible("rt_str_join"),
		"substring(string, int)":               fallible("rt_str_from"),
		"substring(string, int, int)":          fallible("rt_str_substring"),
		"strings.quote(string)":                fallible("rt_str_quote"),

		"format(string, list)": computedFormat,

		// Of operands other than the pattern.
		"regex.extract(string)":              extract,
		"regex.extractAll(string)":           extractAll,
		"regex.replace(string, string)":      regexReplace,
		"regex.replace(string, string, int)": regexReplace,

		"lists.range(int)": fallible("rt_list_range"),

		"base64.decode(string)":    fallible("rt_base64_decode"),
		"base64.decodeUrl(string)": fallible("rt_base64_decode_url"),
		"base64.encode(bytes)":     fallible("rt_base64_encode"),
		"base64.encodeUrl(bytes)":  fallible("rt_base64_encode_url"),

		"containsIP(cidr, string)":   fallible("rt_cidr_contains_ip_str"),
		"containsCIDR(cidr, string)": fallible("rt_cidr_contains_cidr_str"),
		"family(ip)":                 plain("rt_ip_family"),
		"ip(cidr)":                   plain("rt_cidr_ip"),
		"ip.isCanonical(string)":     fallible("rt_ip_is_canonical"),
		"isCIDR(string)":             plain("rt_is_cidr"),
		"isIP(string)":               plain("rt_is_ip"),
		"isUnspecified(ip)":          plain("rt_ip_is", isUnspecified),
		"isLoopback(ip)":             plain("rt_ip_is", isLoopback),
		"isLinkLocalUnicast(ip)":     plain("rt_ip_is", isLinkLocalUnicast),
		"isLinkLocalMulticast(ip)":   plain("rt_ip_is", isLinkLocalMulticast),
		"isGlobalUnicast(ip)":        plain("rt_ip_is", isGlobalUnicast),
		"isMask(cidr)":               plain("rt_cidr_is_mask"),
		"masked(cidr)":               plain("rt_cidr_masked"),
		"prefixLength(cidr)":         plain("rt_cidr_prefix_length"),
		"string(ip)":                 plain("rt_ip_to_str"),
		"string(cidr)":               plain("rt_cidr_to_str"),

		"math.@max(int)": operand, "math.@max(uint)": operand, "math.@max(double)": operand,
		"math.@min(int)": operand, "math.@min(uint)": operand, "math.@min(double)": operand,
		"math.@max(int, int)": math(ir.MathMax), "math.@max(uint, uint)": math(ir.MathMax), "math.@max(double, double)": mathChecked(ir.MathMax),
		"math.@min(int, int)": math(ir.MathMin), "math.@min(uint, uint)": math(ir.MathMin), "math.@min(double, double)": mathChecked(ir.MathMin),
		"math.abs(int)": mathChecked(ir.MathAbs), "math.abs(uint)": operand, "math.abs(double)": math(ir.MathAbs),
		"math.sign(int)": math(ir.MathSign), "math.sign(uint)": math(ir.MathSign), "math.sign(double)": math(ir.MathSign),
		"math.sqrt(int)": math(ir.MathSqrt), "math.sqrt(uint)": math(ir.MathSqrt), "math.sqrt(double)": math(ir.MathSqrt),
		"math.ceil(double)":             math(ir.MathCeil),
		"math.floor(double)":            math(ir.MathFloor),
		"math.trunc(double)":            math(ir.MathTrunc),
		"math.round(double)":            math(ir.MathRound),
		"math.isNaN(double)":            math(ir.MathIsNaN),
		"math.isInf(double)":            math(ir.MathIsInf),
		"math.isFinite(double)":         math(ir.MathIsFinite),
		"math.bitAnd(int, int)":         math(ir.MathAnd),
		"math.bitAnd(uint, uint)":       math(ir.MathAnd),
		"math.bitOr(int, int)":          math(ir.MathOr),
		"math.bitOr(uint, uint)":        math(ir.MathOr),
		"math.bitXor(int, int)":         math(ir.MathXor),
		"math.bitXor(uint, uint)":       math(ir.MathXor),
		"math.bitNot(int)":              math(ir.MathNot),
		"math.bitNot(uint)":             math(ir.MathNot),
		"math.bitShiftLeft(int, int)":   mathChecked(ir.MathShiftLeft),
		"math.bitShiftLeft(uint, int)":  mathChecked(ir.MathShiftLeft),
		"math.bitShiftRight(int, int)":  mathChecked(ir.MathShiftRight),
		"math.bitShiftRight(uint, int)": mathChecked(ir.MathShiftRight),
	}
}

// What the guest's rt_ip_is tells of an address.
const (
	isUnspecified = word(iota)
	isLoopback
	isLinkLocalUnicast
	isLinkLocalMulticast
	isGlobalUnicast
)

// operand is a function that does nothing.
func operand(_ *lowerer, _ *expr.Call, args []*ir.Node) *ir.Node { return args[0] }

func math(fn ir.MathFn) function { return mathOf(fn, false) }

func mathChecked(fn ir.MathFn) function { return mathOf(fn, true) }

func mathOf(fn ir.MathFn, checked bool) function {
	return func(l *lowerer, e *expr.Call, args []*ir.Node) *ir.Node {
		return ir.New(ir.Math, e.Type, l.place(e), ir.Imm{N: int(fn), Checked: checked}, args...)
	}
}

// computedFormat is format of operands that were found to be a text and a list.
func computedFormat(l *lowerer, e *expr.Call, args []*ir.Node) *ir.Node {
	return l.computedFormat(e, args)
}
