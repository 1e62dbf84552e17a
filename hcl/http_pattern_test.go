package hcl

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// served registers patterns with a ServeMux and returns what it has against them: it says so by a panic.
func served(patterns ...string) (complaint string) {
	defer func() {
		if r := recover(); r != nil {
			complaint = fmt.Sprint(r)
		}
	}()
	mux := http.NewServeMux()
	for _, p := range patterns {
		mux.Handle(p, http.NotFoundHandler())
	}
	return ""
}

// TestHTTPPatterns: patterns are taken, and conflict, as those of a ServeMux do.
func TestHTTPPatterns(t *testing.T) {
	t.Parallel()
	piece := rapid.SampledFrom([]string{
		"a", "b", "a", "{x}", "{y}", "{x...}", "{$}", "", ".", "..", "%61", "%2F", "%zz", "{", "}", "x{y}", "{x}y", "{}", "{...}", "{1}", "{é}", "{a b}", "$", "a b",
	})
	pattern := rapid.Custom(func(t *rapid.T) string {
		method := rapid.SampledFrom([]string{"", "", "GET ", "HEAD ", "POST ", "CONNECT ", "GET\t ", " ", "G@T ", "é "}).Draw(t, "method")
		host := rapid.SampledFrom([]string{"", "", "", "h", "h.example", "{h}"}).Draw(t, "host")
		path := strings.Join(rapid.SliceOfN(piece, 0, 4).Draw(t, "path"), "/")
		slash := rapid.SampledFrom([]string{"/", "/", "/", "/", "/", ""}).Draw(t, "slash")
		return method + host + slash + path
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := pattern.Draw(t, "a"), pattern.Draw(t, "b")
		p, errA := readHTTPPattern(a)
		q, errB := readHTTPPattern(b)
		if complaint := served(a); (complaint == "") != (errA == nil) {
			t.Fatalf("%q: %v, and of the ServeMux %q", a, errA, complaint)
		}
		if errA != nil || errB != nil {
			return
		}
		if complaint := served(a, b); (complaint != "") != p.conflicts(q) || p.conflicts(q) != q.conflicts(p) {
			t.Fatalf("%q and %q: conflict is %t, of the ServeMux %q", a, b, p.conflicts(q), complaint)
		}
		table := &httpTable{}
		table.add(&httpPlace{httpPattern: p})
		if (table.conflict(q) != nil) != p.conflicts(q) {
			t.Fatalf("%q and %q: the table does not find what conflicts", a, b)
		}
	})
}
