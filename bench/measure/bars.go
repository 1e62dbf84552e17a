package measure

import (
	"time"

	"github.com/rungpolicy/rung/bench/bank"
	"github.com/rungpolicy/rung/bench/engines"
)

// Bars are the ratios that the project promises something of.
type Bars struct {
	// Struct is a decision from a Go struct, five rules looked at, over that of cel-go's fastest form.
	Struct Ratio
	// Fastest is that form's name.
	Fastest string
	// Allocs is how many allocations more it makes.
	Allocs float64
	// JSON is what a decision from JSON takes beyond one from a struct, over encoding/json into that struct.
	JSON Ratio
	// Prepared is a decision on a prepared request, over that form's on its own input; Few of 20 rules.
	Prepared, Few Ratio
	// Growth is a decision with 1,000 rules, five an action, over one with 60.
	Growth Ratio
	// Load is the time to load 60 rules, over cel-go's.
	Load Ratio
}

// The promises.
const (
	MostStruct = 1.3
	MostAllocs = 2
	MostJSON   = 0.6
	MostApart  = 1.25 // two runs, in every ratio that is a bar
)

// MeasureBars measures no more than the bars, and what the gate watches.
func MeasureBars(p Plan) (*Bars, error) {
	policy := bank.Bank()
	l, err := Load(policy, engines.Rung, engines.CELFlat, engines.CELTuned)
	if err != nil {
		return nil, err
	}
	cs := policy.Questions(bank.Counted, Questions)
	texts := Texts(cs)
	r := l[engines.Rung].(*engines.RungLoaded)
	s, err := Rounds(p,
		FromStruct(engines.Rung, r, cs), FromStruct(engines.CELFlat, l[engines.CELFlat], cs), FromStruct(engines.CELTuned, l[engines.CELTuned], cs),
		FromJSON("json", r, texts), Unmarshal("encoding/json", nil, texts),
		Prepared(engines.Rung, r, cs), Prepared(engines.CELFlat, l[engines.CELFlat], cs), Prepared(engines.CELTuned, l[engines.CELTuned], cs),
	)
	if err != nil {
		return nil, err
	}
	b := BarsOf(s[0], Fastest(s[1], s[2]), s[3], s[4])
	b.Prepared = s[5].To(Fastest(s[6], s[7]))
	if err := b.growth(p, r, cs); err != nil {
		return nil, err
	}
	return b, b.load()
}

// BarsOf are the bars that a decision's series tell: Rung from a struct, the fastest form of cel-go from one, Rung from JSON, and encoding/json
// into the struct.
func BarsOf(fromStruct, fastest, fromJSON, unmarshal *Series) *Bars {
	b := &Bars{Struct: fromStruct.To(fastest), Fastest: fastest.Name, Allocs: fromStruct.Allocs - fastest.Allocs}
	beyond := &Series{Rounds: make([]float64, len(fromJSON.Rounds))}
	for i := range beyond.Rounds {
		beyond.Rounds[i] = fromJSON.Rounds[i] - fromStruct.Rounds[i]
	}
	b.JSON = beyond.To(unmarshal)
	b.JSON.Value = (fromJSON.Time() - fromStruct.Time()) / unmarshal.Time()
	return b
}

func (b *Bars) growth(p Plan, small engines.Loaded, cs []*bank.Context) error {
	large, twenty := bank.Scale(1000, 5), bank.Scale(240, 20)
	l, err := Load(large, engines.Rung)
	if err != nil {
		return err
	}
	t, err := Load(twenty, engines.Rung, engines.CELFlat, engines.CELTuned)
	if err != nil {
		return err
	}
	tcs := twenty.Questions(bank.Counted, Questions)
	s, err := Rounds(p, Prepared("60", small, cs), Prepared("1000", l[engines.Rung], large.Questions(bank.Counted, Questions)),
		Prepared(engines.Rung, t[engines.Rung], tcs), Prepared(engines.CELFlat, t[engines.CELFlat], tcs), Prepared(engines.CELTuned, t[engines.CELTuned], tcs))
	if err != nil {
		return err
	}
	b.Growth, b.Few = s[1].To(s[0]), s[2].To(Fastest(s[3], s[4]))
	return nil
}

func (b *Bars) load() error {
	policy := bank.Bank()
	loading := func(name string) Subject {
		e := engines.Named(name)
		return Subject{Name: name, Run: func(int) error { _, err := e.Load(policy); return err }}
	}
	s, err := Rounds(Plan{Rounds: 10, Slice: 20 * time.Millisecond}, loading(engines.Rung), loading(engines.CELFlat), loading(engines.CELTuned))
	if err != nil {
		return err
	}
	b.Load = s[0].To(Fastest(s[1], s[2]))
	return nil
}

// Fastest is the one with the least time.
func Fastest(series ...*Series) *Series {
	best := series[0]
	for _, s := range series {
		if s.Time() < best.Time() {
			best = s
		}
	}
	return best
}
