// Package conformance is the suite that every engine of the policy language must pass: cases as text, and the runner
// for engines that Go can reach.
//
// The cases, their form and the rules of comparing are in README.md, which supposes no Go. An engine is put in by an [Opener]:
//
//	func TestConformance(t *testing.T) { conformance.Run(t, opener{}) }
//
// The package is for tests alone.
package conformance

import (
	"embed"
	"io/fs"
	"time"
)

//go:embed cases sentences
var files embed.FS

// Files returns the cases and the sentences, as they lie in the package's folder.
func Files() fs.FS { return files }

// Now is when a request without `now` is decided.
func Now() time.Time { return time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC) }

// Opener is a language implementation under test.
type Opener interface {
	// Open checks a policy's folder. The errors are `file:line:column error code`, in any order; if there are none, the engine decides by
	// the policy.
	Open(folder fs.FS) (Engine, []string)
}

// Engine decides by one policy. It may be used by several goroutines at once.
type Engine interface {
	// Decide answers a request, both as JSON. A request without `now` is one of [Now].
	Decide(request []byte, reader Reader) []byte
}

// Explainer is an [Engine] that can say how every rule came out.
type Explainer interface {
	// Explain answers like Decide; the states are lines `state rule-id`, ordered by rule id.
	Explain(request []byte, reader Reader) (decision []byte, states []string)
}

// Reader says how requests are read.
type Reader string

// The readers.
const (
	Tools Reader = "tools" // strict; takes now, posture and params
	SDK   Reader = "sdk"   // ignores what it does not know; refuses now, posture and params
)
