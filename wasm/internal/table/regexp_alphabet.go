package table

import (
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// alphabet is the code points, in classes that a regular expression does not tell apart.
type alphabet struct {
	// starts are where ranges begin, the first one at 0; class is that of each.
	starts []rune
	class  []int
	n      int
	// members says of each instruction that reads a code point which classes it takes; equal instructions share.
	members map[uint32][]bool
	// kinds of the classes, as assertions see them.
	kinds []kind
}

// kind is what assertions see of a code point: the one before and the one after.
type kind uint8

// The kinds. Where a regular expression has no assertions of lines, or of words, there are fewer.
const (
	other kind = iota
	newline
	word
	edge // of the text
)

var kindRunes = [...]rune{other: ' ', newline: '\n', word: 'a', edge: -1}

// maxClasses is how many classes there may be: a class is a byte.
const maxClasses = 256

func newAlphabet(prog *syntax.Prog) (*alphabet, error) {
	sets, byInst := runeSets(prog)
	lines, words := assertions(prog)
	if lines {
		sets = append(sets, []rune{'\n', '\n'})
	}
	if words {
		sets = append(sets, []rune{'0', '9', 'A', 'Z', '_', '_', 'a', 'z'})
	}
	a := &alphabet{starts: bounds(sets)}
	a.class, a.n = make([]int, len(a.starts)), 1
	for _, set := range sets {
		a.split(set)
		if a.n > maxClasses {
			return nil, ErrTooLarge
		}
	}
	a.kinds = make([]kind, a.n)
	for i, r := range a.starts {
		if lines && r == '\n' {
			a.kinds[a.class[i]] = newline
		} else if words && syntax.IsWordChar(r) {
			a.kinds[a.class[i]] = word
		}
	}
	a.members = make(map[uint32][]bool, len(byInst))
	shared := make([][]bool, len(sets))
	for pc, set := range byInst {
		if shared[set] == nil {
			shared[set] = a.membership(sets[set])
		}
		a.members[pc] = shared[set]
	}
	return a, nil
}

// runeSets are the distinct sets of code points that instructions take, as ranges, and which instruction takes which.
func runeSets(prog *syntax.Prog) (sets [][]rune, byInst map[uint32]int) {
	byInst = map[uint32]int{}
	seen := map[string]int{}
	for pc := range prog.Inst {
		set, ok := runesOf(&prog.Inst[pc])
		if !ok {
			continue
		}
		i, ok := seen[string(set)]
		if !ok {
			i = len(sets)
			seen[string(set)] = i
			sets = append(sets, set)
		}
		byInst[uint32(pc)] = i
	}
	return sets, byInst
}

// runesOf are the code points that an instruction takes, as ranges.
func runesOf(in *syntax.Inst) ([]rune, bool) {
	switch in.Op {
	case syntax.InstRuneAny:
		return []rune{0, unicode.MaxRune}, true
	case syntax.InstRuneAnyNotNL:
		return []rune{0, '\n' - 1, '\n' + 1, unicode.MaxRune}, true
	case syntax.InstRune, syntax.InstRune1:
		if len(in.Rune) != 1 {
			return in.Rune, true
		}
		r := in.Rune[0]
		set := []rune{r, r}
		if syntax.Flags(in.Arg)&syntax.FoldCase != 0 {
			for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
				set = append(set, f, f)
			}
		}
		return set, true
	default:
		return nil, false
	}
}

// assertions says of what kinds a program's assertions are: ^ and $ of lines, \b and \B.
func assertions(prog *syntax.Prog) (lines, words bool) {
	for i := range prog.Inst {
		if prog.Inst[i].Op == syntax.InstEmptyWidth {
			op := syntax.EmptyOp(prog.Inst[i].Arg)
			lines = lines || op&(syntax.EmptyBeginLine|syntax.EmptyEndLine) != 0
			words = words || op&(syntax.EmptyWordBoundary|syntax.EmptyNoWordBoundary) != 0
		}
	}
	return lines, words
}

// bounds are where the ranges of sets begin and end.
func bounds(sets [][]rune) []rune {
	out := []rune{0, utf8.RuneSelf}
	for _, set := range sets {
		for i := 0; i < len(set); i += 2 {
			out = append(out, set[i], set[i+1]+1)
		}
	}
	slices.Sort(out)
	out = slices.Compact(out)
	return slices.DeleteFunc(out, func(r rune) bool { return r > unicode.MaxRune })
}

// split tells the classes apart that lie partly in a set.
func (a *alphabet) split(set []rune) {
	type half struct {
		class int
		in    bool
	}
	to := map[half]int{}
	n := 0
	for i, in := range a.inside(set) {
		h := half{a.class[i], in}
		if _, ok := to[h]; !ok {
			to[h] = n
			n++
		}
		a.class[i] = to[h]
	}
	a.n = n
}

// inside says of each range whether it is in a set, which must have had its part in the bounds.
func (a *alphabet) inside(set []rune) []bool {
	out := make([]bool, len(a.starts))
	for i := 0; i < len(set); i += 2 {
		from, _ := slices.BinarySearch(a.starts, set[i])
		for j := from; j < len(a.starts) && a.starts[j] <= set[i+1]; j++ {
			out[j] = true
		}
	}
	return out
}

func (a *alphabet) membership(set []rune) []bool {
	out := make([]bool, a.n)
	for i, in := range a.inside(set) {
		if in {
			out[a.class[i]] = true
		}
	}
	return out
}

// renumber gives the classes other numbers, of which several may be one.
func (a *alphabet) renumber(to []int) {
	for i, c := range a.class {
		a.class[i] = to[c]
	}
}

// commonFirst are the classes, the one of the most ASCII characters first: it needs no entries.
func (a *alphabet) commonFirst() []int {
	count := make([]rune, a.n)
	out := make([]int, a.n)
	for i, r := range a.starts {
		if r < utf8.RuneSelf {
			count[a.class[i]] += a.end(i) - r
		}
	}
	for c := range out {
		out[c] = c
		if count[c] > count[out[0]] {
			out[0], out[c] = c, out[0]
		}
	}
	return out
}

// encoded are the classes of ASCII from the first character that is not of class 0 to the last, and the ranges above, as the guest reads them.
func (a *alphabet) encoded() (low byte, ascii []byte, ranges []uint32) {
	last := 0
	for i, r := range a.starts {
		if r < utf8.RuneSelf {
			for len(ascii) < int(a.end(i)) {
				ascii = append(ascii, byte(a.class[i]))
			}
		} else if c := a.class[i]; c != last {
			ranges = append(ranges, uint32(r)<<8|uint32(c))
			last = c
		}
	}
	rest := strings.TrimLeft(string(ascii), "\x00")
	low = byte(len(ascii) - len(rest))
	return low, []byte(strings.TrimRight(rest, "\x00")), ranges
}

// end is where a range ends.
func (a *alphabet) end(i int) rune {
	if i+1 < len(a.starts) {
		return a.starts[i+1]
	}
	return unicode.MaxRune + 1
}
