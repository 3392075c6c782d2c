package flame

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// Why something can't be read as a profile. An error of a reader is one of
// these, or the error of the io.Reader.
var (
	// ErrNotFlameGraph means that no frame was found at all.
	ErrNotFlameGraph = errors.New("not a flame graph of async-profiler (give the HTML file that the profiler wrote)")
	// ErrReversed means that stacks may run from the leaf to the root.
	ErrReversed = errors.New("a reversed or inverted graph (take it without these options)")
	// ErrCutOff means that the end is missing.
	ErrCutOff = errors.New("cut off before its end (fetch it again)")
	// ErrMalformed means that a line contradicts the format or the lines before.
	ErrMalformed = errors.New("malformed (take the profile again)")
	// ErrTooLarge means that a limit was passed.
	ErrTooLarge = errors.New("too large to be read (take a shorter profile)")
)

// limits bound what a reader takes from outside. A bomb meets one of them before
// it has cost more than a few times its own size in memory.
type limits struct {
	bytes     int64 // of input
	line      int   // bytes
	depth     int   // frames on one stack
	frames    int   // nodes of the tree, the root counted in
	names     int   // distinct
	nameBytes int   // of all distinct names together
}

// defaultLimits leave room: the largest page seen from Flink has 316 KB, and
// async-profiler cuts Java stacks at 2,048 frames.
var defaultLimits = limits{
	bytes:     64 << 20,
	line:      1 << 20,
	depth:     4096,
	frames:    4 << 20,
	names:     512 << 10,
	nameBytes: 64 << 20,
}

// lines reads text by lines and counts them.
type lines struct {
	in     *bufio.Reader
	limits limits
	number int   // of the line that was read last, from 1
	read   int64 // bytes
	long   []byte
}

func newLines(r io.Reader, limits limits) *lines {
	return &lines{in: bufio.NewReaderSize(r, 64<<10), limits: limits}
}

// next returns the next line without its end, valid until the call after. ended
// is false for a last line that lacks its newline. The error is io.EOF when
// there is no further line.
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

// rest collects a line that is longer than the buffer.
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

// trimReturn cuts the carriage return of a file that went through Windows.
func trimReturn(line []byte) []byte {
	if n := len(line); n > 0 && line[n-1] == '\r' {
		return line[:n-1]
	}
	return line
}

// fault describes what is wrong with the line that was read last.
func (l *lines) fault(kind error, format string, args ...any) error {
	return fmt.Errorf("line %d: %s: %w", l.number, fmt.Sprintf(format, args...), kind)
}

// name interns a frame's name, if there is room for it.
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

// roomFor checks that the tree has room for a further node at a depth, the root's
// children being at depth 1.
func (l *lines) roomFor(t *Tree, depth int) error {
	if depth > l.limits.depth {
		return l.fault(ErrTooLarge, "more than %d frames on a stack", l.limits.depth)
	}
	if len(t.nodes) >= l.limits.frames {
		return l.fault(ErrTooLarge, "more than %d frames", l.limits.frames-1)
	}
	return nil
}
