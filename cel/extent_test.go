package cel

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
)

// nodeTexts writes the nodes of a tree by their ids, a line each: kind, type, text.
func nodeTexts(root expr.Expr) string {
	var b strings.Builder
	expr.Walk(root, func(e expr.Expr) bool {
		n := e.Node()
		kind := strings.TrimPrefix(fmt.Sprintf("%T", e), "*expr.")
		if c, ok := e.(*expr.Call); ok {
			kind += " " + c.Function + " " + strings.Join(c.Overloads, ",")
		}
		fmt.Fprintf(&b, "%d %s: %s\n", n.ID, kind, n.Text)
		return true
	})
	return b.String()
}

// TestExtents holds the trees and the exact texts of expressions.
func TestExtents(t *testing.T) {
	t.Parallel()
	env := bankEnv()
	for _, c := range []struct{ src, want string }{
		{"(1 + 2) * 3 == 9", `
0 Call _==_ equals: (1 + 2) * 3 == 9
1 Call _*_ multiply_int64: (1 + 2) * 3
2 Call _+_ add_int64: 1 + 2
3 Const: 1
4 Const: 2
5 Const: 3
6 Const: 9
`},
		{" ( device.trusted )&& !( device . managed ) // end", `
0 Logic: ( device.trusted )&& !( device . managed )
1 Select: device.trusted
2 Signal: device
3 Call !_ logical_not: !( device . managed )
4 Select: device . managed
5 Signal: device
`},
		{"subject.groups.exists(g, g.startsWith('a')) || -network.asn < -5", `
0 Logic: subject.groups.exists(g, g.startsWith('a')) || -network.asn < -5
1 Fold: subject.groups.exists(g, g.startsWith('a'))
2 Select: subject.groups
3 Signal: subject
4 Call startsWith starts_with_string: g.startsWith('a')
5 Local: g
6 Const: 'a'
7 Call _<_ less_int64: -network.asn < -5
8 Call -_ negate_int64: -network.asn
9 Select: network.asn
10 Signal: network
11 Const: -5
`},
		{"math.greatest(1, 2 , (3)) > 'é'.size()", `
0 Call _>_ greater_int64: math.greatest(1, 2 , (3)) > 'é'.size()
1 Call math.@max math_@max_list_int: math.greatest(1, 2 , (3))
2 MakeList: 1, 2 , (3)
3 Const: 1
4 Const: 2
5 Const: 3
6 Call size string_size: 'é'.size()
7 Const: 'é'
`},
		{"session.level >= level.aal2 && posture >= postures.elevated", `
0 Logic: session.level >= level.aal2 && posture >= postures.elevated
1 Call _>=_ greater_equals_int64: session.level >= level.aal2
2 SessionLevel: session.level
3 Const: level.aal2
4 Call _>=_ greater_equals_int64: posture >= postures.elevated
5 Signal: posture
6 Const: postures.elevated
`},
		{"device.?id.optMap(i, i + 'x').orValue('') in list.sanctioned", `
0 Call @in in_list: device.?id.optMap(i, i + 'x').orValue('') in list.sanctioned
1 OrElse: device.?id.optMap(i, i + 'x').orValue('')
2 OptMap: device.?id.optMap(i, i + 'x')
3 Select: device.?id
4 Signal: device
5 Call _+_ add_string: i + 'x'
6 Local: i
7 Const: 'x'
8 Const: ''
9 List: list.sanctioned
`},
		{"cel.bind(n, param.transfer_limit, n > 1.0 ? has(device) : has(subject.attributes.a.b))", `
0 Bind: cel.bind(n, param.transfer_limit, n > 1.0 ? has(device) : has(subject.attributes.a.b))
1 Param: param.transfer_limit
2 Cond: n > 1.0 ? has(device) : has(subject.attributes.a.b)
3 Call _>_ greater_double: n > 1.0
4 Local: n
5 Const: 1.0
6 Has: has(device)
7 Signal: device
8 Has: has(subject.attributes.a.b)
9 Select: subject.attributes.a
10 Select: subject.attributes
11 Signal: subject
`},
		{"[?device.?id, 'a'][0] == {'k' : r'\\'}['k'] + \"b\\n\" + 'c'", `
0 Call _==_ equals: [?device.?id, 'a'][0] == {'k' : r'\'}['k'] + "b\n" + 'c'
1 Index: [?device.?id, 'a'][0]
2 MakeList: [?device.?id, 'a']
3 Select: device.?id
4 Signal: device
5 Const: 'a'
6 Const: 0
7 Call _+_ add_string: {'k' : r'\'}['k'] + "b\n" + 'c'
8 Call _+_ add_string: {'k' : r'\'}['k'] + "b\n"
9 Index: {'k' : r'\'}['k']
10 MakeMap: {'k' : r'\'}
11 Const: 'k'
12 Const: r'\'
13 Const: 'k'
14 Const: "b\n"
15 Const: 'c'
`},
		{"type(now) == google.protobuf.Timestamp && network.ip in list.tor_exits", `
0 Logic: type(now) == google.protobuf.Timestamp && network.ip in list.tor_exits
1 Call _==_ equals: type(now) == google.protobuf.Timestamp
2 Call type type: type(now)
3 Signal: now
4 TypeConst: google.protobuf.Timestamp
5 Call @in in_addresses: network.ip in list.tor_exits
6 Select: network.ip
7 Signal: network
8 List: list.tor_exits
`},
		{"[3, 1].sortBy(x, -x)[0] == 3 || base64.encode(b'a') == ''", `
0 Logic: [3, 1].sortBy(x, -x)[0] == 3 || base64.encode(b'a') == ''
1 Call _==_ equals: [3, 1].sortBy(x, -x)[0] == 3
2 Index: [3, 1].sortBy(x, -x)[0]
3 Bind: [3, 1].sortBy(x, -x)
4 MakeList: [3, 1]
5 Const: 3
6 Const: 1
7 Call @sortByAssociatedKeys list_int_sortByAssociatedKeys: [3, 1].sortBy(x, -x)
8 Local: [3, 1]
9 Fold: [3, 1].sortBy(x, -x)
10 Local: [3, 1]
11 Call -_ negate_int64: -x
12 Local: x
13 Const: 0
14 Const: 3
15 Call _==_ equals: base64.encode(b'a') == ''
16 Call base64.encode base64_encode_bytes: base64.encode(b'a')
17 Const: b'a'
18 Const: ''
`},
	} {
		got, diags := env.Check(fileOf(c.src), nil)
		if len(diags) > 0 {
			t.Errorf("%s: %v", c.src, diags)
			continue
		}
		if d := cmp.Diff(strings.TrimPrefix(c.want, "\n"), nodeTexts(got.Root)); d != "" {
			t.Errorf("%s: %s", c.src, d)
		}
		spansAreTexts(t, got.Root)
	}
}

