package elasticsearch

import (
	"context"
	"time"
)

const (
	// removedAtOnce bounds one bulk request.
	removedAtOnce = 500
	// maxRemovals bounds the documents that wait to be removed; what is not taken
	// up is found again by a later look, as long as its record is remembered.
	maxRemovals = 10_000
	// afterCleanError is the pause after a document could not be removed.
	afterCleanError = 10 * time.Second
)

// discard takes up found documents for removal, if the probe is to remove its
// documents at all.
func (s *sink) discard(docs []document) {
	if s.fields.Cleanup != cleanupDelete {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, doc := range docs {
		if len(s.removals) < maxRemovals {
			s.removals[doc.place()] = doc
		}
	}
	s.metrics.uncleaned.WithLabelValues(s.watch.Sink()).Set(float64(len(s.removals)))
}

// clean removes documents whose record's fate here is final and stored. Before
// that a document is the only proof of its arrival: it must survive a crash.
func (s *sink) clean(ctx context.Context) {
	if s.watch.Now().Before(s.noCleanBefore) {
		return
	}
	docs := s.removable()
	if len(docs) == 0 {
		return
	}
	again, err := s.client.remove(ctx, docs)
	if ctx.Err() == nil {
		s.watch.Note("cleanup", err)
	}
	if len(again) > 0 {
		s.noCleanBefore = s.watch.Now().Add(afterCleanError)
	}
	s.metrics.cleaned.WithLabelValues(s.watch.Sink()).Add(float64(len(docs) - len(again)))
	kept := map[string]bool{}
	for _, doc := range again {
		kept[doc.place()] = true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, doc := range docs {
		if !kept[doc.place()] {
			delete(s.removals, doc.place())
		}
	}
	s.metrics.uncleaned.WithLabelValues(s.watch.Sink()).Set(float64(len(s.removals)))
}

// removable returns some documents that may go.
func (s *sink) removable() []document {
	s.mu.Lock()
	defer s.mu.Unlock()
	seeds := make([]string, 0, len(s.removals))
	for _, doc := range s.removals {
		seeds = append(seeds, doc.seed)
	}
	settled := s.watch.Settled(seeds)
	var docs []document
	for _, doc := range s.removals {
		if settled[doc.seed] && len(docs) < removedAtOnce {
			docs = append(docs, doc)
		}
	}
	return docs
}

// Cleaned reports whether no document of these seeds waits to be removed.
func (s *sink) Cleaned(seeds map[string]bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, doc := range s.removals {
		if seeds[doc.seed] {
			return false
		}
	}
	return true
}
