package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// mostUnused is what a program that decides natively may hold of the code that makes and runs modules, in bytes: what Go runs when a program starts.
const mostUnused = 64 << 10

// unusedCode is what examples/first, which names neither rung.Wasm nor rung.Both, links of wazero and of our packages for modules.
func unusedCode(s *setting) (string, bool, error) {
	dir, err := os.MkdirTemp("", "figures")
	if err != nil {
		return "", false, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a folder too many among those for such
	program := filepath.Join(dir, "embed")
	build := exec.Command("go", "build", "-o", program, ".")
	build.Dir = filepath.Join(s.root, "examples/first")
	if out, err := build.CombinedOutput(); err != nil {
		return "", false, fmt.Errorf("%w: %s", err, out)
	}
	symbols, err := exec.Command("go", "tool", "nm", "-size", program).Output()
	if err != nil {
		return "", false, err
	}
	total, modules := 0, 0
	for line := range strings.Lines(string(symbols)) {
		fields := strings.Fields(line) // address, size, kind, name
		if len(fields) < 4 {
			continue
		}
		n, err := strconv.Atoi(fields[1])
		if err != nil || strings.ContainsAny(fields[2], "Uu") {
			continue
		}
		total += n
		if strings.Contains(fields[3], "tetratelabs/wazero") || strings.Contains(fields[3], "rungpolicy/rung/wasm") {
			modules += n
		}
	}
	if total == 0 {
		return "", false, errors.New("the program has no symbols")
	}
	return fmt.Sprintf("%d B", modules), modules <= mostUnused, nil
}
