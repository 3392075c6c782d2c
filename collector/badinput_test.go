package collector

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/collector/metricnames"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// badInput is one way in which a JobManager answers badly.
type badInput struct {
	fault flinktest.Fault
	// at is what the paths end in that answer so; empty for all.
	at string
	// whole is true if nothing can be read. Otherwise these are unknown, and the rest is
	// up to date.
	whole   bool
	unknown []string
	// counted is the result that such a poll counts under.
	counted string
}

var (
	ofVertices = []string{"flink_vertex_busy_ratio", "flink_vertex_idle_ratio_max", "flink_vertex_pending_records"}
	ofDetails  = []string{
		"flink_vertex_parallelism", "flink_vertex_busy_ratio", "flink_vertex_records_in_total",
		"flink_job_uptime_seconds", "flink_job_tasks",
	}
	ofTheStore  = append([]string{"flink_job_uptime_seconds", "flink_job_restarts_total"}, ofVertices[:2]...)
	ofProcesses = []string{
		"flink_tm_cpu_seconds_total", "flink_jm_cpu_seconds_total", "flink_cluster_tm_threads",
		"flink_cluster_tm_gc_seconds_total",
	}
)

func badInputs() map[string]badInput {
	failed := func(fault flinktest.Fault) badInput { return badInput{fault: fault, whole: true, counted: pollFailed} }
	part := func(fault flinktest.Fault, at string, unknown ...string) badInput {
		return badInput{fault: fault, at: at, unknown: unknown, counted: pollPartial}
	}
	return map[string]badInput{
		"hangs":               failed(flinktest.Hang),
		"answers 500":         failed(flinktest.Status(http.StatusInternalServerError)),
		"answers 401":         failed(flinktest.Status(http.StatusUnauthorized)),
		"trickles":            failed(flinktest.Trickle),
		"cuts the connection": failed(flinktest.Truncate),
		"resets":              failed(flinktest.Reset),
		"sends 100 MB":        failed(flinktest.Huge),
		"sends HTML":          failed(flinktest.HTML),
		"sends other JSON":    failed(flinktest.OtherJSON),
		"sends 200 []": {
			fault: flinktest.EmptyMetrics, unknown: slices.Concat(ofTheStore, ofProcesses),
			counted: pollOK,
		},
		"sends NaN": {
			fault: flinktest.NaN, unknown: slices.Concat(ofTheStore, ofProcesses),
			counted: pollOK,
		},
		"refuses long URLs":  part(flinktest.LongURLs, "", slices.Concat(ofVertices, ofProcesses)...),
		"sends a million":    part(flinktest.ManyNames(), "", slices.Concat(ofTheStore, ofProcesses)...),
		"hangs in mid-poll":  part(flinktest.Hang, "/subtasks/metrics", ofVertices...),
		"resets in mid-poll": part(flinktest.Reset, "/subtasks/metrics", ofVertices...),
		"resets in details":  part(flinktest.Reset, "JOB", ofDetails...),
		"trickles details":   part(flinktest.Trickle, "JOB", ofDetails...),
		"sends HTML there":   part(flinktest.HTML, "JOB", ofDetails...),
		"resets checkpoints": part(flinktest.Reset, "/checkpoints", "flink_job_checkpoints_total",
			"flink_job_last_checkpoint_age_seconds"),
		"refuses exceptions": part(flinktest.Status(http.StatusServiceUnavailable), "/exceptions",
			"flink_job_exceptions_total"),
		"exceptions of 100 MB": part(flinktest.Huge, "/exceptions", "flink_job_exceptions_total"),
		"resets processes": part(flinktest.Reset, "manager/metrics", "flink_jm_cpu_seconds_total",
			"flink_jm_threads"),
		"resets sums": part(flinktest.Reset, "/taskmanagers/metrics", "flink_cluster_tm_threads",
			"flink_cluster_tm_cpu_seconds_total"),
	}
}

// TestBadInput runs all faults: the page answers quickly and is always valid, shows no
// old value as a new one, and names what is missing.
func TestBadInput(t *testing.T) {
	for name, bad := range badInputs() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newImpatientLab(t, flinktest.Flink23, time.Second)
			l.next()
			l.next()
			l.Break(bad.fault, strings.Replace(bad.at, "JOB", l.JobID, 1))
			l.SetMetric(l.Vertices[1], metricnames.BusyTime, 900, 900, 900, 900)
			l.pollWhileScraping(15 * time.Second)
			l.counts(1, bad.counted)
			if bad.whole {
				l.showsWithAge(15)
			} else {
				l.lacks(bad.unknown)
			}

			l.pollWhileScraping(31 * time.Second)
			l.counts(2, bad.counted)
			if bad.whole {
				l.isWithdrawn()
				l.staysUnknown("flink_vertex_busy_ratio")
			} else {
				l.lacks(bad.unknown)
			}

			l.Heal()
			l.next()
			l.next()
			l.shows(0.9, "flink_vertex_busy_ratio", "vertex_id", l.Vertices[1])
			l.shows(0, "flink_sidecar_collector_data_age_seconds")
			_, lacking := l.value("flink_sidecar_signal_unknown")
			require.False(t, lacking)
		})
	}
}

// scrape reads the page as Prometheus does: over HTTP, parsed by its format.
func (l *lab) scrape() (map[string]*dto.MetricFamily, time.Duration) {
	l.t.Helper()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(l.Collector)
	handler := promhttp.HandlerFor(registry, promhttp.HandlerOpts{ErrorHandling: promhttp.HTTPErrorOnError})
	answer := httptest.NewRecorder()
	began := time.Now()
	handler.ServeHTTP(answer, httptest.NewRequestWithContext(l.t.Context(), http.MethodGet, "/metrics", nil))
	took := time.Since(began)
	require.Equal(l.t, http.StatusOK, answer.Code, answer.Body)
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(answer.Body)
	require.NoError(l.t, err)
	return families, took
}

