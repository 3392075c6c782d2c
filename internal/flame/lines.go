package flame

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// Reasons why an input cannot be read as a profile. A reader returns one of these errors,
// or the error of the io.Reader.
var (
	// ErrNotFlameGraph means that the input contains no frame.
	ErrNotFlameGraph = errors.New("not a flame graph of async-profiler (give the HTML file that the profiler wrote)")
	// ErrReversed means that stacks may run from the leaf to the root.
	ErrReversed = errors.New("a reversed or inverted graph (take it without these options)")
	// ErrCutOff means that the end of the input is missing.
	ErrCutOff = errors.New("cut off before its end (fetch it again)")
	// ErrMalformed means that a line contradicts the format or the lines before.
	ErrMalformed = errors.New("malformed (take the profile again)")
	// ErrTooLarge means that the input exceeds a limit.
	ErrTooLarge = errors.New("too large to be read (take a shorter profile)")
)

// limits bound the input of a reader. They stop a hostile input before it uses more
// memory than a few times its own size.
type limits struct {
	bytes     int64 // of input
	line      int   // bytes
	depth     int   // frames on one stack
	frames    int   // nodes of the tree, including the root
	names     int   // distinct names
	nameBytes int   // of all distinct names together
}

// defaultLimits are generous: the largest page seen from Flink has 316 KB, and
// async-profiler cuts Java stacks at 2,048 frames.
var defaultLimits = limits{
	bytes:     64 << 20,
	line:      1 << 20,
	depth:     4096,
	frames:    4 << 20,
	names:     512 << 10,
	nameBytes: 64 << 20,
}

// lines reads a text line by line and counts the lines.
type lines struct {
	in     *bufio.Reader
	limits limits
	number int   // of the line read last, from 1
	read   int64 // bytes read so far
	long   []byte
}

func newLines(r io.Reader, limits limits) *lines {
	return &lines{in: bufio.NewReaderSize(r, 64<<10), limits: limits}
}

// next returns the next line without its end. The line is valid until the next call. ended
// is false if the last line has no newline. The error is io.EOF after the last line.
func (l *lines) next() (line []byte, ended bool, err error) {
	if l.number == 0 {
		if err := l.begin(); err != nil {
			return nil, false, err
		}
	}
	l.number++
	line, err = l.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		line, err = l.rest(line)
	}
	l.read += int64(len(line))
	if l.read > l.limits.bytes {
		return nil, false, l.fault(ErrTooLarge, "more than %d MiB", l.limits.bytes>>20)
	}
	if errors.Is(err, io.EOF) && len(line) > 0 {
		return trimReturn(line), false, nil
	}
	if err != nil {
		return nil, false, err
	}
	return trimReturn(line[:len(line)-1]), true, nil
}

// rest reads the rest of a line that is longer than the buffer.
func (l *lines) rest(begin []byte) (line []byte, err error) {
	l.long = append(l.long[:0], begin...)
	for {
		more, err := l.in.ReadSlice('\n')
		l.long = append(l.long, more...)
		if len(l.long) > l.limits.line {
			return nil, l.fault(ErrTooLarge, "a line of more than %d KiB", l.limits.line>>10)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return l.long, err
		}
	}
}

// trimReturn removes the carriage return of Windows line ends.
func trimReturn(line []byte) []byte {
	if n := len(line); n > 0 && line[n-1] == '\r' {
		return line[:n-1]
	}
	return line
}

// fault returns an error about the line that was read last.
func (l *lines) fault(kind error, format string, args ...any) error {
	return fmt.Errorf("line %d: %s: %w", l.number, fmt.Sprintf(format, args...), kind)
}

// name interns a frame's name and checks the limits for names.
func (l *lines) name(t *Tree, frame []byte) (uint32, error) {
	if len(withoutSuffix(frame)) == 0 {
		return 0, l.fault(ErrMalformed, "a frame without a name")
	}
	id := t.intern(frame)
	switch {
	case len(t.names) > l.limits.names:
		return 0, l.fault(ErrTooLarge, "more than %d names", l.limits.names)
	case t.nameBytes > l.limits.nameBytes:
		return 0, l.fault(ErrTooLarge, "more than %d MiB of names", l.limits.nameBytes>>20)
	}
	return id, nil
}

// roomFor checks that the limits allow one more node at a depth. The children of the root
// have depth 1.
func (l *lines) roomFor(t *Tree, depth int) error {
	if depth > l.limits.depth {
		return l.fault(ErrTooLarge, "more than %d frames on a stack", l.limits.depth)
	}
	if len(t.nodes) >= l.limits.frames {
		return l.fault(ErrTooLarge, "more than %d frames", l.limits.frames-1)
	}
	return nil
}
