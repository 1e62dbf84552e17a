// Package guest is the runtime that compiled conditions call: text, numbers, time, addresses and maps, and the parts of a decision that
// are the same for all policies, written in C.
//
// The object is checked in, so that nobody needs a C compiler; `make guest` makes it anew, and CI compares. The linker takes from it
// what a module calls and nothing else. Every function comes to what Rung's native engine comes to, to the bit.
package guest

import (
	_ "embed" // rt.o
	"slices"
	"sync"

	"github.com/rungpolicy/rung/wasm/internal/binary"
	"github.com/rungpolicy/rung/wasm/internal/link"
)

//go:generate sh build.sh rt.o

//go:embed rt.o
var object []byte

// Object returns the runtime, read. It may be linked any number of times, at once too.
func Object() (*link.Object, error) {
	parsed.once.Do(func() { parsed.object, parsed.err = link.ParseObject(object) })
	return parsed.object, parsed.err
}

// parsed is the runtime, once it was read. It is no sync.OnceValues: that would be made when a program starts, and so be linked where nobody builds modules.
var parsed struct {
	once   sync.Once
	object *link.Object
	err    error
}

// Names that the runtime and the compiler share.
const (
	// Heap is the global, an i32 that the compiler defines, where free memory begins. It is set back after each condition.
	Heap = "rt_heap"
	// Out is where functions that can fail leave their results: four words of 64 bits.
	Out = "rt_out"
	// Acr is the compiler's function str -> i32: the place of the level that an acr proves, 0 if none does.
	Acr = "rt_acr"
	// Method is the compiler's function str -> i32: the bit of a method, -1 if the policy does not name it.
	Method = "rt_method"
	// Touched is the compiler's global, an i64: the lazy signals that the last condition touched, where it is pending.
	Touched = "rt_touched"
	// Stands is the compiler's global, an i32: what rules have come to, 0 if none applies or is pending.
	Stands = "rt_stands"
	// Fault is the compiler's global, an i32: the error of the rollout of the rule that is handed over next.
	Fault = "rt_fault"
	// DecideJSON is the entry for texts: it calls three functions that the compiler defines, rt_decide, rt_read_bytes and rt_read_cidr, and reads what package table makes for
	// it.
	DecideJSON = "rt_decide_json"
)

// Decision are the names of the data that the compiler defines for decisions: their state, in pieces, and the ladder. Package table makes them.
func Decision() []string {
	return []string{"rt_state", "rt_ladder", "rt_sets", "rt_groups", "rt_pending", "rt_faults"}
}

// Func is a function that compiled code may call. A str is an i64, its length above its address; a list likewise, with its count.
type Func struct {
	Name            string
	Params, Results []binary.ValType
	// Fallible says that the function returns 0, or the code of an error, and leaves its result in Out.
	Fallible bool
	// Doc says what it does, with names for the parameters.
	Doc string
}

// Funcs returns all of them, in the order of the sources.
func Funcs() []Func {
	return slices.Concat(memory(), text(), numbers(), conversions(), timestamps(), durations(), network(), predicates(), maps(), dynamic(), sets(), decisions(), extensions())
}

// The types, in words short enough for a table.
const (
	i32 = binary.I32
	i64 = binary.I64
	f64 = binary.F64
)

type types = []binary.ValType

func memory() []Func {
	return []Func{
		{Name: "rt_alloc", Params: types{i32}, Results: types{i32}, Doc: "n -> address of n bytes, aligned to 8; traps where there are none"},
		{Name: "rt_copy", Params: types{i32, i32, i32}, Doc: "to, from, n: copies n bytes; the two do not overlap"},
		{Name: "rt_fill", Params: types{i32, i32, i32}, Doc: "to, byte, n: sets n bytes"},
	}
}

func text() []Func {
	return []Func{
		{Name: "rt_str_eq", Params: types{i64, i64}, Results: types{i32}, Doc: "str, str -> bool; of bytes too"},
		{Name: "rt_str_cmp", Params: types{i64, i64}, Results: types{i32}, Doc: "str, str -> -1, 0, 1: bytewise; of bytes too"},
		{Name: "rt_list_has", Params: types{i64, i64}, Results: types{i32}, Doc: "list(str), str -> bool"},
		{Name: "rt_str_contains", Params: types{i64, i64}, Results: types{i32}, Doc: "str, part -> bool"},
		{Name: "rt_str_starts", Params: types{i64, i64}, Results: types{i32}, Doc: "str, part -> bool"},
		{Name: "rt_str_ends", Params: types{i64, i64}, Results: types{i32}, Doc: "str, part -> bool"},
		{Name: "rt_str_size", Params: types{i64}, Results: types{i64}, Doc: "str -> its code points; a byte that is no UTF-8 is one"},
		{Name: "rt_str_concat", Params: types{i64, i64}, Results: types{i32}, Fallible: true, Doc: "str, str -> str"},
		{Name: "rt_bytes_concat", Params: types{i64, i64}, Results: types{i32}, Fallible: true, Doc: "bytes, bytes -> bytes"},
		{Name: "rt_bytes_to_str", Params: types{i64}, Results: types{i32}, Fallible: true, Doc: "bytes -> str"},
		{Name: "rt_utf8_valid", Params: types{i64}, Results: types{i32}, Doc: "bytes -> bool"},
		{Name: "rt_find", Params: types{i64, i64, i32}, Results: types{i32}, Doc: "str, part, from -> where part is, in bytes, not before from; -1: nowhere"},
		{Name: "rt_rune", Params: types{i32, i32}, Results: types{i32}, Doc: "address, n > 0 -> the code point there, its length << 24"},
	}
}

