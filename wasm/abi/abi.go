// Package abi is the contract between a policy's module and its host: what a module exports, how a request lies in its memory, how the
// decision comes back, and what the module says of itself in its custom sections. docs/abi.md is the same for readers of
// any language. The compiler and the hosts share this package, so that a layout is written down once.
//
// The machine: a host asks the module for a piece of its memory ([ExportBegin]), writes a request there as a record, and
// calls [ExportDecide] with the number of the action and the record's address. The record has a fixed part with a place for
// every attribute that some rule reads, and behind it, anywhere, what the places point to. The result is a record too: numbers and sets of bits,
// to which rung.outputs has the names.
//
// record.go is the request, layout.go the values in memory, result.go the decision, schema.go, meta.go and outputs.go the sections, json.go their
// text. Package abi has no third-party imports.
package abi

//go:generate go run ../../internal/abits ../../sdk/js/src/abi.ts

// Version is the version of the contract, and the value of the global [ExportVersion].
const Version = 1

// What a module exports: the first four, and nothing else but the last, which it may have. It imports nothing.
const (
	// ExportMemory is the memory, with a declared maximum.
	ExportMemory = "memory"
	// ExportVersion is a constant global of type i32: [Version].
	ExportVersion = "rung_abi"
	// ExportBegin has type (len i32) -> i32: it reserves memory for requests of up to len bytes and returns its address, a multiple of 8, or 0 if
	// there is not so much. The memory is the host's to write until the next begin.
	ExportBegin = "begin"
	// ExportDecide has type (action i32, record i32) -> i32: it returns the address of the result, or 0 if there is no such action.
	// The result stands until the next call.
	ExportDecide = "decide"
	// ExportDecideJSON has type (request i32, host i32) -> i64: it decides the request in two texts of JSON, a caller's and behind it a host's, of so many bytes each, which
	// stand where begin has reserved memory. It returns the decision's text, its length in the high 32 bits and its address in the low ones; 0 if begin has
	// not reserved so much. The text stands until the next call.
	ExportDecideJSON = "decide_json"
)

// The custom sections.
const (
	SectionMeta    = "rung.meta"
	SectionSchema  = "rung.schema"
	SectionOutputs = "rung.outputs"
	// SectionDebug may be left out of a module: errors of conditions then do not say where they are.
	SectionDebug = "rung.debug"
)

// MaxFuel is the most that a decision may cost in a module that every host takes. rung.meta says what a module's decisions may cost at most: more than any takes. A
// unit is two nanoseconds of processor time at worst, and a hundredth of that most often, so a host that runs modules of others bounds time by a clock.
const MaxFuel = 1 << 40

// MaxPages is the most memory that an instance may grow to in a module that every host takes: 32 MiB.
const MaxPages = 512

// PageSize is the size of a page of memory.
const PageSize = 64 << 10
