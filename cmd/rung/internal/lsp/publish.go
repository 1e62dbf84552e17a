package lsp

import (
	"context"
	"strconv"
	"time"
)

// touch notes that the diagnostics of a folder are old.
func (s *server) touch(p *policyFolder) {
	s.mu.Lock()
	s.dirty[p] = true
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default: // it is awake
	}
}

// publisher tells the editor of diagnostics, until the connection ends. Changes that come meanwhile are taken together.
func (s *server) publisher() {
	for {
		select {
		case <-s.done:
			return
		case <-s.wake:
		}
		time.Sleep(settle)
		s.mu.Lock()
		dirty := s.dirty
		s.dirty = make(map[*policyFolder]bool)
		s.mu.Unlock()
		for p := range dirty {
			s.publish(p)
		}
	}
}

// publish tells the editor what there is to say of a folder.
func (s *server) publish(p *policyFolder) {
	ctx := context.Background()
	files := p.workspace.Diagnostics()
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.gone {
		return
	}
	said := make(map[string]bool)
	for _, f := range files {
		all := []diagnostic{}
		for _, d := range f.Diagnostics {
			all = append(all, query{p, f.File}.diagnostic(d))
		}
		if len(all) > 0 || p.published[f.File] || s.isOpen(p, f.File) {
			_ = s.rpc.Notify(ctx, "textDocument/publishDiagnostics", publishParams{p.join(f.File), all}) // the connection's end is seen elsewhere
			said[f.File] = true
		}
	}
	for name := range p.published {
		if !said[name] {
			_ = s.rpc.Notify(ctx, "textDocument/publishDiagnostics", publishParams{p.join(name), []diagnostic{}})
		}
	}
	p.published = said
}

func (s *server) isOpen(p *policyFolder, name string) bool {
	s.folders.mu.Lock()
	defer s.folders.mu.Unlock()
	return p.open[name]
}

// clear takes back what the editor shows of a folder that has no open file any more.
func (s *server) clear(ctx context.Context, p *policyFolder) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.dirty, p)
	for name := range p.published {
		_ = s.rpc.Notify(ctx, "textDocument/publishDiagnostics", publishParams{p.join(name), []diagnostic{}})
	}
	p.published, p.gone = nil, true
}

// formatID writes the id of a request as JSON does.
func formatID(id float64) string { return strconv.FormatFloat(id, 'f', -1, 64) }
