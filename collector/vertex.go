package collector

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/collector/exposition"
	"github.com/flink-sidecar/flink-sidecar/collector/metricnames"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// readVertex collects what is known of one vertex.
func (p *poll) readVertex(
	ctx context.Context, job string, v flink.Vertex, names *vertexMetrics, left *budget,
) vertexRead {
	subtasks, settled := v.Running()
	vertex := vertexRead{Vertex: exposition.Vertex{
		Vertex: snapshot.Vertex{
			ID: v.ID, Name: v.Name, Parallelism: max(0, v.Parallelism), MaxParallelism: max(0, v.MaxParallelism),
			Source: names.source,
		},
		Finished: settled && subtasks == 0,
	}}
	vertex.running = subtasks
	var found flink.Aggregates
	chosen := p.chooseSubtasks(ctx, job, v, names, left)
	if chosen && subtasks > 0 && p.askVertex(ctx, job, v.ID, names, left) {
		found = names.known(p.fresh())
	}
	if subtasks == v.Parallelism {
		names.ask(found, v.Parallelism)
	}
	if p.stale || !settled || !reportedBy(found, subtasks) {
		found = nil
		clear(names.values) // they may be of other attempts
	}
	if settled && !p.stale {
		vertex.RecordsIn, vertex.RecordsOut = v.IO.RecordsIn, v.IO.RecordsOut
		vertex.BytesIn, vertex.BytesOut = v.IO.BytesIn, v.IO.BytesOut
	}
	vertex.Busy, vertex.Idle, vertex.Backpressured = shares(found)
	vertex.Pending = sumOf(found, metricnames.PendingRecords)
	vertex.HasPending = names.reads(metricnames.PendingRecords)
	vertex.take(found)
	if vertex.clock != nil && *vertex.clock < firstView.Seconds() {
		vertex.Busy, vertex.Idle, vertex.Backpressured = nil, nil, nil
	}
	if !vertex.Finished {
		vertex.Readings = metricnames.Values(names.expected(), found)
	}
	vertex.NamesLeft, vertex.Refused = names.left, names.refused
	if vertex.Source {
		vertex.read = readBy(found, names, vertex)
	}
	return vertex
}

// chooseSubtasks makes the requests about a vertex leave out subtasks that finished: Flink
// remembers what they last reported, and a mean over them is wrong. Which ones run is asked
// when their number changes. It reports whether that is known.
func (p *poll) chooseSubtasks(ctx context.Context, job string, v flink.Vertex, names *vertexMetrics,
	left *budget,
) bool {
	running, settled := v.Running()
	if !settled || running == names.running {
		return true
	}
	clear(names.values) // they are of other subtasks
	names.only = ""
	if running == 0 || running == v.Parallelism {
		names.running = running
		return true
	}
	if p.frozen || ctx.Err() != nil || !left.take(1) {
		return false
	}
	details, err := p.client.Vertex(ctx, job, v.ID)
	if err != nil {
		p.note(err)
		return false
	}
	var indexes []int
	for _, s := range details.Subtasks {
		if s.Running() {
			indexes = append(indexes, s.Index)
		}
	}
	slices.Sort(indexes)
	if len(indexes) != running {
		return false // one finished between the two answers
	}
	names.only, names.running = flink.Ranges(indexes), running
	return true
}

// listNames lists the names of a vertex's metrics, if they are due. While the
// metric store stands still it does not, and where only new names are looked for it
// leaves as many requests as are kept for what is known.
func (p *poll) listNames(ctx context.Context, job, vertex string, names *vertexMetrics, left *budget, kept int) {
	if p.frozen || ctx.Err() != nil || !names.due(p.polls) || !names.blind() && left.left <= kept || !left.take(1) {
		return
	}
	listed, err := p.client.VertexNames(ctx, job, vertex)
	if err != nil {
		p.note(err)
		return
	}
	clear(p.index.User.Refused)
	names.learn(p.index.Select(listed), p.polls)
	names.refused = maps.Clone(p.index.User.Refused)
}

// askVertex reads the first batch of a vertex's metrics, and the one whose turn it is. It
// reports whether the first was answered.
func (p *poll) askVertex(ctx context.Context, job, vertex string, names *vertexMetrics, left *budget) bool {
	if p.frozen || ctx.Err() != nil || len(names.batches) == 0 {
		return false
	}
	if !p.askBatch(ctx, job, vertex, names, 0, left) {
		return false
	}
	if len(names.batches) > 1 && left.take(1) {
		p.askBatch(ctx, job, vertex, names, names.further(), left)
	}
	return true
}

// askBatch reads one batch. An empty answer is halved if its names were listed in this
// poll; otherwise they are listed again at the next poll.
func (p *poll) askBatch(ctx context.Context, job, vertex string, names *vertexMetrics, index int, left *budget) bool {
	names.asked[index] = true
	exhausted := true
	more := func() bool {
		allowed := names.listed == p.polls && left.take(1)
		exhausted = exhausted && allowed
		return allowed
	}
	wanted := make([]string, 0, len(names.batches[index]))
	for _, w := range names.batches[index] {
		wanted = append(wanted, w.Name)
	}
	ask := p.client.VertexAggregates
	if names.only != "" {
		ask = func(ctx context.Context, job, vertex string, wanted []string, more flink.Allowance) (flink.Aggregates,
			error,
		) {
			return p.client.SubtaskAggregates(ctx, job, vertex, names.only, wanted, more)
		}
	}
	found, err := ask(ctx, job, vertex, wanted, more)
	if err != nil {
		p.note(err)
		return false
	}
	names.heard(index, found, p.now, p.polls, exhausted)
	return true
}

// reportedBy reports whether so many subtasks reported their shares of time. If all
// shares are 0, nothing has been measured yet.
func reportedBy(found flink.Aggregates, subtasks int) bool {
	n, known := reporters(found)
	return known && n == subtasks
}

// reporters is how many subtasks reported their shares of time.
func reporters(found flink.Aggregates) (n int, known bool) {
	for _, name := range metricnames.TaskTimes() {
		if n, known = found[name].Count(); known {
			return n, true
		}
	}
	return 0, false
}

// share converts milliseconds per second to a share of time.
func share(found flink.Aggregates, name string) *snapshot.Share {
	a, ok := found[name]
	if !ok {
		return nil
	}
	return &snapshot.Share{Mean: a.Avg / metricnames.MillisPerSecond, Max: a.Max / metricnames.MillisPerSecond}
}

// sumOf adds up a metric over all operators of a vertex; nil if none reports it.
func sumOf(found flink.Aggregates, ending string) *float64 { return sumOver(found, "", ending) }

// sumOver adds up a metric over the operators whose name has this prefix.
func sumOver(found flink.Aggregates, operator, ending string) *float64 {
	var sum *float64
	for name, a := range found {
		rest, ok := strings.CutSuffix(name, ending)
		if !ok || !strings.HasPrefix(rest, operator) || strings.Contains(rest, ".") {
			continue
		}
		if sum == nil {
			sum = new(float64)
		}
		*sum += a.Sum
		if a.Min < 0 {
			return nil // a subtask says with a negative count that it has none
		}
	}
	return sum
}
