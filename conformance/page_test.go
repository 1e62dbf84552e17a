package conformance_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"github.com/tetratelabs/wazero"

	"github.com/rungpolicy/rung/conformance"
	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/codec"
	"github.com/rungpolicy/rung/wasm"
)

// pageCase is a request of a case that can be read, for a host that was written from docs/abi.md. Reading is no matter of the module's.
type pageCase struct {
	name    string
	module  []byte
	policy  *policy.Policy
	request *policy.Request
	want    []byte
}

// pageCases are those of all cases whose policy a module can be made of.
func pageCases(t *testing.T) []pageCase {
	t.Helper()
	cases, err := allPageCases()
	if err != nil {
		t.Fatal(err)
	}
	if len(cases) < 1000 {
		t.Errorf("%d requests", len(cases))
	}
	return cases
}

var allPageCases = sync.OnceValues(func() (out []pageCase, err error) {
	cases, err := conformance.Cases(conformance.Files())
	if err != nil {
		return nil, err
	}
	for _, c := range cases {
		pl, bad := planOf(c.Folder)
		if bad {
			continue
		}
		m, err := wasm.Compile(pl, wasm.Options{})
		if list := diag.List(nil); errors.As(err, &list) {
			continue
		} else if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Name, err)
		}
		tools := c.Reader == conformance.Tools
		for _, r := range c.Requests {
			request, refused := codec.DecodeRequest(pl.Policy, r.Request, codec.Options{Trusted: tools, Lenient: !tools})
			if refused != nil {
				continue
			}
			if !request.HasNow {
				request.Now = conformance.Now()
			}
			out = append(out, pageCase{c.Name + " " + r.Name, m.Bytes, pl.Policy, request, r.Decision})
		}
	}
	return out, nil
})

// TestPageGo runs the decision cases through a host that was written from docs/abi.md alone.
func TestPageGo(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	r := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigInterpreter().WithCustomSections(true))
	defer r.Close(ctx)
	cases := pageCases(t)
	for _, c := range cases {
		h, err := openPage(ctx, r, c.module)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		d, err := h.Decide(parsed(c.policy, c.request))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		got, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		same(t, &c, got)
		if err := h.module.Close(ctx); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d requests", len(cases))
}

// TestPageJavaScript runs them through one in JavaScript: V8 is an engine of its own, too.
func TestPageJavaScript(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("there is no node")
	}
	dir := t.TempDir()
	cases := pageCases(t)
	var lines []byte
	for i, c := range cases {
		path := filepath.Join(dir, strconv.Itoa(i)+".wasm")
		if err := os.WriteFile(path, c.module, 0o600); err != nil {
			t.Fatal(err)
		}
		lines = append(appendLine(lines, path, &c), '\n')
	}
	file := filepath.Join(dir, "requests")
	if err := os.WriteFile(file, lines, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(node, "testdata/run.mjs", file).Output()
	if err != nil {
		var failed *exec.ExitError
		errors.As(err, &failed)
		t.Fatalf("%v\n%s", err, failed.Stderr)
	}
	decisions := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	if len(decisions) != len(cases) {
		t.Fatalf("%d decisions for %d requests", len(decisions), len(cases))
	}
	for i := range cases {
		same(t, &cases[i], decisions[i])
	}
	t.Logf("%d requests", len(cases))
}

// same holds a decision against the expected one.
func same(t *testing.T, c *pageCase, got []byte) {
	t.Helper()
	withPolicy := bytes.Contains(c.want, []byte(`"policy"`))
	want, err := conformance.Canonical(c.want, withPolicy)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := conformance.Canonical(got, withPolicy); err != nil || text != want {
		t.Errorf("%s: %v\n%s\nwant\n%s", c.name, err, got, want)
	}
}

// parsed is a request by names.
func parsed(p *policy.Policy, r *policy.Request) map[string]any {
	signals, params := map[string]any{}, map[string]any{}
	for i, s := range p.Signals {
		if v := r.Signals[i]; v != nil {
			signals[s.Name] = named(s.Type, v)
		}
	}
	if a := p.Action(r.Action); a != nil && a.Resource != nil {
		signals["resource"] = named(a.Resource, r.Resource)
	}
	for i, v := range r.Params {
		if v != nil {
			params[p.Params[i].Name] = named(p.Params[i].Type, v)
		}
	}
	out := map[string]any{"action": r.Action, "now": r.Now, "signals": signals, "params": params}
	if r.Posture != "" {
		out["posture"] = r.Posture
	}
	return out
}

// named is a value with the names of objects' attributes.
func named(t *policy.Type, v policy.Value) any {
	elem := t.Elem
	if t.Kind == policy.KindAny {
		elem = policy.Any
	}
	switch v := v.(type) {
	case []policy.Value:
		out := []any{}
		for _, e := range v {
			out = append(out, named(elem, e))
		}
		return out
	case *policy.Map:
		out := map[string]any{}
		for i, k := range v.Keys {
			out[k] = named(elem, v.Values[i])
		}
		return out
	case *policy.Object:
		out := map[string]any{}
		for i, a := range v.Attrs {
			if a != nil {
				out[t.Attrs[i].Name] = named(t.Attrs[i].Type, a)
			}
		}
		return out
	case policy.Null:
		return nil
	}
	return v
}

// appendLine appends what run.mjs reads.
func appendLine(b []byte, module string, c *pageCase) []byte {
	p, r := c.policy, c.request
	quoted := func(s string) { b = codec.AppendValue(b, s) }
	b = append(b, `{"module":`...)
	quoted(module)
	b = append(b, `,"request":{"action":`...)
	quoted(r.Action)
	b = append(b, `,"now":`...)
	b = codec.AppendValue(b, r.Now)
	if r.Posture != "" {
		b = append(b, `,"posture":`...)
		quoted(r.Posture)
	}
	b = append(b, `,"params":{`...)
	comma := ""
	member := func(name string, t *policy.Type, v policy.Value) {
		b = append(b, comma...)
		quoted(name)
		b = append(b, ':')
		b, comma = codec.AppendTyped(b, t, v), ","
	}
	for i, v := range r.Params {
		if v != nil {
			member(p.Params[i].Name, p.Params[i].Type, v)
		}
	}
	b, comma = append(b, `},"signals":{`...), ""
	for i, v := range r.Signals {
		if v != nil {
			member(p.Signals[i].Name, p.Signals[i].Type, v)
		}
	}
	if r.Resource != nil {
		member("resource", p.Action(r.Action).Resource, r.Resource)
	}
	return append(b, "}}}"...)
}
