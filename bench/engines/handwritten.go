package engines

import "github.com/rungpolicy/rung/bench/bank"

type handWritten struct{}

func (handWritten) Prepare(c *bank.Context) any { return c }
func (handWritten) Decide(in any) (bank.Decision, error) {
	c := in.(*bank.Context)
	return bank.HandWritten(c).Meet(&c.Session), nil
}

type closure struct {
	bank.Rule
	test bank.Test
}

type closures map[string][]closure

func loadClosures(p *bank.Policy) (Loaded, error) {
	m := closures{}
	for _, r := range p.Rules {
		m[r.Action] = append(m[r.Action], closure{r, bank.Compile(r.When)})
	}
	return m, nil
}

func (closures) Prepare(c *bank.Context) any { return c }
func (m closures) Decide(in any) (bank.Decision, error) {
	c := in.(*bank.Context)
	req := bank.Baseline
	rules := m[c.Action]
	for i := range rules {
		r := &rules[i]
		if r.test(c) {
			req.Add(r.Deny, r.Level, r.MaxAge)
		}
	}
	return req.Meet(&c.Session), nil
}
