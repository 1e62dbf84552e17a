package ext

import "strings"

// Reference returns docs/functions.md: all functions and macros, as the table has them.
func Reference() string {
	var b strings.Builder
	b.WriteString(`# Functions

What conditions may call, family by family. [language.md](language.md#cel) says what of CEL there is; this page is made from the table of package ` + "`cel/ext`" + `, and every example
on it is a condition that is true, which a test sees to. Types are written as policies write them; what stands in square brackets may be left out.
`)
	for _, l := range Libraries() {
		b.WriteString("\n## " + strings.ToUpper(l.Name[:1]) + l.Name[1:] + "\n\n" + l.Doc + "\n\n| | | example |\n| --- | --- | --- |\n")
		for _, m := range l.Macros {
			row(&b, m.Doc, m.Example)
		}
		for _, f := range l.Funcs {
			if !strings.ContainsAny(f.Name, "@_") || f.Name == "_+_" {
				row(&b, f.Doc, f.Example)
			}
		}
	}
	return b.String()
}

// row writes a line of a table: how it is called, what more there is to say, and an example.
func row(b *strings.Builder, doc, example string) {
	usage, rest, _ := strings.Cut(doc, ": ")
	b.WriteString("| " + cell(usage) + " | " + strings.ReplaceAll(rest, "|", "\\|") + " | " + cell(example) + " |\n")
}

// cell is code in a table.
func cell(s string) string { return "`" + strings.ReplaceAll(s, "|", "\\|") + "`" }
