package cel

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/rungpolicy/rung/policy"
)

// probeSetup is the variables that testdata/probe.txt was written with.
func probeSetup() *setup {
	sig := func(name string, t *policy.Type) *policy.Signal { return &policy.Signal{Name: name, Type: t} }
	p := &policy.Policy{Signals: []*policy.Signal{
		sig("bad", policy.String),
		sig("i", policy.Int),
		sig("l", policy.ListOf(policy.Int)),
		sig("m", policy.MapOf(policy.Any)),
		sig("mi", &policy.Type{Kind: policy.KindMap, Key: policy.Int, Elem: policy.String}),
		sig("missing", policy.Any),
		sig("nan", policy.Double),
		sig("s", policy.String),
		sig("ts", policy.Timestamp),
		sig("u", policy.Uint),
		sig("x", policy.Any),
	}}
	return newSetup(p, map[string]policy.Value{
		"bad": "a\xffb", "i": int64(math.MaxInt64), "u": uint64(math.MaxUint64), "nan": math.NaN(), "s": "héllo", "x": "a",
		"l":  []policy.Value{int64(3), int64(1), int64(2)},
		"m":  policy.NewMap(map[string]policy.Value{"a": int64(1), "b": "x", "n": policy.Null{}}),
		"mi": newSortedMap(map[ref.Val]ref.Val{types.Int(1): types.String("one")}),
		"ts": time.Date(2024, 3, 10, 1, 2, 3, 4, time.FixedZone("", 7200)),
	})
}

// golden writes a value as testdata/probe.txt does.
func golden(v ref.Val) string {
	switch v := v.(type) {
	case *fault:
		return "ERR " + v.msg
	case *pending:
		return "PENDING"
	case types.Int, types.Uint, types.Bool:
		return fmt.Sprintf("%s %v", v.Type().TypeName(), v.Value())
	case types.Double:
		return fmt.Sprintf("double %v", float64(v))
	case types.String:
		return fmt.Sprintf("string %q", string(v))
	case types.Timestamp:
		return fmt.Sprintf("google.protobuf.Timestamp %q", v.Format(time.RFC3339Nano))
	case types.Duration:
		return fmt.Sprintf("google.protobuf.Duration %q", v.Duration)
	}
	return types.Format(v)
}

// TestProbe holds the engine to what cel-go's own interpreter made of some 190 expressions. Where docs/language.md differs
// from cel-go, the row has the clause behind `#`.
func TestProbe(t *testing.T) {
	t.Parallel()
	file, err := os.Open("testdata/probe.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	s := probeSetup()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		src, want, ok := strings.Cut(lines.Text(), "=>")
		if !ok {
			continue
		}
		src, want = strings.TrimSpace(src), strings.TrimSpace(want)
		want, _, _ = strings.Cut(want, "  # ")
		want = strings.TrimSpace(want)
		t.Run(src, func(t *testing.T) {
			t.Parallel()
			if want == "COMPILE ERROR" {
				if _, diags := s.check(src); !diags.HasErrors() {
					t.Errorf("%s compiles", src)
				}
				return
			}
			if got := golden(s.value(t, src)); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}
