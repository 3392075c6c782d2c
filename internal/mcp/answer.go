package mcp

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/lazyregexp"
	"github.com/flink-sidecar/flink-sidecar/internal/redact"
)

// maxAnswer bounds an answer, in bytes: a quarter of that in tokens is much of what an assistant can
// read at a time.
const maxAnswer = 64 << 10

// answer is a value as JSON in which secrets are masked.
func answer(value any) (string, error) {
	raw, err := json.Marshal(value)
	if err != nil {
		return "", err
	}
	var decoded any
	reader := json.NewDecoder(bytes.NewReader(raw))
	reader.UseNumber() // a number stays as it was
	if err := reader.Decode(&decoded); err != nil {
		return "", err
	}
	var out bytes.Buffer
	writer := json.NewEncoder(&out)
	writer.SetEscapeHTML(false)
	if err := writer.Encode(mask("", decoded)); err != nil {
		return "", err
	}
	if out.Len() > maxAnswer {
		return "", fmt.Errorf("the answer has %d bytes, more than %d (ask for one job, or for fewer entries by limit)",
			out.Len(), maxAnswer)
	}
	return out.String(), nil
}

// mask masks secrets in all texts of a decoded value. key is the name of the value.
func mask(key string, value any) any {
	switch v := value.(type) {
	case string:
		if isID(key, v) {
			return v
		}
		return redact.Text(v)
	case []any:
		for i := range v {
			v[i] = mask(key, v[i])
		}
	case map[string]any:
		for name, inner := range v {
			v[name] = mask(name, inner)
		}
	}
	return value
}

// ids are the keys whose values the assistant needs to ask further. They look like secrets, and the
// name of a cluster like an address.
var ids = []string{
	"id", "episode", "hash", "profile", "control", "next", "epoch_key", "job_id", "vertex", "vertex_id", "run", "evidence",
	"finding", "cluster",
}

var plainID = lazyregexp.New(`^[0-9A-Za-z.:_-]{1,64}$`)

func isID(key, value string) bool { return slices.Contains(ids, key) && plainID().MatchString(value) }

// masked is an error without secrets.
func masked(err error) error { return errors.New(redact.Text(err.Error())) }
