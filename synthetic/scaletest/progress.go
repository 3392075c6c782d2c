package scaletest

import (
	"fmt"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/figures"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/limit"
)

// Progress is how far a test is.
type Progress struct {
	// Iteration of Iterations is under way. Doing says what it is for.
	Iteration, Iterations int
	Doing                 string
	// Intended of the iteration, Sent to the producer, Acknowledged by Kafka.
	Intended, Sent, Acknowledged int
	// Visible is the number of records that each sink shows.
	Visible []AtSink
	// Latency is that of the newest records in seconds, at the slowest sink that says
	// which records it shows; nil if unknown.
	Latency *float64
	// Left is the time until the end of the iteration at its present speed; 0 if unknown.
	Left time.Duration
	// Finished is the result of an iteration that has just ended, nil otherwise.
	Finished *scalerun.Iteration
	// Trial is the result of a trial that has just ended, nil otherwise.
	Trial *scalerun.Trial
}

// AtSink is the number of records at one sink.
type AtSink struct {
	Sink    string
	Records int
}

// show reports the progress of a round.
func (t *Test) show(r *round) {
	if t.showTo == nil {
		return
	}
	p := r.ledger.progress(t.sinkNames())
	p.Iteration, p.Iterations, p.Doing = r.number, t.plan.Iterations, t.doing
	if t.calibrating {
		p.Doing = "finding the number of records"
	}
	if r.trial {
		p.Doing = fmt.Sprintf("%s: a trial at %.0f records/s", t.doing, r.rate)
	}
	t.showTo(p)
}

// finished reports the result of a round.
func (t *Test) finished(it scalerun.Iteration) {
	if t.showTo != nil && !t.quiet {
		t.showTo(Progress{Iteration: it.Iteration, Iterations: t.plan.Iterations, Doing: t.doing, Finished: &it})
	}
}

// tried reports the result of a trial.
func (t *Test) tried(trial scalerun.Trial) {
	if t.showTo != nil {
		t.showTo(Progress{Iteration: t.total, Iterations: max(t.total, limit.MaxTrials*t.plan.searches()), Doing: t.doing, Trial: &trial})
	}
}

// newestRecords is over how many records the latency of the progress is a mean.
const newestRecords = 100

func (l *ledger) progress(names []string) Progress {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := Progress{Intended: l.n, Sent: l.taken(), Acknowledged: int(l.answered.Load()) - l.failed}
	least := l.n
	for i, a := range l.arrivals {
		p.Visible = append(p.Visible, AtSink{names[i], a.distinct})
		least = min(least, a.distinct)
		if latency := a.recent(l); latency != nil && (p.Latency == nil || *latency > *p.Latency) {
			p.Latency = latency
		}
	}
	if elapsed := time.Since(l.start); least > 0 {
		p.Left = time.Duration(float64(elapsed) / float64(least) * float64(l.n-least)).Round(time.Second)
	}
	return p
}

// recent is the mean latency of the newest records at a sink. The caller holds mu.
func (a *arrivals) recent(l *ledger) *float64 {
	sum, n := 0.0, 0
	for i := min(l.taken(), l.n) - 1; i >= 0 && n < newestRecords; i-- {
		if a.seen[i] != never {
			sum += figures.Seconds(a.seen[i] - l.due[i])
			n++
		}
	}
	if n == 0 {
		return nil
	}
	mean := sum / float64(n)
	return &mean
}
