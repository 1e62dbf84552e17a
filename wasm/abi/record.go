package abi

// The record: offsets of what every action has. Evidence, from [RecordACR] to [RecordEnrolled], is there or not as other slots are.
const (
	RecordSeconds         = 0  // i64: now, in seconds since 1970 UTC
	RecordNanos           = 8  // i64: now, the nanoseconds of the second
	RecordPosture         = 16 // u32: rank of the current posture; 0 is normal
	RecordPresence        = 20 // u32: presence bits 0 to 31
	RecordKnown           = 24 // u64: bit i says that lazy signal i was looked for
	RecordACR             = 32 // session.acr
	RecordAMR             = 40 // session.amr
	RecordAuthTime        = 48 // session.auth_time
	RecordNotBefore       = 64 // session.not_before
	RecordAuthentications = 80 // session.authentications
	RecordEnrolled        = 88 // subject.enrolled
	RecordWords           = 96 // u32 each: presence bits 32 to 63, and so on
)

// The presence bits of the evidence. Those of other slots follow.
const (
	BitACR = iota
	BitAMR
	BitAuthTime
	BitNotBefore
	BitAuthentications
	BitEnrolled
	// FirstBit is the first that is not of the evidence.
	FirstBit
)

// MaxLazy is the most lazy signals that a module may have: they are bits of a u64.
const MaxLazy = 64

// PresenceOffset returns where in a record the word of a presence bit stands. The bit in it is bit%32.
func PresenceOffset(bit int) int {
	if bit < 32 {
		return RecordPresence
	}
	return RecordWords + 4*(bit/32-1)
}

// SlotsOffset returns where in a record with that many presence words the slots begin that are not evidence.
func SlotsOffset(words int) int { return align(RecordWords+4*(words-1), 8) }

// Words returns how many presence words the bits below n take: one at least.
func Words(n int) int { return max(1, (n+31)/32) }
