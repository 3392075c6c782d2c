package collect

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

const (
	// priorEpisodes is the number of episodes to search for earlier recommendations.
	priorEpisodes = 50
	mostPrior     = 10
	// priorRank is the greatest rank of a recommendation that counts as one: those below were
	// not what to do next.
	priorRank = 3
)

// prior returns the earlier recommendations for the job of an episode, the oldest first, each
// kind once with its last occurrence.
func (g *Gatherer) prior(ep episode.Episode) ([]evidence.Prior, error) {
	earlier, err := g.Episodes.Episodes(ep.Alert.JobRef(), ep.ID, priorEpisodes)
	if err != nil {
		return nil, err
	}
	var found []evidence.Prior
	seen := map[string]bool{}
	for _, before := range earlier {
		if before.Advice == nil {
			continue
		}
		for _, f := range before.Advice.Findings {
			kind := f.Category + " " + f.Source
			if f.Rank > priorRank || seen[kind] || len(found) == mostPrior {
				continue
			}
			seen[kind] = true
			found = append(found, evidence.Prior{
				When: before.Opened, Episode: before.ID, Category: f.Category, Title: f.Title, Outcome: became(f, before, ep),
			})
		}
	}
	slices.Reverse(found)
	return found, nil
}

// became says what became of a recommendation: what people said of it, else what the job tells.
func became(f episode.Finding, before, now episode.Episode) string {
	mark, marked := before.MarkOf(f.ID)
	if !marked {
		return outcome(before, now)
	}
	text := fmt.Sprintf("%s on %s", mark.Decision, mark.At.UTC().Format(time.DateOnly))
	if effect := outcome(before, now); mark.Decision == episode.Applied && effect != unknown {
		text += "; " + strings.TrimPrefix(effect, open)
	}
	if mark.Note != "" {
		text += "; note: " + mark.Note
	}
	return text
}

const (
	// unknown is the outcome where an epoch is.
	unknown = "unknown"
	// open begins the outcome of a recommendation while the job stays as it was.
	open = "open: "
)

// outcome says what became of the recommendations of an earlier episode. Whether a change was
// one of them is not known: only that there was one, and the throughput before and after.
func outcome(before, now episode.Episode) string {
	if before.EpochKey == "" || now.EpochKey == "" {
		return unknown
	}
	if before.EpochKey == now.EpochKey {
		return open + "the job has not changed since"
	}
	was, is := throughputOf(before), throughputOf(now)
	if was == nil || is == nil || *was <= 0 {
		return "the job has changed since; its throughput was not measured before and after"
	}
	return fmt.Sprintf("the job has changed since; its throughput was %s and is %s (%+.0f %%)",
		evidence.Quantity(*was, "records/s"), evidence.Quantity(*is, "records/s"), 100*(*is / *was - 1))
}

func throughputOf(ep episode.Episode) *float64 {
	if ep.Measurement == nil {
		return nil
	}
	return ep.Measurement.Throughput
}
