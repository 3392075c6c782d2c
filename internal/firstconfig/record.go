package firstconfig

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/synthetic"
	"github.com/flink-sidecar/flink-sidecar/synthetic/kafka"
)

const (
	// maxSampleBytes bounds a record that becomes a template; a longer one is no text for
	// a configuration file.
	maxSampleBytes = 16 << 10
	// maxNesting bounds the depth of a record.
	maxNesting = 16
)

// node is a value of a record, with its members in their order.
type node struct {
	members []member // of an object
	items   []*node  // of a list
	// literal is the text of a value that is neither; it is replaced by its form in the
	// template.
	literal string
	isText  bool
	kind    byte // '{', '[' or 0
}

type member struct {
	name  string
	value *node
}

// payloadOf makes a template of a record.
func payloadOf(r kafka.Sampled) (Payload, error) {
	if len(r.Value) > maxSampleBytes {
		return Payload{}, fmt.Errorf("the record has %d bytes", len(r.Value))
	}
	dec := json.NewDecoder(bytes.NewReader(r.Value))
	dec.UseNumber()
	root, err := readNode(dec, 0)
	if err != nil {
		return Payload{}, err
	}
	if root.kind != '{' || dec.More() {
		return Payload{}, errors.New("the record is not one JSON object")
	}
	m := masker{key: string(r.Key), sent: r.Timestamp}
	m.seed = seedMember(root, m.key)
	m.object(root, "")
	payload := Payload{SeedField: "seed", Notes: m.notes()}
	if m.seed != nil {
		payload.SeedField = m.seedPath
	} else {
		root.members = append([]member{{"seed", &node{literal: `"{{.Seed}}"`}}}, root.members...)
	}
	var out strings.Builder
	root.write(&out, "")
	payload.Text = out.String()
	return payload, rendered(payload.Text)
}

// rendered checks a template as the probe does.
func rendered(text string) error {
	cfg := synthetic.DefaultConfig()
	cfg.Job, cfg.Topic, cfg.Template = "job", "topic", text
	if faults := cfg.Validate(); len(faults) > 0 {
		return faults[0]
	}
	return nil
}

func readNode(dec *json.Decoder, depth int) (*node, error) {
	token, err := dec.Token()
	if err != nil {
		return nil, err
	}
	if depth > maxNesting {
		return nil, fmt.Errorf("the record is nested deeper than %d", maxNesting)
	}
	switch t := token.(type) {
	case json.Delim:
		return readInner(dec, byte(t), depth)
	case string:
		return &node{literal: t, isText: true}, nil
	case json.Number:
		return &node{literal: t.String()}, nil
	case bool:
		return &node{literal: fmt.Sprint(t)}, nil
	}
	return &node{literal: "null"}, nil
}

// readInner reads an object or a list after its beginning.
func readInner(dec *json.Decoder, kind byte, depth int) (*node, error) {
	n := &node{kind: kind}
	for dec.More() {
		var name string
		if kind == '{' {
			token, err := dec.Token()
			if err != nil {
				return nil, err
			}
			name, _ = token.(string)
		}
		inner, err := readNode(dec, depth+1)
		if err != nil {
			return nil, err
		}
		n.members, n.items = append(n.members, member{name, inner}), append(n.items, inner)
	}
	_, err := dec.Token() // its end
	return n, err
}

// write prints the node over several lines where it is an object.
func (n *node) write(out *strings.Builder, indent string) {
	switch n.kind {
	case '{':
		out.WriteString("{")
		for i, m := range n.members {
			fmt.Fprintf(out, "%s\n%s  %s: ", comma(i), indent, asTemplate(m.name))
			m.value.write(out, indent+"  ")
		}
		fmt.Fprintf(out, "\n%s}", indent)
	case '[':
		out.WriteString("[")
		for i, item := range n.items {
			if i > 0 {
				out.WriteString(", ")
			}
			item.write(out, indent)
		}
		out.WriteString("]")
	default:
		out.WriteString(n.literal)
	}
}

func comma(i int) string {
	if i == 0 {
		return ""
	}
	return ","
}

// asTemplate writes text as a JSON string in a template: plain ASCII, so that no character
// ends a line of the configuration file.
func asTemplate(text string) string {
	encoded, _ := json.Marshal(text) // a string can always be encoded
	var out strings.Builder
	for _, r := range string(encoded) {
		switch {
		case r < 0x7f:
			out.WriteRune(r)
		case r > 0xffff:
			r -= 0x10000
			fmt.Fprintf(&out, `\u%04x\u%04x`, 0xd800+(r>>10), 0xdc00+(r&0x3ff))
		default:
			fmt.Fprintf(&out, `\u%04x`, r)
		}
	}
	return strings.ReplaceAll(out.String(), "{{", `{{"{{"}}`)
}
