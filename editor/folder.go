package editor

import (
	"bytes"
	"io/fs"
	"slices"
	"time"
)

// view is the texts of a workspace at one moment, so that they can be worked on while the editor goes on.
type view struct {
	w *Workspace
	// held says that who works on it holds the workspace's lock all the time.
	held            bool
	policies, tests []string
	texts           map[string]*text
}

// view takes the texts as they are now; list files are looked at when they are asked for. The workspace is locked.
func (w *Workspace) view(held bool) *view {
	v := &view{w: w, held: held, policies: w.files(policySuffix), tests: w.files(testSuffix), texts: make(map[string]*text)}
	for _, name := range slices.Concat(v.policies, v.tests) {
		v.texts[name] = w.text(name)
	}
	return v
}

// text returns a file's text; nil if there is none.
func (v *view) text(name string) *text {
	if t, ok := v.texts[name]; ok {
		return t
	}
	if !v.held {
		v.w.mu.Lock()
		defer v.w.mu.Unlock()
	}
	v.texts[name] = v.w.text(name)
	return v.texts[name]
}

// folder is a view as a file system, for the packages that read policies: the editor's texts before the folder's.
type folder struct {
	*view
	// instead are texts in the place of a file's own.
	instead map[string]string
}

var _ fs.StatFS = folder{}

// Open implements [fs.FS].
func (f folder) Open(name string) (fs.File, error) {
	info, err := f.stat(name)
	if err != nil {
		return nil, err
	}
	return &openFile{info: info, Reader: bytes.NewReader(info.content)}, nil
}

// Stat implements [fs.StatFS].
func (f folder) Stat(name string) (fs.FileInfo, error) { return f.stat(name) }

func (f folder) stat(name string) (fileInfo, error) {
	if content, ok := f.instead[name]; ok {
		return fileInfo{name, []byte(content)}, nil
	}
	t := f.text(name)
	if t == nil {
		return fileInfo{}, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return fileInfo{name, t.src.Bytes}, nil
}

type openFile struct {
	info fileInfo
	*bytes.Reader
}

func (f *openFile) Stat() (fs.FileInfo, error) { return f.info, nil }

func (f *openFile) Close() error { return nil }

type fileInfo struct {
	name    string
	content []byte
}

func (i fileInfo) Name() string       { return i.name }
func (i fileInfo) Size() int64        { return int64(len(i.content)) }
func (i fileInfo) Mode() fs.FileMode  { return 0o444 }
func (i fileInfo) ModTime() time.Time { return time.Time{} }
func (i fileInfo) IsDir() bool        { return false }
func (i fileInfo) Sys() any           { return nil }
