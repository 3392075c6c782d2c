package config

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Replacement is a line of a configuration file with another value.
type Replacement struct {
	// File and Number say which line it replaces; the first line is 1.
	File   string
	Number int
	Line   string
}

// Replace returns the line of a file that sets a key, with another value in its place. The
// rest of the line stays as it is. found is false if the file does not set the key, or not
// as a plain value on one line.
func Replace(file, path, value string) (r Replacement, found bool) {
	d, err := readConfig(file)
	if err != nil || d.raw == nil {
		return r, false
	}
	var root yaml.Node
	if yaml.Unmarshal(d.raw, &root) != nil || len(root.Content) == 0 {
		return r, false
	}
	node := root.Content[0]
	for _, step := range strings.FieldsFunc(path, func(r rune) bool { return strings.ContainsRune(".[]", r) }) {
		if _, node = childOf(node, step); node == nil {
			return r, false
		}
	}
	lines := bytes.Split(d.raw, []byte("\n"))
	if node.Kind != yaml.ScalarNode || node.Line < 1 || node.Line > len(lines) {
		return r, false
	}
	text := strings.TrimSuffix(string(lines[node.Line-1]), "\r")
	before, old, after, found := around(text, node)
	if !found || old == value {
		return r, false
	}
	return Replacement{File: d.name, Number: node.Line, Line: before + scalar(value) + after}, true
}

// around splits a line at the value of a node. The node's column counts characters from 1.
func around(text string, node *yaml.Node) (before, value, after string, found bool) {
	runes := []rune(text)
	if node.Column < 1 || node.Column > len(runes) {
		return "", "", "", false
	}
	before, rest := string(runes[:node.Column-1]), string(runes[node.Column-1:])
	written := node.Value
	switch node.Style {
	case yaml.DoubleQuotedStyle:
		written = `"` + node.Value + `"`
	case yaml.SingleQuotedStyle:
		written = "'" + strings.ReplaceAll(node.Value, "'", "''") + "'"
	case yaml.LiteralStyle, yaml.FoldedStyle:
		return "", "", "", false
	}
	after, found = strings.CutPrefix(rest, written)
	return before, node.Value, after, found
}

// plain are values that need no quotes anywhere in YAML.
var plain = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_./-]*(:[/0-9][A-Za-z0-9_./:-]*)?$|^[0-9.]+:[0-9]+$`)

// scalar writes a value so that it has no meaning of its own in a flow mapping either.
func scalar(value string) string {
	if plain.MatchString(value) {
		return value
	}
	return fmt.Sprintf("%q", value)
}
