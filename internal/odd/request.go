package odd

import (
	"encoding/base64"
	"encoding/json"
	"regexp"
	"strconv"
	"time"

	"github.com/rungpolicy/rung/internal/gen"
	"github.com/rungpolicy/rung/policy"
	rung "github.com/rungpolicy/rung/sdk"
)

// Pool are the words and numbers of a policy: requests that are drawn from them come near what its conditions ask for.
type Pool struct {
	words   []string
	numbers []float64
}

var (
	words   = regexp.MustCompile(`'([^'\\\n]*)'|"([^"\\\n]*)"`)
	numbers = regexp.MustCompile(`\b\d+(\.\d+)?\b`)
)

func newPool(c *rung.Checked) *Pool {
	p := &Pool{words: []string{"", "x"}, numbers: []float64{0, 1, -1, 0.5}}
	for _, src := range c.Sources {
		text := src.Bytes[:min(len(src.Bytes), 1<<16)]
		for _, m := range words.FindAllSubmatch(text, 200) {
			p.words = append(p.words, string(m[1])+string(m[2]))
		}
		for _, m := range numbers.FindAll(text, 200) {
			if f, err := strconv.ParseFloat(string(m), 64); err == nil && f < 1e9 {
				p.numbers = append(p.numbers, f, f+1, f-1)
			}
		}
	}
	return p
}

// Request draws a request for a policy, as JSON: anything in it may be missing.
func Request(s *gen.Source, p *policy.Policy, pool *Pool) []byte {
	d := drawer{s, pool}
	action := p.Actions[s.N(len(p.Actions))]
	signals := map[string]any{}
	for _, sig := range p.Signals {
		if !s.Chance(8) && (!sig.Lazy || s.Chance(2)) {
			signals[sig.Name] = d.value(sig.Type)
		}
	}
	if session, ok := signals["session"].(map[string]any); ok {
		delete(session, "level") // it is computed
	}
	if action.Resource != nil && !s.Chance(8) {
		signals["resource"] = d.value(action.Resource)
	}
	r := map[string]any{"action": action.Name, "now": d.time().Format(time.RFC3339Nano), "signals": signals}
	if n := s.N(len(p.Postures) + 1); n > 0 {
		r["posture"] = p.Postures[n-1].Name
	}
	text, err := json.Marshal(r)
	if err != nil {
		panic(err) // maps, slices, text and finite numbers only
	}
	return text
}

// drawer draws values of types.
type drawer struct {
	*gen.Source
	pool *Pool
}

func (d drawer) time() time.Time {
	return Now.Add(-time.Duration(d.N(400*24)) * time.Hour).Add(-time.Duration(d.N(3600)) * time.Second)
}

func (d drawer) number() float64 { return gen.Pick(d.Source, d.pool.numbers...) }

func (d drawer) value(t *policy.Type) any {
	switch t.Kind {
	case policy.KindBool:
		return d.Chance(2)
	case policy.KindInt:
		return int64(d.number())
	case policy.KindUint:
		return uint64(max(d.number(), 0))
	case policy.KindDouble:
		return d.number()
	case policy.KindString:
		return gen.Pick(d.Source, d.pool.words...)
	case policy.KindBytes:
		return base64.StdEncoding.EncodeToString([]byte(gen.Pick(d.Source, d.pool.words...)))
	case policy.KindTimestamp:
		return d.time().Format(time.RFC3339Nano)
	case policy.KindDuration:
		return gen.Pick(d.Source, "0s", "90s", "1h", "36h", "-5m")
	case policy.KindIP:
		return gen.Pick(d.Source, "192.0.2.1", "10.0.0.1", "2001:db8::1")
	case policy.KindCIDR:
		return gen.Pick(d.Source, "192.0.2.0/24", "10.0.0.0/8")
	case policy.KindList:
		return d.list(t)
	case policy.KindMap:
		out := map[string]any{}
		for range d.N(2) {
			out[gen.Pick(d.Source, d.pool.words...)] = d.value(t.Elem)
		}
		return out
	case policy.KindObject:
		return d.object(t)
	default: // any
		return gen.Pick[any](d.Source, d.number(), gen.Pick(d.Source, d.pool.words...), d.Chance(2), nil, []any{d.number()}, map[string]any{"a": "x"})
	}
}

func (d drawer) list(t *policy.Type) any {
	out := []any{}
	n := d.N(4)
	if t.Elem.Kind == policy.KindList || t.Elem.Kind == policy.KindMap {
		n = min(n, 1) // lists of lists of lists grow
	}
	for range min(n, max(t.Max, 1)) {
		out = append(out, d.value(t.Elem))
	}
	return out
}

func (d drawer) object(t *policy.Type) any {
	out := map[string]any{}
	for _, a := range t.Attrs {
		if often := 6; !d.Chance(often) && !(a.Optional && d.Chance(2)) {
			out[a.Name] = d.value(a.Type)
		}
	}
	return out
}
