// Package ext is the table of the function libraries that conditions may use: docs/language.md, "CEL".
//
// The functions are cel-go's own, at the version in go.mod; what stands here is which of them a policy sees, what its author
// is told of them, and how much a call makes, which the engine charges before it calls. One file holds one family. To add a
// function, add its row in the family's file; a test says what is missing.
package ext

import (
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types/ref"

	"github.com/rungpolicy/rung/policy"
)

// Library is a family of functions.
type Library struct {
	Name string
	Doc  string
	// Options put the library into a cel.Env; none for the standard library, which cel.NewEnv brings along.
	Options []cel.EnvOption
	// Macros are those that the library adds to the parser.
	Macros []Macro
	// Funcs are its functions, ordered by name. Operators are not among them, but where they make something.
	Funcs []Func
}

// Func is a function as an author knows it: one name, all its overloads in this library.
type Func struct {
	// Name is CEL's name of it: "base64.encode", "_+_".
	Name string
	// Doc is one line: how it is called, what it comes to.
	Doc string
	// Example is a condition that calls it and is true.
	Example string
	// Makes says how much a call makes, before it is called; nil where the result is never larger than an operand, but for
	// a few bytes. Operands may be of any type: where they do not fit the function it says zero.
	Makes func(args []ref.Val) Made
}

// Macro is a macro as an author knows it: a call that names variables, or takes a path in place of a value.
type Macro struct {
	// Name is what stands before the parenthesis: "has", "exists", "math.least".
	Name string
	// Doc and Example are as in [Func].
	Doc, Example string
	// On are the kinds of value that it is a method of; none where it is called by its name alone.
	On []policy.Kind
}

// collections are the kinds that macros go through.
func collections() []policy.Kind { return []policy.Kind{policy.KindList, policy.KindMap} }

// Made is how much a call makes: the bytes of a string or bytes, or the elements of a list or map. It may stop counting past
// the limits of policy.MaxMadeBytes and policy.MaxMadeElements.
type Made struct {
	Bytes, Elements int
}

// Libraries returns the table, the standard library first.
func Libraries() []Library {
	return []Library{
		standard(),
		optional(), // regex wants it before itself
		bindings(),
		comprehensions(),
		text(),
		math(),
		sets(),
		lists(),
		encoders(),
		network(),
		regex(),
	}
}

// Options returns what puts all libraries into a cel.Env, to be given to cel.NewEnv.
func Options() []cel.EnvOption {
	var all []cel.EnvOption
	for _, l := range Libraries() {
		all = append(all, l.Options...)
	}
	return all
}

// Makers returns the functions that make something which is to be charged, by name.
func Makers() map[string]func(args []ref.Val) Made {
	makers := make(map[string]func(args []ref.Val) Made)
	for _, l := range Libraries() {
		for _, f := range l.Funcs {
			if f.Makes != nil {
				makers[f.Name] = f.Makes
			}
		}
	}
	return makers
}
