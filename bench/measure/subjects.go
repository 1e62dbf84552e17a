package measure

import (
	"encoding/json"
	"fmt"
	"runtime"
	"sync"

	"github.com/rungpolicy/rung/bench/bank"
	"github.com/rungpolicy/rung/bench/engines"
)

// Questions is how many questions the subjects answer in turn.
const Questions = 1000

// Prepared decides on input that is in the engine's own form already.
func Prepared(name string, l engines.Loaded, cs []*bank.Context) Subject {
	in := make([]any, len(cs))
	for i, c := range cs {
		in[i] = l.Prepare(c)
	}
	return Subject{Name: name, Run: func(i int) error {
		_, err := l.Decide(in[i%len(in)])
		return err
	}}
}

// FromStruct decides on a Go struct: the conversion is counted.
func FromStruct(name string, l engines.Loaded, cs []*bank.Context) Subject {
	decide := engines.DecideStruct(l)
	return Subject{Name: name, Run: func(i int) error {
		_, err := decide(cs[i%len(cs)])
		return err
	}}
}

// FromJSON decides on a request's text, as Rung reads it.
func FromJSON(name string, l *engines.RungLoaded, texts [][]byte) Subject {
	return Subject{Name: name, Run: func(i int) error {
		_, err := l.DecideJSON(texts[i%len(texts)])
		return err
	}}
}

// Unmarshal is encoding/json into the Go struct, and then the decision, unless l is nil.
func Unmarshal(name string, l engines.Loaded, texts [][]byte) Subject {
	return Subject{Name: name, Run: func(i int) error {
		c := new(bank.Context)
		if err := json.Unmarshal(texts[i%len(texts)], c); err != nil || l == nil {
			return err
		}
		_, err := l.Decide(l.Prepare(c))
		return err
	}}
}

// Parallel runs a subject on all processors at once, n times on each: a run of it is n × processors runs.
func Parallel(s Subject, n int) Subject {
	workers := runtime.GOMAXPROCS(0)
	return Subject{Name: s.Name, Wall: true, Run: func(int) error {
		errs := make([]error, workers)
		var wg sync.WaitGroup
		for w := range workers {
			wg.Go(func() {
				for i := range n {
					if err := s.Run(w*97 + i); err != nil {
						errs[w] = err
						return
					}
				}
			})
		}
		wg.Wait()
		for _, err := range errs {
			if err != nil {
				return err
			}
		}
		return nil
	}}
}

// Texts are the requests as JSON.
func Texts(cs []*bank.Context) [][]byte {
	texts := make([][]byte, len(cs))
	for i, c := range cs {
		texts[i] = engines.JSON(c)
	}
	return texts
}

// Load loads a policy into those of the engines that know it.
func Load(p *bank.Policy, names ...string) (map[string]engines.Loaded, error) {
	out := map[string]engines.Loaded{}
	for _, name := range names {
		l, err := engines.Named(name).Load(p)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out[name] = l
	}
	return out, nil
}
