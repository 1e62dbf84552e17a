// Package ir is a condition on its way to WebAssembly: a typed tree, lowered far enough that every node says exactly what is computed, where it
// lies and whether it can fail.
//
// Package lower makes it out of package expr's trees, package emit writes code from it. Between the two nothing is looked up: signals have
// become slots of the record, overloads operators and guest functions, `in` a search of a known kind of table, params the values that
// postures lay over them.
//
// A node comes to a value, to an error, or to pending (a lazy signal is not known). [Node.Fails] and [Node.Pends] say which of the last two are
// possible at all: where they are not, the emitter writes plain code. [Verify] checks a tree, [Node.String] prints one.
package ir

import (
	"slices"

	"github.com/rungpolicy/rung/policy"
)

// Node is a sub-expression. Nodes are made by [New], and not changed afterwards.
type Node struct {
	Op   Op
	Type *policy.Type
	Args []*Node
	// Place says where an error of the node itself stands: an index into the module's places.
	Place int
	// Fails and Pends say that the node may come to an error, and to pending.
	Fails, Pends bool
	Imm
}

// Imm is what a node has besides operands; which members count is said beside each [Op].
type Imm struct {
	Value policy.Value
	Slot  *Slot
	Attr  Attr
	// Vars are the variables that the node binds, or the one that it reads. Each variable of a condition has a number of its own.
	Vars []int
	// Flags say which elements of a literal are optional.
	Flags []bool
	// Func names a guest function, or what is shared; Checked says that it returns a code; Data is a table of constant data.
	Func    string
	Checked bool
	Data    []byte
	// Pieces are those of [Format].
	Pieces []Piece
	// N is a number: what a getter reads, how a table is searched.
	N int
	// Names are those of parts.
	Names []string
	Cases []Case
}

// Slot is a place of the record.
type Slot struct {
	Path   string // for people: "device.trusted"
	Bit    int
	Offset int
	// Lazy is the number of the lazy signal that it belongs to, -1 if none.
	Lazy int
}

// Attr is an attribute of an object's body.
type Attr struct {
	Name string
	// Slot is its place among the attributes of the type.
	Slot int
}

// Op says what a node computes.
type Op uint8

// The operations. An operand is written x, y…; Fails: what can go wrong by the node itself.
const (
	Invalid Op = iota

	Const        // Value
	Read         // the value of Slot. Fails: no_such_attribute
	SlotHas      // whether Slot is there
	SlotOpt      // an optional of Slot
	Now          // the time of the request
	Posture      // the rank of the posture
	SessionLevel // the rank of the session's level
	Local        // Vars[0]

	And  // x && y && …: false absorbs
	Or   // x || y || …: true absorbs
	Not  // !x
	Cond // x ? y : z
	// Bind is cel.bind: x is what Vars[0] is in y. That x fails is seen where the variable is read.
	Bind

	None     // an optional without a value
	Some     // an optional of x
	HasValue // whether x is there
	Unwrap   // the value of x. Fails: optional_none
	OptMap   // an optional of y, in which Vars[0] is the value of x; none if x is none
	OptFlat  // the same where y is an optional
	OrElse   // x if it is there, else y: both optionals
	OrValue  // the value of x if it is there, else y

	Field    // attribute Attr of object x. Fails: no_such_attribute
	FieldHas // whether x has Attr
	FieldOpt // an optional of it

	MapGet  // x[y] of a map. Fails: no_such_key
	MapOpt  // x[?y] of a map
	MapHas  // whether key x is in map y
	ListGet // x[y] of a list. Fails: index_out_of_bounds
	ListOpt // x[?y] of a list
	InList  // whether list y has x
	InTable // whether x is among Value, which does not change; N is a Table
	InRange // whether address x is in Value, a range
	Matches // whether regular expression Data (a DFA) is found in text x

	MakeList // [x, ?y, …], Flags: which are optional. Fails: limit
	MakeMap  // {x: y, ?z: w}: keys and values in turn, Flags by entry. Fails: limit
	// The macros: x the range, y the body, z the filter, if there is one. Vars: one or two variables.
	FoldAll
	FoldExists
	FoldOne
	FoldFilter // Fails: limit
	FoldMap    // Fails: limit
	FoldToMap  // transformMap. Fails: limit
	FoldEntry  // transformMapEntry. Fails: invalid_argument, limit

	Eq // x == y
	Ne
	Lt
	Le
	Gt
	Ge
	Add // of numbers, durations and timestamps with durations. Fails: overflow
	Sub
	Mul
	Div // Fails: overflow, divide_by_zero
	Mod
	Neg // Fails: overflow

	Convert // a conversion that is one instruction or a checked one; N is a Conversion
	Size    // size(x)
	Getter  // getHours and so on of timestamp or duration x; N is the guest's number of it, Data the zone, nil UTC; the zone is y, if it is Checked: bad_value
	Call    // guest function Func of all operands, where N is Swapped of the second and the first. Fails, if it is Checked
	Join    // list x + list y. Fails: limit
	ListFn  // N, a ListFunction, of its operands. Fails, if it is Checked: limit
	Format  // a text of Pieces, some of them of operands. Fails: limit, bad_value, invalid_argument, index_out_of_bounds
	NonZero // an optional of x, none if that is the zero value of its type
	OptIs   // whether optional x has value y
	Data    // the address of Data: for functions of the guest
	Word    // N, as a word of 32 bits: for functions of the guest
	Math    // N, a MathFn, of one number or two of a type. Fails, if the function does
	Shared  // x, which stands in several conditions under the name Func, and cannot stray

	// Values of type any: a tag, which says what type they have, and the value.

	Box         // x as any
	Unbox       // any x as of the node's type: a simple one, list(any) or optional(any). Fails with code N, unless that is 0: then it is of that type
	IsKind      // whether any x is of kind N, a tag
	TypeOf      // type(x)
	IsZero      // whether any x is the zero value of its type
	Checked     // x, where variable Vars[0], an any, may be a map's key. Fails: invalid_argument
	DynSelect   // x.a.b: Names of any x, from the N-th on optional. The node is any, or optional(any). Fails: no_such_key, no_such_overload
	DynHas      // whether optional(any) x has all of the Names
	DynGet      // any x[any y]. Fails
	DynOpt      // any x[?any y]. Fails
	DynIn       // whether any x is in any y. Fails
	DynHasValue // whether any x is an optional of any y. Fails
	Dispatch    // what the first of Cases comes to whose kinds those of the operands are. Fails: no_such_overload
)

