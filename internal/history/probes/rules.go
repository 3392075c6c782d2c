package probes

import (
	"fmt"
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// MaxRecord is the maximum size of a stored record, in bytes of JSON.
const MaxRecord = 64 << 10

// maxDueAhead is how far a due time may be ahead of our clock, because the records of a long round are
// due in the future.
const maxDueAhead = 24 * time.Hour

// maxSeed is larger than the length of a seed and smaller than that of a bbolt key.
const maxSeed = 256

// valid returns why a record can't be accounted for, nil if it can.
func valid(r episode.ProbeRecord, now time.Time) error {
	switch {
	case r.Seed == "" || len(r.Seed) > maxSeed:
		return fmt.Errorf("probe record %.32q: a seed has 1 to %d bytes", r.Seed, maxSeed)
	case len(r.Sinks) == 0:
		return fmt.Errorf("probe record %s: it has no sinks", r.Seed)
	case r.Intended.After(now.Add(maxDueAhead)):
		return fmt.Errorf("probe record %s: it is due at %s, too far in the future (set the clocks)",
			r.Seed, r.Intended.Format(time.RFC3339))
	case r.Intended.IsZero():
		return fmt.Errorf("probe record %s: it has no due time", r.Seed)
	}
	seen := map[string]bool{}
	for _, s := range r.Sinks {
		if s.Sink == "" || seen[s.Sink] {
			return fmt.Errorf("probe record %s: a sink has no name or occurs twice: %q", r.Seed, s.Sink)
		}
		seen[s.Sink] = true
		if !slices.Contains(episode.RecordOutcomes(), s.Outcome) {
			return fmt.Errorf("probe record %s: unknown outcome %q at sink %s", r.Seed, s.Outcome, s.Sink)
		}
		if s.Order != "" && s.Order != episode.InOrder && s.Order != episode.Reordered {
			return fmt.Errorf("probe record %s: unknown order %q at sink %s", r.Seed, s.Order, s.Sink)
		}
		if s.Duplicates < 0 {
			return fmt.Errorf("probe record %s: %d duplicates at sink %s", r.Seed, s.Duplicates, s.Sink)
		}
	}
	return nil
}

// mergeRecord returns the next state of the stored record old when r is put: r with its
// sinks in old's order, and with the final outcomes of old.
func mergeRecord(old, r episode.ProbeRecord) (episode.ProbeRecord, error) {
	if len(old.Sinks) != len(r.Sinks) {
		return r, fmt.Errorf("probe record %s: put with %d sinks instead of %d", r.Seed, len(r.Sinks), len(old.Sinks))
	}
	sinks := make([]episode.AtSink, len(old.Sinks))
	for i, was := range old.Sinks {
		at := slices.IndexFunc(r.Sinks, func(s episode.AtSink) bool { return s.Sink == was.Sink })
		if at < 0 {
			return r, fmt.Errorf("probe record %s: put without its sink %s", r.Seed, was.Sink)
		}
		if was.Outcome != episode.Pending && was.Outcome != r.Sinks[at].Outcome {
			return r, fmt.Errorf("probe record %s: %s at sink %s is final and can't become %s",
				r.Seed, was.Outcome, was.Sink, r.Sinks[at].Outcome)
		}
		sinks[i] = mergeSink(was, r.Sinks[at])
	}
	r.Sinks = sinks
	if r.Acknowledged == nil {
		r.Acknowledged = old.Acknowledged
	}
	return r, nil
}

// mergeSink keeps the attributes from decreasing, because an older copy of the record
// may be put again.
func mergeSink(was, is episode.AtSink) episode.AtSink {
	is.Duplicates = max(is.Duplicates, was.Duplicates)
	is.SeenAfter = is.SeenAfter || was.SeenAfter
	if was.Order != "" {
		is.Order = was.Order
	}
	if is.Latency == nil {
		is.Latency = was.Latency
	}
	return is
}

// before returns the old state of the i-th sink of a record, nil if there was no
// record.
func before(old episode.ProbeRecord, i int) *episode.AtSink {
	if i >= len(old.Sinks) {
		return nil
	}
	return &old.Sinks[i]
}
