package plugin

import (
	"context"
	"slices"
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
)

// table is the table "What changed?" of a run: a frame for each job that is chosen and has one. Without
// a run it is empty and says so: most sidecars have measured none yet.
func table(ctx context.Context, d *Datasource, q query) (data.Frames, error) {
	const name = "what changed"
	var frames data.Frames
	var without []string
	refs := q.refs()
	for _, of := range refs {
		t, err := d.client.Table(ctx, of, q.Run)
		if api.IsNoRun(err) && (q.Run == "" || len(refs) > 1) {
			without = append(without, nameOf(of))
			continue
		}
		if err != nil {
			return nil, err
		}
		f := tableFrame(name, t)
		if len(refs) > 1 {
			f.Name = nameOf(of) // the panel lets its reader choose a frame by name
		}
		frames = append(frames, f)
	}
	if len(frames) == 0 {
		frames = data.Frames{tableFrame(name, outcome.Table{})}
	}
	if len(without) > 0 {
		frames[0].AppendNotices(data.Notice{Severity: data.NoticeSeverityInfo, Text: noRunOf(q.Run, without)})
	}
	return frames, nil
}

// nameOf is how people call a job of a cluster; empty for all jobs.
func nameOf(of episode.JobRef) string {
	return strings.Join(slices.DeleteFunc([]string{of.Cluster, of.Job}, func(name string) bool { return name == "" }), " / ")
}

// noRunOf says which jobs have no table. An empty run is that of the newest baseline.
func noRunOf(run string, jobs []string) string {
	what := "run with a baseline"
	if run != "" {
		what = "run " + run
	}
	if of := strings.Join(jobs, ", "); of != "" {
		what += " of " + of
	}
	return "There is no " + what + ": measure one with sidecar scaletest --baseline, or read one with sidecar history import."
}

func tableFrame(name string, t outcome.Table) *data.Frame {
	type row = outcome.Row
	rows := t.Rows
	f := tableOf(name,
		field("change", column(rows, func(r row) string { return r.Change }), nil),
		field("throughput", column(rows, func(r row) *float64 { return r.Throughput }), unit("recps")),
		field("improvement", column(rows, func(r row) *float64 { return r.Improvement }), unit("percent")),
		field("step", column(rows, func(r row) *float64 { return r.Step }), unit("percent")),
		field("interval from", column(rows, func(r row) *float64 { return r.Low }), unit("percent")),
		field("interval to", column(rows, func(r row) *float64 { return r.High }), unit("percent")),
		field("verdict", column(rows, func(r row) string { return string(r.Verdict) }), nil),
		field("detectable", column(rows, func(r row) *float64 { return r.Detectable }), unit("percent")),
		field("latency p50", column(rows, func(r row) *float64 { return r.LatencyP50 }), unit("s")),
		field("latency p99", column(rows, func(r row) *float64 { return r.LatencyP99 }), unit("s")),
		field("CPU per million", column(rows, func(r row) *float64 { return r.CPUPerMillion }), unit("s")),
		field("deployments", column(rows, deployments), nil),
		field("iterations", column(rows, func(r row) int64 { return int64(r.Iterations) }), nil),
		field("shape", column(rows, func(r row) string { return r.Shape }), nil),
	)
	for _, warning := range t.Warnings {
		f.AppendNotices(data.Notice{Severity: data.NoticeSeverityWarning, Text: warning})
	}
	return f
}

func deployments(r outcome.Row) *int64 {
	if r.Deployments == nil {
		return nil
	}
	n := int64(*r.Deployments)
	return &n
}
