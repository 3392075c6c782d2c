package config

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// renamed are keys that had another name in an earlier version: the old path, without indexes of
// lists, and the present name at the same place. The old name works for at least one minor version,
// with a warning. A key never changes what it means: then it gets a new name.
var renamed = map[string]string{}

// rename gives old keys their present names. Both at once are a fault: which one counts is not clear.
func (d *document) rename() (warnings []string, faults fileFaults) {
	walkKeys(d.root, "", 0, func(path string, in, key *yaml.Node) {
		name := renamed[path]
		if name == "" {
			return
		}
		now := join(path[:max(0, strings.LastIndex(path, "."))], name)
		if _, twice := childOf(in, name); twice != nil {
			faults = append(faults, fileFault{
				d.name, key.Line, fmt.Sprintf("%s: is the old name of %s, which is here too (remove the old one)", path, name), path,
			})
			return
		}
		warnings = append(warnings, fileFault{
			d.name, key.Line, fmt.Sprintf("%s is deprecated and will be refused (write %s)", path, now), path,
		}.String())
		key.Value = name
	})
	return warnings, faults
}

// walkKeys visits the keys of all mappings, the outer ones first.
func walkKeys(node *yaml.Node, path string, depth int, visit func(path string, in, key *yaml.Node)) {
	if node == nil || depth > maxDepth {
		return
	}
	for i, child := range node.Content {
		switch {
		case node.Kind == yaml.SequenceNode:
			walkKeys(child, path, depth+1, visit)
		case node.Kind == yaml.MappingNode && i%2 == 1:
			key := node.Content[i-1]
			at := join(path, key.Value)
			visit(at, node, key)
			walkKeys(child, at, depth+1, visit)
		}
	}
}
