package fuel

import (
	"slices"

	"github.com/rungpolicy/rung/wasm/internal/binary"
)

// Where a metered module imports the function that it asks for fuel. It takes the fuel, which is below zero, and returns what there is from then on: as long as
// that is below zero the module asks again after each round. A host that has enough of it does not return.
const (
	MeterModule   = "rung"
	MeterFunction = "fuel"
)

// Meter makes of a module in which Check has found nothing wrong one that starts with only so much fuel, and asks for more where the module would trap. It has
// no custom sections. The module stays as it is.
func Meter(m *binary.Module, entry uint32, r *Report, first int64) *binary.Module {
	out := *m
	out.Types = slices.Clone(m.Types)
	asks := out.Type(binary.FuncType{Params: []binary.ValType{binary.I64}, Results: []binary.ValType{binary.I64}})
	out.Imports = []binary.Import{{Module: MeterModule, Name: MeterFunction, Kind: binary.KindFunc, Type: asks}}
	out.Customs = nil
	out.Exports = slices.Clone(m.Exports)
	for i, e := range out.Exports {
		if e.Kind == binary.KindFunc {
			out.Exports[i].Index++
		}
	}
	out.Funcs = slices.Clone(m.Funcs)
	j := &job{module: m, fuel: r.Fuel}
	for i := range out.Funcs {
		f := &out.Funcs[i]
		if j.isCharger(uint32(i)) {
			f.Code = charger(r.Fuel, asking(r.Fuel)...)
			continue
		}
		f.Code = j.metered(f.Code)
		if uint32(i) == entry {
			f.Code = append(fill(r.Fuel, min(first, r.Filled)), f.Code[len(fill(r.Fuel, r.Filled)):]...)
		}
	}
	return &out
}

// metered is a body with other sequences. Functions have numbers one higher: the imported one is the first.
func (j *job) metered(code []byte) []byte {
	out := make([]byte, 0, len(code)+len(code)/4)
	from := 0
	var open *reading
	for in, err := range binary.Instrs(code) {
		switch {
		case err != nil: // Check has read it
		case open != nil:
			open.step(code, j, &in)
			if open.done(&in) {
				out = append(append(out, code[from:open.begin]...), j.again(open)...)
				from, open = open.end, nil
			}
		case in.Op == binary.OpLoop:
			open = &reading{}
		case in.Op == binary.OpCall:
			out = one(append(out, code[from:in.At]...), binary.OpCall, int64(in.Index)+1)
			from = in.At + in.Size
		}
	}
	return append(out, code[from:]...)
}

// again is a sequence in a metered module.
func (j *job) again(r *reading) []byte {
	if !r.calls {
		return taking(j.fuel, one(nil, binary.OpI64Const, r.charge), asking(j.fuel))
	}
	return calling(r.charger+1, r.charge)
}
