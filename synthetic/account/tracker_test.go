package account

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/synthetic/clock"
	"github.com/flink-sidecar/flink-sidecar/synthetic/synthetictest"
)

const (
	sinkA, sinkB = "enriched", "search"
	oneSeed      = "fsp-01J0000000000000000000000A-0"
)

// bench is a recorder with a clock that the test controls.
type bench struct {
	t        *testing.T
	history  *synthetictest.History
	recorder *Recorder
	now      clock.Moment
	shown    []Sample // what the metrics would show
}

func newBench(t *testing.T) *bench {
	b := &bench{
		t: t, history: synthetictest.NewHistory(),
		now: clock.Moment{Wall: time.UnixMilli(1_700_000_000_000).UTC(), Mono: time.Hour},
	}
	b.history.Now = func() time.Time { return b.now.Wall }
	b.restart(0)
	return b
}

// restart ends the process without cleanup and starts another one. The wall clock shows
// down more than before.
func (b *bench) restart(down time.Duration) {
	b.now = clock.Moment{Wall: b.now.Wall.Add(down), Mono: time.Minute}
	b.recorder = NewRecorder(b.history, []string{sinkA, sinkB}, func() clock.Moment {
		return b.now
	}, slog.New(slog.DiscardHandler), func(_ []Step, samples []Sample) { b.shown = append(b.shown, samples...) })
	require.NoError(b.t, b.recorder.restore(3*time.Minute))
}

// send intends a record for both sinks and hands it to Kafka 5 ms later.
func (b *bench) send(seed string) {
	r := episode.ProbeRecord{
		Seed: seed, Intended: b.now.Wall, OnTimeWithin: time.Minute, Cutoff: 3 * time.Minute,
		Sinks: []episode.AtSink{
			{Sink: sinkA, Outcome: episode.Pending, From: map[int32]int64{0: 7, 1: 9}},
			{Sink: sinkB, Outcome: episode.Pending},
		},
	}
	b.do(func(t *Tracker) { t.Intend(r, b.now) })
	b.now = b.now.Add(5 * time.Millisecond)
	b.do(func(t *Tracker) { t.Handed(seed, b.now) })
}

// do applies an event and stores the changes.
func (b *bench) do(event func(*Tracker)) {
	b.recorder.Update(event)
	require.NoError(b.t, b.recorder.Flush())
}

func (b *bench) after(d time.Duration) *bench {
	b.now = b.now.Add(d)
	return b
}

func (b *bench) acknowledge(seed string) {
	b.do(func(t *Tracker) { t.Acknowledged(seed, noOffset, b.now) })
}

func (b *bench) see(seed, sink, place string) {
	b.do(func(t *Tracker) { t.Saw(sink, Sighting{Seed: seed, Hop: sink, Place: place, At: b.now}) })
}

// find reports a sighting of a record that may have been there for a while.
func (b *bench) find(seed, sink, place string) {
	b.do(func(t *Tracker) {
		t.Saw(sink, Sighting{Seed: seed, Hop: sink, Place: place, At: b.now, Bound: true})
	})
}

func (b *bench) expire() { b.do(func(t *Tracker) { t.expire(b.now) }) }

// stored returns the record from the history.
func (b *bench) stored() episode.ProbeRecord {
	records := b.history.All()
	require.Len(b.t, records, 1)
	return records[0]
}

// outcomes returns the outcomes at A and B from the history.
func (b *bench) outcomes() [2]episode.RecordOutcome {
	r := b.stored()
	return [2]episode.RecordOutcome{r.Sinks[0].Outcome, r.Sinks[1].Outcome}
}

