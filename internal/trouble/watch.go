package trouble

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// Watch knows the present troubles. It is safe for concurrent use.
type Watch struct {
	mu       sync.Mutex
	current  map[key]Trouble
	clusters map[string]*clusterMemory
	sinks    map[string]sinkMemory
	down     map[key]time.Time // since when each target is down that is
	news     []News
}

// News is the beginning or the end of a trouble.
type News struct {
	Trouble

	// Ended is when it was over; zero while it lasts.
	Ended time.Time
}

// verdict is the result of one check.
type verdict int

const (
	unknown verdict = iota // nothing changes
	absent
	present
	// lingers is for what may not begin a trouble and does not end it: its words change.
	lingers
)

// NewWatch returns a watch that has seen nothing yet.
func NewWatch() *Watch {
	return &Watch{
		current: map[key]Trouble{}, clusters: map[string]*clusterMemory{}, sinks: map[string]sinkMemory{},
		down: map[key]time.Time{},
	}
}

// clusterMemory is what is kept of a cluster from poll to poll.
type clusterMemory struct {
	jobs    map[string]*jobMemory // by name
	workers workerMemory
}

// Polled takes the result of one successful poll. A state that is not known changes
// nothing.
func (w *Watch) Polled(state snapshot.State) {
	if !state.Known {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	of, now := w.memoryOf(state.Cluster.Name), state.Cluster.Polled
	w.judgeTaskManagers(of, state)
	for _, job := range state.Jobs {
		if !job.Known {
			continue
		}
		memory := of.jobs[job.Name]
		if memory == nil || memory.id != job.ID { // a new run owes nothing to the one before
			memory = &jobMemory{id: job.ID}
			of.jobs[job.Name] = memory
			w.clear(state, job.Name)
		}
		for _, c := range jobChecks {
			found, trouble := c.check(memory, job)
			w.settle(key{kind: c.kind, cluster: state.Cluster.Name, job: job.Name}, found, trouble, now)
		}
		memory.remember(job)
	}
	w.forget(of, state)
}

// jobChecks are made for every job at every poll.
var jobChecks = []struct {
	kind  Kind
	check func(*jobMemory, snapshot.Job) (verdict, Trouble)
}{
	{JobStalled, (*jobMemory).stalled},
	{RestartLoop, (*jobMemory).loops},
	{CheckpointsFailing, (*jobMemory).checkpointsFail},
	{CheckpointSlow, (*jobMemory).checkpointSlow},
}

func (w *Watch) memoryOf(cluster string) *clusterMemory {
	if w.clusters[cluster] == nil {
		w.clusters[cluster] = &clusterMemory{jobs: map[string]*jobMemory{}}
	}
	return w.clusters[cluster]
}

// forget drops the jobs that Flink no longer lists, with their troubles.
func (w *Watch) forget(of *clusterMemory, state snapshot.State) {
	listed := make(map[string]bool, len(state.Jobs))
	for _, job := range state.Jobs {
		listed[job.Name] = true
	}
	maps.DeleteFunc(of.jobs, func(name string, _ *jobMemory) bool {
		if !listed[name] {
			w.clear(state, name)
		}
		return !listed[name]
	})
}

// clear ends all troubles of a job.
func (w *Watch) clear(state snapshot.State, job string) {
	for _, c := range jobChecks {
		w.settle(key{kind: c.kind, cluster: state.Cluster.Name, job: job}, absent, Trouble{}, state.Cluster.Polled)
	}
}

// settle applies the result of a check. The trouble keeps the time of its beginning while
// its words change.
func (w *Watch) settle(k key, found verdict, t Trouble, now time.Time) {
	before, lasts := w.current[k]
	switch {
	case found == absent && lasts:
		delete(w.current, k)
		w.news = append(w.news, News{Trouble: before, Ended: now})
	case found == present && !lasts:
		if t.Since.IsZero() {
			t.Since = now
		}
		w.current[k] = k.named(t)
		w.news = append(w.news, News{Trouble: w.current[k]})
	case lasts && found != unknown:
		t.Since = before.Since
		w.current[k] = k.named(t)
	}
}

// named fills in what the key says. Only a lost TaskManager names its job itself, because
// it may concern several.
func (k key) named(t Trouble) Trouble {
	t.of, t.Kind, t.Cluster = k, k.kind, k.cluster
	if t.Job == "" {
		t.Job = k.job
	}
	return t
}

// List returns the present troubles, the most severe first.
func (w *Watch) List() []Trouble {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.SortedFunc(maps.Values(w.current), bySeverity)
}

// TakeNews returns what began and what ended since the last call, in order.
func (w *Watch) TakeNews() []News {
	w.mu.Lock()
	defer w.mu.Unlock()
	news := w.news
	w.news = nil
	return news
}
