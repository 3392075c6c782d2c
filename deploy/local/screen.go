package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"
)

const (
	// elsewhereEvery is the interval of the lines where they cannot be redrawn.
	elsewhereEvery = 10 * time.Second
	clearLine      = "\r\x1b[K"
	upAndClear     = "\x1b[A\x1b[K"
)

// screen shows a few lines of state below other output. On a terminal it redraws them in
// place; elsewhere it prints them as one line at intervals.
type screen struct {
	mu    sync.Mutex
	out   io.Writer
	width func() int // of the terminal; nil where there is none
	now   func() time.Time
	lines []string  // as drawn
	last  time.Time // when the lines were last printed elsewhere
}

func newScreen(out io.Writer) *screen {
	s := &screen{out: out, now: time.Now}
	file, isFile := out.(*os.File)
	if !isFile || !term.IsTerminal(int(file.Fd())) {
		return s
	}
	s.width = func() int {
		width, _, err := term.GetSize(int(file.Fd()))
		if err != nil || width <= 0 {
			return 80
		}
		return width
	}
	return s
}

// Show replaces the lines of state.
func (s *screen) Show(lines ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.width != nil {
		s.clear()
		s.draw(lines)
		return
	}
	if s.now().Sub(s.last) >= elsewhereEvery {
		s.last = s.now()
		fmt.Fprintln(s.out, strings.Join(lines, "; "))
	}
}

// Write writes above the lines of state; text ends in a newline.
func (s *screen) Write(text []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	lines := s.lines
	if s.width != nil {
		s.clear()
	}
	n, err := s.out.Write(text)
	if s.width != nil {
		s.draw(lines)
	}
	return n, err
}

// clear removes the lines from the terminal, from the last to the first.
func (s *screen) clear() {
	fmt.Fprint(s.out, clearLine+strings.Repeat(upAndClear, max(0, len(s.lines)-1)))
	s.lines = nil
}

// draw puts lines onto the terminal, each cut to its width: a longer one would wrap, and
// clear would not find its beginning.
func (s *screen) draw(lines []string) {
	s.lines = lines
	cut := make([]string, len(lines))
	for i, line := range lines {
		runes := []rune(line)
		cut[i] = string(runes[:min(len(runes), s.width()-1)])
	}
	fmt.Fprint(s.out, strings.Join(cut, "\n"))
}
