package hcl

import (
	"bytes"
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/policy"
)

// formatWidth is how many characters a line should have at most.
const formatWidth = 100

// ConditionFormatter lays a condition out: in lines of a width, or as one where it is negative, ended by newline. cel.Format does it.
type ConditionFormatter func(text *policy.Text, width int, newline string) (string, diag.List)

// Format returns the canonical form of a policy or test file: blocks, attributes and comments as they are and in their order, values that mean
// what they meant, and the space around them made anew. Formatting the form again changes nothing. A file that does not parse, or has a condition
// that does not, has diagnostics, and no form.
//
// Lines are indented by two spaces for each bracket that is open, `=` and comments of consecutive lines are aligned, several empty lines are
// one, and blocks of several lines have one between them. Lists and objects stay on the lines they are written on, and are broken
// where the line would be too long. A condition is in quotes where it fits its line, and else a heredoc. All other text keeps its bytes.
// A byte order mark is dropped; lines end as the file's first line does.
func Format(src *diag.Source, cel ConditionFormatter) ([]byte, diag.List) {
	d := newDecoder(nil, append(Blocks(), TestBlocks()...))
	toks := d.formatTokens(src)
	if toks == nil {
		return nil, d.faults()
	}
	r := &formReader{d: d, src: src, toks: toks, newline: "\n"}
	if i := bytes.IndexByte(src.Bytes, '\n'); i > 0 && src.Bytes[i-1] == '\r' {
		r.newline = "\r\n"
	}
	entries := r.body(nil, true)
	w := &formWriter{src: src, d: d, cel: cel, newline: r.newline}
	if len(d.diags) == 0 {
		w.body(entries, 0)
	}
	out := w.text()
	if len(d.diags) > 0 {
		return nil, d.faults()
	}
	if len(out) > policy.MaxFileBytes {
		d.errorf(src.Span(0, 0), codeLimit, "the file would be larger than 1 MiB", "split it: a policy is all the `*.rung.hcl` files of its folder; data goes into list files")
		return nil, d.faults()
	}
	return out, nil
}

// faults are the decoder's diagnostics.
func (d *decoder) faults() diag.List {
	var l diag.List
	for _, dg := range d.diags {
		l.Add(*dg)
	}
	l.Sort()
	return l
}

// formatTokens cuts a file that parses into tokens; nil if it does not parse.
func (d *decoder) formatTokens(src *diag.Source) []formToken {
	text, start, why := prescan(src)
	if why != nil {
		d.add(why)
		return nil
	}
	file, diags := hclsyntax.ParseConfig(text, src.Name, start)
	body, ok := file.Body.(*hclsyntax.Body)
	if broken := d.syntax(src, body, diags); broken || !ok {
		return nil
	}
	d.diags = nil // an attribute that is there twice has a form all the same
	tokens, _ := hclsyntax.LexConfig(bytes.TrimPrefix(src.Bytes, byteOrderMark), src.Name, start)
	return joinTexts(tokens)
}

// formToken is a token of HCL. Text, whatever is in it, is one.
type formToken struct {
	kind       hclsyntax.TokenType // of text TokenOQuote or TokenOHeredoc
	start, end int
}

// joinTexts makes one token of each text.
func joinTexts(tokens hclsyntax.Tokens) []formToken {
	out := make([]formToken, 0, len(tokens))
	depth := 0
	for _, t := range tokens {
		closes := false
		switch t.Type {
		case hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc, hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
			if depth++; depth > 1 {
				continue
			}
		case hclsyntax.TokenCQuote, hclsyntax.TokenCHeredoc:
			depth--
			closes = true
		case hclsyntax.TokenTemplateSeqEnd:
			if depth > 0 {
				depth--
				continue
			}
		}
		switch {
		case closes && depth == 0:
			out[len(out)-1].end = t.Range.End.Byte
		case depth == 0 || depth == 1 && (t.Type == hclsyntax.TokenOQuote || t.Type == hclsyntax.TokenOHeredoc):
			out = append(out, formToken{t.Type, t.Range.Start.Byte, t.Range.End.Byte})
		}
	}
	return out
}

// holdsCEL reports whether an attribute of a kind of block is a condition.
func (k *Block) holdsCEL(name string) bool {
	if k == nil {
		return false
	}
	return k.Type == "let" || slices.ContainsFunc(k.Attrs, func(a Attr) bool { return a.Name == name && a.Form == "CEL" })
}
