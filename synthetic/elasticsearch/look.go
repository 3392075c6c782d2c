package elasticsearch

import (
	"context"

	"github.com/flink-sidecar/flink-sidecar/synthetic/account"
	"github.com/flink-sidecar/flink-sidecar/synthetic/clock"
)

// forget drops the seeds that the accounts no longer remember.
func (s *sink) forget(pending, others []account.Awaited) {
	if len(s.unseen) <= len(pending)+len(others) {
		return
	}
	kept := map[string]clock.Moment{}
	for _, list := range [][]account.Awaited{pending, others} {
		for _, wanted := range list {
			if since, ok := s.unseen[wanted.Seed]; ok {
				kept[wanted.Seed] = since
			}
		}
	}
	s.unseen = kept
}

// look searches for seeds, a few hundred per request.
func (s *sink) look(ctx context.Context, wanted []account.Awaited) {
	for len(wanted) > 0 && ctx.Err() == nil {
		n := min(len(wanted), seedsPerSearch)
		s.lookFor(ctx, wanted[:n])
		wanted = wanted[n:]
	}
}

func (s *sink) lookFor(ctx context.Context, wanted []account.Awaited) {
	seeds := make([]string, len(wanted))
	bySeed := make(map[string]account.Awaited, len(wanted))
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
		s.notSeen(seeds, answered) // a failed search did not find them either
		return
	}
	s.failures = 0
	// First, so that a round with final records knows whether their documents are
	// removed.
	s.discard(docs)
	s.see(docs, bySeed, answered)
	s.notSeen(seeds, asked)
}

// see reports found documents.
func (s *sink) see(docs []document, wanted map[string]account.Awaited, answered clock.Moment) {
	if len(docs) == 0 {
		return
	}
	sights := make([]account.Sighting, len(docs))
	var unreadable error
	for i, doc := range docs {
		sights[i] = s.sightOf(doc, wanted[doc.seed], answered)
		stamps, err := s.stampsOf(doc)
		if sights[i].Stamps = stamps; err != nil {
			unreadable = err
		}
	}
	s.watch.Note("time stamps", unreadable)
	s.watch.Saw(sights)
}

// notSeen records a moment at which none of the seeds was in the index.
func (s *sink) notSeen(seeds []string, before clock.Moment) {
	for _, seed := range seeds {
		s.unseen[seed] = before
	}
}

// sightOf returns the best estimate of when the document became visible.
func (s *sink) sightOf(doc document, wanted account.Awaited, answered clock.Moment) account.Sighting {
	sight := account.Sighting{
		Seed: doc.seed, Hop: s.hops.visible, Place: doc.place(),
		At: answered,
	}
	unseen, looked := s.unseen[doc.seed]
	switch {
	case !looked && wanted.Restored:
		sight.Bound = true // it may have been there before this process
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
