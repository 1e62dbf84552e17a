package hcl

// What a block of a test file may say of a request.
var (
	attrSignals = Attr{Name: "signals", Form: "object", Doc: "the request's signals, `resource` among them, as a request writes them: `signals = { session = { amr = [\"pwd\"] } }`"}
	attrParams  = Attr{Name: "params", Form: "object", Doc: "the host's values of params"}
	attrPosture = Attr{Name: "posture", Form: "string", Doc: "the current posture, `normal` if it is not said"}
	attrNow     = Attr{Name: "now", Form: "timestamp", Doc: "the moment of the request, \"2026-01-01T00:00:00Z\" if it is not said"}
	attrUses    = Attr{Name: "uses", Form: "list of string", Doc: "fixtures to build on; of two that say the same thing the later counts"}
	attrAction  = Attr{Name: "action", Form: "string", Doc: "the action that is asked for"}
)

func blockFixture() *Block {
	return &Block{
		Type: "fixture", Label: "fixture", Top: true,
		Doc:   "A part of a request that tests build on.",
		Attrs: []Attr{attrSignals, attrParams, attrPosture, attrNow},
	}
}

func blockTest() *Block {
	return &Block{
		Type: "test", Label: "test", Top: true,
		Doc:    "A request, and what is expected of the decision. With cases it is a table: each case is the test with some things replaced.",
		Attrs:  []Attr{attrAction, attrUses, attrSignals, attrParams, attrPosture, attrNow},
		Nested: []string{"expect", "case"},
	}
}

func blockCase() *Block {
	return &Block{
		Type: "case", Label: "case",
		Doc:    "The test with some things replaced; objects are merged deeply, and null takes something away.",
		Attrs:  []Attr{attrAction, attrUses, attrSignals, attrParams, attrPosture, attrNow},
		Nested: []string{"expect"},
	}
}

func blockExpect() *Block {
	b := &Block{
		Type: "expect",
		Doc:  "A part of the decision's JSON: what it names must be so. Lists are compared as a whole, of objects what is named; null says that something is absent.",
	}
	for _, f := range decisionShape().fields {
		b.Attrs = append(b.Attrs, Attr{Name: f.name, Form: f.form(), Doc: f.doc})
	}
	return b
}
