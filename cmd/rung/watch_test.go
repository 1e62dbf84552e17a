package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestWatch: the tests run at once, and again when a file has changed: the policy's, a test's, or that of a list in a folder below.
func TestWatch(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("p.rung.hcl", "policy \"p\" { language = 1 }\nlist \"l\" { file = \"lists/l.txt\" }\naction \"a\" {\n  level = \"none\"\n  deny \"d\" {\n    when = \"subject.id in list.l\"\n  }\n}\n")
	write("lists/l.txt", "u-1\n")
	test := func(id, effect string) string {
		return "test \"t\" {\n  action = \"a\"\n  signals = { subject = { id = \"" + id + "\" } }\n  expect { effect = \"" + effect + "\" }\n}\n"
	}
	write("p.rungtest.hcl", test("u-1", "deny"))

	out, tick := new(pipe), make(chan time.Time)
	a := &app{streams: streams{out: out, err: out}, color: "never"}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.watching(ctx, dir, &testOptions{engine: "native"}, tick) }()

	expect := func(parts ...string) {
		t.Helper()
		got := out.until(t, "watching; interrupt ends it\n")
		for _, part := range parts {
			if !strings.Contains(got, part) {
				t.Errorf("%q is not in\n%s", part, got)
			}
		}
	}
	expect("1 case, 0 failed")
	tick <- time.Time{}
	tick <- time.Time{} // the second is taken when the first has been looked at
	if got := out.take(); got != "" {
		t.Errorf("nothing has changed, and there is\n%s", got)
	}
	write("lists/l.txt", "u-10\n")
	tick <- time.Time{}
	expect("FAIL  t  ", "1 case, 1 failed")
	write("p.rungtest.hcl", test("u-100", "allow"))
	tick <- time.Time{}
	expect("1 case, 0 failed")
	write("p.rungtest.hcl", "test {")
	tick <- time.Time{}
	expect("error: ")
	if err := os.Remove(filepath.Join(dir, "p.rungtest.hcl")); err != nil {
		t.Fatal(err)
	}
	tick <- time.Time{}
	expect("rung: " + dir + ": no tests here")
	write("p.rungtest.hcl", test("u-10", "allow"))
	tick <- time.Time{}
	expect("1 case, 1 failed")
	cancel()
	if err := <-ended; !errors.Is(err, errBad) {
		t.Errorf("the last run has failed, and watching ends with %v", err)
	}
}

// saving is an output during whose first line somebody saves a file.
type saving struct {
	pipe
	save sync.Once
	what func()
}

func (s *saving) Write(b []byte) (int, error) {
	s.save.Do(s.what)
	return s.pipe.Write(b)
}

// TestWatchWhileSaving: what is saved while tests run, after it was read, is seen at the next look; what the run itself writes is not.
func TestWatchWhileSaving(t *testing.T) {
	t.Parallel()
	const policy = "policy \"p\" { language = 1 }\nlist \"l\" { file = \"l.txt\" }\naction \"a\" {\n  level = \"none\"\n  deny \"d\" {\n    when = \"subject.id in list.l\"\n  }\n}\n"
	const test = "test \"t\" {\n  action = \"a\"\n  signals = { subject = { id = \"u-1\" } }\n  expect { effect = \"deny\" }\n}\n"
	for name, c := range map[string]struct{ file, text, then string }{
		"the policy": {"p.rung.hcl", strings.Replace(policy, "in list.l", "in []", 1), "1 case, 1 failed"},
		"a test":     {"p.rungtest.hcl", strings.Replace(test, "deny", "allow", 1), "1 case, 1 failed"},
		"a list":     {"l.txt", "u-10\n", "1 case, 1 failed"},
		"a new test": {"q.rungtest.hcl", strings.Replace(test, "\"t\"", "\"u\"", 1), "2 cases, 0 failed"},
		"no change":  {"notes.md", "a note\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write := func(name, text string) {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Error(err)
				}
			}
			write("p.rung.hcl", policy)
			write("l.txt", "u-1\n")
			write("p.rungtest.hcl", test)
			out, tick := &saving{what: func() { write(c.file, c.text) }}, make(chan time.Time)
			a := &app{streams: streams{out: out, err: out}, color: "never"}
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() {
				ended <- a.watching(ctx, dir, &testOptions{engine: "native", junit: filepath.Join(dir, "report.xml")}, tick)
			}()
			const end = "watching; interrupt ends it\n"
			if got := out.until(t, end); !strings.Contains(got, "1 case, 0 failed") {
				t.Errorf("the first run:\n%s", got)
			}
			tick <- time.Time{}
			if c.then != "" {
				if got := out.until(t, end); !strings.Contains(got, c.then) {
					t.Errorf("%q is not in\n%s", c.then, got)
				}
			}
			tick <- time.Time{}
			tick <- time.Time{} // the second is taken when the first has been looked at
			if got := out.take(); got != "" {
				t.Errorf("nothing has changed any more, and there is\n%s", got)
			}
			cancel()
			<-ended
		})
	}
}

// pipe is what was written and not read yet.
type pipe struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (p *pipe) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.buf.Write(b)
}

func (p *pipe) take() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.buf.String()
	p.buf.Reset()
	return s
}

// until reads up to what ends it.
func (p *pipe) until(t *testing.T, end string) string {
	t.Helper()
	var got string
	for began := time.Now(); !strings.HasSuffix(got, end); got += p.take() {
		if time.Since(began) > 5*time.Minute {
			t.Fatalf("waiting for %q:\n%s", end, got)
		}
		time.Sleep(time.Millisecond)
	}
	return got
}
