package lsp

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/creachadair/jrpc2"
	"github.com/creachadair/jrpc2/handler"

	"github.com/rungpolicy/rung/editor"
)

// settle is how long the diagnostics wait after a change: what the editor asks right behind it comes first.
const settle = 10 * time.Millisecond

// Serve answers an editor until it says `exit` or closes the stream. The error says that the stream was broken, or that the editor left without `shutdown`.
func Serve(in io.Reader, out io.WriteCloser, version string) error {
	s := &server{version: version, dirty: make(map[*policyFolder]bool), wake: make(chan struct{}, 1), exits: make(chan struct{}), done: make(chan struct{})}
	s.rpc = jrpc2.NewServer(s.methods(), &jrpc2.ServerOptions{AllowPush: true, DisableBuiltin: true, Concurrency: 2})
	s.rpc.Start(newFrames(in, out))
	go s.publisher()
	ended := make(chan error, 1)
	go func() { ended <- s.rpc.Wait() }()
	var err error
	select {
	case err = <-ended:
	case <-s.exits: // what is read may be open still, and nobody writes to it
	}
	close(s.done)
	if err == nil && !s.isDown() {
		return errors.New("the editor left without `shutdown`")
	}
	return err
}

// server is one connection.
type server struct {
	version string
	rpc     *jrpc2.Server
	folders folders

	mu    sync.Mutex
	phase phase
	watch bool
	plain bool // the editor knows no snippets
	dirty map[*policyFolder]bool
	wake  chan struct{}
	exits chan struct{} // closed by `exit`
	leave sync.Once
	done  chan struct{}
}

// phase is how far a connection is.
type phase uint8

const (
	phaseNew phase = iota
	phaseRunning
	phaseDown // after `shutdown`
)

func (s *server) methods() handler.Map {
	return handler.Map{
		"initialize":                       handler.New(s.initialize),
		"initialized":                      handler.New(s.initialized),
		"shutdown":                         handler.New(s.shutdown),
		"exit":                             handler.New(s.exit),
		"$/cancelRequest":                  handler.New(s.cancel),
		"$/setTrace":                       handler.New(ignore),
		"workspace/didChangeConfiguration": handler.New(ignore),
		"workspace/didChangeWatchedFiles":  handler.New(s.filesChanged),
		"textDocument/didOpen":             handler.New(s.opened),
		"textDocument/didChange":           handler.New(s.changed),
		"textDocument/didSave":             handler.New(ignore),
		"textDocument/didClose":            handler.New(s.closed),
		"textDocument/hover":               at(s, hovered),
		"textDocument/completion":          at(s, s.completed),
		"textDocument/definition":          at(s, defined),
		"textDocument/references":          at(s, referenced),
		"textDocument/prepareRename":       at(s, renameable),
		"textDocument/rename":              at(s, renamed),
		"textDocument/documentSymbol":      whole(s, outlined),
		"textDocument/formatting":          whole(s, formatted),
		"textDocument/codeAction":          handler.New(s.actions),
	}
}

func ignore(context.Context, any) error { return nil }

func (s *server) initialize(_ context.Context, p initializeParams) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.phase != phaseNew {
		return nil, jrpc2.Errorf(jrpc2.InvalidRequest, "initialize comes once")
	}
	s.phase = phaseRunning
	s.watch = p.Capabilities.Workspace.DidChangeWatchedFiles.DynamicRegistration
	s.plain = !p.Capabilities.TextDocument.Completion.CompletionItem.SnippetSupport
	return map[string]any{
		"serverInfo": map[string]any{"name": "rung", "version": s.version},
		"capabilities": map[string]any{
			"positionEncoding":           "utf-16",
			"textDocumentSync":           map[string]any{"openClose": true, "change": syncIncremental},
			"hoverProvider":              true,
			"completionProvider":         map[string]any{"triggerCharacters": []string{".", "\"", "'", "`"}},
			"definitionProvider":         true,
			"referencesProvider":         true,
			"renameProvider":             map[string]any{"prepareProvider": true},
			"documentSymbolProvider":     true,
			"documentFormattingProvider": true,
			"codeActionProvider":         map[string]any{"codeActionKinds": []string{"quickfix"}},
		},
	}, nil
}

