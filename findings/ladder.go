package findings

import (
	"slices"
	"strings"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/policy"
)

func levelWithoutACR() *Finding {
	return &Finding{
		Code: "level-without-acr", Severity: diag.Warning,
		Title: "a level without `acr` that a rule asks for",
		Explanation: "A challenge (RFC 9470) names what is wanted by `acr_values`. A level that has no `acr` cannot be named: the client is told that more is needed, and not what; or, where a higher " +
			"level has one, it is sent for that, which is more than the rule asks for. Give the level the `acr` that your identity provider knows it by.",
		Bad: `level "password" {
  rank = 1
  acr  = ["urn:bank:acr:pwd"]
}

level "mfa" {
  rank = 2
  amr  = [["pwd", "otp"]]
}

action "transfer.create" { level = "mfa" }
`,
		Good: `level "password" {
  rank = 1
  acr  = ["urn:bank:acr:pwd"]
}

level "mfa" {
  rank = 2
  acr  = ["urn:bank:acr:mfa"]
  amr  = [["pwd", "otp"]]
}

action "transfer.create" { level = "mfa" }
`,
		find: findWithoutACR,
	}
}

func findWithoutACR(f *finder) {
	for i, l := range f.Policy.Levels {
		who, where := f.whoAsks(l)
		if len(l.ACR) > 0 || who == "" {
			continue
		}
		detail := who + " asks for it, and a challenge has no name for it"
		for _, higher := range f.Policy.Levels[i+1:] {
			if len(higher.ACR) > 0 {
				detail = who + " asks for it, and a challenge can only ask for `" + higher.Name + "`, which is higher"
				break
			}
		}
		d := f.report(l.Range, "the level `"+l.Name+"` has no `acr`", detail)
		d.Related = append(d.Related, diag.Related{Message: "asked for here", Range: where})
	}
}

// whoAsks is the first action or rule that asks for a level; "" if none does.
func (f *finder) whoAsks(l *policy.Level) (who string, at diag.Range) {
	for _, a := range f.Policy.Actions {
		if a.Level == l {
			return "the action `" + a.Name + "`", a.LevelRange
		}
	}
	for _, r := range f.Policy.Rules {
		if r.Level == l && r.Mode == policy.Enforce {
			if at = r.LevelRange; at.File == "" {
				at = r.Range
			}
			return "`" + r.ID + "`", at
		}
	}
	return "", diag.Range{}
}

func methodNotImplied() *Finding {
	return &Finding{
		Code: "method-not-implied", Severity: diag.Warning,
		Title: "methods that the level does not imply",
		Explanation: "A challenge (RFC 9470) asks for a level, by `acr_values`, and for an age; it has no word for methods. So a rule's `methods` reach the user only if whoever proves the level has used " +
			"one of them: if each of the level's own `amr` sets holds one. Else the user is sent to authenticate, comes back with the level proved in another way, and is not let in.\n\n" +
			"Ask for a level that implies the method: one whose sets all hold one of them. A level that has only `acr` does not say what it implies.",
		Bad: `action "key.rotate" {
  level = "aal1"

  step_up "with a key in hand" {
    level   = "aal2"
    methods = ["hwk"]
  }
}
`,
		Good: `action "key.rotate" {
  level = "aal1"

  step_up "with a key in hand" {
    level   = "aal3"
    methods = ["hwk"]
  }
}
`,
		find: findNotImplied,
	}
}

func findNotImplied(f *finder) {
	for _, r := range f.Policy.Rules {
		if len(r.Methods) == 0 || r.Level == nil || r.Mode == policy.Off {
			continue
		}
		at := methodsRange(r)
		what := "the methods of `" + r.ID + "` do not follow from its level `" + r.Level.Name + "`"
		lacking := slices.IndexFunc(r.Level.AMR, func(set []string) bool {
			return !slices.ContainsFunc(set, func(m string) bool { return slices.Contains(r.Methods, m) })
		})
		switch {
		case len(r.Level.AMR) == 0:
			f.report(at, what, "the level has no `amr` sets that say so, and a challenge cannot ask for methods")
		case lacking >= 0:
			f.report(at, what, "`["+strings.Join(r.Level.AMR[lacking], ", ")+"]` proves it too, and a challenge cannot ask for methods")
		}
	}
}

// methodsRange is where the methods of a rule stand.
func methodsRange(r *policy.Rule) diag.Range {
	var all diag.Range
	for _, at := range r.MethodRanges {
		if all.File == "" {
			all = at
		}
		if at.Start.Byte < all.Start.Byte {
			all.Start = at.Start
		}
		if at.End.Byte > all.End.Byte {
			all.End = at.End
		}
	}
	return all
}

func amrSubset() *Finding {
	return &Finding{
		Code: "amr-subset", Severity: diag.Warning,
		Title: "a set of a higher level that is part of a lower one's",
		Explanation: "All methods of an `amr` set must be present, others may be. So where a set of a higher level is part of a set of a lower one, whoever shows the lower level's set proves the higher level by it: " +
			"the ladder has one rung less than it looks. Most often a method was forgotten in the higher one.",
		Bad: `level "basic" {
  rank = 1
  acr  = ["basic"]
  amr  = [["pwd", "otp"]]
}

level "strong" {
  rank = 2
  acr  = ["strong"]
  amr  = [["otp"]]
}

action "transfer.create" { level = "strong" }
`,
		Good: `level "basic" {
  rank = 1
  acr  = ["basic"]
  amr  = [["pwd"]]
}

level "strong" {
  rank = 2
  acr  = ["strong"]
  amr  = [["pwd", "otp"]]
}

action "transfer.create" { level = "strong" }
`,
		find: findSubsets,
	}
}

func findSubsets(f *finder) {
	for i, high := range f.Policy.Levels {
		for j, set := range high.AMR {
			if j < len(high.SetRanges) {
				f.subset(high, set, high.SetRanges[j], f.Policy.Levels[:i])
			}
		}
	}
}

// subset reports a set that is part of one of lower levels, once.
func (f *finder) subset(high *policy.Level, set []string, at diag.Range, lower []*policy.Level) {
	for _, low := range lower {
		for k, other := range low.AMR {
			if k >= len(low.SetRanges) || slices.ContainsFunc(set, func(m string) bool { return !slices.Contains(other, m) }) {
				continue
			}
			d := f.report(at, "this set of the level `"+high.Name+"` is part of one of `"+low.Name+"`, which is lower",
				"whoever shows `["+strings.Join(other, ", ")+"]` proves `"+high.Name+"` by it")
			d.Related = append(d.Related, diag.Related{Message: "part of this", Range: low.SetRanges[k]})
			return
		}
	}
}
