package collector

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/collector/exposition"
	"github.com/flink-sidecar/flink-sidecar/collector/metricnames"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

const pending = "Source__orders_v1_source" + metricnames.PendingRecords

// TestPendingRecordsComeLate has a source that lists them only after its first record:
// the names are listed again, at growing intervals.
func TestPendingRecordsComeLate(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	l.SetMetric(l.Vertices[0], pending)
	l.first()
	_, ok := l.value("flink_vertex_pending_records")
	require.False(t, ok)
	_, ok = l.value("flink_sidecar_signal_unknown")
	require.False(t, ok, "a source need not tell")
	l.SetMetric(l.Vertices[0], pending, 10, 20, 30, 40)
	l.next()
	l.shows(100, "flink_vertex_pending_records", "vertex_id", l.Vertices[0])
}

// TestNamesChange has a listed name disappear: the answer is empty, the names are listed
// again, and the next poll is complete.
func TestNamesChange(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	l.first()
	l.next() // they are listed for the second time, and not at the next poll
	l.SetMetric(l.Vertices[0], pending)
	l.next()
	l.unknown("flink_vertex_pending_records", orders)
	l.next()
	l.shows(0.04475, "flink_vertex_busy_ratio", "vertex_id", l.Vertices[0])
}

func TestOperatorCountsAreUsedWhereTasksDoNotCount(t *testing.T) {
	l := newLab(t, flinktest.Flink120)
	l.SetMetric(l.Vertices[0], "Source__orders_v1_source"+metricnames.RecordsIn, 100, 200, 300, 400)
	l.first()
	l.shows(1000, "flink_job_source_records_total")
}

func TestWhatSourcesRead(t *testing.T) {
	sent := vertexRead{Vertex: exposition.Vertex{Vertex: snapshot.Vertex{
		Source: true, RecordsIn: new(0.0),
		RecordsOut: new(5.0),
	}}}
	sent.read = readBy(nil, &vertexMetrics{}, sent)
	require.Equal(t, sentByTask, sent.read.kind)
	counted := vertexRead{Vertex: exposition.Vertex{Vertex: snapshot.Vertex{Source: true, RecordsIn: new(9.0)}}}
	counted.read = readBy(flink.Aggregates{"Source__b.numRecordsIn": {Sum: 7}, "Source__c.numRecordsIn": {Sum: 1}},
		&vertexMetrics{}, counted)
	require.Equal(t, "operator in", counted.read.kind)
	idle := readBy(nil, &vertexMetrics{},
		vertexRead{Vertex: exposition.Vertex{Vertex: snapshot.Vertex{RecordsIn: new(0.0), RecordsOut: new(0.0)}}})
	require.Equal(t, readByTask, idle.kind)
	require.InDelta(t, 0, *idle.value, 0)

	read := func(v vertexRead) *float64 { return v.read.value }
	require.Nil(t, (&jobRead{}).sumOverSources(read), "a job without sources reads nothing that we know of")
	job := jobRead{vertices: []vertexRead{
		sent,
		{Vertex: exposition.Vertex{Vertex: snapshot.Vertex{RecordsIn: new(100.0)}}},
		counted,
	}}
	require.InDelta(t, 13, *job.sumOverSources(read), 0)
	job.vertices = append(job.vertices, vertexRead{Vertex: exposition.Vertex{Vertex: snapshot.Vertex{Source: true}}})
	require.Nil(t, job.sumOverSources(read), "of one source nothing is known")
}

// TestSourceCountNeverFalls has a source that drops most of what it reads, and one poll
// without its operators' metrics. The records that its task sent are another count: a
// counter that falls to it and rises again looks like a jump to rate().
func TestSourceCountNeverFalls(t *testing.T) {
	l := newLab(t, flinktest.Flink120)
	l.SetMetric(l.Vertices[0], "Source__orders_v1_source"+metricnames.RecordsIn, 1e6, 1e6, 1e6, 1e6)
	l.first()
	l.shows(4e6, "flink_job_source_records_total")
	l.Break(flinktest.Status(500), "/subtasks/metrics")
	l.next()
	l.unknown("flink_job_source_records_total", orders)
	l.Heal()
	l.next()
	l.shows(4e6, "flink_job_source_records_total")
	l.EditJob(func(job map[string]any) {
		job["vertices"].([]any)[0].(map[string]any)["tasks"] = map[string]any{"FINISHED": 4}
	})
	l.next()
	l.shows(4e6, "flink_job_source_records_total")
}

