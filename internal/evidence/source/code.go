package source

import (
	"bytes"
	"path"
	"regexp"
	"strings"
)

// code is a source file in the form that declarations are looked for in.
type code struct {
	lang     language
	text     []byte
	masked   []byte
	literals []span
	// partner is, for each opening bracket, the index of the closing one; 0 is none.
	partner []int32
	// depth is the number of open braces before each byte.
	depth []int32
}

func newCode(text []byte, lang language) *code {
	masked, literals := mask(text, lang)
	c := &code{lang: lang, text: text, masked: masked, literals: literals}
	c.pair()
	return c
}

// pair finds the brackets that belong together. Braces and parentheses are paired apart, so that
// one that is missing does not disturb the others.
func (c *code) pair() {
	c.partner, c.depth = make([]int32, len(c.masked)), make([]int32, len(c.masked))
	var braces, parentheses, squares []int32
	for i, b := range c.masked {
		c.depth[i] = int32(len(braces))
		switch b {
		case '{':
			braces = append(braces, int32(i))
		case '(':
			parentheses = append(parentheses, int32(i))
		case '[':
			squares = append(squares, int32(i))
		case '}':
			braces = c.close(braces, i)
		case ')':
			parentheses = c.close(parentheses, i)
		case ']':
			squares = c.close(squares, i)
		}
	}
}

func (c *code) close(open []int32, at int) []int32 {
	if len(open) == 0 {
		return open
	}
	c.partner[open[len(open)-1]] = int32(at)
	return open[:len(open)-1]
}

// languageOf is the language of a file by its ending.
func languageOf(file string) (language, bool) {
	switch path.Ext(file) {
	case ".java":
		return java, true
	case ".kt":
		return kotlin, true
	case ".scala":
		return scala, true
	}
	return 0, false
}

var (
	packageClause = regexp.MustCompile(`(?m)^[ \t]*package[ \t]+([\w.]+)`)
	typeName      = regexp.MustCompile(`\b(?:class|interface|enum|record|object|trait)\s+([A-Za-z_][\w$]*)`)
)

// pkg is the package of a file. Scala may have it in several clauses.
func (c *code) pkg() string {
	var parts []string
	for _, clause := range packageClause.FindAllSubmatch(c.masked, -1) {
		parts = append(parts, string(clause[1]))
		if c.lang != scala {
			break
		}
	}
	return strings.Join(parts, ".")
}

// types are the names of the types that a file declares.
func (c *code) types() []string {
	var names []string
	for _, found := range typeName.FindAllSubmatch(c.masked, -1) {
		names = append(names, string(found[1]))
	}
	return names
}

// mostFound bounds the types and the methods of one name in a file, so that text made for it does
// not take long.
const mostFound = 50

// bodies are the bodies of the types of a name in a part of the file. In Scala and Kotlin there
// may be several: a class and its companion.
func (c *code) bodies(in span, name string) (found []span) {
	for _, at := range typeName.FindAllSubmatchIndex(c.masked[in.from:in.to], -1) {
		if string(c.masked[in.from+at[2]:in.from+at[3]]) != name {
			continue
		}
		if len(found) == mostFound {
			break
		}
		end := in.from + at[3]
		if open := c.opening(end); open >= 0 && c.partner[open] > 0 {
			found = append(found, span{open + 1, int(c.partner[open])})
		} else if c.lang == scala {
			found = append(found, span{end, c.indented(end)})
		}
	}
	return found
}

// opening is the index of the brace that opens the body of a type whose name ends at a byte; -1
// if it has no body. Another type begins after its own brace.
func (c *code) opening(at int) int {
	for i := at; i < min(len(c.masked), at+longestHeader); i++ {
		switch b := c.masked[i]; {
		case b == '{':
			return i
		case b == '(' && c.partner[i] > 0:
			i = int(c.partner[i])
		case b == ';' || b == '}':
			return -1
		case b == '\n' && typeName.Match(firstLine(c.masked[i+1:])):
			return -1
		}
	}
	return -1
}

func firstLine(text []byte) []byte { return text[:until(text, '\n')] }

// lineStart is the index of the first byte of the line of a byte.
func (c *code) lineStart(at int) int { return bytes.LastIndexByte(c.masked[:at], '\n') + 1 }

// lineEnd is the index after the last byte of the line of a byte, without the newline.
func (c *code) lineEnd(at int) int { return at + until(c.masked[at:], '\n') }

// number is the number of the line of a byte, from 1.
func (c *code) number(at int) int { return bytes.Count(c.text[:at], []byte("\n")) + 1 }

// indented is the end of the lines after that of a byte which are indented more, as in Scala 3
// and in expressions over several lines. A line that only closes brackets still belongs to it.
func (c *code) indented(at int) int {
	least := indent(c.masked[c.lineStart(at):])
	end := c.lineEnd(at)
	for next := end + 1; next < len(c.masked); next = c.lineEnd(next) + 1 {
		line := bytes.TrimRight(firstLine(c.masked[next:]), " \t\r")
		closes := len(line) > 0 && len(bytes.Trim(line, " \t)]}")) == 0 && indent(line) == least
		if len(line) > 0 && indent(line) <= least && !closes {
			break
		}
		if len(line) > 0 {
			end = next + len(line)
		}
		if closes {
			break
		}
	}
	return min(end, len(c.masked))
}

func indent(line []byte) int { return len(line) - len(bytes.TrimLeft(line, " \t")) }
