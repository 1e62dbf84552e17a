package rung_test

import (
	"net/netip"
	"os"
	"testing"
	"testing/fstest"
	"time"

	rung "github.com/rungpolicy/rung/sdk"
)

var benchNow = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func bank(t testing.TB) *rung.Engine {
	t.Helper()
	e, err := rung.Load(os.DirFS("../examples/bank"), rung.WithClock(func() time.Time { return benchNow }))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// bankRequest is a request to the bank's policy as an application would write it.
type bankRequest struct {
	Subject struct {
		ID       string
		Groups   []string
		Roles    []string
		Enrolled []string
	}
	Session struct {
		ACR      string
		AMR      []string
		AuthTime time.Time
	}
	Device struct {
		ID        string
		Trusted   bool
		FirstSeen time.Time
	}
	Network struct {
		IP      netip.Addr
		Country string
		Tor     *bool
	}
	Velocity struct {
		Transfers1h int `rung:"transfers_1h"`
	}
	Reputation rung.Lazy[float64]
	Transfer   struct {
		Amount       float64
		Currency     string
		PayeeCountry string
		PayeeAdded   time.Time
	} `rung:"resource"`
}

func largeTransfer() *bankRequest {
	var r bankRequest
	r.Subject.ID, r.Subject.Groups = "c-1017", []string{"retail", "vpn-allowed"}
	r.Session.ACR, r.Session.AuthTime = "urn:bank:acr:pwd", benchNow.Add(-90*time.Minute)
	r.Device.ID, r.Device.Trusted, r.Device.FirstSeen = "d-1", true, benchNow.Add(-1000*time.Hour)
	r.Network.IP, r.Network.Country = netip.MustParseAddr("203.0.113.40"), "FR"
	r.Velocity.Transfers1h = 1
	r.Reputation = rung.Found(0.9)
	r.Transfer.Amount, r.Transfer.Currency, r.Transfer.PayeeCountry = 2500, "EUR", "FR"
	r.Transfer.PayeeAdded = benchNow.Add(-2000 * time.Hour)
	return &r
}

const largeTransferJSON = `{
  "action": "transfer.create",
  "signals": {
    "subject": {"id": "c-1017", "groups": ["retail", "vpn-allowed"]},
    "session": {"acr": "urn:bank:acr:pwd", "auth_time": "2026-11-20T10:30:00Z"},
    "device": {"id": "d-1", "trusted": true, "first_seen": "2026-10-09T20:00:00Z"},
    "network": {"ip": "203.0.113.40", "country": "FR"},
    "velocity": {"transfers_1h": 1},
    "reputation": 0.9,
    "resource": {"amount": 2500, "currency": "EUR", "payee_country": "FR", "payee_added": "2026-08-29T04:00:00Z"}
  }
}`

// BenchmarkDecideStruct decides a transfer by the bank's policy: from a struct, and beside it the same from JSON, and from
// a Request that is ready.
func BenchmarkDecideStruct(b *testing.B) {
	e := bank(b)
	binding, err := rung.Bind[bankRequest](e)
	if err != nil {
		b.Fatal(err)
	}
	r := largeTransfer()
	b.Run("struct", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if d := binding.Decide("transfer.create", r); d.Effect != rung.StepUp {
				b.Fatal(d.Effect, d.Error, d.Need)
			}
		}
	})
	b.Run("reading alone", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			binding.ReadOnly("transfer.create", r)
		}
	})
	b.Run("deciding alone", func(b *testing.B) {
		ready, refused := binding.Request("transfer.create", r)
		if refused != nil {
			b.Fatal(refused)
		}
		b.ReportAllocs()
		for b.Loop() {
			if d := e.Decide(ready); d.Effect != rung.StepUp {
				b.Fatal(d.Effect)
			}
		}
	})
	b.Run("json", func(b *testing.B) {
		b.ReportAllocs()
		text := []byte(largeTransferJSON)
		for b.Loop() {
			if d := e.DecideJSON(text); d.Effect != rung.StepUp {
				b.Fatal(d.Effect, d.Error, d.Need)
			}
		}
	})
}

// wide is a request of thirty attributes.
type wide struct {
	Subject struct {
		ID, Type, Country string
		Groups, Roles     []string
		Tenure            time.Duration
	}
	Session struct {
		ID, ACR, Country string
		AMR              []string
		AuthTime         time.Time
		IP               netip.Addr
	}
	Device struct {
		ID, OS, OSVersion, Browser  string
		Trusted, Managed, Compliant bool
		FirstSeen                   time.Time
	}
	Network struct {
		IP              netip.Addr
		ASN             int64
		Country, City   string
		Reputation      float64
		Tor, VPN, Proxy bool
	}
	Behavior struct {
		FailedLogins1h   int64
		ImpossibleTravel bool
	}
}

const fiveRules = `policy "five" { language = 1 }
action "act" {
  level = "aal1"
  step_up "device" {
    when  = "!device.trusted && device.os != 'ios'"
    level = "aal2"
  }
  step_up "network" {
    when  = "network.tor || network.reputation < 0.3"
    level = "aal2"
  }
  step_up "abroad" {
    when  = "network.country != subject.country && !('travel' in subject.groups)"
    level = "aal2"
  }
  step_up "behavior" {
    when  = "behavior.failed_logins_1h > 5 || behavior.impossible_travel"
    level = "aal3"
  }
  step_up "new" {
    when  = "now - device.first_seen < duration('24h')"
    level = "aal2"
  }
}
`

// BenchmarkDecideWide decides a request of thirty attributes by five rules that look at ten: with Strict, all are read.
func BenchmarkDecideWide(b *testing.B) {
	var r wide
	r.Subject.ID, r.Subject.Country, r.Subject.Groups, r.Subject.Roles = "c-1017", "FR", []string{"retail", "travel"}, []string{"owner"}
	r.Session.ACR, r.Session.AMR, r.Session.AuthTime, r.Session.IP = "aal1", []string{"pwd"}, benchNow.Add(-time.Hour), netip.MustParseAddr("203.0.113.40")
	r.Device.ID, r.Device.OS, r.Device.OSVersion, r.Device.Browser = "d-1", "ios", "19.1", "safari"
	r.Device.Trusted, r.Device.FirstSeen = true, benchNow.Add(-1000*time.Hour)
	r.Network.IP, r.Network.ASN, r.Network.Country, r.Network.City, r.Network.Reputation = r.Session.IP, 64500, "FR", "Lyon", 0.9
	for name, opts := range map[string][]rung.Option{"what is looked at": nil, "all": {rung.Strict()}} {
		e, err := rung.Load(fstest.MapFS{"five.rung.hcl": {Data: []byte(fiveRules)}}, append(opts, rung.WithClock(func() time.Time { return benchNow }))...)
		if err != nil {
			b.Fatal(err)
		}
		binding, err := rung.Bind[wide](e)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if d := binding.Decide("act", &r); !d.Allowed() {
					b.Fatal(d)
				}
			}
		})
		b.Run(name+", reading alone", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				binding.ReadOnly("act", &r)
			}
		})
	}
}
