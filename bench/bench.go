package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/rungpolicy/rung/bench/bank"
	"github.com/rungpolicy/rung/bench/engines"
	"github.com/rungpolicy/rung/bench/measure"
	"github.com/rungpolicy/rung/bench/report"
)

// suite is a run of everything, and what it writes.
type suite struct {
	plan    measure.Plan
	largest int
	text    strings.Builder
	charts  map[string]string
}

func bench(p measure.Plan, largest int, out string) error {
	s := &suite{plan: p, largest: largest, charts: map[string]string{}}
	parts := []struct {
		name string
		run  func() error
	}{
		{"the same decisions", s.same},
		{"a decision", s.decision},
		{"lean mixes", s.lean},
		{"parallel", s.parallel},
		{"1, 5, 20 rules", s.few},
		{"growth", s.growth},
		{"loading", s.loading},
		{"memory", s.memory},
	}
	s.head()
	began := time.Now()
	for i, part := range parts {
		say("%d/%d %s", i+1, len(parts), part.name)
		if err := part.run(); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	s.engines()
	say("done in %s", time.Since(began).Round(time.Second))
	if err := os.MkdirAll(filepath.Join(out, "charts"), 0o755); err != nil {
		return err
	}
	for name, svg := range s.charts {
		if err := os.WriteFile(filepath.Join(out, "charts", name), []byte(svg), 0o644); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(out, "RESULTS.md"), []byte(s.text.String()), 0o644)
}

func (s *suite) write(format string, args ...any) { fmt.Fprintf(&s.text, format, args...) }

func (s *suite) head() {
	s.write(`# Results

Written by %s; [README.md](README.md) says how, and what the figures do not say. Take the ratios, not the
nanoseconds: they were measured on %s/%s with %d processors and %s, among other work. Times are %s;
lower quartiles of %d rounds of all engines in turn, %s each; in brackets the quartiles of the ratios of single rounds.
Ratios are to the fastest form of cel-go in the same column.

`, "`make bench`", runtime.GOOS, runtime.GOARCH, runtime.GOMAXPROCS(0), runtime.Version(), measure.Clock, s.plan.Rounds, s.plan.Slice)
}

// same refuses to measure what decides otherwise; the tests ask more questions.
func (s *suite) same() error {
	p := bank.Bank()
	cs := slices.Concat(p.Questions(bank.Counted, measure.Questions), p.Questions(bank.Drawn, measure.Questions))
	reference, err := engines.Named(engines.Closures).Load(p)
	if err != nil {
		return err
	}
	for _, e := range engines.All() {
		l, err := e.Load(p)
		if err != nil {
			return fmt.Errorf("%s: %w", e.Name, err)
		}
		for i, c := range cs {
			want, err := reference.Decide(reference.Prepare(c))
			if err != nil {
				return err
			}
			got, err := engines.DecideStruct(l)(c)
			if err != nil {
				return fmt.Errorf("%s, question %d: %w", e.Name, i, err)
			}
			if got != want {
				return fmt.Errorf("%s, question %d: %v, want %v", e.Name, i, got, want)
			}
		}
	}
	return nil
}

func names(base bool) []string {
	var out []string
	for _, e := range engines.All() {
		if base || !e.BaseOnly {
			out = append(out, e.Name)
		}
	}
	return out
}

// yardstick is the fastest of cel-go's forms.
func yardstick(series []*measure.Series) *measure.Series {
	var forms []*measure.Series
	for _, s := range series {
		if strings.HasPrefix(s.Name, "cel-go/") {
			forms = append(forms, s)
		}
	}
	return measure.Fastest(forms...)
}

func ratio(s, to *measure.Series) string {
	if s == to {
		return "1"
	}
	return report.Ratio(s.To(to))
}

func count(v float64) string { return fmt.Sprintf("%.0f", v) }

func (s *suite) decision() error {
	p := bank.Bank()
	all := names(true)
	l, err := measure.Load(p, all...)
	if err != nil {
		return err
	}
	cs := p.Questions(bank.Counted, measure.Questions)
	texts := measure.Texts(cs)
	r := l[engines.Rung].(*engines.RungLoaded)
	var subjects []measure.Subject
	for _, name := range all {
		subjects = append(subjects, measure.FromStruct(name, l[name], cs))
	}
	for _, name := range all {
		subjects = append(subjects, measure.Prepared(name, l[name], cs))
	}
	subjects = append(
		subjects,
		measure.FromJSON(engines.Rung, r, texts), measure.Unmarshal("encoding/json into the struct, no decision", nil, texts),
		measure.Unmarshal("encoding/json, "+engines.CELTuned, l[engines.CELTuned], texts), measure.Unmarshal("encoding/json, "+engines.Closures, l[engines.Closures], texts),
	)
	series, err := measure.Rounds(s.plan, subjects...)
	if err != nil {
		return err
	}
	fromStruct, prepared, fromJSON := series[:len(all)], series[len(all):2*len(all)], series[2*len(all):]
	s.decisionTable(fromStruct, prepared)
	s.jsonTable(fromJSON, yardstick(fromStruct))
	return s.bars(fromStruct, fromJSON)
}

func (s *suite) decisionTable(fromStruct, prepared []*measure.Series) {
	s.write("## A decision\n\nThe bank's policy: 60 rules over 12 actions, 5 looked at. *From a struct* counts the conversion from a Go struct; *prepared* has the input in the engine's own form already.\n\n")
	var rows [][]string
	var bars []report.Bar
	yard, yardPrepared := yardstick(fromStruct), yardstick(prepared)
	for i, f := range fromStruct {
		rows = append(rows, []string{
			f.Name, report.Duration(f.Time()), ratio(f, yard), count(f.Allocs), count(f.Bytes),
			report.Duration(prepared[i].Time()), ratio(prepared[i], yardPrepared), count(prepared[i].Allocs),
		})
		bars = append(bars, report.Bar{Label: f.Name, Value: f.Time(), Ours: f.Name == engines.Rung})
	}
	s.write("%s\n![A decision from a Go struct](charts/decision.svg)\n\n", report.Table([]string{
		"engine", "from a struct", "to cel-go", "allocations", "bytes", "prepared", "to cel-go", "allocations",
	}, rows))
	s.charts["decision.svg"] = report.Bars("A decision from a Go struct, 5 of 60 rules looked at", bars)
}

func (s *suite) jsonTable(series []*measure.Series, yard *measure.Series) {
	s.write("## From JSON\n\nA request of some 640 bytes.\n\n")
	var rows [][]string
	for _, f := range series {
		rows = append(rows, []string{f.Name, report.Duration(f.Time()), ratio(f, yard), count(f.Allocs), count(f.Bytes)})
	}
	s.write("%s\n", report.Table([]string{"", "time", "to cel-go from a struct", "allocations", "bytes"}, rows))
}

// bars holds the figures against what is promised.
func (s *suite) bars(fromStruct, fromJSON []*measure.Series) error {
	r := fromStruct[slices.IndexFunc(fromStruct, func(x *measure.Series) bool { return x.Name == engines.Rung })]
	b := measure.BarsOf(r, yardstick(fromStruct), fromJSON[0], fromJSON[1])
	verdict := func(ok bool) string {
		if ok {
			return "yes"
		}
		return "**no**"
	}
	s.write("## What is promised\n\n%s\n", report.Table([]string{"", "figure", "bar", "holds"}, [][]string{
		{"from a struct, 5 rules, to cel-go's fastest form (" + b.Fastest + ")", report.Number(b.Struct.Value), "≤ 1.3", verdict(b.Struct.Value <= measure.MostStruct)},
		{"allocations beyond that form's", fmt.Sprintf("%+.1f", b.Allocs), "≤ 2", verdict(b.Allocs <= measure.MostAllocs)},
		{"from JSON, beyond from a struct, to `encoding/json` into the struct", report.Number(b.JSON.Value), "≤ 0.6", verdict(b.JSON.Value <= measure.MostJSON)},
	}))
	return nil
}

func (s *suite) lean() error {
	s.write("## Lean mixes\n\nThese are no comparison of engines: Rung does not evaluate rules that the session meets already, nor step_up rules once a deny rule applies, and the others look at all. *Drawn* is the generator as it is; *strong* are sessions of the highest level, a moment old. From a struct.\n\n")
	p := bank.Bank()
	l, err := measure.Load(p, engines.Closures, engines.Rung, engines.CELTuned, engines.CELFlat)
	if err != nil {
		return err
	}
	var subjects []measure.Subject
	order := []string{engines.Closures, engines.Rung, engines.CELTuned, engines.CELFlat}
	for _, mix := range bank.Mixes() {
		cs := p.Questions(mix, measure.Questions)
		for _, name := range order {
			subjects = append(subjects, measure.FromStruct(name, l[name], cs))
		}
	}
	series, err := measure.Rounds(s.plan, subjects...)
	if err != nil {
		return err
	}
	var rows [][]string
	for i, name := range order {
		row := []string{name}
		for m := range bank.Mixes() {
			of := series[m*len(order) : (m+1)*len(order)]
			row = append(row, report.Duration(of[i].Time()), ratio(of[i], yardstick(of)))
		}
		rows = append(rows, row)
	}
	s.write("%s\n", report.Table([]string{"engine", "counted", "to cel-go", "drawn", "to cel-go", "strong", "to cel-go"}, rows))
	return nil
}

func (s *suite) parallel() error {
	s.write("## On all processors at once\n\nPrepared; wall time over decisions, %d goroutines.\n\n", runtime.GOMAXPROCS(0))
	p := bank.Bank()
	all := names(true)
	l, err := measure.Load(p, all...)
	if err != nil {
		return err
	}
	const n = 200
	cs := p.Questions(bank.Counted, measure.Questions)
	var subjects []measure.Subject
	for _, name := range all {
		subjects = append(subjects, measure.Parallel(measure.Prepared(name, l[name], cs), n))
	}
	series, err := measure.Rounds(s.plan, subjects...)
	if err != nil {
		return err
	}
	yard := yardstick(series)
	var rows [][]string
	for _, f := range series {
		each := float64(n * runtime.GOMAXPROCS(0))
		rows = append(rows, []string{f.Name, report.Duration(f.Time() / each), ratio(f, yard)})
	}
	s.write("%s\n", report.Table([]string{"engine", "a decision", "to cel-go"}, rows))
	return nil
}

func (s *suite) engines() {
	s.write("## The engines\n\n")
	for _, e := range engines.All() {
		s.write("* **%s**: %s\n", e.Name, e.Note)
	}
}
