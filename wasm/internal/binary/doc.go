// Package binary is the binary format of WebAssembly modules, and knows nothing of policies.
//
// The machine: a module is a list of functions over one memory of bytes, in whole pages of 64 KiB, and a few
// global variables. A function has parameters, results and locals, each of one of four number types, and a body: instructions that take
// their operands from a stack and leave their results there. There are no jumps to addresses. Blocks nest, and a branch leaves
// a number of them: for the end of a block or an if, or for the start of a loop. So code has no addresses in it, and a
// number inside of it may grow or shrink without anything else changing: what this package and package link rest on.
//
// The format: sections in a fixed order, each a number, its size and its contents. Nearly all numbers are LEB128, seven bits a
// byte, and may be written with needless zeros; [Module.Encode] writes the shortest, always, and [Decode] refuses all others.
// Modules and bytes are therefore one to one, but for custom sections that stand elsewhere than at the end.
//
// The profile, which is all that [Op] names: WebAssembly 1.0 with one memory and without tables, imports and a start
// function, and of 2.0 the bulk operations memory.copy and memory.fill, sign extension, saturating conversions, mutable globals
// and several results.
//
// A [Module] is plain data. A [Code] builds the body of a function, with the names of functions, data and globals in the place of
// numbers that are known only when everything is laid out; its Func puts them in. A [File] is what [Decode] found, [Instrs] walks
// a body, and [File.Text] writes it all in WebAssembly's text format.
package binary
