package ext

import (
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// standard is the library of the CEL specification. Its operators are in the language's reference, not here, but for `+`.
func standard() Library {
	return Library{
		Name: "standard",
		Doc:  "The standard library of the CEL specification.",
		Macros: []Macro{
			{Name: "all", Doc: "list.all(x, predicate) -> bool: it holds of every element, of a map of every key", Example: "[1, 2].all(x, x > 0)", On: collections()},
			{Name: "exists", Doc: "list.exists(x, predicate) -> bool: it holds of an element, of a map of a key", Example: "[1, 2].exists(x, x > 1)", On: collections()},
			{Name: "exists_one", Doc: "list.exists_one(x, predicate) -> bool: it holds of exactly one element", Example: "[1, 2].exists_one(x, x > 1)", On: collections()},
			{Name: "filter", Doc: "list.filter(x, predicate) -> list: the elements of which it holds", Example: "[1, 2, 3].filter(x, x > 1) == [2, 3]", On: collections()},
			{Name: "has", Doc: "has(signal.attribute) -> bool: it is there; of a signal alone too", Example: "!has({'a': 1}.b)"},
			{Name: "map", Doc: "list.map(x, [predicate,] value) -> list: the value for each element (of which the predicate holds)", Example: "[1, 2].map(x, x * 2) == [2, 4]", On: collections()},
		},
		Funcs: []Func{
			{Name: "_+_", Doc: "a + b: sum; of strings, bytes and lists the one after the other", Example: "1 + 2 == 3 && 'a' + 'b' == 'ab' && [1] + [2] == [1, 2]", Makes: addMakes},
			{Name: "bool", Doc: "bool(string) -> bool: 'true', 'false', and their short forms", Example: "bool('true')"},
			{Name: "bytes", Doc: "bytes(string) -> bytes: its UTF-8", Example: "bytes('é') == b'\\xc3\\xa9'"},
			{Name: "contains", Doc: "string.contains(string) -> bool", Example: "'transfer.create'.contains('.')"},
			{Name: "double", Doc: "double(int | uint | string) -> double", Example: "double('1.5') == 1.5"},
			{Name: "duration", Doc: "duration(string) -> duration: '90s', '1h30m'", Example: "duration('1h30m') == duration('90m')"},
			{Name: "dyn", Doc: "dyn(any) -> dyn: the value, its type unknown to the checker", Example: "dyn(1) == 1.0"},
			{Name: "endsWith", Doc: "string.endsWith(string) -> bool", Example: "'transfer.create'.endsWith('create')"},
			{Name: "getDate", Doc: "timestamp.getDate([zone]) -> int: day of the month, from 1", Example: "timestamp('2026-11-20T12:30:00Z').getDate() == 20"},
			{Name: "getDayOfMonth", Doc: "timestamp.getDayOfMonth([zone]) -> int: day of the month, from 0", Example: "timestamp('2026-11-20T12:30:00Z').getDayOfMonth() == 19"},
			{Name: "getDayOfWeek", Doc: "timestamp.getDayOfWeek([zone]) -> int: Sunday is 0", Example: "timestamp('2026-11-20T12:30:00Z').getDayOfWeek('Europe/Paris') == 5"},
			{Name: "getDayOfYear", Doc: "timestamp.getDayOfYear([zone]) -> int: from 0", Example: "timestamp('2026-01-01T00:00:00Z').getDayOfYear() == 0"},
			{Name: "getFullYear", Doc: "timestamp.getFullYear([zone]) -> int", Example: "timestamp('2026-11-20T12:30:00Z').getFullYear() == 2026"},
			{Name: "getHours", Doc: "timestamp.getHours([zone]), duration.getHours() -> int", Example: "timestamp('2026-11-20T12:30:00Z').getHours('Europe/Paris') == 13 && duration('90m').getHours() == 1"},
			{Name: "getMilliseconds", Doc: "timestamp.getMilliseconds([zone]), duration.getMilliseconds() -> int", Example: "timestamp('2026-11-20T12:30:00.25Z').getMilliseconds() == 250"},
			{Name: "getMinutes", Doc: "timestamp.getMinutes([zone]), duration.getMinutes() -> int", Example: "timestamp('2026-11-20T12:30:00Z').getMinutes() == 30 && duration('90m').getMinutes() == 90"},
			{Name: "getMonth", Doc: "timestamp.getMonth([zone]) -> int: January is 0", Example: "timestamp('2026-11-20T12:30:00Z').getMonth() == 10"},
			{Name: "getSeconds", Doc: "timestamp.getSeconds([zone]), duration.getSeconds() -> int", Example: "duration('90m').getSeconds() == 5400"},
			{Name: "int", Doc: "int(uint | double | string | timestamp | duration) -> int", Example: "int(1.9) == 1 && int('42') == 42"},
			{Name: "matches", Doc: "string.matches(regex) -> bool: found anywhere in it; RE2, constant", Example: "'AB-123'.matches('^[A-Z]{2}-[0-9]+$')"},
			{Name: "size", Doc: "size(string | bytes | list | map) -> int: code points, bytes, elements, entries", Example: "size('été') == 3 && [1, 2].size() == 2"},
			{Name: "startsWith", Doc: "string.startsWith(string) -> bool", Example: "'transfer.create'.startsWith('transfer.')"},
			{Name: "string", Doc: "string(bool | int | uint | double | bytes | timestamp | duration) -> string", Example: "string(1) == '1' && string(duration('90s')) == '90s'"},
			{Name: "timestamp", Doc: "timestamp(string | int) -> timestamp: RFC 3339, or Unix seconds", Example: "timestamp('2026-11-20T12:30:00Z') < timestamp('2026-11-21T00:00:00Z')"},
			{Name: "type", Doc: "type(any) -> type", Example: "type(1) == int"},
			{Name: "uint", Doc: "uint(int | double | string) -> uint", Example: "uint(3) == 3u"},
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
