// Package page holds the page of the host in C against what the host does.
package page

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	rung "github.com/rungpolicy/rung/sdk"
	"github.com/rungpolicy/rung/wasm"
)

// TestPage runs what the page shows, in a copy of the folder.
func TestPage(t *testing.T) {
	if _, err := os.Stat("/usr/include/wabt/interp/interp.h"); err != nil {
		t.Skip("wabt is not here, on whose interpreter the host in C runs: internal/wabt.sh installs it")
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("..")); err != nil {
		t.Fatal(err)
	}
	checked, err := rung.Check(os.DirFS("../policy"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := rung.Build(checked, wasm.Options{JSON: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "pay.wasm"), m.Bytes, 0o600); err != nil {
		t.Fatal(err)
	}
	shell := func(command string) string {
		cmd := exec.Command("sh", "-c", command)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", command, err, out)
		}
		return string(out)
	}
	shell("make clean && make")
	page, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := 0
	for _, block := range strings.Split(string(page), "```console\n")[1:] {
		block, _, _ = strings.Cut(block, "```")
		for _, part := range strings.Split("\n"+block, "\n$ ")[1:] {
			command, want, _ := strings.Cut(part, "\n")
			if got := shell(command); strings.TrimSpace(got) != strings.TrimSpace(want) {
				t.Errorf("%s\n%s\nthe page shows\n%s", command, got, want)
			}
			shown++
		}
	}
	if shown != 3 {
		t.Errorf("the page shows %d commands", shown)
	}
}
