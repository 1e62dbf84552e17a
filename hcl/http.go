package hcl

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/rungpolicy/rung/diag"
)

// httpTable finds conflicts among the patterns of all actions, by net/http's own rules: its ServeMux is asked, since those rules
// (which of two patterns is the more specific) are nowhere else to be had.
type httpTable struct {
	muxes  map[string]*http.ServeMux // by host: patterns of different hosts do not conflict
	places map[string]httpPlace      // by pattern, as its author wrote it
}

type httpPlace struct {
	at     diag.Span
	action string
}

// maxHTTPPatterns bounds the patterns of a policy: net/http compares them with each other.
const maxHTTPPatterns = 32_768

// httpPattern takes a pattern up, or reports what is wrong with it.
func (d *decoder) httpPattern(pattern, action string, at diag.Span) bool {
	t := &d.http
	if t.muxes == nil {
		t.muxes, t.places = make(map[string]*http.ServeMux), make(map[string]httpPlace)
	}
	if len(t.places) == maxHTTPPatterns {
		d.errorf(at, codeLimit, "the policy has more than 32,768 http patterns", "")
		return false
	}
	host := httpHost(pattern)
	if t.muxes[host] == nil {
		t.muxes[host] = http.NewServeMux()
	}
	complaint := register(t.muxes[host], pattern)
	if complaint == "" {
		t.places[pattern] = httpPlace{at: at, action: action}
		return true
	}
	if other, ok := t.other(complaint); ok {
		with := "of this action"
		if other.action != action {
			with = "of the action `" + other.action + "`"
		}
		dg := d.errorf(at, codeConflict, "the http pattern `"+short(pattern)+"` conflicts with `"+short(other.at.Text())+"` "+with,
			"some requests match both, and neither pattern is the more specific")
		related(dg, "the other pattern", other.at)
		return false
	}
	d.errorf(at, codeValue, "`"+short(pattern)+"` is no http pattern: "+lowerFirst(patternFault(complaint)), "write `POST /accounts/{account}/transfers`")
	return false
}

// httpHost is the host of a pattern, or "".
func httpHost(pattern string) string {
	if i := strings.IndexAny(pattern, " \t"); i >= 0 {
		pattern = strings.TrimLeft(pattern[i+1:], " \t")
	}
	host, _, _ := strings.Cut(pattern, "/")
	return host
}

// register registers a pattern and returns what ServeMux has against it: it says so by a panic.
func register(mux *http.ServeMux, pattern string) (complaint string) {
	defer func() {
		if r := recover(); r != nil {
			complaint = fmt.Sprint(r)
		}
	}()
	mux.Handle(pattern, http.NotFoundHandler())
	return ""
}

// other finds the pattern that a complaint of a conflict names.
func (t *httpTable) other(complaint string) (httpPlace, bool) {
	_, rest, ok := strings.Cut(complaint, "conflicts with pattern ")
	if !ok {
		return httpPlace{}, false
	}
	quoted, err := strconv.QuotedPrefix(rest)
	if err != nil {
		return httpPlace{}, false
	}
	pattern, err := strconv.Unquote(quoted)
	if err != nil {
		return httpPlace{}, false
	}
	place, ok := t.places[pattern]
	return place, ok
}

// patternFault takes what is for people out of a complaint: `parsing "…": at offset 3: …`.
func patternFault(complaint string) string {
	if m := regexp.MustCompile(`at offset \d+: `).FindStringIndex(complaint); m != nil {
		return complaint[m[1]:]
	}
	return strings.TrimPrefix(complaint, "http: ")
}
