package table_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/rungpolicy/rung/cel"
	"github.com/rungpolicy/rung/hcl"
	"github.com/rungpolicy/rung/internal/texts"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/codec"
	"github.com/rungpolicy/rung/policy/plan"
	"github.com/rungpolicy/rung/wasm"
	"github.com/rungpolicy/rung/wasm/abi"
	"github.com/rungpolicy/rung/wasm/internal/table"
)

// TestJSON runs the reader and the writer of JSON natively, under sanitizers: what is refused is what Go's reader refuses, and decisions are written as Go writes them. What is
// decided is drawn: nothing here knows of conditions.
func TestJSON(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("clang-19"); err != nil {
		t.Skip("clang-19 is not here: the guest's sources are not tested under sanitizers; what is made of them is, in WebAssembly")
	}
	m := about(t)
	p := startJSON(t, m)
	view := m.Policy()
	rng := rand.New(rand.NewPCG(5, 6)) //nolint:gosec // a test's
	refused := 0
	const all = 5000
	for i := range all {
		text := texts.Request
		if i > 0 {
			text = texts.Mutated(rng, text)
		}
		var want *policy.Decision
		var head []byte
		r, err := codec.DecodeRequest(view, []byte(text), codec.Options{Trusted: true})
		switch {
		case err != nil:
			want, head = &policy.Decision{Error: err}, make([]byte, answerSize)
			refused++
		case !r.HasNow:
			want, head = &policy.Decision{Error: &policy.RequestError{Code: policy.InvalidRequest, Path: "/now"}}, make([]byte, answerSize)
		default:
			want, head = drawn(rng, m, r)
		}
		// A caller's text and a host's, where it may be one.
		got := p.ask(t, "", text, head)
		if one, other := without(t, codec.AppendDecision(nil, want)), without(t, got); one != other {
			t.Fatalf("%d: %q\n%s\nwant\n%s", i, text, other, one)
		}
	}
	t.Logf("%d of %d are refused", refused, all)
	if refused < all/4 || refused > all*19/20 {
		t.Errorf("%d of %d are refused", refused, all)
	}
}

// without is a decision without the message of a refusal, its members in order.
func without(t *testing.T, decision []byte) string {
	t.Helper()
	var d map[string]any
	if err := json.Unmarshal(decision, &d); err != nil {
		t.Fatalf("%v: %s", err, decision)
	}
	if e, ok := d["error"].(map[string]any); ok {
		delete(e, "message")
		out, _ := json.Marshal(d)
		return string(out)
	}
	return string(decision)
}

