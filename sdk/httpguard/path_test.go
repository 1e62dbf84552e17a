package httpguard_test

import (
	"bufio"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/sdk/httpguard"
)

const paths = `policy "paths" { language = 1 }
action "secret" {
  http  = ["GET /secret", "POST /form", "/any/{name...}", "DELETE /a/{id}/b", "GET admin.example/panel", "PUT /tree/"]
  level = "none"
}
`

// closed is a guard of paths that denies every action, and lets through what is open.
func closed(t testing.TB, opts ...httpguard.Option) *httpguard.Guard {
	t.Helper()
	engine := load(t, paths)
	g, err := httpguard.New(engine.Policy, func(_ *http.Request, action string) (*policy.Decision, error) {
		return &policy.Decision{Action: action, Policy: policy.Identity{Digest: engine.Policy().Digest}}, nil
	}, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// raw sends a request as it stands and returns the status, 0 where the connection was closed.
func raw(t *testing.T, address, request string) int {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	method, _, _ := strings.Cut(request, " ")
	resp, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	return resp.StatusCode
}

// TestPathTricks sends, byte by byte, what makes one router see a guarded path and another one an open one.
func TestPathTricks(t *testing.T) {
	t.Parallel()
	var served atomic.Int64
	s := httptest.NewUnstartedServer(closed(t, httpguard.WithOpen("GET /", "GET /files/", "/")).Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served.Add(1) })))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Start()
	t.Cleanup(s.Close)
	const unclear, denied, open = 400, 403, 200
	for _, c := range []struct {
		line   string
		header string
		want   int
	}{
		{"GET /pages", "", open},
		{"GET /", "", open},
		{"GET /files/a.b..c/...", "", open},
		{"GET /files/%C3%A9", "", open},
		{"GET /files/100%25", "", open},
		{"GET /files/?next=//x;y/../z%2f", "", open},
		{"GET http://any.example/pages", "", open},
		{"get /pages", "", open}, // by `/`: no action has a method of this name, and its path is no action's

		{"GET /secret", "", denied},
		{"HEAD /secret", "", denied},
		{"GET /secret?x", "", denied},
		{"GET /%73ecret", "", denied},
		{"GET http://any.example/secret", "", denied},
		{"GET http://user:pass@any.example/secret", "", denied},
		{"POST /secret", "", denied}, // only `/` is open to it, which names no method
		{"get /secret", "", denied},
		{"OPTIONS /secret", "", denied},
		{"GET /secret/", "", denied}, // a router behind may drop the slash
		{"POST /form/", "", denied},
		{"GET /form", "", open}, // `GET /` says that all pages are
		{"PATCH /form", "", denied},
		{"GET /any/x/y", "", denied},
		{"GET /any/", "", denied},
		{"GET /any", "", denied},
		{"DELETE /a/x/b", "", denied},
		{"DELETE /a/x/b/", "", denied},
		{"PUT /tree", "", denied},
		{"PUT /tree/x", "", denied},
		{"GET http://admin.example/panel", "", denied},
		{"GET http://admin.example:80/panel", "", denied},
		{"GET http://ADMIN.example/panel", "", denied}, // hosts have no case, patterns do
		{"GET http://admin.example./panel", "", denied},
		{"GET /panel", "", denied},

		{"GET /secret.", "", denied}, // some routers drop these
		{"GET /secret%20", "", denied},
		{"GET /secret.%20./", "", denied},
		{"GET /Secret", "", denied}, // and some know no case
		{"GET /SECRET/", "", denied},
		{"GET /Any/X", "", denied},
		{"GET http://Admin.Example/Panel", "", denied},

		{"GET /secret#x", "", unclear},
		{"GET /pages#/../secret", "", unclear},
		{"GET /secret%23x", "", unclear},
		{"GET /secret%3fx", "", unclear},
		{"GET /pages", "X-Original-URL: /secret\r\n", unclear},
		{"GET /pages", "X-Rewrite-URL: /secret\r\n", unclear},
		{"GET /pages", "X_HTTP_METHOD_OVERRIDE: DELETE\r\n", unclear},
		{"GET /pages", "X-Original_Url: /secret\r\n", unclear},
		{"POST /pages?_%6dethod=DELETE", "", unclear},
		{"POST /pages?a=1;_method=DELETE", "", unclear},
		{"POST /pages?%", "", open},
		{"GET /pages", "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n", unclear},
		{"GET /pages", "Connection: upgrade\r\nUpgrade: websocket, H2C\r\n", unclear},
		{"GET /pages", "Connection: upgrade\r\nUpgrade: websocket\r\n", open},
		{"PRI *", "", unclear},
		{"TRACE /secret", "", denied},

		{"GET //secret", "", unclear},
		{"GET /secret//", "", unclear},
		{"GET ///", "", unclear},
		{"GET /./secret", "", unclear},
		{"GET /x/../secret", "", unclear},
		{"GET /x/%2e%2e/secret", "", unclear},
		{"GET /x/.%2E/secret", "", unclear},
		{"GET /x/..%2fsecret", "", unclear},
		{"GET /..", "", unclear},
		{"GET /files/..%5csecret", "", unclear},
		{"GET /files%2f..%2fsecret", "", unclear},
		{"GET /%2fsecret", "", unclear},
		{"GET /secret%2F", "", unclear},
		{"GET /%252e%252e/secret", "", unclear},
		{"GET /%2573ecret", "", unclear},
		{"GET /secret;x=y", "", unclear},
		{"GET /files/..;/secret", "", unclear},
		{"GET /files/x%3b", "", unclear},
		{"GET /secret%00", "", unclear},
		{"GET /secret%0a", "", unclear},
		{"GET /secret%0d%0aX:y", "", unclear},
		{"GET /secret%7f", "", unclear},
		{"GET /secret%C2%85", "", unclear},
		{"GET /secret%ff", "", unclear},
		{"GET /secret%c0%ae", "", unclear},
		{"GET /\\secret", "", unclear},
		{"GET http://any.example", "", unclear},
		{"GET /pages", "X-HTTP-Method-Override: DELETE\r\n", unclear},
		{"POST /pages", "x-http-method: DELETE\r\n", unclear},
		{"POST /pages", "X-Method-Override:\r\n", unclear},
		{"POST /pages?a=b&_method=DELETE", "", unclear},
		{"POST /pages?%5fmethod=DELETE", "", unclear},
		{"CONNECT /secret", "", unclear},
		{"CONNECT any.example:443", "", unclear},
		{"GET *", "", unclear},
		{"OPTIONS *", "", open}, // net/http's server answers itself
		{"GET secret", "", unclear},
		{"GET file:secret", "", unclear},

		// What only looks like it: another path, and the open one takes it.
		{"GET /secret.x", "", open},
		{"GET /secrets", "", open},
		{"GET /Secret.x", "", open},
		{"GET /secret%EF%BC%8F", "", open}, // a full-width slash
		{"GET /%EF%BC%8E%EF%BC%8E/secret", "", open},
	} {
		before := served.Load()
		got := raw(t, s.Listener.Addr().String(), c.line+" HTTP/1.1\r\nHost: any.example\r\nConnection: close\r\nContent-Length: 0\r\n"+c.header+"\r\n")
		if got != c.want {
			t.Errorf("%s %s: %d, want %d", c.line, c.header, got, c.want)
		}
		if c.want != open && served.Load() != before {
			t.Errorf("%s: the handler has run", c.line)
		}
	}
}

