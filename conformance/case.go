package conformance

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing/fstest"

	"golang.org/x/tools/txtar"
)

// Case is one case of the suite. README.md describes its parts.
type Case struct {
	Name      string // "decision/outcome-deny"
	Sentences []string
	Reader    Reader
	// Folder is the policy's folder.
	Folder fs.FS
	// Requests are the pairs; Diagnostics are the errors that are expected instead, if Refused.
	Requests    []Request
	Refused     bool
	Diagnostics []string
}

// Request is one request of a case and what it must get.
type Request struct {
	Name              string
	Request, Decision []byte
	// States are the lines of the states file; nil if there is none.
	States []string
}

// Cases reads all cases below the folder `cases`, ordered by name.
func Cases(fsys fs.FS) ([]*Case, error) {
	var all []*Case
	err := fs.WalkDir(fsys, "cases", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if path.Ext(name) != ".txtar" {
			return fmt.Errorf("%s: not a case", name)
		}
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		c, err := parseCase(text)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		c.Name = strings.TrimSuffix(strings.TrimPrefix(name, "cases/"), ".txtar")
		all = append(all, c)
		return nil
	})
	return all, err
}

func parseCase(text []byte) (*Case, error) {
	ar := txtar.Parse(text)
	c := &Case{Reader: Tools}
	if err := c.header(ar.Comment); err != nil {
		return nil, err
	}
	folder, parts := fstest.MapFS{}, map[string][]byte{}
	c.Folder = folder
	for _, f := range ar.Files {
		name, data, err := file(f)
		if err != nil {
			return nil, err
		}
		if folder[name] != nil || parts[name] != nil || !fs.ValidPath(name) {
			return nil, fmt.Errorf("%s: there twice, or not a path", name)
		}
		if isPart(name) {
			parts[name] = append([]byte{}, data...)
		} else {
			folder[name] = &fstest.MapFile{Data: data, Mode: 0o644}
		}
	}
	if err := c.take(parts); err != nil {
		return nil, err
	}
	if len(folder) == 0 || c.Refused == (len(c.Requests) > 0) {
		return nil, fmt.Errorf("want a policy, and either requests or diagnostics")
	}
	return c, nil
}

// isPart tells a file of the case from one of the policy's folder.
func isPart(name string) bool {
	return name == "diagnostics" || slices.ContainsFunc([]string{requestFile, decisionFile, statesFile}, func(suffix string) bool { return strings.HasSuffix(name, suffix) })
}

// How the names of a request's files end.
const (
	requestFile  = ".request.json"
	decisionFile = ".decision.json"
	statesFile   = ".states.txt"
)

// take puts requests together with their decisions.
func (c *Case) take(parts map[string][]byte) error {
	taken := 0
	if text, ok := parts["diagnostics"]; ok {
		c.Refused, c.Diagnostics = true, lines(text)
		taken++
	}
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		stem, ok := strings.CutSuffix(name, requestFile)
		if !ok {
			continue
		}
		r := Request{Name: stem, Request: parts[name], Decision: parts[stem+decisionFile]}
		if r.Decision == nil {
			return fmt.Errorf("%s has no decision", stem)
		}
		taken += 2
		if text, ok := parts[stem+statesFile]; ok {
			r.States = lines(text)
			taken++
		}
		c.Requests = append(c.Requests, r)
	}
	if taken != len(parts) {
		return fmt.Errorf("a decision or states without a request")
	}
	return nil
}

// header reads the `key: value` lines that a case's comment begins with.
func (c *Case) header(comment []byte) error {
	for _, line := range strings.Split(string(comment), "\n") {
		key, value, ok := strings.Cut(line, ": ")
		if !ok {
			break
		}
		switch key {
		case "sentence":
			c.Sentences = append(c.Sentences, strings.Fields(value)...)
		case "reader":
			c.Reader = Reader(value)
		case "reading":
		default:
			ok = false
		}
		if !ok {
			break
		}
	}
	if len(c.Sentences) == 0 {
		return fmt.Errorf("names no sentence")
	}
	if c.Reader != Tools && c.Reader != SDK {
		return fmt.Errorf("unknown reader %q", c.Reader)
	}
	return nil
}

// file returns the name and bytes of a file, which a recipe may have to make.
func file(f txtar.File) (string, []byte, error) {
	name, recipe := strings.CutSuffix(f.Name, ".gen")
	if !recipe {
		return name, f.Data, nil
	}
	var b bytes.Buffer
	for _, line := range lines(f.Data) {
		if err := generate(&b, line); err != nil {
			return "", nil, fmt.Errorf("%s: %q: %w", f.Name, line, err)
		}
	}
	return name, b.Bytes(), nil
}

// generate follows one line of a recipe.
func generate(b *bytes.Buffer, line string) error {
	count, what, _ := strings.Cut(line, " ")
	n, err := strconv.Atoi(count)
	if err != nil {
		return err
	}
	var text string
	if digits, ok := strings.CutPrefix(what, "hex "); ok {
		var raw []byte
		raw, err = hex.DecodeString(digits)
		text = string(raw)
	} else {
		err = json.Unmarshal([]byte(what), &text)
	}
	for i := range n {
		b.WriteString(strings.ReplaceAll(text, "{n}", strconv.Itoa(i)))
	}
	return err
}

// lines returns the lines that are not empty.
func lines(data []byte) []string {
	out := []string{}
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimRight(line, "\r\n"); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// Sentence is a line of the table of sentences.
type Sentence struct {
	ID, Text string
	// Later names the part of the project that covers it; "" if a case must.
	Later string
}

// Sentences reads the tables of the folder `sentences`.
func Sentences(fsys fs.FS) ([]*Sentence, error) {
	names, err := fs.Glob(fsys, "sentences/*.txt")
	if err != nil {
		return nil, err
	}
	var all []*Sentence
	for _, name := range names {
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		prefix := strings.TrimSuffix(path.Base(name), ".txt") + "."
		scan := bufio.NewScanner(bytes.NewReader(text))
		for scan.Scan() {
			switch line := scan.Text(); {
			case line == "" || strings.HasPrefix(line, "#"):
			case strings.HasPrefix(line, "later: ") && len(all) > 0:
				all[len(all)-1].Later = strings.TrimPrefix(line, "later: ")
			default:
				id, text, ok := strings.Cut(line, "\t")
				if !ok || !strings.HasPrefix(id, prefix) || strings.ContainsAny(id, " ") {
					return nil, fmt.Errorf("%s: %q: want an id %s…, a tab and the sentence", name, line, prefix)
				}
				all = append(all, &Sentence{ID: id, Text: text})
			}
		}
		if err := scan.Err(); err != nil {
			return nil, err
		}
	}
	return all, nil
}
