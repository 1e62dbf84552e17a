package httpguard

import (
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/rungpolicy/rung/policy"
)

// overrides are the headers by which some frameworks take a request for one of another method, or of another path.
var overrides = map[string]string{
	"X-Http-Method-Override": "The method cannot be overridden.",
	"X-Http-Method":          "The method cannot be overridden.",
	"X-Method-Override":      "The method cannot be overridden.",
	"X-Original-Url":         "The path cannot be overridden.",
	"X-Rewrite-Url":          "The path cannot be overridden.",
}

// unclear says why another router might read a request in another way; "" if none should.
func unclear(r *http.Request, anyPath bool) string {
	if r.Method == http.MethodConnect {
		return "CONNECT is not served here."
	}
	if why := overridden(r); why != "" {
		return why
	}
	if tunnels(r.Header) {
		return "The connection cannot be upgraded to HTTP/2."
	}
	if !clean(r.URL.Path) || strings.Contains(r.RequestURI, "#") || !anyPath && ambiguous(r.URL) {
		return "The path can be read in more than one way."
	}
	return ""
}

// overridden says what of a request another part of it claims to be otherwise.
func overridden(r *http.Request) string {
	for name := range r.Header {
		if strings.Contains(name, "_") { // CGI, and what goes through it, knows no difference
			name = textproto.CanonicalMIMEHeaderKey(strings.ReplaceAll(name, "_", "-"))
		}
		if why := overrides[name]; why != "" {
			return why
		}
	}
	if !strings.Contains(r.URL.RawQuery, "method") && !strings.Contains(r.URL.RawQuery, "%") {
		return ""
	}
	values, _ := url.ParseQuery(strings.ReplaceAll(r.URL.RawQuery, ";", "&")) // some take a semicolon so; what is no query at all is none to others either
	if _, there := values["_method"]; there {
		return overrides["X-Method-Override"]
	}
	return ""
}

// tunnels reports whether a request asks to go on in HTTP/2 on its connection (RFC 7540, section 3.2; RFC 9113 has taken it back). Who grants that behind the guard
// answers what comes then without it.
func tunnels(h http.Header) bool {
	if _, there := h["Http2-Settings"]; there {
		return true
	}
	for _, line := range h["Upgrade"] {
		for name := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.TrimSpace(name), "h2c") {
				return true
			}
		}
	}
	return false
}

// clean reports whether a path, decoded, is one that a ServeMux would not redirect, of characters that stand for themselves.
func clean(p string) bool {
	if !utf8.ValidString(p) || strings.ContainsFunc(p, func(r rune) bool { return r < ' ' || 0x7f <= r && r < 0xa0 }) {
		return false
	}
	return policy.IsCleanPath(p)
}

// ambiguous reports whether a path holds what some routers decode, cut off or turn into a slash, and others do not.
func ambiguous(u *url.URL) bool {
	if strings.ContainsAny(u.Path, `\;?#`) || decodes(u.Path) {
		return true
	}
	escaped := strings.ToLower(u.EscapedPath())
	return strings.Contains(escaped, "%2f")
}

// decodes reports whether a path that is decoded could be so once more.
func decodes(p string) bool {
	for i := 0; i+2 < len(p); i++ {
		if p[i] == '%' && hex(p[i+1]) && hex(p[i+2]) {
			return true
		}
	}
	return false
}

func hex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f'
}
