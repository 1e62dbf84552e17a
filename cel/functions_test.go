package cel

import (
	"strings"
	"testing"

	"cel.dev/cel-go/common/types"

	"github.com/rungpolicy/rung/cel/ext"
	"github.com/rungpolicy/rung/policy"
)

// TestExamples evaluates the example of every function: it calls it, and is true.
func TestExamples(t *testing.T) {
	t.Parallel()
	s := newSetup(&policy.Policy{}, nil)
	example := func(name, example string) {
		if called := name[strings.LastIndexAny(name, ".@_")+1:]; !strings.Contains(example, called) && !strings.ContainsAny(name, "@_") {
			t.Errorf("%s: %q does not call it", name, example)
		}
		if got := s.value(t, example); got != types.True {
			t.Errorf("%s: %s is %v", name, example, got)
		}
	}
	for _, l := range ext.Libraries() {
		for _, f := range l.Funcs {
			example(f.Name, f.Example)
		}
		for _, m := range l.Macros {
			example(m.Name, m.Example)
		}
	}
}

func TestFunctionsOf(t *testing.T) {
	t.Parallel()
	tests := []struct {
		of        *policy.Type
		want, not string
	}{
		{policy.String, "contains split size matches", "exists join getHours family"},
		{policy.ListOf(policy.String), "exists join size sortBy hasAny", "contains unwrapOpt"},
		{policy.ListOf(policy.Int), "exists sort", "join"},
		{policy.MapOf(policy.Any), "exists transformMap size", "sortBy join"},
		{policy.Timestamp, "getHours getFullYear", "size family"},
		{policy.Duration, "getHours getSeconds", "getFullYear"},
		{policy.IP, "family isLoopback", "containsIP"},
		{policy.CIDR, "containsIP masked", "family"},
		{&policy.Type{Kind: policy.KindOptional, Elem: policy.Int}, "orValue optMap", "first exists"},
		{policy.Any, "contains exists orValue", "math.abs has"},
	}
	for _, tt := range tests {
		got := make(map[string]bool)
		for _, f := range Functions() {
			if f.Of(tt.of) {
				got[f.Name] = true
			}
		}
		for _, name := range strings.Fields(tt.want) {
			if !got[name] {
				t.Errorf("%v has no %s", tt.of, name)
			}
		}
		for _, name := range strings.Fields(tt.not) {
			if got[name] {
				t.Errorf("%v has %s", tt.of, name)
			}
		}
	}
	for _, f := range Functions() {
		if alone := f.Global(); alone != map[string]bool{
			"has": true, "size": true, "contains": false, "exists": false, "math.abs": true, "ip": true, "matches": true, "orValue": false, "cel.bind": true,
		}[f.Name] && strings.Contains(" has size contains exists math.abs ip matches orValue cel.bind ", " "+f.Name+" ") {
			t.Errorf("%s by its name alone: %v", f.Name, alone)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want string }{
		{"subject.id == 'a.b'", "root:subject member:id<subject"},
		{"param.`tor exits`", "root:param member:tor exits<param"},
		{"a.b().c", "root:a method:b<a member:c"},
		{"math.abs(x)", "namespace:math function:abs<math root:x"},
		{"size(int)", "function:size type:int"},
		{"l.exists(x, x.y == z)", "root:l method:exists<l bind:x var:x member:y<x root:z"},
		{"l.exists(x, x) && x", "root:l method:exists<l bind:x var:x root:x"},
		{"l.transformList(i, x, i + x)", "root:l method:transformList<l bind:i bind:x var:i var:x"},
		{"l.map(x, p, x)", "root:l method:map<l bind:x root:p var:x"},
		{"cel.bind(v, a, v)", "namespace:cel function:bind<cel bind:v root:a var:v"},
		{"a.?b.?c", "root:a member:b<a member:c<b"},
		{"l.exists(x, x.", "root:l method:exists<l bind:x var:x"},
		{"a.in && // b.c", "root:a member:in<a"},
		{"'open", ""},
		{"has(device) ? a : $", "function:has root:device root:a"},
	}
	for _, tt := range tests {
		var got []string
		names := Names(tt.text)
		for _, n := range names {
			s := map[NameKind]string{
				NameRoot: "root", NameMember: "member", NameVariable: "var", NameFunction: "function", NameMethod: "method", NameNamespace: "namespace", NameType: "type",
			}[n.Kind]
			if n.Binds {
				s = "bind"
			}
			s += ":" + n.Text
			if n.Of >= 0 {
				s += "<" + names[n.Of].Text
			}
			got = append(got, s)
		}
		if s := strings.Join(got, " "); s != tt.want {
			t.Errorf("%s: got %q, want %q", tt.text, s, tt.want)
		}
	}
}
