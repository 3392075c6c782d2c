package flame

import (
	"bytes"
	"errors"
	"io"
	"strings"
)

// Page is one flame graph page of async-profiler.
type Page struct {
	// Title is the page's heading as written in the HTML, for example "CPU
	// profile"; empty if there is none. It comes from outside: escape it.
	Title string
	Tree  *Tree
}

// ReadPage reads a page of either dialect. It stops at the first wrong line. The error
// names that line and wraps one of this package's errors, or it is the error of r.
func ReadPage(r io.Reader) (*Page, error) { return readPage(r, defaultLimits) }

func readPage(r io.Reader, limits limits) (*Page, error) {
	tree := New()
	p := pageReader{lines: newLines(r, limits), tree: tree}
	if err := p.read(); err != nil {
		return nil, err
	}
	tree.settle()
	tree.judgeUnit(p.title)
	if err := errIfReversed(tree); err != nil {
		return nil, err
	}
	return &Page{Title: p.title, Tree: tree}, nil
}

// pageReader reads a page once from start to end: head, optional pool, frames, foot.
type pageReader struct {
	*lines
	tree  *Tree
	title string
	// script is true after the function that draws frames was read.
	script bool
	// pool holds the names of the newer dialect; nil means the older dialect.
	pool   []uint32
	open   []frame // the path from the root to the previous frame, by level
	text   []byte  // scratch space for a name
	values [7]int64
}

func (p *pageReader) read() error {
	first, err := p.head()
	if err != nil {
		return err
	}
	foot, ended, err := p.frames(first)
	if err != nil {
		return err
	}
	if err := p.closeTo(0); err != nil {
		return err
	}
	return p.foot(foot, ended)
}

// head skips to the first frame and returns its line.
func (p *pageReader) head() (first []byte, err error) {
	for {
		line, ended, err := p.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil, p.nothing()
		case err != nil:
			return nil, err
		case ended && p.isFrame(line):
			return line, nil
		case bytes.HasPrefix(line, []byte("const cpool = [")):
			err = p.readPool()
		default:
			err = p.note(line)
		}
		if err != nil {
			return nil, err
		}
	}
}

// note reads the title and the options of the page from a line of the head.
func (p *pageReader) note(line []byte) error {
	switch {
	case bytes.HasPrefix(line, []byte("<h1")):
		_, rest, _ := strings.Cut(string(line), ">")
		p.title, _, _ = strings.Cut(rest, "</h1>")
	case bytes.Contains(line, []byte("function f(")):
		p.script = true
	case bytes.HasSuffix(line, []byte(" reverse = true;")), bytes.HasSuffix(line, []byte(" inverted = true;")):
		return p.fault(ErrReversed, "stacks may run from the leaf to the root")
	}
	return nil
}

func (p *pageReader) nothing() error {
	if p.script || p.pool != nil {
		return p.cutOff()
	}
	return p.fault(ErrNotFlameGraph, "no frames")
}

func (p *pageReader) cutOff() error { return p.fault(ErrCutOff, "the page ends here") }

// isFrame reports whether a line begins like one that places a frame.
func (p *pageReader) isFrame(line []byte) bool {
	if len(line) < 2 || line[1] != '(' {
		return false
	}
	return line[0] == 'f' || p.pool != nil && (line[0] == 'u' || line[0] == 'n')
}

// frames reads frames, beginning with the line first, and returns the first line
// after them.
func (p *pageReader) frames(first []byte) (foot []byte, ended bool, err error) {
	place := p.absolute
	if p.pool != nil {
		place = p.relative
	}
	for line, ended := first, true; ; {
		switch {
		case p.isFrame(line) && ended:
			err = place(line)
		case p.isFrame(line):
			err = p.cutOff()
		case bytes.HasPrefix(line, []byte("d=")): // a frame's difference from the base, in a differential graph
		default:
			return line, ended, nil
		}
		if err != nil {
			return nil, false, err
		}
		line, ended, err = p.next()
		if errors.Is(err, io.EOF) {
			return nil, false, p.cutOff()
		}
		if err != nil {
			return nil, false, err
		}
	}
}

// foot reads from the line after the frames to the end, and checks that only the end of the
// page follows.
func (p *pageReader) foot(line []byte, ended bool) error {
	for complete := false; ; {
		switch {
		case len(line) == 0:
		case !complete && bytes.HasSuffix(line, []byte("</html>")):
			complete = true
		case !complete && !ended:
			return p.cutOff()
		case complete, line[0] != '<' && line[len(line)-1] != ';':
			return p.fault(ErrMalformed, "neither a frame nor the end of the page")
		}
		var err error
		line, ended, err = p.next()
		switch {
		case errors.Is(err, io.EOF) && complete:
			return nil
		case errors.Is(err, io.EOF):
			return p.cutOff()
		case err != nil:
			return err
		}
	}
}
