package flinktest

import (
	"bytes"
	"embed"
	"encoding/json"
	"path"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The versions that were captured.
const (
	Flink23  = "2.3.0"
	Flink120 = "1.20.5"
)

//go:embed testdata
var testdata embed.FS

// answer is one captured document.
type answer struct {
	status int
	doc    any
}

// captured reads the answers of one version, by path.
func captured(t testing.TB, version string) map[string]answer {
	t.Helper()
	folder := path.Join("testdata", version)
	index, err := testdata.ReadFile(path.Join(folder, "INDEX.tsv"))
	require.NoError(t, err, "no captures of Flink %s", version)
	answers := map[string]answer{}
	for line := range strings.Lines(string(index)) {
		fields := strings.Split(strings.TrimSpace(line), "\t")
		require.Len(t, fields, 3)
		status, err := strconv.Atoi(fields[1])
		require.NoError(t, err)
		key := fields[2]
		if strings.HasSuffix(key, "/metrics") {
			key = fields[0] // the same path gave the names and the values
		}
		text, err := testdata.ReadFile(path.Join(folder, fields[0]))
		require.NoError(t, err)
		answers[key] = answer{status: status, doc: decode(t, text)}
	}
	return answers
}

// decode keeps numbers as they are written.
func decode(t testing.TB, text []byte) any {
	t.Helper()
	var doc any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	require.NoError(t, decoder.Decode(&doc))
	return doc
}

// object, list and integer read a decoded document. They panic if the document has
// another type, which is a fault of the test.
func object(doc any) map[string]any { return doc.(map[string]any) }

func list(doc any) []any { return doc.([]any) }

func objects(doc any) []map[string]any {
	var all []map[string]any
	for _, item := range list(doc) {
		all = append(all, object(item))
	}
	return all
}

func float(doc any) float64 {
	f, err := strconv.ParseFloat(doc.(json.Number).String(), 64)
	if err != nil {
		panic(err)
	}
	return f
}

func integer(n float64) json.Number {
	return json.Number(strconv.FormatFloat(n, 'f', 0, 64))
}
