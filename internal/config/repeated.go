package config

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// repeatedKeys removes each key that a mapping has twice and returns a fault for it: the YAML
// library refuses such a mapping as a whole.
func (d *document) repeatedKeys(node *yaml.Node, path string) (faults fileFaults) {
	switch node.Kind {
	case yaml.SequenceNode:
		for i, item := range node.Content {
			faults = append(faults, d.repeatedKeys(item, fmt.Sprintf("%s[%d]", path, i))...)
		}
	case yaml.MappingNode:
		lines, kept := map[string]int{}, []*yaml.Node(nil)
		for i := 0; i+1 < len(node.Content); i += 2 {
			key, value := node.Content[i], node.Content[i+1]
			at := join(path, key.Value)
			first, twice := lines[key.Value]
			if twice {
				faults = append(faults, d.repeated(at, key, value, first))
				continue
			}
			lines[key.Value] = key.Line
			kept = append(kept, key, value)
			faults = append(faults, d.repeatedKeys(value, at)...)
		}
		node.Content = kept
	}
	return faults
}

// repeated is the fault of a key that is there twice. It has a path of its own, because the first
// value is read and may have faults.
func (d *document) repeated(path string, key, value *yaml.Node, first int) fileFault {
	fix := "keep one of them"
	if value.Kind == yaml.MappingNode || value.Kind == yaml.SequenceNode {
		fix = "merge them"
	}
	return fileFault{
		d.name, key.Line,
		fmt.Sprintf("%s: the key is there twice (line %d has it; %s)", path, first, fix), path + " again",
	}
}
