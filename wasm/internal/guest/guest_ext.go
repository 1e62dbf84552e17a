package guest

import "slices"

// extensions are the functions of the language's libraries.
func extensions() []Func {
	return slices.Concat(addresses(), strings(), lists(), encoders(), formats(), programs())
}

func addresses() []Func {
	return []Func{
		{Name: "rt_is_ip", Params: types{i64}, Results: types{i32}, Doc: "str -> bool"},
		{Name: "rt_is_cidr", Params: types{i64}, Results: types{i32}, Doc: "str -> bool"},
		{Name: "rt_cidr_contains_ip_str", Params: types{i32, i64}, Results: types{i32}, Fallible: true, Doc: "cidr, str -> bool"},
		{Name: "rt_cidr_contains_cidr_str", Params: types{i32, i64}, Results: types{i32}, Fallible: true, Doc: "cidr, str -> bool"},
	}
}

func strings() []Func {
	return []Func{
		{Name: "rt_str_char_at", Params: types{i64, i64}, Results: types{i32}, Fallible: true, Doc: "str, place -> str"},
		{Name: "rt_str_from", Params: types{i64, i64}, Results: types{i32}, Fallible: true, Doc: "str, place -> str, from there on"},
		{Name: "rt_str_substring", Params: types{i64, i64, i64}, Results: types{i32}, Fallible: true, Doc: "str, place, place -> str"},
		{Name: "rt_str_index", Params: types{i64, i64, i64}, Results: types{i32}, Fallible: true, Doc: "str, part, from -> int"},
		{Name: "rt_str_last_index", Params: types{i64, i64, i64}, Results: types{i32}, Fallible: true, Doc: "str, part, from -> int"},
		{Name: "rt_str_last", Params: types{i64, i64}, Results: types{i64}, Doc: "str, part -> int: rt_str_last_index from the end"},
		{Name: "rt_str_lower", Params: types{i64}, Results: types{i64}, Doc: "str -> str"},
		{Name: "rt_str_upper", Params: types{i64}, Results: types{i64}, Doc: "str -> str"},
		{Name: "rt_str_trim", Params: types{i64}, Results: types{i64}, Doc: "str -> str"},
		{Name: "rt_str_reverse", Params: types{i64}, Results: types{i64}, Doc: "str -> str"},
		{Name: "rt_str_replace", Params: types{i64, i64, i64, i64}, Results: types{i32}, Fallible: true, Doc: "str, old, by, n -> str; n < 0: all"},
		{Name: "rt_str_split", Params: types{i64, i64, i64}, Results: types{i32}, Fallible: true, Doc: "str, separator, n -> list(str); n < 0: all"},
		{Name: "rt_str_join", Params: types{i64, i64}, Results: types{i32}, Fallible: true, Doc: "list(str), separator -> str"},
		{Name: "rt_str_quote", Params: types{i64}, Results: types{i32}, Fallible: true, Doc: "str -> str: as a literal"},
	}
}

func lists() []Func {
	return []Func{
		{Name: "rt_list_slice", Params: types{i64, i64, i64, i32}, Results: types{i32}, Fallible: true, Doc: "list, place, place, stride -> list"},
		{Name: "rt_list_range", Params: types{i64}, Results: types{i32}, Fallible: true, Doc: "n -> list(int): from 0 up to n"},
		{Name: "rt_list_reverse", Params: types{i64, i32}, Results: types{i64}, Doc: "list, stride -> list"},
		{Name: "rt_list_flatten", Params: types{i64, i32}, Results: types{i32}, Fallible: true, Doc: "list(list), stride of the inner elements -> list"},
		{Name: "rt_list_extreme", Params: types{i64, i32, i32}, Results: types{i32}, Fallible: true, Doc: "list, kind (a Key), least -> the greatest or least number"},
		{Name: "rt_list_sort", Params: types{i64, i32, i32}, Results: types{i32}, Fallible: true, Doc: "list, stride, kind (a Key) -> list"},
		{Name: "rt_list_sort_by", Params: types{i64, i64, i32, i32}, Results: types{i32}, Fallible: true, Doc: "list, list of keys, stride, kind of keys -> list"},
	}
}

func encoders() []Func {
	return []Func{
		{Name: "rt_base64_encode", Params: types{i64}, Results: types{i32}, Fallible: true, Doc: "bytes -> str"},
		{Name: "rt_base64_encode_url", Params: types{i64}, Results: types{i32}, Fallible: true, Doc: "bytes -> str"},
		{Name: "rt_base64_decode", Params: types{i64}, Results: types{i32}, Fallible: true, Doc: "str -> bytes"},
		{Name: "rt_base64_decode_url", Params: types{i64}, Results: types{i32}, Fallible: true, Doc: "str -> bytes"},
	}
}

func formats() []Func {
	return []Func{
		{Name: "rt_str_grow", Params: types{i64, i64}, Results: types{i64}, Doc: "str at the end of the heap, str -> both in one; too long ones are one byte longer than text may be"},
		{Name: "rt_double_plain", Params: types{f64}, Results: types{i64}, Doc: "double -> str: without an exponent"},
		{Name: "rt_double_rounded", Params: types{f64, i32, i32}, Results: types{i64}, Doc: "double, decimals, scientific -> str"},
		{Name: "rt_uint_base", Params: types{i64, i32, i32}, Results: types{i64}, Doc: "uint, shift, upper -> str: in base 1 << shift"},
		{Name: "rt_int_base", Params: types{i64, i32, i32}, Results: types{i64}, Doc: "int, shift, upper -> str"},
		{Name: "rt_print_room", Results: types{i32}, Doc: "-> room for rt_dyn_print"},
		{
			Name: "rt_dyn_print", Params: types{i32, i64, i32, i64, i32, i32}, Results: types{i32},
			Doc: "room, str at the end of the heap, v, verb, decimals -> 1: v has no such text, 2: it may not be UTF-8; leaves the str",
		},
		{Name: "rt_dyn_format", Params: types{i64, i32, i64}, Results: types{i32}, Fallible: true, Doc: "str, list -> str"},
		{Name: "rt_str_hex", Params: types{i64, i32}, Results: types{i64}, Doc: "str or bytes, upper -> str"},
	}
}

// programs are what regular expressions do beyond being found. A program is what package table makes.
func programs() []Func {
	return []Func{
		{Name: "rt_regex_matches", Params: types{i32, i64}, Results: types{i32}, Doc: "program, str -> bool"},
		{Name: "rt_regex_groups", Params: types{i64}, Results: types{i32}, Fallible: true, Doc: "str -> an error: there are too many groups"},
		{Name: "rt_regex_extract", Params: types{i32, i64}, Results: types{i32}, Fallible: true, Doc: "program, str -> optional(str)"},
		{Name: "rt_regex_extract_all", Params: types{i32, i64, i32}, Results: types{i32}, Fallible: true, Doc: "program, str, reach -> list(str)"},
		{Name: "rt_regex_replace", Params: types{i32, i64, i64, i64, i32, i32}, Results: types{i32}, Fallible: true, Doc: "program, str, by, n, reach, groups -> str"},
	}
}
