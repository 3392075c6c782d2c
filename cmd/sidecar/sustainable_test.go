package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/documenttest"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

// TestSustainableOfTheSampleJob recounts the table about the sample job from the trials that
// --find-sustainable printed on the real stack.
func TestSustainableOfTheSampleJob(t *testing.T) {
	t.Parallel()
	file, err := os.Open("testdata/sustainable.csv")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, file.Close()) })
	rows, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)

	type search struct {
		job, number     string
		trials          int
		sustained, next float64
	}
	var searches []search
	for _, row := range rows[1:] {
		if n := len(searches); n == 0 || searches[n-1].job != row[0] || searches[n-1].number != row[1] {
			searches = append(searches, search{job: row[0], number: row[1]})
		}
		s := &searches[len(searches)-1]
		s.trials++
		rate, err := strconv.ParseFloat(row[3], 64)
		require.NoError(t, err)
		if row[8] == string(scalerun.Sustained) {
			s.sustained = max(s.sustained, rate)
		}
	}
	table := "| job | search | trials | sustained | not certainly sustained |\n|---|---:|---:|---:|---:|\n"
	for i := range searches {
		s := &searches[i]
		for _, row := range rows[1:] {
			rate, err := strconv.ParseFloat(row[3], 64)
			require.NoError(t, err)
			if row[0] == s.job && row[1] == s.number && rate > s.sustained && (s.next == 0 || rate < s.next) {
				s.next = rate
			}
		}
		table += fmt.Sprintf("| %s | %s | %d | %.0f/s | %.0f/s |\n", s.job, s.number, s.trials, s.sustained, s.next)
	}
	documenttest.Hold(t, "../../docs/scaletest.md", "sustainable", table, *update)
}
