package bank

// Mix is a kind of questions.
type Mix string

// The mixes. Counted is what figures are of: no session that meets a rule already, allow and step up as they come, none denied, so that every
// engine looks at every rule of the action. In the others an engine may know the answer without looking at all of them.
const (
	Counted Mix = "counted" // sessions at the baseline level; no deny
	Drawn   Mix = "drawn"   // as the generator draws them: some sessions meet some rules, some questions are denied
	Strong  Mix = "strong"  // sessions that meet every rule: the highest level, a moment ago
)

// Mixes are all of them.
func Mixes() []Mix { return []Mix{Counted, Drawn, Strong} }

// Questions are n contexts of a mix.
func (p *Policy) Questions(mix Mix, n int) []*Context {
	if mix == Drawn {
		return Contexts(42, n, p.Actions)
	}
	denies := map[string][]Test{}
	for _, r := range p.Rules {
		if r.Deny {
			denies[r.Action] = append(denies[r.Action], Compile(r.When))
		}
	}
	var out []*Context
	for seed := uint64(42); len(out) < n; seed++ {
		for _, c := range Contexts(seed, n, p.Actions) {
			switch mix {
			case Counted:
				c.Session.ACR = "aal1"
			case Strong:
				c.Session.ACR, c.Session.Age, c.Session.AuthTime = "aal3", 0, Now()
			case Drawn:
			}
			if !denied(denies[c.Action], c) && len(out) < n {
				out = append(out, c)
			}
		}
	}
	return out
}

func denied(denies []Test, c *Context) bool {
	for _, t := range denies {
		if t(c) {
			return true
		}
	}
	return false
}