// initialized asks the editor to say when files change beside it.
func (s *server) initialized(context.Context, any) error {
	s.mu.Lock()
	watch := s.watch
	s.mu.Unlock()
	if watch {
		go func() { // the answer must not be waited for here: it comes by the same stream
			ctx, stop := context.WithTimeout(context.Background(), time.Minute)
			defer stop()
			_, _ = s.rpc.Callback(ctx, "client/registerCapability", map[string]any{"registrations": []any{map[string]any{
				"id": "files", "method": "workspace/didChangeWatchedFiles",
				"registerOptions": map[string]any{"watchers": []any{map[string]any{"globPattern": "**/*.{rung.hcl,rungtest.hcl,txt,list,csv}"}}},
			}}})
		}()
	}
	return nil
}

func (s *server) shutdown(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.phase = phaseDown
	return nil
}

func (s *server) isDown() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.phase == phaseDown
}

func (s *server) exit(context.Context, any) error {
	s.leave.Do(func() { close(s.exits) })
	return nil
}

func (s *server) cancel(ctx context.Context, p struct {
	ID any `json:"id"`
},
) error {
	switch id := p.ID.(type) {
	case string:
		s.rpc.CancelRequest(`"` + id + `"`)
	case float64:
		s.rpc.CancelRequest(formatID(id))
	}
	return ctx.Err()
}

func (s *server) running(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.phase == phaseNew:
		return jrpc2.Errorf(-32002, "initialize comes first")
	case s.phase == phaseDown:
		return jrpc2.Errorf(jrpc2.InvalidRequest, "nothing comes after shutdown")
	case ctx.Err() != nil:
		return jrpc2.Errorf(codeRequestCancelled, "cancelled")
	}
	return nil
}

// query is a question about a file of an open folder.
type query struct {
	*policyFolder
	name string
}

func (q query) location(l editor.Location) location { return location{q.join(l.File), l.Range} }

func (q query) locations(all []editor.Location) []location {
	out := make([]location, len(all))
	for i, l := range all {
		out[i] = q.location(l)
	}
	return out
}

// at serves a question about a position. Of files that are not open there is nothing to say.
func at(s *server, answer func(query, positionParams) (any, error)) jrpc2.Handler {
	return handler.New(func(ctx context.Context, p positionParams) (any, error) {
		if err := s.running(ctx); err != nil {
			return nil, err
		}
		folder, name := s.folders.find(p.TextDocument.URI)
		if folder == nil {
			return nil, nil
		}
		return answer(query{folder, name}, p)
	})
}

// whole serves a question about a file.
func whole(s *server, answer func(query) (any, error)) jrpc2.Handler {
	return at(s, func(q query, _ positionParams) (any, error) { return answer(q) })
}

func hovered(q query, p positionParams) (any, error) {
	h := q.workspace.Hover(q.name, p.Position)
	if h == nil {
		return nil, nil
	}
	return hover{markdown(h.Markdown), h.Range}, nil
}

func (s *server) completed(q query, p positionParams) (any, error) {
	list := completionList{Items: []completionItem{}}
	for _, c := range q.workspace.Complete(q.name, p.Position) {
		item := completionItem{
			Label: c.Label, Kind: completionKind(c.Kind), Detail: c.Detail, Documentation: markdown(c.Doc), SortText: c.Sort, TextEdit: c.Edit,
		}
		switch {
		case c.Snippet && s.knowsSnippets():
			item.InsertTextFormat = formatSnippet
		case c.Snippet:
			item.TextEdit.NewText = editor.Unsnippet(c.Edit.NewText)
		}
		list.Items = append(list.Items, item)
	}
	return list, nil
}

