package host

import (
	"math"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rungpolicy/rung/policy"
)

// filled is what a form of these tests is filled in with.
type filled struct {
	acr         string
	amr         []string
	authTime    time.Time
	trusted     bool
	ip          netip.Addr
	net         netip.Prefix
	amount      float64
	score       float64
	count       int64
	limit       int
	size        uint64
	wait        time.Duration
	payee, risk policy.Value
}

func form(t *testing.T, p *Policy, x *filled) *Form {
	t.Helper()
	f := p.Form("act")
	for path, at := range map[string]any{
		"signals session acr": &x.acr, "signals session amr": &x.amr, "signals session auth_time": &x.authTime,
		"signals device": nil, "signals device trusted": &x.trusted, "signals network ip": &x.ip,
		"resource": nil, "resource net": &x.net, "resource amount": &x.amount, "resource count": &x.count, "resource size": &x.size,
		"resource wait": &x.wait, "resource payee": &x.payee, "signals risk": &x.risk, "signals reputation": &x.score, "params limit": &x.limit,
		"signals device os": &x.acr, // no rule looks at it
	} {
		if at == nil {
			if err := f.BindObject(strings.Fields(path)...); err != nil {
				t.Fatal(err)
			}
		} else if err := f.Bind(at, strings.Fields(path)...); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

// request is the same as a request.
func (x *filled) request(p *Policy) *policy.Request {
	r := request(p)
	types := p.Policy()
	set := func(signal string, values map[string]policy.Value) {
		s := types.Signal(signal).Type
		o := policy.NewObject(s)
		for name, v := range values {
			o.Attrs[s.Slot(name)] = v
		}
		r.Signals[types.SignalIndex(signal)] = o
	}
	session, network := map[string]policy.Value{"acr": x.acr}, map[string]policy.Value{}
	if x.amr != nil {
		session["amr"] = &x.amr
	}
	if !x.authTime.IsZero() {
		session["auth_time"] = x.authTime
	}
	if x.ip.IsValid() {
		network["ip"] = x.ip
	}
	set("session", session)
	set("network", network)
	set("device", map[string]policy.Value{"trusted": x.trusted})
	resource := policy.NewObject(types.Actions[0].Resource)
	for name, v := range map[string]policy.Value{
		"amount": x.amount, "count": x.count, "size": x.size, "wait": x.wait, "payee": x.payee, "net": x.net,
	} {
		if v != (netip.Prefix{}) {
			resource.Attrs[types.Actions[0].Resource.Slot(name)] = v
		}
	}
	r.Resource = resource
	r.Signals[types.SignalIndex("risk")], r.Signals[types.SignalIndex("reputation")] = x.risk, x.score
	r.Params = []policy.Value{int64(x.limit)}
	return r
}

// TestForm: a form comes to the record that the same request comes to.
func TestForm(t *testing.T) {
	t.Parallel()
	p := open(t, about(), head())
	a := &p.Module().Schema.Actions[0]
	i, err := p.pool.get()
	if err != nil {
		t.Fatal(err)
	}
	defer p.pool.release(i)
	read := func(in input) map[string]policy.Value {
		in.action, in.now = &p.actions[0], epoch
		if refused := i.write(&in); refused != nil {
			t.Fatal(refused)
		}
		g := &guest{t: t, memory: i.view, room: [2]int{int(i.base), int(i.base) + int(i.size)}}
		out := g.slots(a, i.view[i.base:])
		out["known"] = le.Uint64(i.record.fixed[24:])
		return out
	}
	payee := policy.NewObject(p.Policy().Action("act").Resource.Attrs[p.Policy().Action("act").Resource.Slot("payee")].Type)
	payee.Attrs[1] = "Ada"
	var x filled
	f := form(t, p, &x)
	for _, x2 := range []filled{
		{},
		{
			acr: "urn:é", amr: []string{"pwd", "", "otp"}, authTime: epoch, trusted: true, ip: netip.MustParseAddr("192.0.2.1"), net: netip.MustParsePrefix("2001:db8::/32"),
			amount: -0.5, score: 7, count: -1, limit: -2, size: 1 << 63, wait: -time.Hour, payee: payee, risk: []policy.Value{epoch},
		},
		{amr: []string{}, risk: policy.Null{}, payee: policy.Null{}},
	} {
		x = x2
		if d := cmp.Diff(read(input{request: x.request(p)}), read(input{form: f}), cmp.Comparer(func(a, b netip.Addr) bool { return a == b }),
			cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); d != "" {
			t.Errorf("%+v: %s", x, d)
		}
		if d := cmp.Diff(p.Decide(x.request(p)), f.Decide(epoch, "")); d != "" {
			t.Error(d)
		}
	}
}

func TestFormRefusals(t *testing.T) {
	t.Parallel()
	p := open(t, about(), head())
	if p.Form("other") != nil {
		t.Error("there is a form for an action that is not there")
	}
	var x filled
	f := form(t, p, &x)
	good := filled{acr: "a"}
	for path, bad := range map[string]filled{
		"/signals/session/acr":       {acr: "\xff"},
		"/signals/session/amr/1":     {amr: []string{"", "\xff"}},
		"/signals/session/auth_time": {authTime: time.Unix(1<<50, 0)},
		"/signals/network/ip":        {ip: netip.MustParseAddr("fe80::1%eth0")},
		"/signals/reputation":        {score: math.NaN()},
		"/signals/resource/net":      {net: netip.MustParsePrefix("10.0.0.1/8")},
		"/signals/resource/payee":    {payee: 5},
		"/signals/risk/0":            {risk: []policy.Value{"x"}},
	} {
		x = bad
		d := f.Decide(epoch, "")
		if d.Effect != policy.Deny || d.Error == nil || d.Error.Code != policy.InvalidRequest || d.Error.Path != path {
			t.Errorf("%s: %+v, %v", path, d, d.Error)
		}
		x = good
		if d := f.Decide(epoch, ""); !d.Allowed() {
			t.Errorf("after %s: %v", path, d.Error)
		}
	}
	if d := f.Decide(epoch, "other"); d.Error == nil || d.Error.Path != "/posture" {
		t.Errorf("%+v", d)
	}
	for path, at := range map[string]any{
		"signals session acr": new(int64), "signals session amr": new(string), "resource amount": 5.0, "signals device": new(bool), "": new(bool),
	} {
		if f.Bind(at, strings.Fields(path)...) == nil {
			t.Errorf("%T was bound to %s", at, path)
		}
	}
	if f.BindObject("resource", "payee") == nil || f.BindObject() == nil {
		t.Error("what is read whole was bound in parts")
	}
}

func TestFormAllocates(t *testing.T) {
	m := about()
	m.Outputs.Actions[0] = m.Outputs.Actions[0][:3]
	p := open(t, m, head(32, 0))
	x := filled{acr: "urn:bank:acr:mfa", amr: []string{"pwd", "otp"}, authTime: epoch, ip: netip.MustParseAddr("192.0.2.1")}
	f := form(t, p, &x)
	d := &policy.Decision{Satisfied: new(policy.Satisfied)}
	if n := testing.AllocsPerRun(100, func() { d.Satisfied = satisfied; f.DecideInto(d, epoch, "") }); n != 0 || !d.Allowed() {
		t.Errorf("%v allocations, %+v", n, d)
	}
}

var satisfied = new(policy.Satisfied)
