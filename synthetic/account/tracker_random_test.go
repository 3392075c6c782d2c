package account

import (
	"log/slog"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/synthetic/clock"
	"github.com/flink-sidecar/flink-sidecar/synthetic/payload"
	"github.com/flink-sidecar/flink-sidecar/synthetic/synthetictest"
)

// world generates all events of the recorder: records, brokers, sinks, kills, a full
// disk, clock steps. It checks the account after each event.
type world struct {
	t        *testing.T
	random   *rand.Rand
	history  *synthetictest.History
	now      clock.Moment
	recorder *Recorder
	sinks    []string
	seeds    []string
	places   int
	// last is the exported account before the present event.
	last map[string]episode.Account
	// decided are the final outcomes when they were first stored.
	decided map[string]episode.RecordOutcome
}

func newWorld(t *testing.T, seed uint64) *world {
	w := &world{
		t: t, random: rand.New(rand.NewPCG(seed, 1)), history: synthetictest.NewHistory(),
		now:   clock.Moment{Wall: time.UnixMilli(1_700_000_000_000), Mono: time.Hour},
		sinks: []string{"enriched", "alerts", "search"}, decided: map[string]episode.RecordOutcome{},
	}
	w.history.Now = func() time.Time { return w.now.Wall }
	w.start()
	return w
}

// start makes a recorder, like a new process.
func (w *world) start() {
	w.recorder = NewRecorder(w.history, w.sinks, func() clock.Moment { return w.now },
		slog.New(slog.DiscardHandler), func([]Step, []Sample) {})
	w.history.Failure = nil
	require.NoError(w.t, w.recorder.restore(3*time.Minute))
}

// events are the possible events, each with its frequency.
func (w *world) events() []func() {
	return []func(){
		w.intend, w.intend, w.intend, w.acknowledge, w.acknowledge, w.acknowledge, w.fail,
		w.see, w.see, w.see, w.see, w.see, w.wait, w.wait, w.wait, w.flush, w.flush, w.flush, w.flush,
		w.kill, w.standStill, w.fillDisk, w.freeDisk, w.freeDisk,
	}
}

func (w *world) pick() string {
	if len(w.seeds) == 0 {
		return "fsp-nobody-0"
	}
	recent := w.seeds[max(0, len(w.seeds)-12):]
	return recent[w.random.IntN(len(recent))]
}

func (w *world) intend() {
	seed := payload.NewSeed(ulid.MustNew(uint64(w.now.Wall.UnixMilli()), ulid.DefaultEntropy()), len(w.seeds))
	r := episode.ProbeRecord{
		Seed: seed, Round: "r" + strconv.Itoa(len(w.seeds)), Intended: w.now.Wall, OnTimeWithin: time.Minute,
		Cutoff: 3 * time.Minute,
	}
	neverSent := w.random.IntN(8) == 0
	for _, sink := range w.sinks {
		outcome := episode.Pending
		if neverSent || w.random.IntN(20) == 0 {
			outcome = episode.NotSent
		}
		r.Sinks = append(r.Sinks, episode.AtSink{Sink: sink, Outcome: outcome})
	}
	w.seeds = append(w.seeds, seed)
	w.recorder.Update(func(t *Tracker) { t.Intend(r, w.now) })
	if w.recorder.Flush() != nil {
		w.recorder.Update(func(t *Tracker) { t.GiveUp(seed, "disk full", w.now) })
		return
	}
	w.recorder.Update(func(t *Tracker) { t.Handed(seed, w.now) })
}

func (w *world) acknowledge() {
	seed := w.pick()
	w.recorder.Update(func(t *Tracker) { t.Acknowledged(seed, noOffset, w.now) })
}

func (w *world) fail() {
	seed := w.pick()
	w.recorder.Update(func(t *Tracker) {
		if e := t.entries[seed]; e != nil && e.record.Acknowledged == nil { // Kafka answers once
			t.ProduceFailed(seed, "timed out", w.now)
		}
	})
}

func (w *world) see() {
	w.places++
	seed, sink := w.pick(), w.sinks[w.random.IntN(len(w.sinks))]
	s := Sighting{
		Lane: []string{"", "0", "1"}[w.random.IntN(3)],
		Seed: seed, Hop: "hop", At: w.now,
		Place: strconv.Itoa(w.random.IntN(w.places)), Bound: w.random.IntN(5) == 0,
		Stamps: map[string]time.Time{
			episode.HopIndexed: w.now.Wall.Add(-time.Duration(w.random.IntN(3000)) * time.Millisecond),
		},
	}
	w.recorder.Update(func(t *Tracker) { t.Saw(sink, s) })
}

func (w *world) wait() {
	w.now = w.now.Add(time.Duration(w.random.Int64N(int64(40 * time.Second))))
	w.recorder.Update(func(t *Tracker) { t.expire(w.now) })
}

func (w *world) flush() { _ = w.recorder.Flush() } // it fails while the disk is full

// kill ends the process, and changes that were not stored are lost. The next process
// has another monotonic clock, and the wall clock may have stepped.
func (w *world) kill() {
	down := time.Duration(w.random.Int64N(int64(10 * time.Minute)))
	steps := []time.Duration{0, 0, 0, time.Hour, -time.Hour}
	w.now = clock.Moment{Wall: w.now.Wall.Add(down + steps[w.random.IntN(len(steps))]), Mono: time.Hour}
	w.start()
}

