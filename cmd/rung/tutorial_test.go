//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestTutorial does what docs/tutorial.md says, step by step, in an empty folder: it writes the files, runs the commands and holds what they print against the
// page. With -update, their output is written anew.
//
// A fenced block with a file's name in brackets is that file. In `console`, lines that begin with `$ ` are commands, what follows is their output; `sh` is run
// for what it does alone, and `sh [server]` in the background, until the end. Two things are not as a reader has them: the clone is the checkout that is
// tested, and the port is a free one.
func TestTutorial(t *testing.T) {
	t.Parallel()
	follow(t, "../../docs/tutorial.md", "")
}

// TestOperating does so with docs/operating.md, whose Go is that of examples/operate.
func TestOperating(t *testing.T) {
	t.Parallel()
	follow(t, "../../docs/operating.md", "../../examples/operate/main.go")
}

// follow takes the steps of a page. Blocks of Go without a name stand in the program.
func follow(t *testing.T, page, program string) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	r := newReader(t)
	if program != "" {
		code, err := os.ReadFile(program)
		if err != nil {
			t.Fatal(err)
		}
		r.program = string(code)
	}
	now := fencedBlock.ReplaceAllStringFunc(string(text), func(block string) string {
		m := fencedBlock.FindStringSubmatch(block)
		return strings.Replace(block, m[3], r.step(m[1], m[2], m[3]), 1)
	})
	t.Logf("%d files written, %d commands run", r.files, r.commands)
	switch {
	case now == string(text):
	case *update:
		if err := os.WriteFile(page, []byte(now), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("%s shows other output than the commands print; `go test ./cmd/rung -update` writes it:\n%s", page, now)
	}
}

// fencedBlock is a block with its language and the name in brackets, if any.
var fencedBlock = regexp.MustCompile("(?ms)^```([a-z]+)(?: \\[([^]]+)\\])?\n(.*?)^```$")

// reader is somebody who follows a page.
type reader struct {
	t    *testing.T
	root string // of the repository
	dir  string // where the reader is
	port string
	env  []string
	// files and commands count what was done.
	files, commands int
	// program is what blocks of Go are part of.
	program string
}

func newReader(t *testing.T) *reader {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	bin := filepath.Join(dir, ".bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	home := filepath.Join(dir, "work")
	if err := os.Mkdir(home, 0o755); err != nil {
		t.Fatal(err)
	}
	// The workspace of the repository is not the reader's, and the sums of what its go.mod asks for stand in its go.sum.
	env := append(os.Environ(), "GOBIN="+bin, "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "GOSUMDB=off", "NO_COLOR=1")
	return &reader{t: t, root: root, dir: home, port: freePort(t), env: env}
}

// freePort is one that nobody is given until the server listens, which takes as long as it takes to build: it is below those that systems give.
func freePort(t *testing.T) string {
	t.Helper()
	for range 1000 {
		port := strconv.Itoa(10_000 + rand.IntN(20_000))
		if l, err := net.Listen("tcp", "localhost:"+port); err == nil {
			l.Close()
			return port
		}
	}
	t.Fatal("no port is free")
	return ""
}

// step does what a block says, and returns the block as it is to be.
func (r *reader) step(language, name, text string) string {
	r.t.Helper()
	switch {
	case language == "sh" && name == "server":
		r.serve(text)
	case language == "sh":
		for line := range strings.Lines(text) {
			if out, err := r.command(strings.TrimSpace(line)); err != nil {
				r.t.Fatalf("%s%v\n%s", line, err, out)
			}
		}
	case language == "console":
		return r.console(text)
	case name != "":
		r.files++
		lay(r.t, r.dir, name, strings.ReplaceAll(text, "8080", r.port))
	case language == "go" && strings.Contains(r.program, text) && text != "":
	default:
		r.t.Errorf("a block of %s is no step:\n%s", language, text)
	}
	return text
}

// console runs the commands of a block. Of what only differs in how long something took, the page's own words stay.
func (r *reader) console(text string) string {
	r.t.Helper()
	var out strings.Builder
	for _, part := range strings.Split("\n"+text, "\n$ ")[1:] {
		command, shown, _ := strings.Cut(strings.TrimSuffix(part, "\n")+"\n", "\n")
		got, err := r.command(command)
		if err != nil && !errors.As(err, new(*exec.ExitError)) {
			r.t.Fatalf("%s: %v", command, err)
		}
		if took.ReplaceAllString(got, "in T") == took.ReplaceAllString(shown, "in T") {
			got = shown
		}
		out.WriteString("$ " + command + "\n" + got)
	}
	return out.String()
}

var took = regexp.MustCompile(`in [0-9][0-9a-zµ.]*s`)

// command runs a command as a shell would, and returns what it prints.
func (r *reader) command(command string) (string, error) {
	r.commands++
	if strings.HasPrefix(command, "git clone ") {
		return "", os.Symlink(r.root, filepath.Join(r.dir, "rung"))
	}
	cmd := exec.Command("sh", "-c", strings.ReplaceAll(command, "8080", r.port))
	cmd.Dir, cmd.Env = r.dir, r.env
	if !strings.HasPrefix(command, "go -C rung/") {
		cmd.Env = slices.Concat(r.env, []string{"GOWORK=off"})
	}
	out, err := cmd.CombinedOutput()
	if _, to, ok := strings.Cut(command, "cd "); ok && err == nil {
		r.dir = filepath.Join(r.dir, to)
	}
	return strings.ReplaceAll(string(out), ":"+r.port, ":8080"), err
}

// serve runs a command in the background until the test ends, and waits until it answers.
func (r *reader) serve(command string) {
	r.t.Helper()
	r.commands++
	var said bytes.Buffer
	cmd := exec.Command("sh", "-c", command)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = r.dir, slices.Concat(r.env, []string{"GOWORK=off"}), &said, &said
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // `go run` has children
	if err := cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	r.t.Cleanup(func() {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // it may have ended by itself
		<-ended
	})
	ctx, cancel := context.WithTimeout(context.Background(), 25*time.Minute) // a package has half an hour
	defer cancel()
	for {
		c, err := net.Dial("tcp", "localhost:"+r.port)
		if err == nil {
			c.Close()
			return
		}
		select {
		case err := <-ended:
			ended <- err
			r.t.Fatalf("%s%v\n%s", command, err, said.String())
		case <-ctx.Done():
			r.t.Fatalf("%snothing answers on port %s\n%s", command, r.port, said.String())
		case <-time.After(50 * time.Millisecond):
		}
	}
}