func TestAnyPath(t *testing.T) {
	t.Parallel()
	g := closed(t, httpguard.WithAnyPath(), httpguard.WithOpen("GET /"))
	for target, want := range map[string]int{
		"/files/a%2fb": 200, "/files/a;b": 200, "/files/a%23b": 200, "/files/a%3fb": 200, "/files/%2541": 200, `/files/a%5cb`: 200, "/secret;x": 200,
		"/any/a%2fb": 403, "/any/..%2fb": 400, "//secret": 400, "//": 400, "/x/../secret": 400, "/a%00": 400,
	} {
		w := httptest.NewRecorder()
		g.Handler(http.NotFoundHandler()).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", target, nil))
		if got := strings.Replace(fmt.Sprint(w.Code), "404", "200", 1); got != fmt.Sprint(want) {
			t.Errorf("%s: %s, want %d", target, got, want)
		}
	}
}

// FuzzPaths: no request that the guard lets through is one that a router behind takes for an action's, be it a ServeMux or one that decodes, cleans and cuts.
func FuzzPaths(f *testing.F) {
	for _, seed := range []string{"/secret", "/x/..%2fsecret", "//secret", "/secret/", "/secret;x", "/any/x", "/files/%2e%2e/secret", "/a/x%2fb", "/tree", "/%252e%252e/secret", `/..\secret`, "/pages"} {
		f.Add("GET", seed, "any.example")
		f.Add("POST", seed, "admin.example")
	}
	g := closed(f, httpguard.WithOpen("GET /files/", "/pages", "POST /x/{id}", "/"))
	actions := http.NewServeMux()
	hit := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	for _, pattern := range []string{"/secret", "/form", "/any/{name...}", "/a/{id}/b", "/tree/", "admin.example/panel"} {
		actions.Handle(pattern, hit)
	}
	open := http.NewServeMux() // what the embedder has opened by its method is open, whatever has that path by another
	for _, pattern := range []string{"GET /files/", "POST /x/{id}"} {
		open.Handle(pattern, hit)
	}
	f.Fuzz(func(t *testing.T, method, target, host string) {
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(method + " " + target + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n")))
		if err != nil {
			return
		}
		passed := false
		g.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { passed = true })).ServeHTTP(httptest.NewRecorder(), r)
		if !passed {
			return
		}
		if _, pattern := open.Handler(r); pattern != "" {
			return
		}
		for name, p := range readings(r.URL) {
			other := *r
			other.URL = &url.URL{Path: p}
			w := httptest.NewRecorder()
			actions.ServeHTTP(w, &other)
			if w.Code == http.StatusTeapot {
				t.Fatalf("%s %q %q passes, and a router that %s takes it for %q", method, target, host, name, p)
			}
		}
	})
}

// readings are the paths that routers make of a URL.
func readings(u *url.URL) map[string]string {
	twice, err := url.PathUnescape(u.Path)
	if err != nil {
		twice = u.Path
	}
	var cut []string
	for segment := range strings.SplitSeq(u.Path, "/") {
		segment, _, _ = strings.Cut(segment, ";")
		cut = append(cut, segment)
	}
	return map[string]string{
		"takes it as it is": u.Path,
		"decodes twice":     path.Clean("/" + twice),
		"cleans":            path.Clean("/" + u.Path),
		"cuts parameters":   path.Clean("/" + strings.Join(cut, "/")),
		"turns slashes":     path.Clean("/" + strings.ReplaceAll(u.Path, `\`, "/")),
		"cuts a query":      strings.SplitN(strings.SplitN(u.Path, "?", 2)[0], "#", 2)[0],
		"knows no case":     strings.ToLower(u.Path),
		"drops dots":        strings.TrimRight(u.Path, ". "),
		"ends at a NUL":     strings.SplitN(u.Path, "\x00", 2)[0],
		"drops the slash":   strings.TrimRight(u.Path, "/"),
		"appends a slash":   u.Path + "/",
	}
}
