package rungtest

import (
	"cmp"
	"fmt"
	"html"
	"io"
	"slices"
	"strings"

	"github.com/rungpolicy/rung/diag"
)

// WriteHTML writes the coverage as one page, which needs nothing else: the policy's files with every sub-condition marked, and what is missing as a list. It is readable in
// the light and in the dark, and without colours. The sources are those of the [Suite].
func (c *Coverage) WriteHTML(w io.Writer, title string, sources []*diag.Source) error {
	p := &page{coverage: c}
	p.printf(pageHead, html.EscapeString(title))
	p.summary(title)
	p.gaps()
	p.rules()
	for _, s := range sources {
		p.file(s)
	}
	p.out.WriteString("</main>\n</body>\n</html>\n")
	_, err := io.WriteString(w, p.out.String())
	return err
}

type page struct {
	coverage *Coverage
	out      strings.Builder
}

func (p *page) printf(format string, args ...any) { fmt.Fprintf(&p.out, format, args...) }

func (p *page) summary(title string) {
	seen, all := p.coverage.Outcomes()
	p.printf("<h1>%s</h1>\n<p class=\"total\"><strong>%s</strong> <progress max=\"%d\" value=\"%d\"></progress> %d of %d outcomes seen</p>\n",
		html.EscapeString(title), p.coverage.String(), max(all, 1), seen, seen, all)
	p.out.WriteString("<p class=\"key\">A sub-condition was seen <mark class=\"both\">true and false</mark>, <mark class=\"half\">one of them alone</mark> or " +
		"<mark class=\"none\">never</mark>. Point at one to see how often. Beside a rule stands how often it applied, and did not.</p>\n")
}

// gaps lists what no test has seen, and actions without one, each with a link to its line.
func (p *page) gaps() {
	gaps, untested := p.coverage.Gaps(), p.coverage.untested()
	if len(gaps)+len(untested) == 0 {
		return
	}
	p.out.WriteString("<h2>Not seen</h2>\n<ul class=\"gaps\">\n")
	for _, g := range gaps {
		p.printf("<li><a href=\"#%s\">%s</a> <em>%s</em> <code>%s</code></li>\n", anchor(g.Range.File, g.Range.Start.Line), g.Range, g.Missing, html.EscapeString(g.Text))
	}
	for _, a := range untested {
		p.printf("<li><a href=\"#%s\">%s</a> <em>no test</em> <code>action %s</code></li>\n", anchor(a.Range.File, a.Range.Start.Line), a.Range, html.EscapeString(a.Action))
	}
	p.out.WriteString("</ul>\n")
}

func anchor(file string, line int) string { return fmt.Sprintf("%s-%d", html.EscapeString(file), line) }

func (p *page) rules() {
	p.out.WriteString("<h2>Rules</h2>\n<div class=\"scroll\"><table>\n<thead><tr><th>rule</th><th>applied</th><th>did not</th><th>in error</th><th>pending</th></tr></thead>\n<tbody>\n")
	for i := range p.coverage.Rules {
		r := &p.coverage.Rules[i]
		p.printf("<tr><td><a href=\"#%s\">%s</a></td><td>%s</td><td>%s</td><td>%d</td><td>%d</td></tr>\n", anchor(r.Range.File, r.Range.Start.Line), html.EscapeString(r.Rule),
			times(r.Applied, true), times(r.NotApplied, r.Conditional), r.Errors, r.Pending)
	}
	p.out.WriteString("</tbody>\n</table></div>\n")
}

// times is a number that should not be 0.
func times(n int, should bool) string {
	if n == 0 && should {
		return `<mark class="none">0</mark>`
	}
	return fmt.Sprint(n)
}

// file shows a source, if there is something in it that tests could see.
func (p *page) file(src *diag.Source) {
	var here []*ConditionCoverage
	for i := range p.coverage.Conditions {
		if c := &p.coverage.Conditions[i]; c.Range.File == src.Name {
			here = append(here, c)
		}
	}
	starts := make(map[int]*RuleCoverage)
	for i := range p.coverage.Rules {
		if r := &p.coverage.Rules[i]; r.Range.File == src.Name {
			starts[r.Range.Start.Line] = r
		}
	}
	holds := slices.ContainsFunc(p.coverage.Actions, func(a ActionCoverage) bool { return a.Range.File == src.Name })
	if len(here)+len(starts) == 0 && !holds {
		return
	}
	p.printf("<h2 id=\"%s\">%s</h2>\n<pre>", html.EscapeString(src.Name), html.EscapeString(src.Name))
	f := &shownFile{page: p, src: src, edges: edges(here), rules: starts}
	f.write()
	p.out.WriteString("</pre>\n")
}

// edge is where a sub-condition begins or ends.
type edge struct {
	at    int
	begin bool
	of    *ConditionCoverage
}

