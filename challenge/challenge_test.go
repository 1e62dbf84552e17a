package challenge_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rungpolicy/rung/challenge"
)

type (
	ch     = challenge.Challenge
	params = []challenge.Param
)

func TestParse(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		lines []string
		want  []ch
	}{
		"none":        {nil, nil},
		"empty":       {[]string{"", " , ,\t,"}, nil},
		"bare":        {[]string{"Bearer"}, []ch{{Scheme: "Bearer"}}},
		"bare, space": {[]string{"Bearer "}, []ch{{Scheme: "Bearer"}}},
		"RFC 9470": {
			[]string{`Bearer error="insufficient_user_authentication", error_description="A different authentication level is required", acr_values="myACR"`},
			[]ch{{Scheme: "Bearer", Params: params{
				{"error", "insufficient_user_authentication"}, {"error_description", "A different authentication level is required"}, {"acr_values", "myACR"},
			}}},
		},
		"RFC 9110": {
			[]string{`Basic realm="simple", Newauth realm="apps", type=1, title="Login to \"apps\""`},
			[]ch{
				{Scheme: "Basic", Params: params{{"realm", "simple"}}},
				{Scheme: "Newauth", Params: params{{"realm", "apps"}, {"type", "1"}, {"title", `Login to "apps"`}}},
			},
		},
		"RFC 9449": {
			[]string{`Bearer error="invalid_token", error_description="Invalid token", DPoP algs="ES256 PS256"`},
			[]ch{
				{Scheme: "Bearer", Params: params{{"error", "invalid_token"}, {"error_description", "Invalid token"}}},
				{Scheme: "DPoP", Params: params{{"algs", "ES256 PS256"}}},
			},
		},
		"lines":                   {[]string{"Bearer", `DPoP algs="ES256"`}, []ch{{Scheme: "Bearer"}, {Scheme: "DPoP", Params: params{{"algs", "ES256"}}}}},
		"a challenge over lines":  {[]string{"Bearer a=b", "c=d"}, []ch{{Scheme: "Bearer", Params: params{{"a", "b"}, {"c", "d"}}}}},
		"token68":                 {[]string{"Negotiate YII+/~-._abc==, Bearer"}, []ch{{Scheme: "Negotiate", Token68: "YII+/~-._abc=="}, {Scheme: "Bearer"}}},
		"token68 of a word":       {[]string{"NTLM abc"}, []ch{{Scheme: "NTLM", Token68: "abc"}}},
		"token68, one equals":     {[]string{"X a="}, []ch{{Scheme: "X", Token68: "a="}}},
		"spaces around equals":    {[]string{"X a \t= b"}, []ch{{Scheme: "X", Params: params{{"a", "b"}}}}},
		"empty elements":          {[]string{",, X ,, a=b ,,"}, []ch{{Scheme: "X", Params: params{{"a", "b"}}}}},
		"a comma in quotes":       {[]string{`X a=", Y b=c", Z`}, []ch{{Scheme: "X", Params: params{{"a", ", Y b=c"}}}, {Scheme: "Z"}}},
		"an empty value":          {[]string{`X a=""`}, []ch{{Scheme: "X", Params: params{{"a", ""}}}}},
		"escapes":                 {[]string{`X a="\a\\\""`}, []ch{{Scheme: "X", Params: params{{"a", `a\"`}}}}},
		"UTF-8":                   {[]string{`X a="é"`}, []ch{{Scheme: "X", Params: params{{"a", "é"}}}}},
		"one name in two schemes": {[]string{`X a=b, Y A=c`}, []ch{{Scheme: "X", Params: params{{"a", "b"}}}, {Scheme: "Y", Params: params{{"A", "c"}}}}},
	} {
		got, err := challenge.Parse(c.lines...)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if d := cmp.Diff(c.want, got, cmpopts.EquateEmpty()); d != "" {
			t.Errorf("%s:\n%s", name, d)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for name, lines := range map[string][]string{
		"a parameter alone":            {"a=b"},
		"a parameter of a bare scheme": {"Bearer, a=b"},
		"a parameter behind token68":   {"X abc==, a=b"},
		"two names":                    {"X a b"},
		"no value":                     {"X a=, b=c"},
		"a value of nothing":           {"X a=b, c="},
		"twice":                        {"X a=b, A=c"},
		"twice, over lines":            {"X a=b", "a=c"},
		"an open quote":                {`X a="b`},
		"an open escape":               {`X a="b\`},
		"behind a quote":               {`X a="b"c`},
		"a control character":          {"X a=\"b\x00\""},
		"an escaped control character": {"X a=\"\\\r\""},
		"a line break":                 {"X a=b\r\nSet-Cookie: c=d"},
		"not UTF-8":                    {"X a=\"\xff\""},
		"beyond ASCII, unquoted":       {"X a=é"},
		"a scheme in quotes":           {`"X" a=b`},
		"a tab behind the scheme":      {"X\ta=b"},
		"a semicolon":                  {"X a=b; c=d"},
		"an equals sign":               {"=b"},
		"equals behind a scheme":       {"X =b"},
		"too many challenges":          {strings.Repeat("X,", 33)},
		"too many parameters":          {"X " + manyParams(33)},
		"too long":                     {strings.Repeat(",", 8<<10), strings.Repeat(",", 8<<10+1)},
	} {
		got, err := challenge.Parse(lines...)
		var at *challenge.ParseError
		if !errors.As(err, &at) || got != nil {
			t.Errorf("%s: %v, %v", name, got, err)
		} else if at.Line >= len(lines) || at.Offset > len(lines[at.Line]) {
			t.Errorf("%s: it is at %d:%d", name, at.Line, at.Offset)
		}
	}
	if got, err := challenge.Parse("X "+manyParams(32), strings.Repeat("Y,", 31)); err != nil || len(got) != 32 {
		t.Errorf("at the limits: %d, %v", len(got), err)
	}
}

func manyParams(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("p" + string(rune('A'+i%26)) + strings.Repeat("x", i/26) + "=1,")
	}
	return b.String()
}

func TestString(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		c    ch
		want string
	}{
		{ch{}, ""},
		{ch{Scheme: "X\ta"}, ""},
		{ch{Scheme: "X"}, "X"},
		{ch{Scheme: "X", Token68: "abc="}, "X abc="},
		{ch{Scheme: "X", Token68: "not fit", Params: params{{"a", ""}}}, `X a=""`},
		{ch{Scheme: "X", Params: params{{"a", "1"}, {"A", "2"}}}, `X a="1"`},
		{ch{Scheme: "X", Params: params{{"a", `"\`}}}, `X a="\"\\"`},
		{ch{Scheme: "X", Params: params{{"a", "é"}, {"b", "2"}, {"c", "x\r\nSet-Cookie: y"}, {"d\"", "3"}, {"", "4"}, {"e", "\x7f"}}}, `X b="2"`},
	} {
		if got := c.c.String(); got != c.want {
			t.Errorf("%+v is %q, want %q", c.c, got, c.want)
		}
	}
}

func TestStepUpHeader(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 201)
	for name, c := range map[string]struct {
		up   challenge.StepUp
		want string
	}{
		"nothing": {challenge.StepUp{}, `Bearer error="insufficient_user_authentication", error_description="A different authentication level is required"`},
		"all": {
			challenge.StepUp{ACRValues: []string{"phrh", "phr"}, MaxAge: 300, HasMaxAge: true, Description: "Confirm it.", Realm: "bank", Scope: "pay", ResourceMetadata: "https://api.example/.well-known/oauth-protected-resource"},
			`Bearer realm="bank", error="insufficient_user_authentication", error_description="Confirm it.", acr_values="phrh phr", max_age="300", scope="pay", resource_metadata="https://api.example/.well-known/oauth-protected-resource"`,
		},
		"now":                   {challenge.StepUp{HasMaxAge: true}, `Bearer error="insufficient_user_authentication", error_description="More recent authentication is required", max_age="0"`},
		"a negative age is now": {challenge.StepUp{HasMaxAge: true, MaxAge: -1}, `Bearer error="insufficient_user_authentication", error_description="More recent authentication is required", max_age="0"`},
		"a reason that fits":    {challenge.StepUp{Reasons: []string{"Größere Überweisungen", `say "yes"`, "Large transfers."}}, `Bearer error="insufficient_user_authentication", error_description="Large transfers."`},
		"no reason fits":        {challenge.StepUp{Reasons: []string{"a\\b", "a\r\nSet-Cookie: b", long, " "}}, `Bearer error="insufficient_user_authentication", error_description="A different authentication level is required"`},
		"acr that do not fit":   {challenge.StepUp{ACRValues: []string{"a b", `c"`, "d\\", "é", "", "ok"}}, `Bearer error="insufficient_user_authentication", error_description="A different authentication level is required", acr_values="ok"`},
	} {
		if got := c.up.Bearer().String(); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
	}
	up := &challenge.StepUp{ACRValues: []string{"phr"}}
	if got, want := up.DPoP("ES256", "PS256").String(), `DPoP error="insufficient_user_authentication", error_description="A different authentication level is required", acr_values="phr", algs="ES256 PS256"`; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if got := up.DPoP().String(); strings.Contains(got, "algs") {
		t.Errorf("no algs: %s", got)
	}
	var none *challenge.StepUp
	if none.Bearer().String() != "" || none.DPoP("a").String() != "" || none.Problem() != nil || len(none.Query()) != 0 {
		t.Error("a challenge of nothing")
	}
}

// TestLargeACRValues: a ladder with many names does not make a header that proxies refuse; the cheapest stay.
func TestLargeACRValues(t *testing.T) {
	t.Parallel()
	up := &challenge.StepUp{ACRValues: []string{"first"}}
	for range 1000 {
		up.ACRValues = append(up.ACRValues, "urn:a-long-name-of-a-level")
	}
	acr, _ := up.Bearer().Param("acr_values")
	if len(acr) > 4<<10 || !strings.HasPrefix(acr, "first urn:") {
		t.Errorf("%d bytes", len(acr))
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	find := func(line string) (*challenge.StepUp, error) {
		all, err := challenge.Parse(line)
		if err != nil {
			t.Fatal(err)
		}
		return challenge.Find(all)
	}
	up, err := find(`Basic realm="x", Bearer error="invalid_token", dpop Error=insufficient_user_authentication, ACR_values="a b", max_age=60, realm="r"`)
	if err != nil || up == nil || cmp.Diff(up.ACRValues, []string{"a", "b"}) != "" || up.MaxAge != 60 || !up.HasMaxAge || up.Realm != "r" {
		t.Errorf("%+v, %v", up, err)
	}
	if d := cmp.Diff(map[string]string{"acr_values": "a b", "max_age": "60"}, up.Query()); d != "" {
		t.Error(d)
	}
	if up, err := find(`Bearer error="invalid_token", DPoP algs="ES256"`); up != nil || err != nil {
		t.Errorf("none of them: %+v, %v", up, err)
	}
	for _, bad := range []string{`max_age="-1"`, `max_age="+1"`, `max_age="1.0"`, `max_age=""`, `max_age="99999999999"`, `acr_values=""`, `acr_values="a  b"`, `acr_values=" a"`, `acr_values="é"`} {
		if up, err := find(`Bearer error="insufficient_user_authentication", ` + bad); up != nil || err == nil {
			t.Errorf("%s: %+v", bad, up)
		}
	}
}

func TestProblem(t *testing.T) {
	t.Parallel()
	up := &challenge.StepUp{ACRValues: []string{"phr"}, HasMaxAge: true, Methods: [][]string{{"hwk", "otp"}}, Reasons: []string{"Große \"Summe\" </script>"}}
	text, err := json.Marshal(up.Problem())
	if err != nil {
		t.Fatal(err)
	}
	want := `{"title":"Unauthorized","status":401,"detail":"A different authentication level is required","error":"insufficient_user_authentication",` +
		`"acr_values":["phr"],"max_age":0,"methods":[{"one_of":["hwk","otp"]}],"reasons":["Große \"Summe\" \u003c/script\u003e"]}`
	if string(text) != want {
		t.Errorf("%s\nwant\n%s", text, want)
	}
	if text := http.StatusText(up.Problem().Status); text != up.Problem().Title {
		t.Errorf("the title is %q", text)
	}
}
