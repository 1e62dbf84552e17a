package wasm_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rungpolicy/rung/wasm/host"
)

// TestConstantsTakeNoMemory reads a map, an object and lists that are constants in a loop of 90,000 rounds.
func TestConstantsTakeNoMemory(t *testing.T) {
	t.Parallel()
	module := compile(t, fstest.MapFS{"p.rung.hcl": {Data: []byte(`policy "p" { language = 1 }
signal "tags" { type = list(string, 100000) }
param "m" {
  type    = map(string)
  default = { a = "` + strings.Repeat("x", 100) + `", b = "y", c = "last" }
}
param "o" {
  type    = object({ a = string, list = list(object({ n = int })) })
  default = { a = "last", list = [{ n = 1 }, { n = 2 }] }
}
param "l" {
  type    = list(list(string))
  default = [["a", "last"]` + strings.Repeat(`, ["b"]`, 99) + `]
}
action "list" {
  level = "none"
  deny "l" { when = "tags.exists(t, t == param.l[0][1])" }
}
action "map" {
  level = "none"
  deny "m" { when = "tags.exists(t, t == param.m['c'])" }
}
action "object" {
  level = "none"
  deny "o" { when = "tags.exists(t, t == param.o.a && param.o.list[1].n == 2)" }
}
`)}})
	policy, err := host.Open(t.Context(), module.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	defer policy.Close()
	tags := strings.Repeat(`"t",`, 90_000)
	for _, action := range []string{"map", "object", "list"} {
		for last, want := range map[string]string{"last": "deny", "other": "allow"} {
			d := policy.DecideJSON([]byte(`{"action": "` + action + `", "signals": {"tags": [` + tags + `"` + last + `"]}}`))
			if d.Effect.String() != want || d.Error != nil {
				t.Errorf("%s, %s: %v %v", action, last, d.Effect, d.Error)
			}
		}
	}
}
