package editor

import (
	"slices"
	"strings"
)

// mend returns the text without what package hcl would refuse: what has no meaning is blotted out, values that are not finished with their
// attributes, and blocks are closed. What is left means what it meant. Lines stay lines.
func (t *tree) mend() string {
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
		for _, a := range b.attrs {
			if a.value == nil || !a.value.ok {
				blot(a.whole)
			}
		}
	})
	open := slices.Clone(t.open)
	slices.Sort(open)
	var mended strings.Builder
	last := 0
	for _, at := range open {
		mended.Write(out[last:at])
		mended.WriteString("\n}\n")
		last = at
	}
	mended.Write(out[last:])
	return mended.String()
}

// walk calls f for a block and all in it.
func (t *tree) walk(b *block, f func(*block)) {
	f(b)
	for _, x := range b.blocks {
		t.walk(x, f)
	}
}
