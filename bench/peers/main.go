// Command peers measures engines whose modules are too large to stand beside the others: OPA, casbin, expr and govaluate.
// It is a module of its own, outside of the workspace and of what CI runs, and writes RESULTS.md. Run it by `make
// bench-peers`.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rungpolicy/rung/bench/bank"
	"github.com/rungpolicy/rung/bench/engines"
	"github.com/rungpolicy/rung/bench/measure"
	"github.com/rungpolicy/rung/bench/report"
)

const how = " One an action, found in a Go map; all rules that hold are the answer, and the host joins what they ask for."

// peers are the engines; before them stand those that they are held against.
func peers() []engines.Engine {
	return []engines.Engine{
		engines.Named(engines.Closures), engines.Named(engines.Rung), engines.Named(engines.CELTuned),
		{Name: "govaluate", Load: loadGovaluate, Note: "casbin's fork of it. An expression a rule; attributes by a Go switch; functions of the host's for lists, prefixes and CIDRs."},
		{Name: "expr", Load: loadExpr, Note: "expr-lang/expr. A program a rule, over the Go struct, on pooled machines; a function of the host's for CIDRs, which keeps parsed ranges."},
		{Name: "opa/rego", Load: loadRego, Note: "A prepared query, over OPA's own values; an `or` is several rules." + how},
		{
			Name: "opa/wasm", Load: loadWasm,
			Note: "The same rules, compiled to WebAssembly by OPA and run by wazero through opa_eval; input and answer are JSON. An entry point an action.",
		},
		{Name: "casbin", Load: loadCasbin, Note: "Conditions in the policy, by eval(); a function of the host's notes each that holds. Casbin parses what eval() is given each time." + how},
	}
}

func main() {
	out := flag.String("out", ".", "the folder to write RESULTS.md to")
	rounds := flag.Int("rounds", 21, "rounds of all engines in turn")
	slice := flag.Duration("slice", 20*time.Millisecond, "how long an engine runs in a round")
	rego := flag.String("rego", "", "compile this file to WebAssembly instead, into -wasm")
	entry := flag.String("entry", "five/decision", "the rule that is asked")
	wasm := flag.String("wasm", "opa.wasm", "the file to write")
	flag.Parse()
	if *rego != "" {
		if err := compileRego(*rego, *entry, *wasm); err != nil {
			fmt.Fprintln(os.Stderr, "peers:", err)
			os.Exit(1)
		}
		return
	}
	measure.Calm()
	if err := run(*out, measure.Plan{Rounds: *rounds, Slice: *slice}); err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

func run(out string, plan measure.Plan) error {
	p := bank.Bank()
	all := peers()
	loaded := make([]engines.Loaded, len(all))
	for i, e := range all {
		var err error
		if loaded[i], err = e.Load(p); err != nil {
			return fmt.Errorf("%s: %w", e.Name, err)
		}
		if err := same(p, loaded[0], loaded[i]); err != nil {
			return fmt.Errorf("%s: %w", e.Name, err)
		}
	}
	cs := p.Questions(bank.Counted, measure.Questions)
	var subjects []measure.Subject
	for i, e := range all {
		subjects = append(subjects, measure.FromStruct(e.Name, loaded[i], cs), measure.Prepared(e.Name, loaded[i], cs))
	}
	series, err := measure.Rounds(plan, subjects...)
	if err != nil {
		return err
	}
	loads, err := loading(all, p)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(out, "RESULTS.md"), []byte(write(plan, all, series, loads)), 0o644)
}

// same holds an engine to the decisions of the reference, on a thousand questions of each mix.
func same(p *bank.Policy, reference, l engines.Loaded) error {
	decide := engines.DecideStruct(l)
	for _, mix := range bank.Mixes() {
		for i, c := range p.Questions(mix, measure.Questions) {
			want, err := reference.Decide(reference.Prepare(c))
			if err != nil {
				return err
			}
			for _, ask := range []func() (bank.Decision, error){
				func() (bank.Decision, error) { return l.Decide(l.Prepare(c)) }, func() (bank.Decision, error) { return decide(c) },
			} {
				if got, err := ask(); err != nil || got != want {
					return fmt.Errorf("%s, question %d (%s): got %v %w, want %v", mix, i, c.Action, got, err, want)
				}
			}
		}
	}
	return nil
}

func loading(all []engines.Engine, p *bank.Policy) ([]*measure.Series, error) {
	subjects := make([]measure.Subject, len(all))
	for i, e := range all {
		subjects[i] = measure.Subject{Name: e.Name, Run: func(int) error { _, err := e.Load(p); return err }}
	}
	return measure.Rounds(measure.Plan{Rounds: 5, Slice: 20 * time.Millisecond}, subjects...)
}

func write(plan measure.Plan, all []engines.Engine, series, loads []*measure.Series) string {
	var b strings.Builder
	fmt.Fprintf(&b, `# Other peers

Written by %s, which is not a part of CI: these engines answer another kind of question, or bring large modules. [bench](../README.md) says how it is
measured; the rules are the same. The same decisions first: %d questions of each of %d mixes. Ratios are to %s in the same column; in brackets the quartiles of
the ratios of single rounds, of which there were %d. Times are %s.

`, "`make bench-peers`", measure.Questions, len(bank.Mixes()), engines.CELTuned, plan.Rounds, measure.Clock)
	yard := slices.IndexFunc(all, func(e engines.Engine) bool { return e.Name == engines.CELTuned })
	var rows [][]string
	for i, e := range all {
		fromStruct, prepared := series[2*i], series[2*i+1]
		rows = append(rows, []string{
			e.Name, report.Duration(fromStruct.Time()), ratio(fromStruct, series[2*yard]), count(fromStruct.Allocs),
			report.Duration(prepared.Time()), ratio(prepared, series[2*yard+1]), count(prepared.Allocs), report.Duration(loads[i].Time()),
		})
	}
	b.WriteString(report.Table([]string{"engine", "from a struct", "to cel-go", "allocations", "prepared", "to cel-go", "allocations", "loading 60 rules"}, rows))
	b.WriteString("\n")
	for _, e := range all[yard+1:] {
		fmt.Fprintf(&b, "* **%s**: %s\n", e.Name, e.Note)
	}
	return b.String()
}

func ratio(s, to *measure.Series) string {
	if s == to {
		return "1"
	}
	return report.Ratio(s.To(to))
}

func count(v float64) string { return fmt.Sprintf("%.0f", v) }
