package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"
)

// keystrokes is how many are timed.
const keystrokes = 60

// typing is how long an editor waits for `rung lsp`, in a policy of 1,000 lines in which somebody writes a condition: from the change to the answer, as a
// lower quartile.
func typing(bar time.Duration, wait func(*languageServer) error) func(*setting) (string, bool, error) {
	return func(s *setting) (string, bool, error) {
		dir, program, err := builtRung(s)
		if err != nil {
			return "", false, err
		}
		defer os.RemoveAll(dir) //nolint:errcheck // a folder too many among those for such
		l, err := startServer(program)
		if err != nil {
			return "", false, err
		}
		defer l.cmd.Process.Kill() //nolint:errcheck // it is gone already where that fails
		times := make([]time.Duration, keystrokes)
		for i := range times {
			if times[i], err = l.keystroke(wait); err != nil {
				return "", false, err
			}
		}
		slices.Sort(times)
		took, most := times[keystrokes/4], times[keystrokes*95/100]
		return fmt.Sprintf("%.1f ms, 95 %% in %.1f ms, %d lines", ms(took), ms(most), l.lines), took < bar, nil
	}
}

// languageServer is `rung lsp` with a policy open.
type languageServer struct {
	cmd         *exec.Cmd
	in          io.Writer
	out         *bufio.Reader
	id, n       int
	line, lines int
}

const typedFile = "untitled:/figures/a.rung.hcl"

func startServer(program string) (*languageServer, error) {
	l := &languageServer{cmd: exec.Command(program, "lsp")}
	out, err := l.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	l.out = bufio.NewReader(out)
	if l.in, err = l.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := l.cmd.Start(); err != nil {
		return nil, err
	}
	if err := l.call("initialize", map[string]any{"capabilities": map[string]any{}}); err != nil {
		return nil, err
	}
	text := longPolicy()
	l.lines = strings.Count(text, "\n")
	before, _, _ := strings.Cut(text, "marked")
	l.line = strings.Count(before, "\n")
	return l, errors.Join(
		l.send(map[string]any{"method": "textDocument/didOpen", "params": map[string]any{"textDocument": map[string]any{"uri": typedFile, "text": text}}}),
		l.published())
}

// longPolicy has 1,000 lines: 62 actions, each with a rule that reads its resource and one that does not.
func longPolicy() string {
	var b strings.Builder
	b.WriteString("policy \"long\" {\n  language = 1\n}\n\nlist \"blocked\" { values = [\"KP\"] }\n\nlet {\n  odd = \"network.tor || network.vpn\"\n}\n\n")
	for i := range 62 {
		name := "large"
		if i == 30 {
			name = "marked"
		}
		fmt.Fprintf(&b, `action "area%d.create" {
  level = "aal1"

  resource = object({
    amount = double
    tags   = list(string)
  })
  step_up %q {
    when  = "resource.amount > %d.0 && (odd || resource.tags.exists(t, t.startsWith('x')))"
    level = "aal2"
  }
  deny "blocked" {
    when = "subject.country in list.blocked && !(session.level >= level.aal3)"
  }
}

`, i, name, 100+i)
	}
	return b.String()
}

// keystroke writes a letter into a condition, or takes it away again, and waits.
func (l *languageServer) keystroke(wait func(*languageServer) error) (time.Duration, error) {
	start := map[string]any{"line": l.line + 1, "character": 22}
	end, text := start, "r"
	if l.n++; l.n%2 == 0 {
		end, text = map[string]any{"line": l.line + 1, "character": 23}, ""
	}
	began := time.Now()
	err := l.send(map[string]any{"method": "textDocument/didChange", "params": map[string]any{
		"textDocument":   map[string]any{"uri": typedFile, "version": l.n},
		"contentChanges": []any{map[string]any{"range": map[string]any{"start": start, "end": end}, "text": text}},
	}})
	if err == nil {
		err = wait(l)
	}
	took := time.Since(began)
	time.Sleep(20 * time.Millisecond) // what else the server has to do is done
	return took, err
}

// published waits for diagnostics.
func (l *languageServer) published() error {
	for {
		m, err := l.receive()
		if err != nil || m.Method == "textDocument/publishDiagnostics" {
			return err
		}
	}
}

// completed asks for completions behind a dot, and waits for them.
func (l *languageServer) completed() error {
	return l.call("textDocument/completion", map[string]any{
		"textDocument": map[string]any{"uri": typedFile}, "position": map[string]any{"line": l.line + 1, "character": 22 + l.n%2},
	})
}

type lspMessage struct {
	ID     int
	Method string
	Result json.RawMessage
	Error  json.RawMessage
}

func (l *languageServer) call(method string, params any) error {
	l.id++
	if err := l.send(map[string]any{"id": l.id, "method": method, "params": params}); err != nil {
		return err
	}
	for {
		m, err := l.receive()
		switch {
		case err != nil:
			return err
		case m.Method != "" || m.ID != l.id:
		case m.Error != nil:
			return fmt.Errorf("%s: %s", method, m.Error)
		case method == "textDocument/completion" && !strings.Contains(string(m.Result), `"amount"`):
			return fmt.Errorf("the completions are not those of the resource: %.200s", m.Result)
		default:
			return nil
		}
	}
}

func (l *languageServer) send(m map[string]any) error {
	m["jsonrpc"] = "2.0"
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(l.in, "Content-Length: %d\r\n\r\n%s", len(b), b)
	return err
}

func (l *languageServer) receive() (m lspMessage, err error) {
	length := 0
	for {
		line, err := l.out.ReadString('\n')
		if err != nil {
			return m, err
		}
		if line = strings.TrimSpace(line); line == "" {
			break
		}
		if n, ok := strings.CutPrefix(line, "Content-Length: "); ok {
			if length, err = strconv.Atoi(n); err != nil {
				return m, err
			}
		}
	}
	b := make([]byte, length)
	if _, err := io.ReadFull(l.out, b); err != nil {
		return m, err
	}
	return m, json.Unmarshal(b, &m)
}
