package ext_test

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"github.com/rungpolicy/rung/cel/ext"
)

var update = flag.Bool("update", false, "write docs/functions.md anew")

// TestReference holds the manual of functions against the table.
func TestReference(t *testing.T) {
	t.Parallel()
	const page = "../../docs/functions.md"
	want := []byte(ext.Reference())
	if *update {
		if err := os.WriteFile(page, want, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(page); err != nil || !bytes.Equal(got, want) {
		t.Errorf("docs/functions.md is not what the table says (%v): go test ./cel/ext -run TestReference -update", err)
	}
}
