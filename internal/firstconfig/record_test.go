package firstconfig

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/synthetic/kafka"
)

func sampled(value string) kafka.Sampled {
	return kafka.Sampled{Key: []byte("c-4711"), Value: []byte(value), Timestamp: sampledAt}
}

func payloadText(t *testing.T, value string) Payload {
	t.Helper()
	payload, err := payloadOf(sampled(value))
	require.NoError(t, err)
	return payload
}

// oneLine removes the line breaks of a template.
func oneLine(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	return strings.NewReplacer("{ ", "{", " }", "}").Replace(text)
}

func TestARecordBecomesATemplate(t *testing.T) {
	for name, tc := range map[string]struct{ record, want, seedField string }{
		"the id is the seed, the key is the key": {
			`{"order_id": "o-1", "customer_id": "c-4711", "currency": "EUR", "open": true, "tax": null, "n": 1.50}`,
			`{"order_id": "{{.Seed}}", "customer_id": "{{.Key}}", "currency": "EUR", "open": true, "tax": null, "n": 1.50}`,
			"order_id",
		},
		"a field seed comes first": {
			`{"id": "1", "seed": "x"}`, `{"id": "{{.Key}}", "seed": "{{.Seed}}"}`, "seed",
		},
		"the id of the record before that of a person": {
			`{"userId": "u", "eventUuid": "e"}`, `{"userId": "{{.Key}}", "eventUuid": "{{.Seed}}"}`, "eventUuid",
		},
		"the id of a person if there is no other": {`{"user_id": "u"}`, `{"user_id": "{{.Seed}}"}`, "user_id"},
		"no id":                 {`{"amount": 3}`, `{"seed": "{{.Seed}}", "amount": 3}`, "seed"},
		"a number is no seed":   {`{"id": 42}`, `{"seed": "{{.Seed}}", "id": 0}`, "seed"},
		"lists and objects":     {`{"id": "1", "items": [{"sku": "A", "q": 2}, 3, []]}`, `{"id": "{{.Seed}}", "items": [{"sku": "A", "q": 2}, 3, []]}`, "id"},
		"the order is kept":     {`{"z": 1, "id": "1", "a": 2}`, `{"z": 1, "id": "{{.Seed}}", "a": 2}`, "id"},
		"text of templates":     {`{"id": "1", "t": "{{.Evil}}"}`, `{"id": "{{.Seed}}", "t": "{{"{{"}}.Evil}}"}`, "id"},
		"text that breaks YAML": {"{\"id\": \"1\", \"t\": \"a\u0085\u2028\U0001f600\"}", `{"id": "{{.Seed}}", "t": "a\u0085\u2028\ud83d\ude00"}`, "id"},
	} {
		t.Run(name, func(t *testing.T) {
			payload := payloadText(t, tc.record)
			require.Equal(t, tc.want, oneLine(payload.Text), payload.Text)
			require.Equal(t, tc.seedField, payload.SeedField)
		})
	}
}

func TestTimesAreThoseOfTheProbe(t *testing.T) {
	payload := payloadText(t, `{"id": "1", "at": 1789999999999, "created": 1789999999, "n": 1789999999, "iso": "2026-09-21T14:13:20Z"}`)
	require.Contains(t, payload.Text, `"at": {{.SentAt}}`)
	require.Contains(t, payload.Text, `"created": {{slice (print .SentAt) 0 10}}`)
	require.Contains(t, payload.Text, `"iso": "2026-09-21T14:13:20Z"`)
	require.Contains(t, strings.Join(payload.Notes, "\n"), "times that stay the same in each record: iso")
	require.NotContains(t, payload.Text, "1789999999", "a number of ten digits may be a telephone number")
}

// Nothing that may be secret or personal reaches the file, wherever it is.
func TestSecretsAndPersonalDataAreNotCopied(t *testing.T) {
	for field, value := range map[string]string{
		"email": `"jane.doe@example.com"`, "contact": `"jane.doe@example.com"`, "password": `"hunter2"`, "api_key": `"abc"`,
		"token": `"t"`, "name": `"Jane Doe"`, "lastName": `"Doe"`, "phone": `"12"`, "x": `"+49 170 1234567"`,
		"card": `4111111111111111`, "pan": `4111111111111111`, "pin_text": `"4111 1111 1111 1111"`, "peer": `"10.11.12.13"`,
		"street": `"Main Street 5"`, "note": `"call Jane"`, "remark": `"she said that she is ill"`, "lat": `52.51234`,
		"iban": `"DE02120300000000202051"`, "auth": `"Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcdefghijk"`,
		"hash": `"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"`, "customer_id": `"jane"`,
		"session": `{"user": {"mail": ["jane@example.com"]}}`, "jane@example.com": `1`, "link": `"https://u:pw@host/jane"`,
		"birth_date": `"1980-01-01x"`, "account": `123456`,
	} {
		payload := payloadText(t, `{"id": "o-1", "`+field+`": `+value+`}`)
		for _, secret := range []string{
			"jane", "Jane", "Doe", "hunter2", `"abc"`, `"t"`, `"12"`, "1234567", "4111", "10.11", "Main", "ill", "52.5",
			"DE02", "eyJ", "9f86d0", "pw@", "1980", "123456",
		} {
			require.NotContains(t, payload.Text, secret, field)
			require.NotContains(t, strings.Join(payload.Notes, "\n"), secret+"@", field)
		}
	}
}

func TestNotesNameWhatWasReplaced(t *testing.T) {
	payload := payloadText(t, `{"id": "o-1", "user": {"email": "a@b.example"}, "items": [{"note": "x y"}, {"note": "y"}], "shop_id": 3}`)
	require.Equal(t, []string{
		"made from a record of the topic: compare it before you use it.",
		"replaced, because they may be secret or personal: user.email, items[].note",
		"ids that are not of a real thing: shop_id",
	}, payload.Notes)
	require.Contains(t, payload.Text, `"probe@example.invalid"`)
}

// Whatever the record holds, the template is one that the probe accepts, or is refused.
func FuzzPayload(f *testing.F) {
	f.Add(`{"id": "1", "a": [1, {"b": null}]}`)
	f.Add(`{"{{": "}}", "id": "{{.Seed}}"}`)
	f.Add(`{"seed": "x", "seed": 1, "": ""}`)
	f.Fuzz(func(t *testing.T, record string) {
		payload, err := payloadOf(sampled(record))
		if err != nil {
			return
		}
		require.NoError(t, rendered(payload.Text))
		for _, r := range payload.Text {
			require.True(t, r == '\n' || r >= ' ' && r < 0x7f, "%q", payload.Text)
		}
		require.True(t, json.Valid([]byte(record)) || payload.Text != "")
	})
}
