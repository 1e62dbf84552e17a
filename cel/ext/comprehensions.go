package ext

import (
	"cel.dev/cel-go/cel"
	celext "cel.dev/cel-go/ext"
)

// comprehensions is the macros with two variables: index and element, or key and value.
func comprehensions() Library {
	return Library{
		Name:    "comprehensions",
		Doc:     "Macros with two variables: index and element of a list, key and value of a map.",
		Options: []cel.EnvOption{celext.TwoVarComprehensions()},
		Macros: []Macro{
			{Name: "all", Doc: "list.all(i, x, predicate) -> bool: of every index and element, of a map of every key and value", Example: "[1, 2].all(i, x, x == i + 1)", On: collections()},
			{Name: "exists", Doc: "list.exists(i, x, predicate) -> bool: of some index and element, of a map of some key and value", Example: "{'a': 1}.exists(k, v, k == 'a' && v == 1)", On: collections()},
			{Name: "existsOne", Doc: "list.existsOne(i, x, predicate) -> bool: of exactly one", Example: "[1, 2].existsOne(i, x, i == 0)", On: collections()},
			{Name: "transformList", Doc: "list.transformList(i, x, [predicate,] value) -> list: the value for each (of which the predicate holds)", Example: "[1, 2].transformList(i, x, i * x) == [0, 2]", On: collections()},
			{Name: "transformMap", Doc: "map.transformMap(k, v, [predicate,] value) -> map: with the value under the same key", Example: "{'a': 1}.transformMap(k, v, v + 1) == {'a': 2}", On: collections()},
			{Name: "transformMapEntry", Doc: "map.transformMapEntry(k, v, [predicate,] {key: value}) -> map: with an entry for each", Example: "{'a': 1}.transformMapEntry(k, v, {v: k}) == {1: 'a'}", On: collections()},
		},
	}
}
