package policy

// Change is one attribute of a request that, had it another value, would have the decision come out otherwise: what package policy/change finds, and has
// tried. Where the attribute or what it is held against comes of a sensitive signal, From, To and Value are the text "(sensitive)".
type Change struct {
	// Attribute is its name as conditions write it: "resource.amount", "param.limit"; "now" and "posture" too.
	Attribute string
	// Path is its JSON Pointer (RFC 6901) in the request: "/signals/resource/amount", "/now", "/posture", "/params/limit".
	Path string
	// How says which values would do, beside Value: all of them as far as the condition goes that it was read off. To is one that was tried.
	How   How
	Value Value
	// From is what it is, nil where it is missing. To is the value with which the decision comes out as wanted; nil is missing.
	From, To Value
	// Type is the type of the attribute, of which From, To and Value are; but of With and Without, whose Value are elements, it is the list's too.
	Type *Type
}

// How is how an attribute would have to stand to a [Change]'s Value.
type How string

// The ways.
const (
	Is      How = "is"       // equal to Value
	Not     How = "not"      // anything else than Value
	AtMost  How = "at_most"  // Value, or less, or earlier
	AtLeast How = "at_least" // Value, or more, or later
	Below   How = "below"    // less, or earlier, than Value
	Above   How = "above"    // more, or later, than Value
	With    How = "with"     // with the elements of Value besides
	Without How = "without"  // without the elements of Value
	Present How = "present"  // there, whatever its value; Value is nil
	Absent  How = "absent"   // not there; Value is nil
)
