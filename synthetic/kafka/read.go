package kafka

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/flink-sidecar/flink-sidecar/internal/wait"
	"github.com/flink-sidecar/flink-sidecar/synthetic"
	"github.com/flink-sidecar/flink-sidecar/synthetic/account"
	"github.com/flink-sidecar/flink-sidecar/synthetic/clock"
)

const (
	// pollFor bounds one wait for records. After it the sink checks whether it is still
	// needed.
	pollFor = time.Second
	// The first begin waits briefly until the client knows the topic.
	assignWithin, assignPoll = time.Second, 2 * time.Millisecond
	// afterReadError is the wait after a broker refused a read.
	afterReadError = time.Second
)

// begin reads the partitions that are not read yet and may contain an awaited record.
// ends are the present end offsets. Records before them, which are rare, may have been
// there for a while.
//
// Between two records the client keeps the partitions paused. All of them move to their
// new offsets in one call and are resumed in one call, so that the first fetch asks for
// all of them. A fetch for some of them would delay the others while the broker holds
// it.
func (s *sink) begin(ctx context.Context, ends map[int32]int64) {
	s.beginning <- struct{}{}
	defer func() { <-s.beginning }()
	starts := s.starts(ends)
	if len(starts) == 0 {
		return
	}
	s.assign(ctx, starts)
	seek := map[int32]kgo.EpochOffset{}
	s.mu.Lock()
	defer s.mu.Unlock()
	for partition, start := range starts {
		seek[partition] = kgo.EpochOffset{Epoch: -1, Offset: start}
		s.positions[partition], s.caughtUp[partition] = start, ends[partition]
	}
	s.client.SetOffsets(map[string]map[int32]kgo.EpochOffset{s.use.topic: seek})
	s.client.ResumeFetchPartitions(s.topicWith(maps.Keys(starts)))
}

// starts returns the offset at which reading begins in each partition that is not read
// yet. It is empty if no record is awaited.
func (s *sink) starts(ends map[int32]int64) map[int32]int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	from := s.watch.From()
	if from == nil {
		return nil
	}
	starts := map[int32]int64{}
	for partition, end := range ends {
		if _, reading := s.positions[partition]; !reading {
			// A partition without an entry in from did not exist when the records were
			// sent, so it is read from offset 0. A partition that was truncated is read
			// from its end.
			starts[partition] = min(from[partition], end)
		}
	}
	return starts
}

// assign gives the client the partitions that it does not have yet, paused, and waits
// until it knows them.
func (s *sink) assign(ctx context.Context, starts map[int32]int64) {
	fresh := map[int32]kgo.Offset{}
	s.mu.Lock()
	for partition, start := range starts {
		if !s.assigned[partition] {
			fresh[partition] = kgo.NewOffset().At(start)
			s.assigned[partition] = true
		}
	}
	s.mu.Unlock()
	if len(fresh) == 0 {
		return
	}
	s.client.PauseFetchPartitions(s.topicWith(maps.Keys(fresh)))
	s.client.AddConsumePartitions(map[string]map[int32]kgo.Offset{s.use.topic: fresh})
	deadline := time.Now().Add(assignWithin)
	for known := false; !known && time.Now().Before(deadline) && wait.For(ctx, assignPoll) == nil; {
		known = true
		for partition := range fresh {
			leader, _, err := s.client.PartitionLeader(s.use.topic, partition)
			known = known && leader >= 0 && err == nil
		}
	}
	_ = wait.For(ctx, assignPoll) // the client assigns a known topic slightly later
}

func (s *sink) topicWith(partitions iter.Seq[int32]) map[string][]int32 {
	return map[string][]int32{s.use.topic: slices.Collect(partitions)}
}

// rest stops reading if no record is under way.
func (s *sink) rest() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.positions) == 0 {
		return
	}
	if s.watch.Wanted() {
		return
	}
	s.client.PauseFetchPartitions(s.topicWith(maps.Keys(s.positions)))
	clear(s.positions)
	clear(s.caughtUp)
}

// startOver forgets a deleted topic, because a new topic of the same name has another
// identity and other offsets.
func (s *sink) startOver() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.client.PurgeTopicsFromConsuming(s.use.topic)
	clear(s.positions)
	clear(s.caughtUp)
	clear(s.assigned)
}

