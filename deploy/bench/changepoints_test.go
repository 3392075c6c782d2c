package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/outcome/changepoint/changepointtest"
)

// TestOtavaIsAsked: the peer gets the series on its standard input, and its answer is read.
func TestOtavaIsAsked(t *testing.T) {
	python := filepath.Join(t.TempDir(), "python")
	require.NoError(t, os.WriteFile(python, []byte(`#!/bin/sh
[ "$1" = -c ] && [ "$(cat)" = '[{"values":[1,2]}]' ] || exit 1
echo '{"version":"9","runs":[{"p":0.001,"magnitude":0.02,"cpu_seconds":1.5,"points":[[3,4]]}]}'
`), 0o700))
	answer, err := otava(t.Context(), python, []byte(`[{"values":[1,2]}]`))
	require.NoError(t, err)
	require.Equal(t, "Otava 9 p 0.001 magnitude 0.02", answer.Runs[0].name(answer.Version))
	require.Equal(t, [][]int{{3, 4}}, answer.Runs[0].Points)
	_, err = otava(t.Context(), python, []byte(`[]`))
	require.ErrorContains(t, err, "pip install apache-otava")
}

// TestOursAndWhole: our detector finds one clear step, and a series counts if all are found.
func TestOursAndWhole(t *testing.T) {
	series := []changepointtest.Series{{Points: []int{10}}, {Points: []int{}}}
	for i := range 20 {
		series[0].Values = append(series[0].Values, 100+float64(i/10)*20+float64(i%2))
		series[1].Values = append(series[1].Values, 100+float64(i%2))
	}
	points, cpu, err := (&changePoints{repetitions: 1}).ours(series)
	require.NoError(t, err)
	require.Equal(t, [][]int{{10}, nil}, points)
	require.Positive(t, cpu)
	require.Equal(t, 2, whole(series, points))
	require.Equal(t, 1, whole(series, [][]int{{15}, nil}))
}
