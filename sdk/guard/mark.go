package guard

import (
	"encoding/binary"
	"encoding/hex"
	"hash/fnv"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/rungpolicy/rung/policy"
)

// window is how long after a challenge an answer to it is expected.
const window = 15 * time.Minute

// Mark names a requirement and the moment of the challenge for it. The client gives it back with what it does after having authenticated; where the same is
// still required then, asking again would not end. So a guard keeps no state. A mark is not signed: who makes one up is refused, and nothing else.
func Mark(r *policy.Requirement, now time.Time) string {
	return strconv.FormatInt(now.Unix(), 36) + "." + sum(r)
}

// sum is short for a requirement, but for the number in max_age, which may hang on the moment.
func sum(r *policy.Requirement) string {
	h := fnv.New64a()
	say := func(texts ...string) {
		for _, t := range texts {
			_, _ = h.Write(binary.AppendUvarint(nil, uint64(len(t)))) // a hash takes all
			_, _ = io.WriteString(h, t)
		}
	}
	say(r.Level, strconv.FormatBool(r.MaxAge.Set))
	say(r.ACRValues...)
	for _, group := range r.Methods {
		say("one of")
		say(group...)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// returned reports whether a client comes back from a challenge for this very requirement.
func returned(d *policy.Decision, q Query, now time.Time) bool {
	if _, ok := marked(q.Mark, d.Requirement, now); ok {
		return true
	}
	then, ok := marked(q.Carried, d.Requirement, now)
	if !ok || d.Satisfied == nil || !d.Satisfied.Age.Set {
		return false
	}
	return d.Satisfied.Age.N < int64(now.Sub(then)/time.Second)
}

// marked reads a mark, and reports whether it is of this requirement and not of old.
func marked(mark string, r *policy.Requirement, now time.Time) (time.Time, bool) {
	at, of, ok := strings.Cut(mark, ".")
	if !ok || of != sum(r) {
		return time.Time{}, false
	}
	seconds, err := strconv.ParseInt(at, 36, 64)
	if err != nil {
		return time.Time{}, false
	}
	then := time.Unix(seconds, 0)
	age := now.Sub(then)
	return then, -time.Minute <= age && age <= window
}
