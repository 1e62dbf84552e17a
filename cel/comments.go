package cel

import (
	"strings"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/policy"
)

// Comments returns where the comments of a condition stand in its file, in their order.
func Comments(text *policy.Text) []diag.Span {
	var out []diag.Span
	l := lexer{src: text.Value}
	end := 0 // of the token before
	for {
		t := l.next()
		for at := end; at < t.start; at++ {
			if text.Value[at] != '/' {
				continue
			}
			length := strings.IndexByte(text.Value[at:t.start], '\n')
			if length < 0 {
				length = t.start - at
			}
			out = append(out, text.Place(at, at+length))
			at += length
		}
		if end = t.end; t.kind == tokEnd || t.kind == tokInvalid {
			return out
		}
	}
}
