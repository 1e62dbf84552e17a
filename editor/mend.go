package editor

import (
	"slices"
	"strings"
)

// declarations returns the text with what it declares alone, and without what package hcl would refuse: what has no meaning is blotted out, values that are
// not finished with their attributes, and rules; blocks are closed. What is left means what it meant. It stays the same while somebody writes a rule.
func (t *tree) declarations() string {
	out := slices.Clone(t.text.src.Bytes)
	blot := func(s span) {
		for i := s.start; i < s.end; i++ {
			if out[i] != '\n' && out[i] != '\r' {
				out[i] = ' '
			}
		}
	}
	for _, s := range t.junk {
		blot(s)
	}
	t.walk(t.root, func(b *block) {
		if t.isRule(b) {
			blot(b.whole)
		}
		for _, a := range b.attrs {
			if a.value == nil || !a.value.ok {
				blot(a.whole)
			}
		}
	})
	var closed strings.Builder
	last := 0
	for _, b := range slices.SortedFunc(slices.Values(t.open), func(a, b *block) int { return a.body.end - b.body.end }) {
		if t.inRule(b) {
			continue
		}
		closed.Write(words(out[last:b.body.end]))
		closed.WriteString("\n}\n")
		last = b.body.end
	}
	closed.Write(words(out[last:]))
	return closed.String()
}

// words is a text without its empty lines.
func words(text []byte) []byte {
	var out []byte
	for line := range strings.Lines(string(text)) {
		if strings.TrimSpace(line) != "" {
			out = append(out, line...)
		}
	}
	return out
}

func (t *tree) isRule(b *block) bool {
	kind := t.text.bytes(b.kind)
	return kind == "step_up" || kind == "deny"
}

// inRule reports whether a block is a rule, or in one.
func (t *tree) inRule(b *block) bool {
	for ; b != t.root; b = b.parent {
		if t.isRule(b) {
			return true
		}
	}
	return false
}

// walk calls f for a block and all in it.
func (t *tree) walk(b *block, f func(*block)) {
	f(b)
	for _, x := range b.blocks {
		t.walk(x, f)
	}
}
