package hcl

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode"

	hclv2 "github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/internal/spell"
	"github.com/rungpolicy/rung/policy"
)

const (
	policySuffix = ".rung.hcl"
	testSuffix   = ".rungtest.hcl"
)

// ErrNoFiles says that a folder holds no policy file.
var ErrNoFiles = errors.New("no *.rung.hcl file here")

// Result is what has been read of a policy.
type Result struct {
	// Policy is never nil: it is what could be read. If Diagnostics has errors, nothing may be built from it, but later stages may
	// look for more to report.
	Policy *policy.Policy
	// Sources are the policy files, then the list files, each by name.
	Sources []*diag.Source
	// Diagnostics are sorted.
	Diagnostics diag.List
}

// Parse reads a policy: the named files of fsys, or all *.rung.hcl files in its root if none is named. Whatever is wrong with what they
// say is in the diagnostics; the error is for files that cannot be read, and is [ErrNoFiles] if there is none. The result is not nil
// even then.
func Parse(fsys fs.FS, names ...string) (*Result, error) {
	d := newDecoder(fsys, Blocks())
	err := d.files.read(names, policySuffix)
	if err == nil {
		d.decodeAll(d.parseFiles())
	}
	return d.result(), err
}

func newDecoder(fsys fs.FS, blocks []*Block) *decoder {
	return &decoder{
		files:       files{fsys: fsys, lists: make(map[string]*diag.Source)},
		what:        "the policy is",
		policy:      &policy.Policy{MaxCost: policy.DefaultMaxCost},
		suggestions: spell.NewBudget(1 << 23),
		blocks:      blocks,
		kinds:       kindsByType(blocks),
		bodies:      make(map[string][]*body),
		names:       make(map[string]map[string]diag.Span),
		levels:      make(map[string]*policy.Level),
		postures:    make(map[string]*policy.Posture),
		params:      make(map[string]*policy.Param),
		paramAt:     make(map[*policy.Param]diag.Span),
		actions:     make(map[string]*policy.Action),
		methods:     make(map[string]bool),
	}
}

// read reads the named files, or those of the suffix; those that are too large are cut, which prescan reports.
func (f *files) read(names []string, suffix string) error {
	if len(names) == 0 {
		entries, err := fs.ReadDir(f.fsys, ".")
		if err != nil {
			return err
		}
		for _, e := range entries {
			if strings.HasSuffix(e.Name(), suffix) && !e.IsDir() {
				names = append(names, e.Name())
			}
		}
		if len(names) == 0 {
			return ErrNoFiles
		}
	}
	names = slices.Clone(names)
	for i := range names {
		names[i] = path.Clean(names[i])
	}
	slices.Sort(names)
	var errs []error
	for _, name := range slices.Compact(names) {
		b, err := readFile(f.fsys, name, policy.MaxFileBytes)
		if err != nil && !errors.Is(err, errTooLarge) {
			errs = append(errs, err)
			continue
		}
		f.sources = append(f.sources, diag.NewSource(name, b))
	}
	return errors.Join(errs...)
}

// parsedFile is a file that HCL has parsed.
type parsedFile struct {
	src  *diag.Source
	body *hclsyntax.Body
}

// parseFiles returns the files that parse, and reports what does not.
func (d *decoder) parseFiles() []parsedFile {
	var parsed []parsedFile
	total := 0
	for _, src := range d.files.sources {
		total += len(src.Bytes)
		if total > policy.MaxPolicyBytes {
			d.errorf(src.Span(0, 0), codeLimit, d.what+" larger than 16 MiB", "all its files together, lists aside")
			d.policy.Partial = true
			return nil
		}
		text, start, why := prescan(src)
		if why != nil {
			d.add(why)
			d.policy.Partial = true
			continue
		}
		file, diags := hclsyntax.ParseConfig(text, src.Name, start)
		body, ok := file.Body.(*hclsyntax.Body)
		if d.syntax(src, body, diags) || !ok {
			d.policy.Partial = true
			continue
		}
		parsed = append(parsed, parsedFile{src, body})
	}
	return parsed
}

