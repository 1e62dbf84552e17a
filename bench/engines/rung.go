package engines

import (
	"encoding/json"
	"fmt"
	"net/netip"

	"github.com/rungpolicy/rung/bench/bank"
	"github.com/rungpolicy/rung/bench/lang"
	"github.com/rungpolicy/rung/policy"
	rung "github.com/rungpolicy/rung/sdk"
)

// RungLoaded is the policy in Rung.
type RungLoaded struct {
	engine  *rung.Engine
	binding *rung.Binding[bank.Signals]
	slots   rungSlots
}

func loadRung(p *bank.Policy) (Loaded, error) { return NewRung(p) }

func loadModule(p *bank.Policy) (Loaded, error) { return NewModule(p) }

// NewRung loads a policy into Rung.
func NewRung(p *bank.Policy) (*RungLoaded, error) { return newRung(p, rung.Native) }

// NewModule loads a policy into Rung, and compiles it to a module that decides.
func NewModule(p *bank.Policy) (*RungLoaded, error) { return newRung(p, rung.Wasm) }

func newRung(p *bank.Policy, using rung.Using) (*RungLoaded, error) {
	e, err := rung.Load(lang.Rung(p), rung.WithClock(bank.Now), rung.WithEngine(using))
	if err != nil {
		return nil, err
	}
	b, err := rung.Bind[bank.Signals](e)
	if err != nil {
		return nil, err
	}
	return &RungLoaded{engine: e, binding: b, slots: newRungSlots(e.Policy())}, nil
}

// Prepare makes a request of a struct, by hand: that is not counted. [RungLoaded.DecideStruct] is what an application does.
func (l *RungLoaded) Prepare(c *bank.Context) any { return l.slots.request(c) }

// Decide answers a *policy.Request.
func (l *RungLoaded) Decide(in any) (bank.Decision, error) {
	return neutral(l.engine.Decide(in.(*policy.Request)))
}

// DecideStruct answers a struct, by the binding that was made for its type when the policy was loaded.
func (l *RungLoaded) DecideStruct(c *bank.Context) (bank.Decision, error) {
	return neutral(l.binding.Decide(c.Action, &c.Signals))
}

// DecideInto answers a struct into a decision whose memory is used again, by one goroutine at a time.
func (l *RungLoaded) DecideInto(d *rung.Decision, c *bank.Context) (bank.Decision, error) {
	l.binding.DecideInto(d, c.Action, &c.Signals)
	return neutral(d)
}

// DecideJSON answers a request's text.
func (l *RungLoaded) DecideJSON(text []byte) (bank.Decision, error) {
	return neutral(l.engine.DecideJSON(text))
}

// JSON is the text of a request.
func JSON(c *bank.Context) []byte {
	text, err := json.Marshal(c)
	if err != nil {
		panic(err)
	}
	return text
}

// neutral is a decision as the other engines give it.
func neutral(d *rung.Decision) (bank.Decision, error) {
	if d.Error != nil {
		return bank.Decision{}, d.Error
	}
	if len(d.Indeterminate) > 0 {
		return bank.Decision{}, fmt.Errorf("%s: %s", d.Indeterminate[0].Rule, d.Indeterminate[0].Error)
	}
	switch d.Effect {
	case rung.Deny:
		return bank.Decision{Effect: bank.Deny}, nil
	case rung.Allow:
		return bank.Decision{Effect: bank.Allow}, nil
	case rung.StepUp:
		return bank.Decision{Effect: bank.StepUp, Level: bank.Rank(d.Requirement.Level), MaxAge: d.Requirement.MaxAge.N}, nil
	case rung.Need:
	}
	return bank.Decision{}, fmt.Errorf("unexpected effect %v", d.Effect)
}

// rungSlots is where the policy wants the attributes.
type rungSlots struct {
	widths                                               []int // attributes of each signal
	subject, session, device, network, behavior, env     int
	subjectAt, sessionAt, deviceAt, networkAt, resources [6]int
	behaviorAt                                           [3]int
}

func newRungSlots(p *policy.Policy) rungSlots {
	s := rungSlots{widths: make([]int, len(p.Signals))}
	find := func(signal *int, slots []int, name string, attrs ...string) {
		*signal = p.SignalIndex(name)
		s.widths[*signal] = len(p.Signals[*signal].Type.Attrs)
		for i, a := range attrs {
			slots[i] = p.Signals[*signal].Type.Slot(a)
		}
	}
	find(&s.subject, s.subjectAt[:], "subject", "id", "groups", "role", "country", "mfa_enrolled", "tenure_days")
	find(&s.session, s.sessionAt[:], "session", "acr", "amr", "auth_time", "age")
	find(&s.device, s.deviceAt[:], "device", "id", "trusted", "managed", "os", "last_seen_days")
	find(&s.network, s.networkAt[:], "network", "ip", "asn", "country", "reputation", "tor", "vpn")
	find(&s.behavior, s.behaviorAt[:], "behavior", "failed_logins_1h", "impossible_travel", "new_payee")
	find(&s.env, nil, "env")
	for i, a := range []string{"amount", "currency", "payee_country", "owner"} {
		s.resources[i] = p.Actions[0].Resource.Slot(a)
	}
	return s
}

func (s *rungSlots) request(c *bank.Context) *policy.Request {
	signals := make([]policy.Value, len(s.widths))
	set := func(signal int) []policy.Value {
		o := &policy.Object{Attrs: make([]policy.Value, s.widths[signal])}
		signals[signal] = o
		return o.Attrs
	}
	subject, at := set(s.subject), &s.subjectAt
	subject[at[0]], subject[at[1]], subject[at[2]] = c.Subject.ID, texts(c.Subject.Groups), c.Subject.Role
	subject[at[3]], subject[at[4]], subject[at[5]] = c.Subject.Country, c.Subject.MFAEnrolled, c.Subject.TenureDays
	session := set(s.session)
	at = &s.sessionAt
	session[at[0]], session[at[1]], session[at[2]], session[at[3]] = c.Session.ACR, texts(c.Session.AMR), c.Session.AuthTime, c.Session.Age
	device := set(s.device)
	at = &s.deviceAt
	device[at[0]], device[at[1]], device[at[2]], device[at[3]] = c.Device.ID, c.Device.Trusted, c.Device.Managed, c.Device.OS
	device[at[4]] = c.Device.LastSeenDays
	network := set(s.network)
	at = &s.networkAt
	if ip, err := netip.ParseAddr(c.Network.IP); err == nil {
		network[at[0]] = ip
	}
	network[at[1]], network[at[2]], network[at[3]] = c.Network.ASN, c.Network.Country, c.Network.Reputation
	network[at[4]], network[at[5]] = c.Network.Tor, c.Network.VPN
	behavior, b := set(s.behavior), &s.behaviorAt
	behavior[b[0]], behavior[b[1]], behavior[b[2]] = c.Behavior.FailedLogins1h, c.Behavior.ImpossibleTravel, c.Behavior.NewPayee
	set(s.env)[0] = c.Env.Threat
	resource := &policy.Object{Attrs: make([]policy.Value, 4)}
	at = &s.resources
	resource.Attrs[at[0]], resource.Attrs[at[1]] = c.Resource.Amount, c.Resource.Currency
	resource.Attrs[at[2]], resource.Attrs[at[3]] = c.Resource.PayeeCountry, c.Resource.Owner
	return &policy.Request{Action: c.Action, Signals: signals, Resource: resource, Now: bank.Now(), Posture: "normal"}
}

func texts(l []string) []policy.Value {
	v := make([]policy.Value, len(l))
	for i, s := range l {
		v[i] = s
	}
	return v
}
