package plan

import (
	"encoding/binary"
	"math/bits"

	"github.com/rungpolicy/rung/policy"
)

// rollout is a rule's part of the subjects.
type rollout struct {
	prefix string // of the hashed message
	bucket uint64 // percent × 100
}

// buckets is how finely subjects are divided: percent has two decimals.
const buckets = 10_000

func newRollout(policyName string, r *policy.Rule) *rollout {
	group := r.ID
	if r.Rollout.Seed != "" {
		group = r.Rollout.Seed
	}
	return &rollout{prefix: policyName + "\x00" + group + "\x00", bucket: r.Rollout.Bucket}
}

// holds reports whether a subject is in. One that is in stays in as percent grows.
func (r *rollout) holds(by string) bool { return r.of(by) < r.bucket }

func (r *rollout) of(by string) uint64 { return sipHash(r.prefix+by) % buckets }

// Bucket is where a subject stands in the rollout of a rule, which has one: a number below 10,000. Subjects whose number is below the rollout's own Bucket are in.
func Bucket(p *policy.Policy, r *policy.Rule, by string) uint64 { return newRollout(p.Name, r).of(by) }

// sipHash is SipHash-2-4 with a key of zeros (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012). The key is no secret: the
// hash spreads subjects evenly and equally in every engine, it keeps nobody out.
func sipHash(message string) uint64 { return sipHashKeyed(0, 0, message) }

func sipHashKeyed(k0, k1 uint64, message string) uint64 {
	s := sipState{k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573}
	tail := uint64(len(message)) << 56
	for ; len(message) >= 8; message = message[8:] {
		s.absorb(binary.LittleEndian.Uint64([]byte(message[:8])))
	}
	for i := range len(message) {
		tail |= uint64(message[i]) << (8 * i)
	}
	s.absorb(tail)
	s[2] ^= 0xff
	for range 4 {
		s.round()
	}
	return s[0] ^ s[1] ^ s[2] ^ s[3]
}

type sipState [4]uint64

func (s *sipState) absorb(m uint64) {
	s[3] ^= m
	s.round()
	s.round()
	s[0] ^= m
}

func (s *sipState) round() {
	s[0] += s[1]
	s[1] = bits.RotateLeft64(s[1], 13) ^ s[0]
	s[0] = bits.RotateLeft64(s[0], 32)
	s[2] += s[3]
	s[3] = bits.RotateLeft64(s[3], 16) ^ s[2]
	s[0] += s[3]
	s[3] = bits.RotateLeft64(s[3], 21) ^ s[0]
	s[2] += s[1]
	s[1] = bits.RotateLeft64(s[1], 17) ^ s[2]
	s[2] = bits.RotateLeft64(s[2], 32)
}
