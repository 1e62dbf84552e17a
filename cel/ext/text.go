package ext

import (
	"strings"
	"unicode/utf8"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	celext "cel.dev/cel-go/ext"

	"github.com/rungpolicy/rung/policy"
)

// text is upstream's `strings`. Places in a string count code points.
func text() Library {
	return Library{
		Name:    "strings",
		Doc:     "What is done with text.",
		Options: []cel.EnvOption{celext.Strings()},
		Funcs: []Func{
			{Name: "charAt", Doc: "string.charAt(int) -> string: '' at the end", Example: "'abc'.charAt(1) == 'b'"},
			{Name: "format", Doc: "string.format(list) -> string: %s %d %f %e %b %o %x %X %%", Example: "'%s: %d'.format(['count', 3]) == 'count: 3'", Makes: formatMakes},
			{Name: "indexOf", Doc: "string.indexOf(string[, from]) -> int: -1 if it is not there", Example: "'a.b.c'.indexOf('.') == 1"},
			{Name: "join", Doc: "list(string).join([separator]) -> string", Example: "['a', 'b'].join('-') == 'a-b'", Makes: joinMakes},
			{Name: "lastIndexOf", Doc: "string.lastIndexOf(string[, from]) -> int: -1 if it is not there", Example: "'a.b.c'.lastIndexOf('.') == 3"},
			{Name: "lowerAscii", Doc: "string.lowerAscii() -> string: A to Z alone", Example: "'ABC'.lowerAscii() == 'abc'"},
			{Name: "replace", Doc: "string.replace(old, new[, count]) -> string", Example: "'a-b-c'.replace('-', '+', 1) == 'a+b-c'", Makes: replaceMakes},
			{Name: "reverse", Doc: "string.reverse() -> string", Example: "'abc'.reverse() == 'cba'"},
			{Name: "split", Doc: "string.split(separator[, count]) -> list(string)", Example: "'a,b,c'.split(',') == ['a', 'b', 'c']", Makes: splitMakes},
			{Name: "strings.quote", Doc: "strings.quote(string) -> string: as a literal", Example: "strings.quote('a\\nb') == '\"a\\\\nb\"'", Makes: quoteMakes},
			{Name: "substring", Doc: "string.substring(from[, to]) -> string", Example: "'abcdef'.substring(2, 4) == 'cd'"},
			{Name: "trim", Doc: "string.trim() -> string: without white space at its ends", Example: "' a '.trim() == 'a'"},
			{Name: "upperAscii", Doc: "string.upperAscii() -> string: a to z alone", Example: "'abc'.upperAscii() == 'ABC'"},
		},
	}
}

func stringArg(args []ref.Val, i int) (string, bool) {
	if i >= len(args) {
		return "", false
	}
	s, ok := args[i].(types.String)
	return string(s), ok
}

func replaceMakes(args []ref.Val) Made {
	s, ok0 := stringArg(args, 0)
	old, ok1 := stringArg(args, 1)
	repl, ok2 := stringArg(args, 2)
	if !ok0 || !ok1 || !ok2 {
		return Made{}
	}
	n := strings.Count(s, old)
	if len(args) == 4 {
		if limit, ok := args[3].(types.Int); ok && limit >= 0 {
			n = int(min(limit, types.Int(n)))
		}
	}
	return Made{Bytes: len(s) + n*(len(repl)-len(old))}
}

func splitMakes(args []ref.Val) Made {
	s, ok0 := stringArg(args, 0)
	sep, ok1 := stringArg(args, 1)
	if !ok0 || !ok1 {
		return Made{}
	}
	n := strings.Count(s, sep) + 1
	if sep == "" {
		n = utf8.RuneCountInString(s)
	}
	if len(args) == 3 {
		if limit, ok := args[2].(types.Int); ok && limit >= 0 {
			n = int(min(limit, types.Int(n)))
		}
	}
	return Made{Elements: n}
}

func joinMakes(args []ref.Val) Made {
	list, ok := args[0].(traits.Lister)
	if !ok {
		return Made{}
	}
	sep, _ := stringArg(args, 1)
	n := max(0, length(list)-1) * len(sep)
	for it := list.Iterator(); it.HasNext() == types.True && n <= policy.MaxMadeBytes; {
		n = printed(it.Next(), n) // what is no text is an error, which prints it
	}
	return Made{Bytes: n}
}

func quoteMakes(args []ref.Val) Made {
	s, ok := stringArg(args, 0)
	if !ok {
		return Made{}
	}
	n := len(s) + len(`""`)
	for _, c := range []byte(s) {
		if strings.IndexByte("\a\b\f\n\r\t\v\\\"", c) >= 0 {
			n++
		}
	}
	return Made{Bytes: n}
}