// TestNoLagYet has a source without a timestamped record so far: -1 ms is not a lag.
func TestNoLagYet(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	const name = "Source__orders_v1_source.currentEmitEventTimeLag"
	l.SetMetric(l.Vertices[0], name, -1, -1, -1, -1)
	l.first()
	_, ok := l.value("flink_source_emit_event_time_lag_seconds_max")
	require.False(t, ok)
	l.SetMetric(l.Vertices[0], name, -1, -1, 2500, -1)
	l.next()
	l.shows(2.5, "flink_source_emit_event_time_lag_seconds_max")
}

// TestNamesThatComeLate has a user's counter that is registered hours after the job
// began.
func TestNamesThatComeLate(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	l.index = metricnames.NewIndex([]metricnames.UserMetric{{
		Match: `[^.]+\.shop\.errors`,
		Type:  metricnames.TypeCounter,
	}})
	for range 300 {
		l.next()
	}
	l.SetMetric(l.Vertices[0], "map.shop.errors", 7, 0, 0, 0)
	for range maxPause {
		l.next()
	}
	require.Contains(t, l.runs[l.JobID].vertices[l.Vertices[0]].values, "map.shop.errors")
}

// TestListingTakesNoTurn has vertices whose names do not fit into one request: a listing
// of late names does not cost any of their values.
func TestListingTakesNoTurn(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	l.index = metricnames.NewIndex([]metricnames.UserMetric{{
		Match: `[^.]+\.shop\.(.+)`,
		Type:  metricnames.TypeCounter,
	}})
	vertices := slices.Clone(l.Vertices)
	for i := range 4 {
		vertices = append(vertices, fmt.Sprintf("%032x", i))
		l.AddVertex(vertices[i+2], fmt.Sprint("vertex ", i))
	}
	for _, v := range vertices {
		for i := range 140 {
			l.SetMetric(v, fmt.Sprintf("map.shop.%s_%d", strings.Repeat("n", 40), i), 1, 1, 1, 1)
		}
	}
	shown := func() int { return l.last.page.Len() }
	for range 6 {
		l.next()
	}
	all := shown()
	require.Greater(t, all, 6*140)
	for range 40 {
		l.pass(time.Millisecond) // no clock is exact
		l.next()
		require.GreaterOrEqual(t, shown(), all)
	}
}

// TestHostileNames has names that would break a page, and ten thousand metrics.
func TestHostileNames(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	const nasty = "\xff\xfe new\nline \"quoted\" \\ {label=\"x\"} \u202e \x00 "
	l.AddVertex("aa", nasty)
	l.AddVertex("bb", nasty)
	l.AddVertex("..", nasty)
	l.AddVertex("c/../../jars", nasty+strings.Repeat("é", 5000))
	for i := range 10_000 {
		l.SetMetric(l.Vertices[0], fmt.Sprintf("%s%d%s", nasty, i, metricnames.PendingRecords), 1, 1, 1, 1)
	}
	l.EditJob(func(job map[string]any) { job["name"] = nasty })
	l.Edit("/jobs/overview", func(d map[string]any) { d["jobs"].([]any)[0].(map[string]any)["name"] = nasty })
	l.first()

	l.shows(0.29325, "flink_vertex_busy_ratio", "vertex_id", "aa")
	l.shows(0.29325, "flink_vertex_busy_ratio", "vertex_id", "bb")
	l.shows(4, "flink_vertex_parallelism", "vertex_id", "..")
	l.shows(0, "flink_sidecar_collector_dropped_series_total", "reason", metricnames.Duplicate)
	problems, err := testutil.CollectAndLint(l.Collector)
	require.NoError(t, err)
	require.Empty(t, problems)
	require.Len(t, l.Jobs(), 1)
	l.answersQuickly()
}

