package diff

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rungpolicy/rung/wasm"
)

// TestLarge: large values of type any are compared on all engines alike, without running out of fuel or memory.
func TestLarge(t *testing.T) {
	t.Parallel()
	policy := `policy "p" { language = 1 }
signal "x" { type = object({ v = any, w = any }) }
action "a" {
  level = "none"
  deny "r" { when = %q }
}
`
	list := func(of string, n int) string { return "[" + strings.TrimSuffix(strings.Repeat(of+",", n), ",") + "]" }
	object := func(of string, n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `,"%x":%s`, i, of)
		}
		return "{" + strings.TrimPrefix(b.String(), ",") + "}"
	}
	deep := strings.Repeat("[", 60) + strings.Repeat("]", 60)
	for _, c := range []struct{ name, condition, v, w, want string }{
		{"lists", "x.v == x.w", list(list("1", 1000), 100), list(list("1", 1000), 100), `"reasons"`},
		{"lists of many parts", "x.v == x.w", list(list("1", 1000), 132), list(list("1", 1000), 132), `"limit"`},
		{"objects", "x.v == x.w", list(object("1", 900), 20), list(object("1", 900), 20), `"reasons"`},
		{"deep", "x.v == x.w && x.v == [x.w][0]", deep, deep, `"reasons"`},
		{"in", "!(x.w in x.v) && x.v in [x.w, x.v]", list("[1]", 1000), "[2]", `"reasons"`},
		{"mapped", "size(x.v.map(e, e)) == 1000 && x.v.all(e, e == 1)", list("1", 1000), "1", `"reasons"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b, err := build(fstest.MapFS{"a.rung.hcl": {Data: fmt.Appendf(nil, policy, c.condition)}}, wasm.Options{})
			if err == nil {
				err = b.open()
			}
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			r, refused := b.read([]byte(`{"action":"a","now":"2026-01-01T00:00:00Z","signals":{"x":{"v":` + c.v + `,"w":` + c.w + `}}}`))
			if refused != nil {
				t.Fatal(refused)
			}
			for i, a := range b.answers(r) {
				if !strings.Contains(a, c.want) || strings.Contains(a, "indeterminate") != (c.want == `"limit"`) {
					t.Errorf("%s: %s", engines[i], a)
				}
			}
		})
	}
}
