package trouble

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Kind is what is wrong, as a word for labels and rules.
type Kind string

// The kinds.
const (
	JobStalled          Kind = "job-stalled"
	RestartLoop         Kind = "restart-loop"
	TaskManagerGone     Kind = "taskmanager-gone"
	CheckpointsFailing  Kind = "checkpoints-failing"
	ProbeRecordsMissing Kind = "probe-records-missing"
	CheckpointSlow      Kind = "checkpoint-slow"
	TargetDown          Kind = "target-down"
)

// Kinds lists all kinds, the most severe first: a job that does no work, then a trouble that may
// cost work at the next failure, then one that only hides information.
func Kinds() []Kind {
	return []Kind{
		JobStalled, RestartLoop, TaskManagerGone, CheckpointsFailing, ProbeRecordsMissing, CheckpointSlow, TargetDown,
	}
}

// Trouble is something that is wrong now.
type Trouble struct {
	Kind Kind
	// Cluster and Job are empty where the trouble concerns none, or several.
	Cluster, Job string
	// Subject is what is in trouble: TaskManagers, a vertex, a target, sinks. It is empty
	// if that is the job.
	Subject string
	// Vertex is the id of the vertex in Subject; empty for any other subject.
	Vertex string
	// Since is when it began, as exactly as the sidecar can tell: mostly the poll that
	// showed it first.
	Since time.Time
	// What names the trouble in a few words. Seen is one sentence on what is seen, Do one
	// on what to do.
	What, Seen, Do string

	of key
}

// ID is the same from the beginning to the end of a trouble, while its job and its subject may
// change: a lost TaskManager may hit a second job later.
func (t Trouble) ID() string {
	return strings.Join([]string{string(t.of.kind), t.of.cluster, t.of.job, t.of.target}, "\x1f")
}

// key identifies a trouble while it lasts.
type key struct {
	kind         Kind
	cluster, job string
	target       string // of TargetDown only
}

// Rule names the trouble for episodes: its kind or, for a target, for example "kafka-down".
func (t Trouble) Rule() string { return ruleOf(t.Kind, t.Subject) }

// ruleOf gives each target a rule of its own: they are few and configured.
func ruleOf(kind Kind, target string) string {
	if kind == TargetDown {
		return target + "-down"
	}
	return string(kind)
}

// severity orders troubles: without Flink, nothing else is known.
func (t Trouble) severity() int {
	if t.Kind == TargetDown && t.Subject == flinkTarget {
		return -1
	}
	return slices.Index(Kinds(), t.Kind)
}

// bySeverity sorts the most severe first, and of equal ones the oldest.
func bySeverity(a, b Trouble) int {
	return cmp.Or(
		cmp.Compare(a.severity(), b.severity()), a.Since.Compare(b.Since), strings.Compare(a.Cluster, b.Cluster),
		strings.Compare(a.Job, b.Job), strings.Compare(a.Subject, b.Subject))
}