// TestDuplicatesAreDroppedAndCounted has two vertices of one id and name.
func TestDuplicatesAreDroppedAndCounted(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	l.AddVertex("aa", "twin")
	l.AddVertex("aa", "twin")
	l.first()
	l.shows(4, "flink_vertex_parallelism", "vertex_id", "aa")
	dropped, _ := l.value("flink_sidecar_collector_dropped_series_total", "reason", metricnames.Duplicate)
	kept := 0
	for metric := range l.last.page.Metrics(nil) {
		var written dto.Metric
		require.NoError(t, metric.Write(&written))
		for _, label := range written.GetLabel() {
			if label.GetName() == "vertex_id" && label.GetValue() == "aa" {
				kept++
			}
		}
	}
	require.Greater(t, kept, 10)
	require.InDelta(t, kept, dropped, 0, "all series of the second")
}

func TestJobsOfOneName(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	l.AddJob("00000000000000000000000000000001", orders, 1)
	l.AddJob("00000000000000000000000000000002", "other", 1)
	l.first()
	l.next()
	require.Len(t, l.Jobs(), 2)
	job, _ := l.Job(orders)
	require.Equal(t, l.JobID, job.ID, "the one started last")
	l.shows(1, "flink_sidecar_collector_hidden_jobs")
	require.Equal(t, 1, strings.Count(l.log.String(), "two running jobs have one name"))
	l.shows(1, "flink_job_up", "job", "other")
	l.unknown("flink_vertex_busy_ratio", "other")
}

func TestTidy(t *testing.T) {
	require.Equal(t, "a\uFFFDb", exposition.Label("a\xffb"))
	require.Equal(t, strings.Repeat("é", 200), exposition.Label(strings.Repeat("é", 200)))
	require.Equal(t, strings.Repeat("é", 199)+"…", exposition.Label(strings.Repeat("é", 201)))
}

// BenchmarkScrape hands out a page of ten thousand series, as a registry
// gathers it.
func BenchmarkScrape(b *testing.B) {
	client, err := flink.New(flink.Config{URL: "http://localhost"})
	require.NoError(b, err)
	c := New(DefaultConfig(), client, slog.New(slog.DiscardHandler))
	one := 1.0
	job := jobRead{Job: exposition.Job{
		Job:           snapshot.Job{Name: "job", State: flink.JobRunning, Known: true},
		Checkpointing: true,
	}}
	for i := range 910 {
		job.vertices = append(job.vertices,
			vertexRead{Vertex: exposition.Vertex{Vertex: snapshot.Vertex{
				ID:   fmt.Sprintf("%032x", i),
				Name: fmt.Sprintf("vertex %d", i), Parallelism: 1, Busy: &snapshot.Share{}, Idle: &snapshot.Share{},
				Backpressured: &snapshot.Share{}, RecordsIn: &one, RecordsOut: &one, BytesIn: &one, BytesOut: &one,
			}}})
	}
	c.last = pollResult{taken: time.Now(), jobs: []jobRead{job}}
	c.last.page = c.renderer.Render("lab", c.last.view())
	require.Greater(b, c.last.page.Len(), 10_000)
	registry := prometheus.NewRegistry()
	registry.MustRegister(c)
	b.ReportAllocs()
	for b.Loop() {
		_, err := registry.Gather()
		require.NoError(b, err)
	}
}

// TestNamesOfFamilies checks that no name collides with Flink's own reporter or with the
// sidecar's own metrics.
func TestNamesOfFamilies(t *testing.T) {
	seen := map[string]bool{}
	for _, family := range exposition.Families() {
		require.False(t, seen[family.Name], family.Name)
		seen[family.Name] = true
		require.Regexp(t, `^flink_(cluster|jm|tm|job|vertex|subtask|operator|source|sink|state)_`, family.Name)
		require.Equal(t, family.Counter(), strings.HasSuffix(family.Name, "_total"), family.Name)
		require.Regexp(t, " (Flink: |Derived)", family.Help)
	}
	require.Contains(t, slices.Collect(maps.Keys(seen)), "flink_vertex_busy_ratio_max")
}
