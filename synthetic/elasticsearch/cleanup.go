package elasticsearch

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/synthetic/clock"
	"github.com/flink-sidecar/flink-sidecar/synthetic/payload"
)

const (
	// removedAtOnce bounds one bulk request.
	removedAtOnce = 500
	// maxRemovals bounds the documents that wait to be removed. A later search finds
	// the others again while their record is remembered.
	maxRemovals = 10_000
	// The wait after a failed removal, doubled from the first up to the second.
	firstCleanWait, lastCleanWait = 10 * time.Second, 5 * time.Minute
	// blockedFor is the time without further attempts on a read-only index.
	blockedFor = 5 * time.Minute
)

// block is the state of a read-only index.
type block struct {
	until clock.Moment
	err   error
}

// discard queues found documents for removal if the configuration says delete. A
// document that also holds other records is never removed.
func (s *sink) discard(docs []document) {
	if s.fields.Cleanup != cleanupDelete {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, doc := range docs {
		if len(s.removals) < maxRemovals && onlySeeds(doc.held) {
			s.removals[doc.place()] = doc
		}
	}
	s.metrics.uncleaned.WithLabelValues(s.watch.Sink()).Set(float64(len(s.removals)))
}

// onlySeeds reports whether every text is exactly a seed.
func onlySeeds(texts []string) bool {
	for _, text := range texts {
		if found := payload.FindSeeds([]byte(text)); len(found) != 1 || found[0] != text {
			return false
		}
	}
	return true
}

// clean removes documents whose record has a final and stored outcome here. Before that
// the document is the only proof of its arrival, so it must survive a crash.
func (s *sink) clean(ctx context.Context) {
	if s.watch.Now().Before(s.noCleanBefore) {
		return
	}
	docs := s.removable()
	if len(docs) == 0 {
		return
	}
	done, err := s.client.remove(ctx, docs)
	s.removed(docs, done)
	if ctx.Err() != nil {
		return
	}
	for index, why := range done.blocked {
		s.blocked[index] = block{s.watch.Now().Add(blockedFor), why}
	}
	s.watch.Note("cleanup", errors.Join(err, s.blockedError()))
	if err == nil && len(done.left) == len(docs) && len(done.blocked) == 0 {
		err = errors.New("nothing was removed") // the server is too busy
	}
	if err == nil {
		s.cleanWait = 0
		return
	}
	s.cleanWait = min(max(firstCleanWait, 2*s.cleanWait), lastCleanWait)
	s.noCleanBefore = s.watch.Now().Add(s.cleanWait)
}

// removed forgets the removed documents and the lifted blocks.
func (s *sink) removed(docs []document, done removal) {
	left := map[string]bool{}
	for _, doc := range done.left {
		left[doc.place()] = true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, doc := range docs {
		if !left[doc.place()] {
			delete(s.removals, doc.place())
			delete(s.blocked, doc.Index)
		}
	}
	s.metrics.cleaned.WithLabelValues(s.watch.Sink()).Add(float64(len(docs) - len(done.left)))
	s.metrics.uncleaned.WithLabelValues(s.watch.Sink()).Set(float64(len(s.removals)))
}

// blockedError returns the error of one read-only index, nil if there is none.
func (s *sink) blockedError() error {
	for _, index := range slices.Sorted(maps.Keys(s.blocked)) {
		return s.blocked[index].err
	}
	return nil
}

// removable returns some documents that may be removed.
func (s *sink) removable() []document {
	s.mu.Lock()
	defer s.mu.Unlock()
	var seeds []string
	for _, doc := range s.removals {
		seeds = append(seeds, doc.held...)
	}
	settled := s.watch.Settled(seeds)
	now := s.watch.Now()
	var docs []document
	for _, doc := range s.removals {
		unsettled := slices.ContainsFunc(doc.held, func(seed string) bool { return !settled[seed] })
		if !unsettled && !now.Before(s.blocked[doc.Index].until) && len(docs) < removedAtOnce {
			docs = append(docs, doc)
		}
	}
	return docs
}

// Cleaned reports whether all documents of these seeds are removed.
func (s *sink) Cleaned(seeds map[string]bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, doc := range s.removals {
		if slices.ContainsFunc(doc.held, func(seed string) bool { return seeds[seed] }) {
			return false
		}
	}
	return true
}
