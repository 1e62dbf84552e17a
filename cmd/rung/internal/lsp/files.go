package lsp

import (
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rungpolicy/rung/editor"
)

// maxFolders bounds how many policies are open at one time.
const maxFolders = 100

// folders are the policies that an editor has files open of. A policy is a folder: a file's is the one that it lies in.
type folders struct {
	mu  sync.Mutex
	all map[string]*policyFolder // by URI
}

// policyFolder is a folder with a policy.
type policyFolder struct {
	uri       string
	workspace *editor.Workspace
	root      *os.Root // nil: it is not on this machine's disk
	open      map[string]bool
	// published are the files that the editor shows diagnostics of. Once the folder is gone there are none.
	published map[string]bool
	gone      bool

	mu sync.Mutex
	// uris are those that the editor has for files.
	uris map[string]string
}

// split cuts a file's URI into that of its folder and its name.
func split(uri string) (folder, name string) {
	i := strings.LastIndexByte(uri, '/')
	name, err := url.PathUnescape(uri[i+1:])
	if err != nil || name == "" || strings.Contains(name, "/") {
		return "", ""
	}
	return uri[:i+1], name
}

// join is the URI of a file in a folder: the editor's, if it has said it.
func (p *policyFolder) join(name string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if uri := p.uris[name]; uri != "" {
		return uri
	}
	parts := strings.Split(name, "/")
	for i, part := range parts {
		parts[i] = strings.ReplaceAll(url.PathEscape(part), ":", "%3A")
	}
	return p.uri + path.Join(parts...)
}

// find returns the folder of a file, if it is open, and the file's name in it.
func (f *folders) find(uri string) (*policyFolder, string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	folder, name := split(uri)
	return f.all[folder], name
}

// opened returns the folder of a file that is being opened; nil if there are too many.
func (f *folders) opened(uri string) (*policyFolder, string) {
	folder, name := split(uri)
	if name == "" {
		return nil, ""
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	p := f.all[folder]
	if p == nil {
		if len(f.all) == maxFolders {
			return nil, ""
		}
		p = newPolicyFolder(folder)
		if f.all == nil {
			f.all = make(map[string]*policyFolder)
		}
		f.all[folder] = p
	}
	p.open[name] = true
	p.mu.Lock()
	defer p.mu.Unlock()
	p.uris[name] = uri
	return p, name
}

// closed notes that a file is closed; it returns its folder, and whether that was its last.
func (f *folders) closed(uri string) (p *policyFolder, name string, last bool) {
	folder, name := split(uri)
	f.mu.Lock()
	defer f.mu.Unlock()
	if p = f.all[folder]; p == nil || !p.open[name] {
		return nil, "", false
	}
	if delete(p.open, name); len(p.open) > 0 {
		return p, name, false
	}
	delete(f.all, folder)
	if p.root != nil {
		_ = p.root.Close()
	}
	return p, name, true
}

// list returns the folders, in order.
func (f *folders) list() []*policyFolder {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.SortedFunc(maps.Values(f.all), func(a, b *policyFolder) int { return strings.Compare(a.uri, b.uri) })
}

func newPolicyFolder(uri string) *policyFolder {
	p := &policyFolder{uri: uri, open: make(map[string]bool), published: make(map[string]bool), uris: make(map[string]string)}
	var fsys fs.FS
	if dir := localPath(uri); dir != "" {
		// A root, so that nothing outside of the folder is read, whatever links point to.
		if root, err := os.OpenRoot(dir); err == nil {
			p.root, fsys = root, root.FS()
		}
	}
	p.workspace = editor.New(fsys)
	p.workspace.SetClock(time.Now)
	return p
}

// localPath is the path of a `file` URI; "" if it is none.
func localPath(uri string) string {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "file" || u.Host != "" && u.Host != "localhost" {
		return ""
	}
	p := u.Path
	if len(p) > 2 && p[0] == '/' && p[2] == ':' {
		p = p[1:] // /c:/policy
	}
	return filepath.FromSlash(p)
}
