package codec_test

import "github.com/rungpolicy/rung/policy"

func attr(name string, t *policy.Type) policy.Attr { return policy.Attr{Name: name, Type: t} }

// bank is a policy with the standard signals and one action.
func bank() *policy.Policy {
	return &policy.Policy{
		Name:    "bank",
		Levels:  policy.DefaultLevels(),
		Signals: policy.StandardSignals(),
		Params:  []*policy.Param{{Name: "limit", Type: policy.Double}, {Name: "tags", Type: policy.Any}, {Name: "window", Type: policy.Duration}},
		Postures: []*policy.Posture{
			{Name: "elevated", Rank: 1},
		},
		Actions: []*policy.Action{
			{Name: "profile.view"},
			{Name: "transfer.create", Resource: policy.ObjectOf("resource",
				attr("amount", policy.Double), attr("currency", policy.String), attr("payee_country", policy.String),
				policy.Attr{Name: "payee_trusted", Type: policy.Bool, Optional: true})},
		},
	}
}
