package scaletest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
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
		synthetic.Sleep(ctx, s.every)
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
	s.placeAll(sink, l)
	return nil
}

// placeAll gives every found record the moment at which it became visible. Stamps that
// contradict each other say nothing of the order of indexing: that of sending stands in.
func (s *indexSink) placeAll(sink int, l *ledger) {
	sent := func(a, b int) int { return cmp.Compare(l.sent[s.at[a]], l.sent[s.at[b]]) }
	s.contradiction = 0
	s.placeInOrder(sink, l, func(a, b int) int {
		return cmp.Or(s.found[a].Indexed.Compare(s.found[b].Indexed), sent(a, b))
	})
	if o := s.offset(l); o != nil && o.Low-o.High > mostContradiction.Seconds() {
		s.contradiction = o.Low - o.High
		s.placeInOrder(sink, l, sent)
	}
}

// placeInOrder gives the records their moments in an order of indexing. Further documents of a record
// count in the curve too; they are taken to be spread evenly.
func (s *indexSink) placeInOrder(sink int, l *ledger, before func(a, b int) int) {
	order := make([]int, len(s.found))
	for k := range order {
		order[k] = k
	}
	slices.SortStableFunc(order, before)
	l.mu.Lock()
	defer l.mu.Unlock()
	arrived := newArrivals(l.n)
	documents := int64(0)
	for _, f := range s.found {
		documents += f.Documents
	}
	if len(s.curve) == 0 {
		return
	}
	step := 0
	for rank, k := range order {
		position := int64(rank) * documents / int64(len(order))
		for step < len(s.curve)-1 && s.curve[step].count <= position {
			step++
		}
		v := s.curve[step]
		s.till[k] = v.till
		i := s.at[k]
		// A record that was sent after the previous count became visible after that.
		moment := (max(v.after, l.sent[i]) + v.till) / 2
		arrived.seen[i] = moment
		arrived.distinct++
		arrived.duplicates += s.found[k].Documents - 1
		arrived.last = max(arrived.last, moment)
	}
	arrived.moved = l.arrivals[sink].moved
	l.arrivals[sink] = arrived
}

// report adds the stamps of the documents.
func (s *indexSink) report(ctx context.Context, l *ledger, into *episode.ScaleSink) (notes []string, err error) {
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
	switch {
	case err != nil:
		into.Stamps = s.betweenStamps()
		notes = append(notes, fmt.Sprintf("%s: the latency between the stamps is computed here, because the server does "+
			"not aggregate it: %v", s.label, err))
	case ok:
		into.Stamps = &episode.ScaleLatency{
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

// betweenStamps summarizes the times from the stamp of ingestion to that of indexing; nil
// without them. The caller holds mu.
func (s *indexSink) betweenStamps() *episode.ScaleLatency {
	h := newHistogram()
	for _, f := range s.found {
		if !f.Ingested.IsZero() && !f.Indexed.IsZero() {
			h.add(int64(f.Indexed.Sub(f.Ingested)))
		}
	}
	if h.count() == 0 {
		return nil
	}
	return h.summary()
}

// stamps summarizes the times from the planned send to a stamp; nil without stamps.
func (s *indexSink) stamps(l *ledger, of func(elasticsearch.Found) time.Time) *episode.ScaleLatency {
	h := newHistogram()
	var smallest int64
	for k, f := range s.found {
		if at := of(f); !at.IsZero() {
			took := int64(at.Sub(l.start)) - l.due[s.at[k]]
			smallest = min(smallest, took)
			h.add(took)
		}
	}
	if h.count() == 0 || smallest < -int64(maxNegativeStamp) {
		return nil // the clocks contradict each other: the offset says by how much
	}
	return h.summary()
}

// maxNegativeStamp is how far a stamp may be before the send. Stamps have a resolution of
// a millisecond; more is a difference of the clocks.
const maxNegativeStamp = 5 * time.Millisecond

// mostContradiction is how far stamps may contradict each other: those of one clock do not, apart
// from their resolution, and those of several synchronised machines hardly do.
const mostContradiction = 100 * time.Millisecond

// offset bounds how far the clock of the stamps is ahead of ours: a record is stamped after
// it was sent and before it was visible. nil if there are no stamps.
func (s *indexSink) offset(l *ledger) *episode.ClockOffset {
	var low, high *float64
	for k, f := range s.found {
		at := f.Indexed
		if at.IsZero() {
			at = f.Ingested
		}
		if at.IsZero() {
			continue
		}
		stamp := at.Sub(l.start).Seconds()
		atMost := stamp + stampResolution.Seconds() - inSec(l.sent[s.at[k]])
		if high == nil || atMost < *high {
			high = &atMost
		}
		if atLeast := stamp - inSec(s.till[k]); s.till[k] != never && (low == nil || atLeast > *low) {
			low = &atLeast
		}
	}
	if low == nil || high == nil {
		return nil
	}
	return &episode.ClockOffset{Low: *low, High: *high}
}

// stampResolution is that of a stamp: it may have been cut by nearly this.
const stampResolution = time.Millisecond

func (s *indexSink) remove(ctx context.Context, prefix string) (int64, error) {
	n, err := s.tally.Remove(ctx, prefix)
	if errors.Is(err, synthetic.ErrNoRight) {
		err = fmt.Errorf("%w (or set cleanup: keep)", err)
	}
	return n, err
}

func inSec(ns int64) float64 { return float64(ns) / 1e9 }
