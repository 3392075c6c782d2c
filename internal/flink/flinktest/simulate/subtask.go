package simulate

import "time"

// Flink renews what a task reports about the last minute every five seconds.
const (
	viewEvery = 5 * time.Second
	viewSlots = 12
)

// Subtask is one subtask, and what it reports.
type Subtask struct {
	// Queue is how many records wait in its input; Backlog is how many wait outside a
	// source.
	Queue, Backlog float64
	// Pending is the number of records outside as the source last saw it.
	Pending float64
	// Read is how many records a source has read of its partition, in all attempts.
	Read float64
	// In and Out count records. Busy, Idle and Backpressured count seconds.
	In, Out, Busy, Idle, Backpressured float64
	// Age is the time since the subtask started.
	Age time.Duration
	// Finished is true when it has ended.
	Finished bool
	view
}

// view is what Flink's timer keeps of the last minute.
type view struct {
	// idle and backpressured are the milliseconds of each slot.
	idle, backpressured []float64
	// in and out are the counts at the end of each slot, and at the beginning.
	in, out      []float64
	lastIdle     float64
	lastBlocked  float64
	untilRefresh time.Duration
}

func newSubtask(backlog float64) *Subtask {
	return &Subtask{Backlog: backlog, Pending: backlog, view: view{
		in: []float64{0}, out: []float64{0}, untilRefresh: viewEvery,
	}}
}

// work counts one step.
func (s *Subtask) work(processed, sent float64, spent times) {
	s.In, s.Out, s.Read = s.In+processed, s.Out+sent, s.Read+processed
	s.Busy, s.Idle, s.Backpressured = s.Busy+spent.busy, s.Idle+spent.idle, s.Backpressured+spent.blocked
	s.Age += Step
	s.untilRefresh -= Step
	if s.untilRefresh <= 0 {
		s.untilRefresh += viewEvery
		s.refresh()
	}
}

// refresh is one tick of Flink's timer.
func (s *Subtask) refresh() {
	s.idle = last(append(s.idle, 1000*(s.Idle-s.lastIdle)), viewSlots)
	s.backpressured = last(append(s.backpressured, 1000*(s.Backpressured-s.lastBlocked)), viewSlots)
	s.lastIdle, s.lastBlocked = s.Idle, s.Backpressured
	s.in, s.out = last(append(s.in, s.In), viewSlots+1), last(append(s.out, s.Out), viewSlots+1)
}

func last(values []float64, n int) []float64 { return values[max(0, len(values)-n):] }

// Shares are milliseconds per second, as Flink reports them.
func (s *Subtask) Shares() (busy, idle, backpressured float64) {
	idle, backpressured = perSecond(s.idle), perSecond(s.backpressured)
	return 1000 - min(1000, idle+backpressured), idle, backpressured
}

// perSecond is the mean of slots, cut to a whole number as in Flink.
func perSecond(slots []float64) float64 {
	if len(slots) == 0 {
		return 0
	}
	total := 0.0
	for _, slot := range slots {
		total += slot
	}
	return float64(int(total/(viewEvery.Seconds()*float64(len(slots))) + 1e-6))
}

// Rates are records per second, as Flink reports them: the growth in the last minute,
// divided by sixty even if the task is younger.
func (s *Subtask) Rates() (in, out float64) {
	span := viewEvery.Seconds() * viewSlots
	return (s.in[len(s.in)-1] - s.in[0]) / span, (s.out[len(s.out)-1] - s.out[0]) / span
}

// times are the seconds of a step.
type times struct{ busy, idle, blocked float64 }
