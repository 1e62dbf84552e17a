package diff

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/codec"
)

// Node is a process of Node, which runs modules on V8. It is used by one goroutine at a time.
type Node struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// ErrNoNode says that this machine has no Node.
var ErrNoNode = errors.New("there is no node: modules are not run on V8")

// StartNode starts a process; the folder is that of this package.
func StartNode(folder string) (*Node, error) {
	path, err := exec.LookPath("node")
	if err != nil {
		return nil, ErrNoNode
	}
	n := &Node{cmd: exec.Command(path, "testdata/serve.mjs")}
	n.cmd.Dir = folder
	if n.in, err = n.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := n.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	n.out = bufio.NewReaderSize(out, 1<<20)
	return n, n.cmd.Start()
}

// Close ends the process.
func (n *Node) Close() error { return errors.Join(n.in.Close(), n.cmd.Wait()) }

// decide has a module decide requests, and returns the decisions as JSON.
func (n *Node) decide(b *Built, requests []*policy.Request) ([]string, error) {
	line := append([]byte(`{"module":"`), base64.StdEncoding.EncodeToString(b.Module)...)
	line = append(line, `","requests":[`...)
	for i, r := range requests {
		if i > 0 {
			line = append(line, ',')
		}
		line = appendRequest(line, b.policy, r)
	}
	if _, err := n.in.Write(append(line, "]}\n"...)); err != nil {
		return nil, fmt.Errorf("node: %w", err)
	}
	answer, err := n.out.ReadBytes('\n')
	if err != nil {
		return nil, fmt.Errorf("node: %w", err)
	}
	var out []string
	if err := json.Unmarshal(answer, &out); err != nil || len(out) != len(requests) {
		return nil, fmt.Errorf("node: %s", answer)
	}
	return out, nil
}

// appendRequest writes a request as the host's reader takes it: each kind of value in one form.
func appendRequest(b []byte, p *policy.Policy, r *policy.Request) []byte {
	comma := ""
	name := func(s string) {
		b = append(codec.AppendValue(append(b, comma...), s), ':')
		comma = ","
	}
	b = append(b, '{')
	name("action")
	b = codec.AppendValue(b, r.Action)
	name("now")
	b = codec.AppendValue(b, r.Now)
	if r.Posture != "" {
		name("posture")
		b = codec.AppendValue(b, r.Posture)
	}
	object := func(s string, members func()) {
		name(s)
		b = append(b, '{')
		comma = ""
		members()
		b = append(b, '}')
		comma = ","
	}
	object("params", func() {
		for i, v := range r.Params {
			if v != nil {
				name(p.Params[i].Name)
				b = codec.AppendTyped(b, p.Params[i].Type, v)
			}
		}
	})
	object("signals", func() {
		for i, v := range r.Signals {
			if v != nil {
				name(p.Signals[i].Name)
				b = codec.AppendTyped(b, p.Signals[i].Type, v)
			}
		}
		if r.Resource != nil {
			name("resource")
			b = codec.AppendTyped(b, p.Action(r.Action).Resource, r.Resource)
		}
	})
	return append(b, '}')
}