// syntax reports what HCL's parser has to say, in our words. It returns whether the file does not parse: an attribute that
// is there twice is no reason to stop.
func (d *decoder) syntax(src *diag.Source, body *hclsyntax.Body, diags hclv2.Diagnostics) (broken bool) {
	for _, dg := range diags {
		span := src.Span(0, 0)
		if dg.Subject != nil {
			span = src.Span(dg.Subject.Start.Byte, dg.Subject.End.Byte)
		}
		if len(d.diags) >= maxDiagnostics { // to find the first of two attributes is not free
			d.dropped++
			broken = broken || dg.Summary != "Attribute redefined"
			continue
		}
		if dg.Summary == "Attribute redefined" {
			d.attributeTwice(src, body, span)
			continue
		}
		broken = true
		summary, detail := syntaxWords(dg.Summary, dg.Detail)
		d.errorf(span, codeSyntax, summary, detail)
	}
	return broken
}

// attributeTwice reports an attribute that a body has twice, with the place of the first.
func (d *decoder) attributeTwice(src *diag.Source, body *hclsyntax.Body, second diag.Span) {
	first := body.Attributes[second.Text()]
	for inner := body; inner != nil; {
		first = inner.Attributes[second.Text()]
		next := slices.IndexFunc(inner.Blocks, func(b *hclsyntax.Block) bool {
			return b.OpenBraceRange.Start.Byte <= second.Start && second.End <= b.CloseBraceRange.End.Byte
		})
		if next < 0 {
			break
		}
		inner = inner.Blocks[next].Body
	}
	dg := d.errorf(second, codeDuplicate, "the attribute `"+short(second.Text())+"` is there twice", "")
	if first != nil {
		related(dg, "first here", src.Span(first.NameRange.Start.Byte, first.NameRange.End.Byte))
	}
}

// syntaxWords puts HCL's words into the form of ours: lower case, no final stop, the author's words in backticks. The
// common ones are said anew.
func syntaxWords(summary, detail string) (string, string) {
	switch summary {
	case "Argument or block definition required":
		return "an attribute or a block belongs here", "an attribute is `name = value`, a block `name \"label\" {`"
	case "Invalid expression":
		return "a value belongs here", "text in quotes, a number, `true` or `false`, a list in brackets or an object in braces"
	case "Missing newline after argument":
		return "the attribute ends before this, and so must its line", "each attribute stands on a line of its own"
	case "Unclosed configuration block":
		return "the block is not closed", "`}` closes it; perhaps one is missing in what follows"
	case "Argument definition required":
		return "a block on one line holds one attribute, and no block", "a block in it stands on lines of its own, and so does `}`"
	case "Invalid single-argument block definition":
		return "a block on one line holds one attribute, and ends there", "with more of them, each stands on a line of its own, and so does `}`"
	case "Invalid character":
		if strings.Contains(detail, "quotes") || strings.Contains(detail, "multi-line string") {
			return "this character has no meaning here", "text stands in double quotes, or in a heredoc, `<<-EOT`"
		}
	}
	words := strings.NewReplacer("configuration", "policy", "An argument", "An attribute", "Argument", "Attribute", "argument", "attribute", `"`, "`")
	sentences := strings.Split(strings.TrimSuffix(detail, "."), ". ")
	for i := range sentences {
		sentences[i] = lowerFirst(words.Replace(sentences[i]))
	}
	return lowerFirst(words.Replace(summary)), strings.Join(sentences, "; ")
}

func lowerFirst(s string) string {
	for i, r := range s {
		if i == 0 {
			return string(unicode.ToLower(r)) + s[len(string(r)):]
		}
	}
	return s
}

