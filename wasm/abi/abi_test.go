package abi_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/abi"
)

// sample is a module with all that sections can say.
func sample() *abi.Module {
	resource := policy.ObjectOf("resource",
		policy.Attr{Name: "amount", Type: policy.Double},
		policy.Attr{Name: "tags", Type: policy.MapOf(policy.ListOfMax(policy.String, 8)), Optional: true},
		policy.Attr{Name: "payee", Type: policy.ObjectOf("", policy.Attr{Name: "known", Type: policy.Bool})})
	schema := abi.Schema{
		Lazy:     []string{"reputation"},
		Params:   []abi.Param{{Name: "limit", Type: policy.Double}},
		Postures: []abi.Posture{{Name: "elevated", Rank: 1}, {Name: "lock\"down\"\x01\n", Rank: 3}},
		Words:    1,
	}
	for _, s := range policy.StandardSignals() {
		schema.Signals = append(schema.Signals, abi.Signal{Name: s.Name, Type: s.Type, Sensitive: s.Name == "subject"})
	}
	schema.Signals = slices.Insert(schema.Signals, 3, abi.Signal{Name: "reputation", Type: policy.Double})
	slots := append([]abi.Slot{
		{Path: []string{"params", "limit"}, Type: policy.Double, Bit: 6, Offset: 96},
		{Path: []string{"resource"}, Type: resource, Bit: 7, Presence: true},
		{Path: []string{"resource", "amount"}, Type: policy.Double, Bit: 8, Offset: 104},
		{Path: []string{"resource", "payee"}, Type: resource.Attrs[1].Type, Bit: 9, Offset: 112},
		{Path: []string{"signals", "device", "trusted"}, Type: policy.Bool, Bit: 10, Offset: 116},
		{Path: []string{"signals", "reputation"}, Type: policy.Double, Bit: 11, Offset: 120},
	}, schema.EvidenceSlots()...)
	schema.Actions = []abi.Action{
		{Name: "account.view", HTTP: []string{"GET /account"}, Size: 96},
		{Name: "transfer.create", GRPC: []string{"/bank.Transfers/Create"}, HTTP: []string{"POST /transfers"}, Resource: resource, Size: 128, Slots: slots},
	}
	return &abi.Module{
		Meta:   abi.Meta{ABI: abi.Version, Compiler: "0.1.0", Fuel: 1 << 40, Language: 1, Pages: 16, TZData: "2026a", Name: "bank", Version: "7", Digest: "sha256:00"},
		Schema: schema,
		Outputs: abi.Outputs{
			Actions: [][]int{nil, {0, 1, 2}},
			Levels:  []abi.Level{{Name: "password", Rank: 10, ACRValues: []string{"pwd", "mfa"}}, {Name: "mfa", Rank: 20, ACRValues: []string{"mfa"}}},
			Methods: []string{"hwk", "otp"},
			Rules: []abi.Rule{
				{ID: "tor", Effect: policy.Deny, Message: "Not from there — é."},
				{ID: "transfer.create", Effect: policy.StepUp, Level: "password", Shadow: true},
				{ID: "transfer.create/large", Effect: policy.StepUp, Level: "mfa", MaxAge: policy.Seconds{Set: true}, Methods: []string{"hwk", "otp"}},
			},
		},
		Debug: &abi.Debug{Places: []string{"bank.rung.hcl:3:4"}},
	}
}

