package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rungpolicy/rung/policy"
	rung "github.com/rungpolicy/rung/sdk"
	"github.com/rungpolicy/rung/sdk/rungdiff"
	"github.com/rungpolicy/rung/wasm/host"
)

const diffLong = `diff takes the decisions of two policies on the same requests and says which differ, and by
which rules: how many prompts (step_up) and denials each adds or removes, and an example.
OLD and NEW are a policy's folder, one of its files, or a module that build has made.

Requests are those of eval, one a line, or the records of a log (rung.NewLog); of those that
say no "now" all have the moment at which diff begins. Signals and attributes that one of
the policies does not know are passed over. A decision is the same if effect, requirement,
reasons, need, what the session proves and the rules on trial are; messages and the policy's
version do not count. Sensitive values are not printed: an example is the number of its
line, and both decisions.

Exit status: 0 no decision differs; 1 some do, or a policy has errors; 2 it could not be done.`

type diffOptions struct {
	requests string
	json     bool
}

func newDiff(a *app) *cobra.Command {
	var o diffOptions
	cmd := &cobra.Command{
		Use:     "diff OLD NEW --requests FILE.jsonl",
		Short:   "Say what another policy would decide otherwise",
		Long:    diffLong,
		Example: "  rung diff policy/ next/ --requests requests.jsonl\n  rung diff bank.wasm policy/ --requests requests.jsonl --json",
		Args:    usage(cobra.ExactArgs(2)),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.diff(args[0], args[1], &o)
		},
	}
	f := cmd.Flags()
	f.StringVarP(&o.requests, "requests", "r", "-", "the `FILE` with the requests, one a line; - is standard input")
	f.BoolVar(&o.json, "json", false, "print one JSON document")
	return cmd
}

// mostRecord is what a record of a log may take: a request, a decision, and what is beside them.
const mostRecord = 4 * policy.MaxRequestBytes

func (a *app) diff(old, next string, o *diffOptions) error {
	now := time.Now()
	var sides [2]rungdiff.Decider
	for i, name := range [2]string{old, next} {
		d, done, err := a.side(name, func() time.Time { return now })
		if err != nil {
			return err
		}
		defer done()
		sides[i] = d
	}
	in, err := a.open(o.requests)
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // it was only read
	c := rungdiff.New(sides[0], sides[1])
	lines := newLineReader(in, mostRecord)
	for {
		line, err := lines.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return plain(err)
		}
		if request := rungdiff.RequestOf(line); request != nil {
			c.Add(request)
		}
	}
	return a.differences(c.Report(), o)
}

// side is what decides for one side. The error is errBad if the policy or the module is not in order, which has been said.
func (a *app) side(name string, clock func() time.Time) (rungdiff.Decider, func(), error) {
	if isWasm([]string{name}) {
		module, err := readModule(name)
		if err != nil {
			return nil, nil, err
		}
		p, err := openModule(module, host.Trusted(), host.WithClock(clock))
		if err != nil {
			fmt.Fprintf(a.err, "rung: %s: %v\n", name, err)
			return nil, nil, errBad
		}
		return p, p.Close, nil
	}
	c, err := read([]string{name})
	if err != nil {
		return nil, nil, err
	}
	if c.Diagnostics.HasErrors() {
		fmt.Fprintf(a.err, "%s\n", name)
		if err := a.report(a.err, c); err != nil {
			return nil, nil, err
		}
		return nil, nil, errBad
	}
	e, err := c.Engine(rung.Trusted(), rung.WithClock(clock))
	if err != nil {
		return nil, nil, err
	}
	return e, e.Close, nil
}

// differences prints a report.
func (a *app) differences(r *rungdiff.Report, o *diffOptions) error {
	if o.json {
		text, err := json.Marshal(r)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(a.out, "%s\n", text); err != nil {
			return err
		}
	} else if _, err := io.WriteString(a.out, a.differencesText(r)); err != nil {
		return err
	}
	if r.Different > 0 {
		return errBad
	}
	return nil
}

func (a *app) differencesText(r *rungdiff.Report) string {
	t := &text{color: a.colorOn(a.out)}
	head := fmt.Sprintf("%d of %s decided otherwise", r.Different, plural(r.Requests, "request"))
	if r.Refused > 0 {
		head += fmt.Sprintf(" (%d refused by both)", r.Refused)
	}
	t.out.WriteString(t.paint(bold, head) + "\n")
	if said := became(&r.All); said != "" {
		t.out.WriteString("  " + said + "\n")
	}
	for _, x := range r.Rules {
		name := x.ID
		if name == "" {
			name = "by none of the reasons"
		}
		t.out.WriteString("\n" + t.paint(bold, oneLine(name)) + "  " + plural(x.Different, "decision") + "\n  " + became(&x.Counts) + "\n")
		fmt.Fprintf(&t.out, "  %s %d  %s\n", t.paint(dim, "request"), x.Example.Request, oneLine(cmp.Or(x.Example.New.Action, x.Example.Old.Action)))
		t.last = ""
		t.row("old", brief(x.Example.Old))
		t.row("new", brief(x.Example.New))
	}
	return t.out.String()
}

// became says what became of decisions: "3 prompts added, 1 denial removed".
func became(c *rungdiff.Counts) string {
	var parts []string
	for _, x := range []struct {
		n          int
		what, done string
	}{
		{c.PromptsAdded, "prompt", "added"},
		{c.PromptsRemoved, "prompt", "removed"},
		{c.PromptsChanged, "prompt", "changed"},
		{c.DenialsAdded, "denial", "added"},
		{c.DenialsRemoved, "denial", "removed"},
		{c.NeedsAdded, "need", "added"},
		{c.NeedsRemoved, "need", "removed"},
		{c.Other, "other", ""},
	} {
		switch {
		case x.n == 0:
		case x.done == "":
			parts = append(parts, fmt.Sprintf("%d in other ways", x.n))
		default:
			parts = append(parts, plural(x.n, x.what)+" "+x.done)
		}
	}
	return strings.Join(parts, ", ")
}

// brief is a decision in a line.
func brief(d *rung.Decision) string {
	s := d.Effect.String()
	switch {
	case d.Error != nil:
		s += ", refused: " + d.Error.Message
	case d.Requirement != nil:
		s += " " + demand(d.Requirement.Level, d.Requirement.MaxAge, d.Requirement.Methods)
	case len(d.Need) > 0:
		s += " " + strings.Join(d.Need, ", ")
	}
	var rules []string
	for _, r := range d.Reasons {
		rules = append(rules, r.Rule)
	}
	if len(rules) > 0 {
		s += ", by " + strings.Join(rules, ", ")
	}
	return s
}
