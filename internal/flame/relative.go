package flame

import (
	"bytes"
	"errors"
	"io"
)

// readPool reads the names of the dialect from 3.0 on, up to the line that ends
// the pool. The first entry is the name of the root, which frames never use.
func (p *pageReader) readPool() error {
	p.pool = []uint32{}
	var name []byte
	for {
		line, ended, err := p.next()
		switch {
		case errors.Is(err, io.EOF), err == nil && !ended:
			return p.cutOff()
		case err != nil:
			return err
		case bytes.Equal(line, []byte("];")):
			return nil
		}
		entry, ok := p.entry(line)
		if !ok {
			return p.fault(ErrMalformed, "not a name of the pool")
		}
		if len(p.pool) == 0 {
			name = append(name[:0], entry...)
		} else if name, ok = decodeFront(name, entry); !ok {
			return p.fault(ErrMalformed, "a name that shares more bytes with the previous name than that name has")
		}
		id, err := p.name(p.tree, name)
		if err != nil {
			return err
		}
		p.pool = append(p.pool, id)
		if len(p.pool) > p.limits.names {
			return p.fault(ErrTooLarge, "more than %d names", p.limits.names)
		}
	}
}

// entry returns the text of a line of the pool: quoted, with or without a comma.
func (p *pageReader) entry(line []byte) (text []byte, ok bool) {
	line = bytes.TrimSuffix(line, []byte(","))
	if len(line) < 2 || line[0] != '\'' || line[len(line)-1] != '\'' {
		return nil, false
	}
	return p.unescape(line[1 : len(line)-1])
}

// decodeFront decodes an entry of the pool. The first byte of the entry, minus a space, is
// the number of bytes that its name shares with the name before. The result reuses the
// memory of before.
func decodeFront(before, entry []byte) (name []byte, ok bool) {
	if len(entry) == 0 || entry[0] < ' ' || int(entry[0]-' ') > len(before) {
		return nil, false
	}
	return append(before[:entry[0]-' '], entry[1:]...), true
}

// relative reads one line of the dialect from 3.0 on. It ignores the trailing counts, which
// say how the frame was compiled.
func (p *pageReader) relative(line []byte) error {
	count, ok := p.allNumbers(line[len("f("):])
	var before frame // zero for the root, which has no frame before it
	if len(p.open) > 0 {
		before = p.open[len(p.open)-1]
	}
	level, left, width := int64(max(0, len(p.open)-1)), before.left, before.right-before.left
	sized := 1 // the index of the width in the values, if the line has one
	switch line[0] {
	case 'f':
		level, left, sized = p.values[1], left+p.values[2], 3
	case 'u':
		level++
	default: // 'n'
		left += width
	}
	switch count - sized {
	case 0:
	case 1, 4:
		width = p.values[sized]
	default:
		ok = false
	}
	if !ok {
		return p.fault(ErrMalformed, "not a frame")
	}
	key := p.values[0] >> 3
	if key >= int64(len(p.pool)) {
		return p.fault(ErrMalformed, "a frame with name %d, but the pool has %d names", key, len(p.pool))
	}
	return p.place(level, left, width, p.pool[key])
}

// allNumbers reads numbers into p.values up to the closing parenthesis, which must end
// the text.
func (p *pageReader) allNumbers(text []byte) (count int, ok bool) {
	for count = range p.values {
		value, digits := number(text)
		if digits == 0 || digits == len(text) {
			return 0, false
		}
		p.values[count] = value
		switch {
		case text[digits] == ')':
			return count + 1, digits+1 == len(text)
		case text[digits] != ',':
			return 0, false
		}
		text = text[digits+1:]
	}
	return 0, false
}
