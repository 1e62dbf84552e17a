package wasm_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rungpolicy/rung/cel"
	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/hcl"
	"github.com/rungpolicy/rung/internal/gen"
	"github.com/rungpolicy/rung/policy/plan"
	"github.com/rungpolicy/rung/wasm"
)

var update = flag.Bool("update", false, "write the golden files anew")

// planOf is the plan of a policy in order.
func planOf(tb testing.TB, fsys fs.FS) *plan.Plan {
	tb.Helper()
	parsed, err := hcl.Parse(fsys)
	if err != nil {
		tb.Fatal(err)
	}
	conditions, found := cel.Check(parsed.Policy)
	parsed.Diagnostics.Add(found...)
	if err := parsed.Diagnostics.Err(); err != nil {
		tb.Fatal(err)
	}
	return plan.Build(parsed.Policy, conditions)
}

func compile(tb testing.TB, fsys fs.FS) *wasm.Module {
	tb.Helper()
	m, err := wasm.Compile(planOf(tb, fsys), wasm.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

// empty is a policy that decides nothing, open one that asks for nothing.
const (
	empty = `policy "empty" { language = 1 }
`
	open = `policy "open" { language = 1 }
action "a" { level = "none" }
`
)

// samples are the policies that the golden files are about.
func samples(tb testing.TB) map[string]fs.FS {
	tb.Helper()
	out := map[string]fs.FS{
		"bank":  os.DirFS("../examples/bank"),
		"tour":  os.DirFS("../examples/first/policy"),
		"empty": fstest.MapFS{"empty.rung.hcl": {Data: []byte(empty)}},
		"open":  fstest.MapFS{"open.rung.hcl": {Data: []byte(open)}},
	}
	for _, n := range []int{1, 5, 20, 60} {
		out[fmt.Sprintf("rules-%02d", n)] = written(n, false)
	}
	return out
}

// eight is a condition of eight parts, of the kinds that policies are made of. %d makes it a rule's own.
const eight = `resource.amount > %d.0 && resource.currency != 'EUR' && !(resource.payee_country in ['DE', 'FR', 'IT'])
      && device.trusted == false && now - device.first_seen < duration('24h') && network.asn == %d
      && resource.reference.contains('gift card') && behavior.failed_logins_1h >= 3`

// written is a policy of one action with n rules of eight conditions.
func written(n int, backwards bool) fstest.MapFS {
	var b strings.Builder
	b.WriteString("policy \"written\" { language = 1 }\naction \"transfer.create\" {\n  level = \"none\"\n" +
		"  resource = object({\n    amount = double\n    currency = string\n    payee_country = string\n    reference = string\n  })\n")
	for i := range n {
		if backwards {
			i = n - 1 - i
		}
		fmt.Fprintf(&b, "  step_up \"rule %02d\" {\n    when = <<-CEL\n      %s\n    CEL\n    level = \"aal%d\"\n  }\n", i, fmt.Sprintf(eight, 1000+i, 64500+i), 1+i%3)
	}
	b.WriteString("}\n")
	return fstest.MapFS{"written.rung.hcl": {Data: []byte(b.String())}}
}

// golden holds a table against the one that is checked in.
func golden(t *testing.T, name, got string) {
	t.Helper()
	name = filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (look at the difference, then -update); now:\n%s", name, got)
	}
}

// TestBytes holds modules to the bytes that they had: on every platform, whatever the order of maps. A change of the compiler changes them all.
func TestBytes(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	all := samples(t)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		sum := sha256.Sum256(compile(t, all[name]).Bytes)
		fmt.Fprintf(&b, "%s  %s\n", hex.EncodeToString(sum[:]), name)
	}
	golden(t, "bytes.txt", b.String())
}

// TestSizes holds what modules take to what they took.
func TestSizes(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("policy        code   data  lists custom  total   bare\n")
	all := samples(t)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		m := compile(t, all[name])
		s := m.Sizes
		if sum := sumOf(s.Sections); sum != s.Total || s.Total != len(m.Bytes) {
			t.Errorf("%s: the sections have %d bytes, the module %d", name, sum, s.Total)
		}
		code, data := section(s, "code"), section(s, "data")
		if parts := partsOf(s); parts > code+data || parts < code+data-100 {
			t.Errorf("%s: the parts have %d bytes, code and data %d", name, parts, code+data)
		}
		fmt.Fprintf(&b, "%-10s %7d %6d %6d %6d %6d %6d\n", name, code, data, s.Kind(wasm.KindList), s.Custom(), s.Total, s.Bare())
	}
	golden(t, "sizes.txt", b.String())
}

func sumOf(sections []wasm.Section) int {
	n := 0
	for _, s := range sections {
		n += s.Size
	}
	return n
}

func partsOf(s *wasm.Sizes) int {
	n := 0
	for _, p := range s.Parts {
		n += p.Size
	}
	return n
}

func section(s *wasm.Sizes, name string) int {
	i := slices.IndexFunc(s.Sections, func(x wasm.Section) bool { return x.Name == name })
	if i < 0 {
		return 0
	}
	return s.Sections[i].Size
}

