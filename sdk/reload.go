package rung

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/policy"
)

// Source says where the policy is to be read just now: a folder, a download that was unpacked. The engine closes what it returns once it is read, if that is an
// [io.Closer].
type Source func(context.Context) (fs.FS, error)

// Folder is a source that reads a folder of the operating system. Symbolic links are followed within it alone. That the folder itself is a link is fine:
// to turn it to another folder is how several files change at once.
func Folder(path string) Source {
	return func(context.Context) (fs.FS, error) {
		root, err := os.OpenRoot(path)
		if err != nil {
			return nil, err
		}
		return folder{root.FS(), root}, nil
	}
}

type folder struct {
	fs.FS
	root *os.Root
}

func (f folder) Close() error { return f.root.Close() }

// File is a source of one policy file, given as its bytes.
func File(text []byte) Source {
	text = append([]byte(nil), text...)
	return func(context.Context) (fs.FS, error) { return single(text), nil }
}

// from is a source that is there already.
func from(fsys fs.FS) Source {
	return func(context.Context) (fs.FS, error) { return open{fsys}, nil }
}

// open is a file system that is its owner's to close.
type open struct{ fs.FS }

// Open reads, checks and plans the policy of a source: [Load] with a source that Refresh asks anew each time.
func Open(ctx context.Context, source Source, opts ...Option) (*Engine, error) {
	e := newEngine(opts)
	e.source = source
	fsys, done, err := e.ask(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	checked, err := e.check(fsys)
	if err != nil {
		return nil, err
	}
	if err := e.begin(checked); err != nil {
		return nil, err
	}
	return e, nil
}

// Reload is what came of looking at the source, or of [Engine.Swap]: another policy is in force, or the last good one stays, and why.
type Reload struct {
	// Policy is the one in force.
	Policy policy.Identity
	// Err is why another one was not taken; nil if Policy is new. A [diag.List] has the mistakes in it.
	Err error
}

// WithReload sets who is told of each policy that is taken or refused. He is called by the goroutine that refreshes, and a panic of his is dropped.
func WithReload(tell func(Reload)) Option {
	return func(o *options) { o.reloaded = append(o.reloaded, tell) }
}

// Status is what an engine decides by, and whether that is what its source has.
type Status struct {
	Policy  policy.Identity
	Posture string
	// Since is when the policy was taken, and Taken how many were, the first among them.
	Since time.Time
	Taken int
	// Refused is why the last one that the source had was not taken, and RefusedAt when that was first seen; nil if it was.
	Refused   error
	RefusedAt time.Time
}

type status struct {
	mu sync.Mutex
	Status
}

func (s *status) took(p *policy.Policy, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Status = Status{Policy: identity(p), Since: at, Taken: s.Taken + 1}
}

func (s *status) refused(err error, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Refused, s.RefusedAt = err, at
}

func identity(p *policy.Policy) policy.Identity {
	return policy.Identity{Name: p.Name, Version: p.Version, Digest: p.Digest}
}

// Status says how the engine is. A readiness probe may ask it: an engine with Refused decides by an older policy than its source has.
func (e *Engine) Status() Status {
	if e.snapshot() == nil {
		return Status{Refused: errNoEngine}
	}
	e.status.mu.Lock()
	defer e.status.mu.Unlock()
	s := e.status.Status
	s.Posture = e.Posture()
	return s
}

// Refresh looks at the source, and takes the policy there if it is another one than before. Whatever does not fit is refused and the policy in force
// stays: one with mistakes, one without the posture or a param that the host has set, one that does not fit the type of a [Binding]. The error says why; it is the
// last one again, without being told again, as long as the source has not changed.
func (e *Engine) Refresh(ctx context.Context) (changed bool, err error) {
	if e.snapshot() == nil {
		return false, errNoEngine
	}
	if e.source == nil {
		return false, errors.New("rung: the engine has no source: it was not made by Load or Open")
	}
	e.refreshing.Lock()
	defer e.refreshing.Unlock()
	fsys, done, err := e.ask(ctx)
	if err != nil {
		return false, e.refuse(err)
	}
	defer done()
	if e.seen.same(fsys, e.options.files) {
		return false, e.seen.refused
	}
	checked, err := e.check(fsys)
	if err != nil {
		return false, e.refuse(err)
	}
	e.seen.refused = e.swap(checked)
	return e.seen.refused == nil, e.seen.refused
}

// Watch refreshes at an interval until the context is done: run it in a goroutine of its own. A clock of the host's own calls Refresh instead.
func (e *Engine) Watch(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(max(every, time.Millisecond))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			_, _ = e.Refresh(ctx) // which tells, and keeps the reason
		}
	}
}

