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

// TestWriter has a writer whole: names are members or texts, fields are numbered in order, lazy signals and objects that are slots are told of, resources that are alike have one function, params have no
// other members, and what the session's level says is never taken.
func TestWriter(t *testing.T) {
	t.Parallel()
	m := about()
	m.Schema.Actions = append(m.Schema.Actions, abi.Action{Name: "add", Resource: m.Schema.Actions[0].Resource})
	m.Schema.Signals = append(m.Schema.Signals, abi.Signal{Name: "risk", Type: policy.ObjectOf("risk", policy.Attr{Name: "by", Type: policy.ObjectOf("by", policy.Attr{Name: "ip", Type: policy.IP})})})
	m.Schema.Lazy = []string{"risk"}
	m.Schema.Actions[0].Slots = []abi.Slot{{Path: []string{"signals", "risk", "by"}, Presence: true}, {Path: []string{"resource", "amount"}}, {Path: []string{"signals", "session", "acr"}}}
	at := policy.ObjectOf("resource.at", policy.Attr{Name: "city", Type: policy.String})
	m.Schema.Actions = append(m.Schema.Actions,
		abi.Action{Name: "ship", Resource: policy.ObjectOf("resource", policy.Attr{Name: "at", Type: at})},
		abi.Action{Name: "send", Resource: policy.ObjectOf("resource", policy.Attr{Name: "at", Type: at})})
	m.Schema.Params = append(m.Schema.Params, abi.Param{Name: "who", Type: policy.ObjectOf("who", policy.Attr{Name: "name", Type: policy.String})})
	got := strings.NewReplacer("const ", "\nconst ", "return", "\nreturn").Replace(string(js.Writer(m)))
	const want = `e=>{const{state:S,protoOf:g,plain:O,getTime:G,leave:L,seen:h,fresh:z,texts:l,moment:m,address:k,other:o,count:q}=e,N={};
const r0=(f,r)=>{const{at:w11,word:k11,bit:b11}=f[11];
return(v,c)=>{let x;const{words:W,bytes:B,doubles:D}=S;x=v.amount;if(g(v)!==O)L();if(x!==void 0){if(typeof x==="number"&&x-x===0){D[w11>>>3]=x;W[k11]|=b11}else if(x!==null)L()}x=v.tags;if(x!==void 0){o(f[12],x)}if(c)q(v,f[10])}};
const r3=(f,r)=>{var l12;
return(v,c)=>{let x;const{words:W,bytes:B,doubles:D}=S;x=v.at;if(g(v)!==O)L();if(x!==void 0)if(x!==null){
const vv=x;x=vv.city;if(g(vv)!==O)L();if(x!==void 0){if(x!==null){if(x!==l12){l12=void 0;l12=z(f[12],x)}}}if(c)q(vv,f[11])}if(c)q(v,f[10])}};
return[()=>{if(N.acr!==void 0||N.action!==void 0||N.amount!==void 0||N.at!==void 0||N.by!==void 0||N.city!==void 0||N.ip!==void 0||N.level!==void 0||N["li\"mit"]!==void 0||N.name!==void 0||N.now!==void 0||N.params!==void 0||N.posture!==void 0||N.resource!==void 0||N.risk!==void 0||N.session!==void 0||N.signals!==void 0||N.tags!==void 0||N.who!==void 0)L();},(f,r)=>{var l3;
return(v,c)=>{let x;const{words:W,bytes:B,doubles:D}=S;let n=0;x=v["li\"mit"];if(g(v)!==O)L();if(x!==void 0){n++;{o(f[1],x)}}x=v.who;if(x!==void 0){n++;if(h(f[2],x)){
const vv=x;let n=0;x=vv.name;if(g(vv)!==O)L();if(x!==void 0){n++;{if(x!==null){if(x!==l3){l3=void 0;l3=z(f[3],x)}}}}for(x in vv)n--;if(n)L()}}for(x in v)n--;if(n)L()}},(f,r)=>{var l5;const{word:k5,bit:b5}=f[5];
return(v,c)=>{if(N.acr!==void 0||N.action!==void 0||N.amount!==void 0||N.at!==void 0||N.by!==void 0||N.city!==void 0||N.ip!==void 0||N.level!==void 0||N["li\"mit"]!==void 0||N.name!==void 0||N.now!==void 0||N.params!==void 0||N.posture!==void 0||N.resource!==void 0||N.risk!==void 0||N.session!==void 0||N.signals!==void 0||N.tags!==void 0||N.who!==void 0)L();let x;const{words:W,bytes:B,doubles:D}=S;x=v.session;if(g(v)!==O)L();if(x!==void 0)if(x!==null){
const vv=x;x=vv.acr;if(g(vv)!==O)L();if(x!==void 0){if(x!==null){if(x!==l5){l5=void 0;l5=z(f[5],x)}W[k5]|=b5}}x=vv.level;if(x!==void 0){L()}if(c)q(vv,f[4])}x=v.risk;if(x!==void 0)if(h(f[7],x)){
const vv=x;x=vv.by;if(g(vv)!==O)L();if(x!==void 0)if(h(f[8],x)){
const vvv=x;x=vvv.ip;if(g(vvv)!==O)L();if(x!==void 0){k(f[9],x)}if(c)q(vvv,f[8])}if(c)q(vv,f[7])}x=v.resource;if(x!==void 0)if(x!==null){r(x,c)}if(c)q(v,f[0])}},[r0,()=>L,r0,r3,r3]]}`
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