// edges are those of sub-conditions, in the order of the text: they stand in each other, and never across.
func edges(all []*ConditionCoverage) []edge {
	var out []edge
	for _, c := range all {
		out = append(out, edge{c.Range.Start.Byte, true, c}, edge{c.Range.End.Byte, false, c})
	}
	size := func(e edge) int { return e.of.Range.End.Byte - e.of.Range.Start.Byte }
	slices.SortStableFunc(out, func(a, b edge) int {
		switch {
		case a.at != b.at:
			return cmp.Compare(a.at, b.at)
		case a.begin != b.begin && a.begin:
			return 1 // what ends here ends before something begins
		case a.begin != b.begin:
			return -1
		case a.begin:
			return cmp.Compare(size(b), size(a))
		}
		return cmp.Compare(size(a), size(b))
	})
	return out
}

// shownFile is a source being written.
type shownFile struct {
	*page
	src   *diag.Source
	edges []edge
	open  []*ConditionCoverage
	rules map[int]*RuleCoverage
}

func (f *shownFile) write() {
	text, line, next := f.src.Bytes, 1, 0
	f.beginLine(line)
	for at := 0; at <= len(text); at++ {
		for next < len(f.edges) && f.edges[next].at <= at {
			f.edge(f.edges[next])
			next++
		}
		if at == len(text) {
			break
		}
		switch c := text[at]; c {
		case '\n':
			f.endLine()
			line++
			if at+1 < len(text) {
				f.beginLine(line)
			}
		case '&':
			f.out.WriteString("&amp;")
		case '<':
			f.out.WriteString("&lt;")
		case '>':
			f.out.WriteString("&gt;")
		case '\r':
		default:
			f.out.WriteByte(c)
		}
	}
	if len(text) == 0 || text[len(text)-1] != '\n' {
		f.endLine()
	}
}

// beginLine begins a line, with its number and how its rule came out; what is open goes on in it.
func (f *shownFile) beginLine(n int) {
	gutter := ""
	if r := f.rules[n]; r != nil {
		gutter = fmt.Sprintf("%d", r.Applied)
		if r.Conditional {
			gutter = fmt.Sprintf("%d:%d", r.Applied, r.NotApplied)
		}
	}
	f.printf("<span class=\"line\" id=\"%s\"><span class=\"number\">%d</span><span class=\"gutter\">%s</span><span class=\"code\">", anchor(f.src.Name, n), n, gutter)
	for _, c := range f.open {
		f.mark(c)
	}
}

func (f *shownFile) endLine() {
	f.out.WriteString(strings.Repeat("</mark>", len(f.open)) + "\n</span></span>")
}

func (f *shownFile) edge(e edge) {
	if e.begin {
		f.open = append(f.open, e.of)
		f.mark(e.of)
		return
	}
	f.open = f.open[:len(f.open)-1]
	f.out.WriteString("</mark>")
}

func (f *shownFile) mark(c *ConditionCoverage) {
	class := "both"
	switch {
	case c.True+c.False == 0:
		class = "none"
	case !c.Covered():
		class = "half"
	}
	title := fmt.Sprintf("true %d, false %d", c.True, c.False)
	if c.Errors > 0 {
		title += fmt.Sprintf(", in error %d", c.Errors)
	}
	if c.Pending > 0 {
		title += fmt.Sprintf(", pending %d", c.Pending)
	}
	if class == "half" {
		title = c.missing() + ": " + title
	}
	f.printf("<mark class=\"%s\" title=\"%s\">", class, title)
}

const pageHead = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>%s</title>
<style>
:root {
  color-scheme: light dark;
  --text: #1c1e21; --page: #fff; --faint: #65696f; --rule: #e2e4e8; --panel: #f7f8fa;
  --both: #d9f2de; --both-line: #2c8a43; --half: #fff0c2; --half-line: #a86b00; --none: #fde0dd; --none-line: #c0362c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --text: #e4e6ea; --page: #16181c; --faint: #9aa0a8; --rule: #2e3238; --panel: #1d2025;
    --both: #173d21; --both-line: #57c474; --half: #433309; --half-line: #e0a83a; --none: #4a1d19; --none-line: #f2837a;
  }
}
body { margin: 0; color: var(--text); background: var(--page); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 72rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.5rem; margin: 0 0 .5rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
.total strong { font-size: 1.5rem; margin-right: .5rem; }
progress { width: 12rem; vertical-align: middle; margin-right: .5rem; }
.key, em, th { color: var(--faint); }
em { font-style: normal; margin: 0 .5rem; }
a { color: inherit; }
code, pre { font: 13px/1.6 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
pre { margin: 0; padding: .5rem 0; background: var(--panel); border: 1px solid var(--rule); border-radius: 6px; overflow-x: auto; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; }
th, td { text-align: right; padding: .15rem .75rem; border-bottom: 1px solid var(--rule); font-weight: normal; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
.gaps { padding-left: 1.2rem; }
.line { display: block; }
.line:target { background: var(--rule); }
.number, .gutter { display: inline-block; text-align: right; color: var(--faint); user-select: none; }
.number { width: 3.5em; }
.gutter { width: 5.5em; padding-right: 1em; }
mark { color: inherit; border-radius: 3px; padding: .05em 0; }
mark.both { background: var(--both); border-bottom: 2px solid var(--both-line); }
mark.half { background: var(--half); border-bottom: 2px dashed var(--half-line); }
mark.none { background: var(--none); border-bottom: 2px dotted var(--none-line); }
</style>
</head>
<body>
<main>
`
