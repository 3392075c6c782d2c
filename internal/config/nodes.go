package config

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// part is a value of a configuration file beside the type that is to hold it.
// Walking the two together finds what the YAML library alone reports without a
// place, or in terms of Go.
type part struct {
	node *yaml.Node
	t    reflect.Type
	path string // of keys, as in setting.Fault
}

// resolved follows aliases in the file and pointers in the type.
func (p part) resolved() part {
	if p.node.Kind == yaml.AliasNode {
		p.node = p.node.Alias
	}
	for p.t.Kind() == reflect.Pointer {
		p.t = p.t.Elem()
	}
	return p
}

// parts returns what p is made of: the items of a list, the known keys of a
// mapping. Anything else is whole.
func (p part) parts() []part {
	var found []part
	switch {
	case p.node.Kind == yaml.SequenceNode && p.t.Kind() == reflect.Slice:
		for i, item := range p.node.Content {
			found = append(found, part{item, p.t.Elem(), fmt.Sprintf("%s[%d]", p.path, i)})
		}
	case p.node.Kind == yaml.MappingNode && p.t.Kind() == reflect.Struct:
		known := yamlKeys(p.t)
		for i := 0; i+1 < len(p.node.Content); i += 2 {
			key := p.node.Content[i].Value
			if t := known[key]; t != nil {
				found = append(found, part{p.node.Content[i+1], t, join(p.path, key)})
			}
		}
	}
	return found
}

// unknownKeys walks the file beside the type that will hold it.
func (d *document) unknownKeys(p part) fileFaults {
	p = p.resolved()
	var faults fileFaults
	if p.node.Kind == yaml.MappingNode && p.t.Kind() == reflect.Struct {
		known := yamlKeys(p.t)
		for i := 0; i+1 < len(p.node.Content); i += 2 {
			if key := p.node.Content[i]; known[key.Value] == nil {
				faults = append(faults, fileFault{d.name, key.Line, fmt.Sprintf("%s: unknown key (%s)", join(p.path, key.Value), suggestion(key.Value, known))})
			}
		}
	}
	for _, inner := range p.parts() {
		faults = append(faults, d.unknownKeys(inner)...)
	}
	return faults
}

// wrongValues finds the values that their types refuse, by trying the parts of
// what was refused as a whole: types that read themselves say what is wrong,
// but not where.
func (d *document) wrongValues(p part) fileFaults {
	p = p.resolved()
	err := p.node.Decode(reflect.New(p.t).Interface())
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
	return fileFaults{{d.name, p.node.Line, fmt.Sprintf("%s: %s (see the reference sidecar.yml)", p.path, p.refusal(err))}}
}

// refusal says in the user's words why a value does not fit: the library's own
// are about types of Go.
func (p part) refusal(err error) string {
	wanted, known := map[reflect.Kind]string{
		reflect.Struct: "a mapping", reflect.Slice: "a list", reflect.Bool: "true or false",
		reflect.Int: "a whole number", reflect.Float64: "a number",
	}[p.t.Kind()]
	_, wrongType := errors.AsType[*yaml.TypeError](err)
	switch {
	case wrongType && known && p.node.Kind == yaml.ScalarNode:
		return fmt.Sprintf("%q is not %s", p.node.Value, wanted)
	case wrongType && known:
		return "is not " + wanted
	}
	return strings.TrimPrefix(err.Error(), "yaml: ")
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
