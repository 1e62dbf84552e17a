package playground_test

import (
	"encoding/json"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rungpolicy/rung/playground"
)

func get(t *testing.T, h http.Handler, method, target, host string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, target, http.NoBody)
	r.Host = host
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func TestHandler(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{
		"a.rung.hcl":        {Data: []byte("policy \"a\" { language = 1 }\n")},
		"list.txt":          {Data: []byte("x\n")},
		"requests/one.json": {Data: []byte("{}")},
		"secrets.json":      {Data: []byte("{}")},
		".git/config.txt":   {Data: []byte("no")},
		"binary.txt":        {Data: []byte{0xff, 0xfe}},
		"large.txt":         {Data: make([]byte, 1<<20+1)},
		"program.go":        {Data: []byte("package main")},
	}
	h := playground.Handler(files)
	for _, target := range []string{"/", "/index.html"} {
		res := get(t, h, "GET", target, "localhost:1")
		if res.StatusCode != http.StatusOK || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
			t.Errorf("%s: %s", target, res.Status)
		}
		for name, want := range map[string]string{
			"Content-Security-Policy": "frame-ancestors 'none'", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
		} {
			if got := res.Header.Get(name); !strings.Contains(got, want) {
				t.Errorf("%s: %s is %q", target, name, got)
			}
		}
	}
	res := get(t, h, "GET", "/policy.json", "localhost")
	var draft struct {
		Files map[string]string
	}
	if err := json.NewDecoder(res.Body).Decode(&draft); err != nil {
		t.Fatal(err)
	}
	if len(draft.Files) != 3 || draft.Files["a.rung.hcl"] == "" || draft.Files["list.txt"] == "" || draft.Files["requests/one.json"] == "" {
		t.Errorf("served: %v", draft.Files)
	}
	if res.Header.Get("Cache-Control") != "no-store" {
		t.Error("a policy is no thing to be kept")
	}
}

func TestHandlerRefuses(t *testing.T) {
	t.Parallel()
	h := playground.Handler(nil)
	for _, c := range []struct {
		method, target string
		status         int
	}{
		{"POST", "/", http.StatusMethodNotAllowed},
		{"GET", "/policy.json", http.StatusNotFound},
		{"GET", "/../playground.go", http.StatusNotFound},
		{"GET", "/nosuch.js", http.StatusNotFound},
	} {
		if res := get(t, h, c.method, c.target, "localhost"); res.StatusCode != c.status {
			t.Errorf("%s %s: %s", c.method, c.target, res.Status)
		}
	}
}

// TestLocal: names that somebody has made to lead to this computer are refused.
func TestLocal(t *testing.T) {
	t.Parallel()
	h := playground.Local(playground.Handler(nil))
	for host, status := range map[string]int{
		"localhost": 200, "localhost:8080": 200, "127.0.0.1:8080": 200, "127.0.0.1": 200, "[::1]:8080": 200,
		"attacker.example": 421, "attacker.example:8080": 421, "192.0.2.1": 421, "localhost.attacker.example": 421, "": 421,
	} {
		if res := get(t, h, "GET", "/", host); res.StatusCode != status {
			t.Errorf("Host %q: %s", host, res.Status)
		}
	}
}

func TestTooManyFiles(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{}
	for i := range 201 {
		files[strings.Repeat("a", i+1)+".rung.hcl"] = &fstest.MapFile{Data: []byte("#")}
	}
	if res := get(t, playground.Handler(files), "GET", "/policy.json", "localhost"); res.StatusCode != http.StatusInternalServerError {
		t.Error(res.Status)
	}
}

// TestPage: whatever is built in can be served.
func TestPage(t *testing.T) {
	t.Parallel()
	if _, err := fs.Stat(playground.Page(), "index.html"); err != nil {
		t.Fatal(err)
	}
}