// about is what a module of the policy of package texts says of itself.
func about(t *testing.T) *abi.Module {
	t.Helper()
	parsed, err := hcl.Parse(fstest.MapFS{"every.rung.hcl": {Data: []byte(texts.Policy)}})
	if err != nil {
		t.Fatal(err)
	}
	conditions, found := cel.Check(parsed.Policy)
	parsed.Diagnostics.Add(found...)
	if err := parsed.Diagnostics.Err(); err != nil {
		t.Fatal(err)
	}
	made, err := wasm.Compile(plan.Build(parsed.Policy, conditions), wasm.Options{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := wasm.About(made.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// answerSize is how many bytes say what is decided: a result, three sets, 8 groups, 8 faults.
const (
	answerRules = 8
	answerSize  = abi.ResultSize + 3*4 + answerRules*8 + answerRules*abi.FaultSize
)

// drawn is some decision on a request, and the result that says the same.
func drawn(rng *rand.Rand, m *abi.Module, r *policy.Request) (*policy.Decision, []byte) {
	n := m.Schema.Action(r.Action)
	rules := m.Outputs.Actions[n]
	b := make([]byte, answerSize)
	put := func(at int, v uint32) { order.PutUint32(b[at:], v) }
	d := &policy.Decision{
		Action: r.Action, Posture: "normal", Effect: policy.Effect(rng.IntN(4)),
		Policy: policy.Identity{Name: m.Meta.Name, Version: m.Meta.Version, Digest: m.Meta.Digest},
	}
	if r.Posture != "" {
		d.Posture = r.Posture
	}
	put(abi.ResultEffect, uint32(d.Effect))
	order.PutUint64(b[abi.ResultMaxAge:], 1<<64-1)
	order.PutUint64(b[abi.ResultAge:], 1<<64-1)
	if level := rng.IntN(len(m.Outputs.Levels) + 1); level > 0 {
		put(abi.ResultSatisfied, uint32(level))
		d.Satisfied = &policy.Satisfied{Level: m.Outputs.Levels[level-1].Name}
		if rng.IntN(2) == 0 {
			d.Satisfied.Age = policy.Seconds{Set: true, N: rng.Int64N(1 << 40)}
			order.PutUint64(b[abi.ResultAge:], uint64(d.Satisfied.Age.N))
		}
	}
	sets, faults := abi.ResultSize, 0
	for bit, number := range rules {
		if rng.IntN(2) == 0 {
			continue
		}
		faults += draw(rng, d, &m.Outputs.Rules[number], bit, b[sets:], faults, m)
	}
	put(abi.ResultFaults, uint32(faults))
	slices.SortFunc(d.Indeterminate, func(a, b policy.Indeterminate) int { return bytes.Compare([]byte(a.Rule), []byte(b.Rule)) })
	switch d.Effect {
	case policy.StepUp:
		requirement(rng, d, m, rules, b)
	case policy.Need:
		need := 1 + rng.IntN(1<<len(m.Schema.Lazy)-1)
		order.PutUint64(b[abi.ResultNeed:], uint64(need))
		for i, name := range m.Schema.Lazy {
			if need>>i&1 == 1 {
				d.Need = append(d.Need, name)
			}
		}
	case policy.Deny, policy.Allow:
	}
	if d.Effect == policy.Allow && len(d.Shadow) > 0 {
		d.ShadowEffect, d.ShadowDiffers = policy.StepUp, true
		put(abi.ResultShadowEffect, 1+uint32(policy.StepUp))
	}
	return d, b
}

// draw has a rule be in a decision, and returns how many faults there are more.
func draw(rng *rand.Rand, d *policy.Decision, rule *abi.Rule, bit int, sets []byte, fault int, m *abi.Module) int {
	set := func(which int) { order.PutUint32(sets[4*which:], order.Uint32(sets[4*which:])|1<<bit) }
	reason := policy.Reason{Rule: rule.ID, Effect: rule.Effect, Level: rule.Level, MaxAge: rule.MaxAge, Methods: rule.Methods, Message: rule.Message}
	at := sets[3*4+answerRules*8+fault*abi.FaultSize:]
	erred := rng.IntN(3) == 0
	code, place := abi.NoSuchAttribute+rng.IntN(abi.Limit-abi.NoSuchAttribute+1), rng.IntN(len(m.Debug.Places))
	name, _ := abi.Code(uint32(code))
	switch {
	case rule.Shadow && d.Effect == policy.Need:
		return 0
	case rule.Shadow && rng.IntN(2) == 0:
		set(2)
		reason.Pending, erred = true, false
		d.Shadow = append(d.Shadow, &reason)
	case rule.Shadow:
		set(1)
		if erred {
			reason.Code = name
		}
		d.Shadow = append(d.Shadow, &reason)
	default:
		set(0)
		if d.Effect == policy.Deny || d.Effect == policy.StepUp {
			d.Reasons = append(d.Reasons, &reason)
		}
		if erred {
			d.Indeterminate = append(d.Indeterminate, policy.Indeterminate{Rule: rule.ID, Code: name, Error: abi.Text(uint32(code)), At: m.Debug.Places[place]})
		}
	}
	if !erred {
		return 0
	}
	order.PutUint32(at[abi.FaultRule:], uint32(bit))
	order.PutUint32(at[abi.FaultCode:], uint32(code|place<<8))
	return 1
}

// requirement draws what is asked for.
func requirement(rng *rand.Rand, d *policy.Decision, m *abi.Module, rules []int, b []byte) {
	level := rng.IntN(len(m.Outputs.Levels))
	order.PutUint32(b[abi.ResultLevel:], uint32(level+1))
	q := &policy.Requirement{Level: m.Outputs.Levels[level].Name, ACRValues: m.Outputs.Levels[level].ACRValues, Reachable: policy.Tristate(rng.IntN(3))}
	order.PutUint32(b[abi.ResultReachable:], uint32(q.Reachable))
	if rng.IntN(2) == 0 {
		q.MaxAge = policy.Seconds{Set: true, N: rng.Int64N(1 << 40)}
		order.PutUint64(b[abi.ResultMaxAge:], uint64(q.MaxAge.N))
	}
	for _, i := range rng.Perm(len(rules)) {
		methods := m.Outputs.Rules[rules[i]].Methods
		if len(methods) == 0 || rng.IntN(3) == 0 || slices.ContainsFunc(q.Methods, func(g []string) bool { return slices.Equal(g, methods) }) {
			continue
		}
		order.PutUint64(b[abi.ResultSize+3*4+8*len(q.Methods):], table.Mask(m.Outputs.Methods, methods))
		q.Methods = append(q.Methods, methods)
	}
	order.PutUint32(b[abi.ResultGroups:], uint32(len(q.Methods)))
	slices.SortFunc(q.Methods, slices.Compare)
	d.Requirement = q
}

// nativeJSON is the program of testdata/json.c.
type nativeJSON struct {
	in  *bufio.Writer
	out *bufio.Reader
}

func startJSON(t *testing.T, m *abi.Module) *nativeJSON {
	t.Helper()
	data, err := table.NewJSON(m)
	if err != nil {
		t.Fatal(err)
	}
	// The data at the beginning of its memory, the texts behind them.
	for _, a := range data.Addresses {
		to := base + a.Plus
		if a.Of == table.JSONTexts {
			to += len(data.Data)
		}
		order.PutUint32(data.Data[a.At:], uint32(to))
	}
	image := slices.Concat(data.Data, data.Texts)
	program := filepath.Join(t.TempDir(), "json")
	out, err := exec.Command("clang-19", "-std=gnu11", "-O1", "-g", "-fno-pie", "-no-pie", "-Wall", "-Wextra", "-Wno-sign-compare",
		"-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-o", program, "testdata/json.c").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.Command(program)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	in, err1 := cmd.StdinPipe()
	from, err2 := cmd.StdoutPipe()
	if err := errors.Join(err1, err2, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v\n%s", err, stderr.String())
		}
	})
	n := &nativeJSON{bufio.NewWriter(in), bufio.NewReader(from)}
	n.send(order.AppendUint32(order.AppendUint32(nil, base), uint32(len(image))), image)
	return n
}

func (n *nativeJSON) send(parts ...[]byte) {
	for _, b := range parts {
		_, _ = n.in.Write(b) // Flush says it again
	}
}

// ask has the program answer two texts, where what is decided is what the head says.
func (n *nativeJSON) ask(t *testing.T, caller, host string, head []byte) []byte {
	t.Helper()
	n.send(order.AppendUint32(order.AppendUint32(nil, uint32(len(caller))), uint32(len(host))), []byte(caller), []byte(host), head)
	if err := n.in.Flush(); err != nil {
		t.Fatal(err)
	}
	var size [4]byte
	_, err := io.ReadFull(n.out, size[:])
	out := make([]byte, order.Uint32(size[:]))
	if err == nil {
		_, err = io.ReadFull(n.out, out)
	}
	if err != nil {
		t.Fatalf("the native program ended: %v: %q", err, host)
	}
	return out
}
