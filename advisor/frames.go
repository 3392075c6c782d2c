package advisor

import (
	"cmp"
	"slices"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// Frames returns the frames of the evidence of an advice: those that findings cite or that their
// evidence names, in the order of the ranks, then the others, the most frequent first.
func Frames(a episode.Advice) []string {
	entries := slices.DeleteFunc(slices.Clone(a.Evidence),
		func(e episode.Evidence) bool { return e.Kind != evidence.KindFrame })
	cited := citedEntries(a)
	place := func(e episode.Evidence) int {
		at := slices.IndexFunc(cited, func(c episode.Evidence) bool {
			return c.ID == e.ID || strings.Contains(c.Text, e.Subject)
		})
		if at < 0 {
			return len(cited)
		}
		return at
	}
	slices.SortStableFunc(entries, func(a, b episode.Evidence) int {
		return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(samples(b), samples(a)))
	})
	var frames []string
	for _, e := range entries {
		if !slices.Contains(frames, e.Subject) {
			frames = append(frames, e.Subject)
		}
	}
	return frames
}

// citedEntries is the evidence that findings cite, in the order of their ranks.
func citedEntries(a episode.Advice) []episode.Evidence {
	var cited []episode.Evidence
	for _, f := range a.Findings {
		for _, e := range a.Evidence {
			if slices.Contains(f.Evidence, e.ID) {
				cited = append(cited, e)
			}
		}
	}
	return cited
}

func samples(e episode.Evidence) int64 {
	if e.Samples == nil {
		return 0
	}
	return *e.Samples
}
