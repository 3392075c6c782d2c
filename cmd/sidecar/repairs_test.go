package main

import (
	"encoding/csv"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/documenttest"
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
	ask := onHistory(t)
	ask("history", "import", "--format=csv", "--paired", "--run="+name, "testdata/"+name+".csv")
	rows := readTable(t, ask("history", "table", "--run="+name, "--format=csv"))
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
	documenttest.Hold(t, document, name, want, *update)
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
