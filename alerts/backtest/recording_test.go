package backtest

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	commoncfg "github.com/prometheus/common/config"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/alerts"
	"github.com/flink-sidecar/flink-sidecar/alerts/recorded"
	"github.com/flink-sidecar/flink-sidecar/alerts/signal"
)

// A recording is a compressed table: a column for each page, headed by its Unix time, and a row
// for each series, headed by its name and labels. A cell is empty where a page lacks the series.
// It takes a fifth of the room of OpenMetrics text.

// readRecordings reads all recordings.
func readRecordings(t *testing.T) []recording {
	t.Helper()
	var out []recording
	for _, path := range recordingPaths(t) {
		file, err := os.Open(path)
		require.NoError(t, err)
		unpacked, err := gzip.NewReader(file)
		require.NoError(t, err)
		samples, whole, err := Read(strings.NewReader(openMetrics(t, unpacked)))
		require.NoError(t, err)
		require.True(t, whole)
		require.NoError(t, file.Close())
		out = append(out, recordingOf(t, strings.TrimSuffix(filepath.Base(path), ".csv.gz"), samples))
	}
	require.NotEmpty(t, out)
	return out
}

// openMetrics is a recording as the text that `sidecar rules backtest` reads.
func openMetrics(t *testing.T, table io.Reader) string {
	t.Helper()
	rows := csv.NewReader(table)
	rows.Comment = '#'
	all, err := rows.ReadAll()
	require.NoError(t, err)
	var out strings.Builder
	for _, row := range withCapacity(t, all[1:]) {
		for i, value := range row {
			if i > 0 && value != "" {
				fmt.Fprintf(&out, "%s %s %s\n", row[0], value, all[0][i])
			}
		}
	}
	return out.String() + "# EOF\n"
}

// withCapacity adds the capacity of each job to a recording that is older than that metric. None of the
// recorded jobs had a growing backlog, so it is what they read times 1 + headroom.
func withCapacity(t *testing.T, rows [][]string) [][]string {
	t.Helper()
	const source, headroom, capacity = "flink_job_source_records_per_second", "flink_job_headroom_ratio",
		"flink_job_capacity_records_per_second"
	byName := map[string][]string{}
	for _, row := range rows {
		byName[row[0]] = row
	}
	for _, row := range rows {
		ratio, known := byName[strings.Replace(row[0], source, headroom, 1)]
		name := strings.Replace(row[0], source, capacity, 1)
		if !strings.HasPrefix(row[0], source) || !known || byName[name] != nil {
			continue
		}
		added := make([]string, len(row))
		added[0] = name
		for i := 1; i < len(row); i++ {
			if row[i] == "" || ratio[i] == "" {
				continue
			}
			rate, err := strconv.ParseFloat(row[i], 64)
			require.NoError(t, err)
			spare, err := strconv.ParseFloat(ratio[i], 64)
			require.NoError(t, err)
			require.GreaterOrEqual(t, spare, 0.0)
			added[i] = strconv.FormatFloat(rate*(1+spare), 'g', 8, 64)
		}
		rows = append(rows, added)
	}
	return rows
}

// writeRecording is the opposite of openMetrics. Values have eight digits.
func writeRecording(out io.Writer, about string, pages []recorded.Page) error {
	rows := map[string][]string{}
	head := []string{"series"}
	for i, page := range pages {
		head = append(head, strconv.FormatInt(page.At.Unix(), 10))
		for _, s := range page.Series {
			key := written(s)
			if rows[key] == nil {
				rows[key] = make([]string, len(pages)+1)
				rows[key][0] = key
			}
			rows[key][i+1] = strconv.FormatFloat(s.Value, 'g', 8, 64)
		}
	}
	packed, err := gzip.NewWriterLevel(out, gzip.BestCompression)
	if err != nil {
		return err
	}
	fmt.Fprintf(packed, "# %s\n", about)
	w := csv.NewWriter(packed)
	if err := w.Write(head); err != nil {
		return err
	}
	for _, key := range slices.Sorted(maps.Keys(rows)) {
		if err := w.Write(rows[key]); err != nil {
			return err
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return err
	}
	return packed.Close()
}

// written is a series as OpenMetrics text names it, without the labels that Prometheus adds.
func written(s signal.Series) string {
	var labels []string
	for _, name := range slices.Sorted(maps.Keys(s.Labels)) {
		if name != "__name__" && name != "instance" {
			labels = append(labels, fmt.Sprintf("%s=%q", name, s.Labels[name]))
		}
	}
	return s.Name + "{" + strings.Join(labels, ",") + "}"
}

// TestRecordHealthyJob records a job from a Prometheus that scrapes its sidecar, once it has run
// for a while:
//
//	RECORD=http://127.0.0.1:9090 RECORD_NAME=orders RECORD_ABOUT=… RECORD_FROM=2026-11-30T17:45:00Z \
//	  RECORD_FOR=50m go test ./alerts/backtest -run RecordHealthyJob
func TestRecordHealthyJob(t *testing.T) {
	url := os.Getenv("RECORD")
	if url == "" {
		t.Skip("RECORD names no Prometheus")
	}
	from, err := time.Parse(time.RFC3339, os.Getenv("RECORD_FROM"))
	require.NoError(t, err)
	length, err := time.ParseDuration(os.Getenv("RECORD_FOR"))
	require.NoError(t, err)
	source, err := recorded.New(alerts.PrometheusConfig{URL: url, HTTP: commoncfg.DefaultHTTPClientConfig})
	require.NoError(t, err)
	defer source.Close()
	var pages []recorded.Page
	for page, err := range source.Pages(t.Context(), from, from.Add(length), 15*time.Second) {
		require.NoError(t, err)
		pages = append(pages, page)
	}
	require.NoError(t, os.MkdirAll("testdata/healthy", 0o755))
	file, err := os.Create("testdata/healthy/" + os.Getenv("RECORD_NAME") + ".csv.gz")
	require.NoError(t, err)
	defer file.Close()
	require.NoError(t, writeRecording(file, os.Getenv("RECORD_ABOUT"), pages))
}

func TestARecordingIsReadAsItWasWritten(t *testing.T) {
	of := func(v float64) signal.Series {
		return signal.Series{Name: "flink_job_headroom_ratio", Labels: map[string]string{"job": "a \"b\", c"}, Value: v}
	}
	restarts := signal.Series{Name: "flink_job_restarts_total", Labels: map[string]string{}, Value: 3}
	pages := []recorded.Page{
		{At: time.Unix(1_800_000_000, 0), Series: []signal.Series{of(0.25)}},
		{At: time.Unix(1_800_000_015, 0), Series: []signal.Series{of(-12345.678), restarts}},
		{At: time.Unix(1_800_000_030, 0), Series: []signal.Series{restarts}},
	}
	var packed bytes.Buffer
	require.NoError(t, writeRecording(&packed, "a test", pages))
	unpacked, err := gzip.NewReader(&packed)
	require.NoError(t, err)
	samples, whole, err := Read(strings.NewReader(openMetrics(t, unpacked)))
	require.NoError(t, err)
	require.True(t, whole)
	var got []recorded.Page
	for page, err := range samples.Pages() {
		require.NoError(t, err)
		got = append(got, page)
	}
	require.Equal(t, pages, got)
}
