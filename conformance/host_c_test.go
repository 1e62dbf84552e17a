package conformance_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/rungpolicy/rung/conformance"
)

// TestHostC runs the cases through the host of examples/host-c, which is in C and was written from docs/abi.md, on wabt's interpreter: another engine yet. It takes
// a request a line.
func TestHostC(t *testing.T) {
	t.Parallel()
	host := hostC(t)
	cases, err := conformance.Cases(conformance.Files())
	if err != nil {
		t.Fatal(err)
	}
	var decided, left atomic.Int64
	t.Run("cases", func(t *testing.T) {
		for _, c := range cases {
			t.Run(c.Name, func(t *testing.T) {
				t.Parallel()
				if large(c) {
					return
				}
				module := withJSON(t, c)
				if module == nil {
					return
				}
				e := newLines(t, host, module)
				lines := *c
				lines.Requests = nil
				for _, r := range c.Requests {
					if e.add(&r, c.Reader) {
						lines.Requests = append(lines.Requests, r)
					}
				}
				decided.Add(int64(len(lines.Requests)))
				left.Add(int64(len(c.Requests) - len(lines.Requests)))
				e.run()
				conformance.RunCase(t, e, &lines)
			})
		}
	})
	t.Logf("%d requests; %d are no line", decided.Load(), left.Load())
	if decided.Load() < 1000 {
		t.Errorf("%d requests", decided.Load())
	}
}

// hostC is the host, built once.
func hostC(t *testing.T) string {
	t.Helper()
	if _, err := os.Stat("/usr/include/wabt/interp/interp.h"); err != nil {
		t.Skip("wabt is not here, on whose interpreter the host in C runs: internal/wabt.sh installs it")
	}
	for _, tool := range []string{"make", "gcc", "g++"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(tool + " is not here, which the host in C is built with: internal/wabt.sh installs it")
		}
	}
	program, err := builtHostC()
	if err != nil {
		t.Fatal(err)
	}
	return program
}

var hostFolder string // what TestMain removes

var builtHostC = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "rung-host-c")
	if err != nil {
		return "", err
	}
	hostFolder = dir
	for _, name := range []string{"Makefile", "host.c", "engine.h", "engine_wabt.cc"} {
		text, err := os.ReadFile(filepath.Join("../examples/host-c", name))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), text, 0o600)
		}
		if err != nil {
			return "", err
		}
	}
	cmd := exec.Command("make", "-C", dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", errors.New(string(out))
	}
	return filepath.Join(dir, "host"), nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if hostFolder != "" {
		_ = os.RemoveAll(hostFolder)
	}
	os.Exit(code)
}

// lines are the requests of a case, and what the host answers: first those in which a caller's text is the whole request, then those that are a tool's.
type lines struct {
	t            *testing.T
	host, module string
	callers, own []byte
	answers      map[string][]byte // by the request
	order        [2][]string
}

func newLines(t *testing.T, host string, module []byte) *lines {
	t.Helper()
	name := filepath.Join(t.TempDir(), "p.wasm")
	if err := os.WriteFile(name, module, 0o600); err != nil {
		t.Fatal(err)
	}
	return &lines{t: t, host: host, module: name, answers: map[string][]byte{}}
}

// add has a request as a line; false if it is none: there is a line end in a string, where it is wrong.
func (l *lines) add(r *conformance.Request, reader conformance.Reader) bool {
	line := bytes.ReplaceAll(bytes.ReplaceAll(r.Request, []byte("\n"), []byte(" ")), []byte("\r"), []byte(" "))
	if len(line) == 0 || json.Valid(line) != json.Valid(r.Request) {
		return false
	}
	if reader == conformance.Tools && holds(r.Request, "now", "posture", "params") {
		l.own = append(append(l.own, timed(line)...), '\n')
		l.order[1] = append(l.order[1], string(r.Request))
	} else {
		l.callers = append(append(l.callers, line...), '\n')
		l.order[0] = append(l.order[0], string(r.Request))
	}
	return true
}

// run has the host answer all.
func (l *lines) run() {
	for i, args := range [][]string{{"--host", "{" + now + "}"}, {"--own"}} {
		in := [][]byte{l.callers, l.own}[i]
		if len(in) == 0 {
			continue
		}
		cmd := exec.Command(l.host, append([]string{l.module}, args...)...)
		cmd.Stdin = bytes.NewReader(in)
		out, err := cmd.Output()
		if err != nil {
			l.t.Fatal(err)
		}
		answers := bytes.Split(bytes.TrimSuffix(out, []byte("\n")), []byte("\n"))
		if len(answers) != len(l.order[i]) {
			l.t.Fatalf("%d answers to %d requests", len(answers), len(l.order[i]))
		}
		for n, answer := range answers {
			l.answers[l.order[i][n]] = answer
		}
	}
}

func (l *lines) Open(fs.FS) (conformance.Engine, []string) { return l, nil }

func (l *lines) Decide(request []byte, _ conformance.Reader) []byte {
	return l.answers[string(request)]
}
