package trouble

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

const (
	// lately is how far back a TaskManager that ran tasks still counts as one that does:
	// its slots may be free for a poll before it is gone, because the job fails first.
	lately = 2 * time.Minute
	// explained is how long a TaskManager that disappeared may wait for the failure that it
	// caused. If none is seen, it was not needed any more.
	explained = 2 * time.Minute
	// mostLost bounds how many TaskManagers of one loss are named, where they die one after
	// another for ever.
	mostLost = 50
	// accepted is how long the jobs must run on fewer TaskManagers until that is normal.
	accepted = time.Hour
)

// workerMemory is what is kept of the TaskManagers of a cluster.
type workerMemory struct {
	// busy is when each TaskManager that is there ran tasks last, count how many there are.
	busy  map[string]time.Time
	count int
	// ports tells a process from the one before it under the same id.
	ports map[string]int
	// missing are those that disappeared while they were needed, by id.
	missing map[string]missing
	// lost is the trouble that lasts; nil if there is none.
	lost *loss
}

// missing is a TaskManager that disappeared.
type missing struct {
	since time.Time
	jobs  map[string]baseline // by name, from before; shared by all that disappeared together
}

// loss is one TaskManager or several that are gone, and what followed.
type loss struct {
	ids    []string
	before int // how many TaskManagers there were
	since  time.Time
	jobs   map[string]baseline // those that were hit, from before
	// runs is since when all of these run again; zero while one does not.
	runs time.Time
	told bool
}

func (w *Watch) judgeTaskManagers(of *clusterMemory, state snapshot.State) {
	now, before := state.Cluster.Polled, of.workers.count
	of.workers.look(of.jobs, state)
	of.workers.explain(of.jobs, state, before)
	found, trouble := of.workers.judge(state)
	w.settle(key{kind: TaskManagerGone, cluster: state.Cluster.Name}, found, trouble, now)
}

// look notes which TaskManagers are there, which run tasks, and which have disappeared.
func (m *workerMemory) look(jobs map[string]*jobMemory, state snapshot.State) {
	now, busy, ports := state.Cluster.Polled, map[string]time.Time{}, map[string]int{}
	again := map[string]bool{}
	for _, tm := range state.TaskManagers {
		ports[tm.ID] = cmp.Or(tm.DataPort, m.ports[tm.ID])
		again[tm.ID] = m.ports[tm.ID] != 0 && ports[tm.ID] != m.ports[tm.ID]
		busy[tm.ID] = m.busy[tm.ID]
		if tm.FreeSlots < tm.Slots {
			busy[tm.ID] = now
		}
		delete(m.missing, tm.ID)
	}
	var from map[string]baseline
	for id, at := range m.busy {
		if _, there := busy[id]; there && !again[id] || at.IsZero() || now.Sub(at) > lately {
			continue
		}
		if m.missing == nil {
			m.missing = map[string]missing{}
		}
		if from == nil {
			from = baselines(jobs)
		}
		m.missing[id] = missing{since: now, jobs: from}
	}
	m.busy, m.count, m.ports = busy, len(state.TaskManagers), ports
}

// baselines are those of the jobs that had not ended.
func baselines(jobs map[string]*jobMemory) map[string]baseline {
	out := map[string]baseline{}
	for name, job := range jobs {
		if job.whole.running {
			out[name] = job.whole
		}
	}
	return out
}

// explain turns what disappeared into a loss if a job suffered from it, and forgets it if
// none did: then somebody took it away.
func (m *workerMemory) explain(jobs map[string]*jobMemory, state snapshot.State, before int) {
	for _, id := range slices.Sorted(maps.Keys(m.missing)) {
		gone := m.missing[id]
		hit := gone.hit(state)
		switch {
		case len(hit) > 0:
			m.lose(id, gone, hit, before)
			delete(m.missing, id)
			for name, from := range hit {
				jobs[name].loop.lost(from.until(), state.Cluster.Polled)
			}
		case state.Cluster.Polled.Sub(gone.since) > explained:
			delete(m.missing, id)
		}
	}
}

func (m *workerMemory) lose(id string, gone missing, hit map[string]baseline, before int) {
	if m.lost == nil {
		m.lost = &loss{since: gone.since, jobs: map[string]baseline{}}
	}
	if len(m.lost.ids) < mostLost && !slices.Contains(m.lost.ids, id) {
		m.lost.ids = append(m.lost.ids, id)
	}
	m.lost.before = max(m.lost.before, before)
	for name, from := range hit {
		if _, known := m.lost.jobs[name]; !known {
			m.lost.jobs[name] = from
		}
	}
}

