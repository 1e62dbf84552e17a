package hcl

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/internal/spell"
	"github.com/rungpolicy/rung/policy"
)

// Block is a kind of block: what may stand in it, what it is for, and how it is read. Manuals and editors read it too.
type Block struct {
	// Type is the word that begins the block.
	Type string
	// Label is what the block's label names ("action"); "" if the block takes no label.
	Label string
	// Doc is one sentence or two for manuals and hovers.
	Doc string
	// Top says that the block stands at top level.
	Top bool
	// Attrs are the attributes it takes. If FreeAttrs is set, attributes have names of the author's choosing, and it says what they are.
	Attrs     []Attr
	FreeAttrs string
	// Nested are the types of the blocks in it.
	Nested []string

	// decode reads one block; its labels, the names of its attributes and those of its nested blocks have been checked.
	decode func(*decoder, *body)
	// finish runs when all blocks of this kind are read; it may be nil.
	finish func(*decoder)
}

// Attr is an attribute that a block takes.
type Attr struct {
	Name     string
	Form     string // what is written behind the equals sign, for manuals: `string`, `type`, `CEL` …
	Required bool
	Doc      string
}

// block names the kind for people: a `step_up` block.
func (k *Block) block() string {
	if k.Type == "action" || k.Type == "expect" {
		return "an `" + k.Type + "` block"
	}
	return "a `" + k.Type + "` block"
}

// body is a block of a file, checked against its kind's schema.
type body struct {
	kind   *Block
	src    *diag.Source
	hcl    *hclsyntax.Body
	name   string    // its label
	label  diag.Span // where that stands
	header diag.Span // type and label
}

// attr returns an attribute, or nil.
func (b *body) attr(name string) *hclsyntax.Attribute { return b.hcl.Attributes[name] }

// attrSpan is where an attribute's name stands, or the block's header if it is not there.
func (b *body) attrSpan(name string) diag.Span {
	if a := b.attr(name); a != nil {
		return b.span(a.NameRange.Start.Byte, a.NameRange.End.Byte)
	}
	return b.header
}

// valueSpan is where an attribute's value stands, or the block's header if it is not there.
func (b *body) valueSpan(name string) diag.Span {
	a := b.attr(name)
	if a == nil {
		return b.header
	}
	rng := a.Expr.Range()
	return b.span(rng.Start.Byte, rng.End.Byte)
}

func (b *body) span(start, end int) diag.Span { return b.src.Span(start, end) }

// sortedAttrs are the attributes in the order of their places.
func (b *body) sortedAttrs() []*hclsyntax.Attribute {
	attrs := make([]*hclsyntax.Attribute, 0, len(b.hcl.Attributes))
	for _, a := range b.hcl.Attributes {
		attrs = append(attrs, a)
	}
	slices.SortFunc(attrs, func(a, b *hclsyntax.Attribute) int { return a.NameRange.Start.Byte - b.NameRange.Start.Byte })
	return attrs
}

// openBlock checks a block against the schema of its kind. It reports false if the block has no usable name: then there is nothing that
// others could mean by it.
func (d *decoder) openBlock(src *diag.Source, kind *Block, hb *hclsyntax.Block) (*body, bool) {
	b := &body{kind: kind, src: src, hcl: hb.Body}
	b.header = src.Span(hb.TypeRange.Start.Byte, hb.TypeRange.End.Byte)
	if n := len(hb.LabelRanges); n > 0 {
		b.header.End = hb.LabelRanges[n-1].End.Byte
	}
	ok := d.readLabel(b, hb)
	d.checkAttrs(b)
	d.checkNested(b)
	return b, ok
}

