package collect

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/flame/classify"
	"github.com/flink-sidecar/flink-sidecar/internal/flame/report"
	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
)

const (
	// changesTold is the greatest number of frames that a sentence names. The command at
	// the end of the sentence shows all.
	changesTold = 3
	// recentEpisodes is the number of episodes to search for a profile of an earlier epoch.
	recentEpisodes = 200
)

// Changes compares the task threads of an episode's profile with the control profile of the
// episode, and with the last good profile of an earlier epoch. It returns a sentence for
// each comparison. It leaves out a comparison if a page is missing or cannot be compared;
// sidecar profile diff then gives the reason.
func (g *Gatherer) Changes(ep episode.Episode) []string {
	next, ok := episode.JudgedProfile(ep)
	if !ok || next.Grade == string(flame.Bad) {
		return nil
	}
	var told []string
	if control, ok := episode.ControlProfile(ep, next.Mode); ok {
		told = g.tell(told, "Compared with "+control.Process+" (typical load)", "--control --episode="+ep.ID,
			control, next)
	}
	earlier, err := g.Episodes.Episodes(ep.Alert.JobRef(), ep.ID, recentEpisodes)
	if err != nil {
		g.Log.Warn("Earlier episodes cannot be read", "err", err)
		return told
	}
	if before, ok := episode.LastGood(earlier, ep, next.Mode); ok {
		told = g.tell(told, "Compared with the epoch before", "--episode="+ep.ID, before, next)
	}
	return told
}

// tell appends a sentence about one comparison, if the comparison is possible.
func (g *Gatherer) tell(told []string, since, flags string, base, next episode.Profile) []string {
	var both [2]*flame.Tree
	for i, p := range []episode.Profile{base, next} {
		tree, err := g.Trees.Tree(p.Hash)
		if err != nil {
			return told
		}
		both[i] = classify.OfTasks(tree, flame.Mode(p.Mode))
	}
	comparison, err := flame.Align(both[0], both[1], flame.Normal).Compare(report.Categorize)
	if err != nil {
		return told
	}
	return append(told, fmt.Sprintf("%s: %s%s (sidecar profile diff %s).", since, load(base, next),
		beyondChance(comparison.Frames), flags))
}

// load says how much more processor time a profile has than the base. The shares do not
// show this.
func load(base, next episode.Profile) string {
	if !report.OnCPU(flame.Mode(next.Mode)) || base.Samples == 0 || base.Duration <= 0 || next.Duration <= 0 {
		return ""
	}
	times := float64(next.Samples) / next.Duration.Seconds() / (float64(base.Samples) / base.Duration.Seconds())
	return fmt.Sprintf("%.1f times the processor time; ", times)
}

// beyondChance names the frames with the largest changes of the self value. If no self value
// changed beyond chance, it uses the total values.
func beyondChance(frames []flame.Change) string {
	for _, of := range []func(flame.Change) flame.Shift{
		func(c flame.Change) flame.Shift { return c.Self },
		func(c flame.Change) flame.Shift { return c.Total },
	} {
		changed := slices.DeleteFunc(slices.Clone(frames),
			func(c flame.Change) bool { return of(c).Verdict == flame.Unchanged })
		if len(changed) == 0 {
			continue
		}
		slices.SortStableFunc(changed,
			func(a, b flame.Change) int { return cmp.Compare(math.Abs(of(b).Points), math.Abs(of(a).Points)) })
		var words []string
		rows := report.Folded(changed, of)
		for _, row := range rows[:min(changesTold, len(rows))] {
			words = append(words, changeWords(row.Name, of(row.Change)))
		}
		if more := len(rows) - changesTold; more > 0 {
			words = append(words, fmt.Sprintf("%d more", more))
		}
		return "changes beyond chance in its tasks: " + strings.Join(words, "; ")
	}
	return fmt.Sprintf("none of %d frames of its tasks differs by more than chance", len(frames))
}

func changeWords(name string, s flame.Shift) string {
	name = plaintext.Label(plaintext.Visible(name), 200)
	switch s.Verdict {
	case flame.Appeared:
		return fmt.Sprintf("%s is new with %.1f %%", name, s.NewPercent)
	case flame.Gone:
		return fmt.Sprintf("%s is gone (base profile: %.1f %%)", name, s.BasePercent)
	default:
		return fmt.Sprintf("%s has %.1f %% of the samples (base profile: %.1f %%)", name, s.NewPercent, s.BasePercent)
	}
}
