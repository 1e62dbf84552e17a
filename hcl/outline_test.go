package hcl

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/rungpolicy/rung/diag"
)

// Outline is what formatting may not change of a file: its tokens and the texts' values, but for commas, `:` between key and value, and
// white space in conditions; and its comments, in any order, as some move to the line above.
func Outline(text []byte) string {
	src := diag.NewSource("", text)
	toks := newDecoder(nil, Blocks()).formatTokens(src)
	var out, comments []string
	for _, t := range toks {
		s := string(text[t.start:t.end])
		switch t.kind {
		case hclsyntax.TokenNewline, hclsyntax.TokenComma, hclsyntax.TokenEOF:
		case hclsyntax.TokenComment:
			comments = append(comments, strings.TrimRight(s, " \t\r\n"))
		case hclsyntax.TokenColon:
			out = append(out, "=")
		case hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc:
			value, _ := readText(src.Span(t.start, t.end))
			out = append(out, fmt.Sprintf("%q", bytes.Join(bytes.Fields([]byte(value.Value)), nil)))
		default:
			out = append(out, s)
		}
	}
	slices.Sort(comments)
	return fmt.Sprint(out, comments)
}