func TestOutcomes(t *testing.T) {
	both := func(fate episode.RecordOutcome) [2]episode.RecordOutcome { return [2]episode.RecordOutcome{fate, fate} }
	for _, tc := range []struct {
		name  string
		story func(b *bench)
		want  [2]episode.RecordOutcome
	}{
		{"just sent", func(*bench) {}, both(episode.Pending)},
		{"acknowledged", func(b *bench) { b.acknowledge(oneSeed) }, both(episode.Pending)},
		{"seen at one sink", func(b *bench) {
			b.acknowledge(oneSeed)
			b.after(time.Second).see(oneSeed, sinkA, "0/7")
		}, [2]episode.RecordOutcome{episode.OnTime, episode.Pending}},
		{"seen after the service level", func(b *bench) {
			b.acknowledge(oneSeed)
			b.after(time.Minute).see(oneSeed, sinkA, "0/7")
		}, [2]episode.RecordOutcome{episode.Late, episode.Pending}},
		{"seen before it was acknowledged", func(b *bench) {
			b.after(time.Second).see(oneSeed, sinkA, "0/7")
			b.acknowledge(oneSeed)
		}, [2]episode.RecordOutcome{episode.OnTime, episode.Pending}},
		{"lost at the cut-off", func(b *bench) {
			b.acknowledge(oneSeed)
			b.after(3 * time.Minute).expire()
		}, both(episode.Lost)},
		{"not lost before", func(b *bench) {
			b.acknowledge(oneSeed)
			b.after(3*time.Minute - 6*time.Millisecond).expire()
		}, both(episode.Pending)},
		{"a sighting after the cut-off does not undo the loss", func(b *bench) {
			b.acknowledge(oneSeed)
			b.after(4*time.Minute).see(oneSeed, sinkA, "0/7") // before it is lost
		}, [2]episode.RecordOutcome{episode.Lost, episode.Pending}},
		{"produce failed", func(b *bench) {
			b.do(func(t *Tracker) { t.ProduceFailed(oneSeed, "timed out", b.now) })
		}, both(episode.ProduceFailed)},
		{"without any answer it is a failed produce, not a loss", func(b *bench) {
			b.after(3 * time.Minute).expire()
		}, both(episode.ProduceFailed)},
		{"a sighting proves that it was stored", func(b *bench) {
			b.after(time.Second).see(oneSeed, sinkA, "0/7")
			b.do(func(t *Tracker) { t.ProduceFailed(oneSeed, "timed out", b.now) })
			b.after(3 * time.Minute).expire()
		}, [2]episode.RecordOutcome{episode.OnTime, episode.Lost}},
		{"an acknowledgement after the failure changes nothing", func(b *bench) {
			b.do(func(t *Tracker) { t.ProduceFailed(oneSeed, "timed out", b.now) })
			b.acknowledge(oneSeed)
			b.after(4 * time.Minute).expire()
		}, both(episode.ProduceFailed)},
		{"not written ahead", func(b *bench) {
			b.do(func(t *Tracker) { t.GiveUp(oneSeed, "disk full", b.now) })
			b.see(oneSeed, sinkA, "0/7") // can't be ours
		}, both(episode.NotSent)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBench(t)
			b.send(oneSeed)
			tc.story(b)
			require.Equal(t, tc.want, b.outcomes())
		})
	}
}

func TestLatencyStartsAtTheHandOver(t *testing.T) {
	b := newBench(t)
	b.send(oneSeed) // handed over 5 ms after it was due
	b.after(2 * time.Millisecond).acknowledge(oneSeed)
	b.after(40*time.Millisecond).see(oneSeed, sinkA, "0/7")
	r := b.stored()
	require.Equal(t, 2*time.Millisecond, *r.Acknowledged)
	require.Equal(t, 42*time.Millisecond, *r.Sinks[0].Latency)
	require.Equal(t, []Sample{
		{Hop: episode.HopAcknowledged, Seed: oneSeed, Latency: 2 * time.Millisecond},
		{Hop: sinkA, Seed: oneSeed, Latency: 42 * time.Millisecond},
	}, b.shown)
}

func TestClockStepDoesNotChangeLatencies(t *testing.T) {
	for _, step := range []time.Duration{time.Hour, -time.Hour} {
		b := newBench(t)
		b.send(oneSeed)
		b.acknowledge(oneSeed)
		b.now.Wall = b.now.Wall.Add(step)
		b.after(2*time.Second).see(oneSeed, sinkA, "0/7")
		require.Equal(t, 2*time.Second, *b.stored().Sinks[0].Latency)
		require.Equal(t, episode.OnTime, b.stored().Sinks[0].Outcome)
	}
}

func TestLateRecordsKeepTheirTrueLatency(t *testing.T) {
	b := newBench(t)
	b.send(oneSeed)
	b.acknowledge(oneSeed)
	b.after(3 * time.Minute).expire()
	b.after(10*time.Second).see(oneSeed, sinkA, "0/7")
	at := b.stored().Sinks[0]
	require.Equal(t, episode.Lost, at.Outcome)
	require.True(t, at.SeenAfter)
	require.Equal(t, 190*time.Second, *at.Latency)
	require.EqualValues(t, 1, b.history.Account(t, sinkA).SeenAfterLost)
	require.Equal(t, Sample{Hop: sinkA, Seed: oneSeed, Latency: 190 * time.Second}, b.shown[len(b.shown)-1])
}

