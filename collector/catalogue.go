package collector

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/collector/metricnames"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

// vertexMetrics is what is known of the metrics of one vertex: their names, and the
// values that were last read.
//
// The names that are wanted are cut into portions, each small enough for one
// request. The first, in which the important ones are, is asked for at every
// poll, and with it one of the others, in turn. So a vertex costs two requests
// however long its chain of operators is, and no value is older than it may be.
type vertexMetrics struct {
	source bool
	// batches are the names to ask for: ours, as far as Flink lists them.
	batches [][]metricnames.Wanted
	// asked tells which portions have been asked for since the names were listed.
	asked []bool
	// left is how many names are not asked for because there are too many.
	left int
	// Refused are names that a user's rule took in vain, by reason.
	refused map[string]int
	values  map[string]held
	// read is what a source had read when its operator last told.
	read readCount
	// meter makes rates of the vertex' counters; clocked is true once its tasks
	// told for how long they have run.
	meter   meter
	clocked bool
	// only are the subtasks that are asked for, as Flink takes them; empty for all that
	// Flink remembers. running is how many run, of which they are an account.
	only    string
	running int
	turn    int // which of the further portions is next
	listed  int // the poll at which names were last listed, 0 if none was
	next    int // the poll at which to list them again
	pause   int // polls until the next listing
}

// held is a value and when the poll began in which it was read.
type held struct {
	value flink.Aggregate
	read  time.Time
}

// maxPause bounds the polls between listings that look for a missing name.
const maxPause = 64

// maxNames bounds the escaped length of the names of a portion, so that one
// request can ask for them.
const maxNames = 3000

// maxBatches is the first and as many as can be asked for in turn before a
// Value is too old to be shown.
const maxBatches = 1 + keepIntervals

// wanted are all names that are asked for.
func (c *vertexMetrics) wanted() []metricnames.Wanted { return slices.Concat(c.batches...) }

// expected are the names whose value should be known, unless something is
// wrong: those that have been asked for, or were before the last listing.
func (c *vertexMetrics) expected() []metricnames.Wanted {
	var all []metricnames.Wanted
	for i, portion := range c.batches {
		for _, w := range portion {
			if _, held := c.values[w.Name]; held || c.asked[i] {
				all = append(all, w)
			}
		}
	}
	return all
}

// tells reports whether a name with this ending is asked for.
func (c *vertexMetrics) tells(ending string) bool { return c.tellsOf("", ending) }

// tellsOf reports whether such a name of an operator that begins so is asked for.
func (c *vertexMetrics) tellsOf(operator, ending string) bool {
	return slices.ContainsFunc(c.wanted(), func(w metricnames.Wanted) bool {
		return strings.HasPrefix(w.Name, operator) && strings.HasSuffix(w.Name, ending)
	})
}

// due reports whether the names are to be listed at this poll.
func (c *vertexMetrics) due(poll int) bool { return poll >= c.next }

// learn takes the names that are wanted of those that Flink lists. The list is
// looked at again later, ever more rarely, because some metrics appear late: a
// source has some only after its first record, and users' register when they
// are first used, which may be after weeks. If the times of tasks are missing,
// nobody has reported yet, and every poll looks again.
func (c *vertexMetrics) learn(wishes []metricnames.Wanted, poll int) {
	c.listed = poll
	c.batches, c.left = batched(wishes)
	c.asked = make([]bool, len(c.batches))
	wanted := map[string]bool{}
	for _, w := range c.wanted() {
		wanted[w.Name] = true
	}
	maps.DeleteFunc(c.values, func(name string, _ held) bool { return !wanted[name] })
	if !c.tells(metricnames.BusyTime) {
		c.pause, c.next = 0, poll+1
		return
	}
	c.pause = min(max(2*c.pause, 1), maxPause)
	c.next = poll + c.pause
}

// blind reports whether nothing is known of the vertex until its names are
// listed.
func (c *vertexMetrics) blind() bool { return len(c.batches) == 0 || len(c.values) == 0 }

// batched cuts wishes into lists whose names fit into one request each. A name
// that is too long for any, or for which there is no portion left, is counted.
func batched(wishes []metricnames.Wanted) (portions [][]metricnames.Wanted, left int) {
	room := 0
	for _, w := range wishes {
		length := len(url.QueryEscape(w.Name)) + 1
		if length > maxNames {
			left++
			continue
		}
		if length > room {
			if len(portions) == maxBatches {
				left++
				continue
			}
			portions, room = append(portions, nil), maxNames
		}
		last := len(portions) - 1
		portions[last] = append(portions[last], w)
		room -= length
	}
	return portions, left
}

// further is the portion whose turn it is, besides the first. There must be more
// than that.
func (c *vertexMetrics) further() (index int) {
	index = 1 + c.turn%(len(c.batches)-1)
	c.turn++
	return index
}

// ask makes the next requests leave out subtasks that are gone, if there were reports of
// more than there are.
func (c *vertexMetrics) ask(found flink.Aggregates, parallelism int) {
	if n, known := reporters(found); known && n > parallelism || c.only != "" {
		c.only = flink.Ranges(upTo(parallelism))
	}
}

func upTo(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// heard takes an answer about a portion. One that is empty means that the names
// have changed: they are listed again at the next poll, unless they were listed
// just now. Then the answer was halved as far as it takes, if exhausted is true,
// and what is not in it is not asked for again until the next listing.
func (c *vertexMetrics) heard(index int, found flink.Aggregates, at time.Time, poll int, exhausted bool) {
	if c.values == nil {
		c.values = map[string]held{}
	}
	missing := false
	for _, w := range c.batches[index] {
		if value, ok := found[w.Name]; ok {
			c.values[w.Name] = held{value: value, read: at}
			continue
		}
		missing = true
		delete(c.values, w.Name)
	}
	switch {
	case len(found) == 0 && c.listed != poll:
		c.next = poll + 1
	case missing && c.listed == poll && exhausted:
		c.batches[index] = slices.DeleteFunc(c.batches[index], func(w metricnames.Wanted) bool { _, ok := found[w.Name]; return !ok })
		c.next = min(c.next, poll+max(c.pause, 1))
	}
}

// known are the values that were read no earlier than since.
func (c *vertexMetrics) known(since time.Time) flink.Aggregates {
	known := make(flink.Aggregates, len(c.values))
	for name, h := range c.values {
		if !h.read.Before(since) {
			known[name] = h.value
		}
	}
	return known
}
