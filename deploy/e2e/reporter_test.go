//go:build e2e

package e2e

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/stretchr/testify/require"
)

// pair is a value that both the sidecar and Flink's own Prometheus reporter
// have. The reporter has one sample for each subtask or process; the sidecar has
// one for each of whatever by names: the reporter's samples are taken together.
type pair struct {
	ours   string
	labels map[string]string // which of our series; those not named are free
	theirs string
	by     map[string]string // our label to theirs; nil = one series in all
	fold   fold
	scale  float64 // of theirs, to our unit; 0 = 1
	slack  float64 // how much a value may be outside of its neighbours, in our unit
	when   clock
}

// fold makes one value of those of several subtasks or processes.
type fold func([]float64) float64

func sum(values []float64) (total float64) {
	for _, v := range values {
		total += v
	}
	return total
}

func mean(values []float64) float64 { return sum(values) / float64(len(values)) }

const (
	milli, nano = 1e-3, 1e-9
	// Values are floats on both sides, and ratios have been divided.
	rounding = 1e-9
	// What reading a JVM's metrics costs in it, and a little more.
	megabytes = 8 << 20
	// The young generation of the stack's JVMs: at a hundred megabytes a second,
	// between two readings a heap has filled it and has been collected.
	eden = 128 << 20
)

var (
	byVertex = map[string]string{"vertex_id": "task_id"}
	byTM     = map[string]string{"taskmanager": "tm_id"}
)

// pairs is what is held against the reporter. Processing times are in Flink's
// gauges for five seconds each, so most of them must be equal to the digit.
var pairs = slices.Concat(
	[]pair{
		{ours: "flink_cluster_taskmanagers", theirs: "flink_jobmanager_numRegisteredTaskManagers", when: whenRead},
		{ours: "flink_cluster_slots", theirs: "flink_jobmanager_taskSlotsTotal", when: whenRead},
		{ours: "flink_cluster_slots_available", theirs: "flink_jobmanager_taskSlotsAvailable", when: whenRead},
		{
			ours: "flink_cluster_jobs", labels: map[string]string{"state": "running"},
			theirs: "flink_jobmanager_numRunningJobs", when: whenRead,
		},

		{ours: "flink_job_uptime_seconds", theirs: "flink_jobmanager_job_uptime", scale: milli, when: whenJob},
		{ours: "flink_job_restarts_total", theirs: "flink_jobmanager_job_numRestarts", when: whenJob},
		{
			ours: "flink_job_checkpoints_total", labels: map[string]string{"status": "completed"},
			theirs: "flink_jobmanager_job_numberOfCompletedCheckpoints", when: whenRead,
		},
		{
			ours: "flink_job_checkpoints_total", labels: map[string]string{"status": "failed"},
			theirs: "flink_jobmanager_job_numberOfFailedCheckpoints", when: whenRead,
		},
		{
			ours: "flink_job_last_checkpoint_duration_seconds", theirs: "flink_jobmanager_job_lastCheckpointDuration",
			scale: milli, when: whenRead,
		},
		{
			ours: "flink_job_last_checkpoint_size_bytes", theirs: "flink_jobmanager_job_lastCheckpointSize",
			when: whenRead,
		},
		{
			ours: "flink_job_last_checkpoint_state_size_bytes", theirs: "flink_jobmanager_job_lastCheckpointFullSize",
			when: whenRead,
		},

		{
			ours: "flink_vertex_records_in_total", theirs: "flink_taskmanager_job_task_numRecordsIn", by: byVertex,
			when: whenAll,
		},
		{
			ours: "flink_vertex_records_out_total", theirs: "flink_taskmanager_job_task_numRecordsOut", by: byVertex,
			when: whenAll,
		},
		{
			ours: "flink_vertex_in_bytes_total", theirs: "flink_taskmanager_job_task_numBytesIn", by: byVertex,
			when: whenAll,
		},
		{
			ours: "flink_vertex_out_bytes_total", theirs: "flink_taskmanager_job_task_numBytesOut", by: byVertex,
			when: whenAll,
		},
		{
			ours: "flink_vertex_busy_ratio", theirs: "flink_taskmanager_job_task_busyTimeMsPerSecond", by: byVertex,
			fold: mean, scale: milli, when: whenAll,
		},
		{
			ours: "flink_vertex_busy_ratio_max", theirs: "flink_taskmanager_job_task_busyTimeMsPerSecond",
			by:   byVertex,
			fold: slices.Max[[]float64], scale: milli, when: whenAll,
		},
		{
			ours:   "flink_vertex_backpressured_ratio",
			theirs: "flink_taskmanager_job_task_backPressuredTimeMsPerSecond",
			by:     byVertex, fold: mean, scale: milli, when: whenAll,
		},
		{
			ours: "flink_vertex_idle_ratio", theirs: "flink_taskmanager_job_task_idleTimeMsPerSecond", by: byVertex,
			fold: mean, scale: milli, when: whenAll,
		},
		{
			ours: "flink_vertex_pending_records", theirs: "flink_taskmanager_job_task_operator_pendingRecords",
			by: byVertex, slack: 40, when: whenAll,
		},
	},
	jvm("flink_jm_", "flink_jobmanager_", nil, whenJobManager),
	jvm("flink_tm_", "flink_taskmanager_", byTM, whenTaskManager),
	[]pair{
		memory("flink_tm_memory_used_bytes", "managed", "flink_taskmanager_Status_Flink_Memory_Managed_Used", byTM,
			whenTaskManager),
		memory("flink_tm_memory_max_bytes", "managed", "flink_taskmanager_Status_Flink_Memory_Managed_Total", byTM,
			whenTaskManager),
		memory("flink_tm_memory_used_bytes", "network", "flink_taskmanager_Status_Shuffle_Netty_UsedMemory", byTM,
			whenTaskManager),
		memory("flink_tm_memory_max_bytes", "network", "flink_taskmanager_Status_Shuffle_Netty_TotalMemory", byTM,
			whenTaskManager),
		memory("flink_cluster_tm_memory_max_bytes", "network", "flink_taskmanager_Status_Shuffle_Netty_TotalMemory",
			nil, whenAll),
		memory("flink_cluster_tm_memory_max_bytes", "heap", "flink_taskmanager_Status_JVM_Memory_Heap_Max", nil,
			whenAll),
	},
)

