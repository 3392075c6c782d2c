package profiler

import (
	"context"
	"time"
)

// wedgedFor is how long no request goes to a wedged process: it must be restarted, and
// where its id is configured it returns under the same name.
const wedgedFor = time.Hour

// queue runs the profiles of a process one after the other.
type queue struct {
	turn    chan struct{} // holds a token while a run has its turn
	waiting int           // runs in the queue, including the present one
}

// enter waits for the turn to profile a process and returns how to end it.
func (p *Profiler) enter(ctx context.Context, process string) (leave func(), err error) {
	p.mu.Lock()
	q, ok := p.queues[process]
	if !ok {
		q = &queue{turn: make(chan struct{}, 1)}
		p.queues[process] = q
	}
	q.waiting++
	p.mu.Unlock()

	select {
	case q.turn <- struct{}{}:
		return func() {
			<-q.turn
			p.quit(process)
		}, nil
	case <-ctx.Done():
		p.quit(process)
		return nil, ctx.Err()
	}
}

// quit forgets an empty queue: TaskManagers come and go.
func (p *Profiler) quit(process string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	q := p.queues[process]
	if q.waiting--; q.waiting == 0 {
		delete(p.queues, process)
	}
}

// isWedged reports whether a process was wedged within the last hour.
func (p *Profiler) isWedged(process string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for wedged, until := range p.wedged {
		if p.Now().After(until) {
			delete(p.wedged, wedged)
		}
	}
	_, wedged := p.wedged[process]
	return wedged
}

func (p *Profiler) setWedged(process string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wedged[process] = p.Now().Add(wedgedFor)
}
