package kafka

import (
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/flink-sidecar/flink-sidecar/synthetic/payload"
)

// seedsOf returns the seeds in a record of a sink: from its header, else from its
// value, else from its key.
func seedsOf(r *kgo.Record) []string {
	for _, h := range r.Headers {
		if h.Key == payload.SeedHeader {
			return payload.FindSeeds(h.Value)
		}
	}
	if seeds := payload.FindSeeds(r.Value); len(seeds) > 0 {
		return seeds
	}
	return payload.FindSeeds(r.Key)
}
