package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/rungpolicy/rung/bench/bank"
	"github.com/rungpolicy/rung/bench/engines"
	"github.com/rungpolicy/rung/bench/measure"
	"github.com/rungpolicy/rung/bench/report"
)

// few is the same 240 rules, 1, 5 or 20 of them to an action: what a decision costs as it looks at more.
func (s *suite) few() error {
	s.write("## 1, 5, 20 rules looked at\n\n240 rules, prepared.\n\n")
	all := names(false)
	sizes := []int{1, 5, 20}
	var subjects []measure.Subject
	for _, n := range sizes {
		p := bank.Scale(240, n)
		l, err := measure.Load(p, all...)
		if err != nil {
			return err
		}
		cs := p.Questions(bank.Counted, measure.Questions)
		for _, name := range all {
			subjects = append(subjects, measure.Prepared(name, l[name], cs))
		}
	}
	series, err := measure.Rounds(s.plan, subjects...)
	if err != nil {
		return err
	}
	s.sized("few.svg", "A decision by the number of rules that it looks at", "rules looked at", all, sizes, series)
	return nil
}

// sized writes a table of engines by sizes, and its chart.
func (s *suite) sized(chart, title, unit string, all []string, sizes []int, series []*measure.Series) {
	head := []string{"engine"}
	for _, n := range sizes {
		head = append(head, report.Thousands(float64(n)), "to cel-go")
	}
	var rows [][]string
	var lines []report.Line
	for i, name := range all {
		row, line := []string{name}, report.Line{Label: name, Ours: name == engines.Rung}
		for k, n := range sizes {
			of := series[k*len(all) : (k+1)*len(all)]
			row = append(row, report.Duration(of[i].Time()), ratio(of[i], yardstick(of)))
			line.Points = append(line.Points, [2]float64{float64(n), of[i].Time()})
		}
		rows = append(rows, row)
		if name != "cel-go/native" && name != "cel-go/map" { // a line too many for a chart
			lines = append(lines, line)
		}
	}
	s.write("%s\n![%s](charts/%s)\n\n", report.Table(head, rows), title, chart)
	s.charts[chart] = report.Lines(title, unit, lines)
}

// sizes are those of growth, up to the largest.
func (s *suite) sizes() []int {
	var out []int
	for _, n := range []int{60, 1000, 10_000} {
		if n <= s.largest {
			out = append(out, n)
		}
	}
	return out
}

func (s *suite) growth() error {
	s.write("## Growth\n\nPrepared, at 60 rules and more.\n\n")
	all := []string{engines.Closures, engines.Rung, engines.CELTuned, engines.CELFlat, "cedar-go"}
	for _, shape := range []struct {
		per                int
		text, chart, title string
	}{
		{5, "Five rules an action: what rules on other actions cost.", "growth.svg", "A decision by five rules, as the policy grows"},
		{0, "All rules in one action: every one is looked at.", "one.svg", "A decision by all rules of the policy"},
	} {
		var subjects []measure.Subject
		for _, n := range s.sizes() {
			say("  %d rules, %s", n, shape.chart)
			p := bank.Scale(n, shape.per)
			l, err := measure.Load(p, all...)
			if err != nil {
				return err
			}
			cs := p.Questions(bank.Counted, 200)
			for _, name := range all {
				subjects = append(subjects, measure.Prepared(name, l[name], cs))
			}
		}
		// Collecting the garbage of the largest policies takes longer than a round.
		series, err := measure.Rounds(measure.Plan{Rounds: min(s.plan.Rounds, 11), Slice: s.plan.Slice}, subjects...)
		if err != nil {
			return err
		}
		s.write("%s\n\n", shape.text)
		s.sized(shape.chart, shape.title, "rules in the policy", all, s.sizes(), series)
	}
	return nil
}

func (s *suite) loading() error {
	s.write("## Loading\n\nFrom source text in memory to a policy that decides. Rung's time includes the checks that the others do not make: costs, memory, types of requests.\n\n")
	all := []string{engines.Rung, engines.CELTuned, engines.CELFlat, "cedar-go"}
	head := []string{"engine"}
	rows := make([][]string, len(all))
	for i, name := range all {
		rows[i] = []string{name}
	}
	for _, n := range s.sizes() {
		say("  %d rules", n)
		p := bank.Scale(n, 5)
		if n == 60 {
			p = bank.Bank()
		}
		var subjects []measure.Subject
		for _, name := range all {
			load := engines.Named(name).Load
			subjects = append(subjects, measure.Subject{Name: name, Run: func(int) error { _, err := load(p); return err }})
		}
		rounds := 10
		if n > 60 {
			rounds = 3
		}
		series, err := measure.Rounds(measure.Plan{Rounds: rounds, Slice: time.Millisecond}, subjects...)
		if err != nil {
			return err
		}
		head = append(head, report.Thousands(float64(n))+" rules", "to cel-go")
		for i, f := range series {
			rows[i] = append(rows[i], report.Duration(f.Time()), ratio(f, yardstick(series)))
		}
	}
	s.write("%s\n", report.Table(head, rows))
	return nil
}

// memory asks a process of its own for each engine and size.
func (s *suite) memory() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	s.write("## Memory\n\nThe live heap that a loaded policy adds, in a process of its own that has loaded, and dropped, one before: what the library keeps once is not counted.\n\n")
	head := []string{"engine"}
	for _, n := range s.sizes() {
		head = append(head, report.Thousands(float64(n))+" rules")
	}
	var rows [][]string
	for _, name := range []string{engines.Closures, engines.Rung, engines.CELTuned, engines.CELFlat, "cedar-go"} {
		row := []string{name}
		for _, n := range s.sizes() {
			out, err := exec.Command(self, "-memory", name, "-largest", strconv.Itoa(n)).Output()
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			held, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
			if err != nil {
				return err
			}
			row = append(row, report.Size(held))
		}
		rows = append(rows, row)
	}
	s.write("%s\n", report.Table(head, rows))
	return nil
}

// printHeld is what a process of memory does.
func printHeld(name string, rules int) error {
	p := bank.Scale(rules, 5)
	if rules == 60 {
		p = bank.Bank()
	}
	c := p.Questions(bank.Counted, 1)[0]
	load := func() (engines.Loaded, error) {
		l, err := engines.Named(name).Load(p)
		if err != nil {
			return nil, err
		}
		_, err = l.Decide(l.Prepare(c))
		return l, err
	}
	if _, err := load(); err != nil {
		return err
	}
	before := live()
	l, err := load()
	if err != nil {
		return err
	}
	after := live()
	fmt.Println(max(0, int64(after)-int64(before)))
	runtime.KeepAlive(l)
	runtime.KeepAlive(p)
	return nil
}

func live() uint64 {
	for range 3 { // pools are emptied by the second collection
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
