package scaletest

import (
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/synthetic/elasticsearch"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/figures"
)

// betweenStamps summarizes the times from the stamp of ingestion to that of indexing; nil
// without them. The caller holds mu.
func (s *indexSink) betweenStamps() *scalerun.Latency {
	h := figures.NewHistogram()
	for _, f := range s.found {
		if !f.Ingested.IsZero() && !f.Indexed.IsZero() {
			h.Add(int64(f.Indexed.Sub(f.Ingested)))
		}
	}
	if h.Count() == 0 {
		return nil
	}
	return h.Summary()
}

// stamps summarizes the times from the planned send to a stamp; nil without stamps.
func (s *indexSink) stamps(l *ledger, of func(elasticsearch.Found) time.Time) *scalerun.Latency {
	h := figures.NewHistogram()
	var smallest int64
	for k, f := range s.found {
		if at := of(f); !at.IsZero() {
			took := int64(at.Sub(l.start)) - l.due[s.at[k]]
			smallest = min(smallest, took)
			h.Add(took)
		}
	}
	if h.Count() == 0 || smallest < -int64(maxNegativeStamp) {
		return nil // the clocks contradict each other: the offset says by how much
	}
	return h.Summary()
}

// maxNegativeStamp is how far a stamp may be before the send. Stamps have a resolution of
// a millisecond; more is a difference of the clocks.
const maxNegativeStamp = 5 * time.Millisecond

// mostContradiction is how far stamps may contradict each other: those of one clock do not, apart
// from their resolution, and those of several synchronised machines hardly do.
const mostContradiction = 100 * time.Millisecond

// offset bounds how far the clock of the stamps is ahead of ours: a record is stamped after
// it was sent and before it was visible. nil if there are no stamps.
func (s *indexSink) offset(l *ledger) *scalerun.ClockOffset {
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
		atMost := stamp + stampResolution.Seconds() - figures.Seconds(l.sent[s.at[k]])
		if high == nil || atMost < *high {
			high = &atMost
		}
		if atLeast := stamp - figures.Seconds(s.till[k]); s.till[k] != never && (low == nil || atLeast > *low) {
			low = &atLeast
		}
	}
	if low == nil || high == nil {
		return nil
	}
	return &scalerun.ClockOffset{Low: *low, High: *high}
}

// stampResolution is that of a stamp: it may have been cut by nearly this.
const stampResolution = time.Millisecond
