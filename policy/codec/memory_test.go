package codec_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/codec"
)

// decode is DecodeRequest; it fails where a Decoder, which has read something else before, comes to something else.
func decode(p *policy.Policy, text []byte, o codec.Options) (*policy.Request, *policy.RequestError) {
	r, err := codec.DecodeRequest(p, text, o)
	d := codec.NewDecoder(p, o)
	for _, t := range []string{everyday, string(text), everyday} {
		again, errAgain := d.Decode([]byte(t))
		if t == string(text) && (!reflect.DeepEqual(err, errAgain) || err == nil && !reflect.DeepEqual(r, plainRequest(again))) {
			panic(fmt.Sprintf("%q: %+v %v, but of a decoder %+v %v", text, r, err, again, errAgain))
		}
		d.Forget()
	}
	return r, err
}

// plainRequest is a copy of a request with values that stand for themselves.
func plainRequest(r *policy.Request) *policy.Request {
	out := *r
	out.Signals = plainSlots(r.Signals)
	out.Resource = plainSlots([]policy.Value{r.Resource})[0]
	return &out
}

func plainSlots(slots []policy.Value) []policy.Value {
	out := make([]policy.Value, len(slots))
	for i, v := range slots {
		switch v := policy.Plain(v).(type) {
		case *policy.Object:
			out[i] = &policy.Object{Attrs: plainSlots(v.Attrs)}
		case []policy.Value:
			out[i] = plainSlots(v)
		default:
			out[i] = v
		}
	}
	return out
}

// TestDecoder: what a decoder has read before does not show, not after requests of unusual size either.
func TestDecoder(t *testing.T) {
	t.Parallel()
	p := bank()
	d := codec.NewDecoder(p, codec.Options{Lenient: true})
	large := `{"action":"profile.view","signals":{"subject":{"groups":["` + strings.Repeat(`g","`, 9_000) + `g"]},"x":[` + strings.Repeat("0,", 9000) + `0]}}`
	groups := func(value string) string {
		return `{"action":"profile.view","signals":{"subject":{"groups":` + value + `}}}`
	}
	tooMany := groups(`["` + strings.Repeat(`g","`, 10_000) + `g"]`)
	for range 3 {
		for _, text := range []string{everyday, large, tooMany, groups(`"x"`), groups(`["x",5]`), groups(`[]`), groups(`null`), groups(`["x"]`), `{"action":"profile.view"}`, `{"action":"profile.view","signals":{"device":{"id":5}}}`, `{`} {
			want, wantErr := codec.DecodeRequest(p, []byte(text), codec.Options{Lenient: true})
			got, err := d.Decode([]byte(text))
			if !reflect.DeepEqual(err, wantErr) {
				t.Fatalf("%.60s: %v, want %v", text, err, wantErr)
			}
			if err == nil && !reflect.DeepEqual(plainRequest(got), want) {
				t.Fatalf("%.60s: %+v, want %+v", text, got, want)
			}
			d.Forget()
		}
	}
}

// TestDecoderForgets: a decoder takes no memory for another request of the same form, but for its text, and keeps none of it.
func TestDecoderForgets(t *testing.T) {
	p, text := bank(), []byte(everyday)
	d := codec.NewDecoder(p, codec.Options{})
	read := func() {
		if _, err := d.Decode(text); err != nil {
			t.Fatal(err)
		}
		d.Forget()
	}
	read()
	if n := testing.AllocsPerRun(100, read); n > 2 {
		t.Errorf("%v allocations", n)
	}
	r, err := d.Decode(text)
	if err != nil {
		t.Fatal(err)
	}
	device, ok := r.Signals[p.SignalIndex("device")].(*policy.Object)
	if !ok {
		t.Fatal("no device")
	}
	slot := p.Signal("device").Type.Slot("id")
	id, ok := device.Attrs[slot].(*string)
	if !ok || *id != "d-4" {
		t.Fatalf("the id is %v", device.Attrs[slot])
	}
	d.Forget()
	if *id != "" || device.Attrs != nil || r.Signals != nil {
		t.Error("something is kept")
	}
}
