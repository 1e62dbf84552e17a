package hcl

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/policy"
)

func blockLevel() *Block {
	return &Block{
		Type: "level", Label: "level", Top: true,
		Doc: "A rung of the ladder, and what proves it. Without any, the ladder is aal1, aal2, aal3.",
		Attrs: []Attr{
			{Name: "rank", Form: "int", Required: true, Doc: "a positive integer that no other level has; a higher level satisfies a lower one"},
			{Name: "acr", Form: "list of string", Doc: "the token's `acr` values that prove the level"},
			{Name: "amr", Form: "list of list of string", Doc: "sets of methods (RFC 8176) that prove it; of a set, all are present"},
			{Name: "description", Form: "string", Doc: "what the level means"},
		},
		decode: decodeLevel, finish: finishLevels,
	}
}

func decodeLevel(d *decoder, b *body) {
	if b.name == "none" {
		d.errorf(b.label, codeReserved, "a level cannot be called `none`", "`level = \"none\"` opens an action to anybody")
		return
	}
	if !d.declare(kindLevel, b.name, b.label) {
		return
	}
	l := &policy.Level{Name: b.name, Range: b.header.Range()}
	l.Description, _ = d.attrText(b, "description")
	if rank, ok := d.attrInt(b, "rank", 1, maxNumberInt); ok {
		l.Rank = int(rank)
		d.uniqueRank(kindLevel, b, l.Rank, l.Name)
	}
	if b.attr("acr") == nil && b.attr("amr") == nil {
		d.errorf(b.header, codeMissingAttribute, "the level says nothing that proves it", "write `acr`, `amr` or both")
	}
	d.decodeACR(b, l)
	d.decodeAMR(b, l)
	d.levels[b.name] = l
	d.policy.Levels = append(d.policy.Levels, l)
}

// uniqueRank reports a rank that two levels, or two postures, share.
func (d *decoder) uniqueRank(kind string, b *body, rank int, name string) {
	key := fmt.Sprint(rank)
	ranks := kind + " rank"
	at := b.valueSpan("rank")
	if first, twice := d.names[ranks][key]; twice {
		related(d.errorf(at, codeConflict, "the "+kind+" `"+name+"` has rank "+key+", which another has", "ranks are distinct"), "first here", first)
		return
	}
	if d.names[ranks] == nil {
		d.names[ranks] = make(map[string]diag.Span)
	}
	d.names[ranks][key] = at
}

// decodeACR reads the acr values: they go into a header (docs/language.md, "Blocks"), and none proves two levels.
func (d *decoder) decodeACR(b *body, l *policy.Level) {
	values, places := d.attrTexts(b, "acr")
	for i, v := range values {
		if odd := strings.IndexFunc(v, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '\\' }); odd >= 0 {
			d.errorf(places[i], codeValue, "the acr `"+short(v)+"` holds a character that a header cannot carry", "no space, quote, backslash, control or non-ASCII character")
			continue
		}
		if slices.Contains(l.ACR, v) {
			continue
		}
		if d.provesOnce("acr", v, places[i]) {
			l.ACR = append(l.ACR, v)
		}
	}
}

// provesOnce notes what proves a level; what proves two is an error.
func (d *decoder) provesOnce(kind, key string, at diag.Span) bool {
	if d.names[kind] == nil {
		d.names[kind] = make(map[string]diag.Span)
	}
	first, twice := d.names[kind][key]
	if !twice {
		d.names[kind][key] = at
		return true
	}
	what := "the acr `" + short(key) + "`"
	if kind == "amr" {
		what = "the amr set `[" + short(key) + "]`"
	}
	related(d.errorf(at, codeConflict, what+" proves two levels", "a higher level satisfies a lower one: keep it in one of them"), "first here", first)
	return false
}

// decodeAMR reads the sets of methods.
func (d *decoder) decodeAMR(b *body, l *policy.Level) {
	outer, ok := d.attrLit(b, "amr")
	if !ok || !d.want(outer, litTuple) {
		return
	}
	if len(outer.items) == 0 {
		d.errorf(outer.span, codeValue, "`amr` is empty", "leave it out, or write sets of methods: `[[\"pwd\", \"otp\"]]`")
		return
	}
	own := make(map[string]bool)
	for _, item := range outer.items {
		if item.kind == litText {
			d.errorf(item.span, codeValue, "`amr` is a list of sets", "each set is a list: `[[\"pwd\", \"otp\"]]`").Suggestion = "[" + item.span.Text() + "]"
			continue
		}
		set, places, ok := d.texts(item, "amr set")
		if !ok {
			continue
		}
		d.countMethods(set, places)
		ranges := rangesOf(set, places)
		slices.Sort(set)
		set = slices.Compact(set)
		key := strings.Join(set, ", ")
		if own[key] {
			continue
		}
		own[key] = true
		if d.provesOnce("amr", key, item.span) {
			l.AMR = append(l.AMR, set)
			l.SetRanges = append(l.SetRanges, item.span.Range())
			l.MethodRanges = withRanges(l.MethodRanges, ranges)
		}
	}
}

// finishLevels puts the ladder in order. The default one is there only if no level is declared, be it a broken one.
func finishLevels(d *decoder) {
	if len(d.policy.Levels) == 0 {
		d.policy.Levels = policy.DefaultLevels()
		for _, l := range d.policy.Levels {
			d.levels[l.Name] = l
			for _, set := range l.AMR {
				d.countMethods(set, nil)
			}
		}
	}
	slices.SortStableFunc(d.policy.Levels, func(a, b *policy.Level) int {
		return cmp.Or(cmp.Compare(a.Rank, b.Rank), strings.Compare(a.Name, b.Name))
	})
}

// countMethods notes the methods that a policy names; the first that is one too many is reported. The default ladder's have no places, and
// are few.
func (d *decoder) countMethods(names []string, places []diag.Span) {
	for i, name := range names {
		if d.methods[name] {
			continue
		}
		d.methods[name] = true
		if len(d.methods) == policy.MaxMethods+1 {
			d.errorf(places[i], codeLimit, "the policy names more than 64 methods", "those in the `amr` of its levels and in the `methods` of its rules, each counted once")
		}
	}
}

// rangesOf is where each of some names is first written.
func rangesOf(names []string, places []diag.Span) map[string]diag.Range {
	var out map[string]diag.Range
	for i, name := range names {
		out = withRanges(out, map[string]diag.Range{name: places[i].Range()})
	}
	return out
}

// withRanges adds places of names that have none yet.
func withRanges(to, from map[string]diag.Range) map[string]diag.Range {
	for name, at := range from {
		if to == nil {
			to = make(map[string]diag.Range)
		}
		if _, known := to[name]; !known {
			to[name] = at
		}
	}
	return to
}
