package bank

import (
	"fmt"
	"math/rand/v2"
)

var (
	sanctioned = []string{"KP", "IR", "SY", "CU", "RU"}
	eea        = []string{"DE", "FR", "NL", "PL", "ES", "IT", "SE", "AT", "BE", "FI", "DK", "IE"}
	hosting    = []int64{9009, 14061, 16509, 24940, 63949, 396982}
)

// Bank is the base policy: 12 actions of 5 rules. HandWritten says the same in Go.
//
//nolint:funlen // a rule a line
func Bank() *Policy {
	p := &Policy{Name: "bank"}
	act := func(name string, rules ...Rule) {
		p.Actions = append(p.Actions, name)
		for i, r := range rules {
			r.Action, r.Name = name, fmt.Sprintf("%s/%d", name, i)
			p.Rules = append(p.Rules, r)
		}
	}
	step := func(level, maxAge int64, when *Expr) Rule { return Rule{Level: level, MaxAge: maxAge, When: when} }
	deny := func(when *Expr) Rule { return Rule{Deny: true, When: when} }

	act("transfer.create",
		step(2, 300, And(Float("resource.amount", ">", 1000), Or(Not(Is("device.trusted")), Is("behavior.new_payee")))),
		step(3, 60, And(Float("resource.amount", ">", 10000), In("env.threat", "elevated", "critical"))),
		step(2, 600, And(Or(Float("network.reputation", "<", 0.3), Is("network.tor")), Not(Has("subject.groups", "vpn-allowed")))),
		deny(In("resource.payee_country", sanctioned...)),
		step(2, 0, And(Not(CIDR("network.ip", "10.0.0.0/8")), Not(CIDR("network.ip", "192.168.0.0/16")), Int("behavior.failed_logins_1h", ">=", 3))),
	)
	act("transfer.approve",
		step(3, 120, And(Float("resource.amount", ">=", 5000), Not(Has("subject.groups", "treasury")))),
		deny(And(Same("resource.owner", "==", "subject.id"), Float("resource.amount", ">", 15000))),
		step(2, 300, Or(Not(Is("device.managed")), Int("device.last_seen_days", ">", 30))),
		step(3, 0, Exists("subject.groups", "ext-", extGroups...)),
		deny(And(Is("behavior.impossible_travel"), Eq("env.threat", "critical"))),
	)
	act("payee.add",
		step(2, 300, Is("behavior.new_payee")),
		step(3, 300, And(Not(In("resource.payee_country", eea...)), Not(Is("device.trusted")))),
		deny(And(Is("network.tor"), Not(Is("subject.mfa_enrolled")))),
		step(2, 900, Match("subject.id", `^(svc|bot)-[0-9]+@bank\.example$`, "svc-*@bank.example", "bot-*@bank.example")),
		step(2, 0, And(Int("subject.tenure_days", "<", 30), Or(Is("network.vpn"), InInt("network.asn", hosting...)))),
	)
	act("profile.update",
		step(2, 600, Not(Is("device.trusted"))),
		step(2, 300, Same("resource.owner", "!=", "subject.id")),
		step(3, 300, And(Eq("subject.role", "agent"), Not(CIDR("network.ip", "10.0.0.0/8")))),
		deny(And(Int("behavior.failed_logins_1h", ">", 6), Float("network.reputation", "<", 0.2))),
		step(2, 0, Prefix("subject.id", "test+")),
	)
	act("password.change",
		step(2, 120, Or(Is("subject.mfa_enrolled"), Int("session.age", ">", 600))),
		step(3, 60, In("subject.role", "admin", "auditor", "service")),
		deny(Match("subject.id", `^bot-`, "bot-*")),
		step(3, 120, And(Is("behavior.impossible_travel"), Same("network.country", "!=", "subject.country"))),
		step(2, 60, And(Ne("env.threat", "normal"), Not(Has("session.amr", "otp")))),
	)
	act("mfa.enroll",
		step(2, 300, Is("subject.mfa_enrolled")),
		deny(And(Is("network.tor"), Float("network.reputation", "<=", 0.5))),
		step(3, 300, And(Is("subject.mfa_enrolled"), Or(Not(Is("device.trusted")), Int("device.last_seen_days", ">", 90)))),
		step(2, 60, Or(CIDR("network.ip", "185.220.100.0/22"), Prefix("device.os", "windows-7"))),
		deny(And(Eq("subject.role", "service"), Not(CIDR("network.ip", "10.0.0.0/8")))),
	)
	act("account.close",
		step(3, 60, Float("resource.amount", ">", 0)),
		deny(Same("resource.owner", "!=", "subject.id")),
		step(3, 30, Or(Is("network.vpn"), Is("network.tor"), Is("behavior.impossible_travel"))),
		deny(And(Has("subject.groups", "teens"), Not(Has("subject.groups", "staff")))),
		step(2, 0, Int("subject.tenure_days", ">=", 1000)),
	)
	act("statement.export",
		step(2, 1800, Int("session.age", ">", 3600)),
		step(2, 600, And(Same("network.country", "!=", "subject.country"), Not(In("network.country", eea...)))),
		step(3, 300, And(Has("subject.groups", "private-banking"), Not(Is("device.managed")))),
		deny(And(Exists("subject.groups", "ext-", extGroups...), Same("resource.owner", "!=", "subject.id"))),
		step(2, 900, Match("subject.id", `^[a-z]+\.[0-9]+@partner\.example$`, "*.*@partner.example")),
	)
	act("card.reveal",
		step(2, 120, Or(Not(Is("device.trusted")), Int("device.last_seen_days", ">", 14))),
		step(3, 60, And(In("env.threat", "elevated", "critical"), Or(Is("network.vpn"), Float("network.reputation", "<", 0.6)))),
		deny(In("device.os", "windows-7", "android-8")),
		step(2, 300, Not(Or(Has("session.amr", "hwk"), Has("session.amr", "swk"), Has("session.amr", "otp")))),
		deny(And(In("subject.role", "agent", "admin"), Same("resource.owner", "!=", "subject.id"))),
	)
	act("limit.raise",
		step(3, 300, Float("resource.amount", ">", 2500)),
		step(2, 600, Ne("resource.currency", "EUR")),
		deny(And(Eq("resource.currency", "BTC"), Or(Int("subject.tenure_days", "<", 365), Not(In("subject.country", eea...))))),
		step(3, 120, And(Int("behavior.failed_logins_1h", ">=", 2), Or(Is("behavior.new_payee"), Is("behavior.impossible_travel"), Is("network.tor")))),
		step(2, 0, CIDR("network.ip", "172.16.0.0/12")),
	)
	act("support.impersonate",
		deny(Not(In("subject.role", "agent", "admin"))),
		step(3, 60, Not(CIDR("network.ip", "10.0.0.0/8"))),
		step(3, 300, Or(Not(Is("device.managed")), Not(Is("device.trusted")))),
		deny(Exists("subject.groups", "ext-", extGroups...)),
		step(2, 900, And(Has("subject.groups", "support"), Eq("env.threat", "normal"))),
	)
	act("login",
		step(2, 0, Or(Not(Is("device.trusted")), Same("network.country", "!=", "subject.country"))),
		step(3, 0, And(Is("behavior.impossible_travel"), Float("network.reputation", "<", 0.4))),
		deny(And(Eq("env.threat", "critical"), Is("network.tor"))),
		step(2, 3600, Int("behavior.failed_logins_1h", ">", 4)),
		step(2, 28800, And(In("subject.role", "admin", "auditor", "agent"), Not(Is("device.managed")))),
	)
	return p
}

