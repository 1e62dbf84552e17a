package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
	rung "github.com/rungpolicy/rung/sdk"
	"github.com/rungpolicy/rung/wasm"
	"github.com/rungpolicy/rung/wasm/host"
	"github.com/rungpolicy/rung/wasm/js"
)

// typesOf is the name of the file that TypeScript reads beside a module of JavaScript; "" if the module's name is none.
func typesOf(name string) string {
	for _, end := range [][2]string{{".mjs", ".d.mts"}, {".js", ".d.ts"}} {
		if stem, ok := strings.CutSuffix(name, end[0]); ok && stem != "" {
			return stem + end[1]
		}
	}
	return ""
}

// writeJS writes a policy's module as one of JavaScript, and its types.
func (a *app) writeJS(name string, m *wasm.Module, fast bool) error {
	about, err := host.Verify(m.Bytes)
	if err != nil {
		return err
	}
	code, err := js.Module(m.Bytes, about, fast)
	if err != nil {
		return err
	}
	for _, f := range []struct {
		name string
		text []byte
	}{{name, code}, {typesOf(name), js.Types(about)}} {
		if err := writeOver(f.name, f.text, func(name string) bool { return begins(name, js.Head) }); err != nil {
			return err
		}
	}
	fmt.Fprintf(a.err, "%s: %s bytes\n", name, thousands(len(code)))
	return nil
}

// published says what everybody can read who has a policy's module.
func published(c *rung.Checked) string {
	p := c.Policy
	var b strings.Builder
	say := func(what string, of []string) {
		if len(of) > 0 {
			fmt.Fprintf(&b, "  %-12s %s\n", what, strings.Join(of, ", "))
		}
	}
	b.WriteString("published, to whoever has the module:\n")
	say("actions", each(p.Actions, func(a *policy.Action) string { return a.Name }))
	say("patterns", slices.Concat(each(p.Actions, func(a *policy.Action) []string { return a.HTTP })...))
	say("levels", each(p.Levels, func(l *policy.Level) string { return l.Name }))
	say("postures", each(p.Postures, func(x *policy.Posture) string { return x.Name }))
	say("params", each(p.Params, func(x *policy.Param) string { return x.Name }))
	say("rules", each(p.Rules, func(r *policy.Rule) string { return r.ID }))
	say("constants", constants(c.Conditions()))
	return b.String()
}

func each[T, R any](list []T, f func(T) R) []R {
	out := make([]R, len(list))
	for i, x := range list {
		out[i] = f(x)
	}
	return out
}

// constants are the literals of conditions, as they are written, each once.
func constants(c *expr.Conditions) []string {
	var out []string
	for _, condition := range c.All {
		expr.Walk(condition.Root, func(e expr.Expr) bool {
			if x, ok := e.(*expr.Const); ok && x.Type.Kind != policy.KindBool && x.Type.Kind != policy.KindNull {
				out = append(out, x.Text)
			}
			return true
		})
	}
	slices.Sort(out)
	return slices.Compact(out)
}
