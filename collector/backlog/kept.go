package backlog

import (
	"context"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

// keptEvery is the time between two looks at the records that are not read. A look reads a
// record of each partition that is behind.
const keptEvery = time.Minute

// Kept is how long the topic still keeps what a source has not read.
type Kept struct {
	// Left and Of are in seconds; nil while they are unknown, or if the topic keeps all.
	Left, Of *float64

	asked time.Time
}

// Follow takes what the source has read of a topic, all partitions of which are known. It asks
// the brokers once a minute.
func (k *Kept) Follow(ctx context.Context, t Topic, found flink.Aggregates, now time.Time) error {
	if passed := now.Sub(k.asked); passed >= 0 && passed < keptEvery {
		return nil
	}
	*k = Kept{asked: now}
	left, of, err := t.RetentionLeft(ctx, t.next(found))
	if err != nil || of <= 0 {
		return err
	}
	l, o := left.Seconds(), of.Seconds()
	k.Left, k.Of = &l, &o
	return nil
}

// Forget drops what is known: what the source has read is unknown now.
func (k *Kept) Forget() { *k = Kept{} }