// jvm is what JobManager and TaskManagers have alike.
func jvm(ours, theirs string, by map[string]string, when clock) []pair {
	list := []pair{
		{ours: ours + "cpu_seconds_total", theirs: theirs + "Status_JVM_CPU_Time", by: by, scale: nano, when: when},
		{ours: ours + "threads", theirs: theirs + "Status_JVM_Threads_Count", by: by, slack: 4, when: when},
		memory(ours+"memory_used_bytes", "heap", theirs+"Status_JVM_Memory_Heap_Used", by, when),
		memory(ours+"memory_max_bytes", "heap", theirs+"Status_JVM_Memory_Heap_Max", by, when),
		memory(ours+"memory_used_bytes", "non_heap", theirs+"Status_JVM_Memory_NonHeap_Used", by, when),
		memory(ours+"memory_used_bytes", "metaspace", theirs+"Status_JVM_Memory_Metaspace_Used", by, when),
		memory(ours+"memory_used_bytes", "direct", theirs+"Status_JVM_Memory_Direct_MemoryUsed", by, when),
		memory(ours+"memory_used_bytes", "mapped", theirs+"Status_JVM_Memory_Mapped_MemoryUsed", by, when),
	}
	for _, gc := range []string{"Copy", "MarkSweepCompact"} { // of the stack's JVMs
		labels := map[string]string{"gc": gc}
		list = append(list,
			pair{
				ours: ours + "gc_collections_total", labels: labels,
				theirs: theirs + "Status_JVM_GarbageCollector_" + gc + "_Count", by: by, when: when,
			},
			pair{
				ours: ours + "gc_seconds_total", labels: labels,
				theirs: theirs + "Status_JVM_GarbageCollector_" + gc + "_Time", by: by, scale: milli, when: when,
			})
	}
	return list
}

