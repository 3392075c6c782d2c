package elasticsearch

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/flink-sidecar/flink-sidecar/synthetic"
	"github.com/flink-sidecar/flink-sidecar/synthetic/account"
	"github.com/flink-sidecar/flink-sidecar/synthetic/clock"
)

const (
	// wideEvery is the interval of searches for records that are no longer pending: for
	// duplicates, late arrivals and documents to remove.
	wideEvery = 3 * time.Second
	// recheckEvery is the interval of mapping checks for an index that can't be
	// watched, or possibly can't.
	recheckEvery = 10 * time.Second
	// doubtAfter is the time for which a record may be missing before the mapping is
	// checked again.
	doubtAfter = 20 * time.Second
	// lastCleanup bounds the removal of documents when the sink closes.
	lastCleanup = 2 * time.Second
	// settingsEvery is the interval of reading the index's refresh interval.
	settingsEvery = time.Hour
	// idleFor is the sleep of the sink while no record is under way.
	idleFor = time.Second
	// slowestPoll bounds the pause between searches while they fail.
	slowestPoll = time.Second
	// exactWithin is the longest time between two looks whose middle is accepted as the
	// moment of the sighting.
	exactWithin = 6 * time.Second
)

// sink watches an index that the job writes. While a record is pending, it searches the
// index at every poll interval. A record became visible between the last search without
// it and the first search with it. The middle of the two is used, so the error is at
// most half of the poll interval plus half of the duration of a search.
type sink struct {
	fields  SinkConfig
	hops    hops
	client  *client
	watch   *synthetic.Watch
	metrics *metrics
	every   time.Duration // the poll interval

	// unseen holds, for each seed that was searched for, a moment at which it was not there
	// yet. Only Run uses it.
	unseen        map[string]clock.Moment
	failures      int
	lastWide      clock.Moment
	settings      clock.Moment     // the last reading of the refresh interval
	noCleanBefore clock.Moment     // set after a removal failed
	cleanWait     time.Duration    // doubled by each failed removal
	blocked       map[string]block // read-only indices by name

	mu sync.Mutex // protects the following fields
	// removals are found documents by place. They are removed after their outcome is
	// stored.
	removals map[string]document
	// checked is the time of the last mapping check. mapped is set if some index has
	// the seed field.
	checked clock.Moment
	mapped  bool

	turns synthetic.Turns
}

func (c *Cluster) openSink(cfg SinkConfig, names hops, w *synthetic.Watch) (*sink, error) {
	client, err := newClient(c.cfg, w.Sink(), cfg.Index, c.dial)
	if err != nil {
		return nil, err
	}
	longAgo := w.Now().Add(-settingsEvery)
	return &sink{
		fields: cfg, hops: names, client: client, watch: w, metrics: c.metrics, every: c.every,
		unseen:   map[string]clock.Moment{},
		lastWide: longAgo, settings: longAgo, noCleanBefore: longAgo, checked: longAgo, blocked: map[string]block{},
		removals: map[string]document{}, turns: synthetic.NewTurns(),
	}, nil
}

// Prepare checks the index if needed. Records are also sent if the index does not
// answer now, because it is searched until the cut-off.
func (s *sink) Prepare(ctx context.Context) (synthetic.Start, error) {
	if s.watch.NeedsCheck() {
		s.check(ctx)
	}
	return synthetic.Start{Begin: s.turns.Begin}, s.watch.Unwatchable()
}

// check tests whether the index can be watched.
func (s *sink) check(ctx context.Context) {
	found, err := s.client.check(ctx, s.fields)
	if ctx.Err() != nil {
		return
	}
	s.watch.Report(err)
	s.watch.Note("mapping", found.partly)
	if err == nil {
		s.watch.Checked()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.checked, s.mapped = s.watch.Now(), found.known
}

// doubtful reports whether the mapping must be checked again: it is not known yet, or a
// record is missing for longer than usual. The mapping can change with the first
// document of an index, or with the next index of an alias.
func (s *sink) doubtful(pending []account.Awaited) bool {
	now := s.watch.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Since(s.checked) < recheckEvery {
		return false
	}
	return slices.ContainsFunc(pending, func(a account.Awaited) bool {
		return !s.mapped || now.Since(a.Sent) > doubtAfter
	})
}

// Run searches until ctx ends.
func (s *sink) Run(ctx context.Context) { s.turns.Run(ctx, s.turn) }

// Close tries once more to remove documents.
func (s *sink) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), lastCleanup)
	defer cancel()
	s.clean(ctx)
	if err := s.client.close(ctx); err != nil {
		s.watch.Log().Debug("The client of Elasticsearch was not closed", "err", err)
	}
}

// turn does the due work and returns the wait until the next turn.
func (s *sink) turn(ctx context.Context) time.Duration {
	if s.watch.Unwatchable() != nil {
		if s.check(ctx); s.watch.Unwatchable() != nil {
			return recheckEvery
		}
	}
	s.readSettings(ctx)
	pending, others := s.watch.Awaited()
	s.forget(pending, others)
	if s.doubtful(pending) {
		if s.check(ctx); s.watch.Unwatchable() != nil {
			return recheckEvery
		}
	}
	if len(pending) > 0 {
		s.look(ctx, pending)
	}
	if len(others) > 0 && s.watch.Now().Since(s.lastWide) >= wideEvery {
		s.lastWide = s.watch.Now()
		s.look(ctx, others)
	}
	s.clean(ctx)
	if len(pending) == 0 {
		return idleFor
	}
	return min(s.every<<min(s.failures, 10), max(s.every, slowestPoll))
}