func numbers() []Func {
	return []Func{
		{Name: "rt_mul_i64", Params: types{i64, i64}, Results: types{i32}, Fallible: true, Doc: "int, int -> int"},
		{Name: "rt_mul_u64", Params: types{i64, i64}, Results: types{i32}, Fallible: true, Doc: "uint, uint -> uint"},
		{Name: "rt_double_to_int", Params: types{f64}, Results: types{i32}, Fallible: true, Doc: "double -> int"},
		{Name: "rt_double_to_uint", Params: types{f64}, Results: types{i32}, Fallible: true, Doc: "double -> uint"},
	}
}

func conversions() []Func {
	return []Func{
		{Name: "rt_int_to_str", Params: types{i64}, Results: types{i64}, Doc: "int -> str"},
		{Name: "rt_uint_to_str", Params: types{i64}, Results: types{i64}, Doc: "uint -> str"},
		{Name: "rt_double_to_str", Params: types{f64}, Results: types{i64}, Doc: "double -> str: the fewest digits that are read back as it"},
		{Name: "rt_str_to_int", Params: types{i64}, Results: types{i32}, Fallible: true, Doc: "str -> int"},
		{Name: "rt_str_to_uint", Params: types{i64}, Results: types{i32}, Fallible: true, Doc: "str -> uint"},
		{Name: "rt_str_to_double", Params: types{i64}, Results: types{i32}, Fallible: true, Doc: "str -> double, as its bits"},
		{Name: "rt_str_to_bool", Params: types{i64}, Results: types{i32}, Fallible: true, Doc: "str -> bool"},
	}
}

func timestamps() []Func {
	return []Func{
		{Name: "rt_ts_parse", Params: types{i64}, Results: types{i32}, Fallible: true, Doc: "str -> timestamp"},
		{Name: "rt_ts_to_str", Params: types{i64, i64}, Results: types{i64}, Doc: "timestamp -> str"},
		{Name: "rt_ts_cmp", Params: types{i64, i64, i64, i64}, Results: types{i32}, Doc: "timestamp, timestamp -> -1, 0, 1"},
		{Name: "rt_ts_add", Params: types{i64, i64, i64}, Results: types{i32}, Fallible: true, Doc: "timestamp, duration -> timestamp"},
		{Name: "rt_ts_sub_dur", Params: types{i64, i64, i64}, Results: types{i32}, Fallible: true, Doc: "timestamp, duration -> timestamp"},
		{Name: "rt_ts_diff", Params: types{i64, i64, i64, i64}, Results: types{i32}, Fallible: true, Doc: "timestamp, timestamp -> duration"},
		{Name: "rt_ts_from_int", Params: types{i64}, Results: types{i32}, Fallible: true, Doc: "int -> timestamp"},
		{Name: "rt_ts_get", Params: types{i32, i64, i64, i32}, Results: types{i64}, Doc: "which (a Getter), timestamp, zone -> int; zone 0 is UTC"},
		{Name: "rt_zone_parse", Params: types{i64}, Results: types{i32}, Fallible: true, Doc: "str -> zone: of one that is no constant"},
	}
}

func durations() []Func {
	return []Func{
		{Name: "rt_dur_parse", Params: types{i64}, Results: types{i32}, Fallible: true, Doc: "str -> duration"},
		{Name: "rt_dur_to_str", Params: types{i64}, Results: types{i64}, Doc: "duration -> str"},
		{Name: "rt_dur_add", Params: types{i64, i64}, Results: types{i32}, Fallible: true, Doc: "duration, duration -> duration"},
		{Name: "rt_dur_sub", Params: types{i64, i64}, Results: types{i32}, Fallible: true, Doc: "duration, duration -> duration"},
		{Name: "rt_dur_get", Params: types{i32, i64}, Results: types{i64}, Doc: "which (a Getter, from GetHours on), duration -> int"},
	}
}