func TestSeenAlthoughProducingFailed(t *testing.T) {
	b := newBench(t)
	b.send(oneSeed)
	b.do(func(tr *Tracker) { tr.ProduceFailed(oneSeed, "kafka: timed out", b.now) })
	b.after(time.Second).see(oneSeed, sinkA, "0/7")
	r := b.stored()
	require.Equal(t, "kafka: timed out", r.Error)
	require.Equal(t, [2]episode.RecordOutcome{episode.ProduceFailed, episode.ProduceFailed}, b.outcomes())
	require.EqualValues(t, 1, b.history.Account(t, sinkA).SeenAfterProduceFailed)
	require.EqualValues(t, 0, b.history.Account(t, sinkB).SeenAfterProduceFailed)
}

func TestDuplicates(t *testing.T) {
	b := newBench(t)
	b.send(oneSeed)
	b.see(oneSeed, sinkA, "0/7")
	b.see(oneSeed, sinkA, "0/7") // read twice by us
	require.Zero(t, b.stored().Sinks[0].Duplicates)
	b.see(oneSeed, sinkA, "1/30") // written twice by the job
	b.see(oneSeed, sinkA, "0/9")
	require.Equal(t, 2, b.stored().Sinks[0].Duplicates)
	require.EqualValues(t, 2, b.history.Account(t, sinkA).Duplicates)
	require.Zero(t, b.stored().Sinks[1].Duplicates)
}

func TestDuplicatesAcrossARestart(t *testing.T) {
	b := newBench(t)
	b.send(oneSeed)
	b.see(oneSeed, sinkA, "0/7")
	b.restart(5 * time.Second)
	b.find(oneSeed, sinkA, "0/7") // the old one, read again from the offset at send
	require.Zero(t, b.stored().Sinks[0].Duplicates)
	b.see(oneSeed, sinkA, "0/50")
	require.Equal(t, 1, b.stored().Sinks[0].Duplicates)
}

func TestCountedDuplicatesAreNotCountedAgainAfterARestart(t *testing.T) {
	b := newBench(t)
	b.send(oneSeed)
	b.see(oneSeed, sinkA, "0/7")
	b.see(oneSeed, sinkA, "1/30")
	for range 2 {
		b.restart(5 * time.Second)
		b.find(oneSeed, sinkA, "0/7") // the topic is read again from the offset at send
		b.find(oneSeed, sinkA, "1/30")
		b.find(oneSeed, sinkA, "1/30")
		require.Equal(t, 1, b.stored().Sinks[0].Duplicates)
	}
	b.find(oneSeed, sinkA, "0/40") // written while no process looked
	require.Equal(t, 2, b.stored().Sinks[0].Duplicates)
	b.find(oneSeed, sinkB, "orders/1") // pending there: the first sighting
	require.Zero(t, b.stored().Sinks[1].Duplicates)
	b.find(oneSeed, sinkB, "orders/2")
	require.Equal(t, 1, b.stored().Sinks[1].Duplicates)
}

func TestANewDuplicateFoundBeforeTheKnownSighting(t *testing.T) {
	b := newBench(t)
	b.send(oneSeed)
	b.see(oneSeed, sinkA, "0/7")
	b.restart(5 * time.Second)
	b.see(oneSeed, sinkA, "1/30") // another partition is read first
	b.find(oneSeed, sinkA, "0/7")
	require.Equal(t, 1, b.stored().Sinks[0].Duplicates)
	require.EqualValues(t, 1, b.history.Account(t, sinkA).Duplicates)
}

