package main

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/rungpolicy/rung/diag"
	rung "github.com/rungpolicy/rung/sdk"
	"github.com/rungpolicy/rung/wasm"
	"github.com/rungpolicy/rung/wasm/host"
)

const buildLong = `build makes a policy a WebAssembly module, which takes whole decisions by itself: one file,
no imports, the same answers. The same policy and version of rung come to the same bytes.

The policy is a folder (the current one by default) or the files named. The module is written
to NAME.wasm, after the policy's name, or where -o says; - is standard output. The file is
replaced as a whole or not at all.

--json adds an entry for hosts in any language that takes and gives JSON text: docs/abi.md.

--js writes an ES module instead, FILE.mjs, with the SDK and the module inside, and beside it
FILE.d.mts, by which TypeScript knows the policy's actions, resources, signals, levels and rules.
Whoever has a module can read it. --public refuses what a page should not publish, lists and
what sensitive signals are held against, and says what is published.

What a module cannot decide is refused, each construct at its place.

Exit status: 0 built, 1 the policy has errors or holds what a module cannot decide, 2 it could
not be read or written.`

type buildOptions struct {
	out, js                          string
	strip, json, public, sizes, fast bool
	format                           string
}

func newBuild(a *app) *cobra.Command {
	var o buildOptions
	cmd := &cobra.Command{
		Use:     "build [DIR|FILE...]",
		Short:   "Make a policy a WebAssembly module",
		Long:    buildLong,
		Example: "  rung build policy/ -o bank.wasm\n  rung build policy/ -o bank.wasm --size\n  rung build policy/ --js bank.mjs",
		RunE:    func(_ *cobra.Command, args []string) error { return a.build(args, &o) },
	}
	f := cmd.Flags()
	f.StringVarP(&o.out, "output", "o", "", "the `FILE` to write; - is standard output")
	f.StringVar(&o.js, "js", "", "write an ES module to `FILE.mjs`, its types beside it; with -o, a .wasm too")
	f.BoolVar(&o.fast, "fast", false, "with --js: add code that decides about plain objects several times as fast")
	f.BoolVar(&o.public, "public", false, "refuse what should not be read by everybody, and say what is published")
	f.BoolVar(&o.strip, "strip", false, "leave out where conditions stand: decisions then do not say where one erred")
	f.BoolVar(&o.json, "json", false, "add an entry that takes requests and gives decisions as JSON text")
	f.BoolVar(&o.sizes, "size", false, "print what takes the room, by rule and helper")
	f.StringVar(&o.format, "format", "text", "how --size prints: the `FORMAT` text or json")
	complete(cmd, "format", formats)
	return cmd
}

func (a *app) build(args []string, o *buildOptions) error {
	if o.out == "-" && o.sizes {
		return usagef("-o - writes the module to standard output, where --size prints")
	}
	if err := oneOf("--format", o.format, formats); err != nil {
		return err
	}
	if o.out == "-" && isTerminal(a.out) {
		return usagef("-o - writes the module to standard output, which is a terminal")
	}
	c, err := read(args)
	if err != nil {
		return err
	}
	if o.fast && o.js == "" {
		return usagef("--fast is for modules of JavaScript: name one with --js")
	}
	if o.js != "" && typesOf(o.js) == "" {
		return usagef("--js writes a FILE.mjs or FILE.js, not %s", o.js)
	}
	m, err := a.compile(c, wasm.Options{Compiler: readVersions().Rung, Strip: o.strip, Public: o.public, JSON: o.json, Fast: o.fast})
	if err != nil {
		return err
	}
	if o.public {
		fmt.Fprint(a.err, published(c))
	}
	if o.js != "" {
		if err := a.writeJS(o.js, m, o.fast); err != nil || o.out == "" {
			return err
		}
	}
	name := o.out
	if name == "" {
		name = c.Policy.Name + ".wasm"
	}
	if name == "-" {
		_, err := a.out.Write(m.Bytes)
		return err
	}
	if err := writeOver(name, m.Bytes, isModule); err != nil {
		return err
	}
	return a.built(name, m, o)
}