// hit returns the jobs that failed, restarted or stopped since a TaskManager is missing.
func (g missing) hit(state snapshot.State) map[string]baseline {
	out := map[string]baseline{}
	for name, from := range g.jobs {
		job, listed := state.Job(name)
		if listed && from.suffered(job) {
			out[name] = from
		}
	}
	return out
}

// suffered reports whether a run was interrupted since its baseline. A restart at another
// size is a planned one, unless there was a failure.
func (b baseline) suffered(job snapshot.Job) bool {
	restarted := b.restarts != nil && job.Restarts != nil && *job.Restarts > *b.restarts
	switch {
	case b.id != job.ID || !b.started.Equal(job.Started): // another run, or the JobManager restarted
		return false
	case job.State == failed:
		return true
	case over(job):
		return false
	case job.State != running, newest(job.Failures).At.After(b.failed):
		return true
	}
	return restarted && b.size == sizeOf(job)
}

// judge reports whether TaskManagers are gone. A loss that was made good at once is
// still reported for one poll.
func (m *workerMemory) judge(state snapshot.State) (verdict, Trouble) {
	if m.lost == nil {
		return absent, Trouble{}
	}
	now := state.Cluster.Polled
	if !m.lost.allRun(state) {
		m.lost.runs = time.Time{}
	} else if m.lost.runs.IsZero() {
		m.lost.runs = now
	}
	replaced := len(state.TaskManagers) >= m.lost.before
	settled := !m.lost.runs.IsZero() && (replaced || now.Sub(m.lost.runs) >= accepted)
	if settled && m.lost.told {
		m.lost = nil
		return absent, Trouble{}
	}
	m.lost.told = true
	return present, m.lost.trouble(state)
}

// allRun reports whether every job that was hit runs as a whole again, or has ended.
func (l *loss) allRun(state snapshot.State) bool {
	for name := range l.jobs {
		job, listed := state.Job(name)
		if listed && !over(job) && runsWhole(job) != present {
			return false
		}
	}
	return true
}

func (l *loss) trouble(state snapshot.State) Trouble {
	what, are := "TaskManager", "is"
	if len(l.ids) > 1 {
		what, are = "TaskManagers", "are"
	}
	t := Trouble{
		What: what + " gone", Subject: several(l.ids), Since: l.since,
		Seen: fmt.Sprintf("%s %s %s gone, %d of %d are left; %s", what, several(l.ids), are, len(state.TaskManagers),
			l.before, l.consequences(state)),
		Do: "see why the process ended (its log, out of memory, eviction, the host), and start another one if the " +
			"cluster does not",
	}
	if l.isBack(state) {
		t.What = what + " restarted"
		t.Seen = fmt.Sprintf("%s %s restarted; %s", what, several(l.ids), l.consequences(state))
		t.Do = "see why the process ended (its log, out of memory, eviction, the host)"
	}
	if names := slices.Sorted(maps.Keys(l.jobs)); len(names) == 1 {
		t.Job = names[0]
	}
	return t
}

// isBack reports whether all that were gone are there again under their ids.
func (l *loss) isBack(state snapshot.State) bool {
	for _, id := range l.ids {
		if !slices.ContainsFunc(state.TaskManagers, func(tm snapshot.TaskManager) bool { return tm.ID == id }) {
			return false
		}
	}
	return true
}

// consequences says which jobs were hit, and how they are.
func (l *loss) consequences(state snapshot.State) string {
	var parts []string
	names := slices.Sorted(maps.Keys(l.jobs))
	for _, name := range names[:min(len(names), listed)] {
		from, state := l.jobs[name], stateOf(state, name)
		part := fmt.Sprintf("job %s is %s", quoted(name), state.State)
		if n := from.restartsUntil(state); n > 0 {
			part = fmt.Sprintf("job %s restarted %s since and is %s", quoted(name), times(n), state.State)
		}
		parts = append(parts, part)
	}
	text := strings.Join(parts, ", ")
	if more := len(names) - listed; more > 0 {
		text += fmt.Sprintf(", and %d more jobs", more)
	}
	return text
}

// restartsUntil counts restarts since the baseline: by Flink's counter or, while that is
// unknown, by the failures that led to one.
func (b baseline) restartsUntil(job snapshot.Job) (n int) {
	if b.restarts != nil && job.Restarts != nil {
		n = int(*job.Restarts - *b.restarts)
	}
	failures := 0
	for _, f := range job.Failures {
		if f.At.After(b.until()) {
			failures++
		}
	}
	return max(n, failures)
}

// stateOf returns a job; one that Flink no longer lists is gone.
func stateOf(state snapshot.State, name string) snapshot.Job {
	if job, listed := state.Job(name); listed {
		return job
	}
	return snapshot.Job{Name: name, State: snapshot.Gone}
}
