package synthetic

import (
	"context"
	"errors"
	"net"
)

// Source writes to the job's source topic.
type Source interface {
	// Partitions returns the topic's partitions, sorted. The first call prepares the
	// producer, so that no handshake is part of a latency.
	Partitions(ctx context.Context) ([]int32, error)
	// Produce hands a record over. It calls done once: with nil if the record is
	// stored, with [ErrSourceClosed] if the source was closed before an answer, else
	// with the reason why it may not be stored. offset is the record's place in its
	// partition; below 0 it is not known.
	Produce(ctx context.Context, r Record, done func(offset int64, err error))
	// Close waits briefly for answers under way.
	Close()
}

// Record is one synthetic record as the source sends it.
type Record struct {
	// Seed goes into the header that the package payload names; the value contains it too.
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

// ErrSourceClosed means that a source was closed before the answer for a record. The
// record's outcome stays open, as after a crash.
var ErrSourceClosed = errors.New("the source was closed before an answer")

// DialFunc opens a connection; net.Dialer's DialContext is one.
type DialFunc func(ctx context.Context, network, address string) (net.Conn, error)
