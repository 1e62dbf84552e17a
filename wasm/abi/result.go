package abi

import "github.com/rungpolicy/rung/policy"

// The result: offsets. R is the number of rules of the action, as rung.outputs lists them, and a set of rules is ⌈R/32⌉ words of bits.
const (
	ResultEffect       = 0  // u32: a policy.Effect
	ResultShadowEffect = 4  // u32: the effect with the rules on trial, plus 1; 0 if it is the same
	ResultLevel        = 8  // u32: requirement: place of the level in rung.outputs, from 1
	ResultReachable    = 12 // u32: a policy.Tristate
	ResultMaxAge       = 16 // i64: requirement: seconds; -1: none
	ResultSatisfied    = 24 // u32: place of the level, 0: none
	ResultGroups       = 28 // u32: number of groups of methods
	ResultAge          = 32 // i64: satisfied: seconds; -1: none
	ResultNeed         = 40 // u64: bit i is lazy signal i
	ResultFaults       = 48 // u32: number of faults
	ResultReasonSet    = 56 // u32: address of the set of rules that made the effect
	ResultShadowSet    = 60 // u32: address of the set of rules on trial that apply
	ResultWaitingSet   = 64 // u32: address of the set of rules on trial that are pending
	ResultGroupList    = 68 // u32: address of the groups: u64 each, bit i is method i of rung.outputs
	ResultFaultList    = 72 // u32: address of the faults: FaultSize bytes each
	ResultSize         = 80
)

// A fault: a rule whose condition, or rollout, erred.
const (
	FaultRule = 0 // u32: number of the rule in the action
	FaultCode = 4 // u32: the code in the low 8 bits, the place in rung.debug in those above
	FaultSize = 8
	// MaxPlaces is how many places there can be.
	MaxPlaces = 1 << 24
)

// What a condition comes to inside of a module, besides the codes.
const (
	False   = 0
	True    = 1
	Pending = 2
)

// codes are the codes of errors by their numbers.
var codes = [...]policy.Code{
	3:  policy.NoSuchAttribute,
	4:  policy.NoSuchKey,
	5:  policy.IndexOutOfBounds,
	6:  policy.Overflow,
	7:  policy.DivideByZero,
	8:  policy.NoSuchOverload,
	9:  policy.BadValue,
	10: policy.InvalidArgument,
	11: policy.OptionalNone,
	12: policy.Limit,
}

// The numbers of the codes of errors.
const (
	NoSuchAttribute  = 3
	NoSuchKey        = 4
	IndexOutOfBounds = 5
	Overflow         = 6
	DivideByZero     = 7
	NoSuchOverload   = 8
	BadValue         = 9
	InvalidArgument  = 10
	OptionalNone     = 11
	Limit            = 12
)

// Code returns the code of that number; false if there is none.
func Code(n uint32) (policy.Code, bool) {
	if n < NoSuchAttribute || n > Limit {
		return "", false
	}
	return codes[n], true
}

// NumberOf returns the number of a code, 0 if it has none.
func NumberOf(c policy.Code) uint32 {
	for n, x := range codes {
		if x == c && x != "" {
			return uint32(n)
		}
	}
	return 0
}

// meanings say for people what the codes mean.
var meanings = [...]string{
	NoSuchAttribute:  "an attribute is missing",
	NoSuchKey:        "a key is missing",
	IndexOutOfBounds: "an index is out of bounds",
	Overflow:         "a number is out of range",
	DivideByZero:     "division by zero",
	NoSuchOverload:   "no such operation for these types",
	BadValue:         "a text or number cannot be converted",
	InvalidArgument:  "an argument is not valid",
	OptionalNone:     "an optional has no value",
	Limit:            "a limit was reached",
}

// Text says for people what a code means. A module has no texts of its own for errors.
func Text(n uint32) string {
	if n < NoSuchAttribute || n > Limit {
		return "the condition could not be evaluated"
	}
	return meanings[n]
}
