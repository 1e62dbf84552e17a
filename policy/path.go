package policy

import (
	"path"
	"strings"
)

// IsCleanPath reports whether the path of a request, or of an action's pattern, is as it is after cleaning: it begins with a slash, and has no empty segments, `.`
// or `..`. A net/http.ServeMux redirects to that form, or does not know the others.
func IsCleanPath(p string) bool {
	clean := path.Clean(p)
	if strings.HasSuffix(p, "/") && clean != "/" {
		clean += "/"
	}
	return strings.HasPrefix(p, "/") && p == clean
}
