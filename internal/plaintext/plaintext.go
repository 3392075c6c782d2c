// Package plaintext cleans and shortens text from outside so that it can be shown. Names of
// jobs, frames and alerts, and error messages come from other programs. They may contain
// control characters, marks that change the direction of text, invalid UTF-8, or megabytes.
//
//   - [Line] is for messages, logs and tables: one line.
//   - [Paragraph] is for text that may keep its line breaks.
//   - [Label] is for the values of Prometheus labels.
//   - [Visible] is for names that must keep their length in characters, such as frames.
//
// Code that writes HTML must still escape the text.
package plaintext

import (
	"strings"
	"unicode"
)

// replacement replaces an unprintable character.
const replacement = unicode.ReplacementChar

// Line returns text as one printable line of at most limit characters, without blanks at
// its ends. A limit of 0 means no limit. Shortened text ends in an ellipsis.
func Line(text string, limit int) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, strings.ToValidUTF8(text, string(replacement)))
	return cut(strings.TrimSpace(text), limit)
}

// Paragraph is like [Line] but keeps line breaks. It drops other unprintable characters.
func Paragraph(text string, limit int) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || unicode.IsPrint(r) && r != replacement:
			return r
		case unicode.IsSpace(r):
			return ' '
		}
		return -1
	}, text)
	return cut(strings.TrimSpace(text), limit)
}

// Label returns text as valid UTF-8 of at most limit characters. Line breaks stay: the
// exposition format escapes them.
func Label(text string, limit int) string {
	return cut(strings.ToValidUTF8(text, string(replacement)), limit)
}

// Visible replaces every unprintable character by one printable character.
func Visible(name string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return replacement
		}
		return r
	}, name)
}

// cut shortens text to limit characters. The last character of shortened text is an ellipsis.
func cut(text string, limit int) string {
	if limit <= 0 || len(text) <= limit {
		return text
	}
	runes := []rune(text)
	if len(runes) <= limit {
		return text
	}
	return string(runes[:limit-1]) + "…"
}
