package proberound

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"
)

// plainEvery is the interval of the lines where a line cannot be redrawn.
const plainEvery = 5 * time.Second

// statusLine shows how far a command is. On a terminal it redraws one line; elsewhere it
// prints a line every few seconds.
type statusLine struct {
	out      io.Writer
	terminal bool
	drawn    bool
	last     time.Time // when a line was printed elsewhere; zero is never
}

func newStatusLine(out io.Writer) *statusLine {
	file, isFile := out.(*os.File)
	return &statusLine{out: out, terminal: isFile && term.IsTerminal(int(file.Fd()))}
}

// show replaces the line.
func (s *statusLine) show(text string) {
	switch {
	case s.terminal:
		s.clear()
		fmt.Fprint(s.out, text)
		s.drawn = true
	case time.Since(s.last) >= plainEvery:
		s.last = time.Now()
		fmt.Fprintln(s.out, text)
	}
}

// say prints a line that stays.
func (s *statusLine) say(text string) {
	s.clear()
	fmt.Fprintln(s.out, text)
}

// clear removes the line from a terminal.
func (s *statusLine) clear() {
	if s.drawn {
		fmt.Fprint(s.out, "\r\x1b[K")
		s.drawn = false
	}
}
