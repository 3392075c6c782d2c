package scaletest

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/synthetic/kafka"
	"github.com/flink-sidecar/flink-sidecar/synthetic/sinks"
)

// sink is one place where the job writes. A further kind implements this interface, and
// has a case in [open].
type sink interface {
	name() string
	// place names the topic, index or directory, for people and for the allow-list.
	place() place
	// check tests whether the sink can be watched, before anything is sent. It returns
	// what belongs to the environment.
	check(ctx context.Context) (facts map[string]string, err error)
	// watch follows the sink until ctx ends, and writes what it sees into the account.
	watch(ctx context.Context, of *account)
	// settle makes the account of the sink exact: what is visible now is in it.
	settle(ctx context.Context, sink int, l *ledger) error
	// readsAnew reports whether settle makes up for what watch has missed.
	readsAnew() bool
	// report adds what only this kind of sink knows to the result.
	report(ctx context.Context, l *ledger, into *scalerun.Sink) (notes []string, err error)
	// remove deletes what the test left with a prefix. It returns how many records it deleted.
	remove(ctx context.Context, prefix string) (int64, error)
	// floor is the time in which a record can't be seen at the sink, 0 if there is none.
	floor() time.Duration
	close()
}

// place is a topic, an index or a directory.
type place struct{ kind, name string }

// The kinds of places.
const (
	topic     = "topic"
	index     = "index"
	directory = "directory"
)

// placeOf is where the job writes.
func placeOf(cfg sinks.Config) place {
	switch {
	case cfg.Kafka != nil:
		return place{topic, cfg.Kafka.Topic}
	case cfg.Elasticsearch != nil:
		return place{index, cfg.Elasticsearch.Index}
	}
	return place{directory, cfg.Files.Directory}
}

// account is the ledger of the iteration that is under way, as one sink sees it.
type account struct {
	sink int
	// ledger returns the present ledger, nil between two iterations.
	ledger func() *ledger
	// failed notes the last error of watching, nil if it works again.
	failed func(error)
}

// stream is a Kafka topic as a sink.
type stream struct {
	label   string
	topic   string
	scanner *kafka.Scanner
}

func (s *stream) name() string         { return s.label }
func (s *stream) place() place         { return place{topic, s.topic} }
func (s *stream) floor() time.Duration { return 0 }
func (s *stream) close()               { s.scanner.Close() }

// readsAnew is false: each record is read once.
func (s *stream) readsAnew() bool { return false }

// check begins reading at the end of the topic: all iterations are read from there.
func (s *stream) check(ctx context.Context) (map[string]string, error) {
	partitions, err := s.scanner.Start(ctx)
	return map[string]string{"kafka_partitions_" + s.label: strconv.Itoa(len(partitions))}, err
}

func (s *stream) watch(ctx context.Context, of *account) {
	s.scanner.Run(ctx, func(partition int32, at time.Time, parts ...[]byte) {
		if l := of.ledger(); l != nil && !l.see(of.sink, partition, at, parts...) {
			l.sawForeign(of.sink)
		}
	}, of.failed)
}

// settle fails if the brokers are gone, because then the missing records are unknown. Each
// record was read once, so that nothing else is to do.
func (s *stream) settle(ctx context.Context, _ int, _ *ledger) error {
	if err := s.scanner.Reachable(ctx); err != nil {
		return lookFailed(s.label, err)
	}
	return nil
}

func (s *stream) report(context.Context, *ledger, *scalerun.Sink) ([]string, error) {
	return nil, nil
}

// remove can't delete records of a topic: its retention does.
func (s *stream) remove(context.Context, string) (int64, error) { return 0, nil }

// lookFailed says that a sink can't be watched now.
func lookFailed(name string, err error) error {
	return fmt.Errorf("sink %s: %w", name, err)
}
