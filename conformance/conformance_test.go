package conformance_test

import (
	"io/fs"
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
	checked, err := rung.Check(folder)
	if err != nil {
		return nil, []string{err.Error()}
	}
	var errors []string
	for _, d := range checked.Diagnostics {
		if d.Severity == diag.Error {
			errors = append(errors, d.Range.String()+" error "+d.Code)
		}
	}
	if len(errors) > 0 {
		return nil, errors
	}
	clock := rung.WithClock(conformance.Now)
	tools, err := rung.Load(folder, clock, rung.Trusted(), rung.Strict())
	if err != nil {
		return nil, []string{err.Error()}
	}
	sdk, err := rung.Load(folder, clock)
	if err != nil {
		return nil, []string{err.Error()}
	}
	return nativeEngine{conformance.Tools: tools, conformance.SDK: sdk}, nil
}

type nativeEngine map[conformance.Reader]*rung.Engine

func (e nativeEngine) Decide(request []byte, reader conformance.Reader) []byte {
	return codec.AppendDecision(nil, e[reader].DecideJSON(request))
}

func (e nativeEngine) Explain(request []byte, reader conformance.Reader) (decision []byte, states []string) {
	d := e[reader].ExplainJSON(request)
	for _, rule := range d.Trace {
		states = append(states, string(rule.State)+" "+rule.Rule)
	}
	return codec.AppendDecision(nil, d), states
}
