package main

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFigures: README.md has the figures that were measured, and each reaches its goal.
func TestFigures(t *testing.T) {
	text, err := os.ReadFile("testdata/figures.json")
	require.NoError(t, err)
	var measured []figure
	require.NoError(t, json.Unmarshal(text, &measured))
	require.NotEmpty(t, measured)
	for _, f := range measured {
		require.NotEmpty(t, f.Day, f.What)
		require.Positive(t, median(f.Values), f.What)
		require.LessOrEqual(t, median(f.Values), f.Goal, f.What)
	}
	readme, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	require.Contains(t, string(readme), begins+table(measured)+ends, "make plugin-figures writes it")
}

func TestTable(t *testing.T) {
	t.Parallel()
	query := figure{
		What: "a query", Unit: "ms", Goal: 200, Values: []float64{40, 30.4, 90}, Clock: []float64{99, 50, 60}, Load: 1.7,
		Day: "2026-11-30",
	}
	zip := figure{What: "the zip", Unit: "MB", Goal: 60, Values: []float64{9.66}, Load: 3, Day: "2026-11-29"}
	older := query
	older.Day = "2026-01-01"
	require.Equal(t, `| | least | median | times | by the clock, least | goal | load | day |
|---|---|---|---|---|---|---|---|
| a query | 30 ms | 40 ms | 3 | 50 ms | 200 ms | 2 | 2026-11-30 |
| the zip | 9.7 MB | 9.7 MB | 1 |  | 60 MB | 3 | 2026-11-29 |
`, table(merged([]figure{older}, []figure{query, zip})))
}
