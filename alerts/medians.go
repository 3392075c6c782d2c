package alerts

import (
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

const (
	// mediansEvery is how much of an epoch a process that is killed may lose.
	mediansEvery = 10 * time.Minute
	// maxMedians bounds what is stored, at most 5 KiB of each.
	maxMedians = 1000
	// medianAge is how long a signal may have no sample until its epoch is forgotten.
	medianAge = 7 * 24 * time.Hour
)

// Medians lists what the rules with a multiple of the median know of the present epochs, for
// [Trends.RestoreMedians].
func (t *Trends) Medians() []episode.TrendMedian {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := []episode.TrendMedian{}
	for _, followed := range t.order {
		if b := followed.baseline; b != nil && b.epoch != "" && len(out) < maxMedians {
			out = append(out, b.kept(trackKey{followed.rule.Name, followed.labels}))
		}
	}
	for key, b := range t.restored {
		if t.Now().Sub(b.last) < medianAge && len(out) < maxMedians {
			out = append(out, b.kept(key))
		}
	}
	return out
}

func (b *baseline) kept(of trackKey) episode.TrendMedian {
	return episode.TrendMedian{
		Rule: of.rule, Cluster: of.labels.Cluster, Job: of.labels.Job, Vertex: of.labels.Vertex,
		Process: of.labels.Process, Epoch: b.epoch, Began: b.began, Last: b.last, Apart: b.apart,
		Values: slices.Clone(b.values),
	}
}

// RestoreMedians continues the epochs of an earlier process, so that a restart does not make a slow
// hour the normal. It is called before the first sample. A signal in another epoch begins anew.
func (t *Trends) RestoreMedians(earlier []episode.TrendMedian) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.restored = map[trackKey]*baseline{}
	for _, m := range earlier {
		labels := snapshot.Labels{Cluster: m.Cluster, Job: m.Job, Vertex: m.Vertex, Process: m.Process}
		t.restored[trackKey{m.Rule, labels}] = &baseline{
			epoch: m.Epoch, began: m.Began, last: m.Last, apart: m.Apart, values: m.Values,
		}
	}
}

// newBaseline is that of an earlier process, or an empty one.
func (t *Trends) newBaseline(key trackKey) *baseline {
	if b := t.restored[key]; b != nil {
		delete(t.restored, key)
		return b
	}
	return &baseline{}
}

// keepMedians passes the medians on from time to time.
func (t *Trends) keepMedians(now time.Time) {
	if t.OnMedians == nil || now.Sub(t.keptMedians) < mediansEvery {
		return
	}
	t.keptMedians = now
	t.OnMedians(t.Medians())
}
