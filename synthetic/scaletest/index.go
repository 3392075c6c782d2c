package scaletest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/internal/wait"
	"github.com/flink-sidecar/flink-sidecar/synthetic"
	"github.com/flink-sidecar/flink-sidecar/synthetic/elasticsearch"
)

// indexSink is an index as a sink. While an iteration is under way, only the number of its
// visible documents is asked: a search for each record would be a load of its own. The
// records themselves are read once, in [indexSink.settle].
//
// The moment at which one record became visible follows from both. Documents become
// visible in the order in which the index received them, so the document that was indexed
// as the k-th became visible when the number of visible documents reached k. Without
// stamps of indexing, the order of sending stands in.
type indexSink struct {
	label string
	index string
	tally *elasticsearch.Tally
	every time.Duration // between two counts
	facts elasticsearch.Index

	mu sync.Mutex // protects the following fields
	// curve holds the moments at which the number of visible documents was seen to grow,
	// for the ledger of.
	of    *ledger
	curve []visible
	last  int64 // the middle of the last count
	found []elasticsearch.Found
	at    []int   // of found: the record
	till  []int64 // of found: a moment at which it was visible
	// contradiction is by how many seconds the stamps contradict each other; 0 unless it is much.
	contradiction float64
}

// visible says that documents became visible between two counts.
type visible struct {
	count       int64
	after, till int64
}

func (s *indexSink) name() string         { return s.label }
func (s *indexSink) place() place         { return place{index, s.index} }
func (s *indexSink) floor() time.Duration { return s.facts.Refresh }

func (s *indexSink) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = s.tally.Close(ctx) // nothing depends on it
}

func (s *indexSink) check(ctx context.Context) (map[string]string, error) {
	facts, err := s.tally.Check(ctx)
	s.facts = facts
	known := map[string]string{"elasticsearch_refresh": facts.Refresh.String()}
	if facts.Shards > 0 {
		known["elasticsearch_shards"] = strconv.Itoa(facts.Shards)
	}
	return known, err
}

// watch counts until ctx ends.
func (s *indexSink) watch(ctx context.Context, of *account) {
	last := never // the middle of the previous count
	for ctx.Err() == nil {
		if l := of.ledger(); l != nil {
			asked := l.since(time.Now())
			count, err := s.tally.Count(ctx, string(l.prefix))
			if ctx.Err() != nil {
				return
			}
			of.failed(err)
			middle := (asked + l.since(time.Now())) / 2
			if err == nil {
				s.grow(l, of.sink, count, last, middle)
				last = middle
			}
		} else {
			last = never
		}
		_ = wait.For(ctx, s.every)
	}
}

// grow notes a count.
func (s *indexSink) grow(l *ledger, sink int, count int64, after, till int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of != l {
		s.of, s.curve, s.found, s.at, s.till = l, nil, nil, nil, nil
		after = 0
	}
	s.last = till
	known := int64(0)
	if len(s.curve) > 0 {
		known = s.curve[len(s.curve)-1].count
	}
	if count <= known {
		return
	}
	s.curve = append(s.curve, visible{count, max(0, after), till})
	l.count(sink, count, (max(0, after)+till)/2)
}

// settle reads all visible records once and gives each its moment.
func (s *indexSink) settle(ctx context.Context, sink int, l *ledger) error {
	var found []elasticsearch.Found
	var at []int
	asked := l.since(time.Now())
	err := s.tally.Each(ctx, string(l.prefix), func(f elasticsearch.Found) {
		if i := l.indexesIn([]byte(f.Seed)); len(i) == 1 {
			found, at = append(found, f), append(at, i[0])
		}
	})
	if err != nil {
		return lookFailed(s.label, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.found, s.at, s.till = found, at, unset(len(found))
	s.countFound(l, (asked+l.since(time.Now()))/2)
	s.placeAll(sink, l)
	return nil
}

// readsAnew is true: a count that failed is made up for by the reading of all documents.
func (s *indexSink) readsAnew() bool { return true }

// report adds the stamps of the documents.
func (s *indexSink) report(ctx context.Context, l *ledger, into *scalerun.Sink) (notes []string, err error) {
	if s.facts.Refresh > 0 {
		notes = append(notes, fmt.Sprintf("%s: documents become visible every %s", s.label, s.facts.Refresh))
	}
	if stamped, why := s.tally.Stamped(); !stamped {
		note := s.label + ": without stamps of indexing the order of sending stands in for their order in the quantiles"
		if why != nil {
			note += ": " + why.Error()
		}
		notes = append(notes, note)
	}
	aggregated, ok, err := s.tally.Latency(ctx, string(l.prefix))
	s.mu.Lock()
	defer s.mu.Unlock()
	if gap := s.gap(); gap > 0 {
		notes = append(notes, fmt.Sprintf("%s: its documents were not counted for %.1f s, so their latencies are wrong by up to "+
			"half of that", s.label, gap.Seconds()))
	}
	switch {
	case err != nil:
		into.Stamps = s.betweenStamps()
		notes = append(notes, fmt.Sprintf("%s: the latency between the stamps is computed here, because the server does "+
			"not aggregate it: %v", s.label, err))
	case ok:
		into.Stamps = &scalerun.Latency{
			Min: &aggregated.Min, Mean: &aggregated.Mean, P50: &aggregated.P50, P90: &aggregated.P90,
			P99: &aggregated.P99, Max: &aggregated.Max,
		}
	}
	if s.contradiction > 0 {
		into.Stamps = nil
		return append(notes, fmt.Sprintf("%s: the stamps contradict each other by %.1f s, so there are no latencies to them, "+
			"and the order of sending stands in for that of indexing: the clocks of the job's machines differ, or one was set "+
			"meanwhile (synchronise them, and repeat the test)", s.label, s.contradiction)), nil
	}
	offset := s.offset(l)
	into.ClockOffset = offset
	into.Ingested = s.stamps(l, func(f elasticsearch.Found) time.Time { return f.Ingested })
	into.Indexed = s.stamps(l, func(f elasticsearch.Found) time.Time { return f.Indexed })
	if offset != nil && (offset.Low > 0 || offset.High < 0) {
		notes = append(notes, fmt.Sprintf("%s: the clock of the stamps differs from this one by %.3f to %.3f s, so the "+
			"latencies to the stamps are wrong by that (synchronise the clocks)", s.label, offset.Low, offset.High))
	}
	return notes, nil
}

func (s *indexSink) remove(ctx context.Context, prefix string) (int64, error) {
	n, err := s.tally.Remove(ctx, prefix)
	if errors.Is(err, synthetic.ErrNoRight) {
		err = fmt.Errorf("%w (or set cleanup: keep)", err)
	}
	return n, err
}
