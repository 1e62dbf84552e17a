package conformance_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rungpolicy/rung/conformance"
)

const (
	head    = "sentence: s.1 s.2\nWords.\n"
	aPolicy = "-- p.rung.hcl --\nx\n"
	aPair   = "-- 1.request.json --\n{}\n-- 1.decision.json --\n{}\n"
)

func read(text string) ([]*conformance.Case, error) {
	return conformance.Cases(fstest.MapFS{"cases/area/name.txtar": {Data: []byte(text)}})
}

func TestCases(t *testing.T) {
	t.Parallel()
	all, err := read(head + "reader: not a key any more\n" + aPolicy + "-- d/l.txt.gen --\n2 \"a{n}\\n\"\n1 hex ff00\n" + aPair + "-- 1.states.txt --\nmet a\n")
	if err != nil {
		t.Fatal(err)
	}
	c := all[0]
	list, err := fs.ReadFile(c.Folder, "d/l.txt")
	if err != nil || string(list) != "a0\na1\n\xff\x00" {
		t.Errorf("recipe: got %q, %v", list, err)
	}
	if c.Name != "area/name" || len(c.Sentences) != 2 || c.Reader != conformance.Tools || c.Refused {
		t.Errorf("got %+v", c)
	}
	if r := c.Requests[0]; r.Name != "1" || string(r.Request) != "{}\n" || strings.Join(r.States, "|") != "met a" {
		t.Errorf("got %+v", r)
	}
}

func TestCasesRefuses(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"no sentence":             "Words.\n" + aPolicy + aPair,
		"unknown reader":          "sentence: s.1\nreader: me\n" + aPolicy + aPair,
		"no policy":               head + aPair,
		"nothing to compare":      head + aPolicy,
		"both":                    head + aPolicy + aPair + "-- diagnostics --\n",
		"no decision":             head + aPolicy + "-- 1.request.json --\n{}\n",
		"no request":              head + aPolicy + "-- 1.decision.json --\n{}\n",
		"states without a pair":   head + aPolicy + aPair + "-- 2.states.txt --\n",
		"a pair twice":            head + aPolicy + aPair + aPair,
		"a file twice":            head + aPolicy + aPolicy + aPair,
		"a path out of it":        head + aPolicy + "-- ../x --\n" + aPair,
		"recipe without a count":  head + aPolicy + aPair + "-- x.gen --\n\"a\"\n",
		"recipe without a string": head + aPolicy + aPair + "-- x.gen --\n1 a\n",
		"recipe with bad digits":  head + aPolicy + aPair + "-- x.gen --\n1 hex f\n",
	} {
		if _, err := read(text); err == nil {
			t.Errorf("%s: want an error", name)
		}
	}
	if _, err := conformance.Cases(fstest.MapFS{"cases/area/name.txt": {}}); err == nil {
		t.Error("a file that is no case: want an error")
	}
}

func TestSentences(t *testing.T) {
	t.Parallel()
	sentences := func(text string) ([]*conformance.Sentence, error) {
		return conformance.Sentences(fstest.MapFS{"sentences/area.txt": {Data: []byte(text)}})
	}
	all, err := sentences("# words\n\narea.a\tOne.\narea.b\tTwo.\nlater: SDK\n")
	if err != nil || len(all) != 2 || all[0].Later != "" || all[1].ID != "area.b" || all[1].Text != "Two." || all[1].Later != "SDK" {
		t.Errorf("got %v, %v", all, err)
	}
	for _, text := range []string{"area.a One.\n", "other.a\tOne.\n", "area. a\tOne.\n", "later: SDK\n"} {
		if _, err := sentences(text); err == nil {
			t.Errorf("%q: want an error", text)
		}
	}
}
