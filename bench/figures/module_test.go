package main

import "testing"

// TestModuleSizes: what is measured of sizes can be measured; whether it holds is for `make figures` to say, and what has changed for wasm/testdata/sizes.txt.
func TestModuleSizes(t *testing.T) {
	t.Parallel()
	s := &setting{root: "../.."}
	for name, measure := range map[string]func(*setting) (string, bool, error){
		"empty": emptyModule, "further rule": furtherRule, "rules of the bank": bankRules, "bank": bankModule, "sixty": sixtyModule,
	} {
		if got, _, err := measure(s); err != nil || got == "" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}