func sections(t *testing.T, m *abi.Module) []abi.Section {
	t.Helper()
	out, err := m.Sections()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestSectionsReadBack(t *testing.T) {
	t.Parallel()
	want := sample()
	got, err := abi.Parse(append(sections(t, want), abi.Section{Name: "name"}))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	want.Debug = nil
	got, err = abi.Parse(sections(t, want))
	if err != nil || got.Debug != nil {
		t.Errorf("without %s: %v, %v", abi.SectionDebug, got.Debug, err)
	}
}

func TestSectionsText(t *testing.T) {
	t.Parallel()
	all := sections(t, sample())
	for _, want := range []string{
		`{"abi":1,"compiler":"0.1.0","digest":"sha256:00","fuel":1099511627776,"language":1,"name":"bank","pages":16,"tzdata":"2026a","version":"7"}`,
		`{"http":["GET /account"],"name":"account.view","size":96}`,
		`{"bit":7,"path":["resource"]}`,
		`{"bit":8,"offset":104,"path":["resource","amount"]}`,
		`"resource":{"name":"resource","object":[{"name":"amount","type":"double"},{"name":"payee","type":{"object":[{"name":"known","type":"bool"}]}},{"name":"tags","optional":true,"type":{"map":{"list":"string","max":8}}}]}`,
		`{"name":"lock\"down\"\u0001\n","rank":3}`,
		`{"actions":[[],[0,1,2]],"levels":[{"acr_values":["pwd","mfa"],"name":"password","rank":10}`,
		`{"effect":"step_up","id":"transfer.create/large","level":"mfa","max_age":0,"methods":["hwk","otp"]}`,
		`{"effect":"deny","id":"tor","message":"Not from there — é."}`,
		`{"places":["bank.rung.hcl:3:4"]}`,
	} {
		if !slices.ContainsFunc(all, func(s abi.Section) bool { return bytes.Contains(s.Data, []byte(want)) }) {
			t.Errorf("no section holds\n%s", want)
		}
	}
	if t.Failed() {
		for _, s := range all {
			t.Logf("%s\n%s", s.Name, s.Data)
		}
	}
}

// TestOneText: sections have one text, so a change of any byte is refused or is another module's text.
func TestOneText(t *testing.T) {
	t.Parallel()
	all := sections(t, sample())
	refused := 0
	for i, s := range all {
		for at := i; at < len(s.Data); at += 7 { // all of them take seconds
			for _, change := range []func([]byte) []byte{
				func(b []byte) []byte { return slices.Delete(b, at, at+1) },
				func(b []byte) []byte { return slices.Insert(b, at, b[at]) },
				func(b []byte) []byte { return slices.Insert(b, at, ' ') },
				func(b []byte) []byte { b[at] ^= 1; return b },
				func(b []byte) []byte { b[at] ^= 0x80; return b },
			} {
				changed := slices.Clone(all)
				changed[i].Data = change(slices.Clone(s.Data))
				if !sameText(t, changed) {
					refused++
				}
			}
		}
	}
	if refused == 0 {
		t.Error("nothing was refused")
	}
}

// sameText reports whether sections are read; what was read is then written as it stood.
func sameText(t *testing.T, in []abi.Section) bool {
	t.Helper()
	m, err := abi.Parse(in)
	if err != nil {
		return false
	}
	if d := cmp.Diff(in, sections(t, m)); d != "" {
		t.Error(d)
	}
	return true
}

func FuzzParse(f *testing.F) {
	m, err := sample().Sections()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(m[0].Data, m[1].Data, m[2].Data, m[3].Data)
	f.Fuzz(func(t *testing.T, meta, schema, outputs, debug []byte) {
		sameText(t, []abi.Section{{Name: abi.SectionMeta, Data: meta}, {Name: abi.SectionSchema, Data: schema}, {Name: abi.SectionOutputs, Data: outputs}, {Name: abi.SectionDebug, Data: debug}})
	})
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	all := sections(t, sample())
	replaced := func(section int, from, to string) []abi.Section {
		out := slices.Clone(all)
		out[section].Data = []byte(strings.Replace(string(all[section].Data), from, to, 1))
		return out
	}
	deep := strings.Repeat(`{"list":`, 100_000) + `"int"` + strings.Repeat(`}`, 100_000)
	for _, c := range []struct {
		want string
		in   []abi.Section
	}{
		{"there is no section rung.meta", nil},
		{"there are 2 sections rung.schema", append(all[:len(all):len(all)], all[1])},
		{"version 2 of the interface; this is version 1", replaced(0, `"abi":1`, `"abi":2`)},
		{"expected the end", replaced(0, `}`, `} `)},
		{"not nested so deep", replaced(1, `"type":"double"`, `"type":`+deep)},
		{"expected the name of a type", replaced(1, `"double"`, `"null"`)},
		{"says what is so anyway", replaced(1, `"max":8`, `"max":1000`)},
		{"up to 100001 entries", replaced(1, `"max":8`, `"max":100001`)},
		{"the effect of a rule", replaced(2, `"deny"`, `"need"`)},
		{"has a rule 3", replaced(2, `[0,1,2]`, `[0,1,3]`)},
		{"has a rule 1", replaced(2, `[0,1,2]`, `[0,1,1]`)},
		{"has 1 actions, rung.schema has 2", replaced(2, `[[],`, `[`)},
		{"fuel is not above 0", replaced(0, `1099511627776`, `0`)},
		{"a whole number", replaced(0, `1099511627776`, `01`)},
		{"pages is not between", replaced(0, `"pages":16`, `"pages":65537`)},
		{"size is 95", replaced(1, `"size":96`, `"size":95`)},
		{"size is 88", replaced(1, `"size":96`, `"size":88`)},
		{"words is 0", replaced(1, `"words":1`, `"words":0`)},
		{"no such attribute", replaced(1, `["signals","device","trusted"]`, `["signals","device","trustee"]`)},
		{"offset is 117", replaced(1, `"offset":112`, `"offset":117`)},
		{"offset is 124", replaced(1, `"offset":120`, `"offset":124`)},
		{"offset is 88", replaced(1, `"offset":104`, `"offset":88`)},
		{"the bit is of evidence", replaced(1, `"bit":8`, `"bit":5`)},
		{"bit is 32", replaced(1, `"bit":8`, `"bit":32`)},
		{"evidence has bit 0 and offset 32", replaced(1, `"bit":0,"offset":32`, `"bit":0,"offset":40`)},
		{"is not an object", replaced(1, `"bit":8,"offset":104,`, `"bit":8,`)},
		{"evidence is string, not int", replaced(1, `{"name":"acr","type":"string"},{"name":"amr","type":{"list":"string","max":32}},{"name":"auth_time"`, `{"name":"acr","type":"int"},{"name":"amr","type":{"list":"string","max":32}},{"name":"auth_time"`)},
		{"the posture \"normal\" is out of order", replaced(1, `"elevated"`, `"normal"`)},
		{"lazy signal \"reputatiom\" is none", replaced(1, `"lazy":["reputation"]`, `"lazy":["reputatiom"]`)},
	} {
		_, err := abi.Parse(c.in)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v\nwant %s", err, c.want)
		}
	}
}

func TestSectionsRefuse(t *testing.T) {
	t.Parallel()
	m := sample()
	m.Meta.Name = "\xff"
	if _, err := m.Sections(); err == nil {
		t.Error("a name that is not UTF-8 was written")
	}
	m = sample()
	m.Schema.Params[0].Type = policy.NullType
	if _, err := m.Sections(); err == nil {
		t.Error("a param of type null was written")
	}
}

func TestPolicy(t *testing.T) {
	t.Parallel()
	p := sample().Policy()
	if a := p.Action("transfer.create"); a == nil || a.Resource == nil || a.HTTP[0] != "POST /transfers" {
		t.Errorf("action: %+v", a)
	}
	if s := p.Signal("reputation"); s == nil || !s.Lazy || s.Type.Kind != policy.KindDouble {
		t.Errorf("signal: %+v", s)
	}
	if !p.Signal("subject").Sensitive || p.Posture("elevated").Rank != 1 || p.ParamIndex("limit") != 0 || p.Level("mfa").Rank != 20 {
		t.Error("the policy lacks something")
	}
}
