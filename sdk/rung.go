// Package rung decides whether a session is strong and fresh enough for an action, by a policy of rules that live outside
// of the application.
//
//	engine, err := rung.Load(os.DirFS("policy"))
//	if err != nil {
//		log.Fatal(err) // every mistake in the policy, each with its place
//	}
//	decision := engine.DecideJSON(request)
//	if !decision.Allowed() {
//		// step_up: challenge for decision.Requirement; deny: refuse
//	}
//
// # Where to look
//
//	read a policy              Load, of a file system; Open, of a Folder, a File of bytes, or a function; Check, for tools
//	decide                     Engine.Decide, DecideJSON; Bind, for requests that are structs of yours
//	fetch signals on demand    WithProvider, and then DecideContext
//	change while running       Engine.Watch, Refresh, Swap; SetPosture, SetParams, Set
//	know why, and what else    Engine.Explain, Changes
//	keep records               WithHook, NewLog; package sdk/rungotel
//	guard handlers             packages sdk/httpguard, sdk/grpcguard
//	test                       package sdk/rungtest; sdk/rungdiff, before a policy is deployed
//	a policy as one file       Build makes a module, WithEngine decides by one
//
// A module, *.wasm, is opened by [host.Open] of package wasm/host, which has options of the same names for clock, posture and how requests are read, decides the same, and links neither of the libraries that
// read policies: so this package has no function that takes one.
//
// # What holds
//
// An [Engine] is safe for concurrent use. It fails closed: a request that cannot be read, an action that is not declared and a
// decision that was never taken are all deny. What a request points to, maps and slices too, must not be changed while it is decided about: Go ends a program that
// writes to a map which is read, and nobody can catch that. The policy language is in docs/language.md.
package rung

import (
	"bytes"
	"io/fs"
	"slices"
	"time"

	"github.com/rungpolicy/rung/cel"
	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/findings"
	"github.com/rungpolicy/rung/hcl"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/codec"
)

// The words of a decision, so that most embedders import this package alone.
type (
	// Request asks whether a session may do an action now.
	Request = policy.Request
	// Decision is the answer. Its zero value denies.
	Decision = policy.Decision
	// Requirement is what a session is to prove.
	Requirement = policy.Requirement
)

// The effects of a decision.
const (
	Deny   = policy.Deny
	Allow  = policy.Allow
	StepUp = policy.StepUp
	Need   = policy.Need
)

type options struct {
	files     []string
	clock     func() time.Time
	posture   string
	params    map[string]any
	read      codec.Options
	using     Using
	providers []*provider
	flights   int
	hooks     []func(*Event)
	maskKey   []byte
	reloaded  []func(Reload)
	// Of Both: how many decisions from one that is compared to the next, and who is told of differences.
	every uint64
	tell  func(Difference)
}

// defaults are the options that nobody has set.
func defaults() options {
	return options{clock: time.Now, read: codec.Options{Lenient: true}, using: Native, every: 100, flights: DefaultFlights}
}

// Option changes how an Engine is loaded or reads requests.
type Option func(*options)

// WithClock sets where the time of a request comes from, unless the request is trusted and has its own. The default is time.Now.
func WithClock(now func() time.Time) Option { return func(o *options) { o.clock = now } }

// WithPosture sets the current posture by name. The default is "normal"; an undeclared one is an error of Load.
func WithPosture(name string) Option { return func(o *options) { o.posture = name } }

// WithParams sets the host's values of params, by name, as [Engine.SetParams] does later. One that does not fit is an error of Load.
func WithParams(values map[string]any) Option { return func(o *options) { o.params = values } }

// WithFiles takes these files of the file system as the whole policy, instead of all *.rung.hcl in its root.
func WithFiles(names ...string) Option { return func(o *options) { o.files = names } }

// Strict refuses a request's unknown signals and attributes. By default they are counted and ignored, so that an application may
// run ahead of its policy.
func Strict() Option { return func(o *options) { o.read.Lenient = false } }

// Trusted takes now, posture and params from the JSON of a request: for tools and tests. By default JSON that carries them
// is refused: they are the host's, not the caller's.
func Trusted() Option { return func(o *options) { o.read.Trusted = true } }

// Checked is a policy that was read and checked, and what there is to say about it.
type Checked struct {
	// Policy is as much as could be read.
	Policy      *policy.Policy
	Sources     []*diag.Source
	Diagnostics diag.List
	conditions  *expr.Conditions
}

// Conditions are the policy's conditions, as package expr has them: for what works on them. If Diagnostics has errors, some are not there.
func (c *Checked) Conditions() *expr.Conditions { return c.conditions }

// Check reads and checks a policy: the files named, or all *.rung.hcl in the root. Its diagnostics are all errors; of a policy without any, the
// warnings of package findings, which hold rules on trial against the present day. The error says that it could not be read at all.
func Check(fsys fs.FS, names ...string) (*Checked, error) {
	c, err := Read(fsys, names...)
	if err != nil {
		return nil, err
	}
	c.Diagnostics.Add(c.Findings(time.Now())...)
	c.Diagnostics.Sort()
	return c, nil
}

// Read is [Check] without the warnings, which [Checked.Findings] are.
func Read(fsys fs.FS, names ...string) (*Checked, error) {
	parsed, err := hcl.Parse(fsys, names...)
	if err != nil {
		return nil, err
	}
	c := &Checked{Policy: parsed.Policy, Sources: parsed.Sources, Diagnostics: parsed.Diagnostics}
	conditions, found := cel.Check(parsed.Policy)
	c.conditions = conditions
	c.Diagnostics.Add(found...)
	c.Diagnostics.Sort()
	return c, nil
}

// Findings are the warnings about the policy at a time, but for those of some codes; none while it has errors.
func (c *Checked) Findings(now time.Time, ignore ...string) diag.List {
	return c.find(findings.Input{Now: now, Ignore: ignore})
}

// Info is what package findings shows on request only: of these codes, all if there are none.
func (c *Checked) Info(codes ...string) diag.List {
	if len(codes) == 0 {
		for _, f := range findings.All() {
			codes = append(codes, f.Code)
		}
	}
	found := c.find(findings.Input{Show: codes})
	return slices.DeleteFunc(found, func(d diag.Diagnostic) bool { return d.Severity != diag.Info })
}

func (c *Checked) find(in findings.Input) diag.List {
	if c.Diagnostics.HasErrors() {
		return nil
	}
	in.Policy, in.Conditions, in.Comments = c.Policy, c.conditions, c.comments()
	return findings.Find(in)
}

// comments are those of the policy files in which one silences findings, and of the conditions in them.
func (c *Checked) comments() []diag.Span {
	var out []diag.Span
	silent := func(src *diag.Source) bool { return bytes.Contains(src.Bytes, []byte(findings.Silence)) }
	for _, src := range c.Sources {
		if silent(src) && !c.isList(src.Name) {
			out = append(out, hcl.Comments(src)...)
		}
	}
	if !slices.ContainsFunc(c.Sources, silent) {
		return nil
	}
	for _, l := range c.Policy.Lets {
		out = append(out, cel.Comments(l.CEL)...)
	}
	for _, r := range c.Policy.Rules {
		for _, t := range []*policy.Text{r.When, r.Unless} {
			if t != nil {
				out = append(out, cel.Comments(t)...)
			}
		}
	}
	return out
}

// isList reports whether a file is one of a list's data.
func (c *Checked) isList(name string) bool {
	return slices.ContainsFunc(c.Policy.Lists, func(l *policy.List) bool { return l.File == name })
}