func network() []Func {
	return []Func{
		{Name: "rt_ip_eq", Params: types{i32, i32}, Results: types{i32}, Doc: "ip, ip -> bool"},
		{Name: "rt_cidr_eq", Params: types{i32, i32}, Results: types{i32}, Doc: "cidr, cidr -> bool"},
		{Name: "rt_cidr_contains_ip", Params: types{i32, i32}, Results: types{i32}, Doc: "cidr, ip -> bool"},
		{Name: "rt_cidr_contains_cidr", Params: types{i32, i32}, Results: types{i32}, Doc: "cidr, part -> bool"},
		{Name: "rt_ip_parse", Params: types{i64}, Results: types{i32}, Fallible: true, Doc: "str -> ip"},
		{Name: "rt_cidr_parse", Params: types{i64}, Results: types{i32}, Fallible: true, Doc: "str -> cidr"},
		{Name: "rt_ip_to_str", Params: types{i32}, Results: types{i64}, Doc: "ip -> str"},
		{Name: "rt_cidr_to_str", Params: types{i32}, Results: types{i64}, Doc: "cidr -> str"},
	}
}

func predicates() []Func {
	return []Func{
		{Name: "rt_ip_family", Params: types{i32}, Results: types{i64}, Doc: "ip -> 4 or 6"},
		{Name: "rt_ip_is", Params: types{i32, i32}, Results: types{i32}, Doc: "ip, what (an Is) -> bool"},
		{Name: "rt_ip_is_canonical", Params: types{i64}, Results: types{i32}, Fallible: true, Doc: "str -> bool"},
		{Name: "rt_cidr_prefix_length", Params: types{i32}, Results: types{i64}, Doc: "cidr -> int"},
		{Name: "rt_cidr_ip", Params: types{i32}, Results: types{i32}, Doc: "cidr -> ip"},
		{Name: "rt_cidr_masked", Params: types{i32}, Results: types{i32}, Doc: "cidr -> cidr"},
		{Name: "rt_cidr_is_mask", Params: types{i32}, Results: types{i32}, Doc: "cidr -> bool"},
	}
}

func maps() []Func {
	return []Func{
		{
			Name: "rt_map_seal", Params: types{i32, i32, i32, i32, i32, i32, i32}, Results: types{i32}, Fallible: true,
			Doc: "n, keys, values, stride, kind (a Key), unique, present -> map, of entries as they were written",
		},
		{Name: "rt_map_find", Params: types{i32, i64, i32}, Results: types{i32}, Doc: "map, key, kind (a Key) -> the entry's number, -1: none"},
	}
}

// dynamic are functions of values whose type is known only at run time, each a tag (package abi) and 64 bits. A part that is looked for is left as its tag and
// value, or, where the name ends in opt or unwrap, as whether it is there, its tag and value.
func dynamic() []Func {
	one, two := types{i32, i64}, types{i32, i64, i32, i64}
	return []Func{
		{Name: "rt_dyn_eq", Params: two, Results: types{i32}, Fallible: true, Doc: "a, b -> bool"},
		{Name: "rt_dyn_is", Params: two, Results: types{i32}, Doc: "a, b -> bool, however many parts they have"},
		{Name: "rt_dyn_cross", Params: two, Results: types{i32}, Fallible: true, Doc: "list, list: limit, where to compare each element with each is too much"},
		{Name: "rt_dyn_flatten", Params: types{i32, i64, i64}, Results: types{i32}, Fallible: true, Doc: "list, depth -> list(any)"},
		{Name: "rt_dyn_max", Params: types{i32, i64, i32, i64, i32}, Results: types{i32}, Fallible: true, Doc: "number, number, least -> the greater, or the lesser"},
		{Name: "rt_dyn_extreme", Params: types{i32, i64, i32}, Results: types{i32}, Fallible: true, Doc: "list or number, least -> the greatest, or the least"},
		{Name: "rt_dyn_texts", Params: one, Results: types{i32}, Fallible: true, Doc: "list -> list(string)"},
		{Name: "rt_dyn_sort", Params: two, Results: types{i32}, Fallible: true, Doc: "list, keys -> list(any)"},
		{Name: "rt_dyn_has_value", Params: two, Results: types{i32}, Fallible: true, Doc: "optional, v -> bool: it is there, and equals v"},
		{Name: "rt_dyn_in", Params: two, Results: types{i32}, Fallible: true, Doc: "x, list or map -> bool"},
		{Name: "rt_dyn_cmp", Params: two, Results: types{i32}, Doc: "a, b -> -1, 0, 1; 2: one is NaN; 8 (no_such_overload): they have no order"},
		{Name: "rt_dyn_unwrap", Params: one, Results: types{i32}, Fallible: true, Doc: "optional -> its value"},
		{Name: "rt_dyn_opt", Params: two, Results: types{i32}, Fallible: true, Doc: "v, key -> v[?key]"},
		{Name: "rt_dyn_get", Params: two, Results: types{i32}, Fallible: true, Doc: "v, key -> v[key]"},
		{Name: "rt_dyn_select", Params: types{i32, i64, i64, i32}, Results: types{i32}, Fallible: true, Doc: "v, names, n -> v.a.b, the names from n on optional"},
		{Name: "rt_dyn_select_opt", Params: types{i32, i64, i64, i32}, Results: types{i32}, Fallible: true, Doc: "v, names, n -> v.a.?b"},
		{Name: "rt_dyn_size", Params: one, Results: types{i64}, Doc: "v -> its size, -1: it has none"},
		{Name: "rt_dyn_count", Params: one, Results: types{i32}, Doc: "v -> how many elements or entries, -1: it is no list or map"},
		{Name: "rt_dyn_nth", Params: types{i32, i64, i32}, Doc: "list or map, i: leaves element or key i"},
		{Name: "rt_dyn_nth_value", Params: types{i32, i64, i32}, Doc: "map, i: leaves value i"},
		{Name: "rt_dyn_list", Params: one, Results: types{i64}, Doc: "list -> list(any)"},
		{Name: "rt_dyn_join", Params: two, Results: types{i32}, Fallible: true, Doc: "list, list -> list"},
		{Name: "rt_dyn_zero", Params: one, Results: types{i32}, Doc: "v -> bool: it is the zero value of its type"},
		{Name: "rt_dyn_is_key", Params: types{i32, i64}, Results: types{i32}, Doc: "value -> bool: it may be a map's key"},
		{
			Name: "rt_dyn_seal", Params: types{i32, i32, i32, i32, i32, i32}, Results: types{i32}, Fallible: true,
			Doc: "n, keys, values, stride, unique, present -> map of keys of any kinds",
		},
	}
}

