package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestReadmeRepairs recounts the table of the README with the product's own commands, from the
// iterations that were measured on the real stack.
func TestReadmeRepairs(t *testing.T) {
	t.Parallel()
	where := "--history.path=" + filepath.Join(t.TempDir(), "repairs.db")
	command := func(args ...string) string {
		var stdout, stderr output
		require.Equal(t, exitFine, run(t.Context(), append(args, where), &stdout, &stderr), stderr.String())
		return stdout.String()
	}
	command("history", "import", "--format=csv", "--paired", "--run=repairs", "testdata/repairs.csv")
	rows, err := csv.NewReader(strings.NewReader(command("history", "table", "--run=repairs", "--format=csv"))).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 3, "a header, the baseline and the candidate")
	want := "| job | records/s | improvement | 95 % interval | verdict | deployments |\n|---|---:|---:|---:|---|---:|\n"
	for _, row := range rows[1:] {
		interval := ""
		if row[4] != "" {
			interval = whole(t, row[4], "%.0f") + " to " + whole(t, row[5], "%.0f %%")
		}
		want += fmt.Sprintf("| %s | %s | %s | %s | %s | %s |\n", row[0], whole(t, row[1], "%.0f"),
			whole(t, row[2], "%+.0f %%"), interval, row[6], row[11])
	}
	raw, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	before, rest, found := strings.Cut(string(raw), "<!-- repairs -->\n")
	require.True(t, found, "the mark where the table begins")
	table, after, found := strings.Cut(rest, "<!-- end of repairs -->")
	require.True(t, found, "the mark where the table ends")
	if *update {
		text := before + "<!-- repairs -->\n" + want + "<!-- end of repairs -->" + after
		require.NoError(t, os.WriteFile("../../README.md", []byte(text), 0o600))
		return
	}
	require.Equal(t, want, table, "run: go test ./cmd/sidecar -run ReadmeRepairs -update")
}

// whole writes a number of a CSV without decimals; an empty cell stays empty.
func whole(t *testing.T, text, format string) string {
	t.Helper()
	if text == "" {
		return ""
	}
	v, err := strconv.ParseFloat(text, 64)
	require.NoError(t, err)
	return fmt.Sprintf(format, v)
}
