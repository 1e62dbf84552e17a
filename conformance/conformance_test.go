package conformance_test

import (
	"errors"
	"io/fs"
	"sync"
	"testing"

	"github.com/rungpolicy/rung/conformance"
	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/policy/codec"
	rung "github.com/rungpolicy/rung/sdk"
)

// TestNative runs every case on the native engine.
func TestNative(t *testing.T) {
	t.Parallel()
	conformance.Run(t, native{})
}

type native struct{}

func (native) Open(folder fs.FS) (conformance.Engine, []string) {
	clock := rung.WithClock(conformance.Now)
	tools, err := rung.Load(folder, clock, rung.Trusted(), rung.Strict())
	if err != nil {
		return nil, mistakes(err)
	}
	sdk := func() (*rung.Engine, error) { return rung.Load(folder, clock) }
	return nativeEngine{tools: tools, sdk: sync.OnceValues(sdk)}, nil
}

// mistakes are the lines of a policy's errors.
func mistakes(err error) []string {
	var list diag.List
	if !errors.As(err, &list) {
		return []string{err.Error()}
	}
	var lines []string
	for _, d := range list {
		if d.Severity == diag.Error {
			lines = append(lines, d.Range.String()+" error "+d.Code)
		}
	}
	return lines
}

// nativeEngine is the policy twice: as tools and as applications open it. Few cases need the second.
type nativeEngine struct {
	tools *rung.Engine
	sdk   func() (*rung.Engine, error)
}

func (e nativeEngine) of(reader conformance.Reader) *rung.Engine {
	if reader == conformance.Tools {
		return e.tools
	}
	sdk, err := e.sdk()
	if err != nil {
		panic(err) // it was opened once
	}
	return sdk
}

func (e nativeEngine) Decide(request []byte, reader conformance.Reader) []byte {
	return codec.AppendDecision(nil, e.of(reader).DecideJSON(request))
}

func (e nativeEngine) Explain(request []byte, reader conformance.Reader) (decision []byte, states []string) {
	d := e.of(reader).ExplainJSON(request)
	for _, rule := range d.Trace {
		states = append(states, string(rule.State)+" "+rule.Rule)
	}
	return codec.AppendDecision(nil, d), states
}
