package ext

import (
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// standard is the library of the CEL specification. Its operators are in the language's reference, not here, but for `+`.
func standard() Library {
	return Library{
		Name:   "standard",
		Doc:    "The standard library of the CEL specification.",
		Macros: []string{"has", "all", "exists", "exists_one", "map", "filter"},
		Funcs: []Func{
			{Name: "_+_", Doc: "a + b: sum; of strings, bytes and lists the one after the other", Makes: addMakes},
			{Name: "bool", Doc: "bool(string) -> bool: 'true', 'false', and their short forms"},
			{Name: "bytes", Doc: "bytes(string) -> bytes: its UTF-8"},
			{Name: "contains", Doc: "string.contains(string) -> bool"},
			{Name: "double", Doc: "double(int | uint | string) -> double"},
			{Name: "duration", Doc: "duration(string) -> duration: '90s', '1h30m'"},
			{Name: "dyn", Doc: "dyn(any) -> dyn: the value, its type unknown to the checker"},
			{Name: "endsWith", Doc: "string.endsWith(string) -> bool"},
			{Name: "getDate", Doc: "timestamp.getDate([zone]) -> int: day of the month, from 1"},
			{Name: "getDayOfMonth", Doc: "timestamp.getDayOfMonth([zone]) -> int: day of the month, from 0"},
			{Name: "getDayOfWeek", Doc: "timestamp.getDayOfWeek([zone]) -> int: Sunday is 0"},
			{Name: "getDayOfYear", Doc: "timestamp.getDayOfYear([zone]) -> int: from 0"},
			{Name: "getFullYear", Doc: "timestamp.getFullYear([zone]) -> int"},
			{Name: "getHours", Doc: "timestamp.getHours([zone]), duration.getHours() -> int"},
			{Name: "getMilliseconds", Doc: "timestamp.getMilliseconds([zone]), duration.getMilliseconds() -> int"},
			{Name: "getMinutes", Doc: "timestamp.getMinutes([zone]), duration.getMinutes() -> int"},
			{Name: "getMonth", Doc: "timestamp.getMonth([zone]) -> int: January is 0"},
			{Name: "getSeconds", Doc: "timestamp.getSeconds([zone]), duration.getSeconds() -> int"},
			{Name: "int", Doc: "int(uint | double | string | timestamp | duration) -> int"},
			{Name: "matches", Doc: "string.matches(regex) -> bool: found anywhere in it; RE2, constant"},
			{Name: "size", Doc: "size(string | bytes | list | map) -> int: code points, bytes, elements, entries"},
			{Name: "startsWith", Doc: "string.startsWith(string) -> bool"},
			{Name: "string", Doc: "string(bool | int | uint | double | bytes | timestamp | duration) -> string"},
			{Name: "timestamp", Doc: "timestamp(string | int) -> timestamp: RFC 3339, or Unix seconds"},
			{Name: "type", Doc: "type(any) -> type"},
			{Name: "uint", Doc: "uint(int | double | string) -> uint"},
		},
	}
}

func addMakes(args []ref.Val) Made {
	if len(args) != 2 {
		return Made{}
	}
	switch a := args[0].(type) {
	case types.String:
		if b, ok := args[1].(types.String); ok {
			return Made{Bytes: len(a) + len(b)}
		}
	case types.Bytes:
		if b, ok := args[1].(types.Bytes); ok {
			return Made{Bytes: len(a) + len(b)}
		}
	case traits.Lister:
		if b, ok := args[1].(traits.Lister); ok {
			return Made{Elements: length(a) + length(b)}
		}
	}
	return Made{}
}

// length is the number of entries of a list or map.
func length(v traits.Sizer) int {
	n, _ := v.Size().(types.Int)
	return int(n)
}
