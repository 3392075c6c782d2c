package collector

import (
	"net/url"
	"slices"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

// Names of metrics of a task, in milliseconds per second.
const (
	busyTime          = "busyTimeMsPerSecond"
	idleTime          = "idleTimeMsPerSecond"
	backpressuredTime = "backPressuredTimeMsPerSecond"
)

// Endings of metrics of a source operator, whose name stands before them.
const (
	pendingRecords = ".pendingRecords"
	recordsIn      = ".numRecordsIn"
	recordsOut     = ".numRecordsOut"
	sourcePrefix   = "Source__"
)

// catalogue is what is known of the metric names of one vertex.
type catalogue struct {
	source bool
	// wanted are the names to ask for: ours, as far as Flink lists them.
	wanted []string
	listed int // the poll at which names were last listed, 0 for never
	next   int // the poll at which to list them again
	pause  int // polls until the next listing, if it is for a missing name
}

// maxPause bounds the polls between listings that look for a missing name.
const maxPause = 64

// maxNames bounds the escaped length of all wanted names together, so that one
// request can ask for them, however many operators a source vertex has.
const maxNames = 3000

// tells reports whether a name with this ending is asked for.
func (c *catalogue) tells(ending string) bool {
	return slices.ContainsFunc(c.wanted, func(name string) bool { return strings.HasSuffix(name, ending) })
}

// due reports whether the names are to be listed at this poll.
func (c *catalogue) due(poll int) bool { return poll >= c.next }

// learn takes from Flink's list the names that are wanted. If one that we would
// want is not there, the list is looked at again later: a source has some of
// its metrics only after its first record.
func (c *catalogue) learn(names []string, poll int) {
	c.listed = poll
	c.wanted = nil
	room := maxNames
	times, pending := 0, !c.source
	for _, name := range names {
		ours := ofTask(name)
		if !ours && (!c.source || !ofSource(name)) {
			continue
		}
		length := len(url.QueryEscape(name)) + 1
		if length > room {
			continue
		}
		room -= length
		c.wanted = append(c.wanted, name)
		if ours {
			times++
		}
		pending = pending || strings.HasSuffix(name, pendingRecords)
	}
	if times == len(taskTimes()) && pending {
		c.next = never
		return
	}
	c.pause = min(max(2*c.pause, 1), maxPause)
	c.next = poll + c.pause
}

// never is a poll that does not come.
const never = int(^uint(0) >> 1)

// taskTimes are the shares of time of a task, which add up to a second.
func taskTimes() []string { return []string{busyTime, idleTime, backpressuredTime} }

func ofTask(name string) bool { return slices.Contains(taskTimes(), name) }

// ofSource reports whether a name is a metric of a source operator that we
// want. Operators' names hold no dot: Flink replaces it.
func ofSource(name string) bool {
	operator, metric, found := strings.Cut(name, ".")
	if !found || strings.Contains(metric, ".") {
		return false
	}
	metric = "." + metric
	return metric == pendingRecords || strings.HasPrefix(operator, sourcePrefix) && (metric == recordsIn || metric == recordsOut)
}

// heard learns from an answer. One that is empty means that the names have
// changed: they are listed again at the next poll, unless they were listed just
// now. Then the answer was halved as far as it takes, if exhausted is true, and
// what is not in it is not asked for again until the next listing.
func (c *catalogue) heard(found flink.Aggregates, poll int, exhausted bool) {
	missing := slices.ContainsFunc(c.wanted, func(name string) bool { _, ok := found[name]; return !ok })
	switch {
	case len(found) == 0 && c.listed != poll:
		c.next = poll + 1
	case missing && c.listed == poll && exhausted:
		c.wanted = slices.DeleteFunc(c.wanted, func(name string) bool { _, ok := found[name]; return !ok })
		c.next = min(c.next, poll+max(c.pause, 1))
	}
}
