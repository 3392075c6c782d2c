package synthetic

import "github.com/twmb/franz-go/pkg/kgo"

// seedsOf returns the seeds that a record of a sink names: by its header, else
// anywhere in its value, else in its key.
func seedsOf(r *kgo.Record) []string {
	for _, h := range r.Headers {
		if h.Key == SeedHeader {
			return FindSeeds(h.Value)
		}
	}
	if seeds := FindSeeds(r.Value); len(seeds) > 0 {
		return seeds
	}
	return FindSeeds(r.Key)
}
