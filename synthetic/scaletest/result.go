package scaletest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/figures"
)

// worthANote is the wait for the brokers from which a note says it.
const worthANote = time.Second

// result turns the account of a round into numbers.
func (t *Test) result(ctx context.Context, r *round) (scalerun.Iteration, error) {
	out := scalerun.Iteration{
		Iteration: r.number, Seed: strings.TrimSuffix(string(r.ledger.prefix), "-"), Started: r.ledger.start.UTC(),
		PayloadBytes: r.payloads.Bytes, Sinks: map[string]scalerun.Sink{}, CPUPerMillion: r.cpu,
		Checkpoints: r.checks, Backpressure: r.pressure, GCSeconds: r.gc, ExchangedBytes: r.exchanged,
		Flags: []string{}, Notes: slices.Clone(r.notes),
	}
	r.ledger.sums(&out)
	if held := r.ledger.heldUp; r.rate > 0 && held > worthANote {
		out.Notes = append(out.Notes, fmt.Sprintf("sending waited %.1f s in all for the answers of the brokers", held.Seconds()))
	}
	if first := r.ledger.firstFailure; first != nil {
		out.Notes = append(out.Notes, "the first refused record: "+first.Error())
	}
	for i, s := range t.sinks {
		sink := r.ledger.sink(i)
		notes, err := s.report(ctx, r.ledger, &sink)
		if err != nil {
			return out, err
		}
		out.Notes = append(out.Notes, notes...)
		out.Sinks[s.name()] = sink
	}
	r.ledger.throughput(&out, t.sinkNames())
	out.Flags = t.flags(r, out)
	if out.Notes == nil {
		out.Notes = []string{}
	}
	return out, nil
}

// flags are the reasons why an iteration does not count.
func (t *Test) flags(r *round, it scalerun.Iteration) []string {
	flags := []string{}
	add := func(flag string, holds bool) {
		if holds {
			flags = append(flags, flag)
		}
	}
	add(figures.FlagAborted, r.aborted)
	add(figures.FlagUnsent, it.NotSent > 0 || it.ProduceFailed > 0)
	add(figures.FlagLost, it.Lost > 0)
	add(figures.FlagProfiled, r.apart)
	add(figures.FlagRestarted, r.restarted || r.redeployed)
	enough := longEnough(t.refresh())
	add(figures.FlagShort, it.ToAllSinksSeconds != nil && *it.ToAllSinksSeconds < enough.Seconds())
	late := it.PublishDelay.P99
	add(figures.FlagLateSends, r.rate > 0 && late != nil && *late > figures.LateAtLeast.Seconds())
	return flags
}

// sums fills the counts and the times to Kafka.
func (l *ledger) sums(out *scalerun.Iteration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	out.Intended = int64(l.intended)
	out.NotSent = int64(l.intended - l.taken())
	out.ProduceFailed = int64(l.failed)
	out.Sent = int64(l.taken() - l.failed)
	last := never
	for i := range l.n {
		last = max(last, l.acked[i])
	}
	out.PublishDelay = l.delays().Delay()
	if last != never {
		took := figures.Seconds(last - l.first())
		out.ToKafkaSeconds = &took
	}
}

// delays are the publish delays. The caller holds mu.
func (l *ledger) delays() *figures.Histogram {
	h := figures.NewHistogram()
	for i := range l.n {
		if l.sent[i] != never {
			h.Add(l.sent[i] - l.due[i])
		}
	}
	return h
}

// latencies are those of a sink, from the planned send. The caller holds mu.
func (l *ledger) latencies(sink int) *figures.Histogram {
	h := figures.NewHistogram()
	for i, seen := range l.arrivals[sink].seen {
		if seen != never {
			h.Add(seen - l.due[i])
		}
	}
	return h
}

// first is the time of the first send. The caller holds mu.
func (l *ledger) first() int64 {
	if l.n == 0 || l.sent[0] == never {
		return 0
	}
	return l.sent[0]
}

// sink is the result at one sink. Latencies count from the planned send.
func (l *ledger) sink(i int) scalerun.Sink {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.arrivals[i]
	out := scalerun.Sink{Seen: int64(a.distinct), Duplicates: a.duplicates, Reordered: a.reordered}
	for k := range l.n {
		if a.seen[k] == never && l.acked[k] != never {
			out.Lost++
		}
	}
	out.Latency = *l.latencies(i).Summary()
	if a.last != never && a.last > l.first() {
		took := figures.Seconds(a.last - l.first())
		rate := float64(a.distinct) / took
		out.ToAllSeconds, out.Throughput = &took, &rate
	}
	return out
}

// throughput fills what concerns all sinks together.
func (l *ledger) throughput(out *scalerun.Iteration, names []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	arrived, last := 0, never
	for k := range l.n {
		everywhere := true
		for _, a := range l.arrivals {
			everywhere = everywhere && a.seen[k] != never
		}
		switch {
		case everywhere:
			arrived++
		case l.acked[k] != never:
			out.Lost++
		}
	}
	for i, a := range l.arrivals {
		out.Duplicates += a.duplicates
		out.Reordered += a.reordered
		if a.last > last {
			last, out.SlowestSink = a.last, names[i]
		}
	}
	if arrived == 0 || last <= l.first() {
		return
	}
	took := figures.Seconds(last - l.first())
	rate := float64(arrived) / took
	out.Throughput = &rate
	if out.Lost == 0 {
		out.ToAllSinksSeconds = &took
	}
}
