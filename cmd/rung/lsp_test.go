package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

var binaryFolder string // what is removed at the end

// binary builds rung, once, with the flags of `make build`.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "rung")
	if err != nil {
		return "", err
	}
	binaryFolder = dir
	name := filepath.Join(dir, "rung")
	out, err := exec.Command("go", "build", "-trimpath", "-o", name, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return name, nil
})

// client is an editor with a language server at the other end of two pipes.
type client struct {
	t    *testing.T
	cmd  *exec.Cmd
	in   io.WriteCloser
	msgs chan message
	id   int
	// notes are the notifications that nobody has waited for yet.
	notes []message
	err   strings.Builder
}

type message struct {
	ID     json.RawMessage `json:"id,omitempty"`
	Method string          `json:"method,omitempty"`
	Params json.RawMessage `json:"params,omitempty"`
	Result json.RawMessage `json:"result,omitempty"`
	Error  *struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	} `json:"error,omitempty"`
}

func start(t *testing.T) *client {
	t.Helper()
	name, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	c := &client{t: t, cmd: exec.Command(name, "lsp"), msgs: make(chan message, 100)}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	c.cmd.Stderr = &c.err
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go c.read(bufio.NewReader(out))
	t.Cleanup(func() { _ = c.cmd.Process.Kill() })
	return c
}

// read takes messages off the stream: by the framing of the specification, and not by the server's own code.
func (c *client) read(r *bufio.Reader) {
	defer close(c.msgs)
	for {
		length := -1
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				return
			}
			if line == "\r\n" {
				break
			}
			if v, ok := strings.CutPrefix(line, "Content-Length: "); ok {
				length, _ = strconv.Atoi(strings.TrimSpace(v))
			}
		}
		body := make([]byte, length)
		if _, err := io.ReadFull(r, body); err != nil {
			return
		}
		var m message
		if err := json.Unmarshal(body, &m); err != nil {
			c.t.Errorf("%v: %s", err, body)
		}
		c.msgs <- m
	}
}

func (c *client) raw(s string) {
	c.t.Helper()
	if _, err := io.WriteString(c.in, s); err != nil {
		c.t.Fatal(err)
	}
}

func frame(s string) string { return fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(s), s) }

func (c *client) notify(method string, params any) {
	c.t.Helper()
	b, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "method": method, "params": params})
	if err != nil {
		c.t.Fatal(err)
	}
	c.raw(frame(string(b)))
}

func (c *client) send(method string, params any) string {
	c.t.Helper()
	c.id++
	b, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": c.id, "method": method, "params": params})
	if err != nil {
		c.t.Fatal(err)
	}
	c.raw(frame(string(b)))
	return strconv.Itoa(c.id)
}

func (c *client) next() message {
	c.t.Helper()
	select {
	case m, ok := <-c.msgs:
		if !ok {
			c.t.Fatalf("the server is gone: %s", c.err.String())
		}
		return m
	case <-time.After(2 * time.Minute):
		c.t.Fatal("the server says nothing")
	}
	return message{}
}

// answer waits for the answer to a request; what else comes is kept.
func (c *client) answer(id string) message {
	c.t.Helper()
	for {
		m := c.next()
		if string(m.ID) == id && m.Method == "" {
			return m
		}
		c.notes = append(c.notes, m)
	}
}

// call sends a request and returns its result as JSON.
func (c *client) call(method string, params any) string {
	c.t.Helper()
	m := c.answer(c.send(method, params))
	if m.Error != nil {
		return fmt.Sprintf("error %d: %s", m.Error.Code, m.Error.Message)
	}
	return string(m.Result)
}

// diagnostics waits until the diagnostics of a file hold a text; "[]" waits until there are none.
func (c *client) diagnostics(uri, want string) string {
	c.t.Helper()
	for {
		for i, m := range c.notes {
			var p struct {
				URI         string
				Diagnostics json.RawMessage
			}
			if m.Method != "textDocument/publishDiagnostics" || json.Unmarshal(m.Params, &p) != nil || p.URI != uri {
				continue
			}
			if s := string(p.Diagnostics); strings.Contains(s, want) {
				c.notes = c.notes[i+1:]
				return s
			}
		}
		c.notes = []message{c.next()}
	}
}

