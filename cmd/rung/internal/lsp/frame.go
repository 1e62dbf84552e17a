package lsp

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
)

// Limits on a message. A list file of 32 MiB is the largest thing that an editor could send.
const (
	maxMessage = 48 << 20
	maxHeader  = 4 << 10
)

// frames are messages as the protocol frames them on a stream: headers, an empty line, the JSON. It implements jrpc2's channel.Channel.
type frames struct {
	in  *bufio.Reader
	mu  sync.Mutex
	out io.WriteCloser
}

func newFrames(in io.Reader, out io.WriteCloser) *frames {
	return &frames{in: bufio.NewReaderSize(in, maxHeader), out: out}
}

// Send writes a message.
func (f *frames) Send(msg []byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, err := fmt.Fprintf(f.out, "Content-Length: %d\r\n\r\n", len(msg)); err != nil {
		return err
	}
	_, err := f.out.Write(msg)
	return err
}

// Recv reads a message. After an error the stream cannot be read on: where the next message begins is not known.
func (f *frames) Recv() ([]byte, error) {
	size, read := -1, 0
	for {
		line, err := f.in.ReadSlice('\n')
		if read += len(line); err == nil && read > maxHeader {
			err = bufio.ErrBufferFull
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			return nil, errors.New("a message's header is longer than 4 KiB")
		case err != nil && read == 0:
			return nil, io.EOF // between two messages: the end
		case err != nil:
			return nil, io.ErrUnexpectedEOF
		}
		name, value, ok := strings.Cut(strings.TrimRight(string(line), "\r\n"), ":")
		switch {
		case name == "" && !ok && size >= 0:
			return f.body(size)
		case name == "" && !ok:
			return nil, errors.New("a message has no Content-Length")
		case !ok:
			return nil, errors.New("a message's header has a line without a colon")
		case strings.EqualFold(name, "Content-Length"):
			if size, err = strconv.Atoi(strings.TrimSpace(value)); err != nil || size < 0 {
				return nil, errors.New("a message's Content-Length is no number")
			}
			if size > maxMessage {
				return nil, errors.New("a message is larger than 48 MiB")
			}
		}
	}
}

// body reads the JSON of a message, in memory that grows with what has come.
func (f *frames) body(size int) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(f.in, int64(size)))
	if err == nil && len(b) < size {
		err = io.ErrUnexpectedEOF
	}
	return b, err
}

// Close ends what is written.
func (f *frames) Close() error { return f.out.Close() }
