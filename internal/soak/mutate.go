package main

import (
	"math/rand/v2"
	"strings"
)

// maxInput is the most bytes of a mutated input.
const maxInput = 16 << 10

// pieces are what mutations put in: the joints of HCL, CEL and JSON, and numbers and bytes that trouble readers.
var pieces = []string{
	"{", "}", "[", "]", "(", ")", "\"", "'", "`", "\\", "\n", "\r\n", ",", ":", ".", "?", ".?", "[?", "!", "-", "+", "*", "/", "%", "<", "==", "&&", "||", "=",
	"${", "%{", "$${", "<<-CEL\n", "<<EOT\n", "CEL\n", "#", "//", "/*", "*/", "\"\"\"", "r'", "b'", "\x00", "\xff", "\u202e", "\ufeff", "e\u0301", "\\u0000", "\\ud800",
	"0", "-1", "1e999999999", "1e-999999999", "9223372036854775808", "0x1p-2", "1u", "null", "true", "nan",
	"policy \"x\" {\n", "action \"a.b\" {\n", "step_up \"s\" {\n", "deny \"d\" {\n", "let {\n", "list \"l\" {\n", "signal \"s\" {\n", "object({", "list(", "map(", "optional(",
	"when = ", "unless = ", "level = ", "rollout {\n", "percent = ", "max_age = \"", "file = \"../", "for x in y : x",
	"has(", ".exists(x, ", ".map(x, ", ".filter(x, ", ".all(x, ", "cel.bind(a, ", ".matches('", "(a+)+$", "timestamp('", "duration('", "ip('", "cidr('", ".format([", ".replace('a', '",
	"subject.", "resource.", "session.level", "list.", "param.", "now - ", "{\"a\":", "\"signals\":{", "\"action\":\"", "\"now\":\"",
}

// mutate changes a text in one place, or in up to eight; mostly a little, now and then by repeating a piece until it nests or runs deep.
func mutate(r *rand.Rand, text, other string) string {
	places := 1
	if r.IntN(2) == 0 {
		places += r.IntN(8)
	}
	for range places {
		at := r.IntN(len(text) + 1)
		end := min(len(text), at+r.IntN(1+r.IntN(64)))
		switch r.IntN(8) {
		case 0:
			text = text[:at] + text[end:]
		case 1:
			text = text[:at] + pieces[r.IntN(len(pieces))] + text[at:]
		case 2:
			text = text[:at] + pieces[r.IntN(len(pieces))] + text[end:]
		case 3:
			text = text[:end] + text[at:]
		case 4:
			if end > at {
				b := []byte(text)
				b[at] ^= 1 << r.IntN(8)
				text = string(b)
			}
		case 5:
			if len(other) > 0 {
				from := r.IntN(len(other))
				text = text[:at] + other[from:min(len(other), from+r.IntN(256))] + text[at:]
			}
		case 6:
			if r.IntN(8) == 0 {
				text = text[:at] + strings.Repeat(pieces[r.IntN(len(pieces))], 1+r.IntN(4000)) + text[at:]
			}
		case 7:
			if r.IntN(8) == 0 && end > at {
				text = text[:at] + strings.Repeat(text[at:end], 1+r.IntN(200)) + text[end:]
			}
		}
		if len(text) > maxInput {
			text = text[:maxInput]
		}
	}
	return text
}
