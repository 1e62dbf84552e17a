package codec_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/codec"
)

// everyday is a request of some 640 bytes and 30 attributes, as a bank's middleware sends it.
const everyday = `{"action":"transfer.create","signals":{` +
	`"subject":{"id":"u-17","type":"user","country":"FR","groups":["staff","retail"],"tenure":"8760h"},` +
	`"session":{"id":"s-9f2","acr":"urn:bank:acr:pwd","amr":["pwd","otp"],"auth_time":"2026-11-20T11:00:00Z","country":"FR","ip":"192.0.2.7"},` +
	`"device":{"id":"d-4","os":"iOS","os_version":"19.1","browser":"Safari","trusted":true,"managed":false,"first_seen":"2026-01-02T03:04:05Z"},` +
	`"network":{"ip":"192.0.2.7","asn":64500,"country":"FR","latitude":48.85,"longitude":2.35,"tor":false,"vpn":false},` +
	`"behavior":{"failed_logins_1h":0,"new_country":false,"score":0.12},` +
	`"resource":{"amount":1200.5,"currency":"EUR","payee_country":"FR","payee_trusted":true}}}`

func BenchmarkDecodeRequest(b *testing.B) {
	p, text := bank(), []byte(everyday)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := codec.DecodeRequest(p, text, codec.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkStandardLibrary reads the same into a struct that has the same types, but without the checks of texts.
func BenchmarkStandardLibrary(b *testing.B) {
	type request struct {
		Action  string `json:"action"`
		Signals struct {
			Subject struct {
				ID, Type, Country string
				Groups            []string
				Tenure            string
			}
			Session struct {
				ID, ACR  string
				AMR      []string
				AuthTime time.Time `json:"auth_time"`
				Country  string
				IP       string
			}
			Device struct {
				ID, OS, Browser  string
				OSVersion        string `json:"os_version"`
				Trusted, Managed bool
				FirstSeen        time.Time `json:"first_seen"`
			}
			Network struct {
				IP                  string
				ASN                 int64
				Country             string
				Latitude, Longitude float64
				Tor, VPN            bool
			}
			Behavior struct {
				FailedLogins int64 `json:"failed_logins_1h"`
				NewCountry   bool  `json:"new_country"`
				Score        float64
			}
			Resource struct {
				Amount       float64
				Currency     string
				PayeeCountry string `json:"payee_country"`
				PayeeTrusted bool   `json:"payee_trusted"`
			}
		} `json:"signals"`
	}
	text := []byte(everyday)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		var r request
		if err := json.Unmarshal(text, &r); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendDecision(b *testing.B) {
	d := &policy.Decision{
		Effect: policy.StepUp, Action: "transfer.create", Posture: "normal",
		Requirement: &policy.Requirement{Level: "mfa", ACRValues: []string{"urn:bank:acr:mfa", "phr"}, MaxAge: policy.Seconds{Set: true, N: 300}},
		Reasons:     []*policy.Reason{{Rule: "transfer.create/large transfer", Effect: policy.StepUp, Level: "mfa", Message: "Large transfers need a second factor."}},
		Policy:      policy.Identity{Name: "bank", Version: "2026.11.1", Digest: "sha256:00"},
	}
	buf := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		buf = codec.AppendDecision(buf[:0], d)
	}
}