func memory(ours, area, theirs string, by map[string]string, when clock) pair {
	slack := float64(megabytes)
	switch {
	case strings.Contains(ours, "_max_"):
		slack = 0
	case area == "heap":
		slack = eden
	}
	return pair{ours: ours, labels: map[string]string{"area": area}, theirs: theirs, by: by, slack: slack, when: when}
}

// testReporter holds our page against Flink's own reporter: a value of ours must
// be between the reporter's own readings around the time at which Flink took it.
func testReporter(t *testing.T, s *stack, sc *sidecar) {
	for _, p := range pairs { // some come late: what waits at a source, after its first record
		sc.atLeast(t, 2*time.Minute, math.Inf(-1), p.ours, p.labels)
	}
	b := bracket(t, s, sc)
	t.Logf("Flink took what is on the page within %s, from the TaskManagers within %s", b.width(b.job),
		b.width(whenAll(b, sample{})))
	var table strings.Builder
	out := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "ours\ttheirs\tseries\toutside\tfor example\tleast\tmost")
	var faults []string
	for _, p := range pairs {
		compared, wrong, example := p.compare(b)
		if compared == 0 {
			wrong = append(wrong, p.name()+" has no series that both have")
		}
		faults = append(faults, wrong...)
		fmt.Fprintf(out, "%s\t%s\t%d\t%d\t%s\n", p.name(), p.theirs, compared, len(wrong), example)
	}
	require.NoError(t, out.Flush())
	t.Logf("\n%s", &table)
	theirs := b.theirs[0]
	t.Logf("our page: %d series of Flink, %d in all, %d bytes; the reporters' pages: %d series, %d bytes",
		b.ours.ofFlink, b.ours.series, b.ours.bytes, theirs.series, theirs.bytes)
	require.Empty(t, strings.Join(faults, "\n"))
}

func (p pair) name() string {
	name := p.ours
	for _, label := range slices.Sorted(maps.Keys(p.labels)) {
		name += fmt.Sprintf("{%s=%q}", label, p.labels[label])
	}
	return name
}

// compare counts our series that the reporters have too and lists those whose
// value is not between theirs. The example is the one of the greatest value.
func (p pair) compare(b bracketed) (compared int, wrong []string, example string) {
	greatest := math.Inf(-1)
	for _, ours := range b.ours.samples(p.ours, p.labels) {
		low, high, ok := p.bounds(b, ours)
		if !ok {
			continue
		}
		compared++
		if ours.value > greatest {
			greatest, example = ours.value, fmt.Sprintf("%.9g\t%.9g\t%.9g", ours.value, low, high)
		}
		if ours.value < low-p.slack-rounding || ours.value > high+p.slack+rounding {
			wrong = append(wrong, fmt.Sprintf("%s%v is %g, the reporters had %g to %g", p.ours, ours.labels,
				ours.value, low, high))
		}
	}
	return compared, wrong, example
}

// bounds are the least and the most that a series of ours could be, if each
// subtask's or process's own value was one of its readings or between two.
func (p pair) bounds(b bracketed, ours sample) (low, high float64, ok bool) {
	which := map[string]string{}
	for our, their := range p.by {
		which[their] = mangled(ours.labels[our])
	}
	var lows, highs []float64
	window := p.when(b, ours)
	for _, reading := range b.theirs[window.from:window.to] {
		samples := reading.samples(p.theirs, which)
		if lows == nil {
			lows, highs = valuesOf(samples), valuesOf(samples)
		}
		if len(samples) == 0 || len(samples) != len(lows) {
			return 0, 0, false
		}
		for i, s := range samples {
			lows[i], highs[i] = min(lows[i], s.value), max(highs[i], s.value)
		}
	}
	scale := cmp.Or(p.scale, 1)
	fold := p.fold
	if fold == nil {
		fold = sum
	}
	return scale * fold(lows), scale * fold(highs), true
}

func valuesOf(samples []sample) []float64 {
	values := make([]float64, len(samples))
	for i, s := range samples {
		values[i] = s.value
	}
	return values
}

// mangled is a label's value as the reporter writes it.
func mangled(value string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == ':' {
			return r
		}
		return '_'
	}, value)
}
