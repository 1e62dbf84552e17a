package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/casbin/govaluate"

	"github.com/rungpolicy/rung/bench/bank"
	"github.com/rungpolicy/rung/bench/engines"
)

// govaluateLoaded is an expression a rule, over the Go struct, whose attributes are found by a switch.
type govaluateLoaded map[string][]govaluateRule

type govaluateRule struct {
	bank.Rule
	expression *govaluate.EvaluableExpression
}

func loadGovaluate(p *bank.Policy) (engines.Loaded, error) {
	l := govaluateLoaded{}
	syntax := &language{
		path: func(path string) string { return "[" + path + "]" },
		quote: func(s string) string {
			return "'" + strings.ReplaceAll(s, `\`, `\\`) + "'"
		},
		in:  func(path string, list []string) string { return path + " IN (" + strings.Join(list, ", ") + ")" },
		has: "has(%s, %s)", prefix: "prefix(%s, %s)", cidr: "inside(%s, %s)", match: "%s =~ %s", exists: "anyPrefix(%s, %s)",
	}
	for action, rules := range byAction(p) {
		for _, r := range rules {
			e, err := govaluate.NewEvaluableExpressionWithFunctions(syntax.render(r.When), govaluateFunctions())
			if err != nil {
				return nil, fmt.Errorf("%s: %w", r.Name, err)
			}
			l[action] = append(l[action], govaluateRule{r, e})
		}
	}
	return l, nil
}

// govaluateFunctions stand for what the language has no words for.
func govaluateFunctions() map[string]govaluate.ExpressionFunction {
	inside := insideCached()
	return map[string]govaluate.ExpressionFunction{
		"inside": inside,
		"prefix": func(args ...any) (any, error) { return strings.HasPrefix(args[0].(string), args[1].(string)), nil },
		"has":    func(args ...any) (any, error) { return slices.Contains(args[0].([]string), args[1].(string)), nil },
		"anyPrefix": func(args ...any) (any, error) {
			prefix := args[1].(string)
			return slices.ContainsFunc(args[0].([]string), func(s string) bool { return strings.HasPrefix(s, prefix) }), nil
		},
	}
}

func (govaluateLoaded) Prepare(c *bank.Context) any { return c }

func (l govaluateLoaded) Decide(in any) (bank.Decision, error) {
	c := in.(*bank.Context)
	requirement := bank.Baseline
	for i := range l[c.Action] {
		r := &l[c.Action][i]
		v, err := r.expression.Eval((*attributes)(c))
		if err != nil {
			return bank.Decision{}, err
		}
		if v == true {
			requirement.Add(r.Deny, r.Level, r.MaxAge)
		}
	}
	return requirement.Meet(&c.Session), nil
}

// attributes are those of a question, by their path.
type attributes bank.Context

// Get implements govaluate.Parameters. Numbers are doubles there.
//
//nolint:funlen // an attribute a line
func (c *attributes) Get(path string) (any, error) {
	switch path {
	case "subject.id":
		return c.Subject.ID, nil
	case "subject.groups":
		return c.Subject.Groups, nil
	case "subject.role":
		return c.Subject.Role, nil
	case "subject.country":
		return c.Subject.Country, nil
	case "subject.mfa_enrolled":
		return c.Subject.MFAEnrolled, nil
	case "subject.tenure_days":
		return float64(c.Subject.TenureDays), nil
	case "session.amr":
		return c.Session.AMR, nil
	case "session.age":
		return float64(c.Session.Age), nil
	case "device.trusted":
		return c.Device.Trusted, nil
	case "device.managed":
		return c.Device.Managed, nil
	case "device.os":
		return c.Device.OS, nil
	case "device.last_seen_days":
		return float64(c.Device.LastSeenDays), nil
	case "network.ip":
		return c.Network.IP, nil
	case "network.asn":
		return float64(c.Network.ASN), nil
	case "network.country":
		return c.Network.Country, nil
	case "network.reputation":
		return c.Network.Reputation, nil
	case "network.tor":
		return c.Network.Tor, nil
	case "network.vpn":
		return c.Network.VPN, nil
	case "behavior.failed_logins_1h":
		return float64(c.Behavior.FailedLogins1h), nil
	case "behavior.impossible_travel":
		return c.Behavior.ImpossibleTravel, nil
	case "behavior.new_payee":
		return c.Behavior.NewPayee, nil
	case "env.threat":
		return c.Env.Threat, nil
	case "resource.amount":
		return c.Resource.Amount, nil
	case "resource.currency":
		return c.Resource.Currency, nil
	case "resource.payee_country":
		return c.Resource.PayeeCountry, nil
	case "resource.owner":
		return c.Resource.Owner, nil
	}
	return nil, fmt.Errorf("no attribute %s", path)
}
