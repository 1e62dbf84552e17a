package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// lineReader reads lines in bounded memory, whatever their length.
type lineReader struct {
	r   *bufio.Reader
	max int
	buf []byte
}

func newLineReader(r io.Reader, limit int) *lineReader {
	return &lineReader{r: bufio.NewReaderSize(r, 64<<10), max: limit}
}

// next returns the next line that is not blank, without its end, which the last one may lack. Of a line of more than max
// bytes it returns the first max+1: enough to see that it is too long. The line is valid until the next call. The error is
// io.EOF at the end.
func (l *lineReader) next() ([]byte, error) {
	for {
		line, err := l.read()
		if err != nil && (!errors.Is(err, io.EOF) || len(line) == 0) {
			return nil, err
		}
		line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
		line = line[:min(len(line), l.max+1)]
		if len(bytes.TrimLeft(line, " \t\r")) > 0 || len(line) > l.max {
			return line, nil
		}
	}
}

// read returns a line with its end, cut after max and the longest end.
func (l *lineReader) read() ([]byte, error) {
	l.buf = l.buf[:0]
	for {
		part, err := l.r.ReadSlice('\n')
		room := l.max + len("\r\n") - len(l.buf)
		l.buf = append(l.buf, part[:min(len(part), room)]...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return l.buf, err
		}
	}
}

// idle reports whether reading on may have to wait.
func (l *lineReader) idle() bool { return l.r.Buffered() == 0 }