func (s *server) knowsSnippets() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.plain
}

func defined(q query, p positionParams) (any, error) {
	return q.locations(q.workspace.Definition(q.name, p.Position)), nil
}

func referenced(q query, p positionParams) (any, error) {
	return q.locations(q.workspace.References(q.name, p.Position, p.Context.IncludeDeclaration)), nil
}

func renameable(q query, p positionParams) (any, error) {
	t, err := q.workspace.Renameable(q.name, p.Position)
	if err != nil {
		return nil, jrpc2.Errorf(codeRequestFailed, "%v", err)
	}
	return renameTarget{t.Range, t.Name}, nil
}

func renamed(q query, p positionParams) (any, error) {
	files, err := q.workspace.Rename(q.name, p.Position, p.NewName)
	if err != nil {
		return nil, jrpc2.Errorf(codeRequestFailed, "%v", err)
	}
	edit := workspaceEdit{Changes: make(map[string][]editor.TextEdit)}
	for _, f := range files {
		edit.Changes[q.join(f.File)] = f.Edits
	}
	return edit, nil
}

func outlined(q query) (any, error) { return symbols(q.workspace.Symbols(q.name)), nil }

func symbols(all []editor.Symbol) []symbol {
	out := make([]symbol, len(all))
	for i, x := range all {
		out[i] = symbol{x.Name, symbolKind(x.Kind), x.Range, x.Selection, symbols(x.Children)}
	}
	return out
}

func formatted(q query) (any, error) {
	edits := q.workspace.Format(q.name)
	if edits == nil {
		edits = []editor.TextEdit{}
	}
	return edits, nil
}

func (s *server) actions(ctx context.Context, p actionParams) (any, error) {
	if err := s.running(ctx); err != nil {
		return nil, err
	}
	out := []codeAction{}
	folder, name := s.folders.find(p.TextDocument.URI)
	if folder == nil {
		return out, nil
	}
	q := query{folder, name}
	for _, f := range folder.workspace.Fixes(name, p.Range) {
		out = append(out, codeAction{
			Title: f.Title, Kind: "quickfix", IsPreferred: true, Diagnostics: []diagnostic{q.diagnostic(f.Diagnostic)},
			Edit: workspaceEdit{Changes: map[string][]editor.TextEdit{q.join(f.File): {f.Edit}}},
		})
	}
	return out, nil
}

func (q query) diagnostic(d editor.Diagnostic) diagnostic {
	out := diagnostic{Range: d.Range, Severity: severity(d.Severity), Code: d.Code, Source: "rung", Message: d.Summary}
	if d.Detail != "" {
		out.Message += "\n" + d.Detail
	}
	for _, r := range d.Related {
		out.RelatedInformation = append(out.RelatedInformation, relatedMessage{q.location(r.Location), r.Message})
	}
	return out
}

func (s *server) opened(ctx context.Context, p openParams) error {
	if s.running(ctx) != nil {
		return nil
	}
	if folder, name := s.folders.opened(p.TextDocument.URI); folder != nil {
		folder.workspace.Set(name, p.TextDocument.Text)
		s.touch(folder)
	}
	return nil
}

func (s *server) changed(ctx context.Context, p changeParams) error {
	if s.running(ctx) != nil {
		return nil
	}
	if folder, name := s.folders.find(p.TextDocument.URI); folder != nil && folder.workspace.Edit(name, p.ContentChanges) {
		s.touch(folder)
	}
	return nil
}

func (s *server) closed(ctx context.Context, p documentParams) error {
	folder, name, last := s.folders.closed(p.TextDocument.URI)
	switch {
	case folder == nil:
	case last:
		s.clear(ctx, folder)
	default:
		folder.workspace.Close(name)
		s.touch(folder)
	}
	return nil
}

func (s *server) filesChanged(context.Context, any) error {
	for _, folder := range s.folders.list() {
		folder.workspace.Refresh()
		s.touch(folder)
	}
	return nil
}