// Case is what a call is for operands of some kinds.
type Case struct {
	// Tags are the kinds of those operands that are any, the tag of any for others.
	Tags []uint32
	// Vars are the variables that the operands are in Body, as of their kinds.
	Vars []int
	// Types are those that the operands have in Body.
	Types []*policy.Type
	Body  *Node
}

// TypeTag is a type as a value: the tag of its kind.
type TypeTag uint32

// Table is a kind of constant table for [InTable].
type Table int

// The tables.
const (
	Texts Table = iota
	Ints
	Uints
	Addresses
)

// Conversion is a kind of [Convert].
type Conversion int

// The conversions. Those that fail say with what.
const (
	Same      Conversion = iota
	IntToUint            // Fails: overflow
	UintToInt            // Fails: overflow
	IntToDouble
	UintToDouble
	TimeToInt // Unix seconds
	DurToInt  // nanoseconds
)

// Piece is a part of a formatted text: Text as it is, or, with a Verb, operand Arg as that verb of `format` writes it, with so many Decimals. With an error Code
// nothing follows.
type Piece struct {
	Text     string
	Verb     byte
	Arg      int
	Decimals int
	Code     int
}

// ListFunction is a function of [ListFn].
type ListFunction int

// The functions.
const (
	First      ListFunction = iota // an optional of the first element
	Last                           // and of the last
	Unwrapped                      // the values of a list of optionals that are there
	Distinct                       // without repeats
	HasAll                         // whether the first list has all elements of the second
	HasOnly                        // whether the second has all of the first
	HasAny                         // whether they share one
	HasExactly                     // whether each has all of the other
)

// MathFn is a function of [Math].
type MathFn int

// The functions. Of bool are the three that ask.
const (
	MathMax MathFn = iota // Fails of doubles: invalid_argument
	MathMin               // likewise
	MathAbs               // Fails of ints: overflow
	MathSign
	MathSqrt
	MathCeil
	MathFloor
	MathTrunc
	MathRound
	MathIsNaN
	MathIsInf
	MathIsFinite
	MathAnd
	MathOr
	MathXor
	MathNot
	MathShiftLeft  // Fails: invalid_argument
	MathShiftRight // likewise
)

// Swapped says that a [Call] of two operands passes the second first.
const Swapped = 1

