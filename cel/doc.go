// Package cel is the CEL of a policy's conditions: it checks them, and evaluates them in the native engine.
//
// [Check] reads the conditions of a policy and returns them as typed trees (package expr), or what is wrong with them, at
// its place in the author's file. On the way, a text becomes
//
//	tokens      token.go     without recursion
//	syntax      parse.go     our own reader: exact extents, macros as written, bounded depth and size
//	expanded    expand.go    lets put in, variables bound, for one type of `resource`
//	cel-go's    expand.go    with cel-go's own macros expanded, so that its checker and its cost model read it
//	checked     check.go     by cel-go's checker, in one environment for the whole policy (env.go, types.go)
//	expr        translate.go with what cel-go found of each node, macros still macros
//
// and is then held against the rules of the language that types do not say (static.go), and against what it may cost and
// make (cost.go, made.go). cel-go's parser is not used: its positions are single points in code points, and its limits
// come late. A test holds that both read the same.
//
// [NewEngine] plans checked conditions into closures over cel-go's values and functions (engine.go, eval_*.go; value.go for
// what comes in and out of them; trace.go), and those that hold attributes against constants a second time, straight over
// the request (quick.go).
package cel
