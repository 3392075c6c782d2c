package firstconfig

import (
	"bytes"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/flink-sidecar/flink-sidecar/synthetic/kafka"
)

// securityOf is the part of the section kafka that tells how to encrypt and to log in, as
// indented YAML; empty for neither. Passwords and keys are in files that it names.
func securityOf(from kafka.Config) (string, error) {
	from.Brokers = nil
	var node yaml.Node
	if err := node.Encode(from); err != nil {
		return "", fmt.Errorf("init: writing the section kafka: %w", err)
	}
	keep := yaml.Node{Kind: yaml.MappingNode}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if value := node.Content[i+1]; value.Tag != "!!null" && len(value.Content) > 0 {
			keep.Content = append(keep.Content, node.Content[i], value)
		}
	}
	if len(keep.Content) == 0 {
		return "", nil
	}
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(&keep); err != nil {
		return "", fmt.Errorf("init: writing the section kafka: %w", err)
	}
	return "  " + strings.ReplaceAll(strings.TrimSpace(out.String()), "\n", "\n  "), nil
}