// Run reads until ctx ends.
func (s *sink) Run(ctx context.Context) {
	s.mu.Lock()
	s.looking = s.watch.LookingSince()
	s.mu.Unlock()
	s.resume(ctx)
	for ctx.Err() == nil {
		s.lookUpEnds(ctx)
		fetches := s.poll(ctx)
		at := s.watch.Now()
		s.take(fetches, at)
		if s.reportErrors(ctx, fetches); errors.Is(s.watch.Unwatchable(), synthetic.ErrMissing) {
			s.startOver()
			s.resume(ctx)
		}
		s.throttle(ctx)
		s.rest()
	}
}

// Close releases the client.
func (s *sink) Close() { s.client.CloseAllowingRebalance() }

// resume begins to read for the records of an earlier process. It retries until the
// brokers answer, no record is awaited or ctx ends.
func (s *sink) resume(ctx context.Context) {
	_, _ = backoff.Retry(ctx, func() (struct{}, error) {
		if !s.watch.Wanted() {
			return struct{}{}, nil
		}
		ends, err := s.ends(ctx) // ends reports its error
		if err == nil {
			s.begin(ctx, ends)
		}
		return struct{}{}, err
	}, backoff.WithBackOff(backoff.NewConstantBackOff(afterReadError)), backoff.WithMaxElapsedTime(0))
}

func (s *sink) poll(ctx context.Context) kgo.Fetches {
	ctx, cancel := context.WithTimeout(ctx, pollFor)
	defer cancel()
	return s.client.PollFetches(ctx)
}

// take looks for seeds in the fetched records.
func (s *sink) take(fetches kgo.Fetches, at clock.Moment) {
	lagging := s.lagging()
	var sights []account.Sighting
	others := 0
	s.mu.Lock()
	for _, r := range fetches.Records() {
		found := s.sightings(r, at, lagging)
		if sights = append(sights, found...); len(found) == 0 && !r.Attrs.IsControl() {
			others++
		}
		if _, reading := s.positions[r.Partition]; reading {
			s.positions[r.Partition] = r.Offset + 1
		}
	}
	s.mu.Unlock()
	s.watch.Passed(others)
	s.watch.Saw(sights)
}

// sightings returns the sightings in one record.
func (s *sink) sightings(r *kgo.Record, at clock.Moment, lagging bool) []account.Sighting {
	if r.Attrs.IsControl() {
		return nil
	}
	var sights []account.Sighting
	for _, seed := range seedsOf(r) {
		sights = append(sights, account.Sighting{
			Seed: seed, Hop: s.watch.Sink(), At: at,
			Place: fmt.Sprintf("%d/%d", r.Partition, r.Offset), Lane: strconv.Itoa(int(r.Partition)),
			Bound: lagging || r.Offset < s.caughtUp[r.Partition],
		})
	}
	return sights
}

// reportErrors reports the result of a read. After an error it waits, so that it does
// not call a refusing broker in a tight loop.
func (s *sink) reportErrors(ctx context.Context, fetches kgo.Fetches) {
	for _, fetchErr := range fetches.Errors() {
		if fetchErr.Topic != s.use.topic || ctx.Err() != nil {
			continue // the end of our own poll
		}
		s.watch.Report(s.use.explain(fetchErr.Err))
		_ = wait.For(ctx, afterReadError)
		return
	}
	if !fetches.Empty() {
		s.watch.Report(nil)
	}
}

// throttle waits until the budget covers the fetched bytes.
func (s *sink) throttle(ctx context.Context) {
	bytes := int(s.fetched.Swap(0))
	var pause time.Duration
	for bytes > 0 {
		part := min(bytes, s.budget.Burst())
		pause = s.budget.ReserveN(time.Now(), part).Delay()
		bytes -= part
	}
	if pause == 0 {
		return
	}
	s.heldBack.Store(true)
	s.throttledSeconds.Add(pause.Seconds())
	_ = wait.For(ctx, pause)
}

// lagging reports whether records may have arrived while this process did not read: the
// budget delayed it, or the process stood still.
func (s *sink) lagging() bool {
	since := s.watch.LookingSince()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.heldBack.Load() || s.looking.Before(since)
}

// lookUpEnds reads the end offsets after a delay of reading. Records before them may
// have been there for a while; later ones are seen on arrival.
func (s *sink) lookUpEnds(ctx context.Context) {
	if !s.lagging() {
		return
	}
	since := s.watch.LookingSince()
	ends, err := s.ends(ctx)
	if err != nil {
		return // every sighting remains an upper bound
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for partition := range s.positions {
		s.caughtUp[partition] = ends[partition]
	}
	s.looking = since
	s.heldBack.Store(false)
}