func TestRestart(t *testing.T) {
	for _, tc := range []struct {
		name  string
		down  time.Duration
		story func(b *bench)
		want  episode.RecordOutcome // at A
		hop   Quality               // of the hop at A; -1 if there is none
	}{
		{"seen on arrival", 5 * time.Second, func(b *bench) {
			b.after(time.Second).see(oneSeed, sinkA, "0/7")
		}, episode.OnTime, Measured},
		{"found by another process, certainly on time", 5 * time.Second, func(b *bench) {
			b.find(oneSeed, sinkA, "0/7")
		}, episode.OnTime, Unmeasured},
		{"found too late to be certain", 2 * time.Minute, func(b *bench) {
			b.find(oneSeed, sinkA, "0/7")
		}, episode.Late, Unmeasured},
		{"found past the cut-off, before which no process looked", 10 * time.Minute, func(b *bench) {
			b.after(time.Second).find(oneSeed, sinkA, "0/7")
		}, episode.Late, Unmeasured},
		{"not lost before the process has looked", 10 * time.Minute, func(b *bench) {
			b.after(59 * time.Second).expire()
		}, episode.Pending, -1},
		{"lost after the process has looked", 10 * time.Minute, func(b *bench) {
			b.after(time.Minute).expire()
		}, episode.Lost, -1},
		{"the clock stepped back", -time.Hour, func(b *bench) {
			b.after(time.Second).see(oneSeed, sinkA, "0/7")
		}, episode.Late, Rejected},
		{"the clock stepped forward", time.Hour, func(b *bench) {
			b.after(time.Second).see(oneSeed, sinkA, "0/7")
		}, episode.Late, Rejected},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBench(t)
			b.send(oneSeed)
			b.acknowledge(oneSeed)
			b.shown = nil
			b.restart(tc.down)
			tc.story(b)
			require.Equal(t, tc.want, b.stored().Sinks[0].Outcome)
			if tc.hop < 0 {
				require.Empty(t, b.shown)
				return
			}
			require.Equal(t, tc.hop, b.shown[0].Quality)
		})
	}
}

func TestUnacknowledgedRecordsOfAnEarlierProcess(t *testing.T) {
	b := newBench(t)
	b.send(oneSeed)
	b.restart(5 * time.Second)
	b.after(3 * time.Minute).expire()
	require.Equal(
		t, [2]episode.RecordOutcome{episode.ProduceFailed, episode.ProduceFailed}, b.outcomes(),
		"it may never have reached Kafka",
	)
}

func TestNoLossRightAfterStandingStill(t *testing.T) {
	b := newBench(t)
	b.send(oneSeed)
	b.acknowledge(oneSeed)
	b.after(time.Hour)
	b.do(func(tr *Tracker) { tr.Blinded(b.now) })
	b.expire()
	require.Equal(t, [2]episode.RecordOutcome{episode.Pending, episode.Pending}, b.outcomes())
	b.after(time.Second).find(oneSeed, sinkA, "0/7")
	b.after(time.Minute).expire()
	require.Equal(t, [2]episode.RecordOutcome{episode.Late, episode.Lost}, b.outcomes())
}

func TestStamps(t *testing.T) {
	for _, tc := range []struct {
		name  string
		stamp time.Duration // after the hand-over, by the other clock
		want  Sample
	}{
		{"in between", 300 * time.Millisecond, Sample{Hop: episode.HopIndexed, Latency: 300 * time.Millisecond}},
		{"in the millisecond of the hand-over", 0, Sample{Hop: episode.HopIndexed}},
		{
			"clocks a little apart", 1900 * time.Millisecond,
			Sample{Hop: episode.HopIndexed, Latency: 1900 * time.Millisecond},
		},
		{
			"before it was sent", -time.Millisecond,
			Sample{Hop: episode.HopIndexed, Latency: -time.Millisecond, Quality: Rejected},
		},
		{"an hour ahead", time.Hour, Sample{Hop: episode.HopIndexed, Latency: time.Hour, Quality: Rejected}},
		{"an hour behind", -time.Hour, Sample{Hop: episode.HopIndexed, Latency: -time.Hour, Quality: Rejected}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBench(t)
			b.send(oneSeed)
			stamp := b.now.Wall.Add(tc.stamp)
			b.after(time.Second)
			b.do(func(tr *Tracker) {
				tr.Saw(
					sinkB,
					Sighting{
						Seed: oneSeed, Hop: episode.HopVisible, Place: "orders/1", At: b.now,
						Stamps: map[string]time.Time{episode.HopIndexed: stamp},
					},
				)
			})
			tc.want.Seed = oneSeed
			require.Equal(
				t, []Sample{{Hop: episode.HopVisible, Seed: oneSeed, Latency: time.Second}, tc.want}, b.shown,
			)
		})
	}
}

