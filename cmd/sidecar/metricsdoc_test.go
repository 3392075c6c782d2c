package main

import (
	"flag"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/alerts/notify"
	"github.com/flink-sidecar/flink-sidecar/collector/exposition"
	"github.com/flink-sidecar/flink-sidecar/collector/metricnames"
	"github.com/flink-sidecar/flink-sidecar/grafana"
	"github.com/flink-sidecar/flink-sidecar/internal/app"
	"github.com/flink-sidecar/flink-sidecar/internal/config"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/profiling/pyroscope"
)

var update = flag.Bool("update", false, "rewrite the tables of docs/metrics.md")

const (
	metricsDoc   = "../../docs/metrics.md"
	beginsTables = "<!-- The tables below are written by: go test ./cmd/sidecar -run MetricsDoc -update -->\n"
)

// TestMetricsDoc compares docs/metrics.md with the registered metrics: its tables must
// equal the output of this test.
func TestMetricsDoc(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile(metricsDoc)
	require.NoError(t, err)
	prose, _, found := strings.Cut(string(doc), beginsTables)
	require.True(t, found, "the marker line is gone from %s", metricsDoc)
	want := prose + beginsTables + metricTables(t)
	if *update {
		require.NoError(t, os.WriteFile(metricsDoc, []byte(want), 0o644))
		return
	}
	if want != string(doc) {
		t.Fatalf("%s does not list the metrics there are; run: go test ./cmd/sidecar -run MetricsDoc -update",
			metricsDoc)
	}
}

func metricTables(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("\n## Metrics from Flink\n\n| metric | type | labels | meaning |\n|---|---|---|---|\n")
	families := exposition.Families()
	slices.SortFunc(families, func(a, b *metricnames.Family) int { return strings.Compare(a.Name, b.Name) })
	for _, f := range families {
		kind := "gauge"
		if f.Counter() {
			kind = "counter"
		}
		writeRow(&b, f.Name, kind, f.Labels, f.Help)
	}
	b.WriteString("\n## The sidecar itself and its probe\n\n| metric | type | labels | meaning |\n|---|---|---|---|\n")
	own := ownMetrics(t)
	for _, name := range slices.Sorted(maps.Keys(own)) {
		writeRow(&b, name, own[name].kind, own[name].labels, own[name].help)
	}
	return b.String()
}

func writeRow(b *strings.Builder, name, kind string, labels []string, help string) {
	fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", name, kind, strings.Join(labels, ", "),
		strings.ReplaceAll(help, "|", "\\|"))
}

type ownMetric struct {
	kind, help string
	labels     []string
}

// description matches the text of a Desc, which has no accessors.
var description = regexp.MustCompile(`^Desc\{fqName: "([^"]+)", help: "((?:[^"\\]|\\.)*)", unit: "[^"]*", constLabels: \{(.*)\}, variableLabels: \{(.*)\}\}$`)

// ownMetrics describes all metrics of a sidecar with every section, exported at the
// moment or not.
func ownMetrics(t *testing.T) map[string]ownMetric {
	t.Helper()
	cfg, err := config.Load("../../sidecar.yml",
		config.Overrides{HistoryPath: filepath.Join(t.TempDir(), "history.db")})
	require.NoError(t, err)
	cfg.Web.ListenAddress = "127.0.0.1:0"
	cfg.Profiling.Pyroscope = &pyroscope.Config{URL: "http://pyroscope.invalid", App: "flink"}
	cfg.History.Backup = &history.BackupConfig{Directory: t.TempDir()}
	annotated := grafana.DefaultConfig()
	annotated.URL = "http://grafana.invalid"
	cfg.Grafana = &annotated
	cfg.Notify = &notify.Config{Alertmanager: &notify.Alertmanager{URLs: []string{"http://alertmanager.invalid"}}}
	app, err := app.New(t.Context(), cfg, app.Options{}, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	defer func() { require.NoError(t, app.Close()) }()

	descs := make(chan *prometheus.Desc)
	go func() { app.Describe(descs); close(descs) }()
	flinks := map[string]bool{}
	for _, f := range exposition.Families() {
		flinks[f.Name] = true
	}
	own := map[string]ownMetric{}
	for desc := range descs {
		m := description.FindStringSubmatch(desc.String())
		require.NotNil(t, m, desc)
		help, err := strconv.Unquote(`"` + m[2] + `"`)
		require.NoError(t, err, desc)
		if strings.HasPrefix(m[1], "flink_") && !flinks[m[1]] {
			own[m[1]] = ownMetric{kind: kindOf(m[1]), help: help, labels: append(constantLabels(m[3]),
				strings.FieldsFunc(m[4], func(r rune) bool { return r == ',' })...)}
		}
	}
	return own
}

// constantLabels are the names in "a=\"x\",b=\"y\"".
func constantLabels(text string) []string {
	var names []string
	for _, m := range regexp.MustCompile(`(\w+)="(?:[^"\\]|\\.)*"`).FindAllStringSubmatch(text, -1) {
		names = append(names, m[1])
	}
	return names
}

// kindOf derives a metric's type from its name, which our naming allows.
func kindOf(name string) string {
	switch {
	case strings.HasSuffix(name, "_total"):
		return "counter"
	case name == "flink_sidecar_probe_latency_seconds", strings.HasSuffix(name, "_upper_bound_seconds"),
		strings.HasSuffix(name, "_duration_seconds"), strings.HasSuffix(name, "_lead_seconds"):
		return "histogram"
	case strings.HasSuffix(name, "_delay_seconds"):
		return "summary"
	}
	return "gauge"
}
