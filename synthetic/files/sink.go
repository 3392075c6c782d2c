package files

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/flink-sidecar/flink-sidecar/synthetic"
	"github.com/flink-sidecar/flink-sidecar/synthetic/account"
	"github.com/flink-sidecar/flink-sidecar/synthetic/clock"
	"github.com/flink-sidecar/flink-sidecar/synthetic/payload"
)

const (
	// idleFor is the pause while no record is under way.
	idleFor = time.Second
	// wideEvery is the interval of looks for records that are no longer pending.
	wideEvery = 3 * time.Second
	// exactWithin is the longest time between two looks whose middle is accepted as the
	// moment of a sighting.
	exactWithin = 6 * time.Second
)

// sink reads what is added to the files while a record is under way. A record was written
// between the last look without it and the first with it; the middle of the two is used.
type sink struct {
	watch *synthetic.Watch
	every time.Duration
	turns synthetic.Turns

	mu sync.Mutex // protects the following fields
	tail
	// looked is the last look that saw everything; nil before the first.
	looked *clock.Moment
	// wide is the last look for records that are no longer pending.
	wide clock.Moment
}

func newSink(cfg SinkConfig, w *synthetic.Watch, every time.Duration) *sink {
	return &sink{
		tail: tail{directory: cfg.Directory}, watch: w, every: every, turns: synthetic.NewTurns(),
		wide: w.Now().Add(-time.Hour),
	}
}

// Prepare checks the directory. If no record is under way it skips what the files have.
func (s *sink) Prepare(context.Context) (synthetic.Start, error) {
	pending, others := s.watch.Awaited()
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	if len(pending)+len(others) == 0 {
		err = s.skip(time.Now())
	} else {
		_, err = s.list()
	}
	s.report(err)
	return synthetic.Start{Begin: s.turns.Begin}, s.watch.Unwatchable()
}

// Run looks until ctx ends.
func (s *sink) Run(ctx context.Context) { s.turns.Run(ctx, s.turn) }

// Close has nothing to release: no file stays open.
func (s *sink) Close() {}

// turn looks if a record may be there, and returns the wait until the next turn.
func (s *sink) turn(context.Context) time.Duration {
	pending, others := s.watch.Awaited()
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.watch.Now()
	switch {
	case len(pending) > 0:
		s.look(append(pending, others...))
		return s.every
	case len(others) > 0 && now.Since(s.wide) >= wideEvery:
		s.wide = now
		s.look(others)
	}
	return idleFor
}

// look reads the new lines and reports the records in them.
func (s *sink) look(awaited []account.Awaited) {
	if s.files == nil {
		if err := s.skip(oldest(awaited, s.watch.Now())); err != nil {
			s.report(err)
			return
		}
	}
	began := s.watch.Now()
	lines, complete, err := s.read()
	s.report(err)
	bySeed := make(map[string]account.Awaited, len(awaited))
	for _, a := range awaited {
		bySeed[a.Seed] = a
	}
	var sights []account.Sighting
	others := 0
	for _, l := range lines {
		seeds := payload.FindSeeds(l.text)
		for _, seed := range seeds {
			sights = append(sights, s.sighting(seed, l, bySeed[seed], complete))
		}
		if len(seeds) == 0 {
			others++
		}
	}
	s.watch.Passed(others)
	s.watch.Saw(sights)
	if complete {
		s.looked = &began
	}
}

// sighting is the best estimate of when a record was written.
func (s *sink) sighting(seed string, l line, wanted account.Awaited, complete bool) account.Sighting {
	now := s.watch.Now()
	sight := account.Sighting{
		Seed: seed, Hop: s.watch.Sink(), Place: fmt.Sprintf("%s/%d", l.file, l.offset), Lane: l.file, At: now,
	}
	unseen := wanted.Sent
	if s.looked != nil && unseen.Before(*s.looked) {
		unseen = *s.looked
	}
	gap := now.Since(unseen)
	if !complete || gap > max(exactWithin, 4*s.every) || wanted.Restored && s.looked == nil {
		sight.Bound = true
		return sight
	}
	sight.At = unseen.Add(max(0, gap/2))
	return sight
}

// oldest is the wall time at which the first awaited record was sent.
func oldest(awaited []account.Awaited, now clock.Moment) time.Time {
	age := time.Duration(0)
	for _, a := range awaited {
		age = max(age, now.Since(a.Sent))
	}
	return time.Now().Add(-age)
}

// report notes an error of the file system, or that there is none.
func (s *sink) report(err error) {
	if err == nil {
		s.watch.Checked()
	}
	s.watch.Report(s.explain(s.watch.Sink(), err))
}
