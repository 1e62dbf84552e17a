// Package texts makes requests of JSON that somebody has changed, for tests that hold readers of JSON against each other.
package texts

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
)

// Policy has a signal of each type, rules of all kinds, and names that need escapes.
const Policy = `
policy "every" {
  language = 1
  version  = "1 \"quoted\""
}
signal "t" {
  type = object({
    b  = bool
    i  = int
    u  = uint
    d  = double
    s  = string
    y  = bytes
    ts = timestamp
    du = duration
    ip = ip
    c  = cidr
    a  = any
    l  = list(int, 4)
    m  = map(double)
    o  = object({ a = string, b = list(object({ x = optional(any) })) })
  })
}
signal "secret" {
  type      = object({ m = map(string), n = int, l = list(object({ k = int })) })
  sensitive = true
}
signal "score" {
  type = double
  lazy = true
}
signal "seen" {
  type = any
  lazy = true
}
param "most" {
  type     = double
  default  = 10.0
  stricter = "lower"
}
param "free" {
  type    = any
  default = 1.0
}
posture "high" { rank = 3 }
action "a" {
  level    = "aal1"
  resource = object({ amount = double, tags = list(string) })
  step_up "amount" {
    when    = "resource.amount > param.most || t.d > 1.0"
    level   = "aal2"
    methods = ["otp", "hwk"]
    max_age = "5m"
    reason  = "\"Large\"\n"
  }
  step_up "methods" {
    when    = "'m' in resource.tags || t.i == 3"
    methods = ["hwk", "swk"]
  }
  step_up "more" {
    when    = "t.u > 3u || t.b"
    methods = ["face"]
  }
  deny "forbidden" { when = "t.s == 'no' || size(t.y) > 3 || t.ip == ip('192.0.2.7')" }
  step_up "score" {
    when  = "score > 0.5"
    level = "aal3"
  }
  deny "trial" {
    mode = "shadow"
    when = "t.a.x == 1.0 || seen == 'x'"
  }
  deny "ages" { when = "t.ts > now && t.du > duration('1s') && t.m['k'] > 2.0 && t.l[1] == 2 && t.c.containsIP('10.0.0.1')" }
  deny "objects" { when = "t.o.b.exists(e, has(e.x)) && secret.n > 3" }
}
action "bare" { level = "none" }
`

// Request is a request to the policy, of a tool, with a value for each signal.
const Request = `{"action": "a", "now": "2026-11-24T12:00:00.5Z", "posture": "high", "params": {"most": 5, "free": {"k": [1, null]}}, "signals": {
  "session": {"acr": "aal1", "amr": ["pwd", "otp"], "auth_time": "2026-11-24T11:00:00Z", "authentications": [{"time": "2026-11-24T11:59:00Z", "acr": "aal2", "amr": ["hwk"]}], "level": null},
  "subject": {"enrolled": ["otp", "hwk"], "id": "Zo\u00eb \ud83d\ude00", "tenure": "1h30m"},
  "resource": {"amount": 7.25e0, "tags": ["m", "n"]}, "score": 0.25, "seen": null, "secret": {"m": {"k~/": "v"}, "n": "12", "l": [{"k": 1}]},
  "t": {"b": true, "i": -3, "u": 4, "d": 1e0, "s": "x\n\"\\", "y": "AAEC", "ts": "2026-01-01T00:00:00.000000001+01:00", "du": "1.5s", "ip": "192.0.2.7", "c": "10.0.0.0/8",
    "a": {"x": 1, "y": [true, false, null, "s", {"": 0}]}, "l": [1, 2, 3], "m": {"k": 3, "j~/\"\u0001": 1, "": -0.0}, "o": {"a": "", "b": [{"x": 1}, {"x": null}, {}]}}}}`

