package source

import (
	"bytes"
	"unicode/utf8"
)

// language is one of those whose code is found.
type language int

// The languages.
const (
	java language = iota
	kotlin
	scala
)

// span is a part of a text: its first byte, and the byte after its last.
type span struct{ from, to int }

// masker blanks what is not code. It goes over the text once.
type masker struct {
	text     []byte
	lang     language
	literals []span
}

// mask returns a copy of the text with blanks for comments and for literals of strings and
// characters, and where the literals are. Lines stay lines.
func mask(text []byte, lang language) (blanked []byte, literals []span) {
	m := masker{text: text, lang: lang}
	blanked = bytes.Clone(text)
	for at := 0; at < len(text); {
		end, literal := m.skip(at, 0)
		if end == at {
			at++
			continue
		}
		if literal {
			m.literals = append(m.literals, span{at, end})
		}
		for i := at; i < end; i++ {
			if blanked[i] != '\n' {
				blanked[i] = ' '
			}
		}
		at = end
	}
	return blanked, m.literals
}

// deepest bounds literals in templates in literals.
const deepest = 32

// skip returns the end of the comment or literal that begins at a byte, or that byte if none
// begins there.
func (m *masker) skip(at, depth int) (end int, literal bool) {
	rest := m.text[at:]
	switch {
	case bytes.HasPrefix(rest, []byte("//")):
		return at + until(rest, '\n'), false
	case bytes.HasPrefix(rest, []byte("/*")):
		return m.comment(at), false
	case bytes.HasPrefix(rest, []byte(`"""`)):
		return m.literal(at, 3, depth), true
	case rest[0] == '"':
		return m.literal(at, 1, depth), true
	case rest[0] == '\'':
		end := at + character(rest)
		return end, end > at
	}
	return at, false
}

// until returns the index of a byte, or the length without it.
func until(text []byte, b byte) int {
	if n := bytes.IndexByte(text, b); n >= 0 {
		return n
	}
	return len(text)
}

// comment returns the end of a comment. Those of Kotlin and Scala nest.
func (m *masker) comment(at int) int {
	open := 0
	for at < len(m.text) {
		switch rest := m.text[at:]; {
		case bytes.HasPrefix(rest, []byte("/*")) && (open == 0 || m.lang != java):
			open++
			at += 2
		case bytes.HasPrefix(rest, []byte("*/")):
			at += 2
			if open--; open == 0 {
				return at
			}
		default:
			at++
		}
	}
	return at
}

// literal returns the end of a string that begins with one or three quotes. Without its end, one
// of a line ends with the line.
func (m *masker) literal(at, quotes, depth int) int {
	templates := m.lang == kotlin || m.lang == scala && at > 0 && isName(m.text[at-1])
	escapes := quotes == 1 || m.lang == java
	for at += quotes; at < len(m.text); {
		switch b := m.text[at]; {
		case b == '\\' && escapes:
			at += 2
		case b == '"' && quotes == 1:
			return at + 1
		case b == '"' && bytes.HasPrefix(m.text[at:], []byte(`"""`)):
			for at += 3; m.lang != java && at < len(m.text) && m.text[at] == '"'; at++ {
			} // quotes before the last three belong to the text
			return at
		case b == '\n' && quotes == 1:
			return at
		case b == '$' && templates && depth < deepest && bytes.HasPrefix(m.text[at:], []byte("${")):
			at = m.template(at+2, depth+1)
		default:
			at++
		}
	}
	return len(m.text)
}

// template returns the end of the code in a literal.
func (m *masker) template(at, depth int) int {
	for open := 1; at < len(m.text); {
		if end, _ := m.skip(at, depth); end > at {
			at = end
			continue
		}
		switch m.text[at] {
		case '{':
			open++
		case '}':
			open--
		}
		at++
		if open == 0 {
			return at
		}
	}
	return at
}

// character returns the length of the literal of a character, 0 if there is none: Scala has
// quotes that open no literal.
func character(text []byte) int {
	if len(text) < 3 || text[1] == '\n' || text[1] == '\'' {
		return 0
	}
	if text[1] == '\\' {
		// '\n', '\'', '\u0041', '\123'
		end := bytes.IndexByte(text[3:min(len(text), 11)], '\'')
		if end < 0 {
			return 0
		}
		return 3 + end + 1
	}
	_, size := utf8.DecodeRune(text[1:])
	if 1+size < len(text) && text[1+size] == '\'' {
		return size + 2
	}
	return 0
}

func isName(b byte) bool {
	return b == '_' || b == '$' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= utf8.RuneSelf
}
