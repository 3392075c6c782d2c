package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestReadmeRepairs recounts the table of the README with the product's own commands, from the
// iterations that were measured on the real stack.
func TestReadmeRepairs(t *testing.T) {
	t.Parallel()
	ask := onHistory(t)
	ask("history", "import", "--format=csv", "--paired", "--run=repairs", "testdata/repairs.csv")
	rows := readTable(t, ask("history", "table", "--run=repairs", "--format=csv"))
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
	requireBlock(t, "../../README.md", "repairs", want)
}

// onHistory returns a command on a history of its own. A large regression is an answer, too.
func onHistory(t *testing.T) func(args ...string) string {
	t.Helper()
	where := "--history.path=" + filepath.Join(t.TempDir(), "h.db")
	return func(args ...string) string {
		t.Helper()
		var stdout, stderr output
		code := run(t.Context(), append(slices.Clone(args), where), &stdout, &stderr)
		require.Contains(t, []int{exitFine, exitRegression}, code, stderr.String())
		return stdout.String()
	}
}

func readTable(t *testing.T, text string) [][]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	require.NoError(t, err)
	return rows
}

// requireBlock compares what stands between the marks NAME and "end of NAME" of a document, or
// writes it with -update.
func requireBlock(t *testing.T, file, name, want string) {
	t.Helper()
	raw, err := os.ReadFile(file)
	require.NoError(t, err)
	begins, ends := "<!-- "+name+" -->\n", "<!-- end of "+name+" -->"
	before, rest, found := strings.Cut(string(raw), begins)
	require.True(t, found, "the mark %q", begins)
	block, after, found := strings.Cut(rest, ends)
	require.True(t, found, "the mark %q", ends)
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(before+begins+want+ends+after), 0o600))
		return
	}
	require.Equal(t, want, block, "run: go test ./cmd/sidecar -run %s -update", t.Name())
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
