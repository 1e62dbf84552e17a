// Package bank is the shared workload: one step-up policy, in an engine-neutral form, the contexts it is asked
// about, and the decision every engine must give.
package bank

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Subject is who asks.
type Subject struct {
	ID          string   `json:"id"`
	Groups      []string `json:"groups"`
	Role        string   `json:"role"`
	Country     string   `json:"country"`
	MFAEnrolled bool     `json:"mfa_enrolled"`
	TenureDays  int64    `json:"tenure_days"`
}

// Session is how the subject has authenticated.
type Session struct {
	ACR      string    `json:"acr"`
	AMR      []string  `json:"amr"`
	AuthTime time.Time `json:"auth_time"`
	Age      int64     `json:"age"`
}

// Device is what the subject sits at.
type Device struct {
	ID           string `json:"id"`
	Trusted      bool   `json:"trusted"`
	Managed      bool   `json:"managed"`
	OS           string `json:"os"`
	LastSeenDays int64  `json:"last_seen_days"`
}

// Network is where the request comes from.
type Network struct {
	IP         string  `json:"ip"`
	ASN        int64   `json:"asn"`
	Country    string  `json:"country"`
	Reputation float64 `json:"reputation"`
	Tor        bool    `json:"tor"`
	VPN        bool    `json:"vpn"`
}

// Behavior is what the subject did of late.
type Behavior struct {
	FailedLogins1h   int64 `json:"failed_logins_1h"`
	ImpossibleTravel bool  `json:"impossible_travel"`
	NewPayee         bool  `json:"new_payee"`
}

// Env is the state of the world.
type Env struct {
	Threat string `json:"threat"`
}

// Resource is what the action is done to.
type Resource struct {
	Amount       float64 `json:"amount"`
	Currency     string  `json:"currency"`
	PayeeCountry string  `json:"payee_country"`
	Owner        string  `json:"owner"`
}

// Signals are what is known when the question is asked.
type Signals struct {
	Subject  Subject  `json:"subject"`
	Session  Session  `json:"session"`
	Device   Device   `json:"device"`
	Network  Network  `json:"network"`
	Behavior Behavior `json:"behavior"`
	Env      Env      `json:"env"`
	Resource Resource `json:"resource"`
}

// Context is one question: may this session do this action now? Its JSON is a request of Rung's.
type Context struct {
	Action  string `json:"action"`
	Signals `json:"signals"`
}

// Effect is what comes of a question.
type Effect uint8

// The effects.
const (
	Allow Effect = iota
	StepUp
	Deny
)

// String returns the effect in lower case.
func (e Effect) String() string { return [...]string{"allow", "step_up", "deny"}[e] }

// Decision is what every engine must agree on. Level and MaxAge are what a step up asks for, else 0: what would have been asked for of a
// weaker session an engine need not find out.
type Decision struct {
	Effect Effect `json:"effect"`
	Level  int64  `json:"level"`
	MaxAge int64  `json:"max_age"`
}

// Requirement is what the rules ask for, before the session is looked at.
type Requirement struct {
	Deny   bool
	Level  int64
	MaxAge int64 // 0: any age
}

// Baseline is what an action with no matching rule asks for.
var Baseline = Requirement{Level: 1}

// Add joins one matching rule into the requirement: deny wins, the highest level, the shortest max age.
func (r *Requirement) Add(deny bool, level, maxAge int64) {
	if deny {
		r.Deny = true
		return
	}
	if level > r.Level {
		r.Level = level
	}
	if maxAge > 0 && (r.MaxAge == 0 || maxAge < r.MaxAge) {
		r.MaxAge = maxAge
	}
}

// Rank is the rank of a level.
func Rank(acr string) int64 {
	switch acr {
	case "aal1":
		return 1
	case "aal2":
		return 2
	case "aal3":
		return 3
	}
	return 0
}

// Meet holds the session against the requirement. Engines that only yield the requirement end with it.
func (r Requirement) Meet(s *Session) Decision {
	if r.Deny {
		return Decision{Effect: Deny}
	}
	if Rank(s.ACR) < r.Level || (r.MaxAge > 0 && s.Age > r.MaxAge) {
		return Decision{Effect: StepUp, Level: r.Level, MaxAge: r.MaxAge}
	}
	return Decision{Effect: Allow}
}

var (
	groups     = []string{"staff", "admins", "vpn-allowed", "private-banking", "teens", "treasury", "support", "auditors", "ext-contractor", "ext-audit", "ext-dev", "beta"}
	extGroups  = []string{"ext-contractor", "ext-audit", "ext-dev"}
	roles      = []string{"customer", "customer", "customer", "customer", "agent", "admin", "auditor", "service"}
	countries  = []string{"DE", "FR", "NL", "US", "GB", "PL", "ES", "IT", "CH", "SE", "BR", "IN", "NG", "RU", "KP", "IR"}
	amrs       = [][]string{{"pwd"}, {"pwd", "otp"}, {"pwd", "sms"}, {"hwk", "user"}, {"swk", "user"}, {"pwd", "otp", "geo"}}
	acrs       = []string{"aal1", "aal1", "aal2", "aal2", "aal3"}
	oses       = []string{"ios", "android", "windows", "macos", "linux", "windows-7", "android-8"}
	currencies = []string{"EUR", "EUR", "EUR", "USD", "GBP", "CHF", "BTC"}
	threats    = []string{"normal", "normal", "normal", "normal", "elevated", "elevated", "critical"}
	asns       = []int64{3320, 3215, 1136, 7018, 2856, 9009, 14061, 16509, 24940, 63949, 396982}
	names      = []string{"ada", "bob", "cyd", "dee", "eve", "finn", "gus", "hal", "ivy", "jon"}
)