func (c *client) initialize() {
	c.t.Helper()
	got := c.call("initialize", map[string]any{"processId": nil, "rootUri": nil, "capabilities": map[string]any{
		"textDocument": map[string]any{"completion": map[string]any{"completionItem": map[string]any{"snippetSupport": true}}},
	}})
	if !strings.Contains(got, `"completionProvider"`) || !strings.Contains(got, `"positionEncoding":"utf-16"`) {
		c.t.Fatalf("initialize: %s", got)
	}
	c.notify("initialized", map[string]any{})
}

// quit ends the server, and returns its exit status.
func (c *client) quit() int {
	c.t.Helper()
	if got := c.call("shutdown", nil); got != "null" {
		c.t.Errorf("shutdown: %s", got)
	}
	c.notify("exit", nil)
	return c.wait()
}

func (c *client) wait() int {
	c.t.Helper()
	for range c.msgs { // until its end is read
	}
	_ = c.cmd.Wait()
	return c.cmd.ProcessState.ExitCode()
}

func uriOf(path string) string {
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(path)}).String()
}

func pos(line, character int) map[string]any {
	return map[string]any{"line": line, "character": character}
}

func at(uri string, line, character int) map[string]any {
	return map[string]any{"textDocument": map[string]any{"uri": uri}, "position": pos(line, character)}
}

func (c *client) open(uri, text string) {
	c.t.Helper()
	c.notify("textDocument/didOpen", map[string]any{"textDocument": map[string]any{"uri": uri, "languageId": "rung", "version": 1, "text": text}})
}

// edit replaces a stretch of a line.
func (c *client) edit(uri string, version, line, from, to int, text string) {
	c.t.Helper()
	c.notify("textDocument/didChange", map[string]any{
		"textDocument":   map[string]any{"uri": uri, "version": version},
		"contentChanges": []any{map[string]any{"range": map[string]any{"start": pos(line, from), "end": pos(line, to)}, "text": text}},
	})
}

const lspPolicy = `policy "p" {
  language = 1
}

action "𝒳" {
  level = "aal1"
}

action "a.b" {
  level = "aal1"

  deny "𝒳" { when = "'𝒳' == subject.ide" }
}
`

func TestLSP(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	disk := "list \"blocked\" {\n  values = [\"a\"]\n}\n"
	if err := os.WriteFile(filepath.Join(dir, "lists.rung.hcl"), []byte(disk), 0o600); err != nil {
		t.Fatal(err)
	}
	uri := uriOf(filepath.Join(dir, "my policy.rung.hcl"))
	c := start(t)
	if got := c.call("textDocument/hover", at(uri, 0, 0)); !strings.HasPrefix(got, "error -32002") {
		t.Errorf("before initialize: %s", got)
	}
	c.initialize()
	c.open(uri, strings.Replace(lspPolicy, "action \"𝒳\" {\n  level = \"aal1\"\n}\n\n", "", 1))
	got := c.diagnostics(uri, "cel-unknown")
	for _, want := range []string{`"range":{"start":{"line":7,"character":38},"end":{"line":7,"character":41}}`, `"severity":1`, `"source":"rung"`, "did you mean `id`?"} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is not in %s", want, got)
		}
	}
	fix := c.call("textDocument/codeAction", map[string]any{"textDocument": map[string]any{"uri": uri}, "range": map[string]any{"start": pos(7, 38), "end": pos(7, 41)}})
	if !strings.Contains(fix, `"newText":"id"`) || !strings.Contains(fix, `"kind":"quickfix"`) {
		t.Errorf("the fix: %s", fix)
	}
	c.edit(uri, 2, 7, 38, 41, "id")
	c.diagnostics(uri, "[]")
	c.edit(uri, 3, 7, 40, 40, " in list.")
	if got := c.call("textDocument/completion", at(uri, 7, 49)); !strings.Contains(got, `"label":"blocked"`) {
		t.Errorf("completion: %s", got)
	}
	c.edit(uri, 4, 7, 49, 49, "blocked")
	if got := c.call("textDocument/hover", at(uri, 7, 52)); !strings.Contains(got, "list.blocked: list(string)") {
		t.Errorf("hover: %s", got)
	}
	lists := uriOf(filepath.Join(dir, "lists.rung.hcl"))
	if got, want := c.call("textDocument/definition", at(uri, 7, 52)), `[{"uri":"`+lists+`","range":{"start":{"line":0,"character":6},"end":{"line":0,"character":13}}}]`; got != want {
		t.Errorf("definition: %s, want %s", got, want)
	}
	rename := at(uri, 7, 52)
	rename["newName"] = "not there"
	if got := c.call("textDocument/rename", rename); !strings.Contains(got, lists) || !strings.Contains(got, "\"newText\":\"`not there`\"") {
		t.Errorf("rename: %s", got)
	}
	rename["newName"] = ""
	if got := c.call("textDocument/rename", rename); !strings.HasPrefix(got, "error -32803") {
		t.Errorf("rename to nothing: %s", got)
	}
	if got := c.call("textDocument/prepareRename", at(uri, 0, 0)); !strings.HasPrefix(got, "error -32803") {
		t.Errorf("no name: %s", got)
	}
	if got := c.call("textDocument/documentSymbol", at(uri, 0, 0)); !strings.Contains(got, `"name":"action a.b"`) {
		t.Errorf("symbols: %s", got)
	}
	c.edit(uri, 5, 1, 0, 2, "")
	if got := c.call("textDocument/formatting", at(uri, 0, 0)); !strings.Contains(got, `"newText":"  language = 1\n"`) {
		t.Errorf("formatting: %s", got)
	}
	c.notify("textDocument/didClose", map[string]any{"textDocument": map[string]any{"uri": uri}})
	if got := c.call("textDocument/hover", at(uri, 7, 52)); got != "null" {
		t.Errorf("of a file that is closed: %s", got)
	}
	if status := c.quit(); status != exitGood {
		t.Errorf("exit status %d: %s", status, c.err.String())
	}
}

