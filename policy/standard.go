package policy

// DefaultLevels returns the ladder of a policy that declares no level: NIST SP 800-63B-4's assurance levels in the method
// values of RFC 8176.
func DefaultLevels() []*Level {
	return []*Level{
		{
			Name: "aal1", Rank: 1, ACR: []string{"aal1", "http://idmanagement.gov/ns/assurance/aal/1"},
			AMR: [][]string{{"pwd"}, {"otp"}, {"sms"}, {"swk"}, {"hwk"}, {"pop"}},
		},
		{
			Name: "aal2", Rank: 2, ACR: []string{"aal2", "http://idmanagement.gov/ns/assurance/aal/2"},
			AMR: [][]string{{"otp", "pwd"}, {"pwd", "sms"}, {"pwd", "swk"}, {"hwk", "pwd"}, {"mfa"}},
		},
		{
			Name: "aal3", Rank: 3, ACR: []string{"aal3", "http://idmanagement.gov/ns/assurance/aal/3"},
			AMR: [][]string{{"hwk", "mfa"}, {"hwk", "pwd"}, {"hwk", "pin"}, {"fpt", "hwk"}, {"face", "hwk"}},
		},
	}
}

// Sizes of the standard signals' lists.
const (
	maxGroups          = 10_000
	maxRoles           = 1000
	maxEnrolled        = 32
	maxAuthentications = 64
	maxAMR             = 32
)

func attrs(t *Type, names ...string) []Attr {
	out := make([]Attr, len(names))
	for i, n := range names {
		out[i] = Attr{Name: n, Type: t}
	}
	return out
}

func object(name string, groups ...[]Attr) *Type {
	var all []Attr
	for _, g := range groups {
		all = append(all, g...)
	}
	return ObjectOf(name, all...)
}

// EvidenceAttrs are the attributes of `session` that evidence is made of, and its computed level: they are there, with these
// types, whether a redeclaration writes them or not.
func EvidenceAttrs() []Attr {
	authentication := ObjectOf("session.authentications",
		Attr{Name: "time", Type: Timestamp}, Attr{Name: "acr", Type: String}, Attr{Name: "amr", Type: ListOfMax(String, maxAMR)})
	return []Attr{
		{Name: "acr", Type: String},
		{Name: "amr", Type: ListOfMax(String, maxAMR)},
		{Name: "auth_time", Type: Timestamp},
		{Name: "not_before", Type: Timestamp},
		{Name: "authentications", Type: ListOfMax(authentication, maxAuthentications)},
		{Name: "level", Type: Int},
	}
}

// SubjectAttrs are the attributes of `subject` that a decision reads by itself; see [EvidenceAttrs].
func SubjectAttrs() []Attr {
	return []Attr{{Name: "enrolled", Type: ListOfMax(String, maxEnrolled)}}
}

// Fixed reports whether decisions read the signal of that name by themselves.
func Fixed(signal string) bool { return signal == "session" || signal == "subject" }

// StandardSignals returns the signals that need no declaration, ordered by name.
func StandardSignals() []*Signal {
	signal := func(name string, groups ...[]Attr) *Signal {
		return &Signal{Name: name, Type: object(name, groups...)}
	}
	return []*Signal{
		signal("behavior",
			attrs(Int, "failed_logins_1h"),
			attrs(Bool, "impossible_travel", "new_country", "typical_hour"),
			attrs(Double, "score")),
		signal("device",
			attrs(String, "id", "os", "os_version", "browser"),
			attrs(Bool, "trusted", "managed", "compliant"),
			attrs(Timestamp, "first_seen")),
		signal("network",
			attrs(IP, "ip"), attrs(Int, "asn"),
			attrs(String, "country", "city"),
			attrs(Double, "latitude", "longitude", "reputation"),
			attrs(Bool, "tor", "vpn", "proxy", "hosting")),
		signal("session",
			EvidenceAttrs(), attrs(String, "id", "country"), attrs(IP, "ip")),
		signal("subject",
			SubjectAttrs(), attrs(String, "id", "type", "country"),
			attrs(ListOfMax(String, maxGroups), "groups"), attrs(ListOfMax(String, maxRoles), "roles"),
			attrs(Duration, "tenure"), attrs(MapOf(Any), "attributes")),
	}
}