// Scale is a policy of n rules of the base policy's kinds: perAction rules an action, or all of them in one when
// perAction is 0. Deny rules are rare in it, as a thousand rules of the base rate would deny everything.
func Scale(n, perAction int) *Policy {
	base := Bank()
	r := rand.New(rand.NewPCG(7, uint64(n)))
	p := &Policy{Name: fmt.Sprintf("scale%d", n)}
	if perAction == 0 {
		perAction = n
	}
	for i := range n {
		if i%perAction == 0 {
			p.Actions = append(p.Actions, fmt.Sprintf("app%d.do", i/perAction))
		}
		src := base.Rules[r.IntN(len(base.Rules))]
		rule := Rule{
			Action: p.Actions[len(p.Actions)-1], Name: fmt.Sprintf("r%d", i),
			Level: int64(2 + r.IntN(2)), MaxAge: int64(60 + 30*r.IntN(40)), When: vary(r, src.When),
		}
		if r.IntN(10) == 0 {
			// A deny that matches about never, so that no engine may stop early on it.
			rule = Rule{
				Action: rule.Action, Name: rule.Name, Deny: true,
				When: And(Eq("resource.currency", fmt.Sprintf("X%02d", r.IntN(100))), rule.When),
			}
		}
		p.Rules = append(p.Rules, rule)
	}
	return p
}

func vary(r *rand.Rand, e *Expr) *Expr {
	v := *e
	v.Args = nil
	for _, a := range e.Args {
		v.Args = append(v.Args, vary(r, a))
	}
	switch e.Op { //nolint:exhaustive // the others have nothing to vary
	case OpInt:
		v.Int += int64(r.IntN(50))
	case OpFloat:
		if e.Path == "network.reputation" {
			v.Num = float64(1+r.IntN(999)) / 1000
		} else {
			v.Num += float64(r.IntN(5000))
		}
	case OpCIDR:
		v.Str = fmt.Sprintf("%d.%d.0.0/16", 20+r.IntN(150), r.IntN(256))
	}
	return &v
}
