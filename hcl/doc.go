// Package hcl reads policy files: *.rung.hcl → [policy.Policy].
//
//	blocks.go        the kinds of block, one line each; block_<name>.go has the schema, doc and decoding of one
//	parse.go         the entry: files in, policy and diagnostics out
//	prescan.go       what a file must be before HCL's recursive parser may see it
//	text.go          text as its bytes are written, each byte with its place
//	value.go type.go literals and type expressions, walked in HCL's syntax tree and never evaluated by HCL
//	decode.go rule.go conditions and other attributes of blocks; what step_up and deny have in common
//	http.go          conflicts of http patterns
//	resolve.go       names: declared once, allowed, found again; patterns of actions
//	list.go          list files
//	digest.go        the policy's digest
//
// A policy is data to this package: no function, variable or template of HCL is ever evaluated, and strings come from
// the tokens, since HCL's own are normalised to NFC. All that is wrong is reported at once, each with its place; what could be
// read is kept, so that later stages need not complain about it again. The language is described in docs/language.md.
package hcl
