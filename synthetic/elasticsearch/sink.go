package elasticsearch

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/flink-sidecar/flink-sidecar/synthetic"
)

const (
	// wideEvery is the pace of looking for records that are not pending any more:
	// for duplicates, late comers and documents to remove.
	wideEvery = 3 * time.Second
	// recheckEvery is the pace of checking the mapping of an index that can't be
	// watched, or may not be.
	recheckEvery = 10 * time.Second
	// doubtAfter is how long a record may be missing before the mapping is checked
	// again.
	doubtAfter = 20 * time.Second
	// lastCleanup bounds the removal of documents when the sink closes.
	lastCleanup = 2 * time.Second
	// settingsEvery is the pace of reading the index's refresh interval.
	settingsEvery = time.Hour
	// idleFor is how long the sink sleeps when nothing is under way.
	idleFor = time.Second
	// slowestPoll bounds the pause between searches while they fail.
	slowestPoll = time.Second
	// exactWithin is the longest stretch between two looks whose middle still
	// counts as the moment of the sighting.
	exactWithin = 6 * time.Second
)

// sink watches an index that the job writes. While a record is pending
// the index is searched every poll interval. A record became visible somewhere
// between the last search that did not find it and the first that does; the
// middle of the two is taken for the moment, so the error is at most half of
// the poll interval and of the search's own time.
type sink struct {
	fields  SinkConfig
	client  *client
	watch   *synthetic.Watch
	metrics *metrics
	every   time.Duration // the poll interval

	// unseen is, for each seed that was looked for, a moment at which it was not
	// there yet. Only run uses it.
	unseen        map[string]synthetic.Moment
	failures      int
	lastWide      synthetic.Moment
	settings      synthetic.Moment // when the refresh interval was read last
	noCleanBefore synthetic.Moment // set after a removal failed
	cleanWait     time.Duration    // doubled by each removal that fails
	blocked       map[string]block // read-only indices by name

	mu sync.Mutex // protects what follows
	// removals are found documents by place, to be removed once their outcome is
	// stored.
	removals map[string]document
	// checked is when the mapping was checked last; mapped is set when some index
	// has the seed field.
	checked synthetic.Moment
	mapped  bool

	wake chan struct{} // of capacity 1: a record is under way
}

func (c *Cluster) openSink(cfg SinkConfig, w *synthetic.Watch) (*sink, error) {
	client, err := newClient(c.cfg, w.Sink(), cfg.Index, c.dial)
	if err != nil {
		return nil, err
	}
	longAgo := w.Now().Add(-settingsEvery)
	return &sink{
		fields: cfg, client: client, watch: w, metrics: c.metrics, every: c.every,
		unseen:   map[string]synthetic.Moment{},
		lastWide: longAgo, settings: longAgo, noCleanBefore: longAgo, checked: longAgo, blocked: map[string]block{},
		removals: map[string]document{}, wake: make(chan struct{}, 1),
	}, nil
}

// Prepare checks the index if that is needed. An index that does not answer at
// the moment is no reason not to send: it is searched until the cut-off.
func (s *sink) Prepare(ctx context.Context) (synthetic.Start, error) {
	if s.watch.NeedsCheck() {
		s.check(ctx)
	}
	return synthetic.Start{Begin: s.begin}, s.watch.Unwatchable()
}

// check asks whether the index can be watched.
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

// doubtful reports whether the mapping has to be checked again: it is not known
// yet, or a record is missing for longer than usual. What was right once can
// change with the first document of an index, or with the next index behind an
// alias.
func (s *sink) doubtful(pending []synthetic.Awaited) bool {
	now := s.watch.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Since(s.checked) < recheckEvery {
		return false
	}
	return slices.ContainsFunc(pending, func(a synthetic.Awaited) bool {
		return !s.mapped || now.Since(a.Sent) > doubtAfter
	})
}

// begin makes the sink look for a record that is about to be sent.
func (s *sink) begin(context.Context) {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Run looks until ctx ends.
func (s *sink) Run(ctx context.Context) {
	for ctx.Err() == nil {
		wait := s.turn(ctx)
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-s.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// Close removes what can still be removed.
func (s *sink) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), lastCleanup)
	defer cancel()
	s.clean(ctx)
	if err := s.client.close(ctx); err != nil {
		s.watch.Log().Debug("The client of Elasticsearch was not closed", "err", err)
	}
}

// turn does what is due and returns how long to wait for the next turn.
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
