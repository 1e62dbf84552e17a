package engines

import (
	"fmt"
	"net/netip"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"

	"github.com/rungpolicy/rung/bench/bank"
	"github.com/rungpolicy/rung/bench/lang"
)

type cedarLoaded struct {
	sets  map[string]*cedar.PolicySet
	rules map[cedar.PolicyID]bank.Rule
}

func loadCedar(p *bank.Policy) (Loaded, error) {
	l := &cedarLoaded{sets: map[string]*cedar.PolicySet{}, rules: make(map[cedar.PolicyID]bank.Rule, len(p.Rules))}
	for _, a := range p.Actions {
		l.sets[a] = cedar.NewPolicySet()
	}
	for _, r := range p.Rules {
		var po cedar.Policy
		if err := po.UnmarshalCedar([]byte(lang.Cedar(r))); err != nil {
			return nil, fmt.Errorf("%s: %w", r.Name, err)
		}
		id := cedar.PolicyID(r.Name)
		l.sets[r.Action].Add(id, &po)
		l.rules[id] = r
	}
	return l, nil
}

type cedarInput struct {
	req cedar.Request
	c   *bank.Context
}

func (l *cedarLoaded) Prepare(c *bank.Context) any {
	text := func(s string) types.Value { return types.String(s) }
	truth := func(b bool) types.Value { return types.Boolean(b) }
	number := func(n int64) types.Value { return types.Long(n) }
	decimal := func(f float64) types.Value {
		d, err := types.NewDecimalFromFloat(f)
		if err != nil {
			panic(err)
		}
		return d
	}
	texts := func(l []string) types.Value {
		v := make([]types.Value, len(l))
		for i, s := range l {
			v[i] = types.String(s)
		}
		return types.NewSet(v...)
	}
	ip, err := netip.ParseAddr(c.Network.IP)
	if err != nil {
		panic(err)
	}
	record := types.NewRecord
	return &cedarInput{c: c, req: cedar.Request{
		Principal: cedar.NewEntityUID("User", types.String(c.Subject.ID)),
		Action:    cedar.NewEntityUID("Action", types.String(c.Action)),
		Resource:  cedar.NewEntityUID("Resource", types.String(c.Resource.Owner)),
		Context: record(types.RecordMap{
			"subject": record(types.RecordMap{
				"id": text(c.Subject.ID), "groups": texts(c.Subject.Groups), "role": text(c.Subject.Role), "country": text(c.Subject.Country),
				"mfa_enrolled": truth(c.Subject.MFAEnrolled), "tenure_days": number(c.Subject.TenureDays),
			}),
			"session": record(types.RecordMap{
				"acr": text(c.Session.ACR), "amr": texts(c.Session.AMR), "auth_time": types.NewDatetime(c.Session.AuthTime), "age": number(c.Session.Age),
			}),
			"device": record(types.RecordMap{
				"id": text(c.Device.ID), "trusted": truth(c.Device.Trusted), "managed": truth(c.Device.Managed), "os": text(c.Device.OS),
				"last_seen_days": number(c.Device.LastSeenDays),
			}),
			"network": record(types.RecordMap{
				"ip": types.IPAddr(netip.PrefixFrom(ip, ip.BitLen())), "asn": number(c.Network.ASN), "country": text(c.Network.Country),
				"reputation": decimal(c.Network.Reputation), "tor": truth(c.Network.Tor), "vpn": truth(c.Network.VPN),
			}),
			"behavior": record(types.RecordMap{
				"failed_logins_1h": number(c.Behavior.FailedLogins1h), "impossible_travel": truth(c.Behavior.ImpossibleTravel),
				"new_payee": truth(c.Behavior.NewPayee),
			}),
			"env": record(types.RecordMap{"threat": text(c.Env.Threat)}),
			"resource": record(types.RecordMap{
				"amount": decimal(c.Resource.Amount), "currency": text(c.Resource.Currency), "payee_country": text(c.Resource.PayeeCountry),
				"owner": text(c.Resource.Owner),
			}),
		}),
	}}
}

func (l *cedarLoaded) Decide(in any) (bank.Decision, error) {
	ci := in.(*cedarInput)
	_, diagnostic := cedar.Authorize(l.sets[ci.c.Action], nil, ci.req)
	if len(diagnostic.Errors) > 0 {
		return bank.Decision{}, fmt.Errorf("%v", diagnostic.Errors[0])
	}
	req := bank.Baseline
	for _, reason := range diagnostic.Reasons {
		r := l.rules[reason.PolicyID]
		req.Add(r.Deny, r.Level, r.MaxAge)
	}
	return req.Meet(&ci.c.Session), nil
}