// compile makes a module of a policy, and says why if it cannot be made.
func (a *app) compile(c *rung.Checked, o wasm.Options) (*wasm.Module, error) {
	m, err := rung.Build(c, o)
	var refused diag.List
	switch {
	case errors.As(err, &refused):
		if !c.Diagnostics.HasErrors() {
			c.Diagnostics.Add(refused...)
			c.Diagnostics.Sort()
		}
		if err := a.report(a.err, c); err != nil {
			return nil, err
		}
		return nil, errBad
	case err != nil:
		return nil, err
	}
	if _, err := host.Verify(m.Bytes); err != nil {
		return nil, fmt.Errorf("the module that was built is refused, which is a mistake of rung: %w", err)
	}
	if len(c.Diagnostics) > 0 { // warnings
		return m, a.report(a.err, c)
	}
	return m, nil
}

// writeOver writes a file, which is replaced as a whole. It does not write over what is not of its kind.
func writeOver(name string, text []byte, kind func(string) bool) error {
	if to, err := filepath.EvalSymlinks(name); err == nil {
		name = to
	}
	switch info, err := os.Stat(name); {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return plain(err)
	case info.IsDir():
		return fmt.Errorf("%s: it is a folder: name a file in it", name)
	case !info.Mode().IsRegular(): // a device, a pipe
		return plain(os.WriteFile(name, text, 0o666))
	case info.Size() > 0 && !kind(name):
		return fmt.Errorf("%s: it is there, and no module: not written over", name)
	}
	part := filepath.Join(filepath.Dir(name), "."+filepath.Base(name)+"."+rand.Text()[:8]+".part")
	if err := writeWhole(part, text); err != nil {
		return plain(errors.Join(err, removed(part)))
	}
	if err := os.Rename(part, name); err != nil {
		return errors.Join(plain(err), removed(part))
	}
	return nil
}

// writeWhole writes a new file, and does not return before it is on the disk.
func writeWhole(name string, text []byte) error {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666) // the umask says who may read it
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Sync(), f.Close())
}

// removed removes a file, if it is there.
func removed(name string) error {
	if err := os.Remove(name); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// magic is how every WebAssembly file begins.
const magic = "\x00asm"

func isModule(name string) bool { return begins(name, magic) }

// begins reports whether a file begins with a text.
func begins(name, text string) bool {
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close() //nolint:errcheck // it was only read
	head := make([]byte, len(text))
	_, err = io.ReadFull(f, head)
	return err == nil && bytes.Equal(head, []byte(text))
}

// building is what `rung build --size --format=json` prints.
type building struct {
	File     string        `json:"file"`
	Bytes    int           `json:"bytes"`
	SHA256   string        `json:"sha256"`
	Sections []jsonSection `json:"sections"`
	Parts    []jsonPart    `json:"parts"`
}

type jsonSection struct {
	Name  string `json:"name"`
	Bytes int    `json:"bytes"`
}

type jsonPart struct {
	Kind  wasm.Kind `json:"kind"`
	Name  string    `json:"name"`
	Bytes int       `json:"bytes"`
	Rules []string  `json:"rules,omitempty"`
}

// built says what was built.
func (a *app) built(name string, m *wasm.Module, o *buildOptions) error {
	if o.sizes && o.format == "json" {
		b := building{File: name, Bytes: len(m.Bytes), SHA256: digest(m.Bytes), Sections: sections(m.Sizes.Sections)}
		for _, p := range m.Sizes.Parts {
			b.Parts = append(b.Parts, jsonPart{p.Kind, p.Name, p.Size, p.Rules})
		}
		return printJSON(a.out, b)
	}
	fmt.Fprintf(a.err, "%s: %s bytes\n", name, thousands(len(m.Bytes)))
	if o.sizes {
		_, err := io.WriteString(a.out, sizeTable(m.Sizes))
		return err
	}
	return nil
}

func sections(in []wasm.Section) []jsonSection {
	var out []jsonSection
	for _, s := range in {
		out = append(out, jsonSection{s.Name, s.Size})
	}
	return out
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:])
}

func printJSON(w io.Writer, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n", text)
	return err
}
