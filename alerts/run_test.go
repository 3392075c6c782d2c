package alerts

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/series"
)

// queue is a Sink that records the alerts it gets, unless it is full.
type queue struct {
	mu     sync.Mutex
	alerts []episode.Alert
	full   error
}

func (q *queue) Submit(alert episode.Alert) (accepted bool, reason string, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.full != nil {
		return false, "", q.full
	}
	q.alerts = append(q.alerts, alert)
	return true, "", nil
}

func (q *queue) taken() []episode.Alert {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.alerts
}

func TestMetrics(t *testing.T) {
	w := newWatch(t, demo, ordersSize)
	w.until(2*time.Minute, w.growth(40*mib, 8*mib, 0))
	idle := heapOfTM1
	idle.Sample = series.Sample{T: w.now, V: 1}
	w.trends.Observe(idle)
	w.trends.Tick(w.now)

	require.NoError(t, testutil.CollectAndCompare(w.trends, strings.NewReader(`
# HELP flink_sidecar_trend_breach_seconds Time until the trend line of a signal passes the rule's limit: bound=point for the line, bound=low and bound=high for the edges of its interval. All are 0 while the signal is above the limit; absent when the line does not approach the limit or is not known.
# TYPE flink_sidecar_trend_breach_seconds gauge
flink_sidecar_trend_breach_seconds{bound="high",cluster="local",job="orders",process="",rule="checkpoint-size",vertex=""} 480
flink_sidecar_trend_breach_seconds{bound="low",cluster="local",job="orders",process="",rule="checkpoint-size",vertex=""} 480
flink_sidecar_trend_breach_seconds{bound="point",cluster="local",job="orders",process="",rule="checkpoint-size",vertex=""} 480
# HELP flink_sidecar_trend_firing 1 while a trend rule fires, else 0.
# TYPE flink_sidecar_trend_firing gauge
flink_sidecar_trend_firing{cluster="local",job="",process="tm-1",rule="heap-after-gc",vertex=""} 0
flink_sidecar_trend_firing{cluster="local",job="orders",process="",rule="checkpoint-size",vertex=""} 1
# HELP flink_sidecar_trend_samples Samples that the trend line is fitted to. With too few of them the trend is not known.
# TYPE flink_sidecar_trend_samples gauge
flink_sidecar_trend_samples{cluster="local",job="",process="tm-1",rule="heap-after-gc",vertex=""} 0
flink_sidecar_trend_samples{cluster="local",job="orders",process="",rule="checkpoint-size",vertex=""} 12
# HELP flink_sidecar_trend_samples_dropped_total Samples of signals that are not followed because the maximum number is reached.
# TYPE flink_sidecar_trend_samples_dropped_total counter
flink_sidecar_trend_samples_dropped_total 0
`), "flink_sidecar_trend_breach_seconds", "flink_sidecar_trend_firing", "flink_sidecar_trend_samples",
		"flink_sidecar_trend_samples_dropped_total"))
	problems, err := testutil.CollectAndLint(w.trends)
	require.NoError(t, err)
	require.Empty(t, problems)
}

// TestRunSubmitsRefusedAlertsAgain runs the real loop with a fake clock.
func TestRunSubmitsRefusedAlertsAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &queue{full: errors.New("no room")}
		trends := NewTrends(configured(t, demo), discard())
		feed := func(length time.Duration, step float64) {
			for i := range int(length / poll) {
				o := ordersSize
				o.Sample = series.Sample{T: time.Now(), V: 40*mib + step*float64(i)}
				trends.Observe(o)
				time.Sleep(poll)
			}
		}
		stopped := make(chan error)
		ctx, stop := context.WithCancel(t.Context())
		go func() { stopped <- trends.Run(ctx, q) }()

		feed(2*time.Minute, 8*mib) // fires, and isn't taken
		feed(6*time.Minute, 0)     // is over, and waits behind
		require.Empty(t, q.taken())

		q.mu.Lock()
		q.full = nil
		q.mu.Unlock()
		time.Sleep(poll)
		require.Len(t, q.taken(), 2)
		require.False(t, q.taken()[0].Resolved())
		require.True(t, q.taken()[1].Resolved())

		time.Sleep(time.Minute)
		require.Len(t, q.taken(), 2, "each is returned once")
		stop()
		require.NoError(t, <-stopped)
	})
}

func TestWithDeliveryByPrometheusNothingIsPushed(t *testing.T) {
	q := &queue{}
	trends := NewTrends(configured(t, demo+"delivery: prometheus"), discard())
	require.Empty(t, trends.deliver([]episode.Alert{{Rule: "checkpoint-size"}}, q))
	require.Empty(t, q.taken())
}

// TestAlertsThatWerePushedEnd switches to Prometheus while an alert fires: nobody else would end it.
func TestAlertsThatWerePushedEnd(t *testing.T) {
	q := &queue{}
	trends := NewTrends(configured(t, demo), discard())
	pushed := episode.Alert{Rule: "checkpoint-size", Fingerprint: "1", StartsAt: began}
	left := episode.Alert{Rule: "checkpoint-size", Fingerprint: "2", StartsAt: began}
	require.Empty(t, trends.deliver([]episode.Alert{pushed}, q))
	trends.Reload(configured(t, demo+"delivery: prometheus"))
	require.Empty(t, trends.deliver([]episode.Alert{left}, q))
	require.Len(t, q.taken(), 1)

	pushed.ResolvedAt, left.ResolvedAt = began.Add(time.Minute), began.Add(time.Minute)
	q.full = errors.New("no room")
	waiting := trends.deliver([]episode.Alert{left, pushed}, q)
	require.Equal(t, []episode.Alert{pushed}, waiting, "the end is tried again")
	q.full = nil
	require.Empty(t, trends.deliver(waiting, q))
	require.Equal(t, pushed, q.taken()[1])
	require.Empty(t, trends.deliver([]episode.Alert{pushed}, q), "once")
	require.Len(t, q.taken(), 2)
}

// TestTheNextProcessKnowsWhatWasPushed restarts with the other delivery.
func TestTheNextProcessKnowsWhatWasPushed(t *testing.T) {
	for _, delivery := range []Delivery{Push, Prometheus} {
		before := newWatch(t, demo+"delivery: "+string(delivery), ordersSize)
		var kept []episode.FiringTrend
		before.trends.OnFiring = func(firing []episode.FiringTrend) { kept = firing }
		fired := before.until(2*time.Minute, before.growth(40*mib, 8*mib, mib))
		require.Len(t, fired, 1)
		before.trends.deliver(fired, &queue{})
		before.trends.keepFiring()
		require.Len(t, kept, 1)
		require.Equal(t, delivery == Prometheus, kept[0].Unsent)

		after, q := NewTrends(configured(t, demo+"delivery: prometheus"), discard()), &queue{}
		after.RestoreFiring(kept)
		over := kept[0].Alert
		over.ResolvedAt = before.now
		require.Empty(t, after.deliver(append(after.Tick(before.now), over), q))
		want := 0
		if delivery == Push {
			want = 1
		}
		require.Len(t, q.taken(), want, delivery)
	}
}
