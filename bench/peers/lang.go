package main

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/rungpolicy/rung/bench/bank"
)

// language is how a language writes conditions. Those of Go's expression libraries look alike.
type language struct {
	path   func(string) string
	quote  func(string) string
	in     func(path string, list []string) string
	has    string // format of a list and a text
	prefix string // of a text and a prefix
	cidr   string // of a range and an address
	match  string // of a text and a pattern
	exists string // of a list and a prefix
}

func (l *language) render(e *bank.Expr) string {
	switch e.Op {
	case bank.OpAnd:
		return l.join(e.Args, " && ")
	case bank.OpOr:
		return l.join(e.Args, " || ")
	case bank.OpNot:
		return "!(" + l.render(e.Args[0]) + ")"
	case bank.OpBool:
		return l.path(e.Path)
	case bank.OpInt:
		return fmt.Sprintf("%s %s %d", l.path(e.Path), e.Cmp, e.Int)
	case bank.OpFloat:
		return fmt.Sprintf("%s %s %s", l.path(e.Path), e.Cmp, strconv.FormatFloat(e.Num, 'f', -1, 64))
	case bank.OpStr:
		return fmt.Sprintf("%s %s %s", l.path(e.Path), e.Cmp, l.quote(e.Str))
	case bank.OpPaths:
		return fmt.Sprintf("%s %s %s", l.path(e.Path), e.Cmp, l.path(e.Path2))
	case bank.OpIn:
		return l.in(l.path(e.Path), quoted(l.quote, e.List))
	case bank.OpInInt:
		return l.in(l.path(e.Path), numbers(e.Ints))
	case bank.OpHas:
		return fmt.Sprintf(l.has, l.path(e.Path), l.quote(e.Str))
	case bank.OpPrefix:
		return fmt.Sprintf(l.prefix, l.path(e.Path), l.quote(e.Str))
	case bank.OpCIDR:
		return fmt.Sprintf(l.cidr, l.quote(e.Str), l.path(e.Path))
	case bank.OpMatch:
		return fmt.Sprintf(l.match, l.path(e.Path), l.quote(e.Str))
	case bank.OpExists:
		return fmt.Sprintf(l.exists, l.path(e.Path), l.quote(e.Str))
	}
	panic("op")
}

func (l *language) join(args []*bank.Expr, operator string) string {
	parts := make([]string, len(args))
	for i, a := range args {
		parts[i] = l.render(a)
	}
	return "(" + strings.Join(parts, operator) + ")"
}

func quoted(quote func(string) string, list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = quote(s)
	}
	return out
}

func numbers(list []int64) []string {
	out := make([]string, len(list))
	for i, n := range list {
		out[i] = strconv.FormatInt(n, 10)
	}
	return out
}

// goFields are the paths of [bank.Signals] in Go's names: "subject.id" is Subject.ID.
var goFields = func() map[string]string {
	out := map[string]string{}
	for _, signal := range reflect.VisibleFields(reflect.TypeFor[bank.Signals]()) {
		for _, attr := range reflect.VisibleFields(signal.Type) {
			out[signal.Tag.Get("json")+"."+attr.Tag.Get("json")] = signal.Name + "." + attr.Name
		}
	}
	return out
}()

func goField(path string) string {
	name, ok := goFields[path]
	if !ok {
		panic("unknown path " + path)
	}
	return name
}

// byAction are the rules of each action.
func byAction(p *bank.Policy) map[string][]bank.Rule {
	out := map[string][]bank.Rule{}
	for _, r := range p.Rules {
		out[r.Action] = append(out[r.Action], r)
	}
	return out
}
