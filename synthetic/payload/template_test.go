package payload

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPayload(t *testing.T) {
	p, err := NewTemplate(`{"id":"{{.Seed}}","key":"{{.Key}}","n":{{.Sequence}},"at":{{.SentAt}},"p":{{.Partition}}}`)
	require.NoError(t, err)
	out, err := p.Render(Fields{Seed: seed0, Key: "k-3", Sequence: 7, SentAt: 1700000000123, Partition: 3})
	require.NoError(t, err)
	require.JSONEq(t, `{"id":"`+seed0+`","key":"k-3","n":7,"at":1700000000123,"p":3}`, string(out))
}

// Each place of a record has a number of its own, and a seed gives the same ones again.
func TestNumbersOfARecordDiffer(t *testing.T) {
	p, err := NewTemplate(`{"id":"{{.Seed}}","n":[{{.Int 1000000000}},{{.Int 1000000000}}]}`)
	require.NoError(t, err)
	render := func(sequence int64, seed uint64) (numbers [2]int64) {
		out, err := p.Render(Fields{Seed: seed0, Sequence: sequence, PayloadSeed: seed})
		require.NoError(t, err)
		var record struct{ N [2]int64 }
		require.NoError(t, json.Unmarshal(out, &record))
		return record.N
	}
	first := render(1, 7)
	require.NotEqual(t, first[0], first[1])
	require.Equal(t, first, render(1, 7))
	require.NotEqual(t, first, render(2, 7))
	require.NotEqual(t, first, render(1, 8))
	require.Equal(t, first[0], Fields{Sequence: 1, PayloadSeed: 7}.Int(1000000000))
}

func TestFingerprintOfATemplate(t *testing.T) {
	of := func(text string) string {
		p, err := NewTemplate(text)
		require.NoError(t, err)
		return p.Fingerprint()
	}
	require.Equal(t, of(`{"id":"{{.Seed}}"}`), of(`{"id":"{{ .Seed }}"}`))
	require.NotEqual(t, of(`{"id":"{{.Seed}}"}`), of(`{"ia":"{{.Seed}}"}`))
}

func TestBadTemplates(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"syntax", `{"seed":"{{.Seed}"}`, `template: probe.template:1: bad character U+007D '}'`},
		{
			"unknown field", `{"seed":"{{.Sed}}"}`,
			`template: probe.template:1:11: executing "probe.template" at <.Sed>: can't evaluate field Sed in ` +
				`type payload.Fields`,
		},
		{
			"not JSON", `{"seed":{{.Seed}}}`,
			`the rendered record is not JSON: invalid character 's' in literal false (expecting 'a') at byte 10`,
		},
		{"no seed", `{"order_id":"{{.Sequence}}"}`, `the rendered record does not contain the seed`},
		{"cut off", `{"seed":"{{.Seed}}"`, `the rendered record is not JSON: unexpected end of JSON input at byte 42`},
		{
			"too long", `{"seed":"{{.Seed}}","x":"{{printf "%2000000d" 1}}"}`,
			`the rendered record has 2000050 bytes, more than the 1048576 Kafka accepts by default`,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := NewTemplate(tc.text)
			require.EqualError(t, err, tc.want)
		})
	}
}

func TestReadTemplate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "order.json")
	const template = `{"seed":"{{.Seed}}"}`
	require.NoError(t, os.WriteFile(path, []byte(template), 0o600))
	text, err := ReadTemplate(path)
	require.NoError(t, err)
	require.JSONEq(t, template, text)

	require.NoError(t, os.WriteFile(path, []byte(strings.Repeat("x", maxPayloadBytes+1)), 0o600))
	_, err = ReadTemplate(path)
	require.EqualError(t, err, path+" has 1048577 bytes, more than the 1048576 a record may have")
}
