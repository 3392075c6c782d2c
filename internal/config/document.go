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

// Document is a configuration file with its line numbers. Sections report faults by
// key; it adds the line, so that an editor can jump to it.
type document struct {
	name string
	raw  []byte
	root *yaml.Node
}

// fileFault is one line of the output of check config.
type fileFault struct {
	file string
	line int // 0 if the fault has no line in the file
	text string
	path string // of keys; empty means the whole file
}

// String returns FILE:LINE: what is wrong (what to do).
func (f fileFault) String() string {
	if f.line == 0 {
		return fmt.Sprintf("%s: %s", f.file, f.text)
	}
	return fmt.Sprintf("%s:%d: %s", f.file, f.line, f.text)
}

type fileFaults []fileFault

// asError joins the faults, one line each. It returns nil if there are none.
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

// commandLine is the name of a document without a file.
const commandLine = "command line"

// whole is a fault of the file itself.
func (d *document) whole(problem string, args ...any) error {
	return fileFaults{{d.name, 1, fmt.Sprintf(problem, args...), ""}}.asError()
}

// overridden names the flag where a fault is that of a flag, and not of the file.
func (d *document) overridden(over Overrides, faults fileFaults) fileFaults {
	for i, f := range faults {
		if over.FlinkURL != "" && strings.HasPrefix(f.path, "flink.") && keyOf(f.path) == "url" {
			faults[i].file, faults[i].line = commandLine, 0
			faults[i].text = "--flink.url" + strings.TrimPrefix(f.text, f.path)
		}
	}
	return faults
}

// decode fills cfg from the file. Unknown keys are faults.
func (d *document) decode(cfg *Config) fileFaults {
	var root yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(d.raw))
	if err := dec.Decode(&root); errors.Is(err, io.EOF) {
		return nil
	} else if err != nil {
		return d.syntaxFaults(err)
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return fileFaults{{d.name, 1, "more than one YAML document (keep one)", ""}}
	}
	d.root = root.Content[0]
	if d.root.Kind != yaml.MappingNode {
		return fileFaults{{
			d.name, d.root.Line,
			"the file is not a mapping of sections (see the reference sidecar.yml)", "",
		}}
	}
	whole := part{node: d.root, t: reflect.TypeFor[Config]()}
	faults := d.repeatedKeys(d.root, "")
	deprecated, old := d.rename()
	faults = append(faults, old...)
	cfg.Deprecated = deprecated
	for _, unknown := range d.unknownKeys(whole) {
		if renamed[unknown.path] == "" { // else it is a fault already
			faults = append(faults, unknown)
		}
	}
	var probe Config
	if err := decodeNode(d.root, &probe); err != nil {
		faults = append(faults, d.wrongValues(whole)...)
	}
	// Values with a fault are removed, so that the rest can be read and validated.
	if err := decodeNode(d.without(faults), cfg); err != nil && len(faults) == 0 {
		faults = d.syntaxFaults(err)
	}
	return faults
}

// without returns the file without the values that have a fault. Faulty items of lists
// become null, so that the index of later items does not change.
func (d *document) without(faults fileFaults) *yaml.Node {
	bad := map[string]bool{}
	for _, f := range faults {
		bad[f.path] = true
	}
	return prune(part{node: d.root, t: reflect.TypeFor[Config]()}, bad)
}

func prune(p part, bad map[string]bool) *yaml.Node {
	if bad[p.path] {
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null", Line: p.node.Line}
	}
	p = p.resolved()
	kept := map[*yaml.Node]*yaml.Node{}
	for _, inner := range p.parts() {
		kept[inner.node] = prune(inner, bad)
	}
	if len(kept) == 0 && p.node.Kind != yaml.MappingNode {
		return p.node
	}
	out := *p.node
	out.Content, out.Anchor = nil, ""
	for i, child := range p.node.Content {
		isKey := p.node.Kind == yaml.MappingNode && i%2 == 0
		if p.node.Kind == yaml.MappingNode && bad[join(p.path, p.node.Content[i-i%2].Value)] &&
			kept[p.node.Content[i-i%2+1]] == nil {
			continue // an unknown key and its value
		}
		if pruned := kept[child]; pruned != nil && !isKey {
			child = pruned
		}
		out.Content = append(out.Content, child)
	}
	return &out
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
		faults = append(faults, fileFault{d.name, line, message + " (see the reference sidecar.yml)", ""})
	}
	return faults
}

// locate adds the line of each fault's key, or of the nearest parent key, and hides
// values that may be secrets.
func (d *document) locate(faults setting.Faults) fileFaults {
	out := make(fileFaults, 0, len(faults))
	secrets := d.secrets()
	for _, f := range faults {
		f.Problem = secrets.hide(f.Problem)
		out = append(out, fileFault{d.name, d.lineOf(f.Path), f.Error(), f.Path})
	}
	return out
}

// all joins the faults of keys and values with the faults of their meaning, in the
// order of the file. A value that could not be read has no further faults.
func (d *document) all(unread fileFaults, meant setting.Faults) fileFaults {
	faults := unread
	for _, f := range d.locate(meant) {
		follows := slices.ContainsFunc(unread, func(u fileFault) bool {
			return u.path == "" || f.path == u.path || strings.HasPrefix(f.path, u.path+".") ||
				strings.HasPrefix(f.path, u.path+"[")
		})
		if !follows {
			faults = append(faults, f)
		}
	}
	slices.SortStableFunc(faults, func(a, b fileFault) int { return a.line - b.line })
	return faults
}

// has reports whether the file sets a key.
func (d *document) has(path string) bool {
	node := d.root
	for step := range strings.SplitSeq(path, ".") {
		if node == nil {
			return false
		}
		_, node = childOf(node, step)
	}
	return node != nil
}

func (d *document) lineOf(path string) int {
	switch {
	case d.root == nil && d.name == commandLine:
		return 0
	case d.root == nil:
		return 1 // an empty file
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

// childOf returns the node under a key or list index, and the node with its line; nil
// if there is none.
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