// odd are values of all kinds, and what looks like them.
var odd = strings.Fields(`null true false 0 -0 -0.0 1 -1 3 2 5.0 50e-1 0.5e1 1e3 1E+3 9007199254740992 9007199254740993 -9007199254740992 9007199254740991.5 18446744073709551615 1e400 -1e400 1e-400
	1e99999999999999999999 0e99999999999999999999 1e-99999999999999999999 0.1 123456789012345678901234567890e-20 01 +1 1. .5 1e - NaN
	"" "0" "-0" "1" "+1" "01" "9223372036854775807" "-9223372036854775808" "9223372036854775808" "18446744073709551615" "1.0" "x"
	"2026-11-24T12:00:00Z" "0000-12-31T23:59:59-01:00" "0001-01-01T00:00:00Z" "9999-12-31T23:59:59.999999999Z" "9999-12-31T23:59:59-00:01" "2026-02-30T00:00:00Z" "2026-11-24t12:00:00Z"
	"2026-11-24T12:00:00.1234567890Z" "2026-11-24T12:00:00.123456789+23:59" "2026-11-24T12:00:60Z" "2026-11-24T12:00:00.Z" "2026-11-24T12:00:00+24:00"
	"90s" "1h30m" "-1.5h" "9223372036854775807ns" "9223372036854775808ns" "-9223372036854775808ns" "1" "s" "1d" ".5s" "1us" "1µs"
	"192.0.2.7" "192.0.2.007" "::1" "::ffff:192.0.2.7" "::ffff:c000:0207" "fe80::1%eth0" "1:2:3:4:5:6:7:8" "1::2::3" "::ffff:1.2.3" "1.2.3.4.5"
	"10.0.0.0/8" "10.0.0.1/8" "::ffff:10.0.0.0/104" "::ffff:10.0.0.0/95" "::ffff:10.0.0.1/128" "2001:db8::/32" "10.0.0.0/33" "10.0.0.0/08" "10.0.0.0" "0.0.0.0/0" "::/0" "::ffff:10.0.0.0/+104" "10.0.0.0/"
	"AAEC" "AAE=" "AA==" "AB==" "AAF=" "AA" "AA=" "A===" "====" "AA==AA==" "AA\nEC" "AA\n=" "-_-_" "AAEC\u0000"
	"\ud83d\ude00" "\ud83d" "\ude00\ud83d" "\ud83d\u0041" "\u00e9" "\u0000" "\/\b\f\n\r\t\"\\" "\x" "\u12" "\u12G4" "\uD83D\uDE00" "é" "😀" "` + "\xff" + `" "` + "\xc3" + `\u00a9" "` + "\xed\xa0\x80" + `" "normal" "high" "a" "bare"
	[] {} [1] [1,2,3,4,5] {"k":1} {"k":1,"k":2} {"k":1,"\u006b":2} [[[]]] {"a":{"b":{}}} [1,] {"a":1,} {,} [,] {"a"} {1:2} [ ] { ] ' , : {"x":null}`)

var pieces = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|[-+.0-9A-Za-z]+|[ \n]+|.`)

// Mutated is a request that somebody has changed: a value is another, something is missing, there twice, or what it is no more.
func Mutated(rng *rand.Rand, request string) string {
	parts := pieces.FindAllString(request, -1)
	for range 1 + rng.IntN(2)*rng.IntN(2) {
		if len(parts) == 0 {
			break
		}
		i, k := rng.IntN(len(parts)), rng.IntN(len(parts))
		switch rng.IntN(10) {
		case 0, 1, 2, 3:
			for range 20 { // a value or name, most often
				if c := parts[i][0]; c == '"' || c == '-' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' {
					break
				}
				i = rng.IntN(len(parts))
			}
			parts[i] = odd[rng.IntN(len(odd))]
		case 4:
			parts = slices.Delete(parts, i, i+1)
		case 5:
			parts[i], parts[k] = parts[k], parts[i]
		case 6:
			n := min(len(parts), i+1+rng.IntN(12))
			parts = slices.Insert(parts, k, slices.Clone(parts[i:n])...)
		case 7:
			b := []byte(parts[i])
			b[rng.IntN(len(b))] = byte(rng.Uint32())
			parts[i] = string(b)
		case 8:
			parts[i] = strings.Repeat("[", 1+rng.IntN(70)) + strings.Repeat("]", 1+rng.IntN(70))
		case 9:
			parts[i] += ` , "` + strings.Repeat("k", rng.IntN(3)) + `" : ` + odd[rng.IntN(len(odd))]
		}
	}
	return strings.Join(parts, "")
}