// TestLSPCancel: each request has one answer, whether it was cancelled in time or not.
func TestLSPCancel(t *testing.T) {
	t.Parallel()
	c := start(t)
	c.initialize()
	uri := "untitled:/new/a.rung.hcl"
	c.open(uri, lspPolicy)
	var ids []string
	for range 50 {
		id := c.send("textDocument/completion", at(uri, 11, 30))
		n, _ := strconv.Atoi(id)
		c.notify("$/cancelRequest", map[string]any{"id": n})
		ids = append(ids, id)
	}
	answers := make(map[string]int)
	for len(answers) < len(ids) {
		m := c.next()
		if m.Method != "" {
			continue
		}
		if answers[string(m.ID)]++; m.Error != nil && m.Error.Code != -32800 && m.Error.Code != -32097 {
			t.Errorf("%+v", m.Error)
		}
	}
	for id, n := range answers {
		if n != 1 {
			t.Errorf("request %s has %d answers", id, n)
		}
	}
	if status := c.quit(); status != exitGood {
		t.Errorf("exit status %d", status)
	}
}

// TestLSPBadInput: what is no request has an error for an answer; what is no frame ends the server.
func TestLSPBadInput(t *testing.T) {
	t.Parallel()
	c := start(t)
	c.raw(frame(`{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": 3}`))
	if m := c.answer("1"); m.Error == nil {
		t.Error("params that do not fit are taken")
	}
	c.raw(frame(`{{{`))
	if m := c.answer("null"); m.Error == nil || m.Error.Code != -32700 {
		t.Errorf("what is no JSON: %+v", m)
	}
	c.initialize()
	if got := c.call("textDocument/nosuch", map[string]any{}); !strings.HasPrefix(got, "error -32601") {
		t.Errorf("no such method: %s", got)
	}
	if got := c.call("textDocument/hover", at("file:///no/such/folder/a.rung.hcl", -1, 1<<40)); got != "null" {
		t.Errorf("a file that is not open: %s", got)
	}
	c.edit("file:///no/such/folder/a.rung.hcl", 1, 0, 0, 0, "x")
	c.open("file:///no/such/folder/%zz", "x")
	c.open("::", "x")
	if got := c.call("textDocument/hover", at("::", 0, 0)); got != "null" {
		t.Errorf("no URI: %s", got)
	}
	c.raw("Content-Length: 99999999999\r\n\r\n")
	if status := c.wait(); status != exitCannot || !strings.Contains(c.err.String(), "larger than") {
		t.Errorf("exit status %d: %s", status, c.err.String())
	}

	for name, text := range map[string]string{
		"no length": "Foo: 1\r\n\r\n", "no number": "Content-Length: x\r\n\r\n", "no colon": "hello\r\n", "long": strings.Repeat("a", 9000),
		"cut": "Content-Length: 10\r\n\r\n{", "nothing": "",
	} {
		c := start(t)
		c.raw(text)
		if err := c.in.Close(); err != nil {
			t.Error(err)
		}
		if status := c.wait(); status != exitCannot || c.err.String() == "" {
			t.Errorf("%s: exit status %d: %q", name, status, c.err.String())
		}
	}
}
