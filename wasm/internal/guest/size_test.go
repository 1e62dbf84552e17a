package guest_test

import (
	"fmt"
	"strings"
	"testing"

	wasm "github.com/rungpolicy/rung/wasm/internal/binary"
	"github.com/rungpolicy/rung/wasm/internal/guest"
	"github.com/rungpolicy/rung/wasm/internal/link"
)

// needs are the functions that come into a module with the ones named, and how many bytes of code and data they are.
func needs(t *testing.T, names ...string) (int, string) {
	t.Helper()
	object, err := guest.Object()
	if err != nil {
		t.Fatal(err)
	}
	in := needsOfGuest(object)
	for _, n := range names {
		in.Exports = append(in.Exports, link.Export{As: n, Kind: wasm.KindFunc, Name: n})
	}
	_, places, err := link.Link(in)
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	var parts []string
	for _, f := range places.Funcs {
		total += int(f.Size)
		parts = append(parts, fmt.Sprintf("%s %d", f.Name, f.Size))
	}
	for _, d := range places.Data {
		if !d.Zero {
			total += int(d.Size)
		}
	}
	if places.Stack > 0 {
		t.Errorf("%v: there is a stack", names)
	}
	return total, strings.Join(parts, ", ")
}

// TestSizes holds what functions cost a module to bounds. With -v it says what each costs alone.
func TestSizes(t *testing.T) {
	t.Parallel()
	for _, bar := range []struct {
		most  int
		names []string
	}{
		{2600, []string{"rt_double_to_str", "rt_int_to_str", "rt_uint_to_str"}},
		{3100, []string{"rt_str_to_double", "rt_str_to_int", "rt_str_to_uint"}},
		{1000, []string{"rt_ts_parse"}},
		{1000, []string{"rt_ts_get"}},
		{800, []string{"rt_ts_to_str"}},
		{900, []string{"rt_dur_parse"}},
		{1200, []string{"rt_str_contains"}},
		{320, []string{"rt_str_eq"}},
		{1400, []string{"rt_map_seal", "rt_map_find"}},
		{1600, []string{"rt_ip_parse", "rt_cidr_parse", "rt_cidr_contains_ip"}},
	} {
		n, parts := needs(t, bar.names...)
		t.Logf("%s: %d bytes: %s", strings.Join(bar.names, " "), n, parts)
		if n > bar.most {
			t.Errorf("%s takes %d bytes, more than %d: %s", strings.Join(bar.names, " "), n, bar.most, parts)
		}
	}
	if !testing.Verbose() {
		return
	}
	var all []string
	for _, f := range guest.Funcs() {
		n, _ := needs(t, f.Name)
		t.Logf("%-24s %5d", f.Name, n)
		all = append(all, f.Name)
	}
	n, _ := needs(t, all...)
	t.Logf("%-24s %5d", "all", n)
}

// TestSizeOfJSON holds what the reader and writer of JSON take, in a module that has every helper anyway, to a bound. With -v it says what each part takes.
func TestSizeOfJSON(t *testing.T) {
	t.Parallel()
	object, err := guest.Object()
	if err != nil {
		t.Fatal(err)
	}
	in := needsOfGuest(object)
	for _, f := range guest.Funcs() {
		in.Exports = append(in.Exports, link.Export{As: f.Name, Kind: wasm.KindFunc, Name: f.Name})
	}
	_, without, err := link.Link(in)
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for _, f := range without.Funcs {
		there[f.Name] = true
	}
	in.Exports = append(in.Exports, link.Export{As: guest.DecideJSON, Kind: wasm.KindFunc, Name: guest.DecideJSON})
	_, places, err := link.Link(in)
	if err != nil {
		t.Fatal(err)
	}
	code, data := 0, 0
	for _, f := range places.Funcs {
		if !there[f.Name] && f.Object {
			code += f.Size
			t.Logf("%-24s %5d", f.Name, f.Size)
		}
	}
	for _, d := range places.Data {
		data += d.Held
	}
	for _, d := range without.Data {
		data -= d.Held
	}
	t.Logf("code %d, data %d", code, data)
	if most := 6250; code > most {
		t.Errorf("the entry for JSON takes %d bytes of code, more than %d", code, most)
	}
}
