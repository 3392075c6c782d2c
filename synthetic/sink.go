package synthetic

import (
	"context"
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// Sink is one place where the job writes. Each kind has a directory below this package.
// A kind imports this package, never the reverse; a [SinkSpec] connects the two.
type Sink interface {
	// Prepare is called before records are sent. It returns where the search for them
	// begins. A [Permanent] error means that the sink can't be watched: the records
	// become not_sent at this sink only. After any other error the records are not sent
	// at all.
	Prepare(ctx context.Context) (Start, error)
	// Run searches for the records that the [Watch] awaits, until ctx ends.
	Run(ctx context.Context)
	// Close releases the sink's connections. Run has returned or was never called.
	Close()
}

// Start is where the search of a sink for one batch of records begins.
type Start struct {
	// From holds the end offset of each partition before the batch. It is stored with
	// each record, so that a later process can continue. It is nil for a sink without
	// offsets.
	From map[int32]int64
	// Begin starts the search. It is called when the records are pending and before
	// they are sent. nil means that no call is needed.
	Begin func(ctx context.Context)

	fault error // why the sink can't be watched
}

// Cleaner is a Sink that removes the documents of synthetic records. A round
// waits for it before it returns.
type Cleaner interface {
	// Cleaned reports whether all documents of these seeds are removed.
	Cleaned(seeds map[string]bool) bool
}

// SinkSpec describes a sink before it is opened.
type SinkSpec struct {
	// Name is the sink's label in metrics and history.
	Name string
	// Target is the server's name in flink_sidecar_up.
	Target string
	// Hops are the hops of a record at this sink: the sink's name, or
	// episode.HopIngested, HopIndexed and HopVisible. The last two may end in "_" and the
	// sink's name.
	Hops []string
	// Ordered is set if the sightings of the sink have a lane.
	Ordered bool
	// Open makes the sink. It opens no connection.
	Open func(*Watch) (Sink, error)
}

// hopOrder returns the hops of all sinks in the order in which a record passes them.
// Hops with the name of a sink keep the order of the configuration.
func hopOrder(specs []SinkSpec) []string {
	hops := []string{episode.HopAcknowledged}
	for _, spec := range specs {
		hops = append(hops, spec.Hops...)
	}
	rank := map[string]int{
		episode.HopAcknowledged: 0, episode.HopIngested: 1, episode.HopIndexed: 3, episode.HopVisible: 4,
	}
	position := func(hop string) int {
		if kind, _ := kindOfHop(hop); kind != "" {
			return rank[kind]
		}
		return 2
	}
	slices.SortStableFunc(hops, func(a, b string) int { return position(a) - position(b) })
	return hops
}
