package hcl

import (
	"errors"
	"net/url"
	"strings"
	"unicode"

	"github.com/rungpolicy/rung/policy"
)

// httpPattern is a pattern of net/http's ServeMux: `[METHOD ][HOST]/PATH`. What it means, and which of two is the more specific, is said in the documentation of
// http.ServeMux; to link net/http for it would make Rung in a browser a tenth larger. A test holds this against a ServeMux. One thing is not as there: a path
// that would be redirected is refused under any method. A ServeMux takes it where there is none, or CONNECT, and then its empty segments match what a wildcard does.
type httpPattern struct {
	method   string // "": any
	host     string // "": any
	segments []httpSegment
}

// httpSegment is a part of a path between slashes.
type httpSegment struct {
	kind segmentKind
	text string // of a literal
}

type segmentKind uint8

const (
	segmentLiteral segmentKind = iota
	segmentEnd                 // {$}: the path ends with this slash
	segmentAny                 // {name}: one segment, whatever it is
	segmentRest                // {name...}, or a slash at the end: all that follows
)

// readHTTPPattern reads a pattern. The error is for people.
func readHTTPPattern(text string) (*httpPattern, error) {
	p := &httpPattern{}
	rest := text
	if i := strings.IndexAny(text, " \t"); i >= 0 {
		p.method, rest = text[:i], strings.TrimLeft(text[i+1:], " \t")
		if p.method != "" && strings.ContainsFunc(p.method, notToken) {
			return nil, errors.New("`" + short(p.method) + "` is no method")
		}
	}
	slash := strings.IndexByte(rest, '/')
	switch {
	case text == "":
		return nil, errors.New("it is empty")
	case slash < 0:
		return nil, errors.New("a path begins with `/`")
	case strings.Contains(rest[:slash], "{"):
		return nil, errors.New("a host has no wildcards")
	}
	p.host, rest = rest[:slash], rest[slash:]
	if !policy.IsCleanPath(rest) {
		return nil, errors.New("a path with empty segments, `.` or `..` never comes")
	}
	return p, p.path(rest[1:])
}

// notToken reports whether a character cannot be in a method (RFC 9110 section 5.6.2).
func notToken(r rune) bool {
	return r >= 0x7f || r <= ' ' || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
}

// path reads what follows a path's first slash.
func (p *httpPattern) path(rest string) error {
	names := map[string]bool{}
	for more := true; more; {
		var part string
		part, rest, more = strings.Cut(rest, "/")
		s, name, err := readSegment(part, !more)
		switch {
		case err != nil:
			return err
		case name != "" && names[name]:
			return errors.New("two wildcards have the name `" + short(name) + "`")
		}
		names[name] = true
		p.segments = append(p.segments, s)
	}
	return nil
}

// readSegment reads a segment, and the name of the wildcard that it is.
func readSegment(part string, last bool) (s httpSegment, name string, err error) {
	switch i := strings.IndexByte(part, '{'); {
	case part == "" && last:
		return httpSegment{kind: segmentRest}, "", nil
	case i < 0:
		if plain, err := url.PathUnescape(part); err == nil {
			part = plain
		}
		if part == "/" { // written %2F: to a ServeMux it is the same as {$}
			return httpSegment{kind: segmentEnd}, "", nil
		}
		return httpSegment{text: part}, "", nil
	case i > 0 || !strings.HasSuffix(part, "}"):
		return s, "", errors.New("a wildcard is a whole segment, `{name}`")
	}
	name = part[1 : len(part)-1]
	if name == "$" {
		s.kind, name = segmentEnd, ""
	} else if cut, ok := strings.CutSuffix(name, "..."); ok {
		s.kind, name = segmentRest, cut
	} else {
		s.kind = segmentAny
	}
	switch {
	case !last && s.kind != segmentAny:
		return s, "", errors.New("`" + short(part) + "` stands at the end")
	case s.kind != segmentEnd && !isWildcardName(name):
		return s, "", errors.New("a wildcard's name is of letters, digits and `_`")
	}
	return s, name, nil
}

func isWildcardName(name string) bool {
	for i, c := range name {
		if !unicode.IsLetter(c) && c != '_' && (i == 0 || !unicode.IsDigit(c)) {
			return false
		}
	}
	return name != ""
}

// relation says of two sets of requests whether they have some in common, and whether each has some that the other has not.
type relation struct{ meet, left, right bool }

// and is the relation of two patterns, of whose parts these are the relations.
func (r relation) and(o relation) relation {
	return relation{r.meet && o.meet, r.left || o.left, r.right || o.right}
}

var (
	relSame  = relation{meet: true}
	relLeft  = relation{meet: true, left: true}
	relRight = relation{meet: true, right: true}
	relApart = relation{left: true, right: true}
)

// conflicts reports whether there are requests that both match, with neither pattern the more specific. Patterns of different hosts never conflict: either
// a request matches but one of them, or the one that names a host goes first.
func (p *httpPattern) conflicts(o *httpPattern) bool {
	r := methodRelation(p.method, o.method).and(pathRelation(p.segments, o.segments))
	return p.host == o.host && r.meet && r.left == r.right
}

func methodRelation(a, b string) relation {
	switch {
	case a == b:
		return relSame
	case a == "", a == "GET" && b == "HEAD": // GET matches HEAD too
		return relLeft
	case b == "", b == "GET" && a == "HEAD":
		return relRight
	}
	return relApart
}

func pathRelation(a, b []httpSegment) relation {
	r := relSame
	n := min(len(a), len(b))
	for i := range n {
		r = r.and(segmentRelation(a[i], b[i]))
	}
	switch {
	case len(a) == len(b):
		return r
	case len(a) == n && a[n-1].kind == segmentRest:
		return r.and(relLeft)
	case len(b) == n && b[n-1].kind == segmentRest:
		return r.and(relRight)
	}
	return relApart
}

func segmentRelation(a, b httpSegment) relation {
	switch {
	case a == b || a.kind == segmentRest && b.kind == segmentRest:
		return relSame
	case a.kind == segmentRest, a.kind == segmentAny && b.kind == segmentLiteral:
		return relLeft
	case b.kind == segmentRest, b.kind == segmentAny && a.kind == segmentLiteral:
		return relRight
	}
	return relApart // two literals, or the end of a path and a segment of it
}
