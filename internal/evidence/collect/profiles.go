package collect

import (
	"fmt"
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
)

// earlierEpisodes is the number of episodes to search for profiles that replace missing ones.
const earlierEpisodes = 20

// profiles returns the profiles of the episode or, if it has none, the profiles of a recent
// episode of the same job and epoch. It leaves out control profiles: they are for comparison
// and do not show what limits the job.
func (g *Gatherer) profiles(ep episode.Episode) (out []evidence.Profile, warnings []string) {
	summaries := ep.Profiles
	if len(summaries) == 0 {
		if earlier, ok := g.earlier(ep); ok {
			summaries = earlier.Profiles
			warnings = append(warnings, fmt.Sprintf("the profile is from episode %s, taken %s earlier",
				earlier.ID, plaintext.Span(ep.Opened.Sub(earlier.Opened))))
		}
	}
	for _, p := range summaries {
		if p.Role == episode.Control || p.Subtask == nil && hasHotSubtask(summaries, p.Vertex) {
			continue
		}
		tree, err := g.Trees.Tree(p.Hash)
		if err != nil {
			warnings = append(warnings, fmt.Sprintf("profile %s is not used: its page cannot be read: %v", p.ID, err))
			continue
		}
		out = append(out, evidence.Profile{
			Name: p.ID, Mode: string(flame.Mode(p.Mode).Judged()), Process: p.Process, Vertex: p.Vertex,
			Duration: p.Duration, Stacks: tree.Stacks(),
		})
	}
	return out, warnings
}

// earlier returns the newest episode of the same job and epoch that has a profile and is not
// older than the cool-down. The cool-down may be the reason why this episode has no profile.
func (g *Gatherer) earlier(ep episode.Episode) (episode.Episode, bool) {
	recent, err := g.Episodes.Episodes(ep.Alert.JobRef(), ep.ID, earlierEpisodes)
	if err != nil {
		g.Log.Warn("Earlier episodes cannot be read", "err", err)
		return episode.Episode{}, false
	}
	for _, earlier := range recent {
		if ep.Opened.Sub(earlier.Opened) > g.CoolDown {
			break
		}
		if len(earlier.Profiles) > 0 && earlier.EpochKey == ep.EpochKey {
			return earlier, true
		}
	}
	return episode.Episode{}, false
}

// hasHotSubtask reports whether a flame graph of the hottest subtask of a vertex was taken. It is
// a part of the graph of the vertex, and it is the subtask that limits.
func hasHotSubtask(profiles []episode.Profile, vertex string) bool {
	return vertex != "" && slices.ContainsFunc(profiles, func(p episode.Profile) bool {
		return p.Vertex == vertex && p.Subtask != nil && p.Role == episode.Hot
	})
}
