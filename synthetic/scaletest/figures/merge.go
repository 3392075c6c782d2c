package figures

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

// noStamps is the note of a merged iteration.
const noStamps = "the latencies between stamps are those of each shard only: aggregations of several can't be merged"

// Merge makes one test of what several shards measured. begun is the test of the first shard
// before its first iteration; parts has the slices of each iteration, in the order of the
// shards. aborted is why the test did not come to its end; nil if it did. Histograms have
// equal bins, so that quantiles of the merged one are those of all records together.
func Merge(begun scalerun.Test, parts [][]scalerun.Slice, aborted error) (scalerun.Test, error) {
	begun.Iterations = []scalerun.Iteration{}
	for i, shards := range parts {
		it, err := MergeIteration(shards)
		if err != nil {
			return begun, fmt.Errorf("iteration %d: %w", i+1, err)
		}
		begun.Iterations = append(begun.Iterations, it)
	}
	Conclude(&begun, aborted)
	return begun, nil
}

// MergeIteration makes one iteration of the slices of all shards.
func MergeIteration(shards []scalerun.Slice) (out scalerun.Iteration, err error) {
	if len(shards) == 0 {
		return out, errors.New("there is no slice")
	}
	first := shards[0].Iteration
	out = scalerun.Iteration{
		Iteration: first.Iteration, Started: first.Started, Checkpoints: first.Checkpoints, Backpressure: first.Backpressure,
		GCSeconds: first.GCSeconds, ExchangedBytes: first.ExchangedBytes,
		Sinks: map[string]scalerun.Sink{}, Flags: []string{}, Notes: []string{},
	}
	delays := NewHistogram()
	for _, s := range shards {
		if err := delays.MergeEncoded(s.Delays); err != nil {
			return out, err
		}
		sum(&out, s.Iteration)
	}
	dropContradictions(&out)
	if !allShort(shards) { // all records together last as long as the longest slice
		out.Flags = slices.DeleteFunc(out.Flags, func(flag string) bool { return flag == FlagShort })
	}
	out.PublishDelay = delays.Delay()
	// The CPU time is that of the whole cluster: every shard has read the same.
	if cpu := first.CPUPerMillion; cpu != nil && out.Sent > 0 {
		perMillion := *cpu * float64(first.Sent) / float64(out.Sent)
		out.CPUPerMillion = &perMillion
	}
	began, acked := extremes(shards)
	out.ToKafkaSeconds = between(began, acked)
	return out, mergeSinks(&out, shards, began)
}

// dropContradictions leaves out offsets whose bounds contradict each other, and says so.
func dropContradictions(out *scalerun.Iteration) {
	for _, name := range slices.Sorted(maps.Keys(out.Sinks)) {
		sink := out.Sinks[name]
		if o := sink.ClockOffset; o != nil && o.Low > o.High {
			sink.ClockOffset = nil
			out.Sinks[name] = sink
			out.Notes = append(out.Notes, fmt.Sprintf("%s: the clocks of the shards differ by %.3f s or more, so the offset of the "+
				"stamps is not known (synchronise them)", name, o.Low-o.High))
		}
	}
}

func allShort(shards []scalerun.Slice) bool {
	return !slices.ContainsFunc(shards, func(s scalerun.Slice) bool {
		return !slices.Contains(s.Iteration.Flags, FlagShort)
	})
}

// sum adds the counts of a slice.
func sum(out *scalerun.Iteration, it scalerun.Iteration) {
	out.Seed = strings.TrimSpace(out.Seed + " " + it.Seed)
	out.Intended += it.Intended
	out.Sent += it.Sent
	out.NotSent += it.NotSent
	out.ProduceFailed += it.ProduceFailed
	out.Lost += it.Lost
	out.Duplicates += it.Duplicates
	out.Reordered += it.Reordered
	out.PayloadBytes += it.PayloadBytes
	add := func(to *[]string, texts []string) {
		for _, text := range texts {
			if !slices.Contains(*to, text) {
				*to = append(*to, text)
			}
		}
	}
	add(&out.Flags, it.Flags)
	add(&out.Notes, it.Notes)
	for name, sink := range it.Sinks {
		all := out.Sinks[name]
		all.Seen += sink.Seen
		all.Lost += sink.Lost
		all.Duplicates += sink.Duplicates
		all.Reordered += sink.Reordered
		all.ClockOffset = bothOffsets(all.ClockOffset, sink.ClockOffset)
		out.Sinks[name] = all
		if sink.Stamps != nil {
			add(&out.Notes, []string{noStamps})
		}
	}
}

// bothOffsets are the bounds that two shards give of one clock. Low is above High if the
// clocks of the shards differ.
func bothOffsets(a, b *scalerun.ClockOffset) *scalerun.ClockOffset {
	if a == nil || b == nil {
		return cmp.Or(a, b)
	}
	return &scalerun.ClockOffset{Low: max(a.Low, b.Low), High: min(a.High, b.High)}
}

// extremes are the first send and the last answer of the brokers, over all shards.
func extremes(shards []scalerun.Slice) (began, acked *float64) {
	for _, s := range shards {
		if s.FirstSent != nil && (began == nil || *s.FirstSent < *began) {
			began = s.FirstSent
		}
		acked = Later(acked, s.LastAcknowledged)
	}
	return began, acked
}

func mergeSinks(out *scalerun.Iteration, shards []scalerun.Slice, began *float64) error {
	var last *float64
	for _, name := range slices.Sorted(maps.Keys(out.Sinks)) {
		h := NewHistogram()
		var seen *float64
		for _, s := range shards {
			if err := h.MergeEncoded(s.Sinks[name].Latencies); err != nil {
				return fmt.Errorf("sink %s: %w", name, err)
			}
			seen = Later(seen, s.Sinks[name].LastSeen)
		}
		sink := out.Sinks[name]
		sink.Latency = *h.Summary()
		if sink.ToAllSeconds = between(began, seen); sink.ToAllSeconds != nil {
			rate := float64(sink.Seen) / *sink.ToAllSeconds
			sink.Throughput = &rate
		}
		out.Sinks[name] = sink
		if longest := Later(last, seen); longest != last {
			last, out.SlowestSink = longest, name
		}
	}
	arrived := int64(0)
	for _, s := range shards {
		arrived += s.Arrived
	}
	took := between(began, last)
	if took == nil || arrived == 0 {
		return nil
	}
	rate := float64(arrived) / *took
	out.Throughput = &rate
	if out.Lost == 0 {
		out.ToAllSinksSeconds = took
	}
	return nil
}

// Later is the later one of two times; a time that has not come is not later.
func Later(a, b *float64) *float64 {
	if a == nil || b != nil && *b > *a {
		return b
	}
	return a
}

// between is the time from one moment to another; nil unless it is above 0.
func between(from, to *float64) *float64 {
	if from == nil || to == nil || *to <= *from {
		return nil
	}
	took := *to - *from
	return &took
}
