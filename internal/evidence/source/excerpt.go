package source

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/redact"
)

// Bounds of an excerpt. Nine of ten methods have fewer than forty lines.
const (
	mostLines = 80
	maxLine   = 200 // characters
	mostBytes = 64 << 10
)

// excerpt returns the lines of a method, without their common indentation and with secrets
// masked.
func (c *code) excerpt(at span) string {
	from := c.lineStart(at.from)
	if len(bytes.TrimSpace(c.masked[from:at.from])) > 0 {
		from = at.from // other code is on the line
	}
	lineCount := bytes.Count(c.text[from:at.to], []byte("\n")) + 1
	text := redact.Secrets(c.withoutSecrets(span{from, min(at.to, from+mostBytes)}))
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	least := indent([]byte(lines[0]))
	for i, line := range lines[:min(len(lines), mostLines)] {
		kept := min(least, indent([]byte(line)))
		lines[i] = strings.TrimRight(line[:indent([]byte(line))][kept:]+evidence.Clean(line[indent([]byte(line)):], maxLine), " ")
	}
	if more := lineCount - mostLines; more > 0 {
		lines = append(lines[:min(mostLines, len(lines))], fmt.Sprintf("// … %d more lines", more))
	}
	return strings.ReplaceAll(strings.Join(lines, "\n"), "\t", "    ")
}

// about finds the words of statements whose literals are secrets.
var about = regexp.MustCompile(`(?i)passw|passphrase|secret|credential|api.?key|access.?key|private.?key|auth|token|` +
	`jaas|login|getConnection|\bpwd\b`)

// withoutSecrets returns a part of the text in which the literals of statements about secrets
// are masked. A literal that itself is about them is a key, and its value follows: redact finds
// the values in it.
func (c *code) withoutSecrets(in span) string {
	var out strings.Builder
	at := in.from
	for _, literal := range c.literals {
		if literal.from < at || literal.to > in.to {
			continue
		}
		content := c.text[literal.from:literal.to]
		if about.Match(content) || !c.isAboutSecrets(literal) || len(content) <= 3 {
			continue
		}
		quotes := len(content) - len(bytes.TrimLeft(content, `"'`))
		if quotes != 3 {
			quotes = 1
		}
		out.Write(c.text[at : literal.from+quotes])
		out.WriteString(redact.Masked)
		at = max(literal.to-quotes, literal.from+quotes)
	}
	out.Write(c.text[at:in.to])
	return out.String()
}

// isAboutSecrets reports whether the statement of a literal has a word for secrets in its code
// or in another literal. A statement is between semicolons and braces.
func (c *code) isAboutSecrets(literal span) bool {
	const ends = ";{}"
	least, most := max(0, literal.from-longestHeader), min(len(c.masked), literal.to+longestHeader)
	from := least + bytes.LastIndexAny(c.masked[least:literal.from], ends) + 1
	to := most
	if n := bytes.IndexAny(c.masked[literal.to:most], ends); n >= 0 {
		to = literal.to + n
	}
	if about.Match(c.masked[from:to]) {
		return true
	}
	first, _ := slices.BinarySearchFunc(c.literals, from, func(l span, at int) int { return l.from - at })
	for _, other := range c.literals[first:] {
		if other.from >= to {
			break
		}
		if about.Match(c.text[other.from:other.to]) {
			return true
		}
	}
	return false
}
