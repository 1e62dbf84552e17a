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

// refused is what a ServeMux has against a pattern, or against its path where a GET is asked for.
func refused(pattern string) string {
	if complaint := served(pattern); complaint != "" {
		return complaint
	}
	return served("GET " + strings.TrimLeft(pattern[strings.IndexAny(pattern, " \t")+1:], " \t"))
}

// TestHTTPPatterns: patterns are taken, and conflict, as those of a ServeMux do that have a method.
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
		if complaint := refused(a); (complaint == "") != (errA == nil) {
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

// TestHTTPPathsThatNeverCome: under no method, as a ServeMux would take `//a` for `/{x}/a`.
func TestHTTPPathsThatNeverCome(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"//", "//a", "/a//b", "/a//", "/.", "/a/./b", "/..", "/a/../b", "//%2F", "/{x}//{y}"} {
		for _, pattern := range []string{path, "GET " + path, "CONNECT " + path, "h" + path} {
			if _, err := readHTTPPattern(pattern); err == nil || !strings.Contains(err.Error(), "never comes") {
				t.Errorf("%s: %v", pattern, err)
			}
		}
	}
	for _, pattern := range []string{"/", "/a/", "/{$}", "/a/{rest...}", "/%2F", "/.a", "/a..", "CONNECT /a"} {
		if _, err := readHTTPPattern(pattern); err != nil {
			t.Errorf("%s: %v", pattern, err)
		}
	}
}
