package findings

import (
	"slices"
	"strings"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/internal/spell"
	"github.com/rungpolicy/rung/policy"
)

func ignoreReason() *Finding {
	return &Finding{
		Code: "ignore-reason", Severity: diag.Warning,
		Title: "a finding that is silenced without a reason",
		Explanation: "`# rung:ignore CODE reason` silences the findings of a code on its line, or, if it stands on a line of its own, on the next. The reason is for whoever reads " +
			"the policy after you: without it they cannot know whether it still holds. The finding is silenced all the same.",
		Bad: `# rung:ignore unused
list "sanctioned" { values = ["KP", "IR"] }

action "transfer.create" { level = "aal1" }
`,
		Good: `# rung:ignore unused the rule that reads it comes with the next release
list "sanctioned" { values = ["KP", "IR"] }

action "transfer.create" { level = "aal1" }
`,
	}
}

func ignoreUnused() *Finding {
	return &Finding{
		Code: "ignore-unused", Severity: diag.Warning,
		Title: "a comment that silences nothing",
		Explanation: "There is no finding of that code on the line that the comment speaks of: what it silenced was mended, or moved, or the code is misspelled. Left there, it would " +
			"hide the next one. Errors cannot be silenced.",
		Bad: `# rung:ignore unused the rule that reads it comes with the next release
action "transfer.create" { level = "aal1" }
`,
		Good: `action "transfer.create" { level = "aal1" }
`,
	}
}

// directive is a comment that silences.
type directive struct {
	at     diag.Range // of the comment
	code   string
	reason string
	file   string
	line   int // of which it speaks
	used   bool
}

// Silence is the word that begins a comment that silences findings.
const Silence = "rung:ignore"

// silence takes out what comments silence, and adds what there is to say of those.
func silence(in *Input, found diag.List) diag.List {
	directives := readDirectives(in.Comments)
	if len(directives) == 0 {
		return found
	}
	texts := conditionTexts(in.Policy)
	kept := slices.DeleteFunc(found, func(d diag.Diagnostic) bool {
		silent := false
		for _, dir := range directives {
			if dir.code == d.Code && dir.speaksOf(d.Range, texts) {
				dir.used, silent = true, true
			}
		}
		return silent
	})
	for _, dir := range directives {
		kept = append(kept, dir.faults()...)
	}
	return kept
}

// faults are what there is to say of a directive.
func (dir *directive) faults() diag.List {
	add := func(kind *Finding, summary, detail string) diag.List {
		return diag.List{{Severity: kind.Severity, Code: kind.Code, Summary: summary, Detail: detail, Range: dir.at}}
	}
	switch {
	case dir.code == "":
		return add(ignoreReason(), "the comment does not say what it silences", "write `# rung:ignore CODE reason`")
	case !isWarning(dir.code):
		detail := "errors cannot be silenced; the codes of findings are in the documentation"
		if near, ok := spell.Nearest(dir.code, Warnings()); ok {
			detail = "did you mean `" + near + "`?"
		}
		return add(ignoreUnused(), "there is no finding `"+dir.code+"`", detail)
	case !dir.used:
		return add(ignoreUnused(), "there is no finding `"+dir.code+"` here to silence", "a comment on a line of its own is about the next line")
	case dir.reason == "":
		return add(ignoreReason(), "`"+dir.code+"` is silenced without a reason", "write it behind the code: `# rung:ignore "+dir.code+" because …`")
	}
	return nil
}

// Warnings are the codes of all warnings: of what can be silenced.
func Warnings() []string {
	var all []string
	for _, f := range All() {
		if f.Severity == diag.Warning {
			all = append(all, f.Code)
		}
	}
	return all
}

func isWarning(code string) bool {
	f := ByCode(code)
	return f != nil && f.Severity == diag.Warning
}

// speaksOf reports whether a directive is about what begins in a place: on its line, or in the condition of several lines that begins there.
func (dir *directive) speaksOf(at diag.Range, texts []diag.Range) bool {
	if at.File != dir.file {
		return false
	}
	if at.Start.Line == dir.line {
		return true
	}
	return slices.ContainsFunc(texts, func(t diag.Range) bool {
		return t.File == dir.file && t.Start.Line == dir.line && t.Start.Byte <= at.Start.Byte && at.Start.Byte < t.End.Byte
	})
}

// conditionTexts are where conditions stand.
func conditionTexts(p *policy.Policy) []diag.Range {
	var out []diag.Range
	for _, l := range p.Lets {
		out = append(out, l.CEL.Span.Range())
	}
	for _, r := range p.Rules {
		for _, t := range []*policy.Text{r.When, r.Unless} {
			if t != nil {
				out = append(out, t.Span.Range())
			}
		}
	}
	return out
}

// readDirectives finds the comments that silence.
func readDirectives(comments []diag.Span) []*directive {
	var out []*directive
	alone := map[lineOf]bool{} // lines that are a comment and no more
	for _, c := range comments {
		if begin := c.Source.Span(lineStart(c), c.Start); strings.TrimSpace(begin.Text()) == "" {
			alone[lineOf{c.Source.Name, c.Range().Start.Line}] = true
		}
	}
	for _, c := range comments {
		text := c.Text()
		body, ok := strings.CutPrefix(text, "#")
		if !ok {
			body, ok = strings.CutPrefix(text, "//")
		}
		body = strings.TrimSpace(body)
		rest, is := strings.CutPrefix(body, Silence)
		if !ok || !is || rest != "" && rest[0] != ' ' && rest[0] != '\t' {
			continue
		}
		code, reason, _ := strings.Cut(strings.TrimSpace(rest), " ")
		r := c.Source.Span(c.Start, c.Start+len(strings.TrimRight(text, " \t\r\n"))).Range()
		dir := &directive{at: r, code: code, reason: strings.TrimSpace(reason), file: r.File, line: r.Start.Line}
		for alone[lineOf{dir.file, dir.line}] {
			dir.line++
		}
		out = append(out, dir)
	}
	return out
}

type lineOf struct {
	file string
	line int
}

// lineStart is the offset at which the line of a comment begins.
func lineStart(c diag.Span) int {
	b := c.Source.Bytes
	i := c.Start
	for i > 0 && b[i-1] != '\n' {
		i--
	}
	return i
}
