package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/flink-sidecar/flink-sidecar/internal/setting"
)

// document is a configuration file with its line numbers. It turns the faults
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
	faults := d.unknownKeys(d.root, reflect.TypeFor[Config](), "")
	if err := d.root.Decode(cfg); err != nil {
		faults = append(faults, d.syntaxFaults(err)...)
	}
	slices.SortStableFunc(faults, func(a, b fileFault) int { return a.line - b.line })
	return faults
}

// unknownKeys walks the file beside the type that will hold it.
func (d *document) unknownKeys(node *yaml.Node, t reflect.Type, path string) fileFaults {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	var faults fileFaults
	switch {
	case node.Kind == yaml.AliasNode:
		return d.unknownKeys(node.Alias, t, path)
	case node.Kind == yaml.SequenceNode && t.Kind() == reflect.Slice:
		for i, item := range node.Content {
			faults = append(faults, d.unknownKeys(item, t.Elem(), fmt.Sprintf("%s[%d]", path, i))...)
		}
	case node.Kind == yaml.MappingNode && t.Kind() == reflect.Struct:
		keys := yamlKeys(t)
		for i := 0; i+1 < len(node.Content); i += 2 {
			key, value := node.Content[i], node.Content[i+1]
			field, ok := keys[key.Value]
			if !ok {
				faults = append(faults, fileFault{d.name, key.Line, fmt.Sprintf("%s: unknown key (%s)", join(path, key.Value), suggestion(key.Value, keys))})
				continue
			}
			faults = append(faults, d.unknownKeys(value, field, join(path, key.Value))...)
		}
	}
	return faults
}

func join(path, key string) string { return strings.TrimPrefix(path+"."+key, ".") }

// yamlKeys returns the keys of a struct with the types behind them; inlined
// structs count as part of it.
func yamlKeys(t reflect.Type) map[string]reflect.Type {
	keys := map[string]reflect.Type{}
	for field := range t.Fields() {
		name, options, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		switch {
		case strings.Contains(options, "inline"):
			maps.Copy(keys, yamlKeys(field.Type))
		case name != "" && name != "-":
			keys[name] = field.Type
		}
	}
	return keys
}

// suggestion says what may have been meant by an unknown key.
func suggestion[V any](key string, known map[string]V) string {
	names := make([]string, 0, len(known))
	for name := range known {
		if distance(key, name) <= 2 {
			return fmt.Sprintf("did you mean %s?", name)
		}
		names = append(names, name)
	}
	slices.Sort(names)
	if len(names) == 0 {
		return "remove it"
	}
	return "known here: " + strings.Join(names, ", ")
}

// distance is the Levenshtein distance between two short strings.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
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
