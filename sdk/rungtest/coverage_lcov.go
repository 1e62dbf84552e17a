package rungtest

import (
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
)

// WriteLCOV writes the coverage as an LCOV tracefile, which editors and CI services read: a sub-condition is two branches of its line, the first taken where it was true, the
// second where it was false; a rule is a function. Names of files stand below folder; "" leaves them relative to the policy's folder.
func (c *Coverage) WriteLCOV(w io.Writer, folder string) error {
	files := make(map[string]*lcovFile)
	file := func(name string) *lcovFile {
		f := files[name]
		if f == nil {
			f = &lcovFile{lines: make(map[int]int), blocks: make(map[int]int)}
			files[name] = f
		}
		return f
	}
	rules := slices.Clone(c.Rules)
	slices.SortStableFunc(rules, func(a, b RuleCoverage) int { return byPlace(a.Range, b.Range) })
	for i := range rules {
		file(rules[i].Range.File).rule(&rules[i])
	}
	for i := range c.Conditions {
		file(c.Conditions[i].Range.File).condition(&c.Conditions[i])
	}
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(&b, "TN:\nSF:%s\n", path.Join(folder, name))
		files[name].write(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// lcovFile is what there is of a file.
type lcovFile struct {
	functions, calls []string
	called           int
	branches         []string
	taken            int
	blocks           map[int]int // by line: how many sub-conditions there are so far
	lines            map[int]int // by line: how often something of it was evaluated
}

func (f *lcovFile) rule(r *RuleCoverage) {
	asked := r.Applied + r.NotApplied + r.Errors + r.Pending
	name := strings.ReplaceAll(oneLine(r.Rule), ",", ";") // the fields' own separator
	f.functions = append(f.functions, fmt.Sprintf("FN:%d,%s\n", r.Range.Start.Line, name))
	f.calls = append(f.calls, fmt.Sprintf("FNDA:%d,%s\n", asked, name))
	f.called += min(asked, 1)
	f.lines[r.Range.Start.Line] += asked
}

func (f *lcovFile) condition(c *ConditionCoverage) {
	line, asked := c.Range.Start.Line, c.True+c.False+c.Errors+c.Pending
	block := f.blocks[line]
	f.blocks[line]++
	for branch, n := range [...]int{c.True, c.False} {
		hits := "-" // never got there
		if asked > 0 {
			hits = fmt.Sprint(n)
		}
		f.branches = append(f.branches, fmt.Sprintf("BRDA:%d,%d,%d,%s\n", line, block, branch, hits))
		f.taken += min(n, 1)
	}
	f.lines[line] += asked
}

func (f *lcovFile) write(b *strings.Builder) {
	for _, s := range slices.Concat(f.functions, f.calls) {
		b.WriteString(s)
	}
	fmt.Fprintf(b, "FNF:%d\nFNH:%d\n", len(f.functions), f.called)
	for _, s := range f.branches {
		b.WriteString(s)
	}
	fmt.Fprintf(b, "BRF:%d\nBRH:%d\n", len(f.branches), f.taken)
	hit := 0
	for _, line := range slices.Sorted(maps.Keys(f.lines)) {
		fmt.Fprintf(b, "DA:%d,%d\n", line, f.lines[line])
		hit += min(f.lines[line], 1)
	}
	fmt.Fprintf(b, "LF:%d\nLH:%d\nend_of_record\n", len(f.lines), hit)
}
