package findings

import (
	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/expr"
)

func unused() *Finding {
	return &Finding{
		Code: "unused", Severity: diag.Warning,
		Title: "a let, list, param or signal that no rule reads",
		Explanation: "Nothing that is decided depends on it. Often a condition was meant to read it, and reads something else; or the rule that did is gone, " +
			"and operators still turn a param that does nothing, applications still fetch a signal for nobody.\n\n" +
			"What only an unused let reads is unused too. `session` and `subject` are read by every decision, rules that are off count as rules, tests do not. " +
			"Levels and postures are not looked at: a level is evidence even if no rule asks for it, and a posture may be there for its name.",
		Bad: `list "sanctioned" { values = ["KP", "IR"] }

action "transfer.create" {
  level    = "aal1"
  resource = object({ country = string })

  deny "sanctioned country" {
    when = "resource.country in ['KP']"
  }
}
`,
		Good: `list "sanctioned" { values = ["KP", "IR"] }

action "transfer.create" {
  level    = "aal1"
  resource = object({ country = string })

  deny "sanctioned country" {
    when = "resource.country in list.sanctioned"
  }
}
`,
		find: findUnused,
	}
}

func findUnused(f *finder) {
	// The names that conditions read. Decisions themselves read the session and who the subject is.
	signals := map[string]bool{"session": true, "subject": true}
	params, lists := map[string]bool{}, map[string]bool{}
	f.walk(func(e expr.Expr) {
		switch e := e.(type) {
		case *expr.Signal:
			signals[e.Name] = true
		case *expr.Param:
			params[e.Name] = true
		case *expr.List:
			lists[e.Name] = true
		default:
		}
	})
	unused := func(what, name string, at diag.Range, detail string) {
		f.report(at, "no rule reads the "+what+" `"+name+"`", detail)
	}
	for _, l := range f.Conditions.UnusedLets {
		unused("let", l.Name, l.Range, "remove it, or use it in a condition")
	}
	for _, l := range f.Policy.Lists {
		if !lists[l.Name] {
			unused("list", l.Name, l.Range, "remove it, or write `in list."+l.Name+"` in a condition")
		}
	}
	for _, p := range f.Policy.Params {
		if !params[p.Name] {
			unused("param", p.Name, p.Range, "turning it does nothing: remove it, or read `param."+p.Name+"` in a condition")
		}
	}
	for _, s := range f.Policy.Signals {
		if s.Declared && !signals[s.Name] {
			unused("signal", s.Name, s.Range, "it is asked for by nobody: remove it, or read `"+s.Name+"` in a condition")
		}
	}
}
