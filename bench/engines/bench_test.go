package engines_test

import (
	"encoding/json"
	"testing"

	"github.com/rungpolicy/rung/bench/bank"
	"github.com/rungpolicy/rung/bench/engines"
)

// The figures that count are measured in interleaved rounds, by `make bench`. These are for profiles.

func loop(b *testing.B, decide func(i int) error) {
	b.Helper()
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if err := decide(i); err != nil {
			b.Fatal(err)
		}
		if i++; i == questions {
			i = 0
		}
	}
}

func BenchmarkDecide(b *testing.B) {
	p := bank.Bank()
	cs := p.Questions(bank.Counted, questions)
	for _, e := range engines.All() {
		l, err := e.Load(p)
		if err != nil {
			b.Fatal(err)
		}
		in := make([]any, len(cs))
		for i, c := range cs {
			in[i] = l.Prepare(c)
		}
		b.Run(e.Name+"/prepared", func(b *testing.B) {
			loop(b, func(i int) error { _, err := l.Decide(in[i]); return err })
		})
		b.Run(e.Name+"/struct", func(b *testing.B) {
			decide := engines.DecideStruct(l)
			loop(b, func(i int) error { _, err := decide(cs[i]); return err })
		})
	}
}

func BenchmarkJSON(b *testing.B) {
	p := bank.Bank()
	cs := p.Questions(bank.Counted, questions)
	texts := make([][]byte, len(cs))
	for i, c := range cs {
		texts[i] = engines.JSON(c)
	}
	l, err := engines.NewRung(p)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("rung", func(b *testing.B) {
		loop(b, func(i int) error { _, err := l.DecideJSON(texts[i]); return err })
	})
	b.Run("encoding/json", func(b *testing.B) {
		loop(b, func(i int) error { return json.Unmarshal(texts[i], new(bank.Context)) })
	})
}