// readLabel reads a block's name from the bytes of its label, and checks that there is one, or none.
func (d *decoder) readLabel(b *body, hb *hclsyntax.Block) bool {
	if b.kind.Label == "" {
		if len(hb.Labels) > 0 {
			first, last := hb.LabelRanges[0], hb.LabelRanges[len(hb.LabelRanges)-1]
			d.errorf(b.span(first.Start.Byte, last.End.Byte), codeLabel, b.kind.block()+" has no name", "write `"+b.kind.Type+" {`")
		}
		return true
	}
	if len(hb.Labels) == 0 {
		d.errorf(b.header, codeLabel, b.kind.block()+" needs a name", "write `"+b.kind.Type+" \"…\" {`, with the "+b.kind.Label+"'s name")
		return false
	}
	b.label = b.span(hb.LabelRanges[0].Start.Byte, hb.LabelRanges[0].End.Byte)
	if len(hb.Labels) > 1 {
		d.errorf(b.span(hb.LabelRanges[1].Start.Byte, hb.LabelRanges[len(hb.Labels)-1].End.Byte), codeLabel, b.kind.block()+" has one name only", "")
	}
	b.name = b.label.Text()
	if strings.HasPrefix(b.name, `"`) {
		b.name, _ = d.plainText(b.label)
		b.label.Start, b.label.End = b.label.Start+1, b.label.End-1
	}
	return d.checkName(b.label, b.name)
}

// checkAttrs reports attributes that the kind does not know, and those that are not there.
func (d *decoder) checkAttrs(b *body) {
	if b.kind.FreeAttrs != "" {
		return
	}
	for _, a := range b.sortedAttrs() {
		if slices.ContainsFunc(b.kind.Attrs, func(x Attr) bool { return x.Name == a.Name }) {
			continue
		}
		span := b.span(a.NameRange.Start.Byte, a.NameRange.End.Byte)
		what := b.kind.block() + " has no attribute `" + short(span.Text()) + "`"
		switch {
		case slices.Contains(b.kind.Nested, a.Name):
			d.errorf(span, codeUnknownAttribute, what, "it is a block: write `"+a.Name+" {` without `=`")
		case b.kind.Type == "deny" && slices.Contains([]string{"level", "max_age", "methods"}, a.Name):
			d.errorf(span, codeUnknownAttribute, what, "a deny rule asks for nothing that could be met; a `step_up` rule does")
		default:
			d.suggest(d.errorf(span, codeUnknownAttribute, what, ""), a.Name, func() []string { return b.kind.missingAttrs(b) })
		}
	}
	for _, a := range b.kind.Attrs {
		if a.Required && b.attr(a.Name) == nil && !b.hasBlock(a.Name) {
			d.errorf(b.header, codeMissingAttribute, b.kind.block()+" needs the attribute `"+a.Name+"`", a.Doc)
		}
	}
}

func (b *body) hasBlock(name string) bool {
	return slices.ContainsFunc(b.hcl.Blocks, func(x *hclsyntax.Block) bool { return x.Type == name })
}

// missingAttrs are the attributes that the block could still take.
func (k *Block) missingAttrs(b *body) []string {
	var names []string
	for _, a := range k.Attrs {
		if b.attr(a.Name) == nil {
			names = append(names, a.Name)
		}
	}
	return names
}

// checkNested reports nested blocks that the kind does not know.
func (d *decoder) checkNested(b *body) {
	for _, x := range b.hcl.Blocks {
		if slices.Contains(b.kind.Nested, x.Type) {
			continue
		}
		span := b.span(x.TypeRange.Start.Byte, x.TypeRange.End.Byte)
		what := b.kind.block() + " holds no block `" + short(span.Text()) + "`"
		switch {
		case slices.ContainsFunc(b.kind.Attrs, func(a Attr) bool { return a.Name == x.Type }):
			d.errorf(span, codeUnknownBlock, what, "it is an attribute: write `"+x.Type+" = …`")
		case d.isTopBlock(x.Type):
			d.errorf(span, codeUnknownBlock, what, "it stands at top level")
		default:
			d.suggest(d.errorf(span, codeUnknownBlock, what, ""), x.Type, func() []string { return b.kind.Nested })
		}
	}
}

