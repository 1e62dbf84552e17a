package rungtest

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/hcl"
)

// Difference is a part of a decision that is not as expected.
type Difference struct {
	// Path says which: `requirement.level`, `reasons[0].rule`.
	Path string `json:"path"`
	// Expected and Got are JSON; "" is nothing at all.
	Expected string `json:"expected"`
	Got      string `json:"got"`
	// Range is where it is expected.
	Range diag.Range `json:"at"`
}

// compare holds a decision's JSON against what is expected of it.
func compare(want *hcl.Expect, decision []byte) []Difference {
	c := comparison{}
	c.value("", want, decoded(decision))
	return c.found
}

type comparison struct{ found []Difference }

func (c *comparison) differ(path string, want *hcl.Expect, got any) {
	c.found = append(c.found, Difference{Path: path, Expected: written(want), Got: jsonText(got), Range: want.Range})
}

// value compares a value. What a decision leaves out is nil: an absent list is an empty one.
func (c *comparison) value(path string, want *hcl.Expect, got any) {
	same := false
	switch want.Kind {
	case hcl.ExpectAbsent:
		same = got == nil
	case hcl.ExpectText:
		s, ok := got.(string)
		same = ok && s == want.Text
	case hcl.ExpectNumber:
		n, ok := got.(json.Number)
		same = ok && n.String() == strconv.FormatInt(want.Number, 10)
	case hcl.ExpectBool:
		b, ok := got.(bool)
		same = ok && b == want.Bool
	case hcl.ExpectList:
		list, _ := got.([]any)
		c.list(path, want, list)
		return
	case hcl.ExpectObject:
		if object, ok := got.(map[string]any); ok {
			c.object(path, want, object)
			return
		}
	}
	if !same {
		c.differ(path, want, got)
	}
}

func (c *comparison) object(path string, want *hcl.Expect, got map[string]any) {
	if path != "" {
		path += "."
	}
	for i := range want.Fields {
		f := &want.Fields[i]
		c.value(path+f.Name, &f.Expect, got[f.Name])
	}
}

// list compares lists as a whole: element by element, and none is missing or too many.
func (c *comparison) list(path string, want *hcl.Expect, got []any) {
	for i := range want.Items {
		var x any
		if i < len(got) {
			x = got[i]
		}
		c.value(element(path, i), &want.Items[i], x)
	}
	for i := len(want.Items); i < len(got); i++ {
		c.differ(element(path, i), &hcl.Expect{Range: want.Range}, got[i])
	}
}

func element(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

// written is an expected value as JSON; "" is nothing.
func written(e *hcl.Expect) string {
	switch e.Kind {
	case hcl.ExpectAbsent:
		return ""
	case hcl.ExpectText:
		return jsonText(e.Text)
	case hcl.ExpectNumber:
		return strconv.FormatInt(e.Number, 10)
	case hcl.ExpectBool:
		return strconv.FormatBool(e.Bool)
	case hcl.ExpectList:
		items := make([]string, len(e.Items))
		for i := range e.Items {
			items[i] = written(&e.Items[i])
		}
		return "[" + strings.Join(items, ", ") + "]"
	case hcl.ExpectObject:
		fields := make([]string, len(e.Fields))
		for i := range e.Fields {
			value := written(&e.Fields[i].Expect)
			if value == "" {
				value = "null"
			}
			fields[i] = jsonText(e.Fields[i].Name) + ": " + value
		}
		return "{" + strings.Join(fields, ", ") + "}"
	}
	return ""
}

// jsonText is a value as JSON; "" is nothing.
func jsonText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case json.Number:
		return v.String()
	}
	var b strings.Builder
	out := json.NewEncoder(&b)
	out.SetEscapeHTML(false)
	if err := out.Encode(v); err != nil {
		return ""
	}
	return strings.TrimSuffix(b.String(), "\n")
}