// Swap takes a policy that is read and checked already, or says why not, as Refresh does.
func (e *Engine) Swap(c *Checked) error {
	if e.snapshot() == nil {
		return errNoEngine
	}
	if c == nil {
		return errors.New("rung: there is no policy to take")
	}
	e.refreshing.Lock()
	defer e.refreshing.Unlock()
	return e.swap(c)
}

func (e *Engine) swap(c *Checked) error {
	l, err := c.load(&e.options)
	if err == nil {
		err = e.take(l)
	}
	if err != nil {
		return e.refuse(err)
	}
	e.status.took(l.plan.Policy, time.Now())
	e.tell(Reload{Policy: identity(l.plan.Policy)})
	return nil
}

// take puts a policy in the place of that in force, if what the host has set and bound fits it.
func (e *Engine) take(l *loaded) error {
	return e.change(func(s *snapshot) (err error) {
		if err = l.knows(s.posture); err != nil {
			return fmt.Errorf("the current posture: %w", err)
		}
		if s.params, err = l.moved(s.plan.Policy, s.params); err != nil {
			return err
		}
		if s.bound, err = rebound(s.bound, l); err != nil {
			return err
		}
		s.loaded = l
		return nil
	})
}

// refuse notes why a policy is not taken.
func (e *Engine) refuse(err error) error {
	e.status.refused(err, time.Now())
	e.tell(Reload{Policy: identity(e.Policy()), Err: err})
	return err
}

func (e *Engine) tell(r Reload) {
	for _, tell := range e.options.reloaded {
		quietly(func() { tell(r) })
	}
}

// quietly calls what is the host's; a panic of it is dropped.
func quietly(f func()) {
	defer func() { _ = recover() }()
	f()
}

// ask asks the source. A panic of it is an error.
func (e *Engine) ask(ctx context.Context) (fsys fs.FS, done func(), err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the source of the policy failed: %.200v", p)
		}
	}()
	if ctx == nil || e.source == nil {
		return nil, nil, errors.New("rung: there is no context, or no source")
	}
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	fsys, err = e.source(ctx)
	if err != nil {
		return nil, nil, err
	}
	if fsys == nil {
		return nil, nil, errors.New("the source has no policy")
	}
	done = func() {}
	if c, ok := fsys.(interface{ Close() error }); ok {
		done = func() { _ = c.Close() } // it was only read
	}
	return fsys, done, nil
}

// check reads and checks a policy, and keeps in mind what was read. A panic of the file system is an error.
func (e *Engine) check(fsys fs.FS) (c *Checked, err error) {
	defer func() {
		if p := recover(); p != nil {
			c, err = nil, fmt.Errorf("reading the policy failed: %.200v", p)
		}
	}()
	if fsys == nil {
		return nil, errors.New("rung: there is no file system to read")
	}
	e.seen = nil
	if c, err = Read(fsys, e.options.files...); err != nil {
		return nil, err
	}
	e.seen = newSeen(c.Sources)
	return c, nil
}

// seen is what a source had, and whether it was taken.
type seen struct {
	files   map[string][sha256.Size]byte
	refused error
}

func newSeen(sources []*diag.Source) *seen {
	s := &seen{files: make(map[string][sha256.Size]byte, len(sources))}
	for _, src := range sources {
		s.files[src.Name] = sha256.Sum256(src.Bytes)
	}
	return s
}

// same reports whether a file system has the same files as before: those that were read then, and no other policy file.
func (s *seen) same(fsys fs.FS, names []string) (same bool) {
	defer func() { same = recover() == nil && same }() // what there is to say, check will
	if s == nil || len(names) == 0 && !s.listed(fsys) {
		return false
	}
	for name, sum := range s.files {
		b, err := fs.ReadFile(fsys, name)
		if err != nil || sha256.Sum256(b) != sum {
			return false
		}
	}
	return true
}

// listed reports whether the policy files of the root are those that were read.
func (s *seen) listed(fsys fs.FS) bool {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return false
	}
	left := maps.Clone(s.files)
	for _, f := range entries {
		if !strings.HasSuffix(f.Name(), ".rung.hcl") || f.IsDir() {
			continue
		}
		if _, ok := left[f.Name()]; !ok {
			return false
		}
	}
	return true
}
