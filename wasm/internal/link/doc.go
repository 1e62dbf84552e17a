// Package link makes one module of the functions and data that the compiler made and of those that it needs of an object file.
//
// The machine: a function or a piece of data is a node, and a name in it, of a function, a global or data, an edge. Everything that
// can be reached from the exports gets a place, everything else is left out. Then names become numbers: the functions are counted, the
// compiler's first, in their order, the object's behind them in the object's; the data are laid out in memory; and each body is
// written anew with numbers as short as can be, where the object's had five bytes for each. Branches have no addresses in WebAssembly,
// so a body may shrink.
//
// The memory, from its start: what [Input.Base] leaves free; the stack of the object's functions, if one of them that is reached uses
// it, so that it traps when it overflows instead of running into data (with a Base of 0); data that are not all zeros; data that are;
// and from the address that goes by the name [HeapBase] on, what is free.
//
// Names: the compiler and the object each have their own functions, data and globals. A name is looked up where it stands first, and
// then with the other, where what is static in C cannot be seen. That is how emitted code calls C, and C emitted code: by a
// declaration.
//
// The object is relocatable, of clang -c: the format is that of the tool conventions' Linking.md (WebAssembly/tool-conventions).
// [ParseObject] refuses what it does not know by its name. So there are no function pointers, no tables, no constructors, no
// thread-local data.
package link
