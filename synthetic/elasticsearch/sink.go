package elasticsearch

import (
	"context"
	"sync"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/synthetic"
)

const (
	// wideEvery is the pace of looking for records that are not pending any more:
	// for duplicates, late comers and documents to remove.
	wideEvery = 3 * time.Second
	// recheckEvery is the pace of asking whether an index that can't be watched
	// can be by now.
	recheckEvery = 10 * time.Second
	// lastCleanup bounds the removal of documents when the sink closes.
	lastCleanup = 2 * time.Second
	// settingsEvery is the pace of reading the index's refresh interval.
	settingsEvery = time.Hour
	// idleFor is how long the sink sleeps when nothing is under way.
	idleFor = time.Second
	// slowestPoll bounds the pause between searches while they fail.
	slowestPoll = time.Second
	// exactWithin is the longest stretch between two looks whose middle still
	// counts as the moment of sight.
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

	mu sync.Mutex // protects what follows
	// removals are found documents by place, to be removed once their fate is stored.
	removals map[string]document

	wake chan struct{} // of capacity 1: a record is under way
}

func (c *Cluster) openSink(cfg SinkConfig, w *synthetic.Watch) (*sink, error) {
	client, err := newClient(c.cfg, w.Sink(), cfg.Index, c.dial)
	if err != nil {
		return nil, err
	}
	longAgo := w.Now().Add(-settingsEvery)
	return &sink{
		fields: cfg, client: client, watch: w, metrics: c.metrics, every: c.every, unseen: map[string]synthetic.Moment{},
		lastWide: longAgo, settings: longAgo, noCleanBefore: longAgo, removals: map[string]document{}, wake: make(chan struct{}, 1),
	}, nil
}

// Prepare checks the index if that is needed. An index that does not answer at
// the moment is no reason not to send: it is searched until the cut-off.
func (s *sink) Prepare(ctx context.Context) (synthetic.Start, error) {
	if s.watch.Unchecked() {
		s.check(ctx)
	}
	return synthetic.Start{Begin: s.begin}, s.watch.Unwatchable()
}

// check asks whether the index can be watched.
func (s *sink) check(ctx context.Context) {
	s.watch.Report(s.client.check(ctx, s.fields))
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
		s.watch.Log().Debug("Elasticsearch's client is left behind", "err", err)
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

// forget drops what is remembered of seeds that nobody remembers any more.
func (s *sink) forget(pending, others []synthetic.Awaited) {
	if len(s.unseen) <= len(pending)+len(others) {
		return
	}
	kept := map[string]synthetic.Moment{}
	for _, list := range [][]synthetic.Awaited{pending, others} {
		for _, wanted := range list {
			if since, ok := s.unseen[wanted.Seed]; ok {
				kept[wanted.Seed] = since
			}
		}
	}
	s.unseen = kept
}

// look searches for seeds, some hundred at a time.
func (s *sink) look(ctx context.Context, wanted []synthetic.Awaited) {
	for len(wanted) > 0 && ctx.Err() == nil {
		n := min(len(wanted), seedsPerSearch)
		s.lookFor(ctx, wanted[:n])
		wanted = wanted[n:]
	}
}

func (s *sink) lookFor(ctx context.Context, wanted []synthetic.Awaited) {
	seeds := make([]string, len(wanted))
	bySeed := make(map[string]synthetic.Awaited, len(wanted))
	for i, w := range wanted {
		seeds[i], bySeed[w.Seed] = w.Seed, w
	}
	asked := s.watch.Now()
	docs, err := s.client.search(ctx, s.fields, seeds)
	answered := s.watch.Now()
	if ctx.Err() != nil {
		return
	}
	s.watch.Report(err)
	if err != nil {
		s.failures++
		s.notSeen(seeds, answered) // whoever had searched would not have found it
		return
	}
	s.failures = 0
	// First, so that a round whose records are all final can tell from the trash
	// whether their documents are gone.
	s.discard(docs)
	sights := make([]synthetic.Sighting, len(docs))
	for i, doc := range docs {
		sights[i] = s.sightOf(doc, bySeed[doc.seed], answered)
	}
	s.watch.Saw(sights)
	s.notSeen(seeds, asked)
}

// notSeen remembers that none of the seeds was there before a moment.
func (s *sink) notSeen(seeds []string, before synthetic.Moment) {
	for _, seed := range seeds {
		s.unseen[seed] = before
	}
}

// sightOf says when the document became visible, as well as can be known.
func (s *sink) sightOf(doc document, wanted synthetic.Awaited, answered synthetic.Moment) synthetic.Sighting {
	sight := synthetic.Sighting{
		Seed: doc.seed, Hop: episode.HopVisible, Place: doc.place(),
		At: answered, Stamps: s.stampsOf(doc),
	}
	unseen, looked := s.unseen[doc.seed]
	switch {
	case !looked && wanted.Restored:
		sight.Bound = true // it may have been there before this process was
		return sight
	case !looked || unseen.Before(wanted.Sent):
		unseen = wanted.Sent
	}
	gap := answered.Since(unseen)
	if gap > max(exactWithin, 4*s.every) {
		sight.Bound = true
		return sight
	}
	sight.At = unseen.Add(max(0, gap/2))
	return sight
}

// stampsOf reads the times that the job and an ingest pipeline left behind.
func (s *sink) stampsOf(doc document) map[string]time.Time {
	stamps := map[string]time.Time{}
	for hop, field := range map[string]string{episode.HopIngested: s.fields.IngestedField, episode.HopIndexed: s.fields.IndexedField} {
		if field == "" {
			continue
		}
		if value, ok := lookUp(doc.Source, field); ok {
			if at, ok := parseStamp(value); ok {
				stamps[hop] = at
			}
		}
	}
	return stamps
}

// readSettings learns the floor below which visibility can't be.
func (s *sink) readSettings(ctx context.Context) {
	if s.watch.Now().Since(s.settings) < settingsEvery {
		return
	}
	s.settings = s.watch.Now()
	every, explicit, err := s.client.refreshInterval(ctx)
	switch {
	case err != nil:
		s.metrics.floor.DeleteLabelValues(s.watch.Sink())
		s.watch.Log().Info("The index's refresh interval is not known, so neither is the floor of visibility", "err", err)
		return
	case !explicit:
		s.watch.Log().Info("The index leaves refresh_interval to the default: Elasticsearch stops refreshing it after 30 s without a search, which the probe's searches prevent",
			"index", s.fields.Index, "fix", `set index.refresh_interval, for example to "1s", for the same behaviour with and without the probe`)
	}
	s.metrics.floor.WithLabelValues(s.watch.Sink()).Set(every.Seconds())
}
