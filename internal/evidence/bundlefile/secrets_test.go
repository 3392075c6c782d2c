package bundlefile_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence/bundlefile"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence/evidencetest"
)

// planted are texts as they occur in names, messages and settings, each with the secret in it.
func planted() map[string]string {
	return map[string]string{
		"login failed for jdbc:postgresql://flink:Sup3rS3cretPw@db:5432/orders": "Sup3rS3cretPw",
		"password=hunter2hunter2":     "hunter2hunter2",
		"orders AKIAIOSFODNN7EXAMPLQ": "AKIAIOSFODNN7EXAMPLQ",
		"Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.sQf9P3kx0pT2":            "sQf9P3kx0pT2",
		"sasl.jaas.config: ScramLoginModule required username=\"u\" password=\"p4ssw0rd!\";": "p4ssw0rd!",
		"ghp_16C7e42F292c6912E7710c838347Ae178B4a":                                           "16C7e42F292c6912E7710c838347Ae178B4a",
	}
}

// TestNoSecretIsWritten plants secrets in every text of a bundle, whatever fields it has, and in
// the frames of its profiles.
func TestNoSecretIsWritten(t *testing.T) {
	for text, secret := range planted() {
		t.Run(secret, func(t *testing.T) {
			b := withProfiles(evidence.Profile{Name: "a"}, evidence.Profile{Name: "b"}, evidence.Profile{Name: "c"})
			fill(reflect.ValueOf(&b).Elem(), text)
			b.Config["s3.secret-key"] = secret
			for i := range b.Profiles {
				b.Profiles[i].Stacks = evidencetest.Collapsed(t, strings.NewReader("com.acme.Job.run;"+
					strings.ReplaceAll(text, ";", ",")+" 3\n"))
			}
			files, err := bundlefile.Pack(b)
			require.NoError(t, err)
			require.Len(t, files, 4)
			masked := 0
			for name, content := range files {
				require.NotContains(t, name, secret)
				all := append(bytes.Clone(content), unpacked(t, name, content)...)
				require.NotContains(t, string(all), secret, name)
				masked += bytes.Count(all, []byte("[redacted]"))
			}
			require.Greater(t, masked, 25, "the texts are there, without the secret")
		})
	}
}

// fill sets each text of a value, apart from what selects a profile's file.
func fill(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Pointer:
		fill(v.Elem(), text)
	case reflect.Slice:
		for i := range v.Len() {
			fill(v.Index(i), text)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			if v.Type().Elem().Kind() == reflect.String {
				v.SetMapIndex(key, reflect.ValueOf(text))
			}
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for _, field := range v.Fields() {
			fill(field, text)
		}
	}
}

func unpacked(t *testing.T, name string, content []byte) []byte {
	t.Helper()
	if !strings.HasSuffix(name, ".gz") {
		return nil
	}
	r, err := gzip.NewReader(bytes.NewReader(content))
	require.NoError(t, err)
	text, err := io.ReadAll(r)
	require.NoError(t, err)
	return text
}

// TestMaskingTwiceIsMaskingOnce: a bundle is masked when it is gathered and when it is written.
func TestMaskingTwiceIsMaskingOnce(t *testing.T) {
	for text := range planted() {
		once := evidence.Bundle{Job: text, Config: map[string]string{"key": text}}.Redacted()
		require.Equal(t, once, once.Redacted())
		require.NotEqual(t, text, once.Job)
	}
}
