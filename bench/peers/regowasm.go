package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/bundle"
	"github.com/open-policy-agent/opa/v1/compile"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/rungpolicy/rung/bench/bank"
	"github.com/rungpolicy/rung/bench/engines"
)

// wasmLoaded is the policy compiled to WebAssembly by OPA, and run by wazero through the module's own interface
// (opa_eval). The input is a question's JSON.
type wasmLoaded struct {
	entries map[string]uint64
	rules   map[string]bank.Rule

	mu       sync.Mutex // the module has one memory
	eval     api.Function
	memory   api.Memory
	at, data uint64
}

func loadWasm(p *bank.Policy) (engines.Loaded, error) {
	ctx := context.Background()
	module, err := compileWasm(ctx, p)
	if err != nil {
		return nil, err
	}
	l := &wasmLoaded{entries: map[string]uint64{}, rules: map[string]bank.Rule{}}
	for i, action := range p.Actions {
		l.entries[action] = uint64(i)
	}
	for _, r := range p.Rules {
		l.rules[r.Name] = r
	}
	return l, l.start(ctx, module)
}

// compileWasm compiles the modules of all actions, an entry point each.
func compileWasm(ctx context.Context, p *bank.Policy) ([]byte, error) {
	rules := byAction(p)
	b := &bundle.Bundle{Data: map[string]any{}}
	var entries []string
	for i, action := range p.Actions {
		text := regoModule(i, rules[action])
		path := "a" + strconv.Itoa(i) + ".rego"
		module, err := ast.ParseModule(path, text)
		if err != nil {
			return nil, err
		}
		b.Modules = append(b.Modules, bundle.ModuleFile{Path: path, URL: path, Raw: []byte(text), Parsed: module})
		entries = append(entries, "bank/a"+strconv.Itoa(i)+"/hits")
	}
	var out bytes.Buffer
	c := compile.New().WithTarget(compile.TargetWasm).WithEntrypoints(entries...).WithBundle(b).WithOutput(&out)
	if err := c.Build(ctx); err != nil {
		return nil, err
	}
	if built := c.Bundle(); len(built.WasmModules) == 1 {
		return built.WasmModules[0].Raw, nil
	}
	return nil, errors.New("OPA made no module")
}

func (l *wasmLoaded) start(ctx context.Context, module []byte) error {
	r := wazero.NewRuntime(ctx)
	host := r.NewHostModuleBuilder("host")
	i32 := api.ValueTypeI32
	fail := func(_ context.Context, _ api.Module, _ []uint64) { panic("OPA's module asked for help") }
	host.NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(fail), []api.ValueType{i32}, nil).Export("stop")
	if _, err := host.Instantiate(ctx); err != nil {
		return err
	}
	if _, err := r.InstantiateWithConfig(ctx, wasmEnv(), wazero.NewModuleConfig().WithName("env")); err != nil {
		return fmt.Errorf("env: %w", err)
	}
	policy, err := r.InstantiateWithConfig(ctx, module, wazero.NewModuleConfig().WithName("policy"))
	if err != nil {
		return err
	}
	l.eval, l.memory = policy.ExportedFunction("opa_eval"), r.Module("env").ExportedMemory("memory")
	call := func(name string, args ...uint64) uint64 {
		out, callErr := policy.ExportedFunction(name).Call(ctx, args...)
		if callErr != nil && err == nil {
			err = callErr
		}
		return out[0]
	}
	text := call("opa_malloc", 2)
	l.memory.WriteString(uint32(text), "{}")
	l.data = call("opa_json_parse", text, 2)
	l.at = call("opa_heap_ptr_get")
	return err
}

type wasmInput struct {
	c    *bank.Context
	text []byte
}

// Prepare makes the JSON that the module reads.
func (l *wasmLoaded) Prepare(c *bank.Context) any {
	text, err := json.Marshal(&c.Signals)
	if err != nil {
		panic(err)
	}
	return &wasmInput{c, text}
}

func (l *wasmLoaded) Decide(in any) (bank.Decision, error) {
	input := in.(*wasmInput)
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.memory.Write(uint32(l.at), input.text) {
		return bank.Decision{}, errors.New("the input is longer than the memory")
	}
	n := uint64(len(input.text))
	// opa_eval(reserved, entrypoint, data, input, length, heap, format): with format 0, the answer is JSON, ended by NUL.
	out, err := l.eval.Call(context.Background(), 0, l.entries[input.c.Action], l.data, l.at, n, l.at+n, 0)
	if err != nil {
		return bank.Decision{}, err
	}
	return l.answer(uint32(out[0]), input.c)
}

func (l *wasmLoaded) answer(at uint32, c *bank.Context) (bank.Decision, error) {
	text, ok := l.memory.Read(at, l.memory.Size()-at)
	end := bytes.IndexByte(text, 0)
	if !ok || end < 0 {
		return bank.Decision{}, errors.New("the answer has no end")
	}
	var results []struct {
		Result []string `json:"result"`
	}
	if err := json.Unmarshal(text[:end], &results); err != nil {
		return bank.Decision{}, err
	}
	requirement := bank.Baseline
	for _, r := range results {
		for _, name := range r.Result {
			rule := l.rules[name]
			requirement.Add(rule.Deny, rule.Level, rule.MaxAge)
		}
	}
	return requirement.Meet(&c.Session), nil
}

// wasmEnv is the module that OPA's imports from, which wants a memory and functions of the host's from one place: wazero's
// own host modules have no memory. It has the memory, and functions that stop: none of the policy's calls leave the
// module.
func wasmEnv() []byte {
	type fn struct {
		name   string
		params byte
		result bool
	}
	functions := []fn{{"opa_abort", 1, false}, {"opa_println", 1, false}}
	for i := range byte(5) {
		functions = append(functions, fn{"opa_builtin" + strconv.Itoa(int(i)), i + 2, true})
	}
	const i32 = 0x7f
	types := []byte{byte(len(functions)) + 1, 0x60, 1, i32, 0} // type 0 is that of host.stop
	var defined, code []byte
	exports := append([]byte{byte(len(functions)) + 1}, named("memory", 2, 0)...)
	for i, f := range functions {
		types = append(types, 0x60, f.params)
		types = append(types, bytes.Repeat([]byte{i32}, int(f.params))...)
		if types = append(types, 0); f.result {
			types = append(types[:len(types)-1], 1, i32)
		}
		defined = append(defined, byte(i)+1)
		exports = append(exports, named(f.name, 0, byte(i)+1)...)
		body := []byte{0, 0x41, 0, 0x10, 0, 0x00, 0x0b} // i32.const 0; call 0; unreachable; end
		code = append(append(code, byte(len(body))), body...)
	}
	section := func(id byte, content ...byte) []byte {
		return append(append([]byte{id}, byte(len(content)&0x7f|0x80), byte(len(content)>>7)), content...)
	}
	imports := append([]byte{1, 4}, "host"...)
	imports = append(append(append(imports, 4), "stop"...), 0, 0)
	n := byte(len(functions))
	return bytes.Join([][]byte{
		{0, 'a', 's', 'm', 1, 0, 0, 0},
		section(1, types...), section(2, imports...), section(3, append([]byte{n}, defined...)...), section(5, 1, 0, 16),
		section(7, exports...), section(10, append([]byte{n}, code...)...),
	}, nil)
}

func named(name string, kind, index byte) []byte {
	return append(append([]byte{byte(len(name))}, name...), kind, index)
}
