package payload

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/synthetic/synthetictest"
)

func samplesOf(t *testing.T, lines string, fields map[string]string) *Samples {
	t.Helper()
	path := filepath.Join(t.TempDir(), "orders.jsonl")
	require.NoError(t, os.WriteFile(path, []byte(lines), 0o600))
	return &Samples{RecordsFile: path, Fields: fields}
}

// The records come in turn. An overwritten field keeps its type, and nothing else changes.
func TestSamples(t *testing.T) {
	s := samplesOf(t, `{"id":"a1","customer":{"id":7,"name":"{{.Seed}} & <Söhne>"},"at":1,"big":12345678901234567890}

{"id":"a2","customer":{"id":"x"},"at":"1"}
`, map[string]string{"id": "{{.Seed}}", "customer.id": "{{.Sequence}}", "at": "{{.SentAt}}", "key": "{{.Key}}"})
	p, err := s.Template()
	require.NoError(t, err)
	fields := sampleFields
	for sequence, want := range map[int64]string{
		1: `{"id":"SEED","customer":{"id":"1"},"at":"1700000000000","key":"flink-sidecar-0"}`,
		2: `{"id":"SEED","customer":{"id":2,"name":"{{.Seed}} & <Söhne>"},"at":1700000000000,"big":12345678901234567890,` +
			`"key":"flink-sidecar-0"}`,
	} {
		fields.Sequence = sequence
		out, err := p.Render(fields)
		require.NoError(t, err)
		require.JSONEq(t, strings.ReplaceAll(want, "SEED", fields.Seed), string(out))
		if sequence == 2 {
			require.Contains(t, string(out), "12345678901234567890", "every digit stays")
		}
	}
}

func TestSamplesFaults(t *testing.T) {
	seed := map[string]string{"id": "{{.Seed}}"}
	for want, s := range map[string]*Samples{
		"no file is named":                     {Fields: seed},
		"no field is overwritten":              {RecordsFile: "x"},
		"no such file":                         {RecordsFile: "none.jsonl", Fields: seed},
		"has no record":                        samplesOf(t, "\n \n", seed),
		":2: the record is not a JSON object":  samplesOf(t, "{\"id\":\"a\"}\n[1]\n", seed),
		":1: the record is not a JSON object:": samplesOf(t, `{"id":`, seed),
		"a line has one JSON object only":      samplesOf(t, `{"id":"a"} {"id":"b"}`, seed),
		"does not contain the seed":            samplesOf(t, `{"id":"a"}`, map[string]string{"id": "x"}),
		"the rendered record is not JSON":      samplesOf(t, `{"id":1}`, seed),
		"can't evaluate field Sed":             samplesOf(t, `{"id":"a"}`, map[string]string{"id": "{{.Sed}}"}),
		`the field "a" of "a.b" is not an obj`: samplesOf(t, `{"a":1}`, map[string]string{"a.b": "{{.Seed}}"}),
		"is an object or a list":               samplesOf(t, `{"id":{}}`, seed),
		"has more than 1000 records":           samplesOf(t, strings.Repeat("{\"id\":\"a\"}\n", 1001), seed),
	} {
		faults := synthetictest.FaultTexts(s.Validate())
		require.Len(t, faults, 1, want)
		require.Contains(t, faults[0], want)
	}
}

func TestTheGuideStatesTheLimitsOfSamples(t *testing.T) {
	guide, err := os.ReadFile("../../docs/configuration.md")
	require.NoError(t, err)
	require.Contains(t, string(guide), fmt.Sprintf("at most %d records and %d MiB", maxSamples, maxSamplesBytes>>20))
}
