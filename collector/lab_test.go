package collector

import (
	"flag"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
)

func TestMain(m *testing.M) {
	debug.SetGCPercent(400) // the tests compute: an eighth of their time was the collection of garbage
	goleak.VerifyTestMain(m)
}

var update = flag.Bool("update", false, "write the pages in testdata anew")

// lab is a replayed Flink and its collector, both on a clock that the test moves.
type lab struct {
	t *testing.T
	*flinktest.Server
	*Collector
	client *flink.Client
	log    *strings.Builder
	now    time.Time
}

func newLab(t *testing.T, version string) *lab {
	t.Helper()
	return newImpatientLab(t, version, 10*time.Second)
}

// newImpatientLab gives up on a request after the timeout.
func newImpatientLab(t *testing.T, version string, timeout time.Duration) *lab {
	t.Helper()
	cfg := flink.DefaultConfig()
	cfg.Cluster, cfg.Timeout = "lab", model.Duration(timeout)
	return configuredLab(t, version, cfg)
}

// configuredLab reaches its Flink as cfg says, but for the URL.
func configuredLab(t *testing.T, version string, cfg flink.Config) *lab {
	t.Helper()
	l := &lab{
		t: t, Server: flinktest.New(t, version), log: &strings.Builder{},
		now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC),
	}
	l.SetNow(func() time.Time { return l.now })
	cfg.URL = l.URL
	client, err := flink.New(cfg)
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	l.client = client
	l.Collector = New(DefaultConfig(), client, slog.New(slog.NewTextHandler(l.log, nil)))
	l.Settle = 0
	l.Now = func() time.Time { return l.now }
	return l
}

// pass lets time go by without a poll.
func (l *lab) pass(d time.Duration) { l.now = l.now.Add(d) }

// first polls at the moment of the capture.
func (l *lab) first() {
	l.t.Helper()
	require.NoError(l.t, l.Poll(l.t.Context()))
}

// next lets one interval go by and polls.
func (l *lab) next() {
	l.t.Helper()
	l.pass(15 * time.Second)
	require.NoError(l.t, l.Poll(l.t.Context()))
}

// value returns the value of the one series whose labels include the given pairs; ok is
// false if there is none.
func (l *lab) value(name string, pairs ...string) (value float64, ok bool) {
	l.t.Helper()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(l.Collector)
	families, err := registry.Gather()
	require.NoError(l.t, err)
	for _, family := range families {
		if family.GetName() != name {
			continue
		}
		for _, m := range family.GetMetric() {
			labels := map[string]string{}
			for _, label := range m.GetLabel() {
				labels[label.GetName()] = label.GetValue()
			}
			if !includes(labels, pairs) {
				continue
			}
			require.False(l.t, ok, "%s %v is not one series", name, pairs)
			value, ok = m.GetGauge().GetValue()+m.GetCounter().GetValue(), true
		}
	}
	return value, ok
}

func includes(labels map[string]string, pairs []string) bool {
	for i := 0; i < len(pairs); i += 2 {
		if labels[pairs[i]] != pairs[i+1] {
			return false
		}
	}
	return true
}

// shows requires a series to have a value.
func (l *lab) shows(want float64, name string, pairs ...string) {
	l.t.Helper()
	got, ok := l.value(name, pairs...)
	require.True(l.t, ok, "%s %v is absent", name, pairs)
	require.InDelta(l.t, want, got, 1e-9, "%s %v", name, pairs)
}

// unknown requires a metric of a job to be absent and named as unknown.
func (l *lab) unknown(name, job string) {
	l.t.Helper()
	if job == "" {
		_, ok := l.value(name)
		require.False(l.t, ok, "%s is there", name)
	} else {
		_, ok := l.value(name, "job", job)
		require.False(l.t, ok, "%s of %s is there", name, job)
	}
	l.shows(1, "flink_sidecar_signal_unknown", "signal", name, "job", job)
}

// golden compares the whole page with a file.
func (l *lab) golden(name string) {
	l.t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		registry := prometheus.NewPedanticRegistry()
		registry.MustRegister(l.Collector)
		families, err := registry.Gather()
		require.NoError(l.t, err)
		var text strings.Builder
		for _, family := range families {
			_, err := expfmt.MetricFamilyToText(&text, family)
			require.NoError(l.t, err)
		}
		require.NoError(l.t, os.WriteFile(path, []byte(text.String()), 0o644))
	}
	file, err := os.Open(path)
	require.NoError(l.t, err)
	defer func() { require.NoError(l.t, file.Close()) }()
	require.NoError(l.t, testutil.CollectAndCompare(l.Collector, file))
}
