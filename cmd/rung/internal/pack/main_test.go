package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
)

// TestTemplates: what `rung init` writes is what the examples are now.
func TestTemplates(t *testing.T) {
	t.Parallel()
	const templates = "../../template"
	made := t.TempDir()
	if err := pack("../../../../examples", made); err != nil {
		t.Fatal(err)
	}
	want, have := list(t, made), list(t, templates)
	if len(want) < 6 || len(want) != len(have) {
		t.Errorf("there are archives of %s, and examples %s", have, want)
	}
	for _, name := range want {
		a, err := os.ReadFile(filepath.Join(made, name))
		if err != nil {
			t.Fatal(err)
		}
		if b, err := os.ReadFile(filepath.Join(templates, name)); err != nil || !bytes.Equal(a, b) {
			t.Errorf("%s is not the example; `go generate` in cmd/rung makes it anew (%v)", name, err)
		}
	}
}

func list(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// TestRefused: an archive that would not be read as it was written is not made.
func TestRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"-- a file --\n", "# a\n-- b --\n", "no end of line"} {
		if a, err := archive(fstest.MapFS{"x.txt": {Data: []byte(text)}}); err == nil {
			t.Errorf("%q is archived: %s", text, a)
		}
	}
}
