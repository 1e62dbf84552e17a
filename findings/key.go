package findings

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
)

// keyOf is a text that two expressions have in common only if they come to the same in every request: how they are written does not count, nor
// where, and not whether a function is called as a method.
func keyOf(e expr.Expr) string {
	var b strings.Builder
	writeKey(&b, e)
	return b.String()
}

func writeKey(b *strings.Builder, e expr.Expr) {
	all := func(name string, of ...expr.Expr) {
		b.WriteString(name + "(")
		for i, c := range of {
			if i > 0 {
				b.WriteByte(',')
			}
			writeKey(b, c)
		}
		b.WriteByte(')')
	}
	switch e := e.(type) {
	case *expr.Const:
		writeConst(b, e.Value)
	case *expr.TypeConst:
		b.WriteString("type:" + e.Name)
	case *expr.Signal:
		b.WriteString(e.Name)
	case *expr.Param:
		b.WriteString("param." + strconv.Quote(e.Name))
	case *expr.List:
		b.WriteString("list." + strconv.Quote(e.Name))
	case *expr.Local:
		b.WriteString("$" + strconv.Itoa(e.Slot))
	case *expr.SessionLevel:
		b.WriteString("session.level")
	case *expr.Select:
		writeKey(b, e.Of)
		b.WriteString(".")
		if e.Optional {
			b.WriteString("?")
		}
		b.WriteString(strconv.Quote(e.Name))
	case *expr.Has:
		all("has["+strconv.FormatBool(e.Chain)+","+strconv.Quote(e.Name)+"]", e.Of)
	case *expr.Index:
		all("index["+strconv.FormatBool(e.Optional)+"]", e.Of, e.Key)
	case *expr.Logic:
		all("or["+strconv.FormatBool(e.Or)+"]", e.Left, e.Right)
	case *expr.Cond:
		all("cond", e.If, e.Then, e.Else)
	case *expr.Call:
		all("call["+e.Function+"]", e.Args...)
	case *expr.OrElse:
		all("orElse["+strconv.FormatBool(e.Value)+"]", e.Of, e.Other)
	case *expr.MakeList:
		all(fmt.Sprint("list", e.Optional), e.Elems...)
	case *expr.MakeMap:
		all(fmt.Sprint("map", e.Optional), expr.Children(e)...)
	case *expr.Fold:
		all(fmt.Sprint("fold[", e.Macro, slots(e.Vars), e.Filter != nil, "]"), expr.Children(e)...)
	case *expr.Bind:
		all(fmt.Sprint("bind[", e.Var.Slot, "]"), e.Init, e.Body)
	case *expr.OptMap:
		all(fmt.Sprint("optMap[", e.Var.Slot, e.Flat, "]"), e.Of, e.Body)
	}
}

func writeConst(b *strings.Builder, v policy.Value) {
	switch v := v.(type) {
	case string:
		b.WriteString(strconv.Quote(v))
	case int64:
		b.WriteString(strconv.FormatInt(v, 10))
	case float64:
		b.WriteString("double:" + strconv.FormatFloat(v, 'g', -1, 64))
	default:
		fmt.Fprintf(b, "%T:%q", v, fmt.Sprint(v))
	}
}

func slots(vars []expr.Var) []int {
	out := make([]int, len(vars))
	for i, v := range vars {
		out[i] = v.Slot
	}
	return out
}

// pathSep stands between the names of a path.
const pathSep = "\x00"

// pathOf is what a chain of selects looks at, as names with pathSep between: `device.first_seen`, or an attribute of a variable. ok is false of what is no such
// chain.
func pathOf(e expr.Expr) (path string, ok bool) {
	switch e := e.(type) {
	case *expr.Signal:
		return e.Name, true
	case *expr.Local:
		return "$" + strconv.Itoa(e.Slot), true
	case *expr.Select:
		if of, ok := pathOf(e.Of); ok {
			return of + pathSep + e.Name, true
		}
	default:
	}
	return "", false
}

// within reports whether a path is another, or leads through it.
func within(path, through string) bool {
	rest, ok := strings.CutPrefix(path, through)
	return ok && (rest == "" || strings.HasPrefix(rest, pathSep))
}

// shortText is an expression as written, on one line, and not too long for one.
func shortText(e expr.Expr) string {
	const most = 60
	text := []rune(strings.Join(strings.Fields(e.Node().Text), " "))
	if len(text) > most {
		return string(text[:most-1]) + "…"
	}
	return string(text)
}
