package payload

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"text/template"
)

// maxPayloadBytes bounds a rendered record and a template file, in bytes. Kafka's
// default limit for a record is 1 MiB.
const maxPayloadBytes = 1 << 20

// Fields are the fields of a template: what it may write into a record.
type Fields struct {
	Seed string // identifies the record; the payload must contain it
	Key  string // the record's key
	// Sequence counts the records of this process from 1.
	Sequence int64
	// SentAt is the time of sending in milliseconds since 1970.
	SentAt    int64
	Partition int32 // of the source topic
	// PayloadSeed is what Int depends on besides Sequence; 0 in records of the probe.
	PayloadSeed uint64
	// numbers are those of Int in one record; nil outside of one.
	numbers *numbers
}

// numbers is the sequence from which Int takes the numbers of one record.
type numbers struct{ next *rand.Rand }

// Int returns a number from 0 up to but not including n; 0 if n is not positive. Each call in
// a record takes the next number of a sequence, which is the same whenever PayloadSeed and
// Sequence are the same, so that two scale tests can send equal payloads.
func (f Fields) Int(n int64) int64 {
	if n <= 0 {
		return 0
	}
	if f.numbers == nil {
		f.numbers = &numbers{}
	}
	if f.numbers.next == nil {
		f.numbers.next = rand.New(rand.NewPCG(f.PayloadSeed, uint64(f.Sequence)))
	}
	return f.numbers.next.Int64N(n)
}

// sample is the input for a test of a template.
var sampleFields = Fields{
	Seed: "fsp-01J0000000000000000000000A-0", Key: "flink-sidecar-0", Sequence: 1, SentAt: 1700000000000, Partition: 0,
}

// Template renders records from the operator's template, or from several in turn.
type Template struct{ records []*template.Template }

// NewTemplate parses text and renders it once. The result must be JSON and contain the
// seed, because otherwise no sink could find the record.
func NewTemplate(text string) (*Template, error) {
	tmpl, err := template.New("probe.template").Option("missingkey=error").Parse(text)
	if err != nil {
		return nil, err
	}
	p := &Template{[]*template.Template{tmpl}}
	out, err := p.Render(sampleFields)
	if err != nil {
		return nil, err
	}
	if !json.Valid(out) {
		return nil, fmt.Errorf("the rendered record is not JSON: %w", jsonError(out))
	}
	if !bytes.Contains(out, []byte(sampleFields.Seed)) {
		return nil, errors.New("the rendered record does not contain the seed")
	}
	return p, nil
}

// Render returns the value of one record.
func (p *Template) Render(fields Fields) ([]byte, error) {
	var buf bytes.Buffer
	fields.numbers = &numbers{}
	tmpl := p.records[uint64(fields.Sequence)%uint64(len(p.records))]
	if err := tmpl.Execute(&buf, fields); err != nil {
		return nil, err
	}
	if buf.Len() > maxPayloadBytes {
		return nil, fmt.Errorf(
			"the rendered record has %d bytes, more than the %d Kafka accepts by default", buf.Len(), maxPayloadBytes,
		)
	}
	return buf.Bytes(), nil
}

// Fingerprint is equal for templates that render equal records, and else differs.
func (p *Template) Fingerprint() string {
	sum := sha256.New()
	for _, record := range p.records {
		fmt.Fprintf(sum, "%q\n", record.Root.String())
	}
	return hex.EncodeToString(sum.Sum(nil)[:fingerprintBytes])
}

// fingerprintBytes is how much of a hash a person compares.
const fingerprintBytes = 6

// jsonError says at which byte out stops being JSON.
func jsonError(out []byte) error {
	var v any
	err := json.Unmarshal(out, &v)
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("%w at byte %d", err, syntax.Offset)
	}
	return err
}

// ReadTemplate reads a template file of bounded size.
func ReadTemplate(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if info.Size() > maxPayloadBytes {
		return "", fmt.Errorf(
			"%s has %d bytes, more than the %d a record may have", path, info.Size(), maxPayloadBytes,
		)
	}
	text, err := os.ReadFile(path)
	return string(text), err
}
