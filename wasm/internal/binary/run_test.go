package binary_test

import (
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/rungpolicy/rung/wasm/internal/binary"
)

// engines are wazero's two.
var engines = map[string]wazero.RuntimeConfig{
	"compiler":    wazero.NewRuntimeConfigCompiler(),
	"interpreter": wazero.NewRuntimeConfigInterpreter(),
}

// run calls an exported function on both engines, which validate the module too.
func run(t *testing.T, m *binary.Module, name string, args ...uint64) uint64 {
	t.Helper()
	var results []uint64
	for engine, config := range engines {
		r := wazero.NewRuntimeWithConfig(t.Context(), config.WithCoreFeatures(api.CoreFeaturesV2))
		instance, err := r.Instantiate(t.Context(), m.Encode())
		if err != nil {
			t.Fatalf("%s: %v", engine, err)
		}
		got, err := instance.ExportedFunction(name).Call(t.Context(), args...)
		if err != nil {
			t.Fatalf("%s: %s%v: %v", engine, name, args, err)
		}
		results = append(results, got...)
		if err := r.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if results[0] != results[1] {
		t.Fatalf("%s%v: engines differ: %v", name, args, results)
	}
	return results[0]
}

// module makes a module of one exported function.
func module(t *testing.T, typ binary.FuncType, c *binary.Code) *binary.Module {
	t.Helper()
	m := &binary.Module{}
	f, err := c.Func(func(r binary.Reloc) (int64, error) {
		if r.Kind == binary.RelocType {
			return int64(m.Type(r.Type)), nil
		}
		t.Fatalf("what is %+v?", r)
		return 0, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	f.Type = m.Type(typ)
	m.Funcs = []binary.Func{f}
	m.Exports = []binary.Export{{Name: "f", Kind: binary.KindFunc}}
	return m
}

var (
	i32   = binary.I32
	i64   = binary.I64
	unary = binary.FuncType{Params: []binary.ValType{i64}, Results: []binary.ValType{i64}}
)
