package diff

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rungpolicy/rung/conformance"
	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/internal/gen"
	"github.com/rungpolicy/rung/policy"
)

// Comparer holds engines against each other. It is used by one goroutine at a time.
type Comparer struct {
	// Node is V8; nil: it is left out.
	Node *Node
	Shares
	Refused Refusals
}

// Difference is a pair that the engines answer differently, or a policy of which no module can be made that opens.
type Difference struct {
	Seed uint64
	// N is the request's number among those of the seed.
	N       int
	Kind    string // what is wrong: answers, or what went wrong before there were any
	Model   *gen.Model
	Request *gen.Request
	Answers []string // by engine
}

const answersDiffer = "answers"

// Try holds one policy against n requests, and returns the first difference.
func (c *Comparer) Try(seed uint64, n int) (*Difference, error) {
	m, b, err := Draw(seed, c.Refused)
	d := &Difference{Seed: seed, Model: m, Request: &gen.Request{Action: m.Actions[0].Name}}
	if err == nil {
		err = b.open()
	}
	if list := diag.List(nil); errors.As(err, &list) {
		return nil, fmt.Errorf("seed %d: %w", seed, err) // a mistake of the generator
	}
	if err != nil {
		d.Kind, d.Answers = kindOf(err), []string{b.nativeAnswer(d.Request), err.Error()}
		return d, nil
	}
	defer b.Close()
	c.Policies++
	asked := make([]*gen.Request, n)
	s := gen.Scattered(seed, requests)
	for i := range asked {
		asked[i] = m.Request(s)
	}
	all, err := c.answers(b, asked)
	if err != nil {
		return nil, fmt.Errorf("seed %d: %w", seed, err)
	}
	for i, answers := range all {
		c.count(answers[0])
		if slices.ContainsFunc(answers, func(a string) bool { return a != answers[0] }) {
			d.N, d.Kind, d.Request, d.Answers = i, answersDiffer, asked[i], answers
			return d, nil
		}
	}
	return nil, nil
}

// kindOf is what went wrong, without numbers.
func kindOf(err error) string { return number.ReplaceAllString(err.Error(), "N") }

// answers are what all engines say to requests, the native one first.
func (c *Comparer) answers(b *Built, requests []*gen.Request) ([][]string, error) {
	read := make([]*policy.Request, len(requests))
	all := make([][]string, len(requests))
	for i, g := range requests {
		r, err := b.request(g)
		if err != nil {
			return nil, fmt.Errorf("%w\n%s", err, g.JSON())
		}
		read[i], all[i] = r, b.answers(r)
	}
	if c.Node == nil {
		return all, nil
	}
	fromNode, err := c.Node.decide(b, read)
	if err != nil {
		return nil, err
	}
	for i, text := range fromNode {
		if same(all[i][0], text) {
			text = all[i][0]
		}
		all[i] = append(all[i], text)
	}
	return all, nil
}

// same reports whether a decision from JavaScript, whose members stand in an order of their own, says what another does.
func same(native, other string) bool {
	a, err := conformance.Canonical([]byte(native), true)
	b, bad := conformance.Canonical([]byte(other), true)
	return err == nil && bad == nil && a == b
}

// judge says what is wrong with a pair, made as that of a seed: "" if nothing is, or if it is no pair at all.
func (c *Comparer) judge(seed uint64, m *gen.Model, r *gen.Request) (kind string, answers []string) {
	b, err := build(m.Files(), optionsOf(seed))
	if err == nil {
		err = b.open()
	}
	if list := diag.List(nil); errors.As(err, &list) {
		return "", nil
	}
	if err != nil {
		return kindOf(err), []string{b.nativeAnswer(r), err.Error()}
	}
	defer b.Close()
	all, err := c.answers(b, []*gen.Request{r})
	if err != nil || !slices.ContainsFunc(all[0], func(a string) bool { return a != all[0][0] }) {
		return "", nil
	}
	return answersDiffer, all[0]
}

// nativeAnswer is what the native engine says, where there is no other.
func (b *Built) nativeAnswer(g *gen.Request) string {
	if b == nil || b.native == nil {
		return ""
	}
	r, err := b.request(g)
	if err != nil {
		return ""
	}
	return answer(b.plan.Decide(b.native, r))
}

// engines are the names of those that answer, in their order.
var engines = []string{"native", "machine code", "interpreter", "V8"}

// Case writes a difference as a case of the conformance suite, to be given a sentence and a name: what is expected is what the native engine says, and what the others say
// stands in its comment.
func (d *Difference) Case() string {
	var b strings.Builder
	fmt.Fprintf(&b, "sentence: ?\nSeed %d, request %d: %s.\n", d.Seed, d.N, strings.TrimSpace(d.Kind))
	for i := 1; i < len(d.Answers); i++ {
		if d.Answers[i] != d.Answers[0] {
			fmt.Fprintf(&b, "%s: %s\n", engines[i], d.Answers[i])
		}
	}
	fmt.Fprintf(&b, "\n-- a.rung.hcl --\n%s-- 1.request.json --\n%s\n", d.Model.Text(), d.Request.JSON())
	if len(d.Answers) > 0 {
		expected, err := conformance.Canonical([]byte(d.Answers[0]), false)
		if err != nil {
			expected = d.Answers[0] + "\n"
		}
		b.WriteString("-- 1.decision.json --\n" + expected)
	}
	return b.String()
}
