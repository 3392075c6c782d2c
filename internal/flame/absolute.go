package flame

import "bytes"

// cutAt is the length in bytes at which async-profiler up to 2.9 cuts the line of a frame.
// The line loses its end too, so the next frame follows on the same line.
const cutAt = 4094

// absolute reads one line of the dialect up to 2.9. It ignores the type of the frame and
// the trailing counts, which say how the frame was compiled.
func (p *pageReader) absolute(line []byte) error {
	rest, ok := p.numbers(line[len("f("):], 4)
	if !ok || len(rest) == 0 || rest[0] != '\'' {
		return p.fault(ErrMalformed, "not a frame")
	}
	if title, ok := p.quoted(rest); ok {
		return p.placeNamed(title)
	}
	if len(line) < cutAt {
		return p.fault(ErrMalformed, "the name of a frame has no end")
	}
	return p.cut(line, line[len(line)-len(rest)+1:cutAt])
}

// cut places a frame whose line was cut in its title. It then reads the frame that follows
// on the same line, if there is one.
func (p *pageReader) cut(line, title []byte) error {
	title, ok := p.unescape(title)
	glued := line[cutAt:]
	if !ok || len(glued) > 0 && !p.isFrame(glued) {
		return p.fault(ErrMalformed, "the name of a frame has no end")
	}
	if err := p.placeNamed(title); err != nil || len(glued) == 0 {
		return err
	}
	return p.absolute(glued)
}

// placeNamed places the frame whose numbers are in p.values.
func (p *pageReader) placeNamed(title []byte) error {
	level, left, width := p.values[0], p.values[1], p.values[2]
	name, err := p.name(p.tree, title)
	if err != nil {
		return err
	}
	return p.place(level, left, width, name)
}

// quoted returns the title at the beginning of text. Only `)`, or three counts and `)`, may
// follow it.
func (p *pageReader) quoted(text []byte) (title []byte, ok bool) {
	end := bytes.LastIndexByte(text, '\'')
	if end < 1 || !isTail(text[end+1:]) {
		return nil, false
	}
	return p.unescape(text[1:end])
}

func isTail(text []byte) bool {
	if len(text) > 0 && text[0] == ',' {
		for range 3 {
			if len(text) == 0 || text[0] != ',' {
				return false
			}
			_, digits := number(text[1:])
			if digits == 0 {
				return false
			}
			text = text[1+digits:]
		}
	}
	return len(text) == 1 && text[0] == ')'
}

// unescape removes the escapes from a text between quotes; ok is false if the text contains
// a quote without an escape. Writers of pages differ: async-profiler up to 2.9 escapes
// only the quote; later versions and the converters in Java escape the backslash too. A
// run of backslashes that only the older versions can write stays as it is.
func (p *pageReader) unescape(text []byte) (plain []byte, ok bool) {
	if bytes.IndexByte(text, '\\') < 0 {
		return text, bytes.IndexByte(text, '\'') < 0
	}
	p.text = p.text[:0]
	for i := 0; i < len(text); i++ {
		run := 0
		for i+run < len(text) && text[i+run] == '\\' {
			run++
		}
		end := i + run
		meant, ok := backslashes(run, end < len(text) && text[end] == '\'')
		if !ok {
			return nil, false
		}
		p.text = append(p.text, text[i:i+meant]...)
		if end < len(text) {
			p.text = append(p.text, text[end])
		}
		i = end
	}
	return p.text, true
}

// backslashes returns how many backslashes a run of them stands for. quote is true if a
// quote follows the run; ok is false if that quote is not escaped.
func backslashes(run int, quote bool) (meant int, ok bool) {
	switch {
	case quote && run == 0:
		return 0, false
	case quote && run%2 == 0: // each stands for itself, except the last, which escapes the quote
		return run - 1, true
	case !quote && run%2 == 1: // each stands for itself
		return run, true
	default: // each is escaped, and the quote too
		return run / 2, true
	}
}

// numbers reads count numbers, each with a comma behind it, into p.values and
// returns what follows.
func (p *pageReader) numbers(text []byte, count int) (rest []byte, ok bool) {
	for i := range count {
		value, digits := number(text)
		if digits == 0 || digits == len(text) || text[digits] != ',' {
			return nil, false
		}
		p.values[i], text = value, text[digits+1:]
	}
	return text, true
}

// mostSamples is the limit for the total of a profile, and for any number in a page: 18
// digits. So every profile that is written can be read again.
const mostSamples = 1e18 - 1

// number reads the decimal number at the beginning of text. digits is 0 if there is no
// number or if it exceeds mostSamples.
func number(text []byte) (value int64, digits int) {
	for digits < len(text) && text[digits] >= '0' && text[digits] <= '9' {
		value = value*10 + int64(text[digits]-'0')
		if digits++; digits > 18 {
			return 0, 0
		}
	}
	return value, digits
}
