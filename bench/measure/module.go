package measure

import (
	"fmt"

	"github.com/rungpolicy/rung/bench/bank"
	"github.com/rungpolicy/rung/bench/engines"
	rung "github.com/rungpolicy/rung/sdk"
)

// ModuleBars are what the project promises of a policy that was compiled to a module, asked from a Go struct into a decision whose memory
// is used again.
type ModuleBars struct {
	// Five is how many times faster it is than cel-go's fastest form, where five rules are looked at; Twenty where twenty are.
	Five, Twenty Ratio
	// Hand is its time over that of hand-written Go.
	Hand Ratio
	// Flat is its time with 10,000 rules, five an action, over that with 10.
	Flat Ratio
	// JSON is the time from bytes to the decision, over that of encoding/json into a struct.
	JSON Ratio
	// Allocs are those of a decision that allows.
	Allocs float64
	// Times are those of Five, in nanoseconds: the module's, that form's and hand-written Go's.
	Times [3]float64
}

// The promises.
const (
	LeastFive   = 8
	LeastTwenty = 15
	MostHand    = 3.5
)

// Into decides on a Go struct into one decision.
func Into(name string, l *engines.RungLoaded, cs []*bank.Context) Subject {
	d := new(rung.Decision)
	return Subject{Name: name, Run: func(i int) error {
		_, err := l.DecideInto(d, cs[i%len(cs)])
		return err
	}}
}

// MeasureModule measures them.
func MeasureModule(p Plan) (*ModuleBars, error) {
	b := new(ModuleBars)
	for _, measure := range []func(Plan) error{b.five, b.twenty, b.flat} {
		if err := measure(p); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func (b *ModuleBars) five(p Plan) error {
	policy := bank.Bank()
	l, err := Load(policy, engines.Module, engines.CELFlat, engines.CELTuned, "go-handwritten")
	if err != nil {
		return err
	}
	m := l[engines.Module].(*engines.RungLoaded)
	cs := policy.Questions(bank.Counted, Questions)
	texts := Texts(cs)
	s, err := Rounds(p,
		Into(engines.Module, m, cs), FromStruct(engines.CELFlat, l[engines.CELFlat], cs), FromStruct(engines.CELTuned, l[engines.CELTuned], cs),
		FromStruct("go-handwritten", l["go-handwritten"], cs), FromJSON("json", m, texts), Unmarshal("encoding/json", nil, texts),
	)
	if err != nil {
		return err
	}
	fastest := Fastest(s[1], s[2])
	b.Five, b.Hand, b.JSON = fastest.To(s[0]), s[0].To(s[3]), s[4].To(s[5])
	b.Times = [3]float64{s[0].Time(), fastest.Time(), s[3].Time()}
	return b.allows(p, m, cs)
}

// allows counts what a decision that allows allocates.
func (b *ModuleBars) allows(p Plan, m *engines.RungLoaded, cs []*bank.Context) error {
	var allowed []*bank.Context
	for _, c := range cs {
		if d, err := m.DecideStruct(c); err == nil && d.Effect == bank.Allow {
			allowed = append(allowed, c)
		}
	}
	if len(allowed) == 0 {
		return fmt.Errorf("no question of %d is allowed", len(cs))
	}
	s, err := Rounds(p, Into("allowed", m, allowed))
	if err != nil {
		return err
	}
	b.Allocs = s[0].Allocs
	return nil
}

func (b *ModuleBars) twenty(p Plan) error {
	policy := bank.Scale(240, 20)
	l, err := Load(policy, engines.Module, engines.CELFlat, engines.CELTuned)
	if err != nil {
		return err
	}
	cs := policy.Questions(bank.Counted, Questions)
	s, err := Rounds(p, Into(engines.Module, l[engines.Module].(*engines.RungLoaded), cs),
		FromStruct(engines.CELFlat, l[engines.CELFlat], cs), FromStruct(engines.CELTuned, l[engines.CELTuned], cs))
	if err != nil {
		return err
	}
	b.Twenty = Fastest(s[1], s[2]).To(s[0])
	return nil
}

func (b *ModuleBars) flat(p Plan) error {
	var subjects []Subject
	for _, rules := range []int{10, 10_000} {
		policy := bank.Scale(10_000, 5)
		if rules < 10_000 { // the same rules: two of the actions
			policy.Rules, policy.Actions = policy.Rules[:rules], policy.Actions[:rules/5]
		}
		m, err := engines.NewModule(policy)
		if err != nil {
			return err
		}
		small := *policy
		small.Rules, small.Actions = policy.Rules[:10], policy.Actions[:2]
		subjects = append(subjects, Into(fmt.Sprint(rules), m, small.Questions(bank.Counted, Questions)))
	}
	s, err := Rounds(p, subjects...)
	if err != nil {
		return err
	}
	b.Flat = s[1].To(s[0])
	return nil
}
