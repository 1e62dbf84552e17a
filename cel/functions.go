package cel

import (
	"slices"
	"strings"
	"sync"

	"cel.dev/cel-go/common/types"

	"github.com/rungpolicy/rung/cel/ext"
	"github.com/rungpolicy/rung/policy"
)

// Function is a function or macro of conditions, as manuals and editors show it.
type Function struct {
	// Name is what is written before the parenthesis: "size", "math.abs", "startsWith".
	Name string
	// Library is the family it is of.
	Library string
	// Usage is how it is called and what it comes to ("string.contains(string) -> bool"), Doc what more there is to say; it may be empty.
	Usage, Doc string
	// Example is a condition that calls it and is true.
	Example string
	// Macro says that it is a macro, Method that it is called of a value; some functions are called both ways.
	Macro, Method bool

	receivers []*types.Type
	on        []policy.Kind
}

// Of reports whether it can be called of a value of that type.
func (f *Function) Of(t *policy.Type) bool {
	if !f.Method {
		return false
	}
	if t.Kind == policy.KindAny || slices.Contains(f.on, t.Kind) {
		return true
	}
	return slices.ContainsFunc(f.receivers, func(r *types.Type) bool { return takes(r, t) })
}

// Global reports whether it is called by its name alone.
func (f *Function) Global() bool {
	return strings.Contains(f.Name, ".") || len(f.on) == 0 && !f.onlyMethod()
}

func (f *Function) onlyMethod() bool { return f.Method && !callable(f.Name) }

// callable reports whether a function has an overload that is no method.
func callable(name string) bool {
	d := theBasis().env.Functions()[name]
	if d == nil {
		return false
	}
	for _, o := range d.OverloadDecls() {
		if !o.IsMemberFunction() {
			return true
		}
	}
	return false
}

// Functions returns all functions and macros that a condition may call, as the table of package ext has them, library by library. The result is
// shared and must not be changed.
var Functions = sync.OnceValue(func() []Function {
	var all []Function
	for _, l := range ext.Libraries() {
		for _, m := range l.Macros {
			f := Function{Name: m.Name, Library: l.Name, Example: m.Example, Macro: true, Method: len(m.On) > 0, on: m.On}
			f.Usage, f.Doc = usage(m.Doc)
			all = append(all, f)
		}
		for _, x := range l.Funcs {
			if strings.ContainsAny(x.Name, "@_") {
				continue // macros and operators are what authors write
			}
			f := Function{Name: x.Name, Library: l.Name, Example: x.Example, receivers: receivers(x.Name)}
			f.Method = len(f.receivers) > 0
			f.Usage, f.Doc = usage(x.Doc)
			all = append(all, f)
		}
	}
	return all
})

// usage cuts the doc of a function into how it is called and what it comes to.
func usage(doc string) (usage, rest string) {
	usage, rest, _ = strings.Cut(doc, ": ")
	return usage, rest
}

// receivers are the types of values that a function is a method of.
func receivers(name string) []*types.Type {
	d := theBasis().env.Functions()[name]
	if d == nil {
		return nil
	}
	var all []*types.Type
	for _, o := range d.OverloadDecls() {
		if o.IsMemberFunction() {
			all = append(all, o.ArgTypes()[0])
		}
	}
	return all
}

// Takes reports whether it takes arguments in its parentheses.
func (f *Function) Takes() bool { return !strings.Contains(f.Usage, f.Name+"()") }
