package conformance_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
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
			module := withJSON(t, c)
			if module == nil {
				return
			}
			if _, err := host.Verify(module); err != nil {
				t.Fatal(err)
			}
			conformance.RunCase(t, &textual{t: t, module: module, large: large(c)}, c)
		})
	}
}

// withJSON is a case's policy as a module that takes JSON; nil if it has no decisions, or none of such a module's. It is made once.
func withJSON(t *testing.T, c *conformance.Case) []byte {
	t.Helper()
	made, _ := modulesWithJSON.LoadOrStore(c.Name, sync.OnceValues(func() ([]byte, error) {
		if c.Refused || c.Name == lenient {
			return nil, nil
		}
		pl, bad := planOf(c.Folder)
		if bad {
			return nil, nil
		}
		m, err := wasm.Compile(pl, wasm.Options{JSON: true})
		if list := diag.List(nil); errors.As(err, &list) {
			return nil, nil
		} else if err != nil {
			return nil, err
		}
		return m.Bytes, nil
	}))
	module, err := made.(func() ([]byte, error))()
	if err != nil {
		t.Fatal(err)
	}
	return module
}

var modulesWithJSON sync.Map // by the case's name

// TestJSONJavaScript runs them on V8.
func TestJSONJavaScript(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("there is no node: the entry for texts is not run on V8")
	}
	cases, err := conformance.Cases(conformance.Files())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var file []byte
	var asked []pageCase
	for i, c := range cases {
		module := withJSON(t, c)
		if module == nil {
			continue
		}
		name := filepath.Join(dir, strconv.Itoa(i)+".wasm")
		if err := os.WriteFile(name, module, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, r := range c.Requests {
			callers, hosts := asTexts(r.Request, c.Reader)
			line, err := json.Marshal(map[string]any{"module": name, "request": callers, "host": hosts})
			if err != nil {
				t.Fatal(err)
			}
			file = append(append(file, line...), '\n')
			asked = append(asked, pageCase{name: c.Name + " " + r.Name, want: r.Decision})
		}
	}
	requests := filepath.Join(dir, "requests")
	if err := os.WriteFile(requests, file, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(node, "testdata/text.mjs", requests).Output()
	if err != nil {
		var failed *exec.ExitError
		errors.As(err, &failed)
		t.Fatalf("%v\n%s", err, failed.Stderr)
	}
	decisions := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	if len(decisions) != len(asked) || len(asked) < 1000 {
		t.Fatalf("%d decisions for %d requests", len(decisions), len(asked))
	}
	for i := range asked {
		same(t, &asked[i], decisions[i])
	}
	t.Logf("%d requests", len(asked))
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
	return e.decide(asTexts(request, reader))
}

// asTexts are a request as a caller's text and a host's.
func asTexts(request []byte, reader conformance.Reader) (callers, hosts []byte) {
	if reader == conformance.Tools && holds(request, "now", "posture", "params") {
		return []byte{}, timed(request)
	}
	return request, []byte("{" + now + "}")
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
