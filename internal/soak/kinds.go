package main

import (
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"github.com/rungpolicy/rung/internal/gen"
	rung "github.com/rungpolicy/rung/sdk"
)

// kind is a sort of input: how one is made for a seed, and what is done with it.
type kind struct {
	input   func(seed int) string
	attempt func(input string) (accepted bool)
}

var kinds = map[string]kind{
	"policy":  {mutatedPolicy, checkPolicy},
	"request": {mutatedRequest, decideRequest},
	"module":  {mutatedModule, openModule},
}

// corpus are the policies that mutations start from, beside generated ones: the examples and those of the conformance cases. The command
// is run in the root of the repository.
var corpus = sync.OnceValue(func() []string {
	var texts []string
	err := fs.WalkDir(os.DirFS("."), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		isPolicy, isCase := strings.HasSuffix(path, ".rung.hcl"), strings.HasPrefix(path, "conformance/cases/")
		if !isPolicy && !isCase {
			return nil
		}
		b, err := os.ReadFile(path)
		if isPolicy {
			texts = append(texts, string(b))
			return err
		}
		for _, f := range txtar.Parse(b).Files {
			if strings.HasSuffix(f.Name, ".rung.hcl") {
				texts = append(texts, string(f.Data))
			}
		}
		return err
	})
	if err != nil || len(texts) == 0 {
		panic(fmt.Sprintf("soak: %d policies to start from: %v", len(texts), err))
	}
	return texts
})

func random(seed int) *rand.Rand { return rand.New(rand.NewPCG(uint64(seed), 0x50a7)) }

func generated(seed int) string {
	s := gen.Seeded(uint64(seed))
	var b strings.Builder
	files := gen.NewPolicy(s, gen.Options{}, 1+s.N(6)).Files(s)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		b.Write(files[name].Data)
	}
	return b.String()
}

func mutatedPolicy(seed int) string {
	r := random(seed)
	texts := corpus()
	base, other := texts[r.IntN(len(texts))], texts[r.IntN(len(texts))]
	if r.IntN(2) == 0 {
		base = generated(seed)
	}
	return mutate(r, base, other)
}

// checkPolicy reads and checks a policy, and where it is good, decides by it.
func checkPolicy(text string) bool {
	files := fstest.MapFS{"a.rung.hcl": {Data: []byte(text)}, "nets.txt": {Data: []byte("10.0.0.0/8\n")}}
	e, err := rung.Load(files, rung.Trusted())
	if err != nil {
		return err.Error() == ""
	}
	s := gen.Seeded(uint64(len(text)))
	for range 2 {
		e.ExplainJSON(gen.NewRequest(s).JSON())
	}
	return true
}

// fixed is the policy that mutated requests are asked of.
var fixed = sync.OnceValue(func() *rung.Engine {
	s := gen.Seeded(7)
	e, err := rung.Load(gen.NewPolicy(s, gen.Options{}, 30).Files(s), rung.Trusted(), rung.Strict())
	if err != nil {
		panic(err) // generated policies load
	}
	return e
})

func mutatedRequest(seed int) string {
	r, s := random(seed), gen.Seeded(uint64(seed))
	return mutate(r, string(gen.NewRequest(s).JSON()), string(gen.NewRequest(s).JSON()))
}

func decideRequest(text string) bool {
	d := fixed().DecideJSON([]byte(text))
	if d.Error != nil && d.Allowed() {
		panic("a refused request is allowed")
	}
	return d.Error == nil
}
