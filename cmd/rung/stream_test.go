package main

import (
	"bufio"
	"io"
	"strings"
	"testing"
)

// TestEvalAnswersAtOnce: with --jsonl a program may ask, wait for the answer, and ask again.
func TestEvalAnswersAtOnce(t *testing.T) {
	t.Parallel()
	requests, ask := io.Pipe()
	answers, out := io.Pipe()
	status := make(chan int, 1)
	go func() {
		status <- run([]string{"eval", bank, "--jsonl"}, streams{in: requests, out: out, err: io.Discard})
		_ = out.Close()
	}()
	lines := bufio.NewScanner(answers)
	for _, want := range []string{`{"effect":"allow"`, `{"effect":"deny","error"`, `{"effect":"allow"`} {
		request := `{"action": "rates.view"}`
		if strings.Contains(want, "error") {
			request = "nonsense"
		}
		if _, err := io.WriteString(ask, request+"\n"); err != nil {
			t.Fatal(err)
		}
		if !lines.Scan() || !strings.HasPrefix(lines.Text(), want) {
			t.Fatalf("got %q, %v; want %s…", lines.Text(), lines.Err(), want)
		}
	}
	if err := ask.Close(); err != nil {
		t.Fatal(err)
	}
	if got := <-status; got != exitBad {
		t.Errorf("status %d, want %d: one request was refused", got, exitBad)
	}
}

// TestEvalStopsWhenNobodyReads: an output that is gone ends the run, with status 2.
func TestEvalStopsWhenNobodyReads(t *testing.T) {
	t.Parallel()
	answers, out := io.Pipe()
	if err := answers.Close(); err != nil {
		t.Fatal(err)
	}
	in := strings.NewReader(strings.Repeat("{\"action\": \"rates.view\"}\n", 10))
	if got := run([]string{"eval", bank, "--jsonl"}, streams{in: in, out: out, err: io.Discard}); got != exitCannot {
		t.Errorf("status %d, want %d", got, exitCannot)
	}
}