func (w *world) standStill() {
	w.now = w.now.Add(time.Duration(w.random.Int64N(int64(5 * time.Minute))))
	w.recorder.Update(func(t *Tracker) { t.Blinded(w.now) })
}

func (w *world) fillDisk() { w.history.Fail(synthetictest.ErrDiskFull) }
func (w *world) freeDisk() { w.history.Fail(nil) }

// check compares the exported account with the guarantees of accounts.
func (w *world) check() {
	defer w.history.Fail(w.history.Failure)
	w.history.Failure = nil
	shown := map[string]episode.Account{}
	for _, account := range w.recorder.Published().Accounts {
		require.True(w.t, account.Balanced(), "%+v", account)
		shown[account.Sink] = account
		w.checkMonotone(w.last[account.Sink], account)
	}
	w.last = shown
	totals, err := w.history.Totals()
	require.NoError(w.t, err)
	for _, stored := range totals {
		sink := stored.Sink
		require.Equal(w.t, stored.Intended, shown[sink].Intended)
		for _, fate := range episode.RecordOutcomes() {
			require.Equal(
				w.t, stored.Outcomes[fate], shown[sink].Outcomes[fate], "%s at %s: metrics say otherwise than history",
				fate, sink,
			)
		}
		require.Equal(w.t, stored.Duplicates, shown[sink].Duplicates)
		require.Equal(w.t, stored.InOrder, shown[sink].InOrder)
		require.Equal(w.t, stored.Reordered, shown[sink].Reordered)
		require.Equal(w.t, stored.SeenAfterLost, shown[sink].SeenAfterLost)
		require.Equal(w.t, stored.SeenAfterProduceFailed, shown[sink].SeenAfterProduceFailed)
	}
	for _, r := range w.history.Records {
		w.checkRecord(r)
	}
}

// checkMonotone checks that counters never decrease, also across a restart.
func (w *world) checkMonotone(before, after episode.Account) {
	require.GreaterOrEqual(w.t, after.Intended, before.Intended)
	require.GreaterOrEqual(w.t, after.Duplicates, before.Duplicates)
	require.GreaterOrEqual(w.t, after.InOrder, before.InOrder)
	require.GreaterOrEqual(w.t, after.Reordered, before.Reordered)
	require.GreaterOrEqual(w.t, after.SeenAfterLost, before.SeenAfterLost)
	require.GreaterOrEqual(w.t, after.SeenAfterProduceFailed, before.SeenAfterProduceFailed)
	for _, outcome := range episode.RecordOutcomes() {
		if outcome != episode.Pending {
			require.GreaterOrEqual(w.t, after.Outcomes[outcome], before.Outcomes[outcome], outcome)
		}
	}
}

// checkRecord checks that a final outcome does not change, and that each outcome has
// its reason.
func (w *world) checkRecord(r episode.ProbeRecord) {
	arrived := r.Acknowledged != nil
	for _, at := range r.Sinks {
		arrived = arrived || seen(&at)
	}
	for _, at := range r.Sinks {
		key := r.Seed + at.Sink
		if was, final := w.decided[key]; final {
			require.Equal(w.t, was, at.Outcome, "the final outcome of %s at %s changed", r.Seed, at.Sink)
		} else if at.Outcome != episode.Pending {
			w.decided[key] = at.Outcome
		}
		switch at.Outcome {
		case episode.Lost:
			require.True(w.t, arrived, "lost, but not certainly in the topic: %+v", r)
		case episode.NotSent:
			require.False(w.t, seen(&at), "not sent, but seen: %+v", r)
		case episode.ProduceFailed:
			require.Nil(w.t, r.Acknowledged, "produce_failed, but acknowledged: %+v", r)
		case episode.OnTime:
			require.NotNil(w.t, at.Latency)
			require.LessOrEqual(w.t, *at.Latency, r.OnTimeWithin)
		}
		if at.Latency != nil {
			require.GreaterOrEqual(w.t, *at.Latency, time.Duration(0))
			require.LessOrEqual(w.t, *at.Latency, 8*r.Cutoff, "an absurd latency")
		}
	}
}

func TestAccountHoldsAfterEveryEvent(t *testing.T) {
	const worlds, eventsEach = 25, 300
	for seed := range uint64(worlds) {
		w := newWorld(t, seed)
		events := w.events()
		for range eventsEach {
			events[w.random.IntN(len(events))]()
			w.check()
			if t.Failed() {
				t.Fatalf("world %d", seed)
			}
		}
		w.endsWithNothingPending()
	}
}

// endsWithNothingPending waits until every record has an outcome. It then checks that
// every record in the history was intended exactly once.
func (w *world) endsWithNothingPending() {
	w.freeDisk()
	for range 40 {
		w.wait()
	}
	require.NoError(w.t, w.recorder.Flush())
	w.check()
	stored := w.history.All()
	for _, sink := range w.sinks {
		account := w.history.Account(w.t, sink)
		require.Zero(w.t, account.Outcomes[episode.Pending])
		require.EqualValues(w.t, len(stored), account.Intended)
	}
	for _, r := range stored {
		require.True(w.t, slices.Contains(w.seeds, r.Seed))
	}
	w.recorder.Update(func(t *Tracker) { t.expire(w.now.Add(time.Hour)) })
	w.recorder.view(func(t *Tracker) { require.Empty(w.t, t.entries, "a record is remembered for ever") })
}
