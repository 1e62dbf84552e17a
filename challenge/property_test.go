package challenge_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/rungpolicy/rung/challenge"
)

// generated is a challenge that a field can hold.
func generated(t *rapid.T) ch {
	c := ch{Scheme: token(t)}
	if rapid.IntRange(0, 4).Draw(t, "kind") == 0 {
		c.Token68 = rapid.StringMatching(`[A-Za-z0-9\-._~+/]{1,8}={0,2}`).Draw(t, "token68")
		return c
	}
	for range rapid.IntRange(0, 4).Draw(t, "params") {
		p := challenge.Param{Name: token(t), Value: rapid.StringMatching(`[\t -~]{0,12}`).Draw(t, "value")}
		if _, twice := c.Param(p.Name); !twice {
			c.Params = append(c.Params, p)
		}
	}
	return c
}

func token(t *rapid.T) string {
	return rapid.StringMatching("[a-zA-Z0-9!#$%&'*+.^_`|~-]{1,6}").Draw(t, "token")
}

// TestRoundTrip: what is written is read as it was, a line each and all in one line.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var want []ch
		var lines []string
		for range rapid.IntRange(0, 5).Draw(t, "n") {
			c := generated(t)
			want, lines = append(want, c), append(lines, c.String())
		}
		for _, form := range [][]string{lines, {strings.Join(lines, ", ")}, {strings.Join(lines, ",")}} {
			got, err := challenge.Parse(form...)
			if err != nil {
				t.Fatalf("%q: %v", form, err)
			}
			if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
				t.Fatalf("%q:\n%s", form, d)
			}
		}
	})
}

// TestAnyText: whatever texts a policy or a host gives, the field is a single valid line that says what it can, and nothing else.
func TestAnyText(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[ -~\r\n"\\]{0,20}`))
		up := &challenge.StepUp{
			ACRValues: rapid.SliceOf(text).Draw(t, "acr"), MaxAge: rapid.Int64().Draw(t, "age"), HasMaxAge: rapid.Bool().Draw(t, "has"),
			Description: text.Draw(t, "description"), Reasons: rapid.SliceOf(text).Draw(t, "reasons"),
			Realm: text.Draw(t, "realm"), Scope: text.Draw(t, "scope"), ResourceMetadata: text.Draw(t, "metadata"),
		}
		for _, c := range []ch{up.Bearer(), up.DPoP(rapid.SliceOf(text).Draw(t, "algs")...)} {
			line := c.String()
			if strings.ContainsFunc(line, func(r rune) bool { return (r < ' ' && r != '\t') || r > '~' }) {
				t.Fatalf("%q cannot stand in a header", line)
			}
			got, err := challenge.Parse(line)
			if err != nil || len(got) != 1 {
				t.Fatalf("%q: %v, %v", line, got, err)
			}
			if d := cmp.Diff(c, got[0], cmpopts.EquateEmpty()); d != "" {
				t.Fatalf("%q:\n%s", line, d)
			}
			if description, _ := c.Param("error_description"); description == "" || strings.ContainsAny(description, `"\`) {
				t.Fatalf("description %q", description)
			}
			if _, has := c.Param("max_age"); has != up.HasMaxAge {
				t.Fatalf("max_age: %v", has)
			}
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`Bearer error="insufficient_user_authentication", acr_values="phrh phr", max_age="300"`, `Basic realm="a\"b", X abc==, Y`, "a=b", "X a=b\nc=d", `X a="\`, ",,,",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		lines := strings.Split(text, "\n")
		all, err := challenge.Parse(lines...)
		if err != nil {
			if all != nil {
				t.Fatal("challenges beside an error")
			}
			return
		}
		joined, err := challenge.Parse(strings.Join(lines, ", "))
		if d := cmp.Diff(all, joined); err != nil || d != "" {
			t.Fatalf("lines and one line differ: %v\n%s", err, d)
		}
		header := http.Header{}
		for _, c := range all {
			_, _ = c.StepUp()
			written := c.String()
			header.Add("WWW-Authenticate", written)
			again, err := challenge.Parse(written)
			if err != nil || len(again) != 1 {
				t.Fatalf("%q was written as %q: %v", text, written, err)
			}
			if len(written) > 0 && !hasUnwritable(c) && cmp.Diff(c, again[0], cmpopts.EquateEmpty()) != "" {
				t.Fatalf("%q was written as %q", text, written)
			}
		}
		if up, err := challenge.Find(all); up != nil && err != nil {
			t.Fatal("a challenge beside an error")
		}
	})
}

// hasUnwritable reports whether a value is beyond ASCII: it is read, and not written.
func hasUnwritable(c ch) bool {
	for _, p := range c.Params {
		if strings.ContainsFunc(p.Value, func(r rune) bool { return r > '~' }) {
			return true
		}
	}
	return false
}
