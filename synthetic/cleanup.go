package synthetic

import (
	"context"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

const (
	// removedAtOnce bounds one bulk request.
	removedAtOnce = 500
	// maxTrash bounds the documents that wait to be removed; what is not taken
	// up is found again by a later look, as long as its record is remembered.
	maxTrash = 10_000
	// afterCleanError is the pause after a document could not be removed.
	afterCleanError = 10 * time.Second
)

// discard takes up found documents for removal, if the probe is to remove its
// documents at all.
func (s *elasticSink) discard(docs []document) {
	if s.fields.Cleanup != cleanupDelete {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, doc := range docs {
		if len(s.trash) < maxTrash {
			s.trash[doc.place()] = doc
		}
	}
	s.metrics.uncleaned.WithLabelValues(s.name).Set(float64(len(s.trash)))
}

// clean removes documents whose record's fate here is final and stored. Before
// that a document is the only proof of its arrival: it must survive a crash.
func (s *elasticSink) clean(ctx context.Context) {
	if s.clock().Before(s.noCleanBefore) {
		return
	}
	docs := s.removable()
	if len(docs) == 0 {
		return
	}
	again, err := s.client.remove(ctx, docs)
	if ctx.Err() == nil {
		s.health.note(TargetElasticsearch, "cleanup of "+s.name, err)
	}
	if len(again) > 0 {
		s.noCleanBefore = s.clock().Add(afterCleanError)
	}
	s.metrics.cleaned.WithLabelValues(s.name).Add(float64(len(docs) - len(again)))
	kept := map[string]bool{}
	for _, doc := range again {
		kept[doc.place()] = true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, doc := range docs {
		if !kept[doc.place()] {
			delete(s.trash, doc.place())
		}
	}
	s.metrics.uncleaned.WithLabelValues(s.name).Set(float64(len(s.trash)))
}

// removable returns some documents that may go.
func (s *elasticSink) removable() []document {
	s.mu.Lock()
	defer s.mu.Unlock()
	var docs []document
	s.recorder.view(func(t *tracker) {
		for _, doc := range s.trash {
			if len(docs) == removedAtOnce {
				return
			}
			if t.settled(doc.seed, s.name) {
				docs = append(docs, doc)
			}
		}
	})
	return docs
}

// clears reports whether no document of these seeds waits to be removed.
func (s *elasticSink) clears(seeds map[string]bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, doc := range s.trash {
		if seeds[doc.seed] {
			return false
		}
	}
	return true
}

// settled reports whether the history knows the record's final fate at a sink; a
// record that is not remembered was final long ago.
func (t *tracker) settled(seed, sink string) bool {
	e := t.entries[seed]
	if e == nil {
		return true
	}
	if e.stored == nil {
		return false
	}
	for _, at := range e.stored.Sinks {
		if at.Sink == sink {
			return at.Fate != episode.Pending
		}
	}
	return false
}
