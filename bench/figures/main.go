// Command figures measures what the project promises and prints it, a line each: name, figure, bar, holds or not. It runs at the root
// of the repository, by `make figures`, and fails where a bar does not hold.
//
// Some figures come out of long runs that have targets of their own: `make mutate`, `make fuzz` and `make soak` leave their results in .cache, and are
// run here only with -run. Times are lower quartiles of interleaved rounds, so that a busy machine weighs on all sides alike.
package main

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"text/tabwriter"
	"time"

	bench "github.com/rungpolicy/rung/bench/measure"
	rung "github.com/rungpolicy/rung/sdk"
)

// figure is a thing that is promised. The measure returns the figure as text and whether the bar holds; an error says why it could not
// be measured.
type figure struct {
	name, bar string
	measure   func(*setting) (string, bool, error)
}

// setting is where and how to measure.
type setting struct {
	root string
	run  bool // run what takes long, instead of reading what it left behind
	// bars are two runs of the ratios to peers, once they were measured.
	bars []*bench.Bars
	// module are those of modules.
	module *bench.ModuleBars
	// js are times in JavaScript, and sizes.
	js *jsBars
}

var figures = []figure{
	{"conformance cases", "≥ 400, all pass, none skipped", conformance},
	{"CEL's own suite, through our Env", "all but the excluded, each with its reason", celSuite},
	{"that suite through modules on four engines, plain and with literals lifted", "all that the native engine passes", moduleSuite},
	{"statements of policy/... covered", "100 %", coverage},
	{"mutants of policy/plan killed", "≥ 85 %", mutation},
	{"fuzzing, each target", "≥ 60 s, 0 crashes, none at 0 execs", fuzzing},
	{"soak, mutated policies", "1,000,000: 0 panics, 0 over 250 ms", soakOf("policy")},
	{"soak, mutated requests", "1,000,000: 0 panics, 0 over 250 ms", soakOf("request")},
	{"a decision / the same cel-go programs in a loop", "≤ 1.2", decisionCost},
	{"step_up conditions run where the session meets all", "0", leanness},
	{"a decision with 10,000 rules elsewhere / with 10", "0.75 – 1.25", flatness},
	{"decisions of all engines", "the same, ≥ 1,000 questions on each policy", sameDecisions},
	{"a decision from a struct, 5 rules / cel-go's fastest form", "≤ 1.3", fromStruct},
	{"its allocations, beyond those of that form", "≤ 2", allocations},
	{"from JSON, beyond from a struct / encoding/json into the struct", "≤ 0.6", fromJSON},
	{"two runs of these ratios, one over the other", "≤ 1.25", runsAgree},
	{"checking a policy of 1,000 rules", "< 2 s", checking(1000, 2)},
	{"checking a policy of 10,000 rules", "< 20 s", checking(10_000, 20)},
	{"steps of the tutorial, executed", "all, in an empty folder", tutorial},
	{"bank example", "≥ 12 rules over ≥ 5 actions", bankExample},
	{"soak, pairs for the native engine and modules on three machines", "1,000,000: 0 differences", soakPairs},
	{"formatted: idempotent, the same decisions, comments all there", "10,000 generated and the corpus", formatted},
	{"false findings", "0 on the examples and the conformance policies", falseFindings},
	{"findings in generated policies that decisions refute", "0 of ≥ 500", soundFindings},
	{"`rung test` on the bank example, both engines, coverage", "< 300 ms", bankTests},
	{"`rung test` on 10,000 cases, the same", "< 5 s", manyTests},
	{"`rung lsp`, from a keystroke to the diagnostics", "< 100 ms, 1,000 lines", typing(100*time.Millisecond, (*languageServer).published)},
	{"`rung lsp`, from a keystroke to the completions", "< 50 ms, 1,000 lines", typing(50*time.Millisecond, (*languageServer).completed)},

	// The Go SDK.
	{"Decide, beyond the engine and a look at the clock", "≤ 60 ns, 0 allocations", overhead(rung.Native, nativeAlone)},
	{"Decide, beyond a module's host and a look at the clock", "≤ 60 ns, 0 allocations", overhead(rung.Wasm, moduleAlone)},
	{"8 goroutines decide, 100 changes of policy, posture and params a second, 30 s, -race", "0 wrong", answersUnderChange},
	{"10,000 reloads", "no goroutine, descriptor or memory more", reloadsHold},
	{"hostile hosts", "never a panic, never allow", hostile},
	{"package docs", "every exported name; an example for each task", documented},

	// Modules. Sizes are without custom sections and the data of lists.
	{"module of an empty policy", "≤ 400 B", emptyModule},
	{"each further rule of 8 conditions", "≤ 1,500 B", furtherRule},
	{"a rule of the bank example, median", "≤ 600 B", bankRules},
	{"module of the bank example", "≤ 8,192 B", bankModule},
	{"module of the bench's 60 rules", "≤ 40,960 B", sixtyModule},
	{"bank opened and asked, compiler", "< 15 ms", opening(15*time.Millisecond, compiled)},
	{"bank opened and asked, interpreter", "< 3 ms", opening(3*time.Millisecond, interpreted)},
	{"bank opened and asked, warm cache", "< 3 ms", opening(3*time.Millisecond, cached)},
	{"code for modules in a program that has none", "≤ 65,536 B", unusedCode},
	{"1,000 rules built, from files", "< 3 s", building(1000, 3*time.Second)},
	{"module from a struct, 5 rules: times faster than cel-go's fastest form", "≥ 8", ofModule(moduleFive)},
	{"its time / hand-written Go", "≤ 3.5", ofModule(moduleHand)},
	{"module from a struct, 20 rules: times faster than cel-go's fastest form", "≥ 15", ofModule(moduleTwenty)},
	{"allocations of a module's decision that allows", "0", ofModule(moduleAllocs)},
	{"module of 10,000 rules / of 10, on the same actions", "0.75 – 1.25", ofModule(moduleFlat)},
	{"module, from JSON to the decision / encoding/json into the struct", "≤ 0.6", ofModule(moduleJSON)},

	// The playground's page, in real browsers.
	{"the page as a person uses it, in Chromium and Firefox", "all", pageTests("")},
	{"first paint of the page", "< 500 ms", pageAtMost("first-paint-ms", "ms", 499)},
	{"the page without its compiler, gzipped", "≤ 250,000 B", pageAtMost("page-bytes", "B", 250_000)},
	{"its compiler, gzipped", "≤ 8,000,000 B", pageAtMost("compiler-bytes", "B", 8_000_000)},
	{"its compiler, by brotli", "≤ 5,500,000 B", pageAtMost("compiler-brotli-bytes", "B", 5_500_000)},
	{"keystroke to diagnostics and answers, bank, median", "< 150 ms", pageAtMost("keystroke-median-ms", "ms", 149)},
	{"the same, 95th percentile", "< 400 ms", pageAtMost("keystroke-95-ms", "ms", 399)},
	{"the longest task of the page's thread meanwhile", "≤ 200 ms", pageAtMost("longest-task-ms", "ms", 200)},
	{"axe, every view, both themes, two widths", "0 violations", pageTests("^axe")},
	{"the suite of conformance through the page's worker", "equal", pageTests("suite of conformance")},
	{"10,000 links and 200 scripts made to harm", "nothing runs, no crash, nothing reported", pageTests("^(10,000 links|200 scripts)")},
	{"30 expressions of texts, patterns, lists and numbers in a module: times faster than cel-go", "mean ≥ 3, none < 1", fastExpressions},
	{"all helpers linked into a module", "≤ 24,576 B", allHelpers},
	{"reader of JSON more", "≤ 4,096 B", readerOfJSON},
	// JavaScript, in Node unless it says where.
	{"JavaScript, decision cases on each runtime", "all, on ≥ 7", jsRuntimes},
	{"JavaScript SDK, minified and gzipped, without the reader", "≤ 6,144 B", jsSize("decide", 6<<10)},
	{"JavaScript SDK with the reader", "≤ 8,192 B", jsSize("reader", 8<<10)},
	{"JavaScript SDK with the bank's module", "≤ 14,336 B", jsSize("bank", 14<<10)},
	{"JavaScript, 5 rules from a plain object: times faster than OPA's module", "≥ 25", jsSpeed("opaWasm", 25)},
	{"JavaScript, times faster than a CEL library's conditions alone", "≥ 3", jsSpeed("cel", 3)},
	{"JavaScript, its time / hand-written JavaScript", "≤ 3", jsHand},
	{"JavaScript, the bank's module, bytes to first decision", "< 5 ms", jsStart},
	{"JavaScript, hostile requests, and a million decisions", "nothing thrown, allowed or kept", jsHostile},
}

