package synthetic

import (
	"context"
	"errors"
	"net"
)

// Source is the job's source topic, seen from the writing side.
type Source interface {
	// Partitions returns the topic's partitions, sorted. The first call makes the
	// source ready to produce, so that no handshake is part of a latency.
	Partitions(ctx context.Context) ([]int32, error)
	// Produce hands a record over. done is called once: with nil when the record
	// is stored, with [ErrSourceClosed] when the source was closed before an
	// answer, else with why it is not known to be stored.
	Produce(ctx context.Context, r Record, done func(error))
	// Close waits a moment for answers that are under way.
	Close()
}

// Record is one synthetic record as the source sends it.
type Record struct {
	// Seed goes into the header [SeedHeader]; the value contains it too.
	Seed      string
	Key       string
	Value     []byte
	Partition int32
}

// SourceSpec describes a source before it is opened.
type SourceSpec struct {
	// Target is the server's name in flink_sidecar_up.
	Target string
	// Open makes the source. It opens no connection.
	Open func() (Source, error)
}

// ErrSourceClosed means that a source was closed before it knew what became of
// a record. The record's outcome stays open, as after a crash.
var ErrSourceClosed = errors.New("the source was closed before an answer")

// DialFunc opens a connection; net.Dialer's DialContext is one.
type DialFunc func(ctx context.Context, network, address string) (net.Conn, error)
