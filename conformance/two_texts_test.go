package conformance_test

import (
	"strings"
	"testing"

	"github.com/tetratelabs/wazero/api"

	"github.com/rungpolicy/rung/conformance"
	"github.com/rungpolicy/rung/internal/texts"
)

// TestTwoTexts: what is the host's to say is refused in a caller's text, and what is the caller's beside it in the host's.
func TestTwoTexts(t *testing.T) {
	t.Parallel()
	e := instanceOf(t, everyModule(t))
	const bare, time = `{"action":"bare"}`, `{"now":"2026-11-24T12:00:00Z"}`
	allowed := `{"effect":"allow","action":"bare","posture":"normal","policy":{"name":"every","version":"1 \"quoted\"",`
	refused := func(path string) string {
		if path != "" {
			path = `"path":"` + path + `"`
		}
		return path + "}}"
	}
	for _, c := range []struct{ caller, host, want string }{
		{bare, time, allowed},
		{bare, ` {"posture":"high","now":"2026-11-24T12:00:00Z","params":{"most":1}} `, `"posture":"high"`},
		{"", `{"action":"bare","now":"2026-11-24T12:00:00Z"}`, allowed},
		{bare, "", refused("/now")},
		{bare, "{}", refused("/now")},
		{bare, `{"now":null}`, refused("/now")},
		{"", bare, refused("/now")},
		{"", "", `the text is not JSON"}}`},
		{"{}", time, refused("/action")},
		{`{"action":"bare","now":"2026-11-24T12:00:00Z"}`, time, refused("/now")},
		{`{"action":"bare","now":"2026-11-24T12:00:00Z"}`, "", refused("/now")},
		{`{"posture":"normal","action":"bare"}`, time, refused("/posture")},
		{`{"params":{"most":1},"action":"bare"}`, time, refused("/params")},
		{bare, `{"now":"2026-11-24T12:00:00Z","action":"a"}`, refused("/action")},
		{bare, `{"now":"2026-11-24T12:00:00Z","signals":{}}`, refused("/signals")},
		{bare, `{"now":"2026-11-24T12:00:00Z","posture":"low"}`, refused("/posture")},
		{bare, `{"now":"2026-11-24T12:00:00Z","params":{"least":1}}`, refused("/params/least")},
		{bare, `[]`, `is declared"}}`},
		{`[]`, time, `is declared"}}`},
		{bare + ",", time, `the text is not JSON"}}`},
		{bare, time + "}", `the text is not JSON"}}`},
		{bare[:9], bare[9:], `the text is not JSON"}}`},
		{bare + `,"now":"2026-11-24T12:00:00Z"}`, "", `the text is not JSON"}}`},
		{strings.Repeat(" ", 1<<20-len(bare)) + bare, time, allowed},
		{strings.Repeat(" ", 1<<20-len(bare)+1) + bare, time, `longer than 1 MiB"}}`},
		{bare, strings.Repeat(" ", 1<<20) + time, `longer than 1 MiB"}}`},
	} {
		got := string(e.decide([]byte(c.caller), []byte(c.host)))
		if !strings.Contains(got, c.want) {
			t.Errorf("%.80s and %.80s: %s; want %s", c.caller, c.host, got, c.want)
		}
	}
}

// TestRoom: lengths beyond what begin has reserved are no request; the memory does not grow from one request to the next; and what is as large as may be has room.
func TestRoom(t *testing.T) {
	t.Parallel()
	e := instanceOf(t, everyModule(t))
	call := func(args ...uint64) uint64 {
		out, err := e.module.ExportedFunction("decide_json").Call(t.Context(), args...)
		if err != nil {
			t.Fatal(err)
		}
		return out[0]
	}
	none := func(request, host uint32) {
		t.Helper()
		if got := call(api.EncodeU32(request), api.EncodeU32(host)); got != 0 {
			t.Errorf("%d and %d bytes where there are not so many: %#x", request, host, got)
		}
	}
	none(0, 0) // before begin
	none(1, 1)
	if _, err := e.module.ExportedFunction("begin").Call(t.Context(), 100); err != nil {
		t.Fatal(err)
	}
	none(1000, 0)
	none(60, 60)
	for _, sizes := range [][2]uint32{{1 << 31, 1 << 31}, {1<<32 - 1, 0}, {1<<32 - 8, 100}, {100, 1<<32 - 8}} { // the sums wrap
		out := call(api.EncodeU32(sizes[0]), api.EncodeU32(sizes[1]))
		if text, ok := e.module.Memory().Read(uint32(out), uint32(out>>32)); out != 0 && (!ok || !strings.Contains(string(text), "longer than 1 MiB")) {
			t.Errorf("%d: %q", sizes, text)
		}
	}
	for range 100 {
		e.decide(nil, []byte(texts.Request))
	}
	size := e.module.Memory().Size()
	for range 100 {
		e.decide(nil, []byte(texts.Request))
	}
	if now := e.module.Memory().Size(); now != size {
		t.Errorf("after 100 requests more the memory has grown from %d to %d", size, now)
	}
	large := strings.TrimSuffix(strings.Repeat("["+strings.TrimSuffix(strings.Repeat("1,", 1000), ",")+"],", 500), ",")
	got := string(e.decide([]byte(`{"action":"a","signals":{"t":{"a":[`+large+`]}}}`), []byte("{"+now+"}")))
	if _, err := conformance.Canonical([]byte(got), true); err != nil || !strings.Contains(got, `"action":"a"`) {
		t.Errorf("500,000 numbers: %v: %.300s", err, got)
	}
}
