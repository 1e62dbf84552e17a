package httpguard

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/rungpolicy/rung/policy"
)

// routes are the patterns of a policy, and those that are open. They are matched by ServeMuxes, so that they mean what they mean in one; by two, so that an open
// pattern never goes before an action's, however specific it is, and the two cannot conflict.
type routes struct {
	policy        *policy.Policy
	actions, open *http.ServeMux
	// methods and hosts are those that the patterns of actions name.
	methods, hosts []string
}

// route is where a pattern leads: to an action, or past the guard. As a handler it serves nothing; it says that it was found.
type route struct {
	action string
	open   bool
	// anyMethod and anyHost say that the pattern names none.
	anyMethod, anyHost bool
}

// routes are those of the policy of now.
func (g *Guard) routes() (*routes, error) {
	p := g.policies()
	if r := g.current.Load(); r != nil && r.policy == p {
		return r, nil
	}
	g.building.Lock()
	defer g.building.Unlock()
	if r := g.current.Load(); r != nil && r.policy == p {
		return r, nil
	}
	r, err := build(p, g.open)
	if err != nil {
		return nil, err
	}
	g.current.Store(r)
	return r, nil
}

func build(p *policy.Policy, open []string) (*routes, error) {
	if p == nil {
		return nil, errors.New("there is no policy")
	}
	r := &routes{policy: p, actions: http.NewServeMux(), open: http.NewServeMux()}
	for _, a := range p.Actions {
		for _, pattern := range a.HTTP {
			if err := r.add(pattern, &route{action: a.Name}); err != nil {
				return nil, fmt.Errorf("action %s: %w", a.Name, err)
			}
		}
	}
	for _, pattern := range open {
		if err := r.add(pattern, &route{open: true}); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// registered is where a ServeMux was given a pattern: here, which says nothing.
var registered = regexp.MustCompile(` \(registered at [^)]*\)`)

// add registers a pattern. A ServeMux says what it has against one by a panic.
func (r *routes) add(pattern string, to *route) (err error) {
	defer func() {
		if x := recover(); x != nil {
			err = fmt.Errorf("the pattern `%s`: %s", pattern, registered.ReplaceAllString(fmt.Sprint(x), ""))
		}
	}()
	method, host, rest := split(pattern)
	if strings.HasPrefix(rest, "/") && !policy.IsCleanPath(rest) { // a ServeMux would take `//a` for `/{x}/a`
		return fmt.Errorf("the pattern `%s`: a path with empty segments, `.` or `..` never comes", pattern)
	}
	to.anyMethod, to.anyHost = method == "", host == ""
	if to.open {
		r.open.Handle(pattern, to)
		return nil
	}
	r.actions.Handle(pattern, to)
	r.methods, r.hosts = once(r.methods, method), once(r.hosts, host)
	return nil
}

func once(list []string, name string) []string {
	if name == "" || slices.Contains(list, name) {
		return list
	}
	return append(list, name)
}

// split is the method, the host and the path of a pattern: `[METHOD ][HOST]/[PATH]`.
func split(pattern string) (method, host, rest string) {
	if i := strings.IndexAny(pattern, " \t"); i >= 0 {
		method, pattern = pattern[:i], strings.TrimLeft(pattern[i:], " \t")
	}
	slash := max(0, strings.IndexByte(pattern, '/'))
	return method, pattern[:slash], pattern[slash:]
}

// find is the route of a request, and the request with its path values; nil if there is none.
func (r *routes) find(in *http.Request) (*route, *http.Request) {
	if found, out := match(r.actions, in); found != nil {
		return found, out
	}
	found, out := match(r.open, in)
	if found == nil || r.guarded(in, found) {
		return nil, nil
	}
	return found, out
}

// guarded reports whether what an open pattern takes would be an action's under a method or host that the pattern does not name, with a slash more or less at
// the end, without dots or spaces there, or in small letters: a router behind may take the one for the other.
func (r *routes) guarded(in *http.Request, open *route) bool {
	methods, hosts := []string{in.Method}, []string{in.Host}
	if open.anyMethod {
		methods = append(methods, r.methods...)
	}
	if open.anyHost {
		hosts = append(hosts, r.hosts...)
	}
	for _, u := range readings(in.URL) {
		for _, method := range methods {
			for _, host := range hosts {
				other := *in
				other.Method, other.Host, other.URL = method, host, u
				if matches(r.actions, &other) {
					return true
				}
			}
		}
	}
	return false
}

// readings are a URL, and what routers that are not strict take it for.
func readings(u *url.URL) []*url.URL {
	out := []*url.URL{u, turned(u)}
	short, _ := strings.CutSuffix(u.Path, "/")
	if plain := strings.ToLower(strings.TrimRight(short, ". ")); plain != short && strings.HasPrefix(plain, "/") {
		other := &url.URL{Path: plain}
		out = append(out, other, turned(other))
	}
	return out
}

// turned is a URL with a slash more or less at the end of its path.
func turned(u *url.URL) *url.URL {
	if short, ok := strings.CutSuffix(u.EscapedPath(), "/"); ok && short != "" {
		out, err := url.ParseRequestURI(short)
		if err == nil {
			return out
		}
	}
	return u.JoinPath("/")
}

// matches reports whether a ServeMux has a route for a request. Where it would redirect, or answer by itself, it has none.
func matches(mux *http.ServeMux, in *http.Request) bool {
	h, _ := mux.Handler(in)
	_, ok := h.(*route)
	return ok
}

// match is the route of a request, and the request with its path values, which a ServeMux sets for who it calls alone.
func match(mux *http.ServeMux, in *http.Request) (*route, *http.Request) {
	if !matches(mux, in) {
		return nil, nil
	}
	m := new(matched)
	mux.ServeHTTP(nowhere{}, in.WithContext(context.WithValue(in.Context(), matchKey{}, m)))
	if m.route == nil {
		return nil, nil
	}
	return m.route, m.request.WithContext(in.Context())
}

type matchKey struct{}

type matched struct {
	route   *route
	request *http.Request
}

// ServeHTTP says that the route was found.
func (t *route) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	if m, ok := r.Context().Value(matchKey{}).(*matched); ok {
		m.route, m.request = t, r
	}
}

// nowhere is what a ServeMux writes to that only matches.
type nowhere struct{}

func (nowhere) Header() http.Header         { return http.Header{} }
func (nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (nowhere) WriteHeader(int)             {}