// suggest adds what was likely meant, and puts it into the detail if that is empty.
func (d *decoder) suggest(dg *diag.Diagnostic, word string, names func() []string) {
	if d.suggestions.Spent() || d.dropped > 0 {
		return // a file of nothing but mistakes: enough has been compared
	}
	candidates := names()
	if s, ok := d.suggestions.Nearest(word, candidates); ok {
		dg.Suggestion = s
		if dg.Detail == "" {
			dg.Detail = "did you mean `" + s + "`?"
		}
	}
	if dg.Detail == "" && len(candidates) > 0 && len(candidates) <= 16 {
		dg.Detail = "there is only " + quotedList(candidates)
	}
}

// quotedList writes names for people: `a`, `b` and `c`.
func quotedList(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = "`" + n + "`"
	}
	if n := len(quoted); n > 1 {
		return strings.Join(quoted[:n-1], ", ") + " and " + quoted[n-1]
	}
	return strings.Join(quoted, "")
}

// The codes of the diagnostics of this package. They are stable: silencing and docs go by them.
const (
	codeSyntax           = "syntax"
	codeLimit            = "limit"
	codeUnknownBlock     = "unknown-block"
	codeUnknownAttribute = "unknown-attribute"
	codeMissingAttribute = "missing-attribute"
	codeMissingBlock     = "missing-block"
	codeLabel            = "label"
	codeDuplicate        = "duplicate"
	codeNotLiteral       = "not-literal"
	codeInterpolation    = "interpolation"
	codeValue            = "value"
	codeName             = "name"
	codeReserved         = "reserved"
	codeUnknownName      = "unknown-name"
	codeType             = "type"
	codeConflict         = "conflict"
	codeListFile         = "list-file"
)

// maxDiagnostics is how many diagnostics a policy gets. More help nobody, and each costs a look at its line.
const maxDiagnostics = 1000

// fault makes a diagnostic.
func fault(at diag.Span, code, summary, detail string) *diag.Diagnostic {
	return &diag.Diagnostic{Code: code, Summary: summary, Detail: detail, Range: at.Range()}
}

// errorf adds a diagnostic and returns it, so that a suggestion or a related place may be added at once.
func (d *decoder) errorf(at diag.Span, code, summary, detail string) *diag.Diagnostic {
	if d.repeats(at, summary) {
		return &diag.Diagnostic{Detail: "-"}
	}
	if len(d.diags) >= maxDiagnostics {
		d.dropped++
		return &diag.Diagnostic{Detail: "-"}
	}
	if d.policy.Partial && (code == codeUnknownName || code == codeMissingBlock) {
		return &diag.Diagnostic{Detail: "-"} // it may be in the file that does not parse
	}
	dg := fault(at, code, summary, detail)
	d.add(dg)
	return dg
}

// add adds a diagnostic that is made already.
func (d *decoder) add(dg *diag.Diagnostic) {
	d.diags = append(d.diags, dg)
}

// related names a second place in a diagnostic.
func related(dg *diag.Diagnostic, message string, at diag.Span) {
	dg.Related = append(dg.Related, diag.Related{Message: message, Range: at.Range()})
}

// decoder reads the blocks of a policy's files. It is used once.
type decoder struct {
	files       files
	what        string // the files are, for messages
	policy      *policy.Policy
	diags       []*diag.Diagnostic
	dropped     int // diagnostics beyond maxDiagnostics
	suggestions *spell.Budget

	blocks []*Block
	kinds  map[string]*Block
	bodies map[string][]*body              // by type of block
	names  map[string]map[string]diag.Span // by kind of name: where each is declared

	levels   map[string]*policy.Level
	postures map[string]*policy.Posture
	params   map[string]*policy.Param
	paramAt  map[*policy.Param]diag.Span
	actions  map[string]*policy.Action
	methods  map[string]bool // that levels and rules name
	lazy     int             // signals

	actionNames []string                    // sorted
	reached     map[string][]int            // what a pattern with `*` matches, as indices of actionNames
	reachSets   map[string][]*policy.Action // the actions of one set of patterns, shared by the rules that write it
	matches     int                         // how many more comparisons with actions there may be
	reach       int                         // how many more pairs of rule and action there may be
	listBytes   int                         // of all lists so far, as they lie in a module
	http        httpTable

	said map[saying]bool // of tests, where what is written once is read for many
}
