package editor

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/rungpolicy/rung/cel"
	"github.com/rungpolicy/rung/hcl"
	"github.com/rungpolicy/rung/policy"
)

// What is said of things, as Markdown. Text of the author's stands in code, or is escaped.

// code is a line of code. Back quotes in it are the author's: the fence has one more.
func code(language, s string) string {
	fence := "```"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	return fence + language + "\n" + s + "\n" + fence
}

// plain escapes what Markdown would take for marks.
func plain(s string) string {
	var b strings.Builder
	for _, r := range strings.Join(strings.Fields(s), " ") {
		if strings.ContainsRune("\\`*_{}[]()<>#+-!|", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// tick is code within a line. Back quotes in it would end it.
func tick(s string) string {
	return "`" + strings.ReplaceAll(strings.Join(strings.Fields(s), " "), "`", "'") + "`"
}

// paragraphs joins what is not empty.
func paragraphs(parts ...string) string {
	var all []string
	for _, p := range parts {
		if p != "" {
			all = append(all, p)
		}
	}
	return strings.Join(all, "\n\n")
}

// maxType is how much of a type is shown in one line.
const maxType = 80

// typeText is a type as a policy writes it, an object of many attributes on lines of its own.
func typeText(t *policy.Type) string {
	s := t.String()
	if t.Kind != policy.KindObject || len(s) <= maxType {
		return s
	}
	lines := make([]string, 0, len(t.Attrs))
	for _, a := range t.Attrs {
		lines = append(lines, "  "+a.Name+" = "+attrType(&a))
	}
	const most = 40
	if len(lines) > most {
		lines = append(lines[:most], "  # …")
	}
	return "object({\n" + strings.Join(lines, "\n") + "\n})"
}

func attrType(a *policy.Attr) string {
	if a.Optional {
		return "optional(" + a.Type.String() + ")"
	}
	return a.Type.String()
}

// shortType is a type in a few words.
func shortType(t *policy.Type) string {
	if s := t.String(); len(s) <= maxType {
		return s
	}
	return t.Kind.String()
}

func signalDoc(s *policy.Signal) string {
	var notes []string
	if s.Lazy {
		notes = append(notes, "lazy: fetched only when it can change the outcome")
	}
	if s.Sensitive {
		notes = append(notes, "sensitive: never written to a log or trace in the clear")
	}
	if !s.Declared {
		notes = append(notes, "a standard signal, every attribute of which may be absent")
	}
	about := plain(s.Description)
	if about == "" {
		about = standardSignal(s.Name)
	}
	return paragraphs(code("rung", "signal "+s.Name+": "+typeText(s.Type)), about, strings.Join(notes, "; "))
}

func attrDoc(path string, a *policy.Attr) string {
	note := ""
	if a.Optional {
		note = "optional: that it is absent is normal; ask `has(" + path + ")` first"
	}
	return paragraphs(code("rung", path+": "+typeText(a.Type)), note)
}

func paramDoc(p *policy.Param) string {
	stricter := ""
	switch p.Stricter {
	case policy.StricterLower:
		stricter = "an overlay of a posture may lower it"
	case policy.StricterHigher:
		stricter = "an overlay of a posture may raise it"
	case policy.StricterNone:
	}
	value := ""
	if p.Default != nil {
		value = " = " + shown(p.Default)
	}
	return paragraphs(code("rung", "param."+p.Name+": "+p.Type.String()+value), plain(p.Description), stricter)
}

// shown is a value as a policy writes it, cut if it is long.
func shown(v policy.Value) string {
	var s string
	switch v := v.(type) {
	case string:
		s = strconv.Quote(v)
	case time.Duration:
		s = strconv.Quote(v.String())
	case time.Time:
		s = strconv.Quote(v.Format(time.RFC3339Nano))
	default:
		s = fmt.Sprint(v)
	}
	if r := []rune(s); len(r) > maxType {
		s = string(r[:maxType]) + "…"
	}
	return s
}

func listDoc(l *policy.List) string {
	from := ""
	if l.File != "" {
		from = " out of " + tick(l.File)
	}
	const most = 8
	var some []string
	for _, v := range l.Values[:min(most, len(l.Values))] {
		some = append(some, tick(shown(v)))
	}
	if len(l.Values) > most {
		some = append(some, "…")
	}
	return paragraphs(code("rung", "list."+l.Name+": list("+l.Type.String()+")"), fmt.Sprintf("%d entries%s", len(l.Values), from), strings.Join(some, ", "))
}

func levelDoc(l *policy.Level) string {
	var proofs []string
	for _, a := range l.ACR {
		proofs = append(proofs, "- `acr` is "+tick(a))
	}
	for _, set := range l.AMR {
		proofs = append(proofs, "- `amr` has "+tick(strings.Join(set, ", ")))
	}
	return paragraphs(code("rung", fmt.Sprintf("level %q, rank %d", l.Name, l.Rank)), plain(l.Description), "proved by any of these, or by a higher level:", strings.Join(proofs, "\n"))
}

func postureDoc(p *policy.Posture, all *policy.Policy) string {
	var overlays []string
	for _, x := range all.Params {
		if v, ok := p.Params[x.Name]; ok {
			overlays = append(overlays, "- "+tick("param."+x.Name)+": "+tick(shown(v)))
		}
	}
	return paragraphs(code("rung", fmt.Sprintf("posture %q, rank %d", p.Name, p.Rank)), strings.Join(overlays, "\n"))
}

func actionDoc(a *policy.Action) string {
	level := "none"
	if a.Level != nil {
		level = a.Level.Name
	}
	lines := []string{fmt.Sprintf("action %q, level %q", a.Name, level)}
	lines = append(lines, a.HTTP...)
	lines = append(lines, a.GRPC...)
	resource := ""
	if a.Resource != nil {
		resource = code("rung", "resource: "+typeText(a.Resource))
	}
	return paragraphs(code("rung", strings.Join(lines, "\n")), plain(a.Description), resource)
}

func functionDoc(f *cel.Function) string {
	example := ""
	if f.Example != "" {
		example = "for example\n\n" + code("cel", f.Example)
	}
	return paragraphs(code("cel", f.Usage), plain(f.Doc), example)
}

func blockDoc(b *hcl.Block) string {
	head := b.Type + " {"
	if b.Label != "" {
		head = b.Type + " \"" + strings.ToUpper(b.Label) + "\" {"
	}
	var attrs []string
	for _, a := range b.Attrs {
		required := ""
		if a.Required {
			required = " (required)"
		}
		attrs = append(attrs, "- `"+a.Name+"`"+required+": "+a.Doc)
	}
	return paragraphs(code("rung", head+" … }"), b.Doc, strings.Join(attrs, "\n"))
}

func hclAttrDoc(a *hcl.Attr) string {
	required := ""
	if a.Required {
		required = "required"
	}
	return paragraphs(code("rung", a.Name+" = "+a.Form), a.Doc, required)
}

// durationDoc says a duration in words; "" if the text is none.
func durationDoc(s string) string {
	d, err := policy.ParseDuration(s)
	if err != nil {
		return ""
	}
	rest, words := d, []string{}
	for _, u := range []struct {
		name string
		of   time.Duration
	}{{"day", 24 * time.Hour}, {"hour", time.Hour}, {"minute", time.Minute}, {"second", time.Second}} {
		if n := rest / u.of; n != 0 {
			word := fmt.Sprintf("%d %s", n, u.name)
			if n != 1 && n != -1 {
				word += "s"
			}
			words = append(words, word)
			rest -= n * u.of
		}
	}
	if rest != 0 || len(words) == 0 {
		words = append(words, rest.String())
	}
	return strings.Join(words, ", ") + fmt.Sprintf(" (%s seconds)", strconv.FormatFloat(d.Seconds(), 'f', -1, 64))
}
