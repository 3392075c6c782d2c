package scaletest

import (
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

// TestSenderFigures recounts the table of docs/benchmarks.md from the pairs that
// BenchmarkSender has measured on a real Kafka.
func TestSenderFigures(t *testing.T) {
	t.Parallel()
	file, err := os.Open("testdata/sender.csv")
	require.NoError(t, err)
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)
	require.Equal(t,
		[]string{"pair", "sender_seconds", "plain_seconds", "sender_cpu_seconds", "plain_cpu_seconds"}, rows[0])
	require.GreaterOrEqual(t, len(rows)-1, 7, "pairs")
	doc, err := os.ReadFile("../../docs/benchmarks.md")
	require.NoError(t, err)
	row := func(name string, ours, plain int) string {
		var mine, theirs, ratios, logMine, logTheirs []float64
		for _, r := range rows[1:] {
			a, b := figure(t, r[ours]), figure(t, r[plain])
			mine, theirs, ratios = append(mine, a), append(theirs, b), append(ratios, b/a)
			logMine, logTheirs = append(logMine, math.Log(a)), append(logTheirs, math.Log(b))
		}
		mean, ok := stat.Paired(logMine, logTheirs, 0.05)
		require.True(t, ok)
		return fmt.Sprintf("| %s | %.2f s | %.2f s | **%.2f** | %.2f | %.2f to %.2f | %d |", name, quantile(mine, .5),
			quantile(theirs, .5), quantile(ratios, .5), math.Exp(mean.Estimate), math.Exp(mean.Low), math.Exp(mean.High),
			len(ratios))
	}
	require.Contains(t, string(doc), row("elapsed time", 1, 2))
	require.Contains(t, string(doc), row("CPU time of the process", 3, 4))
}

func figure(t *testing.T, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	require.NoError(t, err)
	return v
}

func quantile(values []float64, q float64) float64 {
	v, _ := stat.Quantile(values, q)
	return v
}
