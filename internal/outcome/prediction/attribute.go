package prediction

import (
	"slices"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// Change is the change that a finding asked for.
type Change struct {
	// By is episode.ByMark or episode.ByEpoch.
	By string
	// Before and After are the keys of the epochs on its two sides; equal if no epoch began.
	Before, After string
	// At is when it happened, Until when the epoch after it ended, zero if it has not.
	At, Until time.Time
	// Several is true if more changed at the same time.
	Several bool
	// Earlier is the earlier use of the same configuration.
	Earlier Earlier
}

// deployWithin is how long a change may take from its mark to its deployment, or the other
// way round.
const deployWithin = 24 * time.Hour

// Attribute finds the change that a finding of an episode asked for. Epochs are those of the job,
// newest first, and known is what the history knows of its findings. ok is false if there is none
// (yet).
func Attribute(ep episode.Episode, f episode.Finding, epochs []episode.Epoch, known Known) (c Change, ok bool) {
	mark, marked := ep.MarkOf(f.ID)
	if marked && mark.Decision == episode.Rejected {
		return c, false
	}
	at := exactly(epochs, ep, f)
	if marked {
		at = deployed(epochs, ep.Alert.JobRef(), ep.Opened, mark.At)
	}
	switch {
	case at >= 0:
		c = changeOf(epochs, at, known)
		c.Several = c.Several || known.contests(epochs, at, ep.Alert.JobRef(), appliedOf(ep, f, mark))
	case marked:
		c = within(ep.EpochKey, epochs, mark.At)
	default:
		return c, false
	}
	c.By = episode.ByEpoch
	if marked {
		c.By = episode.ByMark
		c.Several = c.Several || known.others(epochs, ep.Alert.JobRef(), appliedOf(ep, f, mark))
	}
	return c, true
}

// deployed is the epoch that a mark belongs to, among those after the advice: the last one that began
// before the mark, or else the first one after it. It is -1 if none began within [deployWithin].
func deployed(epochs []episode.Epoch, of episode.JobRef, advised, marked time.Time) int {
	at := -1
	for i, e := range slices.Backward(epochs) { // oldest first
		if follows(epochs, i, of, advised) && between(e.Began, marked.Add(-deployWithin), marked.Add(deployWithin)) &&
			(at < 0 || !e.Began.After(marked)) {
			at = i
		}
	}
	return at
}

// exactly is the first epoch after the advice that changes the setting that a finding names, and
// nothing else; -1 if there is none.
func exactly(epochs []episode.Epoch, ep episode.Episode, f episode.Finding) int {
	for i, e := range slices.Backward(epochs) { // oldest first
		if follows(epochs, i, ep.Alert.JobRef(), ep.Opened) && changesExactly(e, f) {
			return i
		}
	}
	return -1
}

// follows reports whether an epoch of a job began after a moment, and another one was before it.
func follows(epochs []episode.Epoch, i int, of episode.JobRef, after time.Time) bool {
	return epochs[i].Began.After(after) && epochs[i].JobRef() == of && i+1 < len(epochs)
}

func between(t, from, to time.Time) bool { return !t.Before(from) && !t.After(to) }

// changeOf is the change that epoch i began with.
func changeOf(epochs []episode.Epoch, i int, known Known) Change {
	e, before := epochs[i], epochs[i+1]
	c := Change{Before: before.Key, After: e.Key, At: e.Began, Several: separate(e.Changes) > 1}
	if i > 0 {
		c.Until = epochs[i-1].Began
	}
	c.Earlier = EarlierUse(epochs, i, known.Outcomes)
	return c
}

// separate counts the changes of an epoch that do not follow from another: a plan that changed
// together with a setting of the job is taken for its consequence.
func separate(changes []episode.Change) (n int) {
	ofJob := slices.ContainsFunc(changes, func(c episode.Change) bool { return strings.HasPrefix(c.What, "job ") })
	for _, c := range changes {
		if c.What != episode.ChangedPlan || !ofJob {
			n++
		}
	}
	return n
}

// within is a change that began no epoch: its two sides are in the epoch of that moment, or in
// the one that is said if none is known.
func within(key string, epochs []episode.Epoch, at time.Time) Change {
	c := Change{Before: key, After: key, At: at}
	for i, e := range epochs { // newest first
		if e.Began.After(at) {
			continue
		}
		c.Before, c.After = e.Key, e.Key
		if i > 0 {
			c.Until = epochs[i-1].Began
		}
		break
	}
	return c
}

// changesExactly reports whether an epoch changes the setting that a finding names, and
// nothing else.
func changesExactly(e episode.Epoch, f episode.Finding) bool {
	if len(e.Changes) != 1 {
		return false
	}
	what := e.Changes[0].What
	if what == episode.ChangedParallelism || what == episode.ChangedScale {
		return f.Category == "source-parallelism"
	}
	key := what[strings.LastIndexByte(what, ' ')+1:]
	return strings.Contains(key, ".") && names(f.Change, key)
}

// names reports whether a text has a key as a whole: not as the beginning of a longer one.
func names(text, key string) bool {
	for rest := text; ; {
		_, after, found := strings.Cut(rest, key)
		if !found {
			return false
		}
		before := strings.TrimSuffix(text, after)
		before = strings.TrimSuffix(before, key)
		if !endsInKey(before) && !beginsInKey(after) {
			return true
		}
		rest = after
	}
}

func inKey(b byte) bool {
	return b == '-' || b == '_' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9'
}

func endsInKey(text string) bool {
	return text != "" && (inKey(text[len(text)-1]) || text[len(text)-1] == '.')
}

// beginsInKey: a full stop after a key may end the sentence.
func beginsInKey(text string) bool {
	return text != "" && (inKey(text[0]) || len(text) > 1 && text[0] == '.' && inKey(text[1]))
}