// decodeAll reads the blocks of all files, kind by kind: what is named comes before what names it.
func (d *decoder) decodeAll(parsed []parsedFile) {
	for _, f := range parsed {
		d.openFile(f)
	}
	for _, kind := range Blocks() {
		if !kind.Top {
			continue
		}
		for _, b := range d.bodies[kind.Type] {
			b.kind.decode(d, b)
		}
		if kind.finish != nil {
			kind.finish(d)
		}
	}
}

// openFile sorts the blocks of a file by kind.
func (d *decoder) openFile(f parsedFile) {
	for name, a := range f.body.Attributes {
		at := f.src.Span(a.NameRange.Start.Byte, a.NameRange.End.Byte)
		detail := "only blocks stand there"
		if d.isTopBlock(name) {
			detail = "it is a block: write `" + name + " {` without `=`"
		}
		d.errorf(at, codeUnknownAttribute, "no attribute stands at top level", detail)
	}
	for _, hb := range f.body.Blocks {
		kind := d.kinds[hb.Type]
		if kind == nil || !kind.Top {
			d.unknownBlock(f.src, hb)
			continue
		}
		// A policy block without a usable name is one all the same: nothing refers to it.
		if b, ok := d.openBlock(f.src, kind, hb); ok || kind.Type == "policy" {
			group := kind.Type
			if group == "deny" {
				group = "step_up" // one kind of name: of two alike, the later one is the second
			}
			d.bodies[group] = append(d.bodies[group], b)
		}
	}
}

func (d *decoder) unknownBlock(src *diag.Source, hb *hclsyntax.Block) {
	at := src.Span(hb.TypeRange.Start.Byte, hb.TypeRange.End.Byte)
	what := "there is no block `" + short(at.Text()) + "`"
	switch hb.Type {
	case "action", "policy", "level", "signal", "param", "list", "let", "posture", "step_up", "deny":
		d.errorf(at, codeUnknownBlock, "`"+hb.Type+"` stands in a `*"+policySuffix+"` file", "move it there: this file holds tests")
	case "test", "fixture":
		d.errorf(at, codeUnknownBlock, "a `"+hb.Type+"` block stands in a `*"+testSuffix+"` file", "move it there: tests are no part of the policy")
	case "rollout":
		d.errorf(at, codeUnknownBlock, "a `rollout` block stands in a rule", "")
	default:
		d.suggest(d.errorf(at, codeUnknownBlock, what, ""), hb.Type, d.topBlocks)
	}
}

// kindsByType are the kinds of block by the word that begins them.
func kindsByType(blocks []*Block) map[string]*Block {
	kinds := make(map[string]*Block)
	for _, k := range blocks {
		kinds[k.Type] = k
	}
	return kinds
}

func (d *decoder) isTopBlock(name string) bool {
	k := d.kinds[name]
	return k != nil && k.Top
}

func (d *decoder) topBlocks() []string {
	var names []string
	for _, k := range d.blocks {
		if k.Top {
			names = append(names, k.Type)
		}
	}
	return names
}

// result is all that has been read.
func (d *decoder) result() *Result {
	lists := make([]*diag.Source, 0, len(d.files.lists))
	for _, src := range d.files.lists {
		lists = append(lists, src)
	}
	slices.SortFunc(lists, func(a, b *diag.Source) int { return strings.Compare(a.Name, b.Name) })
	r := &Result{Policy: d.policy, Sources: append(slices.Clone(d.files.sources), lists...)}
	d.policy.Digest = digest(r.Sources)
	for _, src := range d.files.sources {
		d.policy.Bytes += len(src.Bytes)
	}
	for _, dg := range d.diags {
		r.Diagnostics.Add(*dg)
	}
	r.Diagnostics.Sort()
	if d.dropped > 0 {
		last := r.Diagnostics[len(r.Diagnostics)-1].Range
		r.Diagnostics.Add(diag.Diagnostic{
			Code: codeLimit, Range: last, Summary: fmt.Sprintf("%d more errors are not shown", d.dropped), Detail: "these come first",
		})
	}
	return r
}
