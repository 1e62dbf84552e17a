package host

import (
	"fmt"
	"time"

	"github.com/rungpolicy/rung/wasm/abi"
	"github.com/rungpolicy/rung/wasm/internal/binary"
	"github.com/rungpolicy/rung/wasm/internal/fuel"
)

// What a module may have, beside what the format bounds. Modules that rung builds stay far below.
const (
	maxTypes   = 1000
	maxParams  = 64 // of a type, and
	maxResults = 8
	maxFuncs   = 100_000
	maxGlobals = 16
	maxData    = 100_000
	maxBody    = 1 << 20 // bytes of a function's code
	maxLocals  = 4096    // of a function, its parameters among them, and
	allLocals  = 1 << 20 // of all functions
	maxNesting = 10_000  // of blocks
	maxCalls   = 64      // how deep they nest
	maxBegin   = 1 << 16 // what a call of begin may cost
)

// verifier holds a module that has been read against the profile of modules that rung builds: it is bounded in what it does, in the memory it takes, and in how
// long it takes to compile. What the instructions come to is not looked at: that is for the sandbox, and for the host that reads the result.
//
// That instructions fit each other, and that indices of locals and globals are there, wazero checks.
type verifier struct {
	*binary.File
	*options
	begin, decide uint32
	// json is the entry for texts, if there is one.
	json   []uint32
	report *fuel.Report
}

// verify looks at all but the custom sections.
func verify(f *binary.File, o *options) (*verified, error) {
	v := &verifier{File: f, options: o}
	for _, step := range []func() error{v.foreign, v.counts, v.types, v.exports, v.globals, v.memory, v.bodies, v.running, v.compiling} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return &verified{file: f, report: v.report, decide: v.decide}, nil
}

func (v *verifier) foreign() error {
	if what := v.Foreign(); what != "" {
		return fmt.Errorf("it has %s", what)
	}
	return nil
}

func (v *verifier) counts() error {
	for _, c := range []struct {
		n, most int
		of      string
	}{
		{len(v.Types), maxTypes, "types"},
		{len(v.Funcs), maxFuncs, "functions"},
		{len(v.Globals), maxGlobals, "globals"},
		{len(v.Data), maxData, "segments of data"},
	} {
		if c.n > c.most {
			return fmt.Errorf("it has %d %s, more than %d", c.n, c.of, c.most)
		}
	}
	return nil
}

func (v *verifier) types() error {
	for i, t := range v.Types {
		if len(t.Params) > maxParams || len(t.Results) > maxResults {
			return fmt.Errorf("type %d has %d parameters and %d results, more than %d and %d", i, len(t.Params), len(t.Results), maxParams, maxResults)
		}
	}
	return nil
}

// exports holds them against the four of the ABI, and the one that there may be besides.
func (v *verifier) exports() error {
	most := 4
	if e := v.export(abi.ExportDecideJSON); e != nil {
		most++
		v.json = append(v.json, e.Index)
		want := binary.FuncType{Params: []binary.ValType{binary.I32, binary.I32}, Results: []binary.ValType{binary.I64}}
		if e.Kind != binary.KindFunc || !v.Types[v.Funcs[e.Index].Type].Equal(want) {
			return fmt.Errorf("its export %q is not a function of type %v", e.Name, want)
		}
	}
	if len(v.Exports) > most {
		return fmt.Errorf("it has %d exports, and version %d of the interface has %d", len(v.Exports), abi.Version, most)
	}
	i32 := []binary.ValType{binary.I32}
	for _, want := range []struct {
		name string
		kind binary.Kind
		typ  binary.FuncType
		to   *uint32
	}{
		{abi.ExportMemory, binary.KindMemory, binary.FuncType{}, new(uint32)},
		{abi.ExportVersion, binary.KindGlobal, binary.FuncType{}, new(uint32)},
		{abi.ExportBegin, binary.KindFunc, binary.FuncType{Params: i32, Results: i32}, &v.begin},
		{abi.ExportDecide, binary.KindFunc, binary.FuncType{Params: []binary.ValType{binary.I32, binary.I32}, Results: i32}, &v.decide},
	} {
		e := v.export(want.name)
		if e == nil || e.Kind != want.kind {
			return fmt.Errorf("it does not export a %v %q", want.kind, want.name)
		}
		if e.Kind == binary.KindFunc && !v.Types[v.Funcs[e.Index].Type].Equal(want.typ) {
			return fmt.Errorf("its function %q has type %v, and not %v", e.Name, v.Types[v.Funcs[e.Index].Type], want.typ)
		}
		*want.to = e.Index
	}
	return nil
}

