package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/codec"
	rung "github.com/rungpolicy/rung/sdk"
)

const evalLong = `eval takes decisions: it reads a request, as JSON, and prints the decision, as JSON. What
decides is a policy, the current folder by default, or a module that build has made.

  request   {"action": NAME, "signals": {NAME: …}, "now": TIME, "posture": NAME,
             "params": {NAME: …}}; now is the present moment if it is absent
  decision  {"effect": "allow" | "step_up" | "deny" | "need", …}

A lazy signal that is absent is pending, and may be asked for with "need"; one that is null
was looked for and there is none. With --jsonl every line is a request and gets its line,
in the same order; a line that is refused is answered with its error and the run goes on.

Exit status: 0 every request got a decision, whatever its effect; 1 one was refused, or the
policy has errors; 2 it could not be done.`

// formats are the values of --format.
var formats = []string{"json", "text"}

type evalOptions struct {
	request, engine, format string
	explain, jsonl          bool
}

func newEval(a *app) *cobra.Command {
	var o evalOptions
	cmd := &cobra.Command{
		Use:     "eval [DIR|FILE.wasm]",
		Short:   "Take a decision, or many",
		Long:    evalLong,
		Example: "  rung eval policy/ --request request.json --explain --format=text\n  rung eval policy/ --jsonl < requests.jsonl > decisions.jsonl\n  rung eval bank.wasm --request request.json",
		Args:    usage(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(cmd, args); err != nil {
				return err
			}
			return a.eval(args, &o)
		},
	}
	f := cmd.Flags()
	f.StringVarP(&o.request, "request", "r", "-", "the `FILE` that holds the request; - is standard input")
	f.BoolVar(&o.explain, "explain", false, "add why: how every rule came out, and what would make it an allow")
	f.BoolVar(&o.jsonl, "jsonl", false, "many requests, one a line")
	f.StringVar(&o.format, "format", "json", "the decision's `FORMAT`: json, or text for people")
	f.StringVar(&o.engine, "engine", "native", "the `ENGINE` that decides: native, or wasm, a module")
	complete(cmd, "format", formats)
	complete(cmd, "engine", engines)
	return cmd
}

// engines are the values of --engine.
var engines = []string{"native", "wasm"}

func (o *evalOptions) check(cmd *cobra.Command, args []string) error {
	if err := oneOf("--engine", o.engine, engines); err != nil {
		return err
	}
	if isWasm(args) && o.engine == "native" && cmd.Flags().Changed("engine") {
		return usagef("`%s` is a module, which --engine=wasm runs", args[0])
	}
	if o.explain && (isWasm(args) || o.engine == "wasm") {
		return usagef("a module does not say why: --explain takes the policy's folder, and the native engine")
	}
	return oneOf("--format", o.format, formats)
}

// eval reads the policy, or a module, then requests, and answers them.
func (a *app) eval(args []string, o *evalOptions) error {
	e, done, err := a.decider(args, o)
	if err != nil {
		return err
	}
	defer done()
	in, err := a.open(o.request)
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // it was only read
	run := &evaluation{app: a, evalOptions: o, engine: e, out: bufio.NewWriterSize(a.out, 64<<10)}
	if o.jsonl {
		err = run.many(in)
	} else {
		err = run.one(in)
	}
	if err = errors.Join(err, run.out.Flush()); err != nil {
		return err
	}
	if run.refused > 0 {
		return errBad
	}
	return nil
}

// open is where the requests come from.
func (a *app) open(name string) (io.ReadCloser, error) {
	if name != "-" {
		f, err := os.Open(name)
		return f, plain(err)
	}
	if isTerminal(a.in) {
		fmt.Fprintln(a.err, "reading from standard input; --request FILE reads a file")
	}
	return io.NopCloser(a.in), nil
}

// decide answers a request's JSON, of which it is enough to have one byte more than there may be. The request is that of the person at the
// command line, so now, posture and params are taken from it; the clock is read only where it does not say. With --explain there is what would have made the
// answer an allow.
func (e *evaluation) decide(text []byte) (*rung.Decision, []rung.Change) {
	if native, ok := e.engine.(*rung.Engine); ok && e.explain {
		return native.ExplainJSON(text), native.ChangesJSON(text, rung.Allow)
	}
	return e.engine.DecideJSON(text), nil
}

// evaluation is a run of eval.
type evaluation struct {
	*app
	*evalOptions
	engine decider
	out    *bufio.Writer
	line   []byte

	decided, refused int
}

// one answers the one request that r holds.
func (e *evaluation) one(r io.Reader) error {
	// One byte more than a request may have is enough for it to be refused.
	text, err := io.ReadAll(io.LimitReader(r, policy.MaxRequestBytes+1))
	if err != nil {
		return plain(err)
	}
	return e.answer(text)
}

// many answers a request a line, in bounded memory. Where the input pauses, what is decided is written.
func (e *evaluation) many(r io.Reader) error {
	in := newLineReader(r, policy.MaxRequestBytes)
	p := e.newProgress()
	defer p.done()
	for {
		text, err := in.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return plain(err)
		}
		if err := e.answer(text); err != nil {
			return err
		}
		if in.idle() {
			if err := e.out.Flush(); err != nil {
				return err
			}
		}
		p.show(e.decided, "requests")
	}
	if e.refused > 0 {
		fmt.Fprintf(e.err, "%d of %s refused\n", e.refused, plural(e.decided, "request"))
	}
	return nil
}

// answer decides a request and writes the decision.
func (e *evaluation) answer(text []byte) error {
	d, changes := e.decide(text)
	if d.Error != nil {
		e.refused++
	}
	if e.format == "text" {
		if e.decided > 0 {
			e.out.WriteByte('\n')
		}
		e.line = append(e.line[:0], describe(d, changes, e.engine.Policy(), e.colorOn(e.app.out))...)
	} else {
		e.line = append(codec.AppendExplained(e.line[:0], d, changes), '\n')
	}
	e.decided++
	_, err := e.out.Write(e.line)
	return err
}

// progress tells a person who waits how far a long run is.
type progress struct {
	w    io.Writer // nil: nobody looks
	next time.Time
}

func (a *app) newProgress() *progress {
	p := new(progress)
	if isTerminal(a.err) && !isTerminal(a.out) {
		p.w = a.err
	}
	return p
}

func (p *progress) show(n int, of string) {
	if p.w == nil || n%64 != 0 || time.Now().Before(p.next) {
		return
	}
	p.next = time.Now().Add(200 * time.Millisecond)
	fmt.Fprintf(p.w, "\r%d %s", n, of)
}

func (p *progress) done() {
	if p.w != nil && !p.next.IsZero() {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