// Now is the moment all generated contexts are asked at.
func Now() time.Time { return time.Unix(1_780_000_000, 0).UTC() }

func pick[T any](r *rand.Rand, s []T) T { return s[r.IntN(len(s))] }

func subjectID(r *rand.Rand) string {
	switch r.IntN(12) {
	case 0:
		return fmt.Sprintf("svc-%d@bank.example", r.IntN(1000))
	case 1:
		return fmt.Sprintf("bot-%d@bank.example", r.IntN(1000))
	case 2:
		return fmt.Sprintf("%s.%d@partner.example", pick(r, names), r.IntN(100))
	case 3:
		return fmt.Sprintf("test+%s@mail.example", pick(r, names))
	}
	return fmt.Sprintf("%s.%d@mail.example", pick(r, names), r.IntN(1000))
}

func ip(r *rand.Rand) string {
	switch r.IntN(6) {
	case 0:
		return fmt.Sprintf("10.%d.%d.%d", r.IntN(256), r.IntN(256), 1+r.IntN(254))
	case 1:
		return fmt.Sprintf("192.168.%d.%d", r.IntN(256), 1+r.IntN(254))
	case 2:
		return fmt.Sprintf("172.%d.%d.%d", 16+r.IntN(20), r.IntN(256), 1+r.IntN(254))
	case 3:
		return fmt.Sprintf("185.220.%d.%d", 100+r.IntN(4), 1+r.IntN(254))
	}
	return fmt.Sprintf("%d.%d.%d.%d", 20+r.IntN(150), r.IntN(256), r.IntN(256), 1+r.IntN(254))
}

// Contexts draws n questions over the given actions; equal seeds give equal questions.
func Contexts(seed uint64, n int, actions []string) []*Context {
	r := rand.New(rand.NewPCG(seed, 0x57e9))
	out := make([]*Context, n)
	for i := range out {
		id := subjectID(r)
		var gs []string
		for k := r.IntN(5); k >= 0; k-- {
			gs = append(gs, pick(r, groups))
		}
		c := &Context{Action: actions[r.IntN(len(actions))]}
		c.Subject = Subject{
			ID: id, Groups: gs, Role: pick(r, roles), Country: pick(r, countries),
			MFAEnrolled: r.IntN(5) > 0, TenureDays: int64(r.IntN(4000)),
		}
		age := int64(r.IntN(1200))
		if r.IntN(3) == 0 {
			age = int64(r.IntN(90000))
		}
		c.Session = Session{ACR: pick(r, acrs), AMR: pick(r, amrs), AuthTime: Now().Add(-time.Duration(age) * time.Second), Age: age}
		c.Device = Device{
			ID: fmt.Sprintf("d-%08x", r.Uint32()), Trusted: r.IntN(3) > 0, Managed: r.IntN(4) == 0,
			OS: pick(r, oses), LastSeenDays: int64(r.IntN(120)),
		}
		c.Network = Network{
			IP: ip(r), ASN: pick(r, asns), Country: pick(r, countries),
			Reputation: float64(r.IntN(1001)) / 1000, Tor: r.IntN(25) == 0, VPN: r.IntN(6) == 0,
		}
		if r.IntN(2) == 0 {
			c.Network.Country = c.Subject.Country
		}
		c.Behavior = Behavior{FailedLogins1h: int64(r.IntN(8)), ImpossibleTravel: r.IntN(20) == 0, NewPayee: r.IntN(3) == 0}
		c.Env = Env{Threat: pick(r, threats)}
		owner := id
		if r.IntN(4) == 0 {
			owner = subjectID(r)
		}
		c.Resource = Resource{
			Amount: float64(r.IntN(2_000_000)) / 100, Currency: pick(r, currencies),
			PayeeCountry: pick(r, countries), Owner: owner,
		}
		out[i] = c
	}
	return out
}

// Map is the context as generic Go values, the way encoding/json would shape it but for int64 and []string lists,
// which are kept typed: the form a host program would build by hand.
func (c *Context) Map() map[string]any {
	return map[string]any{
		"action": c.Action,
		"subject": map[string]any{
			"id": c.Subject.ID, "groups": c.Subject.Groups, "role": c.Subject.Role,
			"country": c.Subject.Country, "mfa_enrolled": c.Subject.MFAEnrolled, "tenure_days": c.Subject.TenureDays,
		},
		"session": map[string]any{"acr": c.Session.ACR, "amr": c.Session.AMR, "auth_time": c.Session.AuthTime, "age": c.Session.Age},
		"device": map[string]any{
			"id": c.Device.ID, "trusted": c.Device.Trusted, "managed": c.Device.Managed, "os": c.Device.OS,
			"last_seen_days": c.Device.LastSeenDays,
		},
		"network": map[string]any{
			"ip": c.Network.IP, "asn": c.Network.ASN, "country": c.Network.Country,
			"reputation": c.Network.Reputation, "tor": c.Network.Tor, "vpn": c.Network.VPN,
		},
		"behavior": map[string]any{
			"failed_logins_1h": c.Behavior.FailedLogins1h, "impossible_travel": c.Behavior.ImpossibleTravel,
			"new_payee": c.Behavior.NewPayee,
		},
		"env": map[string]any{"threat": c.Env.Threat},
		"resource": map[string]any{
			"amount": c.Resource.Amount, "currency": c.Resource.Currency,
			"payee_country": c.Resource.PayeeCountry, "owner": c.Resource.Owner,
		},
	}
}