func (v *verifier) export(name string) *binary.Export {
	for i := range v.Exports {
		if v.Exports[i].Name == name {
			return &v.Exports[i]
		}
	}
	return nil
}

// globals are the version, and variables of integers.
func (v *verifier) globals() error {
	version := int(v.export(abi.ExportVersion).Index)
	for i, g := range v.Globals {
		switch {
		case i == version && (g.Type != binary.I32 || g.Mutable):
			return fmt.Errorf("its %s is not a constant of type i32", abi.ExportVersion)
		case i == version && g.Init != abi.Version:
			return fmt.Errorf("its version of the interface is %d, and this host knows version %d", g.Init, abi.Version)
		case i != version && (!g.Mutable || g.Type != binary.I32 && g.Type != binary.I64):
			return fmt.Errorf("global %d is not a variable of type i32 or i64", i)
		}
	}
	return nil
}

func (v *verifier) memory() error {
	m := v.Memory // it is there: it is exported
	if m.Max == binary.NoMax {
		return fmt.Errorf("its memory has no maximum")
	}
	if int64(m.Max) > int64(v.pages) {
		return fmt.Errorf("its memory may grow to %d pages, more than %d", m.Max, v.pages)
	}
	for i, d := range v.Data {
		if uint64(d.Offset)+uint64(len(d.Bytes)) > uint64(m.Min)*binary.PageSize {
			return fmt.Errorf("segment %d of its data, at byte %#x, is outside of the memory at the start", i, d.At)
		}
	}
	return nil
}

// bodies bounds what a frame of a function can take.
func (v *verifier) bodies() error {
	all := 0
	for i, f := range v.Funcs {
		n := len(v.Types[f.Type].Params)
		for _, run := range f.Locals {
			n += int(run.Count)
		}
		if n > maxLocals {
			return v.fail(i, "it has %d locals, more than %d", n, maxLocals)
		}
		if all += n; all > allLocals {
			return v.fail(i, "with it, functions have more than %d locals", allLocals)
		}
		if len(f.Code) > maxBody {
			return v.fail(i, "it has %d bytes of code, more than %d", len(f.Code), maxBody)
		}
	}
	return nil
}

// fail makes an error of a function.
func (v *verifier) fail(fn int, format string, args ...any) error {
	return &fuel.Error{Func: fn, At: v.Funcs[fn].At, What: fmt.Sprintf(format, args...)}
}

// running bounds how long a call takes.
func (v *verifier) running() (err error) {
	if v.report, err = fuel.Check(&v.Module, v.decide, v.json...); err != nil {
		return err
	}
	r := v.report
	if r.Depth > maxCalls {
		return fmt.Errorf("its calls nest %d deep, more than %d", r.Depth, maxCalls)
	}
	if r.Budget > v.fuel {
		return fmt.Errorf("a decision may cost %d, more than %d", r.Budget, v.fuel)
	}
	if b := r.Funcs[v.begin]; b.Loops+b.Calls > 0 || b.Cost > maxBegin {
		return v.fail(int(v.begin), "%s has a loop, calls a function, or costs %d, more than %d", abi.ExportBegin, b.Cost, maxBegin)
	}
	return nil
}

// How long wazero's compiler takes, at worst: for a byte of code, for two pieces of code of the same function (its lists of blocks are walked for each block), and
// for a value that arrives where ways meet.
const (
	perByte  = 1500 * time.Nanosecond
	perPair  = 4 * time.Nanosecond
	perValue = 5 * time.Microsecond
)

// A module may take so long to compile for each byte of code, and so long beside that.
const (
	compileByte = 4 * time.Microsecond
	compileMore = 250 * time.Millisecond
)

// compiling bounds how long the compiler takes: what it takes grows faster than a function does, and a policy's module has no such functions.
func (v *verifier) compiling() error {
	more := compileMore
	for i, f := range v.report.Funcs {
		if f.Nesting > maxNesting {
			return v.fail(i, "its blocks nest %d deep, more than %d", f.Nesting, maxNesting)
		}
		size := time.Duration(len(v.Funcs[i].Code))
		effort := size*perByte + time.Duration(f.Blocks)*time.Duration(f.Blocks)*perPair + time.Duration(f.Joins)*perValue
		if more -= max(0, effort-size*compileByte); more < 0 {
			return v.fail(i, "it would take too long to compile: %d blocks, and %d values that arrive from several places", f.Blocks, f.Joins)
		}
	}
	return nil
}