func main() {
	var s setting
	flag.StringVar(&s.root, "root", ".", "the root of the repository")
	flag.BoolVar(&s.run, "run", false, "also run what takes long: mutation, fuzzing, soak")
	only := flag.String("only", "", "measure the figures whose name matches this `regexp`")
	flag.Parse()
	pick, err := regexp.Compile(*only)
	if err != nil {
		fmt.Fprintln(os.Stderr, "figures: -only:", err)
		os.Exit(2)
	}
	if !measure(&s, pick) {
		os.Exit(1)
	}
}

// measure prints the table and reports whether all of it holds.
func measure(s *setting, pick *regexp.Regexp) bool {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "name\tfigure\tbar\tholds")
	all := true
	for _, f := range figures {
		if !pick.MatchString(f.name) {
			continue
		}
		fmt.Fprintf(os.Stderr, "… %s\n", f.name)
		got, holds, err := f.measure(s)
		verdict := "yes"
		switch {
		case err != nil:
			got, verdict, all = "not measured: "+err.Error(), "no", false
		case !holds:
			verdict, all = "NO", false
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", f.name, got, f.bar, verdict)
	}
	if err := w.Flush(); err != nil {
		fmt.Fprintln(os.Stderr, "figures:", err)
		return false
	}
	return all
}
