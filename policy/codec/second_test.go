package codec_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/codec"
)

// A second reader of requests, on encoding/json, to hold the first against. It knows nothing of messages and paths. What
// encoding/json takes and we do not stands in [strict]; nothing else differs in what is JSON.

// second reads a request, or reports that it is refused.
func second(p *policy.Policy, text []byte, o codec.Options) (*policy.Request, bool) {
	if len(text) > policy.MaxRequestBytes || !json.Valid(text) || !strict(text) {
		return nil, false
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var tree any
	if d.Decode(&tree) != nil {
		return nil, false
	}
	members, ok := tree.(map[string]any)
	if !ok {
		return nil, false
	}
	s := secondReader{lenient: o.Lenient}
	name, _ := members["action"].(string)
	action := p.Action(name)
	if action == nil {
		return nil, false
	}
	r := &policy.Request{Action: name, Signals: make([]policy.Value, len(p.Signals))}
	for name, v := range members {
		switch {
		case name == "action":
		case name == "signals":
			signals, ok := v.(map[string]any)
			if !ok {
				return nil, false
			}
			s.signals(p, action, signals, r)
		case o.Trusted && name == "now":
			if now, ok := s.value(policy.Timestamp, v), !s.bad; ok {
				r.Now, r.HasNow = now.(time.Time), true
			}
		case o.Trusted && name == "posture":
			posture, ok := v.(string)
			if !ok || posture != "normal" && p.Posture(posture) == nil {
				return nil, false
			}
			if posture != "normal" {
				r.Posture = posture
			}
		case o.Trusted && name == "params":
			params, ok := v.(map[string]any)
			if !ok {
				return nil, false
			}
			r.Params = make([]policy.Value, len(p.Params))
			strict := secondReader{}
			for name, v := range params {
				i := p.ParamIndex(name)
				if i < 0 {
					return nil, false
				}
				r.Params[i] = strict.value(p.Params[i].Type, v)
			}
			s.bad = s.bad || strict.bad
		default:
			return nil, false
		}
	}
	r.Ignored = s.ignored
	return r, !s.bad
}

type secondReader struct {
	lenient bool
	ignored int
	bad     bool
}

func (s *secondReader) signals(p *policy.Policy, a *policy.Action, signals map[string]any, r *policy.Request) {
	for name, v := range signals {
		i := p.SignalIndex(name)
		switch {
		case name == "resource" && v == nil:
			r.Resource = policy.Null{}
		case name == "resource" && a.Resource == nil:
			s.bad = true
		case name == "resource":
			r.Resource = s.value(a.Resource, v)
		case i < 0:
			s.unknown()
		case v == nil:
			r.Signals[i] = policy.Null{}
		default:
			r.Signals[i] = s.value(p.Signals[i].Type, v)
			if session, ok := v.(map[string]any); ok && name == "session" && session["level"] != nil {
				s.bad = true
			}
		}
	}
}

func (s *secondReader) unknown() {
	s.ignored++
	s.bad = s.bad || !s.lenient
}

func (s *secondReader) fail() policy.Value {
	s.bad = true
	return nil
}

func (s *secondReader) value(t *policy.Type, v any) policy.Value {
	switch v := v.(type) {
	case nil:
		if t.Kind == policy.KindAny {
			return policy.Null{}
		}
	case bool:
		if t.Kind == policy.KindBool || t.Kind == policy.KindAny {
			return v
		}
	case json.Number:
		return s.number(t, v)
	case string:
		return s.text(t, v)
	case []any:
		elem, most := t.Elem, t.Max
		if t.Kind == policy.KindAny {
			elem, most = policy.Any, policy.MaxAnyEntries
		} else if t.Kind != policy.KindList {
			return s.fail()
		}
		if most == 0 {
			most = policy.DefaultMax
		}
		if len(v) > most {
			return s.fail()
		}
		out := []policy.Value{}
		for _, e := range v {
			out = append(out, s.value(elem, e))
		}
		return out
	case map[string]any:
		return s.object(t, v)
	}
	return s.fail()
}

func (s *secondReader) object(t *policy.Type, v map[string]any) policy.Value {
	elem := t.Elem
	switch t.Kind {
	case policy.KindObject:
		o := policy.NewObject(t)
		for name, e := range v {
			slot := t.Slot(name)
			switch {
			case slot < 0:
				s.unknown()
			case e != nil || t.Attrs[slot].Type.Kind == policy.KindAny:
				o.Attrs[slot] = s.value(t.Attrs[slot].Type, e)
			}
		}
		return o
	case policy.KindAny:
		elem = policy.Any
	case policy.KindMap:
	default:
		return s.fail()
	}
	if len(v) > policy.DefaultMax {
		return s.fail()
	}
	m := map[string]policy.Value{}
	for name, e := range v {
		m[name] = s.value(elem, e)
	}
	return policy.NewMap(m)
}

func (s *secondReader) number(t *policy.Type, n json.Number) policy.Value {
	switch t.Kind {
	case policy.KindDouble, policy.KindAny:
		if f, err := n.Float64(); err == nil {
			return f
		}
	case policy.KindInt, policy.KindUint:
		whole, ok := exact(n.String())
		if !ok {
			break
		}
		if t.Kind == policy.KindInt {
			return whole
		}
		if whole >= 0 {
			return uint64(whole)
		}
	}
	return s.fail()
}

var exponent = regexp.MustCompile(`[eE]([+-]?)0*([0-9]+)$`)

// exact is the value of a number that is a whole one within 2^53.
func exact(s string) (int64, bool) {
	if m := exponent.FindStringSubmatch(s); m != nil && len(m[2]) > 7 { // more than any text of a request can balance
		return 0, strings.Trim(s[:strings.IndexAny(s, "eE")], "-0.") == ""
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok || !r.IsInt() || r.Num().BitLen() > 54 {
		return 0, false
	}
	n := r.Num().Int64()
	return n, -1<<53 <= n && n <= 1<<53
}

func (s *secondReader) text(t *policy.Type, v string) policy.Value {
	var out policy.Value
	var err error
	switch t.Kind {
	case policy.KindString, policy.KindAny:
		out = v
	case policy.KindInt:
		out, err = strconv.ParseInt(v, 10, 64)
		if err == nil && strconv.FormatInt(out.(int64), 10) != v {
			return s.fail()
		}
	case policy.KindUint:
		out, err = strconv.ParseUint(v, 10, 64)
		if err == nil && strconv.FormatUint(out.(uint64), 10) != v {
			return s.fail()
		}
	case policy.KindBytes:
		out, err = policy.ParseBytes(v)
	case policy.KindTimestamp:
		out, err = policy.ParseTimestamp(v)
	case policy.KindDuration:
		out, err = policy.ParseDuration(v)
	case policy.KindIP:
		out, err = policy.ParseIP(v)
	case policy.KindCIDR:
		out, err = policy.ParseCIDR(v, false)
	default:
		return s.fail()
	}
	if err != nil {
		return s.fail()
	}
	return out
}

var escapes = regexp.MustCompile(`\\(u[0-9a-fA-F]{4}|.)`)

// strict reports whether JSON keeps what encoding/json does not ask for: UTF-8, whole surrogate pairs, a name once in an object,
// at most 64 deep, strings of at most 64 KiB.
func strict(text []byte) bool {
	if !utf8.Valid(text) {
		return false
	}
	high := -1 // where a low surrogate has to stand
	for _, m := range escapes.FindAllSubmatchIndex(text, -1) {
		unit := rune(-1)
		if text[m[2]] == 'u' {
			n, _ := strconv.ParseUint(string(text[m[2]+1:m[3]]), 16, 32)
			unit = rune(n)
		}
		low := 0xDC00 <= unit && unit <= 0xDFFF
		if low != (high == m[0]) || high >= 0 && !low {
			return false
		}
		high = -1
		if 0xD800 <= unit && unit <= 0xDBFF {
			high = m[1]
		}
	}
	return high < 0 && strictTokens(text)
}

func strictTokens(text []byte) bool {
	type level struct {
		names map[string]bool // nil: a list
		value bool            // a member's value is next
	}
	var open []level
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	for {
		tok, err := d.Token()
		if err != nil {
			return errors.Is(err, io.EOF)
		}
		top := len(open) - 1
		if s, ok := tok.(string); ok {
			if len(s) > policy.MaxStringBytes {
				return false
			}
			if top >= 0 && open[top].names != nil && !open[top].value {
				if open[top].names[s] {
					return false
				}
				open[top].names[s], open[top].value = true, true
				continue
			}
		}
		if top >= 0 {
			open[top].value = false
		}
		switch tok {
		case json.Delim('{'):
			open = append(open, level{names: map[string]bool{}})
		case json.Delim('['):
			open = append(open, level{})
		case json.Delim('}'), json.Delim(']'):
			open = open[:top]
		}
		if len(open) > policy.MaxNesting {
			return false
		}
	}
}
