package collector

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/collector/backlog"
	"github.com/flink-sidecar/flink-sidecar/collector/metricnames"
	"github.com/flink-sidecar/flink-sidecar/collector/successive"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

// vertexMetrics is what is known of the metrics of one vertex: their names and the values
// last read.
//
// The wanted names are cut into batches, each small enough for one request. The first
// batch holds the important names and is read at every poll, together with one of the
// other batches in turn. So a vertex costs two requests however long its chain of
// operators is, and no value becomes too old to show.
type vertexMetrics struct {
	source bool
	// batches are the names to read, as far as Flink lists them.
	batches [][]metricnames.Wanted
	// asked[i] is true if batch i has been read since the names were listed.
	asked []bool
	// left is how many names are not read because there are too many.
	left int
	// refused counts, by reason, the names that match a user's rule but are not exported.
	refused map[string]int
	values  map[string]held
	// read is what a source had read when its operator last reported.
	read readCount
	// meter turns the counters of the vertex into rates. clocked is true once its tasks
	// have reported how long they have run.
	meter   successive.Meter
	clocked bool
	// backlog follows what waits outside a source.
	backlog backlog.Tracker
	// kept is how long what waits there is kept.
	kept backlog.Kept
	// only are the subtasks that are asked for, as Flink takes them; empty for all that
	// Flink remembers. running is how many run, of which they are an account.
	only    string
	running int
	turn    int // which of the further batches is next
	listed  int // the poll at which names were last listed, 0 if none was
	next    int // the poll at which to list them again
	pause   int // polls until the next listing
}

// held is a value and the start of the poll that read it.
type held struct {
	value flink.Aggregate
	read  time.Time
}

// maxPause bounds the polls between listings that look for a missing name.
const maxPause = 64

// maxNames bounds the escaped length of the names of a batch, so that they fit into one
// request.
const maxNames = 3000

// maxBatches is the first batch and as many others as can be read in turn before a value
// is too old to show.
const maxBatches = 1 + keepIntervals

// wanted returns all names that are read.
func (c *vertexMetrics) wanted() []metricnames.Wanted { return slices.Concat(c.batches...) }

// expected returns the names whose value should be known unless something is wrong: those
// that have been read, or were read before the last listing.
func (c *vertexMetrics) expected() []metricnames.Wanted {
	var all []metricnames.Wanted
	for i, batch := range c.batches {
		for _, w := range batch {
			if _, held := c.values[w.Name]; held || c.asked[i] {
				all = append(all, w)
			}
		}
	}
	return all
}

// reads reports whether a name with this ending is read.
func (c *vertexMetrics) reads(ending string) bool { return c.readsOf("", ending) }

// readsOf reports whether such a name is read of an operator whose name has this prefix.
func (c *vertexMetrics) readsOf(operator, ending string) bool {
	return slices.ContainsFunc(c.wanted(), func(w metricnames.Wanted) bool {
		return strings.HasPrefix(w.Name, operator) && strings.HasSuffix(w.Name, ending)
	})
}

// due reports whether the names are to be listed at this poll.
func (c *vertexMetrics) due(poll int) bool { return poll >= c.next }

// learn keeps those of the listed names that are wanted. The list is read again later, at
// growing intervals, because some metrics appear late: a source registers some at its
// first record, and user metrics register at their first use, possibly weeks later. If
// the times of tasks are missing, no task has reported yet, and every poll lists the
// names again.
func (c *vertexMetrics) learn(names []metricnames.Wanted, poll int) {
	c.listed = poll
	c.batches, c.left = batched(names)
	c.asked = make([]bool, len(c.batches))
	wanted := map[string]bool{}
	for _, w := range c.wanted() {
		wanted[w.Name] = true
	}
	maps.DeleteFunc(c.values, func(name string, _ held) bool { return !wanted[name] })
	if !c.reads(metricnames.BusyTime) {
		c.pause, c.next = 0, poll+1
		return
	}
	c.pause = min(max(2*c.pause, 1), maxPause)
	c.next = poll + c.pause
}

// blind reports whether nothing is known of the vertex until its names are listed.
func (c *vertexMetrics) blind() bool { return len(c.batches) == 0 || len(c.values) == 0 }

// batched cuts names into batches that fit into one request each. It counts a name that
// is too long for any batch, or for which no batch is left.
func batched(wanted []metricnames.Wanted) (batches [][]metricnames.Wanted, left int) {
	room := 0
	for _, w := range wanted {
		length := len(url.QueryEscape(w.Name)) + 1
		if length > maxNames {
			left++
			continue
		}
		if length > room {
			if len(batches) == maxBatches {
				left++
				continue
			}
			batches, room = append(batches, nil), maxNames
		}
		last := len(batches) - 1
		batches[last] = append(batches[last], w)
		room -= length
	}
	return batches, left
}

// further returns the batch whose turn it is, besides the first. There must be more than
// one batch.
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
		c.batches[index] = slices.DeleteFunc(c.batches[index],
			func(w metricnames.Wanted) bool { _, ok := found[w.Name]; return !ok })
		c.next = min(c.next, poll+max(c.pause, 1))
	}
}

// known returns the values that were read at or after since.
func (c *vertexMetrics) known(since time.Time) flink.Aggregates {
	known := make(flink.Aggregates, len(c.values))
	for name, h := range c.values {
		if !h.read.Before(since) {
			known[name] = h.value
		}
	}
	return known
}
