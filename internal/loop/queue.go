package loop

import (
	"context"
	"sync"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// queue holds the episodes that wait for a worker, first come, first served. It has no
// bound of its own: admission bounds what comes in.
type queue struct {
	mu      sync.Mutex
	waiting []episode.Episode
	working int
	// more holds a token while a worker may have to check again.
	more chan struct{}
}

func newQueue() queue { return queue{more: make(chan struct{}, 1)} }

func (q *queue) add(ep episode.Episode) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, ep)
	q.wake()
}

// next waits for an episode and returns it; false when ctx ended. The caller calls done
// afterwards.
func (q *queue) next(ctx context.Context) (episode.Episode, bool) {
	for {
		if ctx.Err() != nil {
			return episode.Episode{}, false
		}
		if ep, ok := q.take(); ok {
			return ep, true
		}
		select {
		case <-q.more:
		case <-ctx.Done():
		}
	}
}

func (q *queue) take() (ep episode.Episode, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		return ep, false
	}
	ep, q.waiting = q.waiting[0], q.waiting[1:]
	q.working++
	if len(q.waiting) > 0 {
		q.wake() // another worker may be waiting too
	}
	return ep, true
}

func (q *queue) done() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.working--
}

func (q *queue) lengths() (waiting, working int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.waiting), q.working
}

func (q *queue) wake() {
	select {
	case q.more <- struct{}{}:
	default:
	}
}
