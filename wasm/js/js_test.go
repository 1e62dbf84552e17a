package js_test

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/abi"
	"github.com/rungpolicy/rung/wasm/js"
)

// about is a module whose names are made to break out of comments and texts.
func about() *abi.Module {
	return &abi.Module{
		Meta: abi.Meta{Name: "a\n*/ \u2028alert(1)", Digest: "sha256:00"},
		Schema: abi.Schema{
			Actions: []abi.Action{
				{Name: "pay", Resource: policy.ObjectOf("resource", policy.Attr{Name: "amount", Type: policy.Double}, policy.Attr{Name: "tags", Type: policy.MapOf(policy.ListOf(policy.IP))})},
				{Name: "see"},
			},
			Params:  []abi.Param{{Name: `li"mit`, Type: policy.Duration}},
			Signals: []abi.Signal{{Name: "session", Type: policy.ObjectOf("session", policy.Attr{Name: "acr", Type: policy.String}, policy.Attr{Name: "level", Type: policy.Int})}},
		},
		Outputs: abi.Outputs{Rules: []abi.Rule{{ID: "pay/\"; alert(1) //\u2029"}}},
	}
}

func TestModule(t *testing.T) {
	t.Parallel()
	module := []byte("\x00asm")
	code, err := js.Module(module, about())
	if err != nil {
		t.Fatal(err)
	}
	head, rest, _ := bytes.Cut(code, []byte("\n"))
	if string(head) != "// The policy a * / alert(1) sha256:00, made by rung: do not edit." {
		t.Errorf("%s", head)
	}
	if !bytes.Contains(rest, []byte(base64.StdEncoding.EncodeToString(module))) || !bytes.Contains(rest, []byte("as loadSync")) {
		t.Error("something is missing")
	}
}

func TestTypes(t *testing.T) {
	t.Parallel()
	got := string(js.Types(about()))
	for _, want := range []string{
		js.Head,
		"  | \"pay\"\n  | \"see\";\n",
		`| "pay/\"; alert(1) //\u2029";`,
		"export type Lazy = never;",
		`  readonly "li\"mit"?: bigint | string | undefined;`,
		`    readonly "amount"?: number | null | undefined;`,
		`    readonly "tags"?: { readonly [key: string]: readonly (string)[] } | ReadonlyMap<string, readonly (string)[]> | null | undefined;`,
		`  readonly "see": undefined;`,
		`    readonly "acr"?: string | null | undefined;`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("there is no %s in\n%s", want, got)
		}
	}
	if strings.Contains(got, `"level"?: number`) {
		t.Error("the session's level can be sent")
	}
}