func TestUnknownSeedsAndSinksAreIgnored(t *testing.T) {
	b := newBench(t)
	b.send(oneSeed)
	puts := b.history.Puts
	b.see("fsp-01J0000000000000000000000B-0", sinkA, "0/1")
	b.see(oneSeed, "elsewhere", "0/1")
	b.acknowledge("fsp-01J0000000000000000000000B-0")
	require.Equal(t, puts, b.history.Puts)
}

func TestReadingContinuesWhileARecordMayAppear(t *testing.T) {
	b := newBench(t)
	wants := func() (a, bWants bool) {
		b.recorder.view(func(tr *Tracker) { a, bWants = tr.wants(sinkA), tr.wants(sinkB) })
		return a, bWants
	}
	b.send(oneSeed)
	b.acknowledge(oneSeed)
	b.recorder.view(func(tr *Tracker) { require.Equal(t, map[int32]int64{0: 7, 1: 9}, tr.from(sinkA)) })
	b.see(oneSeed, sinkA, "0/7")
	a, other := wants()
	require.False(t, a)
	require.True(t, other)
	b.after(3 * time.Minute).expire() // lost at B: watched for one more cut-off
	_, other = wants()
	require.True(t, other)
	b.after(3 * time.Minute).expire()
	_, other = wants()
	require.False(t, other)
	b.recorder.view(func(tr *Tracker) { require.Empty(t, tr.entries); require.Nil(t, tr.from(sinkA)) })
}

func TestAKeptRoundHasItsForgottenRecords(t *testing.T) {
	b := newBench(t)
	ofRound := func() (n int) {
		b.recorder.view(func(tr *Tracker) {
			for range tr.ofRound("") {
				n++
			}
		})
		return n
	}
	b.do(func(tr *Tracker) { tr.Keep("") })
	b.send(oneSeed)
	require.Equal(t, 1, ofRound())
	b.acknowledge(oneSeed)
	b.after(3 * time.Minute).expire()
	b.after(3 * time.Minute).expire()
	b.recorder.view(func(tr *Tracker) {
		require.Empty(t, tr.entries)
		require.False(t, tr.wants(sinkA), "a kept record is not searched for")
	})
	require.Equal(t, 1, ofRound())
	b.do(func(tr *Tracker) { tr.Release("") })
	require.Zero(t, ofRound())
}

func TestExportFollowsHistory(t *testing.T) {
	b := newBench(t)
	b.send(oneSeed)
	b.history.Fail(errors.New("no space left on device"))
	b.recorder.Update(func(tr *Tracker) {
		tr.Acknowledged(oneSeed, noOffset, b.now)
		tr.Saw(sinkA, Sighting{Seed: oneSeed, Hop: sinkA, Place: "0/7", At: b.now})
	})
	require.EqualError(t, b.recorder.Flush(), "history: no space left on device")
	require.Empty(t, b.shown)
	state := b.recorder.Published()
	require.EqualError(t, state.Failure, "no space left on device")
	require.EqualValues(t, 1, state.Accounts[0].Outcomes[episode.Pending])
	require.Equal(t, 1, b.recorder.Unrecorded())

	b.history.Fail(nil)
	require.NoError(t, b.recorder.Flush())
	require.Len(t, b.shown, 2)
	state = b.recorder.Published()
	require.NoError(t, state.Failure)
	require.EqualValues(t, 1, state.Accounts[0].Outcomes[episode.OnTime])
	require.Zero(t, b.recorder.Unrecorded())
}

func TestChangesDuringAWriteAreKept(t *testing.T) {
	b := newBench(t)
	b.send(oneSeed)
	b.recorder.Update(func(tr *Tracker) { tr.Acknowledged(oneSeed, noOffset, b.now) })
	var changes []change
	b.recorder.view(func(tr *Tracker) { changes = tr.changes() })
	// The record is seen during the write to the history.
	b.recorder.Update(func(tr *Tracker) {
		tr.Saw(sinkA, Sighting{Seed: oneSeed, Hop: sinkA, Place: "0/7", At: b.now})
	})
	b.recorder.commit(changes)
	require.Len(t, b.shown, 1)
	require.Equal(t, 1, b.recorder.Unrecorded())
	require.NoError(t, b.recorder.Flush())
	require.Len(t, b.shown, 2)
	require.Equal(t, episode.OnTime, b.stored().Sinks[0].Outcome)
	require.EqualValues(t, 1, b.recorder.Published().Accounts[0].Outcomes[episode.OnTime])
}
