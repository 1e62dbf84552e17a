package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	rung "github.com/rungpolicy/rung/sdk"
)

// TestBank decides every request of the bank's example and holds the effect against the table in requests/README.md, which
// names all of them.
func TestBank(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile(filepath.Join(bank, "requests/README.md"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := read([]string{bank})
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Diagnostics) > 0 {
		t.Fatal(c.Diagnostics)
	}
	e, err := c.Engine(rung.Trusted(), rung.Strict())
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for line := range strings.Lines(string(readme)) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 || !strings.Contains(cells[1], "-") || strings.Contains(cells[1], "---") {
			continue
		}
		name, effect := strings.TrimSpace(cells[1]), strings.TrimSpace(cells[2])
		told = append(told, name+".json")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request, err := os.ReadFile(filepath.Join(bank, "requests", name+".json"))
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range []*rung.Decision{e.DecideJSON(request), e.ExplainJSON(request)} {
				if d.Effect.String() != effect {
					t.Errorf("%s, want %s: %+v", d.Effect, effect, d)
				}
			}
		})
	}
	files, err := filepath.Glob(filepath.Join(bank, "requests/*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range files {
		files[i] = filepath.Base(files[i])
	}
	if !slices.Equal(files, told) {
		t.Errorf("the requests are\n%s\nthe table has\n%s", files, told)
	}
}

// TestBankDetails holds the decisions that the table describes closer.
func TestBankDetails(t *testing.T) {
	t.Parallel()
	c, err := read([]string{bank})
	if err != nil {
		t.Fatal(err)
	}
	e, err := c.Engine(rung.Trusted(), rung.Strict())
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"02-large-transfer":            `requires   mfa, at most 5m old; acr_values: urn:bank:acr:mfa phr phrh`,
		"03-very-large-transfer":       `reachable  no`,
		"04-new-device-while-elevated": `requires   passkey;`,
		"06-reputation-needed":         `fetch      reputation,`,
		"08-device-not-known":          `in error   card.reveal/device not trusted`,
		"11-after-a-password-change":   `requires   password, at most 2m old`,
		"14-not-declared":              `refused    unknown_action /action`,
	} {
		request, err := os.ReadFile(filepath.Join(bank, "requests", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		if got := describe(e.DecideJSON(request), nil, e.Policy(), false); !strings.Contains(got, want) {
			t.Errorf("%s: %q is not in\n%s", name, want, got)
		}
	}
}
