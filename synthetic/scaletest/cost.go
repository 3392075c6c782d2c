package scaletest

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/wait"
)

// readMachine reads the machines; nil if that is not known.
func (t *Test) readMachine(ctx context.Context, notBefore time.Time) *Reading {
	if t.machine == nil {
		return nil
	}
	reading, ok := t.machine(ctx, notBefore)
	if !ok {
		return nil
	}
	return &reading
}

const (
	// minCPUSpan is the shortest round whose CPU time is read: the second reading waits for
	// Flink, which renews its metrics every ten seconds.
	minCPUSpan = 20 * time.Second
	// metricsAge is how old a metric of Flink can be.
	metricsAge = 10 * time.Second
)

// readBefore reads the machines before a round. After a calibration it waits until that is no
// part of the difference.
func (t *Test) readBefore(ctx context.Context) *Reading {
	notBefore := time.Time{}
	if t.calibrated && !t.calibrating {
		notBefore = t.idle.Add(metricsAge)
	}
	return t.readMachine(ctx, notBefore)
}

// readAfter reads the machines after a round that ended. For a short one it does not wait until
// Flink's metrics have passed its end, and for one that is too short to count not even for a
// poll.
func (t *Test) readAfter(ctx context.Context, r *round, ended time.Time) *Reading {
	switch took := ended.Sub(r.ledger.start); {
	case took >= minCPUSpan:
		return t.readMachine(ctx, ended.Add(metricsAge))
	case r.trial || took >= longEnough(t.refresh()):
		return t.readMachine(ctx, ended)
	}
	return t.readMachine(ctx, time.Time{})
}

// cost fills what the round cost the machines: the difference of a reading before it and one
// after it. The time when nothing was sent is part of it, but takes hardly any CPU. A difference
// is known only if no other round is part of it, and all of this one is.
func (t *Test) cost(ctx context.Context, before *Reading, r *round) {
	ended := r.ledger.start.Add(time.Duration(max(0, r.ledger.lastMove())))
	idle := t.idle
	t.idle, t.calibrated = ended, t.calibrating
	after := t.readAfter(ctx, r, ended)
	r.redeployed = t.another(before) || t.another(after)
	if before == nil || after == nil || r.redeployed {
		r.pressure = nil
		return
	}
	r.restarted = before.Restarts != nil && after.Restarts != nil && *after.Restarts > *before.Restarts
	if before.At.Before(idle) {
		r.pressure = nil
		return
	}
	if !after.At.Before(ended) && before.Checkpoints != nil && after.Checkpoints != nil &&
		*after.Checkpoints >= *before.Checkpoints {
		completed := *after.Checkpoints - *before.Checkpoints
		r.checks = &completed
	}
	if ended.Sub(r.ledger.start) < minCPUSpan || after.At.Before(ended.Add(metricsAge)) {
		r.pressure = nil // Flink's mean is mostly of the time before
		return
	}
	if !idle.IsZero() && before.At.Before(idle.Add(metricsAge)) {
		return
	}
	r.gc = grown(before.GCSeconds, after.GCSeconds)
	r.exchanged = grown(before.ExchangedBytes, after.ExchangedBytes)
	expected := r.ledger.expected()
	if cpu := grown(before.CPUSeconds, after.CPUSeconds); cpu != nil && expected > 0 {
		perMillion := *cpu / float64(expected) * 1e6
		r.cpu = &perMillion
	}
}

// another reports whether a reading is of another deployment than the one that is tested.
func (t *Test) another(reading *Reading) bool {
	return reading != nil && t.subject.Deployment != "" && reading.Deployment != "" &&
		reading.Deployment != t.subject.Deployment
}

// errRedeployed is why a test ends whose deployment is gone: what follows would be measured under
// the id of another one.
var errRedeployed = errors.New("the job was deployed anew during the test, so what follows is another deployment (wait " +
	"until the deployment is over, and repeat the test)")

// grown is the difference of two readings of a counter; nil if one is unknown, or if the
// counter began anew.
func grown(before, after *float64) *float64 {
	if before == nil || after == nil || *after < *before {
		return nil
	}
	difference := *after - *before
	return &difference
}

// pressureEvery is how often the backpressure is read.
const pressureEvery = 5 * time.Second

// watchPressure reads the backpressure while records are under way, until its result is
// called.
func (t *Test) watchPressure(ctx context.Context, r *round) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var work sync.WaitGroup
	if t.machine != nil {
		work.Go(func() {
			for wait.For(ctx, pressureEvery) == nil {
				if now := t.readMachine(ctx, time.Time{}); now != nil && ctx.Err() == nil {
					r.pressure = now.Backpressure
				}
			}
		})
	}
	return func() { cancel(); work.Wait() }
}
