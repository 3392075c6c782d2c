package checkup

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/check"
	"github.com/flink-sidecar/flink-sidecar/internal/doctor"
)

// patient is a sidecar whose state the test sets.
type patient struct {
	mu     sync.Mutex
	states map[string]check.State // by check and, after a space, what it is of
	looked []time.Duration        // since the start
	began  time.Time
}

func (p *patient) examine(context.Context) doctor.Report {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.looked = append(p.looked, time.Since(p.began))
	var report doctor.Report
	for name, state := range p.states {
		c, of, _ := strings.Cut(name, " ")
		report.Checks = append(report.Checks, check.Result{Check: c, Of: of, State: state, Says: "so it is"})
	}
	return report
}

func (p *patient) becomes(what string, state check.State) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.states[what] = state
}

func TestFailedChecksAreRepeatedSooner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var logged bytes.Buffer
		p := &patient{states: map[string]check.State{"flink.job prod": check.OK}, began: time.Now()}
		c := New(p.examine, time.Now, slog.New(slog.NewTextHandler(&logged, nil)))
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- c.Run(ctx) }()

		time.Sleep(First)
		synctest.Wait()
		at, results := c.Last()
		require.Equal(t, time.Now(), at)
		require.Len(t, results, 1)
		p.becomes("flink.job prod", check.Failed)
		time.Sleep(Every + 2*AfterFailed)
		synctest.Wait()
		p.becomes("flink.job prod", check.Warning)
		time.Sleep(AfterFailed + Every)
		synctest.Wait()
		stop()
		require.NoError(t, <-ended)

		want := []time.Duration{First, First + Every, First + Every + AfterFailed, First + Every + 2*AfterFailed}
		want = append(want, want[3]+AfterFailed, want[3]+AfterFailed+Every)
		require.Equal(t, want, p.looked)
		require.Equal(t, 1, strings.Count(logged.String(), "Check fails"), logged.String())
		require.Equal(t, 1, strings.Count(logged.String(), "does not fail any more"), logged.String())
	})
}

func TestWhatWasInterruptedIsNoResult(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		c := New(func(context.Context) doctor.Report {
			stop()
			return doctor.Report{Checks: []check.Result{{Check: "flink.job", State: check.Failed}}}
		}, time.Now, slog.New(slog.DiscardHandler))
		require.NoError(t, c.Run(ctx))
		at, results := c.Last()
		require.Zero(t, at)
		require.Empty(t, results)
	})
}

func TestMetricsOfChecks(t *testing.T) {
	p := &patient{states: map[string]check.State{
		"flink.job a": check.OK, "flink.job b": check.Failed, "flink.job c": check.Unknown,
		"flink.clock a": check.OK, "flink.clock b": check.Unknown,
		"kafka.topic orders": check.OK, "grafana.role": check.Warning,
	}}
	c := New(p.examine, func() time.Time { return time.UnixMilli(1_800_000_000_500) }, slog.New(slog.DiscardHandler))
	require.Zero(t, testutil.CollectAndCount(c), "nothing is known yet")
	c.take(p.examine(t.Context()).Checks)
	require.NoError(t, testutil.CollectAndCompare(c, strings.NewReader(`
# HELP flink_sidecar_check_ok 1 if a check of sidecar doctor found nothing to repair or improve, else 0. The worst of several things that have the check counts. A check that could not be made is absent.
# TYPE flink_sidecar_check_ok gauge
flink_sidecar_check_ok{check="flink.job"} 0
flink_sidecar_check_ok{check="grafana.role"} 0
flink_sidecar_check_ok{check="kafka.topic"} 1
# HELP flink_sidecar_checks Checks of sidecar doctor by their last state: ok, warning, failed or unknown. Absent before the first checks.
# TYPE flink_sidecar_checks gauge
flink_sidecar_checks{state="failed"} 1
flink_sidecar_checks{state="ok"} 3
flink_sidecar_checks{state="unknown"} 2
flink_sidecar_checks{state="warning"} 1
# HELP flink_sidecar_checks_timestamp_seconds When the checks of sidecar doctor were made last, in Unix time. Absent before the first checks.
# TYPE flink_sidecar_checks_timestamp_seconds gauge
flink_sidecar_checks_timestamp_seconds 1.8000000005e+09
`)))
}
