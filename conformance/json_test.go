package conformance_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"slices"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/rungpolicy/rung/conformance"
	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/wasm"
	"github.com/rungpolicy/rung/wasm/host"
)

// TestJSON runs the cases through the entry for texts, decide_json: the module reads the request and writes the decision. It is a strict reader, so the cases of SDKs
// that ignore what is not declared are not its.
func TestJSON(t *testing.T) {
	t.Parallel()
	cases, err := conformance.Cases(conformance.Files())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			if c.Refused || c.Name == lenient {
				return
			}
			pl, bad := planOf(c.Folder)
			if bad {
				return
			}
			m, err := wasm.Compile(pl, wasm.Options{JSON: true})
			if list := diag.List(nil); errors.As(err, &list) {
				return
			} else if err != nil {
				t.Fatal(err)
			}
			if _, err := host.Verify(m.Bytes); err != nil {
				t.Fatal(err)
			}
			conformance.RunCase(t, &textual{t: t, module: m.Bytes, large: large(c)}, c)
		})
	}
}

// large reports whether a case has a request that takes an interpreter long.
func large(c *conformance.Case) bool {
	return slices.ContainsFunc(c.Requests, func(r conformance.Request) bool { return len(r.Request) > 64<<10 })
}

type textual struct {
	t      testing.TB
	module []byte
	large  bool
}

func (m *textual) Open(fs.FS) (conformance.Engine, []string) {
	ctx := context.Background()
	config := wazero.NewRuntimeConfigInterpreter()
	if m.large {
		config = wazero.NewRuntimeConfig()
	}
	r := wazero.NewRuntimeWithConfig(ctx, config)
	m.t.Cleanup(func() { _ = r.Close(ctx) })
	i, err := r.Instantiate(ctx, m.module)
	if err != nil {
		m.t.Fatal(err)
	}
	return &textEngine{t: m.t, module: i}, nil
}

type textEngine struct {
	t      testing.TB
	module api.Module
}

func (e *textEngine) Decide(request []byte, reader conformance.Reader) []byte {
	callers, hosts := request, []byte("{"+now+"}")
	if reader == conformance.Tools && holds(request, "now", "posture", "params") {
		callers, hosts = nil, timed(request)
	}
	return e.decide(callers, hosts)
}

// decide asks the module about two texts.
func (e *textEngine) decide(callers, hosts []byte) []byte {
	texts := slices.Concat(callers, hosts)
	at, err := e.module.ExportedFunction("begin").Call(context.Background(), uint64(len(texts)))
	if err != nil || at[0] == 0 || !e.module.Memory().Write(uint32(at[0]), texts) {
		e.t.Fatalf("%d bytes: at %v, %v", len(texts), at, err)
	}
	out, err := e.module.ExportedFunction("decide_json").Call(context.Background(), uint64(len(callers)), uint64(len(hosts)))
	if err != nil {
		e.t.Error(err)
		return nil
	}
	text, ok := e.module.Memory().Read(uint32(out[0]), uint32(out[0]>>32))
	if !ok {
		e.t.Fatalf("no text: %#x", out[0])
	}
	return append([]byte{}, text...)
}

var now = `"now":"` + conformance.Now().UTC().Format("2006-01-02T15:04:05.999999999Z07:00") + `"`

// holds reports whether a request has one of some members.
func holds(request []byte, names ...string) bool {
	var members map[string]json.RawMessage
	return json.Unmarshal(request, &members) == nil && slices.ContainsFunc(names, func(n string) bool { return members[n] != nil })
}

// timed is a request that has a time: that of the suite, if it has none of its own.
func timed(request []byte) []byte {
	if holds(request, "now") {
		return request
	}
	at := bytes.IndexByte(request, '{') + 1
	return slices.Concat(request[:at], []byte(now+","), request[at:])
}

// lenient is the case of what SDKs leave out of a request, which the reader of modules refuses: it is strict.
const lenient = "fine-print/json-sdk-lenient"
