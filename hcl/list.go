package hcl

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/policy"
)

// listCollector gathers a list's entries, each once.
type listCollector struct {
	list *policy.List
	seen map[policy.Value]bool
}

// collect adds an entry; it reports false if the policy's lists are now too large.
func (d *decoder) collect(c *listCollector, v policy.Value) bool {
	key := v
	if b, ok := v.([]byte); ok {
		key = string(b)
	}
	if c.seen[key] {
		return true
	}
	c.seen[key] = true
	c.list.Values = append(c.list.Values, v)
	before := d.listBytes
	d.listBytes += sizeInModule(v)
	return before > policy.MaxListBytes || d.listBytes <= policy.MaxListBytes // reported once
}

// sizeInModule bounds what an entry takes in a module: a place and its bytes, or its number, or its range.
func sizeInModule(v policy.Value) int {
	switch v := v.(type) {
	case string:
		return 8 + len(v)
	case []byte:
		return 8 + len(v)
	case bool, int64, uint64, float64:
		return 8
	}
	return 17 // ip, cidr, timestamp, duration
}

// maxListFile is how large a list file may be: 8 MiB of address ranges, as text with a comment here and there.
const maxListFile = 32 << 20

// fileList reads a list's entries from its file.
func (d *decoder) fileList(b *body, l *policy.List) {
	at, ok := d.attrLit(b, "file")
	if !ok {
		return
	}
	name, ok := d.text(at, false)
	if !ok {
		return
	}
	src, why, detail := d.files.list(name.Value)
	if why != "" {
		d.errorf(at.span, codeListFile, why, detail)
		return
	}
	l.File = src.Name
	if i := invalidUTF8(src.Bytes); i >= 0 {
		d.errorf(src.Span(i, i+1), codeListFile, "the list file is not UTF-8", "save it in UTF-8: text is compared with what callers send byte by byte")
		return
	}
	if i := bytes.IndexByte(src.Bytes, 0); i >= 0 {
		d.errorf(src.Span(i, i+1), codeListFile, "the list file holds a NUL byte", "")
		return
	}
	d.listEntries(src, l, at.span)
}

// listEntries reads a list file's lines (docs/language.md, "List files").
func (d *decoder) listEntries(src *diag.Source, l *policy.List, at diag.Span) {
	c := listCollector{list: l, seen: make(map[policy.Value]bool)}
	start := len(src.Bytes) - len(bytes.TrimPrefix(src.Bytes, byteOrderMark))
	for start < len(src.Bytes) {
		end := len(src.Bytes)
		if n := bytes.IndexByte(src.Bytes[start:], '\n'); n >= 0 {
			end = start + n
		}
		line := src.Bytes[start:end]
		entry := bytes.TrimSpace(line)
		from := start + len(line) - len(bytes.TrimLeft(line, " \t\r\n\v\f\u0085\u00a0"))
		start = end + 1
		if len(entry) == 0 || entry[0] == '#' {
			continue
		}
		span := src.Span(from, from+len(entry))
		v, ok := d.listEntry(span, string(entry), l.Type)
		if ok && !d.collect(&c, v) {
			related(d.errorf(at, codeLimit, "the lists of the policy are larger than 8 MiB", "all lists together, as they lie in a module"), "with this entry", span)
			return
		}
	}
}

// listEntry reads one line: as the value would be written in a request, without quotes.
func (d *decoder) listEntry(at diag.Span, text string, t *policy.Type) (policy.Value, bool) {
	switch t.Kind {
	case policy.KindBool:
		if text == "true" || text == "false" {
			return text == "true", true
		}
		d.errorf(at, codeValue, "`"+short(text)+"` is neither `true` nor `false`", "")
		return nil, false
	case policy.KindDouble:
		if !isNumber(text) {
			d.errorf(at, codeValue, "`"+short(text)+"` is no number", "")
			return nil, false
		}
		return boxed(d.float(lit{kind: litNumber, span: at}))
	}
	if len(text) > policy.MaxStringBytes {
		d.errorf(at, codeLimit, "the entry is longer than 64 KiB", "")
		return nil, false
	}
	v, err := parseValue(text, t.Kind, true)
	if err != nil {
		d.errorf(at, codeValue, "`"+short(text)+"` is "+err.Error(), "")
		return nil, false
	}
	return v, true
}

