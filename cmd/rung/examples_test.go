package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rungpolicy/rung/policy"
	rung "github.com/rungpolicy/rung/sdk"
)

// policies are the examples that are policies: a folder each, with requests, people and a page.
var policies = []string{"bank", "deploy", "hospital", "psd2", "saas"}

// TestExampleTables holds the table of each example's page, who may do what after which authentication, against the decisions. A row is a request, a column a
// person, whose signals take the place of the request's own. With -update, the cells are written anew.
func TestExampleTables(t *testing.T) {
	t.Parallel()
	for _, name := range policies {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join("../../examples", name)
			page := filepath.Join(dir, "README.md")
			text, err := os.ReadFile(page)
			if err != nil {
				t.Fatal(err)
			}
			now := exampleTable(t, dir, string(text))
			switch {
			case now == string(text):
			case *update:
				if err := os.WriteFile(page, []byte(now), 0o644); err != nil {
					t.Fatal(err)
				}
			default:
				t.Errorf("%s does not say what the policy does; `go test ./cmd/rung -update` writes:\n%s", page, now)
			}
		})
	}
}

var (
	personLink  = regexp.MustCompile(`\(people/([a-z0-9-]+)\.json\)`)
	requestLink = regexp.MustCompile(`^\| \[[^]]+\]\(requests/([a-z0-9-]+)\.json\)`)
)

// exampleTable is a page with the cells of its table as they should be.
func exampleTable(t *testing.T, dir, page string) string {
	t.Helper()
	e := exampleEngine(t, dir)
	var people []string
	var shown []string
	var out strings.Builder
	for line := range strings.Lines(page) {
		if found := personLink.FindAllStringSubmatch(line, -1); strings.HasPrefix(line, "| ") && len(found) > 0 {
			for _, m := range found {
				people = append(people, m[1])
			}
		}
		if m := requestLink.FindStringSubmatch(line); m != nil {
			shown = append(shown, m[1])
			line = m[0]
			for _, who := range people {
				line += " | " + cell(e, asked(t, dir, m[1], who))
			}
			line += " |\n"
		}
		out.WriteString(line)
	}
	if want := jsonFiles(t, dir, "people"); !slices.Equal(slices.Sorted(slices.Values(people)), want) {
		t.Errorf("the table's people are %s, of the folder %s", people, want)
	}
	if len(shown) < 5 {
		t.Errorf("the table has %d rows", len(shown))
	}
	return out.String()
}

// TestExampleRequests decides every request of the examples as it stands: `rung eval` is to answer it.
func TestExampleRequests(t *testing.T) {
	t.Parallel()
	for _, name := range policies {
		dir := filepath.Join("../../examples", name)
		e := exampleEngine(t, dir)
		for _, request := range jsonFiles(t, dir, "requests") {
			text, err := os.ReadFile(filepath.Join(dir, "requests", request+".json"))
			if err != nil {
				t.Fatal(err)
			}
			if d := e.DecideJSON(text); d.Error != nil && request != "14-not-declared" {
				t.Errorf("%s/%s: %v", name, request, d.Error)
			}
		}
	}
}

func exampleEngine(t *testing.T, dir string) *rung.Engine {
	t.Helper()
	c, err := read([]string{dir})
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Diagnostics) > 0 {
		t.Fatalf("%s: %v", dir, c.Diagnostics)
	}
	e, err := c.Engine(rung.Trusted(), rung.Strict())
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// jsonFiles are the names of a folder's requests or people, without the ending.
func jsonFiles(t *testing.T, dir, kind string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, kind, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s has no %s: %v", dir, kind, err)
	}
	for i, f := range files {
		files[i] = strings.TrimSuffix(filepath.Base(f), ".json")
	}
	slices.Sort(files)
	return files
}

// asked is a request, made by somebody.
func asked(t *testing.T, dir, request, who string) []byte {
	t.Helper()
	var r, p map[string]json.RawMessage
	var signals, theirs map[string]json.RawMessage
	for _, x := range []struct {
		file string
		top  *map[string]json.RawMessage
		into *map[string]json.RawMessage
	}{{"requests/" + request, &r, &signals}, {"people/" + who, &p, &theirs}} {
		text, err := os.ReadFile(filepath.Join(dir, x.file+".json"))
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, x.top); err != nil {
			t.Fatalf("%s: %v", x.file, err)
		}
		if err := json.Unmarshal((*x.top)["signals"], x.into); err != nil {
			t.Fatalf("%s: %v", x.file, err)
		}
	}
	maps.Copy(signals, theirs)
	var err error
	if r["signals"], err = json.Marshal(signals); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// cell says what comes of a request, in few words.
func cell(e *rung.Engine, request []byte) string {
	d := e.DecideJSON(request)
	switch {
	case d.Error != nil:
		return "error: " + d.Error.Message
	case d.Effect == rung.Allow:
		return "yes"
	case d.Effect == rung.Need:
		return "fetch `" + strings.Join(d.Need, "`, `") + "`"
	case d.Effect != rung.StepUp:
		return "**no**"
	}
	words := "`" + d.Requirement.Level + "`"
	if age := d.Requirement.MaxAge; age.Set {
		words += ", " + span(age.N)
	}
	if d.Requirement.Reachable == policy.No {
		words += ", cannot"
	}
	return words
}
