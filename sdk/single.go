package rung

import (
	"bytes"
	"io/fs"
	"time"
)

// singleName is the name of the file in a file system of one.
const singleName = "policy.rung.hcl"

// single is a file system of one policy file.
type single []byte

func (s single) Open(name string) (fs.File, error) {
	switch name {
	case ".":
		return &singleDir{info: singleInfo{name: ".", mode: fs.ModeDir | 0o555}, files: []fs.DirEntry{fs.FileInfoToDirEntry(s.info())}}, nil
	case singleName:
		return &singleFile{Reader: bytes.NewReader(s), info: s.info()}, nil
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

func (s single) info() singleInfo {
	return singleInfo{name: singleName, size: int64(len(s)), mode: 0o444}
}

type singleFile struct {
	*bytes.Reader
	info singleInfo
}

func (f *singleFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *singleFile) Close() error               { return nil }

type singleDir struct {
	info  singleInfo
	files []fs.DirEntry
}

func (d *singleDir) Stat() (fs.FileInfo, error) { return d.info, nil }
func (d *singleDir) Close() error               { return nil }
func (d *singleDir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: ".", Err: fs.ErrInvalid}
}

// ReadDir implements fs.ReadDirFile for who asks for all.
func (d *singleDir) ReadDir(int) ([]fs.DirEntry, error) {
	files := d.files
	d.files = nil
	return files, nil
}

type singleInfo struct {
	name string
	size int64
	mode fs.FileMode
}

func (i singleInfo) Name() string       { return i.name }
func (i singleInfo) Size() int64        { return i.size }
func (i singleInfo) Mode() fs.FileMode  { return i.mode }
func (i singleInfo) ModTime() time.Time { return time.Time{} }
func (i singleInfo) IsDir() bool        { return i.mode.IsDir() }
func (i singleInfo) Sys() any           { return nil }
