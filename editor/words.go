package editor

// word is a word of the language with what it means.
type word struct{ name, doc string }

// methods are the registered authentication method reference values (RFC 8176, section 2, and the registry that it founded).
func methods() []word {
	return []word{
		{"face", "facial recognition"},
		{"fpt", "fingerprint"},
		{"geo", "geolocation"},
		{"hwk", "proof of possession of a hardware-secured key"},
		{"iris", "iris scan"},
		{"kba", "knowledge-based authentication"},
		{"mca", "multiple-channel authentication"},
		{"mfa", "multiple-factor authentication"},
		{"otp", "one-time password"},
		{"pin", "personal identification number, or a pattern"},
		{"pop", "proof of possession of a key"},
		{"pwd", "password"},
		{"rba", "risk-based authentication"},
		{"retina", "retina scan"},
		{"sc", "smart card"},
		{"sms", "confirmation by a text message"},
		{"swk", "proof of possession of a software-secured key"},
		{"tel", "confirmation by a telephone call"},
		{"user", "user presence test"},
		{"vbm", "voice biometric"},
		{"wia", "Windows integrated authentication"},
	}
}

func methodDoc(name string) string {
	for _, m := range methods() {
		if m.name == name {
			return "`" + name + "`: " + m.doc + " (RFC 8176)"
		}
	}
	return ""
}

// types are the types that a policy can write.
func types() []word {
	return []word{
		{"bool", "`true` or `false`"},
		{"int", "a whole number of 64 bits, signed"},
		{"uint", "a whole number of 64 bits, without sign"},
		{"double", "a number (IEEE 754 binary64)"},
		{"string", "text in UTF-8, up to 64 KiB"},
		{"bytes", "octets; base64 in JSON"},
		{"timestamp", "a moment; RFC 3339 in JSON"},
		{"duration", "a span of time: `90s`, `1h30m`"},
		{"ip", "an IPv4 or IPv6 address"},
		{"cidr", "a range of addresses: `10.0.0.0/8`"},
		{"any", "any JSON value"},
		{"list", "`list(T)`: up to 1,000 entries, or `list(T, N)`"},
		{"map", "`map(T)`, with string keys: up to 1,000 entries, or `map(T, N)`"},
		{"object", "`object({ name = type })`"},
		{"optional", "`optional(T)`, of an object's attribute: that it is absent is normal"},
	}
}

func typeDoc(name string) string {
	for _, t := range types() {
		if t.name == name {
			return "`" + name + "`: " + t.doc
		}
	}
	return ""
}

// choices are the words that an attribute takes; nil if it takes others.
func choices(attr string) []word {
	switch attr {
	case "mode":
		return []word{
			{"enforce", "the rule counts"},
			{"shadow", "on trial: evaluated and reported, never enforced"},
			{"off", "not evaluated"},
		}
	case "on_error":
		return []word{
			{"apply", "a condition in error counts as true"},
			{"skip", "a condition in error is listed, and the rule does not apply"},
		}
	case "stricter":
		return []word{
			{"lower", "overlays may lower the value"},
			{"higher", "overlays may raise the value"},
		}
	case "effect":
		return []word{
			{"allow", "the session is strong and fresh enough"},
			{"step_up", "somebody has to authenticate"},
			{"deny", "no authentication would help"},
			{"need", "signals are to be fetched first"},
		}
	}
	return nil
}

// standardSignal says what a standard signal is about; "" if it is none.
func standardSignal(name string) string {
	switch name {
	case "subject":
		return "Who asks: the user or service, with groups, roles, and the methods that are enrolled."
	case "session":
		return "How and when the subject authenticated: `acr`, `amr` and `auth_time` of the token, what came before, and the level that it proves."
	case "device":
		return "What the subject sits at: the device, its system, and whether it is known and managed."
	case "network":
		return "Where the request comes from: the address, what is known of it, and where it lies."
	case "behavior":
		return "What is unusual about the subject of late."
	}
	return ""
}
