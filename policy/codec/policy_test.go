package codec_test

import "github.com/rungpolicy/rung/policy"

func attr(name string, t *policy.Type) policy.Attr { return policy.Attr{Name: name, Type: t} }

// bank is a policy with the standard signals, an action with a resource and one without.
func bank() *policy.Policy {
	return &policy.Policy{
		Name:    "bank",
		Levels:  policy.DefaultLevels(),
		Signals: policy.StandardSignals(),
		Params: []*policy.Param{
			{Name: "limit", Type: policy.Double},
			{Name: "tags", Type: policy.Any},
			{Name: "window", Type: policy.Duration},
			{Name: "zone", Type: policy.ObjectOf("", attr("country", policy.String))},
		},
		Postures: []*policy.Posture{{Name: "elevated", Rank: 1}},
		Actions: []*policy.Action{
			{Name: "profile.view"},
			{Name: "transfer.create", Resource: policy.ObjectOf("resource",
				attr("amount", policy.Double), attr("currency", policy.String), attr("payee_country", policy.String),
				policy.Attr{Name: "payee_trusted", Type: policy.Bool, Optional: true})},
		},
	}
}

// everything is a policy with a signal of every type, of the type's name, in an action `a`.
func everything() *policy.Policy {
	item := policy.ObjectOf("", attr("n", policy.Int), attr("any", policy.Any), attr("tags", policy.ListOf(policy.String)))
	var many []policy.Attr
	for c := 'a'; c <= 'z'; c++ {
		many = append(many, attr(string(c), policy.Int))
	}
	p := &policy.Policy{Actions: []*policy.Action{{Name: "a"}}}
	add := func(name string, t *policy.Type) {
		p.Signals = append(p.Signals, &policy.Signal{Name: name, Type: t, Declared: true})
	}
	// In the order of their names.
	add("any", policy.Any)
	add("bool", policy.Bool)
	add("bytes", policy.Bytes)
	add("cidr", policy.CIDR)
	add("double", policy.Double)
	add("duration", policy.Duration)
	add("int", policy.Int)
	add("ip", policy.IP)
	add("list", policy.ListOfMax(policy.Int, 3))
	add("list_any", policy.ListOf(policy.Any))
	add("list_object", policy.ListOf(item))
	add("many", policy.ObjectOf("many", many...))
	add("map", policy.MapOf(policy.Int))
	add("map_any", policy.MapOf(policy.Any))
	add("null", policy.NullType)
	add("object", policy.ObjectOf("object", attr("any", policy.Any), attr("deep", item), attr("int", policy.Int)))
	add("open", &policy.Type{Kind: policy.KindList, Elem: policy.Bool}) // a list whose type says no size
	p.Signals = append(p.Signals, &policy.Signal{
		Name: "secret", Sensitive: true,
		Type: policy.ObjectOf("secret",
			attr("bool", policy.Bool), attr("cidr", policy.CIDR), attr("int", policy.Int), attr("items", policy.ListOf(item)), attr("map", policy.MapOf(policy.Int))),
	})
	add("string", policy.String)
	add("timestamp", policy.Timestamp)
	add("uint", policy.Uint)
	return p
}
