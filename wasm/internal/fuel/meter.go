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
		f.Code = j.metered(f.Code, r.edits[i])
		if uint32(i) == entry {
			f.Code = append(fill(r.Fuel, min(first, r.Filled)), f.Code[len(fill(r.Fuel, r.Filled)):]...)
		}
	}
	return &out
}

// edit is a place that is another in a metered module: a sequence, or a call of a function.
type edit struct {
	begin, end int
	sequence   *reading // nil: a call
	function   uint32
}

// metered is a body with other sequences. Functions have numbers one higher: the imported one is the first.
func (j *job) metered(code []byte, edits []edit) []byte {
	out := make([]byte, 0, len(code)+len(code)/4)
	from := 0
	for _, e := range edits {
		out = append(out, code[from:e.begin]...)
		if e.sequence != nil {
			out = append(out, j.again(e.sequence)...)
		} else {
			out = one(out, binary.OpCall, int64(e.function)+1)
		}
		from = e.end
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
