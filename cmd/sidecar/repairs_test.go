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
	requireRecounted(t, "../../README.md", "repairs", "job", 0)
}

// TestProfileCost recounts what a running profile costs, as deploy/bench measured it.
func TestProfileCost(t *testing.T) {
	t.Parallel()
	requireRecounted(t, "../../docs/benchmarks.md", "profilecost", "meanwhile", 1)
}

// requireRecounted compares the table between the marks of a document with the pairs of the file
// of that name. Percentages have so many decimals.
func requireRecounted(t *testing.T, document, name, first string, decimals int) {
	t.Helper()
	where := "--history.path=" + filepath.Join(t.TempDir(), name+".db")
	command := func(args ...string) string {
		var stdout, stderr output
		require.Equal(t, exitFine, run(t.Context(), append(args, where), &stdout, &stderr), stderr.String())
		return stdout.String()
	}
	command("history", "import", "--format=csv", "--paired", "--run="+name, "testdata/"+name+".csv")
	rows, err := csv.NewReader(strings.NewReader(command("history", "table", "--run="+name, "--format=csv"))).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 3, "a header, the baseline and the candidate")
	want := "| " + first + " | records/s | improvement | 95 % interval | verdict | deployments |\n" +
		"|---|---:|---:|---:|---|---:|\n"
	for _, row := range rows[1:] {
		interval := ""
		if row[4] != "" {
			interval = number(t, row[4], decimals, "%.*f") + " to " + number(t, row[5], decimals, "%.*f %%")
		}
		want += fmt.Sprintf("| %s | %s | %s | %s | %s | %s |\n", row[0], number(t, row[1], 0, "%.*f"),
			number(t, row[2], decimals, "%+.*f %%"), interval, row[6], row[11])
	}
	begin, end := "<!-- "+name+" -->\n", "<!-- end of "+name+" -->"
	raw, err := os.ReadFile(document)
	require.NoError(t, err)
	before, rest, found := strings.Cut(string(raw), begin)
	require.True(t, found, "the mark where the table begins")
	table, after, found := strings.Cut(rest, end)
	require.True(t, found, "the mark where the table ends")
	if *update {
		require.NoError(t, os.WriteFile(document, []byte(before+begin+want+end+after), 0o600))
		return
	}
	require.Equal(t, want, table, "run: go test ./cmd/sidecar -run '%s' -update", t.Name())
}

// number writes a number of a CSV with so many decimals; an empty cell stays empty.
func number(t *testing.T, text string, decimals int, format string) string {
	t.Helper()
	if text == "" {
		return ""
	}
	v, err := strconv.ParseFloat(text, 64)
	require.NoError(t, err)
	return fmt.Sprintf(format, decimals, v)
}
