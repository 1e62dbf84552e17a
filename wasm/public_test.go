package wasm_test

import (
	"errors"
	"testing"
	"testing/fstest"

	"github.com/rungpolicy/rung/diag"
	rung "github.com/rungpolicy/rung/sdk"
	"github.com/rungpolicy/rung/wasm"
)

func TestPublic(t *testing.T) {
	t.Parallel()
	const head = `policy "p" { language = 1 }
list "few" { values = ["x"] }
param "limit" {
  type    = double
  default = 1.0
}
signal "open" { type = double }
signal "secret" {
  type      = object({ pin = string, score = double, tags = list(string), blocked = bool })
  sensitive = true
}
action "a" {
  level    = "none"
  resource = object({ name = string, pin = string })
  deny "d" { when = "`
	for when, want := range map[string]string{
		"open > 1.0":                                              "",
		"secret.blocked":                                          "",
		"secret.blocked && open > 1.0":                            "",
		"secret.pin == resource.pin":                              "",
		"resource.name in list.few":                               "list.few",
		"secret.pin == '0'":                                       "secret.pin == '0'",
		"open > 1.0 || secret.score > param.limit":                "secret.score > param.limit",
		"secret.tags.exists(x, x == 'vip')":                       "secret.tags.exists(x, x == 'vip')",
		"(secret.blocked ? 1.0 : open) > 2.0":                     "secret.blocked ? 1.0 : open",
		"size(secret.pin + resource.name) > 3 && 'x' == 'y'":      "size(secret.pin + resource.name) > 3",
		"secret.?pin.orValue('none') == resource.name":            "secret.?pin.orValue('none')",
		"resource.name == 'public' && secret.pin == resource.pin": "",
	} {
		checked, err := rung.Read(fstest.MapFS{"a.rung.hcl": {Data: []byte(head + when + "\" }\n}\n")}})
		if err != nil || checked.Diagnostics.HasErrors() {
			t.Fatal(when, err, checked.Diagnostics)
		}
		_, err = rung.Build(checked, wasm.Options{Public: true})
		var refused diag.List
		if errors.As(err, &refused); (len(refused) > 0) != (want != "") || err != nil && refused == nil {
			t.Errorf("%s: %v", when, err)
		}
		if want != "" && len(refused) > 0 && (refused[0].Code != "module-public" || marked(checked, &refused[0]) != want) {
			t.Errorf("%s: %s is marked", when, marked(checked, &refused[0]))
		}
		if _, err := rung.Build(checked, wasm.Options{}); err != nil {
			t.Errorf("%s, not public: %v", when, err)
		}
	}
}

// marked is the text that a diagnostic marks.
func marked(c *rung.Checked, d *diag.Diagnostic) string {
	return string(c.Sources[0].Bytes[d.Range.Start.Byte:d.Range.End.Byte])
}