// New makes a node. What can go wrong in it follows from the operation and the operands.
func New(op Op, t *policy.Type, place int, imm Imm, args ...*Node) *Node {
	n := &Node{Op: op, Type: t, Args: args, Place: place, Imm: imm}
	n.Fails = ops[op].fails || op == Convert && (Conversion(imm.N) == IntToUint || Conversion(imm.N) == UintToInt) ||
		(op == Call || op == Math || op == ListFn || op == OptIs) && imm.Checked || op == Unbox && imm.N != 0 || arithmeticFails(n)
	n.Pends = imm.Slot != nil && imm.Slot.Lazy >= 0
	for _, a := range args {
		n.Fails = n.Fails || a.Fails
		n.Pends = n.Pends || a.Pends
	}
	return n
}

// Fallible returns n, noted as one that may come to an error itself: for calls of guest functions that may, and variables.
func (n *Node) Fallible(fails, pends bool) *Node {
	n.Fails, n.Pends = n.Fails || fails, n.Pends || pends
	return n
}

// Strays reports whether the node may come to anything but a value.
func (n *Node) Strays() bool { return n.Fails || n.Pends }

// arithmeticFails reports whether an operator checks its result: that of doubles is never out of range.
func arithmeticFails(n *Node) bool {
	switch n.Op {
	case Add, Sub, Mul, Div, Mod, Neg:
		return n.Args[0].Type.Kind != policy.KindDouble
	}
	return false
}

// op describes an operation.
type op struct {
	name     string
	min, max int // operands; max -1: any number
	fails    bool
}

const many = -1

var ops = [...]op{
	Invalid:      {name: "invalid"},
	Const:        {name: "const"},
	Read:         {name: "read", fails: true},
	SlotHas:      {name: "slot.has"},
	SlotOpt:      {name: "slot.opt"},
	Now:          {name: "now"},
	Posture:      {name: "posture"},
	SessionLevel: {name: "session.level"},
	Local:        {name: "local"},
	And:          {name: "and", min: 2, max: many},
	Or:           {name: "or", min: 2, max: many},
	Not:          {name: "not", min: 1, max: 1},
	Cond:         {name: "cond", min: 3, max: 3},
	Bind:         {name: "bind", min: 2, max: 2},
	None:         {name: "none"},
	Some:         {name: "some", min: 1, max: 1},
	HasValue:     {name: "has_value", min: 1, max: 1},
	Unwrap:       {name: "unwrap", min: 1, max: 1, fails: true},
	OptMap:       {name: "opt_map", min: 2, max: 2},
	OptFlat:      {name: "opt_flat", min: 2, max: 2},
	OrElse:       {name: "or_else", min: 2, max: 2},
	OrValue:      {name: "or_value", min: 2, max: 2},
	Field:        {name: "field", min: 1, max: 1, fails: true},
	FieldHas:     {name: "field.has", min: 1, max: 1},
	FieldOpt:     {name: "field.opt", min: 1, max: 1},
	MapGet:       {name: "map.get", min: 2, max: 2, fails: true},
	MapOpt:       {name: "map.opt", min: 2, max: 2},
	MapHas:       {name: "map.has", min: 2, max: 2},
	ListGet:      {name: "list.get", min: 2, max: 2, fails: true},
	ListOpt:      {name: "list.opt", min: 2, max: 2},
	InList:       {name: "in_list", min: 2, max: 2},
	InTable:      {name: "in_table", min: 1, max: 1},
	InRange:      {name: "in_range", min: 1, max: 1},
	Matches:      {name: "matches", min: 1, max: 1},
	MakeList:     {name: "list", max: many},
	MakeMap:      {name: "map", max: many},
	FoldAll:      {name: "all", min: 2, max: 2},
	FoldExists:   {name: "exists", min: 2, max: 2},
	FoldOne:      {name: "exists_one", min: 2, max: 2},
	FoldFilter:   {name: "filter", min: 2, max: 2},
	FoldMap:      {name: "map_list", min: 2, max: 3, fails: true},
	FoldToMap:    {name: "map_values", min: 2, max: 3, fails: true},
	FoldEntry:    {name: "map_entries", min: 2, max: 3, fails: true},
	Eq:           {name: "eq", min: 2, max: 2},
	Ne:           {name: "ne", min: 2, max: 2},
	Lt:           {name: "lt", min: 2, max: 2},
	Le:           {name: "le", min: 2, max: 2},
	Gt:           {name: "gt", min: 2, max: 2},
	Ge:           {name: "ge", min: 2, max: 2},
	Add:          {name: "add", min: 2, max: 2},
	Sub:          {name: "sub", min: 2, max: 2},
	Mul:          {name: "mul", min: 2, max: 2},
	Div:          {name: "div", min: 2, max: 2},
	Mod:          {name: "mod", min: 2, max: 2},
	Neg:          {name: "neg", min: 1, max: 1},
	Convert:      {name: "convert", min: 1, max: 1},
	Size:         {name: "size", min: 1, max: 1},
	Getter:       {name: "getter", min: 1, max: 2},
	Call:         {name: "call", max: many},
	Join:         {name: "join", min: 2, max: 2, fails: true},
	ListFn:       {name: "list_fn", min: 1, max: 2},
	Format:       {name: "format", max: many, fails: true},
	NonZero:      {name: "non_zero", min: 1, max: 1},
	OptIs:        {name: "opt_is", min: 2, max: 2},
	Data:         {name: "data"},
	Word:         {name: "word"},
	Math:         {name: "math", min: 1, max: 2},
	Shared:       {name: "shared", min: 1, max: 1},
	Box:          {name: "box", min: 1, max: 1},
	Unbox:        {name: "unbox", min: 1, max: 1},
	IsKind:       {name: "is_kind", min: 1, max: 1},
	TypeOf:       {name: "type_of", min: 1, max: 1},
	IsZero:       {name: "is_zero", min: 1, max: 1},
	Checked:      {name: "checked", min: 1, max: 1, fails: true},
	DynSelect:    {name: "dyn.select", min: 1, max: 1, fails: true},
	DynHas:       {name: "dyn.has", min: 1, max: 1},
	DynGet:       {name: "dyn.get", min: 2, max: 2, fails: true},
	DynOpt:       {name: "dyn.opt", min: 2, max: 2, fails: true},
	DynIn:        {name: "dyn.in", min: 2, max: 2, fails: true},
	DynHasValue:  {name: "dyn.has_value", min: 2, max: 2, fails: true},
	Dispatch:     {name: "dispatch", min: 1, max: many, fails: true},
}

