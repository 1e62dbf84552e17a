package cel

import (
	"strings"
	"unicode/utf8"
)

// A doc is a text with the places where it may be broken, in the manner of Wadler's "A prettier printer". Widths are computed as docs are made,
// bottom-up, so that each is looked at once when it is printed: time is linear.
type doc struct {
	kind docKind
	text string // of docText; of docLine where it is not broken; of docHard the comment that ends the line
	kids []*doc

	width  int  // on one line
	lead   int  // up to where it may first be broken
	breaks bool // there is such a place
	hard   bool // it cannot be on one line
	blank  bool // docHard: an empty line follows
}

type docKind uint8

const (
	docText   docKind = iota
	docLine           // the text, or a new line if the group around it is broken
	docHard           // a new line
	docConcat         // the kids
	docNest           // the kids, new lines indented once more
	docGroup          // the kids, all lines in them broken, or none if they fit
	docFill           // the kids, a line broken where what follows it does not fit
)

func textDoc(s string) *doc {
	d := &doc{kind: docText, text: s}
	first, _, several := strings.Cut(s, "\n") // within a string
	d.width = utf8.RuneCountInString(first)
	d.lead, d.hard = d.width, several
	return d
}

func lineDoc(s string) *doc { return &doc{kind: docLine, text: s, width: len(s), breaks: true} }

func hardDoc(comment string, blank bool) *doc {
	return &doc{kind: docHard, text: comment, blank: blank, breaks: true, hard: true}
}

func newDoc(kind docKind, kids []*doc) *doc {
	d := &doc{kind: kind, kids: kids}
	for _, k := range kids {
		if !d.breaks {
			d.lead += k.lead
			d.breaks = k.breaks
		}
		d.width += k.width
		d.hard = d.hard || k.hard
	}
	return d
}

func concat(kids ...*doc) *doc { return newDoc(docConcat, kids) }
func nest(kids ...*doc) *doc   { return newDoc(docNest, kids) }
func group(kids ...*doc) *doc  { return newDoc(docGroup, kids) }

// printer writes a doc.
type printer struct {
	Layout
	out strings.Builder
	col int
}

// maxIndent is how often lines are indented at most: a condition nested deeper grows no wider.
const maxIndent = 20

// print writes d. Flat says that its lines are not broken, tail is the width of what follows it up to the next place for a break.
func (p *printer) print(d *doc, indent int, flat bool, tail int) {
	switch d.kind {
	case docText:
		p.write(d.text)
	case docLine:
		if flat {
			p.write(d.text)
		} else {
			p.newline(indent)
		}
	case docHard:
		p.out.WriteString(d.text)
		if d.blank {
			p.out.WriteString(p.Newline)
		}
		p.newline(indent)
	case docConcat:
		p.all(d, indent, flat, tail)
	case docNest:
		p.all(d, indent+1, flat, tail)
	case docGroup:
		p.all(d, indent, flat || !d.hard && p.fits(d.width+tail), tail)
	case docFill:
		p.fill(d, indent, flat, tail)
	}
}

func (p *printer) fits(width int) bool { return p.Width < 0 || p.col+width <= p.Width }

func (p *printer) write(s string) {
	p.out.WriteString(s)
	if i := strings.LastIndexByte(s, '\n'); i >= 0 {
		p.col, s = 0, s[i+1:]
	}
	p.col += utf8.RuneCountInString(s)
}

func (p *printer) newline(indent int) {
	p.col = 2 * min(indent, maxIndent)
	p.out.WriteString(p.Newline + strings.Repeat(" ", p.col))
}

// tails are, for each kid, the width of what follows it up to the next place for a break.
func tails(kids []*doc, tail int) []int {
	out := make([]int, len(kids))
	for i := len(kids) - 1; i >= 0; i-- {
		out[i] = tail
		if kids[i].breaks {
			tail = 0
		}
		tail += kids[i].lead
	}
	return out
}

func (p *printer) all(d *doc, indent int, flat bool, tail int) {
	for i, t := range tails(d.kids, tail) {
		p.print(d.kids[i], indent, flat, t)
	}
}

func (p *printer) fill(d *doc, indent int, flat bool, tail int) {
	follow := tails(d.kids, tail)
	for i, k := range d.kids {
		oneLine := flat
		if k.kind == docLine && i+1 < len(d.kids) {
			next := d.kids[i+1]
			oneLine = flat || p.fits(k.width+next.width+follow[i+1])
		}
		p.print(k, indent, oneLine, follow[i])
	}
}