// answersQuickly reads the page several times, and requires half of the answers
// to be quick.
func (l *lab) answersQuickly() (families map[string]*dto.MetricFamily) {
	l.t.Helper()
	var took []time.Duration
	for range 5 {
		var once time.Duration
		families, once = l.scrape()
		took = append(took, once)
	}
	slices.Sort(took)
	require.Less(l.t, took[len(took)/2], quickly)
	return families
}

// pollWhileScraping advances the time, and reads the page during a poll and after it.
func (l *lab) pollWhileScraping(after time.Duration) {
	l.t.Helper()
	l.pass(after)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = l.Poll(l.t.Context()) // what came of it is on the page
	}()
	for {
		l.answersQuickly()
		select {
		case <-done:
			l.answersQuickly()
			return
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// counts requires so many polls with a result; the two before the fault were ok.
func (l *lab) counts(want float64, result string) {
	l.t.Helper()
	if result == pollOK {
		want += 2
	}
	l.shows(want, "flink_sidecar_collector_polls_total", "result", result)
}

// showsWithAge requires the old page with its age.
func (l *lab) showsWithAge(seconds float64) {
	l.t.Helper()
	l.shows(seconds, "flink_sidecar_collector_data_age_seconds")
	l.shows(1, "flink_job_up", "job", orders)
	l.shows(0.29325, "flink_vertex_busy_ratio", "vertex_id", l.Vertices[1])
	up, reason := l.Up()
	require.False(l.t, up)
	require.Regexp(l.t, `^flink: .* \(.+\)$`, reason)
}

// isWithdrawn requires that no value of Flink is on the page, and that all are named as
// unknown.
func (l *lab) isWithdrawn() {
	l.t.Helper()
	families, _ := l.scrape()
	for name := range families {
		require.True(l.t, strings.HasPrefix(name, "flink_sidecar_") || name == "flink_cluster_up", name)
	}
	for _, signal := range slices.Concat(ofDetails, ofTheStore) {
		l.unknown(signal, orders)
	}
	require.Equal(l.t, snapshot.Job{Name: orders, ID: l.JobID, Started: l.Jobs()[0].Started}, l.Jobs()[0])
	require.Equal(l.t, snapshot.TaskManager{ID: "tm2", Slots: 2, DataPort: 18142}, l.TaskManagers()[1])
	_, known := l.View(orders).State()
	require.False(l.t, known)
	_, known = l.Cluster()
	require.False(l.t, known)
}

// staysUnknown makes Flink answer again, except for the vertices: a withdrawn value does
// not return before it was read again.
func (l *lab) staysUnknown(signal string) {
	l.t.Helper()
	l.Break(flinktest.Status(http.StatusInternalServerError), "/subtasks/metrics")
	l.next()
	l.shows(0, "flink_sidecar_collector_data_age_seconds")
	l.shows(1, "flink_job_up", "job", orders)
	l.unknown(signal, orders)
}

// lacks requires these to be absent and named, and the others to be new.
func (l *lab) lacks(unknown []string) {
	l.t.Helper()
	for _, signal := range unknown {
		job := ""
		if strings.HasPrefix(signal, "flink_job_") || strings.HasPrefix(signal, "flink_vertex_") {
			job = orders
		}
		l.unknown(signal, job)
	}
	l.shows(0, "flink_sidecar_collector_data_age_seconds")
	l.shows(1, "flink_job_up", "job", orders)
	l.shows(2, "flink_cluster_taskmanagers")
	if !slices.Contains(unknown, "flink_vertex_busy_ratio") {
		l.shows(0.9, "flink_vertex_busy_ratio", "vertex_id", l.Vertices[1])
	}
}

// TestHostileCluster has names that would break a page, and names that are equal once
// they are cut to the length of a label: ten thousand of each.
func TestHostileCluster(t *testing.T) {
	l := newLab(t, flinktest.Flink23).watchedBefore()
	const nasty = "\xff new\nline \"quoted\" \\ {a=\"b\"} \u202e \x00 "
	l.Edit("/taskmanagers", func(d map[string]any) {
		for i := range huge {
			d["taskmanagers"] = append(d["taskmanagers"].([]any),
				map[string]any{"id": fmt.Sprint(nasty, i), "slotsNumber": 1})
		}
	})
	l.Edit("/jobs/overview", func(d map[string]any) {
		for i := range huge {
			d["jobs"] = append(d["jobs"].([]any), map[string]any{
				"jid": fmt.Sprint(nasty, i), "name": fmt.Sprint(strings.Repeat(nasty, 6), i), "state": "FINISHED",
				"start-time": 1,
			})
		}
	})
	for i := range 20 {
		l.AddException(flinktest.Exception{At: int64(1795374520000 + i), Name: nasty, Trace: nasty, Task: nasty})
	}
	l.first()
	l.next()
	families := l.answersQuickly()
	require.Len(t, families["flink_tm_slots"].GetMetric(), huge+2)
	require.Len(t, families["flink_job_up"].GetMetric(), 2, "one of the many")
	dropped, _ := l.value("flink_sidecar_collector_dropped_series_total", "reason", metricnames.Duplicate)
	require.InDelta(t, 2*3*(huge-1), dropped, 0, "up, state and start of the others, at each poll")
	l.shows(16, "flink_job_exceptions_total", "class", otherClass)
	l.shows(0.29325, "flink_vertex_busy_ratio", "vertex_id", l.Vertices[1])
}
