package collector

import (
	"context"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

// readVertex puts together what is known of one vertex, and adds what it reads
// as a source to records.
func (p *poll) readVertex(ctx context.Context, job string, v flink.Vertex, names *catalogue, left *budget, records *sourceCount) Vertex {
	subtasks, settled := v.Running()
	vertex := Vertex{
		ID: v.ID, Name: v.Name, Parallelism: v.Parallelism, Source: names.source,
		finished: settled && subtasks == 0,
	}
	var found flink.Aggregates
	if subtasks > 0 {
		found = p.askVertex(ctx, job, v.ID, names, left)
	}
	if p.stale || !settled || !reportedBy(found, subtasks) {
		found = nil
	}
	if settled && !p.stale {
		vertex.RecordsIn, vertex.RecordsOut = v.IO.RecordsIn, v.IO.RecordsOut
		vertex.BytesIn, vertex.BytesOut = v.IO.BytesIn, v.IO.BytesOut
	}
	vertex.Busy, vertex.Idle = share(found, busyTime), share(found, idleTime)
	vertex.Backpressured = share(found, backpressuredTime)
	vertex.Pending = sumOf(found, pendingRecords)
	vertex.tellsPending = names.tells(pendingRecords)
	if vertex.Source {
		records.add(found, vertex)
	}
	return vertex
}

// listNames lists the names of a vertex's metrics, if they are due. While the
// metric store stands still it does not.
func (p *poll) listNames(ctx context.Context, job, vertex string, names *catalogue, left *budget) {
	if p.frozen || ctx.Err() != nil || !names.due(p.polls) || !left.take(1) {
		return
	}
	listed, err := p.client.VertexNames(ctx, job, vertex)
	if err != nil {
		p.note(err)
		return
	}
	names.learn(listed, p.polls)
}

// askVertex asks for a vertex's metrics. An empty answer is halved if its names
// were listed just now; otherwise they are listed again at the next poll.
func (p *poll) askVertex(ctx context.Context, job, vertex string, names *catalogue, left *budget) flink.Aggregates {
	if p.frozen || ctx.Err() != nil || len(names.wanted) == 0 {
		return nil
	}
	exhausted := true
	more := func() bool {
		allowed := names.listed == p.polls && left.take(1)
		exhausted = exhausted && allowed
		return allowed
	}
	found, err := p.client.VertexAggregates(ctx, job, vertex, names.wanted, more)
	if err != nil {
		p.note(err)
		return nil
	}
	names.heard(found, p.polls, exhausted)
	return found
}

// reportedBy reports whether so many subtasks reported their shares of time. If
// all shares are 0, nothing has been measured yet.
func reportedBy(found flink.Aggregates, subtasks int) bool {
	for _, name := range taskTimes() {
		if n, known := found[name].Count(); known {
			return n == subtasks
		}
	}
	return false
}

// share turns milliseconds per second into a share of time.
func share(found flink.Aggregates, name string) *Share {
	a, ok := found[name]
	if !ok {
		return nil
	}
	return &Share{Mean: a.Avg / millisPerSecond, Max: a.Max / millisPerSecond}
}

// sumOf adds up a metric over all operators of a vertex; nil if none reports
// it.
func sumOf(found flink.Aggregates, ending string) *float64 {
	var sum *float64
	for name, a := range found {
		if !strings.HasSuffix(name, ending) {
			continue
		}
		if sum == nil {
			sum = new(float64)
		}
		*sum += a.Sum
	}
	return sum
}

// sourceCount adds up what the sources of a job have read. Which counter says
// that depends on the version of Flink and the kind of source: the operator's
// own if it counts, otherwise the task's. The kind tells the choice, so that
// counts of different choices are never compared.
type sourceCount struct {
	sum     float64
	kind    string
	sources int
	unknown bool
}

func (s *sourceCount) add(found flink.Aggregates, v Vertex) {
	s.sources++
	choices := []struct {
		kind  string
		value *float64
	}{
		{"operator in", sumOf(found, recordsIn)},
		{"operator out", sumOf(found, recordsOut)},
		{"task in", v.RecordsIn},
		{"task out", v.RecordsOut},
	}
	best := -1
	for i, c := range choices {
		if c.value != nil && (best < 0 || *choices[best].value == 0 && *c.value > 0) {
			best = i
		}
	}
	if best < 0 {
		s.unknown = true
		return
	}
	s.sum += *choices[best].value
	s.kind += v.ID + " " + choices[best].kind + ";"
}

// total is nil unless every source is known.
func (s *sourceCount) total() *float64 {
	if s.unknown || s.sources == 0 {
		return nil
	}
	return &s.sum
}
