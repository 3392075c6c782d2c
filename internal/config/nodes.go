package config

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/flink-sidecar/flink-sidecar/internal/check"
)

// part is a value of a configuration file together with its target type. Walking both
// together finds the line and a readable message for faults that the YAML library
// reports without a line or in terms of Go.
type part struct {
	node  *yaml.Node
	t     reflect.Type
	path  string // of keys, as in setting.Fault
	depth int
}

// maxDepth bounds the depth of the walk, because an alias may contain itself. The
// deepest setting is below ten.
const maxDepth = 32

// resolved follows aliases in the file and pointers in the type.
func (p part) resolved() part {
	for p.node.Kind == yaml.AliasNode && p.depth < maxDepth {
		p.node, p.depth = p.node.Alias, p.depth+1
	}
	for p.t.Kind() == reflect.Pointer {
		p.t = p.t.Elem()
	}
	return p
}

// parts returns the children of p: the items of a list, the values of a mapping. A
// value of unknown type or beyond maxDepth has none.
func (p part) parts() []part {
	if p.depth >= maxDepth {
		return nil
	}
	var found []part
	inner := func(node *yaml.Node, t reflect.Type, path string) {
		found = append(found, part{node, t, path, p.depth + 1})
	}
	switch {
	case p.node.Kind == yaml.SequenceNode && p.t.Kind() == reflect.Slice:
		for i, item := range p.node.Content {
			inner(item, p.t.Elem(), fmt.Sprintf("%s[%d]", p.path, i))
		}
	case p.node.Kind == yaml.MappingNode:
		of := keysOf(p.t)
		for i := 0; i+1 < len(p.node.Content); i += 2 {
			key := p.node.Content[i].Value
			if t := of.typeOf(key); t != nil {
				inner(p.node.Content[i+1], t, join(p.path, key))
			}
		}
	}
	return found
}

// unknownKeys compares the file with its target type and returns the unknown keys.
func (d *document) unknownKeys(p part) fileFaults {
	p = p.resolved()
	var faults fileFaults
	if of := keysOf(p.t); p.node.Kind == yaml.MappingNode && of.closed() {
		for i := 0; i+1 < len(p.node.Content); i += 2 {
			if key := p.node.Content[i]; of.typeOf(key.Value) == nil {
				path := join(p.path, key.Value)
				faults = append(faults, fileFault{
					d.name, key.Line,
					fmt.Sprintf("%s: unknown key (%s)", path, suggestion(key.Value, of.known)), path,
				})
			}
		}
	}
	for _, inner := range p.parts() {
		faults = append(faults, d.unknownKeys(inner)...)
	}
	return faults
}

// wrongValues finds the values that their types refuse. It tries the parts of a refused
// value one by one, because types with their own decoder report the fault but not its
// line.
func (d *document) wrongValues(p part) fileFaults {
	p = p.resolved()
	err := decodeNode(p.node, reflect.New(p.t).Interface())
	if err == nil {
		return nil
	}
	var faults fileFaults
	for _, inner := range p.parts() {
		faults = append(faults, d.wrongValues(inner)...)
	}
	if len(faults) > 0 {
		return faults
	}
	return fileFaults{{
		d.name, p.node.Line,
		fmt.Sprintf("%s: %s (see the reference sidecar.yml)", p.path, p.refusal(err)), p.path,
	}}
}

// decodeNode calls node.Decode. The YAML library panics on some input, which becomes a
// normal fault.
func decodeNode(node *yaml.Node, into any) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("it cannot be read: %v", r)
		}
	}()
	return node.Decode(into)
}

// refusal explains in the user's words why a value does not fit. The library's own
// message speaks of Go types and may repeat a value, which may be a secret.
func (p part) refusal(err error) string {
	wanted, known := map[reflect.Kind]string{
		reflect.Struct: "a mapping", reflect.Map: "a mapping", reflect.Slice: "a list", reflect.Bool: "true or false",
		reflect.Int: "a whole number", reflect.Float64: "a number", reflect.String: "a text",
	}[p.t.Kind()]
	_, wrongType := errors.AsType[*yaml.TypeError](err)
	switch {
	case shapes[p.t] != "":
		return p.shown() + " is not " + shapes[p.t]
	case !wrongType && isHTTPText(err.Error()):
		return err.Error()
	case wrongType && known && p.node.Kind == yaml.ScalarNode && mayBeShown(p.path):
		return fmt.Sprintf("%q is not %s", p.node.Value, wanted)
	case wrongType && known:
		return "the value is not " + wanted
	case wrongType:
		return "the value does not fit"
	}
	if !mayBeShown(p.path) || p.node.Kind != yaml.ScalarNode {
		return "the value does not fit"
	}
	return strings.TrimPrefix(err.Error(), "yaml: ")
}

func join(path, key string) string { return strings.TrimPrefix(path+"."+key, ".") }

// keys describes the keys that a mapping of a type may have.
type keys struct {
	known map[string]reflect.Type
	// rest is the type of the values under any other key; nil if other keys are faults.
	rest reflect.Type
	// free is set for types that accept any key.
	free bool
}

// closed reports whether an unknown key is a fault.
func (k keys) closed() bool { return !k.free && k.rest == nil }

// typeOf returns the type of the value under a key; nil if it is not known.
func (k keys) typeOf(key string) reflect.Type {
	if t, known := k.known[key]; known {
		return t
	}
	return k.rest
}

// keysOf returns the keys of a struct or map with their types. It includes the keys of
// inlined structs and maps.
func keysOf(t reflect.Type) keys {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Map:
		return keys{rest: t.Elem()}
	case reflect.Struct:
	default:
		return keys{free: true}
	}
	of := keys{known: map[string]reflect.Type{}}
	for field := range t.Fields() {
		name, options, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		switch {
		case strings.Contains(options, "inline"):
			inner := keysOf(field.Type)
			maps.Copy(of.known, inner.known)
			of.rest = cmp.Or(of.rest, inner.rest)
		case name != "" && name != "-":
			of.known[name] = field.Type
		}
	}
	return of
}

// suggestion proposes a known key for an unknown one.
func suggestion[V any](key string, known map[string]V) string {
	if key == "<<" {
		return "YAML merges are not read: write the merged keys out"
	}
	names := make([]string, 0, len(known))
	for name := range known {
		if check.Distance(key, name) <= 2 {
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