// isNumber reports whether text is a number of JSON's grammar.
func isNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	whole, rest := digitRun(s)
	if whole == "" || len(whole) > 1 && whole[0] == '0' {
		return false
	}
	if after, ok := strings.CutPrefix(rest, "."); ok {
		var frac string
		if frac, rest = digitRun(after); frac == "" {
			return false
		}
	}
	if rest == "" {
		return true
	}
	if rest[0] != 'e' && rest[0] != 'E' {
		return false
	}
	rest = rest[1:]
	if rest != "" && (rest[0] == '+' || rest[0] == '-') {
		rest = rest[1:]
	}
	exp, rest := digitRun(rest)
	return exp != "" && rest == ""
}

func digitRun(s string) (digits, rest string) {
	i := 0
	for i < len(s) && '0' <= s[i] && s[i] <= '9' {
		i++
	}
	return s[:i], s[i:]
}

// files are the files of a policy: the folder, and what has been read of it.
type files struct {
	fsys    fs.FS
	sources []*diag.Source          // policy files, by name
	lists   map[string]*diag.Source // list files, by name
}

// list reads a list file; why says what is wrong with it, and detail more of it.
func (f *files) list(name string) (src *diag.Source, why, detail string) {
	const inside = "it is a path within the policy's folder, with `/`"
	clean := path.Clean(name)
	switch {
	case name == "", strings.ContainsAny(name, "\\\x00"), path.IsAbs(name), !fs.ValidPath(clean), clean == ".":
		return nil, "`" + short(name) + "` is no path of a list file", inside
	case strings.HasSuffix(clean, policySuffix):
		return nil, "`" + short(name) + "` is a policy file", ""
	}
	if src := f.lists[clean]; src != nil {
		return src, "", ""
	}
	if !f.inside(clean) {
		return nil, "`" + short(name) + "` leads out of the policy's folder", "a symbolic link may point to places within it only"
	}
	b, err := readFile(f.fsys, clean, maxListFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, "there is no file `" + short(name) + "`", inside
	case errors.Is(err, errTooLarge):
		return nil, "the list file is larger than 32 MiB", ""
	case errors.Is(err, errNotRegular):
		return nil, "`" + short(name) + "` is no file", ""
	case err != nil:
		return nil, "the list file cannot be read", reason(err)
	}
	src = diag.NewSource(clean, b)
	f.lists[clean] = src
	return src, "", ""
}

// reason is an error without the path, which may be of this machine.
func reason(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}

// inside follows symbolic links, where the file system shows them, and reports whether a file lies within the folder. A file system that
// does not show them has to see to it by itself, as os.Root's does.
func (f *files) inside(name string) bool {
	links, ok := f.fsys.(fs.ReadLinkFS)
	if !ok {
		return true
	}
	const maxLinks = 40
	for range maxLinks {
		target, found := firstLink(links, name)
		if !found {
			return true
		}
		if path.IsAbs(target) || !fs.ValidPath(target) {
			return false
		}
		name = target
	}
	return false
}

// firstLink resolves the first symbolic link on the way to a file; the result may lead outside, and is then no valid path.
func firstLink(links fs.ReadLinkFS, name string) (string, bool) {
	parts := strings.Split(name, "/")
	for i := range parts {
		at := strings.Join(parts[:i+1], "/")
		info, err := links.Lstat(at)
		if err != nil || info.Mode()&fs.ModeSymlink == 0 {
			continue
		}
		target, err := links.ReadLink(at)
		if err != nil {
			return "..", true
		}
		if path.IsAbs(target) {
			return target, true
		}
		return path.Join(append([]string{path.Dir(at), target}, parts[i+1:]...)...), true
	}
	return "", false
}

var (
	errTooLarge   = errors.New("too large")
	errNotRegular = errors.New("not a regular file")
)

// readFile reads a regular file of at most limit bytes; of a larger one it returns the beginning.
func readFile(fsys fs.FS, name string, limit int) ([]byte, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() { // a pipe would wait for ever
		return nil, &fs.PathError{Op: "read", Path: name, Err: errNotRegular}
	}
	file, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	b, err := io.ReadAll(io.LimitReader(file, int64(limit)+1))
	if err == nil && len(b) > limit {
		err = errTooLarge
	}
	return b, err
}
