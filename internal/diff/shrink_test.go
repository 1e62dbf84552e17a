package diff

import (
	"strings"
	"testing"

	"github.com/rungpolicy/rung/internal/gen"
)

// TestShrink: of a policy and a request hardly more is left than what is looked for.
func TestShrink(t *testing.T) {
	t.Parallel()
	looked, small := 0, 0
	for seed := range uint64(40) {
		m, _, err := Draw(seed, Refusals{})
		if err != nil {
			t.Fatal(err)
		}
		r := m.Request(gen.Scattered(seed, requests))
		differs := func(m *gen.Model, r *gen.Request) bool {
			b, err := build(m.Files(), optionsOf(seed))
			if err != nil {
				return false
			}
			_, err = b.request(r)
			return err == nil && strings.Contains(m.Text(), "startsWith(") && strings.Contains(string(r.JSON()), `"network"`)
		}
		if !differs(m, r) {
			continue
		}
		looked++
		s := &shrinker{model: m.Clone(), request: r.Clone(), differs: differs, left: 4000}
		s.run()
		if !differs(s.model, s.request) {
			t.Errorf("seed %d: what is left is something else:\n%s", seed, s.model.Text())
		}
		if len(s.model.Rules) <= 1 && s.size() < 500 {
			small++
		}
		if looked == 6 {
			break
		}
	}
	if looked < 3 || small < looked-1 {
		t.Errorf("%d of %d became small", small, looked)
	}
}

// TestDraw: a seed says it all.
func TestDraw(t *testing.T) {
	t.Parallel()
	draw := func(seed uint64) string {
		m, b, err := Draw(seed, Refusals{})
		if err != nil {
			t.Fatal(err)
		}
		s := gen.Scattered(seed, requests)
		text := m.Text() + string(b.Module)
		for range 20 {
			text += string(m.Request(s).JSON())
		}
		return text
	}
	for seed := range uint64(8) {
		if first := draw(seed); first != draw(seed) {
			t.Errorf("seed %d gives two policies, modules or requests", seed)
		}
	}
	if draw(1) == draw(2) {
		t.Error("two seeds give one policy")
	}
}
