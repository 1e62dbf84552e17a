// Package lang writes the neutral policy in the engines' languages.
package lang

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/rungpolicy/rung/bench/bank"
)

// dialect renders conditions for the languages that look like C: CEL, Cedar.
type dialect struct {
	path                                 func(string) string
	str                                  func(string) string
	num                                  func(path, cmp string, n float64) string
	in, has, prefix, cidr, match, exists func(d *dialect, e *bank.Expr) string
	inInt                                func(d *dialect, e *bank.Expr) string
}

func (d *dialect) strs(l []string) string {
	q := make([]string, len(l))
	for i, s := range l {
		q[i] = d.str(s)
	}
	return strings.Join(q, ", ")
}

func ints(l []int64) string {
	q := make([]string, len(l))
	for i, n := range l {
		q[i] = strconv.FormatInt(n, 10)
	}
	return strings.Join(q, ", ")
}

func double(n float64) string {
	s := strconv.FormatFloat(n, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

func (d *dialect) render(e *bank.Expr) string {
	switch e.Op {
	case bank.OpAnd, bank.OpOr:
		sep := " && "
		if e.Op == bank.OpOr {
			sep = " || "
		}
		parts := make([]string, len(e.Args))
		for i, a := range e.Args {
			parts[i] = d.render(a)
		}
		return "(" + strings.Join(parts, sep) + ")"
	case bank.OpNot:
		return "!(" + d.render(e.Args[0]) + ")"
	case bank.OpBool:
		return d.path(e.Path)
	case bank.OpInt:
		return fmt.Sprintf("%s %s %d", d.path(e.Path), e.Cmp, e.Int)
	case bank.OpFloat:
		return d.num(e.Path, e.Cmp, e.Num)
	case bank.OpStr:
		return fmt.Sprintf("%s %s %s", d.path(e.Path), e.Cmp, d.str(e.Str))
	case bank.OpPaths:
		return fmt.Sprintf("%s %s %s", d.path(e.Path), e.Cmp, d.path(e.Path2))
	case bank.OpIn:
		return d.in(d, e)
	case bank.OpInInt:
		return d.inInt(d, e)
	case bank.OpHas:
		return d.has(d, e)
	case bank.OpPrefix:
		return d.prefix(d, e)
	case bank.OpCIDR:
		return d.cidr(d, e)
	case bank.OpMatch:
		return d.match(d, e)
	case bank.OpExists:
		return d.exists(d, e)
	}
	panic("op")
}

func celDialect() *dialect {
	return &dialect{
		path: func(p string) string { return p }, str: strconv.Quote,
		num:    func(p, cmp string, n float64) string { return p + " " + cmp + " " + double(n) },
		in:     func(d *dialect, e *bank.Expr) string { return e.Path + " in [" + d.strs(e.List) + "]" },
		inInt:  func(d *dialect, e *bank.Expr) string { return e.Path + " in [" + ints(e.Ints) + "]" },
		has:    func(d *dialect, e *bank.Expr) string { return d.str(e.Str) + " in " + e.Path },
		prefix: func(d *dialect, e *bank.Expr) string { return e.Path + ".startsWith(" + d.str(e.Str) + ")" },
		cidr:   func(d *dialect, e *bank.Expr) string { return "cidr(" + d.str(e.Str) + ").containsIP(" + e.Path + ")" },
		match:  func(d *dialect, e *bank.Expr) string { return e.Path + ".matches(" + d.str(e.Str) + ")" },
		exists: func(d *dialect, e *bank.Expr) string {
			return e.Path + ".exists(x, x.startsWith(" + d.str(e.Str) + "))"
		},
	}
}

// CEL is a condition in CEL.
func CEL(e *bank.Expr) string { return celDialect().render(e) }
