package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/wasm"
)

// sizeTable says what takes the room in a module: the sections, then what is in code and data.
func sizeTable(s *wasm.Sizes) string {
	var b strings.Builder
	row := func(depth, n int, what, note string) {
		b.WriteString(strings.TrimRight(fmt.Sprintf("%9s  %s%-*s  %s", thousands(n), strings.Repeat("  ", depth), 48-2*depth, diag.Visible(what), diag.Visible(note)), " ") + "\n")
	}
	row(0, s.Total, "bytes in all", "")
	rest := s.Total
	for _, section := range s.Sections {
		if section.Custom || section.Name == "code" || section.Name == "data" {
			row(1, section.Size, section.Name, sectionNotes[section.Name])
			rest -= section.Size
		}
	}
	row(1, rest, "the rest", "types, exports, lengths")
	for _, k := range partKinds {
		if n := s.Kind(k.kind); n > 0 {
			b.WriteByte('\n')
			row(0, n, k.title, k.note)
		}
		for _, p := range s.Parts {
			if p.Kind == k.kind {
				row(1, p.Size, partName(p), strings.Join(p.Rules, ", "))
			}
		}
	}
	return b.String()
}

var sectionNotes = map[string]string{
	"code":         "functions",
	"data":         "constants, lists",
	"rung.meta":    "which policy, and what it needs",
	"rung.schema":  "what a request holds, and where it goes",
	"rung.outputs": "the words of decisions",
	"rung.debug":   "where conditions stand; --strip leaves it out",
}

// partKinds are the kinds of parts in words, in the order in which they are printed.
var partKinds = []struct {
	kind        wasm.Kind
	title, note string
}{
	{wasm.KindRule, "rules", "each with what it alone uses"},
	{wasm.KindAction, "actions", "what each does besides its rules"},
	{wasm.KindShared, "shared", "what several rules use"},
	{wasm.KindPolicy, "policy", "once for all actions"},
	{wasm.KindRuntime, "runtime", "helpers, of which a module has those that it calls"},
	{wasm.KindJSON, "entry for JSON", "what it alone needs, helpers and data among it"},
	{wasm.KindList, "lists", "data"},
	{wasm.KindData, "other data", ""},
}

// sharedNames are what parts of the policy are called, by their names in the module.
var sharedNames = []struct{ prefix, name string }{
	{"shared.param.", "param "},
	{"shared.", ""},
	{"condition.", "condition "},
	{"common.", "part of conditions "},
	{"by.", "rollout by "},
	{"rt_acr", "the levels' acr values"},
	{"rt_method", "the methods"},
	{"decide", "decide: which action"},
	{"begin", "begin: memory for a request"},
}

// partName is the name of a part in words.
func partName(p wasm.Part) string {
	if p.Kind != wasm.KindShared && p.Kind != wasm.KindPolicy {
		return p.Name
	}
	for _, n := range sharedNames {
		if rest, ok := strings.CutPrefix(p.Name, n.prefix); ok {
			return n.name + rest
		}
	}
	return p.Name
}

// thousands is a number with commas: 12,345.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
