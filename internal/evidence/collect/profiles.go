package collect

import (
	"fmt"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

// earlierEpisodes are searched for a profile that stands in for a missing one.
const earlierEpisodes = 20

// profiles are those of the episode or, if it has none, those that were taken of the job
// not long ago and on the same software. Controls are left out: they are there to compare
// with, and say nothing of what limits the job.
func (g *Gatherer) profiles(ep episode.Episode) (out []evidence.Profile, warnings []string) {
	summaries := ep.Profiles
	if len(summaries) == 0 {
		if earlier, ok := g.earlier(ep); ok {
			summaries = earlier.Profiles
			warnings = append(warnings, fmt.Sprintf("the profile is the one of episode %s, taken %s before",
				earlier.ID, ep.Opened.Sub(earlier.Opened).Round(time.Second)))
		}
	}
	for _, p := range summaries {
		if p.Role == episode.Control {
			continue
		}
		tree, err := g.Trees.Tree(p.Hash)
		if err != nil {
			warnings = append(warnings, fmt.Sprintf("profile %s is not used: its page can't be read: %v", p.ID, err))
			continue
		}
		out = append(out, evidence.Profile{
			Name: p.ID, Mode: ModeToJudge(flame.Mode(p.Mode)), Process: p.Process, Vertex: p.Vertex,
			Duration: p.Duration, Stacks: tree.Stacks(),
		})
	}
	return out, warnings
}

// ModeToJudge is the mode as the advisor knows it: Flink's own thread samples are of
// the kind that WALL gives, only fewer.
func ModeToJudge(mode flame.Mode) string {
	if mode.SeesWaiting() {
		return string(flame.Wall)
	}
	return string(mode)
}

// earlier is the newest episode of the same job and epoch that has a profile, if
// it is not older than the cool-down that kept this one from having its own.
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
