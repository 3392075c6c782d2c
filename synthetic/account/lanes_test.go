package account

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// show is a sighting at sinkA, in a part of it.
func (b *bench) show(seed, part, place string) {
	b.do(func(t *Tracker) {
		t.Saw(sinkA, Sighting{Seed: seed, Hop: sinkA, Place: place, Lane: part, At: b.now, Bound: true})
	})
}

func (b *bench) orders() (inOrder, reordered int64) {
	account := b.history.Account(b.t, sinkA)
	shown := b.recorder.Published().Accounts[0]
	require.Equal(b.t, account.InOrder, shown.InOrder)
	require.Equal(b.t, account.Reordered, shown.Reordered)
	return account.InOrder, account.Reordered
}

const seedA, seedB, seedC = "fsp-01J0000000000000000000000A-9", "fsp-01J0000000000000000000000A-10",
	"fsp-01J0000000000000000000000A-11"

func TestReordered(t *testing.T) {
	b := newBench(t)
	for _, seed := range []string{seedA, seedB, seedC} {
		b.send(seed)
	}
	b.show(seedC, "0", "0/1")
	b.show(seedA, "0", "0/2")
	b.show(seedA, "0", "0/3") // a duplicate
	b.show(seedB, "1", "1/1") // another partition: no order between the two
	inOrder, reordered := b.orders()
	require.EqualValues(t, 2, inOrder)
	require.EqualValues(t, 1, reordered)
}

func TestReorderedAcrossARestart(t *testing.T) {
	b := newBench(t)
	b.send(seedA)
	b.send(seedB)
	b.show(seedB, "0", "0/1")
	b.restart(time.Second)
	b.show(seedB, "0", "0/1") // the reader begins before the oldest awaited record
	b.show(seedA, "0", "0/2")
	inOrder, reordered := b.orders()
	require.EqualValues(t, 1, inOrder)
	require.EqualValues(t, 1, reordered)
}

func TestNoOrderWithoutALane(t *testing.T) {
	b := newBench(t)
	b.send(seedA)
	b.send(seedB)
	b.show(seedB, "", "0/1")
	b.show(seedA, "", "0/2")
	inOrder, reordered := b.orders()
	require.Zero(t, inOrder)
	require.Zero(t, reordered)
}

func TestForgottenRecordsLeaveNoLane(t *testing.T) {
	b := newBench(t)
	for _, seed := range []string{seedA, seedB, seedC} {
		b.send(seed)
		b.show(seed, "0", "0/"+seed)
		b.do(func(tr *Tracker) { tr.Saw(sinkB, Sighting{Seed: seed, Hop: sinkB, Place: seed, At: b.now}) })
	}
	b.now = b.now.Add(time.Hour)
	b.do(func(tr *Tracker) { tr.expire(b.now) })
	b.recorder.view(func(tr *Tracker) {
		require.Empty(t, tr.entries)
		require.Empty(t, tr.lanes.newest)
		require.Empty(t, tr.lanes.held)
	})
}
