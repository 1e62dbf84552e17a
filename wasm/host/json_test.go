package host

import (
	"context"
	"encoding/binary"
	"strings"
	"testing"
	"time"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/abi"
)

// TestDecideJSON: what the host says is taken from the options, unless the request is trusted to say it.
func TestDecideJSON(t *testing.T) {
	t.Parallel()
	const elevated = 7
	clock := WithClock(func() time.Time { return epoch })
	for _, c := range []struct {
		name, request string
		options       []Option
		refused       policy.ErrorCode
		posture       string
		now           time.Time
	}{
		{name: "plain", request: `{"action": "act"}`, posture: "normal", now: epoch},
		{name: "posture", request: `{"action": "act"}`, options: []Option{WithPosture("elevated")}, posture: "elevated", now: epoch},
		{name: "now of a stranger", request: `{"action": "act", "now": "2026-01-01T00:00:00Z"}`, refused: policy.InvalidRequest},
		{
			name: "trusted", request: `{"action": "act", "now": "2026-01-01T00:00:00Z", "posture": "elevated"}`, options: []Option{Trusted()},
			posture: "elevated", now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		},
		{name: "lenient", request: `{"action": "act", "signals": {"odd": 1}}`, posture: "normal", now: epoch},
		{name: "strict", request: `{"action": "act", "signals": {"odd": 1}}`, options: []Option{Strict()}, refused: policy.InvalidRequest},
		{name: "no JSON", request: `{`, refused: policy.InvalidRequest},
	} {
		p := open(t, about(), head(), append(c.options, clock)...)
		d := p.DecideJSON([]byte(c.request))
		if c.refused != "" {
			if d.Error == nil || d.Error.Code != c.refused || d.Allowed() {
				t.Errorf("%s: %+v, %v", c.name, d, d.Error)
			}
			continue
		}
		if d.Error != nil || d.Posture != c.posture {
			t.Errorf("%s: %+v, %v", c.name, d, d.Error)
			continue
		}
		i := p.pool.hot.Load()
		rank := 0
		if c.posture == "elevated" {
			rank = elevated
		}
		fixed := i.view[i.base:]
		if got := int64(binary.LittleEndian.Uint64(fixed)); got != c.now.Unix() {
			t.Errorf("%s: the record says %d, not %d", c.name, got, c.now.Unix())
		}
		if got := binary.LittleEndian.Uint32(fixed[abi.RecordPosture:]); got != uint32(rank) {
			t.Errorf("%s: the record has posture %d, not %d", c.name, got, rank)
		}
	}
	if _, err := Open(context.Background(), build(t, about(), head(), answers(resultAt)), WithPosture("odd")); err == nil || !strings.Contains(err.Error(), "`odd`") {
		t.Errorf("%v", err)
	}
}

// TestVerify says what a module says of itself, or why it is none.
func TestVerify(t *testing.T) {
	t.Parallel()
	good := build(t, about(), head(), answers(resultAt))
	m, err := Verify(good)
	if err != nil || m.Meta.Name != "test" {
		t.Errorf("%v, %v", m, err)
	}
	for name, bad := range map[string][]byte{"nothing": nil, "half": good[:len(good)/2], "text": []byte("policy \"p\" {}")} {
		if _, err := Verify(bad); err == nil {
			t.Errorf("%s is taken for a module", name)
		}
	}
	if _, err := Verify(good, WithLimits(len(good)-1, DefaultMaxPages)); err == nil {
		t.Error("the limit is not held")
	}
}
