package spell_test

import (
	"testing"

	"github.com/rungpolicy/rung/internal/spell"
)

func TestNearest(t *testing.T) {
	t.Parallel()
	words := []string{"step_up", "deny", "level", "posture", "max_age", "transfer.create"}
	for _, c := range []struct{ word, want string }{
		{"stepup", "step_up"},
		{"setp_up", "step_up"},
		{"Deny", "deny"},
		{"lvel", "level"},
		{"levle", "level"},
		{"transfer.creat", "transfer.create"},
		{"maxage", "max_age"},
		{"x", ""},
		{"", ""},
		{"level", ""}, // itself is no suggestion
		{"colour", ""},
	} {
		got, ok := spell.Nearest(c.word, words)
		if got != c.want || ok != (c.want != "") {
			t.Errorf("Nearest(%q) = %q, %v; want %q", c.word, got, ok, c.want)
		}
	}
}

func TestNearestTakesTheFirstOfEquals(t *testing.T) {
	t.Parallel()
	if got, _ := spell.Nearest("cat", []string{"bat", "hat"}); got != "bat" {
		t.Errorf("got %q", got)
	}
	if got, _ := spell.Nearest("cats", []string{"bat", "cat"}); got != "cat" {
		t.Errorf("got %q", got)
	}
}

func TestBudget(t *testing.T) {
	t.Parallel()
	b := spell.NewBudget(100)
	for _, want := range []bool{true, false} {
		if _, ok := b.Nearest("cat", []string{"bats", "hat"}); ok != want { // 16 and 12, 16 and 9
			t.Error(ok)
		}
	}
	if !b.Spent() {
		t.Error("not spent")
	}
	if _, ok := b.Nearest("cat", []string{"bat"}); ok {
		t.Error("spent, and a suggestion")
	}
	if _, ok := new(spell.Budget).Nearest("cat", []string{"bat"}); ok {
		t.Error("the zero value suggests")
	}
}
