package release_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/flink-sidecar/flink-sidecar/internal/documenttest"
)

const chartValues = "deploy/helm/flink-sidecar/values.yaml"

// values are the rows of the keys below one, as helm-docs makes them: a mapping without a comment of
// its own is a path to others, everything else is a value with a comment.
func values(t *testing.T, path string, mapping *yaml.Node) (rows []string) {
	t.Helper()
	for i := 0; i < len(mapping.Content); i += 2 {
		key, value := mapping.Content[i], mapping.Content[i+1]
		name := strings.TrimPrefix(path+"."+key.Value, ".")
		_, comment, documented := strings.Cut(key.HeadComment, "# -- ")
		if value.Kind == yaml.MappingNode && !documented {
			rows = append(rows, values(t, name, value)...)
			continue
		}
		require.True(t, documented, "%s has no comment that begins with # --", name)
		var plain any
		require.NoError(t, value.Decode(&plain))
		text, err := json.Marshal(plain)
		require.NoError(t, err)
		comment = strings.ReplaceAll(strings.ReplaceAll(comment, "\n# ", " "), "|", "\\|")
		rows = append(rows, fmt.Sprintf("| `%s` | `%s` | %s |", name, text, comment))
	}
	return rows
}

// The page of the chart has each value, with its default and its comment.
func TestThePageOfTheChartHasItsValues(t *testing.T) {
	var document yaml.Node
	require.NoError(t, yaml.Unmarshal([]byte(read(t, chartValues)), &document))
	rows := values(t, "", document.Content[0])
	require.Greater(t, len(rows), 50)
	table := "| key | default | meaning |\n|---|---|---|\n" + strings.Join(rows, "\n") + "\n"
	documenttest.Hold(t, "../helm/flink-sidecar/README.md", "values", table, *update)
}

// figure is the cell of a row of docs/operations.md, of the first table that has the row.
func figure(t *testing.T, row string, column int) float64 {
	t.Helper()
	_, rest, found := strings.Cut(read(t, "docs/operations.md"), "\n| "+row+" |")
	require.True(t, found, row)
	line, _, _ := strings.Cut(rest, "\n")
	value, err := strconv.ParseFloat(strings.TrimSpace(strings.Split(line, "|")[column]), 64)
	require.NoError(t, err, line)
	return value
}

// The volume of the chart holds what one cluster needs, and its comment says what 32 need.
func TestTheVolumeOfTheChartIsLargeEnough(t *testing.T) {
	const beside = 1<<30 + 256<<20 // profiling.keep_size, and the evidence
	text := strings.ReplaceAll(read(t, chartValues), "\n  # ", " ")
	one, many := figure(t, "history together, GB", 0), figure(t, "history together, GB", 1)
	require.Contains(t, text, fmt.Sprintf("The history of one cluster takes %.1f GB, that of 32 takes %.1f GB", one, many))
	sizes := regexp.MustCompile(`(\d+)Gi is for one cluster; take (\d+)Gi for 32\.`).FindStringSubmatch(text)
	require.NotNil(t, sizes)
	for i, needs := range []float64{one, 2 * many} { // of many clusters a backup has room too
		size, err := strconv.ParseFloat(sizes[i+1], 64)
		require.NoError(t, err)
		require.Less(t, needs*1e9+beside, size*(1<<30))
	}
	require.Contains(t, read(t, chartValues), "\n  size: "+sizes[1]+"Gi\n")
}
