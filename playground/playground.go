// Package playground is the page on which policies are tried out, and what serves it: a static site, in which Rung itself runs in a worker.
//
// The page is built by `make playground` into dist/page, and embedded from there by the next build. What is checked in, in dist, is a page that says so.
package playground

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"path"
	"strings"
	"unicode/utf8"
)

//go:embed all:dist
var dist embed.FS

// Page is the built page, or, if there is none in this build, one that says how to build it.
func Page() fs.FS {
	folder := "dist"
	if Built() {
		folder = "dist/page"
	}
	sub, err := fs.Sub(dist, folder)
	if err != nil {
		panic(err) // the names are constants
	}
	return sub
}

// Built reports whether the page is in this build.
func Built() bool {
	_, err := fs.Stat(dist, "dist/page/index.html")
	return err == nil
}

// Limits of a policy that is served with the page: what the page itself takes.
const (
	maxFiles = 200
	maxBytes = 1 << 20
)

// csp is what the page's own <meta> says, and what only a header can: who may frame it.
const csp = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; font-src 'self'; connect-src 'self'; worker-src 'self'; img-src 'self' data:; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types rung"

// Handler serves the page, with a policy in it: the files of a folder, read anew whenever the page is loaded. Without one the page begins with its
// first example. It answers GET and HEAD, is safe for concurrent use, and keeps nothing.
func Handler(policy fs.FS) http.Handler {
	page := Page()
	files := http.FileServerFS(page)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", csp)
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			h.Set("Allow", "GET, HEAD")
			http.Error(w, "only GET and HEAD", http.StatusMethodNotAllowed)
			return
		}
		switch name := path.Clean("/" + r.URL.Path); {
		case name == "/" || name == "/index.html":
			serveIndex(w, page, policy != nil)
		case name == "/policy.json" && policy != nil:
			servePolicy(w, policy)
		case strings.HasSuffix(name, ".wasm.gz"):
			// Its name changes with its content. It is unpacked by the page, so it is no encoding of the transport.
			h.Set("Cache-Control", "public, max-age=31536000, immutable")
			h.Set("Content-Type", "application/gzip")
			files.ServeHTTP(w, r)
		default:
			h.Set("Cache-Control", "no-cache")
			files.ServeHTTP(w, r)
		}
	})
}

// serveIndex tells the page that a policy is there to be fetched.
func serveIndex(w http.ResponseWriter, page fs.FS, served bool) {
	text, err := fs.ReadFile(page, "index.html")
	if err != nil {
		http.Error(w, "there is no page", http.StatusInternalServerError)
		return
	}
	if served {
		text = bytes.Replace(text, []byte("</head>"), []byte(`<meta name="rung-policy" content="served"></head>`), 1)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(text) // who has gone away gets nothing
}

// draft is what the page takes: see draftOf in web/src/draft.ts.
type draft struct {
	Title  string            `json:"title"`
	Files  map[string]string `json:"files"`
	People []any             `json:"people"`
}

func servePolicy(w http.ResponseWriter, policy fs.FS) {
	d := draft{Files: map[string]string{}, People: []any{}}
	if err := d.read(policy); err != nil {
		http.Error(w, "the policy cannot be read", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(d) // who has gone away gets nothing
}

// errTooMuch says that the folder is none that the page could show.
var errTooMuch = errors.New("more files than the page takes")

// read takes in the files that make a policy: its own, its tests, its lists, its requests.
func (d *draft) read(policy fs.FS) error {
	return fs.WalkDir(policy, ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && name != "." && (strings.HasPrefix(e.Name(), ".") || e.Name() == "node_modules"):
			return fs.SkipDir
		case !e.Type().IsRegular() || !wanted(name):
			return nil
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		if info.Size() > maxBytes {
			return nil
		}
		if len(d.Files) == maxFiles {
			return errTooMuch
		}
		text, err := fs.ReadFile(policy, name)
		if err == nil && utf8.Valid(text) {
			d.Files[name] = string(text)
		}
		return err
	})
}

func wanted(name string) bool {
	switch path.Ext(name) {
	case ".hcl", ".txt", ".csv", ".list":
		return true
	case ".json":
		return path.Base(path.Dir(name)) == "requests"
	}
	return false
}

// Local lets through what is asked of this computer by its own names, and refuses the rest: a page of somebody else's, whose name is made to lead here, could read the
// policy otherwise.
func Local(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		host = strings.Trim(host, "[]")
		if ip, err := netip.ParseAddr(host); host != "localhost" && (err != nil || !ip.IsLoopback()) {
			http.Error(w, "this is served to localhost alone", http.StatusMisdirectedRequest)
			return
		}
		h.ServeHTTP(w, r)
	})
}
