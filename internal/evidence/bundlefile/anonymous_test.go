package bundlefile_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/advisor"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence/bundlefile"
)

// secretive is the full bundle with names that must not be seen.
func secretive(t *testing.T) evidence.Bundle {
	t.Helper()
	b := full(t)
	b.Job, b.Cluster = "zebra-billing", "antelope"
	b.Alert = "zebra-billing: vertex Source: giraffe.topic is behind on okapi.example.com:6122"
	b.Vertices[0].Name = "Source: giraffe.topic -> Map"
	b.Vertices[1].Name = "lion index: Writer"
	b.Vertices[1].SubtasksOn = map[string]int{"10.1.2.3:40123-a1b2c3": 2}
	b.Processes[0].ID, b.Profiles[0].Process = "10.1.2.3:40123-a1b2c3", "10.1.2.3:40123-a1b2c3"
	b.Sinks[0].Name = "lion index: Writer"
	b.Warnings = []string{"the requests of the sink of vertex lion index: Writer are unknown: dial 10.1.2.9:9200"}
	b.Exception = "timeout at kudu-host:9092, job-1"
	b.Config["pipeline.jars"] = "10.1.2.9"
	return b
}

// TestNoNameIsInAnAnonymousBundle, and the names can be put back.
func TestNoNameIsInAnAnonymousBundle(t *testing.T) {
	original := secretive(t)
	hidden, names := bundlefile.Anonymous(original)
	files, err := bundlefile.Pack(hidden)
	require.NoError(t, err)
	for file, content := range files {
		text := file + string(content) + string(unpacked(t, file, content))
		for _, name := range []string{"zebra", "antelope", "giraffe", "lion", "10.1.2", "okapi", "kudu", "tm1\""} {
			require.NotContains(t, text, name, file)
		}
	}
	require.Empty(t, hidden.Sources)
	require.Equal(t, "Source: name-5 -> Map", hidden.Vertices[0].Name)
	require.True(t, strings.HasSuffix(hidden.Vertices[1].Name, ": Writer"))
	require.Equal(t, hidden.Processes[0].ID, hidden.Profiles[0].Process, "a name has one placeholder")
	require.Contains(t, hidden.Exception, ", job-1", "what is no name stays")
	back := hidden.Alert
	for placeholder, name := range names {
		back = strings.ReplaceAll(back, placeholder, name)
	}
	require.Equal(t, original.Alert, back)
	again, _ := bundlefile.Anonymous(secretive(t))
	require.Equal(t, hidden.Vertices, again.Vertices, "placeholders are stable")
}

// TestAdviceAboutAnAnonymousBundle is about the same causes.
func TestAdviceAboutAnAnonymousBundle(t *testing.T) {
	original := secretive(t)
	hidden, _ := bundlefile.Anonymous(original)
	want, got := advisor.Rules(original), advisor.Rules(hidden)
	require.Greater(t, len(want.Findings), 5)
	require.Len(t, got.Findings, len(want.Findings))
	for i, f := range want.Findings {
		require.Equal(t, f.Category, got.Findings[i].Category)
		require.Equal(t, f.Impact, got.Findings[i].Impact)
	}
}

func TestTheMeaningIsWrittenBeside(t *testing.T) {
	meaning := filepath.Join(t.TempDir(), "bundle-names.json")
	files, err := packed(t).Anonymous(meaning)
	require.NoError(t, err)
	require.Contains(t, files, bundlefile.Name)
	text, err := os.ReadFile(meaning)
	require.NoError(t, err)
	require.Contains(t, string(text), `"job-2": "orders"`)
	_, err = packed(t).Anonymous(meaning)
	require.ErrorContains(t, err, "file exists (move it, or choose another directory)")
}
