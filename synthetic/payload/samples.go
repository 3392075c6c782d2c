package payload

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/setting"
)

// Samples are recorded records of the topic that serve as payload, in turn. Some of their
// fields are overwritten in each record that is sent.
type Samples struct {
	// RecordsFile has a JSON object on each line. It is relative to the configuration file.
	RecordsFile string `yaml:"records_file"`
	// Fields are the new values by the path of a field, such as order.id. A value is a
	// text/template with the fields of [Fields]. It keeps the type that the field
	// has in the record; a field that a record lacks becomes text.
	Fields map[string]string `yaml:"fields"`
}

const (
	// maxSamples bounds the records of a file, maxSamplesBytes the file.
	maxSamples      = 1000
	maxSamplesBytes = 16 << 20
)

// Validate returns what is wrong with the section. It reads the file.
func (s *Samples) Validate() setting.Faults {
	var faults setting.Faults
	if s.RecordsFile == "" {
		faults.Add("records_file", "name a file with a JSON record on each line", "no file is named")
	}
	if len(s.Fields) == 0 {
		faults.Add("fields", `add the field of the seed, for example {order_id: "{{.Seed}}"}`, "no field is overwritten")
	}
	if len(faults) > 0 {
		return faults
	}
	if _, err := s.Template(); err != nil {
		faults.Add("", "correct the file or the fields; a value has .Seed .Key .Sequence .SentAt .Partition", "%v", err)
	}
	return faults
}

// Template reads the file and makes a template of each record. Errors name the line.
func (s *Samples) Template() (*Template, error) {
	text, err := readSamples(s.RecordsFile)
	if err != nil {
		return nil, err
	}
	all := &Template{}
	for i, line := range bytes.Split(text, []byte("\n")) {
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if len(all.records) == maxSamples {
			return nil, fmt.Errorf("%s has more than %d records", s.RecordsFile, maxSamples)
		}
		one, err := s.templateOf(line)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", s.RecordsFile, i+1, err)
		}
		all.records = append(all.records, one.records...)
	}
	if len(all.records) == 0 {
		return nil, fmt.Errorf("%s has no record", s.RecordsFile)
	}
	return all, nil
}

// readSamples reads a file of bounded size.
func readSamples(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxSamplesBytes+1))
	if err == nil && len(text) > maxSamplesBytes {
		err = fmt.Errorf("%s has more than %d bytes", path, maxSamplesBytes)
	}
	return text, err
}

// templateOf makes a template of one record.
func (s *Samples) templateOf(line []byte) (*Template, error) {
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.UseNumber() // a number with many digits stays as it is
	var record map[string]any
	if err := decoder.Decode(&record); err != nil {
		return nil, fmt.Errorf("the record is not a JSON object: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("a line has one JSON object only")
	}
	if record == nil {
		return nil, errors.New("the record is not a JSON object: null")
	}
	marks := map[string]string{}
	for i, path := range slices.Sorted(maps.Keys(s.Fields)) {
		mark := fmt.Sprintf("\x01%d\x01", i)
		quoted, err := overwrite(record, path, mark)
		if err != nil {
			return nil, err
		}
		marks[encoded(mark)] = s.Fields[path]
		if quoted {
			marks[encoded(mark)] = `"` + s.Fields[path] + `"`
		}
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(record); err != nil {
		return nil, err
	}
	text := strings.ReplaceAll(strings.TrimSpace(out.String()), "{{", "{{`{{`}}")
	for mark, value := range marks {
		text = strings.ReplaceAll(text, mark, value)
	}
	return NewTemplate(text)
}

// encoded is a mark as it stands in JSON.
func encoded(mark string) string {
	text, _ := json.Marshal(mark) // a text has no error
	return string(text)
}

// overwrite puts a mark into a field. It reports whether the value is text.
func overwrite(record map[string]any, path, mark string) (quoted bool, err error) {
	names := strings.Split(path, ".")
	for _, name := range names[:len(names)-1] {
		inner, isObject := record[name].(map[string]any)
		if !isObject {
			return false, fmt.Errorf("the field %q of %q is not an object", name, path)
		}
		record = inner
	}
	name := names[len(names)-1]
	switch record[name].(type) {
	case json.Number, bool:
	case map[string]any, []any:
		return false, fmt.Errorf("the field %q is an object or a list, not one value", path)
	default:
		quoted = true
	}
	record[name] = mark
	return quoted, nil
}
