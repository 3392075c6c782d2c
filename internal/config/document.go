package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/flink-sidecar/flink-sidecar/internal/setting"
)

// Document is a configuration file with its line numbers. It turns the faults
// that sections report by key into faults that an editor can jump to.
type document struct {
	name string
	raw  []byte
	root *yaml.Node
}

// fileFault is one line of output of check config.
type fileFault struct {
	file string
	line int // 0 when the fault has no place in the file
	text string
}

// String returns FILE:LINE: what is wrong (what to do).
func (f fileFault) String() string {
	if f.line == 0 {
		return fmt.Sprintf("%s: %s", f.file, f.text)
	}
	return fmt.Sprintf("%s:%d: %s", f.file, f.line, f.text)
}

type fileFaults []fileFault

// asError joins the faults, a line each; nil when there are none.
func (f fileFaults) asError() error {
	if len(f) == 0 {
		return nil
	}
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.String()
	}
	return errors.New(strings.Join(lines, "\n"))
}

// decode fills cfg from the file, which must know every key it finds.
func (d *document) decode(cfg *Config) fileFaults {
	var root yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(d.raw))
	if err := dec.Decode(&root); errors.Is(err, io.EOF) {
		return nil
	} else if err != nil {
		return d.syntaxFaults(err)
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return fileFaults{{d.name, 1, "more than one YAML document (keep one)"}}
	}
	d.root = root.Content[0]
	if d.root.Kind != yaml.MappingNode {
		return fileFaults{{d.name, d.root.Line, "the file is not a mapping of sections (see the reference sidecar.yml)"}}
	}
	whole := part{d.root, reflect.TypeFor[Config](), ""}
	faults := d.unknownKeys(whole)
	if err := d.root.Decode(cfg); err != nil {
		faults = append(faults, d.wrongValues(whole)...)
	}
	slices.SortStableFunc(faults, func(a, b fileFault) int { return a.line - b.line })
	return faults
}

var yamlLine = regexp.MustCompile(`^(?:yaml: )?line (\d+): (.*)$`)

// syntaxFaults splits an error of the YAML library into its faults.
func (d *document) syntaxFaults(err error) fileFaults {
	messages := []string{err.Error()}
	if many, ok := errors.AsType[*yaml.TypeError](err); ok {
		messages = many.Errors
	}
	var faults fileFaults
	for _, message := range messages {
		line := 1
		if m := yamlLine.FindStringSubmatch(message); m != nil {
			line, _ = strconv.Atoi(m[1])
			message = m[2]
		}
		faults = append(faults, fileFault{d.name, line, message + " (see the reference sidecar.yml)"})
	}
	return faults
}

// locate finds the line of each fault's key, or of the nearest key above it.
func (d *document) locate(faults setting.Faults) fileFaults {
	out := make(fileFaults, 0, len(faults))
	for _, f := range faults {
		out = append(out, fileFault{d.name, d.lineOf(f.Path), f.Error()})
	}
	slices.SortStableFunc(out, func(a, b fileFault) int { return a.line - b.line })
	return out
}

func (d *document) lineOf(path string) int {
	if d.root == nil {
		return 0
	}
	node, line := d.root, d.root.Line
	for _, step := range strings.FieldsFunc(path, func(r rune) bool { return r == '.' || r == '[' || r == ']' }) {
		key, value := childOf(node, step)
		if value == nil {
			return line
		}
		node, line = value, key.Line
	}
	return line
}

// childOf returns the node under a key or list index, and the node whose line
// stands for it; nil when there is none.
func childOf(node *yaml.Node, step string) (key, value *yaml.Node) {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	switch node.Kind {
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(step); err == nil && i < len(node.Content) {
			return node.Content[i], node.Content[i]
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == step {
				return node.Content[i], node.Content[i+1]
			}
		}
	}
	return nil, nil
}
