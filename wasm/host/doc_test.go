package host

import (
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/codec"
	"github.com/rungpolicy/rung/wasm/abi"
)

// example reads the blocks of docs/abi.md's example, by their words.
func example(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("../../docs/abi.md")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	parts := strings.Split(string(text), "\n```")
	for i := 1; i+1 < len(parts); i += 2 {
		header, block, _ := strings.Cut(parts[i], "\n")
		_, word, _ := strings.Cut(header, " ")
		out[word] = block
	}
	return out
}

// dump is memory as the page shows it.
func dump(at int, b []byte) string {
	var out strings.Builder
	for i := 0; i < len(b); i += 16 {
		row := b[i:min(i+16, len(b))]
		fmt.Fprintf(&out, "%04x  % x", at+i, row[:min(8, len(row))])
		if len(row) > 8 {
			fmt.Fprintf(&out, "  % x", row[8:])
		}
		out.WriteByte('\n')
	}
	return strings.TrimSpace(out.String())
}

// undump reads memory as the page shows it.
func undump(t *testing.T, text string) (at int, b []byte) {
	t.Helper()
	for i, line := range strings.Split(text, "\n") {
		address, row, _ := strings.Cut(line, "  ")
		var n int
		if _, err := fmt.Sscanf(address, "%x", &n); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			at = n
		}
		raw, err := hex.DecodeString(strings.ReplaceAll(row, " ", ""))
		if err != nil || n != at+len(b) {
			t.Fatalf("%q: %v", line, err)
		}
		b = append(b, raw...)
	}
	return at, b
}

// TestPageExample: the request of docs/abi.md comes to the record that stands there, and its result to the decision.
func TestPageExample(t *testing.T) {
	t.Parallel()
	page := example(t)
	m, err := abi.Parse([]abi.Section{
		{Name: abi.SectionMeta, Data: []byte(`{"abi":1,"compiler":"","digest":"sha256:00","fuel":1,"language":1,"name":"bank","pages":1}`)},
		{Name: abi.SectionSchema, Data: []byte(strings.ReplaceAll(page["schema"], "\n", ""))},
		{Name: abi.SectionOutputs, Data: []byte(strings.ReplaceAll(page["outputs"], "\n", ""))},
	})
	if err != nil {
		t.Fatal(err)
	}
	p := newPolicy(m)
	r, refused := codec.DecodeRequest(p.Policy(), []byte(page["request"]), codec.Options{Trusted: true})
	if refused != nil {
		t.Fatal(refused)
	}
	const base = 4096
	w := record{view: make([]byte, 2*base), next: base + p.actions[0].size, end: 2 * base, most: 2 * base}
	w.fixed = w.view[base : base+p.actions[0].size]
	if !w.now(r.Now, p.posture(r.Posture).rank) || !w.request(&p.actions[0], r) {
		t.Fatal(w.message)
	}
	if got := dump(base, w.view[base:w.next]); got != page["record"] {
		t.Errorf("the record is\n%s", got)
	}
	at, result := undump(t, page["result"])
	var d policy.Decision
	if err := p.actions[0].read(append(make([]byte, at), result...), uint32(at), &d, new(policy.Satisfied)); err != nil {
		t.Fatal(err)
	}
	d.Action, d.Posture, d.Policy = r.Action, r.Posture, p.identity
	if diff := cmp.Diff(strings.ReplaceAll(page["decision"], "\n", ""), string(codec.AppendDecision(nil, &d))); diff != "" {
		t.Error(diff)
	}
}