// TestSameBytes: a policy comes to the same bytes twice, and whatever the order of its files and blocks.
func TestSameBytes(t *testing.T) {
	t.Parallel()
	for name, fsys := range samples(t) {
		first := compile(t, fsys)
		for range 3 {
			if !bytes.Equal(compile(t, fsys).Bytes, first.Bytes) {
				t.Errorf("%s: other bytes the second time", name)
			}
		}
	}
	for i := range 40 {
		choices := fmt.Appendf(nil, "bytes %d", i)
		var made [3][]byte
		for k := range made {
			s := gen.NewSource(choices)
			p := gen.NewPolicy(s, gen.Options{}, 8)
			for range k {
				p = p.Reordered(s)
			}
			pl := planOf(t, p.Files(s))
			pl.Policy.Digest = "" // it is made of the texts
			m, err := wasm.Compile(pl, wasm.Options{Strip: true})
			if errors.As(err, new(diag.List)) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			made[k] = m.Bytes
		}
		for _, other := range made[1:] {
			if !bytes.Equal(made[0], other) {
				t.Errorf("policy %d: other bytes in another order", i)
			}
		}
	}
}

// TestStrip: what stripping leaves out is the section rung.debug alone.
func TestStrip(t *testing.T) {
	t.Parallel()
	pl := planOf(t, os.DirFS("../examples/bank"))
	whole, err := wasm.Compile(pl, wasm.Options{})
	if err != nil {
		t.Fatal(err)
	}
	stripped, err := wasm.Compile(pl, wasm.Options{Strip: true})
	if err != nil {
		t.Fatal(err)
	}
	n := section(whole.Sizes, "rung.debug")
	if n == 0 || section(stripped.Sizes, "rung.debug") != 0 || whole.Sizes.Total-stripped.Sizes.Total != n {
		t.Errorf("%d bytes, stripped %d, of which rung.debug has %d", whole.Sizes.Total, stripped.Sizes.Total, n)
	}
}

// TestParts: rules stand in the list of parts by their ids, lists by their names.
func TestParts(t *testing.T) {
	t.Parallel()
	pl := planOf(t, os.DirFS("../examples/bank"))
	m, err := wasm.Compile(pl, wasm.Options{})
	if err != nil {
		t.Fatal(err)
	}
	has := func(k wasm.Kind, name string) bool {
		return slices.ContainsFunc(m.Sizes.Parts, func(p wasm.Part) bool {
			return p.Kind == k && p.Name == name && (p.Size > 0 || k == wasm.KindAction) // one without rules does nothing
		})
	}
	sum := 0
	for _, p := range m.Sizes.Parts {
		sum += p.Size
		if p.Size < 0 {
			t.Errorf("%+v", p)
		}
	}
	if code := section(m.Sizes, "code"); sum < code {
		t.Errorf("all parts have %d bytes, and the code %d", sum, code)
	}
	for _, steps := range pl.Steps() {
		if !has(wasm.KindAction, steps.Action.Name) {
			t.Errorf("no action %s", steps.Action.Name)
		}
		for _, r := range steps.Rules {
			if !has(wasm.KindRule, r.Reason.Rule) {
				t.Errorf("no rule %s", r.Reason.Rule)
			}
		}
	}
	if !has(wasm.KindList, "tor_exits") || !has(wasm.KindRuntime, "rt_settle") || !has(wasm.KindPolicy, "decide") {
		t.Errorf("%v", m.Sizes.Parts)
	}
}

// TestUnsupported: what a module cannot decide is said, all of it, each at its place.
func TestUnsupported(t *testing.T) {
	t.Parallel()
	pl := planOf(t, fstest.MapFS{"a.rung.hcl": {Data: []byte(`policy "p" { language = 1 }
action "a" {
  level = "none"
  deny "one" { when = "string(posture).matches('a{999}b{999}c{999}d{999}e{999}f{999}g{999}h{999}i{999}')" }
  deny "two" { when = "string(posture).matches('a{999}b{999}c{999}d{999}e{999}f{999}g{999}h{999}j{999}')" }
}
`)}})
	_, err := wasm.Compile(pl, wasm.Options{})
	var list diag.List
	if !errors.As(err, &list) {
		t.Fatalf("%v: if modules can do this by now, write something that they cannot", err)
	}
	if len(list) != 2 || list[0].Code != "module-unsupported" || list[0].Range.File != "a.rung.hcl" || list[0].Range.Start.Line != 4 || list[1].Range.Start.Line != 5 {
		t.Errorf("%v", list)
	}
}

// TestMeasure: what is no module has no sections.
func TestMeasure(t *testing.T) {
	t.Parallel()
	for _, b := range []string{"", "\x00asm", "policy"} {
		if _, err := wasm.Measure([]byte(b)); err == nil {
			t.Errorf("%q has sections", b)
		}
		if _, err := wasm.Text([]byte(b)); err == nil {
			t.Errorf("%q has a text", b)
		}
	}
	text, err := wasm.Text(compile(t, samples(t)["empty"]).Bytes)
	if err != nil || !strings.Contains(text, `(export "decide"`) {
		t.Errorf("%v\n%s", err, text)
	}
}

func BenchmarkCompile(b *testing.B) {
	for _, n := range []int{10, 100, 1000} {
		pl := planOf(b, written(n, false))
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				if _, err := wasm.Compile(pl, wasm.Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
