package findings

import (
	"maps"
	"slices"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/internal/spell"
)

// registeredMethods are the Authentication Method Reference Values that IANA has registered: RFC 8176 section 2, and `pop` of OpenID
// Connect Extended Authentication Profile ACR Values 1.0.
func registeredMethods() []string {
	return []string{
		"face", "fpt", "geo", "hwk", "iris", "kba", "mca", "mfa", "otp", "pin", "pop", "pwd", "rba", "retina", "sc", "sms", "swk", "tel", "user",
		"vbm", "wia",
	}
}

func unregisteredMethod() *Finding {
	return &Finding{
		Code: "unregistered-method", Severity: diag.Warning,
		Title: "a method that is not registered",
		Explanation: "The values of `amr`, and so the methods that levels and rules name and conditions look for in `session.amr` and `subject.enrolled`, are case-sensitive words that both sides must agree on. Those that everybody agrees on " +
			"are in IANA's registry (RFC 8176): `face fpt geo hwk iris kba mca mfa otp pin pop pwd rba retina sc sms swk tel user vbm wia`. A word that is not among them is " +
			"often a slip, and then nobody's session ever holds it.\n\n" +
			"Identity providers do send others (Entra's `fido`, `rsa` and `ngcmfa`, cidaas' numbers). Where yours does, silence the finding and say so.",
		Bad: `level "mfa" {
  rank = 1
  acr  = ["urn:bank:acr:mfa"]
  amr  = [["pwd", "opt"]]
}

action "transfer.create" { level = "mfa" }
`,
		Good: `level "mfa" {
  rank = 1
  acr  = ["urn:bank:acr:mfa"]
  amr  = [["pwd", "otp"]]
}

action "transfer.create" { level = "mfa" }
`,
		find: findUnregistered,
	}
}

func findUnregistered(f *finder) {
	known := registeredMethods()
	look := func(places map[string]diag.Range) {
		for _, method := range slices.Sorted(maps.Keys(places)) {
			if slices.Contains(known, method) {
				continue
			}
			d := f.report(places[method], "`"+method+"` is not a registered method", "if your identity provider sends it, silence this and say so")
			if near, ok := spell.Nearest(method, known); ok {
				d.Suggestion = near
			}
		}
	}
	for _, l := range f.Policy.Levels {
		look(l.MethodRanges)
	}
	for _, r := range f.Policy.Rules {
		look(r.MethodRanges)
	}
	f.walk(func(e expr.Expr) {
		if c, method := askedFor(e); c != nil && !slices.Contains(known, method) {
			d := f.report(c.Span.Range(), "`"+method+"` is not a registered method", "if your identity provider sends it, silence this and say so")
			if near, ok := spell.Nearest(method, known); ok {
				d.Suggestion = "'" + near + "'"
			}
		}
	})
}

// askedFor is the method that a condition looks for, in `'otp' in session.amr` and its like; nil if it is none.
func askedFor(e expr.Expr) (*expr.Const, string) {
	in, ok := e.(*expr.Call)
	if !ok || in.Function != opIn || len(in.Args) != 2 {
		return nil, ""
	}
	c, ok := in.Args[0].(*expr.Const)
	if !ok {
		return nil, ""
	}
	method, ok := c.Value.(string)
	path, _ := pathOf(in.Args[1])
	if !ok || path != "session"+pathSep+"amr" && path != "subject"+pathSep+"enrolled" {
		return nil, ""
	}
	return c, method
}
