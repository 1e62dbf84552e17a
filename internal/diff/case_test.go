package diff

import (
	"os"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"github.com/rungpolicy/rung/policy/codec"
)

func TestCaseFile(t *testing.T) {
	name := os.Getenv("CASE")
	if name == "" {
		t.Skip()
	}
	ar, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	fsys := fstest.MapFS{}
	var req []byte
	for _, f := range ar.Files {
		if f.Name == "a.rung.hcl" {
			fsys[f.Name] = &fstest.MapFile{Data: f.Data}
		} else if f.Name == "1.request.json" {
			req = f.Data
		}
	}
	b, err := build(fsys)
	if err != nil {
		t.Fatal(err)
	}
	os.WriteFile(name+".wasm", b.Module, 0o600)
	if err := b.open(); err != nil {
		t.Fatal(err)
	}
	r, bad := codec.DecodeRequest(b.policy, req, codec.Options{Trusted: true, Lenient: true})
	if bad != nil {
		t.Fatal(bad)
	}
	for _, a := range b.answers(r) {
		t.Log(a)
	}
	for _, s := range b.hosts[0].Module().Schema.Actions {
		t.Logf("%s %d %+v", s.Name, s.Size, s.Slots)
	}
}
