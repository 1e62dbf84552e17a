package conformance_test

import (
	"strings"
	"testing"

	"github.com/rungpolicy/rung/conformance"
)

func TestCanonical(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		in         string
		withPolicy bool
		want       string
	}{
		"members are sorted":           {`{"b":1,"a":{"d":[2,1],"c":null}}`, false, `{"a":{"c":null,"d":[2,1]},"b":1}`},
		"policy is taken out":          {`{"policy":{"name":"p"},"effect":"deny"}`, false, `{"effect":"deny"}`},
		"policy stays":                 {`{"policy":{"name":"p"}}`, true, `{"policy":{"name":"p"}}`},
		"trace is taken out":           {`{"trace":[],"effect":"deny"}`, false, `{"effect":"deny"}`},
		"message of error":             {`{"error":{"code":"c","message":"m"}}`, false, `{"error":{"code":"c"}}`},
		"message of reasons stays":     {`{"reasons":[{"message":"m"}]}`, false, `{"reasons":[{"message":"m"}]}`},
		"indeterminate":                {`{"indeterminate":[{"error":"e","at":"a.rung.hcl:5:2"}]}`, false, `{"indeterminate":[{"at":"a.rung.hcl:5"}]}`},
		"a line without column":        {`{"indeterminate":[{"at":"a:b.rung.hcl:5"}]}`, false, `{"indeterminate":[{"at":"a:b.rung.hcl:5"}]}`},
		"numbers stay as written":      {`{"a":1.0,"b":300}`, false, `{"a":1.0,"b":300}`},
		"characters are not escaped":   {`{"a":"<&>"}`, false, `{"a":"<&>"}`},
		"entries that are not objects": {`{"indeterminate":[1],"error":"e"}`, false, `{"error":"e","indeterminate":[1]}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := conformance.Canonical([]byte(c.in), c.withPolicy)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(strings.Fields(got), ""); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestCanonicalRefuses(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"", "null", "[]", `{"a":1}{`, `{"a":1} 2`, "{"} {
		if got, err := conformance.Canonical([]byte(in), false); err == nil {
			t.Errorf("%q: got %q, want an error", in, got)
		}
	}
}
