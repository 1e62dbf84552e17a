package ext

import (
	"cel.dev/cel-go/cel"
	celext "cel.dev/cel-go/ext"
)

// regex is what is done with RE2 patterns, beside the standard `matches`. Patterns are constants, compiled with the policy:
// the engine runs these functions itself, and charges what they make as they go.
func regex() Library {
	return Library{
		Name:    "regex",
		Doc:     "What is done with regular expressions: RE2, constant.",
		Options: []cel.EnvOption{celext.Regex()},
		Funcs: []Func{
			{Name: "regex.extract", Doc: "regex.extract(string, regex) -> optional(string): the first match, or its group", Example: "regex.extract('user-17', '-([0-9]+)').orValue('') == '17'"},
			{Name: "regex.extractAll", Doc: "regex.extractAll(string, regex) -> list(string): all matches, or their group", Example: "regex.extractAll('a1b22', '[0-9]+') == ['1', '22']"},
			{Name: "regex.replace", Doc: "regex.replace(string, regex, string[, count]) -> string: \\1 stands for the first group", Example: "regex.replace('a-b', '(a)-(b)', r'\\2-\\1') == 'b-a'"},
		},
	}
}
