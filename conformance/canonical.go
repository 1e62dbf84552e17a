package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
)

// place is a file, a line and a column; its first group leaves the column out.
var place = regexp.MustCompile(`^(.+:[0-9]+):[0-9]+$`)

// Canonical returns the canonical form of a decision, by which engines are compared (docs/language.md, "Canonical form"):
// indented JSON, its members sorted, without what engines may word for themselves. The member `policy` stays if withPolicy.
// Numbers stay as they are written.
func Canonical(decision []byte, withPolicy bool) (string, error) {
	d, err := object(decision)
	if err != nil {
		return "", err
	}
	if !withPolicy {
		delete(d, "policy")
	}
	delete(d, "trace")
	if e, ok := d["error"].(map[string]any); ok {
		delete(e, "message")
	}
	if entries, ok := d["indeterminate"].([]any); ok {
		for _, e := range entries {
			canonicalIndeterminate(e)
		}
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b) // sorts the members of maps
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err = enc.Encode(d)
	return b.String(), err
}

func canonicalIndeterminate(entry any) {
	e, ok := entry.(map[string]any)
	if !ok {
		return
	}
	delete(e, "error")
	if at, ok := e["at"].(string); ok {
		e["at"] = place.ReplaceAllString(at, "$1")
	}
}

// object reads one JSON object and nothing after it.
func object(text []byte) (map[string]any, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var d map[string]any
	if err := dec.Decode(&d); err != nil {
		return nil, err
	}
	if d == nil || dec.More() {
		return nil, fmt.Errorf("not one JSON object")
	}
	return d, nil
}
