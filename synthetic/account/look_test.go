package account

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// storeAge is the age of Flink's metrics in the tests.
const storeAge = 10 * time.Second

// storeAt acknowledges the record at an offset of partition 0.
func (b *bench) storeAt(offset int64) {
	b.do(func(t *Tracker) { t.Acknowledged(oneSeed, offset, b.now) })
}

// look tells that partition 0 is read up to an offset.
func (b *bench) look(last int64) {
	b.do(func(t *Tracker) { t.Looked(&Look{At: b.now, Last: map[int32]int64{0: last}, Age: storeAge}) })
}

// appear lets a sink show the record.
func (b *bench) appear() {
	b.do(func(t *Tracker) {
		t.Saw(sinkA, Sighting{Seed: oneSeed, Hop: sinkA, Place: "0/7", At: b.now})
		t.Shown(oneSeed, b.now)
	})
}

// bounds are the samples that bound the time until the job has read a record.
func (b *bench) bounds() (found []Sample) {
	for _, s := range b.shown {
		if s.Quality == Bound {
			found = append(found, s)
		}
	}
	return found
}

func TestUpperBoundOfIngestion(t *testing.T) {
	seconds := func(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
	for _, tc := range []struct {
		name  string
		story func(b *bench)
		// want are the bound and its resolution; empty if there is no bound.
		want []time.Duration
	}{
		{"the next look shows it", func(b *bench) {
			b.look(9)
			b.send(oneSeed)
			b.after(seconds(.1)).storeAt(10)
			b.after(seconds(14.9)).look(12)
			b.after(seconds(15)).look(13)
		}, []time.Duration{seconds(15), seconds(15)}},
		{"a source that is behind", func(b *bench) {
			b.look(5)
			b.send(oneSeed)
			b.storeAt(10)
			b.after(seconds(15)).look(7)
			b.after(seconds(15)).look(9)
			b.after(seconds(15)).look(10)
		}, []time.Duration{seconds(45), seconds(25)}},
		{"a sink shows it before the next look", func(b *bench) {
			b.look(9)
			b.send(oneSeed)
			b.storeAt(10)
			b.after(seconds(1)).appear()
			b.after(seconds(14)).look(10)
		}, []time.Duration{seconds(1), seconds(1)}},
		{"a sink shows it long after a look did not", func(b *bench) {
			b.send(oneSeed)
			b.storeAt(10)
			b.after(seconds(30)).look(9)
			b.after(seconds(1)).appear()
		}, []time.Duration{seconds(31), seconds(11)}},
		{"no look at all", func(b *bench) {
			b.send(oneSeed)
			b.storeAt(10)
			b.after(seconds(1)).appear()
		}, nil},
		{"looks that end", func(b *bench) {
			b.look(9)
			b.send(oneSeed)
			b.storeAt(10)
			b.after(seconds(40)).look(9)
			b.do(func(t *Tracker) { t.Looked(nil) })
			b.after(seconds(1)).appear()
			b.after(seconds(9)).look(10)
		}, []time.Duration{seconds(50), seconds(50)}},
		{"an age that is not known", func(b *bench) {
			b.send(oneSeed)
			b.storeAt(10)
			b.after(seconds(40))
			b.do(func(t *Tracker) { t.Looked(&Look{At: b.now, Last: map[int32]int64{0: 9}}) })
			b.after(seconds(1)).look(10)
		}, []time.Duration{seconds(41), seconds(41)}},
		{"another partition", func(b *bench) {
			b.look(9)
			b.send(oneSeed)
			b.storeAt(10)
			b.after(seconds(1))
			b.do(func(t *Tracker) { t.Looked(&Look{At: b.now, Last: map[int32]int64{1: 99}, Age: storeAge}) })
		}, nil},
		{"the offsets of an earlier topic of that name", func(b *bench) {
			b.look(500)
			b.send(oneSeed)
			b.storeAt(10)
			b.after(seconds(15)).look(500)
		}, nil},
		{"an acknowledgement after the look", func(b *bench) {
			b.look(9)
			b.send(oneSeed)
			b.after(seconds(1)).look(10)
			b.after(seconds(1)).storeAt(10)
		}, []time.Duration{seconds(2), seconds(2)}},
		{"brokers that do not tell the offset", func(b *bench) {
			b.look(9)
			b.send(oneSeed)
			b.storeAt(noOffset)
			b.after(seconds(15)).look(12)
		}, nil},
		{"a record of an earlier process", func(b *bench) {
			b.look(9)
			b.send(oneSeed)
			b.storeAt(10)
			b.restart(time.Second)
			b.look(9)
			b.after(seconds(1)).look(10)
			b.after(seconds(1)).appear()
		}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBench(t)
			tc.story(b)
			var got []time.Duration
			for _, s := range b.bounds() {
				got = append(got, s.Latency, s.Resolution)
			}
			require.Equal(t, tc.want, got)
		})
	}
}

// The job reads a record at a random time. Its bound is never before that, and never later by
// more than its resolution, whatever the order of looks, acknowledgement and sighting.
func TestUpperBoundHoldsTheTruth(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	upTo := func(d time.Duration) time.Duration { return time.Duration(random.Int64N(int64(d))) }
	bounded := 0
	for range 200 {
		b := newBench(t)
		b.look(9)
		b.after(upTo(15 * time.Second)).send(oneSeed)
		began := b.now
		truth, acknowledged := upTo(time.Minute), upTo(2*time.Second)
		appears := truth + upTo(30*time.Second)
		nextLook := upTo(15 * time.Second)
		for at := time.Duration(0); at < 2*time.Minute; at += 200 * time.Millisecond {
			b.now = began.Add(at)
			if at >= acknowledged && b.stored().Acknowledged == nil {
				b.storeAt(10)
			}
			if at >= nextLook {
				last := int64(9)
				if at-upTo(storeAge) >= truth { // Flink's store is old
					last = 10
				}
				b.look(last)
				nextLook += upTo(20 * time.Second)
			}
			if at >= appears && b.stored().Sinks[0].Outcome == episode.Pending {
				b.appear()
			}
		}
		require.Len(t, b.bounds(), 1)
		got := b.bounds()[0]
		require.GreaterOrEqual(t, got.Latency, truth)
		require.LessOrEqual(t, got.Latency-got.Resolution, truth)
		if got.Latency < appears {
			bounded++
		}
	}
	require.Greater(t, bounded, 20, "looks matter")
}
