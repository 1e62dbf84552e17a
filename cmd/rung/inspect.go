package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm"
	"github.com/rungpolicy/rung/wasm/abi"
	"github.com/rungpolicy/rung/wasm/host"
)

const inspectLong = `inspect says what a module is: the policy it was made of, what its actions read of a request,
what its rules ask for, and what takes the room. Nothing of the module runs.

It is verified first: that it imports nothing, exports what it should, holds no instructions
but those of modules that rung builds, and bounds its memory and its time.

Exit status: 0 it is a module that rung runs, 1 it is not, 2 it could not be read.`

func newInspect(a *app) *cobra.Command {
	var asJSON, asText bool
	cmd := &cobra.Command{
		Use:     "inspect FILE.wasm",
		Short:   "Verify a module, and say what it is",
		Long:    inspectLong,
		Example: "  rung inspect bank.wasm\n  rung inspect bank.wasm --json",
		Args:    usage(cobra.ExactArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			if asJSON && asText {
				return usagef("--json and --wat are two forms: give one")
			}
			return a.inspect(args[0], asJSON, asText)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	cmd.Flags().BoolVar(&asText, "wat", false, "print the module in WebAssembly's text format")
	return cmd
}

func (a *app) inspect(name string, asJSON, asText bool) error {
	module, err := readModule(name)
	if err != nil {
		return err
	}
	m, err := host.Verify(module)
	if err != nil {
		fmt.Fprintf(a.err, "rung: %s: not a module that rung runs: %s\n", diag.Visible(name), diag.Visible(err.Error()))
		return errBad
	}
	if asText {
		text, err := wasm.Text(module)
		if err != nil {
			return err
		}
		_, err = io.WriteString(a.out, text)
		return err
	}
	about, err := newInspection(name, module, m)
	if err != nil {
		return err
	}
	if asJSON {
		return printJSON(a.out, about)
	}
	t := &text{color: a.colorOn(a.out)}
	about.print(t)
	_, err = io.WriteString(a.out, t.out.String())
	return err
}

// inspection is what `rung inspect --json` prints.
type inspection struct {
	File     string        `json:"file"`
	Bytes    int           `json:"bytes"`
	SHA256   string        `json:"sha256"`
	Verified bool          `json:"verified"`
	Sections []jsonSection `json:"sections"`
	ABI      int           `json:"abi"`
	Language int           `json:"language"`
	Compiler string        `json:"compiler"`
	Policy   identity      `json:"policy"`
	// Memory is the most that an instance may take, in bytes; Fuel the most steps of a decision's loops.
	Memory int64  `json:"memory"`
	Fuel   int64  `json:"fuel"`
	Zones  string `json:"zones,omitempty"`
	Debug  bool   `json:"debug"`
	// TakesJSON says that it has the entry for requests as text.
	TakesJSON bool              `json:"takes_json"`
	Levels    []inspectedLevel  `json:"levels"`
	Methods   []string          `json:"methods,omitempty"`
	Postures  []string          `json:"postures,omitempty"`
	Params    []typed           `json:"params,omitempty"`
	Signals   []typed           `json:"signals"`
	Actions   []inspectedAction `json:"actions"`
}

type identity struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
	Digest  string `json:"digest"`
}

type inspectedLevel struct {
	Name      string   `json:"name"`
	Rank      int      `json:"rank"`
	ACRValues []string `json:"acr_values"`
}

type typed struct {
	Name      string `json:"name"`
	Type      string `json:"type"`
	Lazy      bool   `json:"lazy,omitempty"`
	Sensitive bool   `json:"sensitive,omitempty"`
}

type inspectedAction struct {
	Name     string          `json:"name"`
	HTTP     []string        `json:"http,omitempty"`
	GRPC     []string        `json:"grpc,omitempty"`
	Resource string          `json:"resource,omitempty"`
	Record   int             `json:"record"`
	Reads    []string        `json:"reads"`
	Rules    []inspectedRule `json:"rules"`
}

type inspectedRule struct {
	ID     string        `json:"id"`
	Effect policy.Effect `json:"effect"`
	Shadow bool          `json:"shadow,omitempty"`
	// Asks is what it asks for, in words.
	Asks string `json:"asks,omitempty"`
}

func newInspection(name string, module []byte, m *abi.Module) (*inspection, error) {
	parts, err := wasm.Measure(module)
	if err != nil {
		return nil, err
	}
	takesJSON, err := wasm.ReadsJSON(module)
	if err != nil {
		return nil, err
	}
	meta := &m.Meta
	out := &inspection{
		TakesJSON: takesJSON,
		File:      name, Bytes: len(module), SHA256: digest(module), Verified: true, Sections: sections(parts),
		ABI: meta.ABI, Language: meta.Language, Compiler: meta.Compiler, Policy: identity{meta.Name, meta.Version, meta.Digest},
		Memory: int64(meta.Pages) * abi.PageSize, Fuel: meta.Fuel, Zones: meta.TZData, Debug: m.Debug != nil, Methods: m.Outputs.Methods,
	}
	for _, l := range m.Outputs.Levels {
		out.Levels = append(out.Levels, inspectedLevel{l.Name, l.Rank, l.ACRValues})
	}
	for _, p := range m.Schema.Postures {
		out.Postures = append(out.Postures, p.Name)
	}
	for _, p := range m.Schema.Params {
		out.Params = append(out.Params, typed{Name: p.Name, Type: p.Type.String()})
	}
	for _, s := range m.Schema.Signals {
		out.Signals = append(out.Signals, typed{s.Name, s.Type.String(), slices.Contains(m.Schema.Lazy, s.Name), s.Sensitive})
	}
	for i := range m.Schema.Actions {
		out.Actions = append(out.Actions, inspectAction(m, i))
	}
	return out, nil
}

func inspectAction(m *abi.Module, n int) inspectedAction {
	a := &m.Schema.Actions[n]
	out := inspectedAction{Name: a.Name, HTTP: a.HTTP, GRPC: a.GRPC, Record: a.Size, Reads: []string{}, Rules: []inspectedRule{}}
	if a.Resource != nil {
		out.Resource = a.Resource.String()
	}
	for _, s := range a.Slots {
		path := s.Path
		if path[0] == "signals" {
			path = path[1:]
		}
		if dotted := strings.Join(path, "."); !s.Presence {
			out.Reads = append(out.Reads, dotted)
		}
	}
	slices.Sort(out.Reads)
	for _, i := range m.Outputs.Actions[n] {
		r := &m.Outputs.Rules[i]
		var methods [][]string
		if len(r.Methods) > 0 {
			methods = [][]string{r.Methods}
		}
		out.Rules = append(out.Rules, inspectedRule{r.ID, r.Effect, r.Shadow, demand(r.Level, r.MaxAge, methods)})
	}
	return out
}

// print writes it for people.
func (i *inspection) print(t *text) {
	t.out.WriteString(t.paint(bold, diag.Visible(strings.TrimSpace(i.Policy.Name+" "+i.Policy.Version))) + "\n")
	t.row("policy", i.Policy.Digest)
	t.row("module", fmt.Sprintf("%s, %s bytes", i.SHA256, thousands(i.Bytes)))
	t.row("verified", "imports nothing; exports and instructions are those of modules that rung builds")
	compiler := i.Compiler
	if compiler == "" {
		compiler = "(unknown)"
	}
	t.row("built by", fmt.Sprintf("rung %s, language %d, ABI %d", compiler, i.Language, i.ABI))
	t.row("bounds", fmt.Sprintf("at most %s KiB of memory, fuel of %s", thousands(int(i.Memory>>10)), thousands(int(i.Fuel))))
	if i.Zones != "" {
		t.row("zones", i.Zones)
	}
	if i.TakesJSON {
		t.row("entries", "decide_json takes requests as JSON text, and gives decisions so")
	}
	i.room(t)
	for _, l := range i.Levels {
		t.row("levels", l.Name+": "+strings.Join(l.ACRValues, " "))
	}
	t.list("methods", i.Methods)
	t.list("postures", i.Postures)
	for _, p := range i.Params {
		t.row("params", p.Name+": "+p.Type)
	}
	for _, a := range i.Actions {
		a.print(t)
	}
}

// room says which sections take the room; those that are small are one.
func (i *inspection) room(t *text) {
	rest := i.Bytes
	for _, s := range i.Sections {
		if note, ok := sectionNotes[s.Name]; ok {
			t.row("sections", fmt.Sprintf("%s: %s bytes, %s", s.Name, thousands(s.Bytes), note))
			rest -= s.Bytes
		}
	}
	t.row("sections", fmt.Sprintf("the rest: %s bytes", thousands(rest)))
}

func (t *text) list(label string, words []string) {
	if len(words) > 0 {
		t.row(label, strings.Join(words, ", "))
	}
}

func (a *inspectedAction) print(t *text) {
	t.last = ""
	t.out.WriteString("\n" + t.paint(bold, diag.Visible(a.Name)) + "\n")
	t.list("http", a.HTTP)
	t.list("grpc", a.GRPC)
	t.list("reads", a.Reads)
	for _, r := range a.Rules {
		s := r.ID
		if r.Effect == policy.Deny {
			s += " denies"
		} else {
			s += " asks for " + r.Asks
		}
		if r.Shadow {
			s += ", on trial"
		}
		t.row("rules", s)
	}
}
