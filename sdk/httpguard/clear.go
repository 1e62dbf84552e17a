package httpguard

import (
	"net/http"
	"net/url"
	"path"
	"strings"
	"unicode/utf8"
)

// overrides are the headers by which some frameworks take a request for one of another method.
var overrides = []string{"X-Http-Method-Override", "X-Http-Method", "X-Method-Override"}

// unclear says why another router might read a request in another way; "" if none should.
func unclear(r *http.Request, anyPath bool) string {
	if r.Method == http.MethodConnect {
		return "CONNECT is not served here."
	}
	for _, name := range overrides {
		if _, there := r.Header[name]; there {
			return "The method cannot be overridden."
		}
	}
	if strings.Contains(r.URL.RawQuery, "method") {
		if _, there := form(r)["_method"]; there {
			return "The method cannot be overridden."
		}
	}
	if !clean(r.URL.Path) || !anyPath && ambiguous(r.URL) {
		return "The path can be read in more than one way."
	}
	return ""
}

// form is what is readable of a query.
func form(r *http.Request) url.Values {
	values, _ := url.ParseQuery(r.URL.RawQuery) // what it leaves out, others leave out too
	return values
}

// clean reports whether a path, decoded, is one that a ServeMux would not redirect, of characters that stand for themselves.
func clean(p string) bool {
	if !strings.HasPrefix(p, "/") || !utf8.ValidString(p) || strings.ContainsFunc(p, func(r rune) bool { return r < ' ' || 0x7f <= r && r < 0xa0 }) {
		return false
	}
	return p == "/" || path.Clean(p) == strings.TrimSuffix(p, "/")
}

// ambiguous reports whether a path holds what some routers decode, cut off or turn into a slash, and others do not.
func ambiguous(u *url.URL) bool {
	if strings.ContainsAny(u.Path, `\;`) || decodes(u.Path) {
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
