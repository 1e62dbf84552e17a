// Package rungtest runs the tests of a policy, and helps programs that embed one to test theirs.
//
// The tests of a policy stand beside it, in *.rungtest.hcl files, in the policy's own words:
//
//	test "large transfers" {
//	  action = "transfer.create"
//	  signals = {
//	    session  = { amr = ["pwd"], auth_time = "2026-01-01T00:00:00Z" }
//	    resource = { amount = 2500 }
//	  }
//	  expect {
//	    effect      = "step_up"
//	    requirement = { level = "aal2", max_age = 300 }
//	  }
//	  case "over the limit" {}
//	  case "under it" {
//	    signals = { resource = { amount = 999 } }
//	    expect { effect = "allow" }
//	  }
//	}
//
// docs/testing.md says how to write them, docs/language.md exactly what they mean, and `rung test` runs them on the command line.
//
// # In Go tests
//
// [Run] makes each of them a subtest of a Go test:
//
//	func TestPolicy(t *testing.T) {
//		rungtest.Run(t, os.DirFS("policy"), rungtest.On(rungtest.Native, rungtest.Wasm), rungtest.Covering(100))
//	}
//
// A failure shows what was expected and what was got, side by side; the rules that matter, with the value of every sub-expression; and which change of the request would
// have led to the effect that was expected.
//
// What a program asks of its engine it tests with [Allow], [StepUp], [Deny] and [Need], or with [Expect] for any part of a decision:
//
//	rungtest.StepUp(t, engine.Decide(request), "aal2")
//
// Of a decision by [rung.Engine.Explain] they show the trace where they fail.
//
// # In other programs
//
// [Read] reads a policy and its tests from any [fs.FS], and [Suite.Run] runs them. What it returns are plain values, which have a form as JSON: a [Report] of a [Result] for
// each case and, if it is asked for, the [Coverage] of the policy, which is there too when tests fail. The writers make of them what CI services and people read: JUnit
// XML, LCOV, a page of HTML, text.
//
// The decisions are taken by what the options name: [Native], or [Wasm], or both, which then have to agree. All of it is pure but for the measuring of time: it reads
// nothing but the file system it is given, and runs in browsers too.
package rungtest
