package cel

import (
	"strings"
	"testing"

	"github.com/rungpolicy/rung/policy"
)

// TestSearchCost shows that a pattern costs what its program does, not its text: a short one may repeat repetitions.
func TestSearchCost(t *testing.T) {
	t.Parallel()
	for _, form := range []string{
		"subject.id.matches('%')", "matches(subject.id, '%')", "regex.extract(subject.id, '%') == optional.of('x')",
		"regex.extractAll(subject.id, '%') == ['x']", "regex.replace(subject.id, '%', 'x') == 'x'",
	} {
		small, large := costOfPattern(t, form, "a{1,30}b{1,30}c"), costOfPattern(t, form, "(a{1,30}){1,30}b")
		if large-small < 1_000_000 {
			t.Errorf("%s: %d, then %d", form, small, large)
		}
	}
}

func costOfPattern(t *testing.T, form, pattern string) uint64 {
	t.Helper()
	env := NewEnv(&policy.Policy{Signals: policy.StandardSignals(), Levels: policy.DefaultLevels()})
	text := strings.ReplaceAll(form, "%", pattern)
	c, diags := env.Check(fileOf(text), nil)
	if diags.HasErrors() {
		t.Fatal(text, diags)
	}
	return c.Cost
}

// TestWholeCost shows that what goes through all of a list costs by all of it.
func TestWholeCost(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"subject.groups == subject.roles", "subject.groups != subject.roles", "'%s'.format([subject.groups]) == 'x'", "'%s'.format(subject.groups) == 'x'",
		"'%s'.format([subject.attributes]) == 'x'", "subject.id.charAt(1) == 'x'", "subject.id.substring(1, 2) == 'x'", "regex.replace(subject.id, '<[^>]*>|1', '') == 'x'",
	} {
		if cost := costOfPattern(t, text, ""); cost < 65_000 {
			t.Errorf("%s: %d", text, cost)
		}
	}
	for _, text := range []string{"subject.groups == ['a']", "'%s %d'.format(['x', 1]) == 'x'"} {
		if cost := costOfPattern(t, text, ""); cost > 2000 {
			t.Errorf("%s: %d", text, cost)
		}
	}
}

// TestReadingCost shows that what reads a text through costs by its length, also where cel-go's model has it for nothing.
func TestReadingCost(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"timestamp(subject.id) > now", "duration(subject.id) > duration('1s')", "double(subject.id) > 1.0", "int(subject.id) > 1", "uint(subject.id) > 1u",
		"bool(subject.id)", "size(subject.id) > 1", "subject.id.size() > 1", "now.getHours(subject.id + ':00') == 1",
		"timestamp(subject.attributes.x) > now", "math.greatest(subject.groups.map(g, 1)) > 1",
	} {
		if cost := costOfPattern(t, text, ""); cost < 100 {
			t.Errorf("%s: %d", text, cost)
		}
	}
}