// String returns the operation's name.
func (o Op) String() string {
	if int(o) < len(ops) {
		return ops[o].name
	}
	return "op?"
}

// makes are the guest's functions whose results lie in memory that they take.
var makes = map[string]bool{
	"rt_str_concat": true, "rt_bytes_concat": true, "rt_int_to_str": true, "rt_uint_to_str": true, "rt_double_to_str": true,
	"rt_ts_to_str": true, "rt_dur_to_str": true, "rt_ip_parse": true, "rt_cidr_parse": true, "rt_dyn_join": true, "rt_dyn_flatten": true, "rt_dyn_sort": true,
	"rt_cidr_contains_ip_str": true, "rt_cidr_contains_cidr_str": true, "rt_ip_to_str": true, "rt_cidr_to_str": true, "rt_ip_is_canonical": true,
	"rt_cidr_ip": true, "rt_cidr_masked": true, "rt_cidr_is_mask": true,
	"rt_str_lower": true, "rt_str_upper": true, "rt_str_reverse": true, "rt_str_replace": true, "rt_str_split": true, "rt_str_join": true, "rt_str_quote": true,
	"rt_dyn_format": true, "rt_regex_matches": true, "rt_regex_extract": true, "rt_regex_extract_all": true, "rt_regex_replace": true,
	"rt_list_range": true, "rt_zone_parse": true, "rt_list_reverse": true, "rt_list_flatten": true, "rt_list_sort": true, "rt_list_sort_by": true,
	"rt_base64_encode": true, "rt_base64_encode_url": true, "rt_base64_decode": true, "rt_base64_decode_url": true,
}

// Makes reports whether something in a tree takes memory.
func (n *Node) Makes() bool {
	switch n.Op {
	case MakeList, MakeMap, FoldFilter, FoldMap, FoldToMap, FoldEntry, Join, Format, DynSelect, DynHas, DynGet, DynOpt, DynIn, DynHasValue, Dispatch:
		return true
	case Box, Unbox:
		return true
	case Eq, Ne:
		if n.Args[0].Type.Kind == policy.KindAny && n.Args[1].Type.Kind == policy.KindAny {
			return true // the way through lists and maps is kept in memory
		}
	case ListFn:
		if fn := ListFunction(n.N); fn == Unwrapped || fn == Distinct {
			return true
		}
	case Getter:
		if n.Checked {
			return true
		}
	case Const: // a literal that has addresses in it
		return n.Type.Kind == policy.KindMap || n.Type.Kind == policy.KindList || n.Type.Kind == policy.KindAny
	case Call:
		if makes[n.Func] {
			return true
		}
	}
	return slices.ContainsFunc(n.Args, (*Node).Makes)
}
