package host

import (
	"net/netip"
	"testing"
	"time"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/abi"
)

// BenchmarkDecide is what the host takes by itself: the module allows at once. The request is as package sdk reads it from a struct, of which
// twelve attributes are written.
func BenchmarkDecide(b *testing.B) {
	m := about()
	m.Outputs.Actions[0] = m.Outputs.Actions[0][:3] // none on trial
	p := open(b, m, and(head(abi.ResultSatisfied, 1, abi.ResultShadowSet, behind(0), abi.ResultWaitingSet, behind(0)), 0))
	r := request(p)
	session, subject, resource := p.Policy().Signal("session").Type, p.Policy().Signal("subject").Type, p.Policy().Action("act").Resource
	fill := func(t *policy.Type, values map[string]policy.Value) *policy.Object {
		o := policy.NewObject(t)
		for name, v := range values {
			o.Attrs[t.Slot(name)] = v
		}
		return o
	}
	acr, amr, at, amount, count, ip, tenure, trusted := "urn:bank:acr:mfa", []string{"pwd", "otp"}, epoch, 12.5, int64(3), netip.MustParseAddr("192.0.2.1"), 5*time.Hour, true
	text, ucount := "DE", uint64(7)
	r.Signals[p.Policy().SignalIndex("session")] = fill(session, map[string]policy.Value{"acr": &acr, "amr": &amr, "auth_time": &at, "not_before": &at})
	r.Signals[p.Policy().SignalIndex("subject")] = fill(subject, map[string]policy.Value{"enrolled": &amr, "tenure": &tenure})
	r.Signals[p.Policy().SignalIndex("device")] = fill(p.Policy().Signal("device").Type, map[string]policy.Value{"trusted": &trusted})
	r.Signals[p.Policy().SignalIndex("network")] = fill(p.Policy().Signal("network").Type, map[string]policy.Value{"ip": &ip})
	payee := fill(resource.Attrs[resource.Slot("payee")].Type, map[string]policy.Value{"known": &trusted, "name": &text})
	r.Resource = fill(resource, map[string]policy.Value{"amount": &amount, "count": &count, "payee": payee})
	var d policy.Decision
	p.DecideInto(&d, r)
	if !d.Allowed() {
		b.Fatal(d.Error)
	}
	b.Run("all", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			p.DecideInto(&d, r)
		}
	})
	i, err := p.pool.get()
	if err != nil {
		b.Fatal(err)
	}
	defer p.pool.release(i)
	in := &input{action: &p.actions[0], now: epoch, request: r}
	b.Run("write", func(b *testing.B) {
		for b.Loop() {
			if i.write(in) != nil {
				b.Fatal(i.record.message)
			}
		}
	})
	f := p.Form("act")
	for _, x := range []struct {
		at   any
		path []string
	}{
		{&acr, []string{"signals", "session", "acr"}},
		{&amr, []string{"signals", "session", "amr"}},
		{&at, []string{"signals", "session", "auth_time"}},
		{&amr, []string{"signals", "subject", "enrolled"}},
		{&tenure, []string{"signals", "subject", "tenure"}},
		{&trusted, []string{"signals", "device", "trusted"}},
		{&ip, []string{"signals", "network", "ip"}},
		{&amount, []string{"signals", "reputation"}},
		{&amount, []string{"resource", "amount"}},
		{&count, []string{"resource", "count"}},
		{&ucount, []string{"resource", "size"}},
		{&tenure, []string{"resource", "wait"}},
	} {
		if err := f.Bind(x.at, x.path...); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("form", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f.DecideInto(&d, epoch, "")
			if d.Effect != policy.Allow {
				b.Fatal(d.Error)
			}
		}
	})
	in = &input{action: &p.actions[0], now: epoch, form: f}
	b.Run("form write", func(b *testing.B) {
		for b.Loop() {
			if i.write(in) != nil {
				b.Fatal(i.record.message)
			}
		}
	})
	b.Run("call", func(b *testing.B) {
		for b.Loop() {
			i.stack[0], i.stack[1] = 0, uint64(i.base)
			if err := i.ask.CallWithStack(&i.meter, i.stack[:]); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("pool", func(b *testing.B) {
		p.pool.put(i)
		for b.Loop() {
			x, _ := p.pool.get()
			p.pool.release(x)
		}
		i, _ = p.pool.get()
	})
}
