package editor

import (
	"bytes"
	"io/fs"
	"time"
)

// folder is the workspace as a file system, for the packages that read policies: the editor's texts before the folder's.
type folder struct {
	w *Workspace
	// texts stand in the place of a file's own.
	texts map[string]string
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
	if content, ok := f.texts[name]; ok {
		return fileInfo{name, []byte(content)}, nil
	}
	t := f.w.text(name)
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