// sets are lookups in constant data, which package table makes, and searches by patterns.
func sets() []Func {
	return []Func{
		{Name: "rt_in_strs", Params: types{i32, i64}, Results: types{i32}, Doc: "set, str or bytes -> bool"},
		{Name: "rt_in_ints", Params: types{i32, i64}, Results: types{i32}, Doc: "set, int, uint, duration, or the bits of a double -> bool"},
		{Name: "rt_in_times", Params: types{i32, i64, i64}, Results: types{i32}, Doc: "set, timestamp -> bool"},
		{Name: "rt_in_ips", Params: types{i32, i32}, Results: types{i32}, Doc: "set, ip -> bool"},
		{Name: "rt_in_ip4s", Params: types{i32, i32}, Results: types{i32}, Doc: "of ranges of IPv4 alone: set, ip -> bool"},
		{Name: "rt_dfa", Params: types{i32, i64}, Results: types{i32}, Doc: "pattern, str -> bool"},
	}
}

// decisions work on the state of a decision and the ladder. A rule is what table.Rule makes; a result that of its condition. They call two functions that the
// compiler defines, [Acr] and [Method], and use globals of its, [Touched], [Stands], [Fault].
func decisions() []Func {
	return []Func{
		{Name: "rt_evidence", Params: types{i32}, Results: types{i32}, Doc: "record -> the place of the session's level: begins a decision with what the session proves"},
		{Name: "rt_meets", Params: types{i32, i64, i64}, Results: types{i32}, Doc: "level, limit, methods -> bool: one piece of evidence meets all"},
		{Name: "rt_deny", Params: types{i32, i32}, Doc: "result, rule: of a deny rule"},
		{Name: "rt_step", Params: types{i32, i32, i64, i64}, Doc: "result, rule, max_age, methods: of a step_up rule"},
		{Name: "rt_step_plain", Params: types{i32, i32, i64}, Doc: "result, rule, max_age: of one without methods and rollout"},
		{Name: "rt_settle", Params: types{i32}, Results: types{i32}, Doc: "record -> bool: the rules that are met are to be looked at too; else there is an effect"},
		{Name: "rt_trial", Params: types{i32, i32}, Doc: "result, rule: of a rule on trial"},
		{Name: "rt_rolled", Params: types{i32, i64}, Results: types{i32}, Doc: "rollout, str -> bool: the subject is in it"},
	}
}

// Getters of timestamps, and from GetHours on of durations: numbers for rt_ts_get and rt_dur_get.
const (
	GetFullYear = iota
	GetMonth
	GetDate
	GetDayOfMonth
	GetDayOfWeek
	GetDayOfYear
	GetHours
	GetMinutes
	GetSeconds
	GetMilliseconds
)

// What rt_ip_is tells of an address.
const (
	IsUnspecified = iota
	IsLoopback
	IsLinkLocalUnicast
	IsLinkLocalMulticast
	IsGlobalUnicast
)

// Kinds of a map's keys.
const (
	KeyString = iota
	KeyInt
	KeyUint
	KeyBool
	KeyDouble
	KeyTime // for order alone
)