// spansAreTexts checks that every node's span holds its text, in a file without escapes.
func spansAreTexts(t *testing.T, root expr.Expr) {
	t.Helper()
	expr.Walk(root, func(e expr.Expr) bool {
		if n := e.Node(); n.Span.Text() != n.Text {
			t.Errorf("%q stands at %q", n.Text, n.Span.Text())
		}
		return true
	})
}

// TestFoldedStrings shows what is folded, and what is not because it could fail.
func TestFoldedStrings(t *testing.T) {
	t.Parallel()
	env := bankEnv()
	for src, want := range map[string]string{
		"'a' + 'b' + \"c\"":        "0 Const: 'a' + 'b' + \"c\"\n",
		"1 / 0 == 1":               "0 Call _==_ equals: 1 / 0 == 1\n1 Call _/_ divide_int64: 1 / 0\n2 Const: 1\n3 Const: 0\n4 Const: 1\n",
		"-(-9223372036854775808) ": "0 Call -_ negate_int64: -(-9223372036854775808)\n1 Const: -9223372036854775808\n",
	} {
		c, diags := env.Check(fileOf(src), nil)
		if len(diags) > 0 {
			t.Error(src, diags)
			continue
		}
		if got := nodeTexts(c.Root); got != want {
			t.Errorf("%s:\n%s", src, got)
		}
	}
	c, _ := env.Check(fileOf("'a' + r'\\b'"), nil)
	if v := c.Root.(*expr.Const).Value; v != policy.Value(`a\b`) {
		t.Error(v)
	}
}
