package hcl_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/hcl"
	"github.com/rungpolicy/rung/policy"
)

// FuzzParse parses anything: it never panics, says why it does not take a policy, and every place that it names is in the file.
func FuzzParse(f *testing.F) {
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range archives {
		a, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range a.Files {
			if strings.HasSuffix(file.Name, ".hcl") {
				f.Add(file.Data, []byte("a\n10.0.0.1\n"))
			}
		}
	}
	for i := range nests {
		f.Add([]byte(nestedText(i, 20)), []byte("#\n"))
	}
	f.Add([]byte(bank(f)), []byte(torExits))
	f.Fuzz(func(t *testing.T, text, list []byte) {
		r, err := hcl.Parse(fstest.MapFS{"a.rung.hcl": {Data: text}, "tor-exits.txt": {Data: list}})
		if err != nil {
			t.Fatal(err)
		}
		checkResult(t, r)
	})
}

// FuzzParseTests reads anything as tests: it never panics, and what it takes is whole; what it says is in the file.
func FuzzParseTests(f *testing.F) {
	archives, err := filepath.Glob("testdata/tests/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range archives {
		a, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range a.Files {
			if strings.HasSuffix(file.Name, ".hcl") {
				f.Add(file.Data)
			}
		}
	}
	parsed, err := hcl.Parse(fstest.MapFS{"p.rung.hcl": {Data: []byte(tested)}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := hcl.ParseTests(fstest.MapFS{"t.rungtest.hcl": {Data: text}}, parsed.Policy)
		if err != nil {
			t.Fatal(err)
		}
		sources := map[string]*diag.Source{"p.rung.hcl": parsed.Sources[0]}
		for _, s := range r.Sources {
			sources[s.Name] = s
		}
		for _, d := range r.Diagnostics {
			checkRange(t, sources, d.Range, d)
			for _, rel := range d.Related {
				checkRange(t, sources, rel.Range, d)
			}
		}
		for _, c := range r.Cases {
			if parsed.Policy.Action(c.Request.Action) == nil || len(c.Request.Signals) != len(parsed.Policy.Signals) || !c.Request.HasNow {
				t.Errorf("no request: %+v", c.Request)
			}
			if c.Expect.Kind != hcl.ExpectObject || c.Test == "" {
				t.Errorf("no test: %+v", c)
			}
		}
	})
}

func checkResult(t *testing.T, r *hcl.Result) {
	t.Helper()
	sources := make(map[string]*diag.Source)
	for _, s := range r.Sources {
		sources[s.Name] = s
	}
	for _, d := range r.Diagnostics {
		checkRange(t, sources, d.Range, d)
		for _, rel := range d.Related {
			checkRange(t, sources, rel.Range, d)
		}
		if d.Code == "" || d.Summary == "" {
			t.Errorf("no code or summary: %+v", d)
		}
	}
	if r.Policy == nil {
		t.Fatal("no policy")
	}
	for _, rule := range r.Policy.Rules {
		for _, text := range []*policy.Text{rule.When, rule.Unless} {
			checkText(t, text)
		}
	}
	for _, l := range r.Policy.Lets {
		checkText(t, l.CEL)
	}
}

func checkRange(t *testing.T, sources map[string]*diag.Source, r diag.Range, d diag.Diagnostic) {
	t.Helper()
	src := sources[r.File]
	if src == nil || r.Start.Byte < 0 || r.Start.Byte > r.End.Byte || r.End.Byte > len(src.Bytes) || r.Start.Line < 1 || r.Start.Column < 1 {
		t.Errorf("a place that is none: %+v in %+v", r, d)
	}
}

// checkText checks that a text's bytes lead to places within it.
func checkText(t *testing.T, text *policy.Text) {
	t.Helper()
	if text == nil {
		return
	}
	for i := range len(text.Value) {
		at := text.Place(i, i+1)
		if at.Start < text.Span.Start || at.End > text.Span.End {
			t.Fatalf("byte %d of %q stands outside of it", i, text.Value)
		}
	}
}

// TestMutatedPolicies cuts, doubles and swaps pieces of the bank's policy.
func TestMutatedPolicies(t *testing.T) {
	t.Parallel()
	text := []byte(bank(t))
	pieces := [][]byte{[]byte(`"`), []byte("{"), []byte("}"), []byte("["), []byte("\n"), []byte("<<-E\n"), []byte("${"), []byte("/*"), []byte("="), []byte("\\"), []byte("\xc3"), nil}
	seed := uint64(1)
	next := func(n int) int { // a fixed sequence: the test is the same every time
		seed = seed*6364136223846793005 + 1442695040888963407
		return int(seed >> 33 % uint64(n))
	}
	for range 2000 {
		m := bytes.Clone(text)
		for range 1 + next(3) {
			from, to := next(len(m)), next(len(m))
			if from > to {
				from, to = to, from
			}
			switch next(3) {
			case 0:
				m = append(m[:from:from], m[min(len(m), from+next(20)):]...)
			case 1:
				m = append(m[:from:from], append(bytes.Clone(pieces[next(len(pieces))]), m[from:]...)...)
			case 2:
				m = append(m[:from:from], append(bytes.Clone(text[next(len(text)):][:1]), m[to:]...)...)
			}
		}
		r, err := hcl.Parse(fstest.MapFS{"a.rung.hcl": {Data: m}, "tor-exits.txt": {Data: []byte(torExits)}})
		if err != nil {
			t.Fatal(err)
		}
		checkResult(t, r)
		if t.Failed() {
			t.Fatalf("%s", m)
		}
	}
}
