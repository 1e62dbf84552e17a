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
	code, err := js.Module(module, about(), false)
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

func TestFastModule(t *testing.T) {
	t.Parallel()
	code, err := js.Module([]byte("\x00asm"), about(), true)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(code, js.Writer(about())) || bytes.Contains(code, []byte("@rung:")) {
		t.Error("the writer is missing")
	}
}

// TestWriter has a writer whole: names are members or texts, fields are numbered in order, lazy signals and objects that are slots are told of, resources that are alike have one function, and what the session's level says is never taken.
func TestWriter(t *testing.T) {
	t.Parallel()
	m := about()
	m.Schema.Actions = append(m.Schema.Actions, abi.Action{Name: "add", Resource: m.Schema.Actions[0].Resource})
	m.Schema.Signals = append(m.Schema.Signals, abi.Signal{Name: "risk", Type: policy.ObjectOf("risk", policy.Attr{Name: "by", Type: policy.ObjectOf("by", policy.Attr{Name: "ip", Type: policy.IP})})})
	m.Schema.Lazy = []string{"risk"}
	m.Schema.Actions[0].Slots = []abi.Slot{{Path: []string{"signals", "risk", "by"}, Presence: true}, {Path: []string{"resource", "amount"}}}
	at := policy.ObjectOf("resource.at", policy.Attr{Name: "city", Type: policy.String})
	m.Schema.Actions = append(m.Schema.Actions,
		abi.Action{Name: "ship", Resource: policy.ObjectOf("resource", policy.Attr{Name: "at", Type: at})},
		abi.Action{Name: "send", Resource: policy.ObjectOf("resource", policy.Attr{Name: "at", Type: at})})
	m.Schema.Params = append(m.Schema.Params, abi.Param{Name: "who", Type: policy.ObjectOf("who", policy.Attr{Name: "name", Type: policy.String})})
	got := strings.NewReplacer("const ", "\nconst ", "return", "\nreturn").Replace(string(js.Writer(m)))
	const want = `e=>{const{protoOf:g,plain:O,leave:L,seen:h,text:s,texts:l,bool:b,double:d,int:i,timestamp:t,address:a,other:o,odd:q}=e;
const s2=(v,f,r)=>{let n=0,x;x=v.name;if(g(v)!==O)L();if(x!==void 0){n++;s(f[3],x)}for(x in v)n--;if(n)L()};
const s4=(v,f,r)=>{let n=0,x;x=v.acr;if(g(v)!==O)L();if(x!==void 0){n++;s(f[5],x)}x=v.level;if(x!==void 0){n++;L()}for(x in v)n--;if(n)q(v,f[4].plan,n)};
const s8=(v,f,r)=>{let n=0,x;x=v.ip;if(g(v)!==O)L();if(x!==void 0){n++;a(f[9],x)}for(x in v)n--;if(n)q(v,f[8].plan,n)};
const s7=(v,f,r)=>{let n=0,x;x=v.by;if(g(v)!==O)L();if(x!==void 0){n++;if(h(f[8],x))s8(x,f)}for(x in v)n--;if(n)q(v,f[7].plan,n)};
const r0=(v,f,r)=>{let n=0,x;x=v.amount;if(g(v)!==O)L();if(x!==void 0){n++;d(f[11],x)}x=v.tags;if(x!==void 0){n++;o(f[12],x)}for(x in v)n--;if(n)q(v,f[10].plan,n)};
const r3=(()=>{
const s11=(v,f,r)=>{let n=0,x;x=v.city;if(g(v)!==O)L();if(x!==void 0){n++;s(f[12],x)}for(x in v)n--;if(n)q(v,f[11].plan,n)};
return(v,f,r)=>{let n=0,x;x=v.at;if(g(v)!==O)L();if(x!==void 0){n++;if(x!==null)s11(x,f)}for(x in v)n--;if(n)q(v,f[10].plan,n)};})();
const P=(v,f,r)=>{let n=0,x;x=v["li\"mit"];if(g(v)!==O)L();if(x!==void 0){n++;o(f[1],x)}x=v.who;if(x!==void 0){n++;if(h(f[2],x))s2(x,f)}for(x in v)n--;if(n)L()};
const S=(v,f,r)=>{let n=0,x;x=v.session;if(g(v)!==O)L();if(x!==void 0){n++;if(x!==null)s4(x,f)}x=v.risk;if(x!==void 0){n++;if(h(f[7],x))s7(x,f)}x=v.resource;if(x!==void 0){n++;if(x!==null)r(x,f)}for(x in v)n--;if(n)q(v,f[0].plan,n)};
return[P,S,[r0,L,r0,r3,r3]]}`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
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
