package collector

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

const (
	fenced    = "org.apache.kafka.common.errors.InvalidProducerEpochException"
	noSlots   = "org.apache.flink.runtime.jobmanager.scheduler.NoResourceAvailableException"
	exception = "flink_job_exceptions_total"
)

// TestFirstCause has a captured history: a producer that was fenced ended a
// TaskManager, and nine restarts found no slot.
func TestFirstCause(t *testing.T) {
	for _, version := range []string{flinktest.Flink23, flinktest.Flink120} {
		l := newLab(t, version).watchedBefore()
		l.first()
		_, ok := l.value(exception)
		require.False(t, ok, "not read at the first poll")
		l.next()
		l.shows(0, exception, "class", otherClass)
		_, ok = l.value("flink_job_last_failure_time_seconds")
		require.False(t, ok)
		job, _ := l.Job(orders)
		require.Nil(t, job.LastFailure)

		l.Fail(flinktest.ProducerFenced)
		l.next()
		l.next()
		l.shows(1, exception, "class", fenced)
		l.shows(9, exception, "class", noSlots)
		job, _ = l.Job(orders)
		require.Equal(t, &snapshot.Failure{
			At: time.UnixMilli(1795373920185), Class: fenced,
			Cause: fenced + ": Producer attempted to produce with an old epoch.",
			Task: "JSON enrich (v1.2) -> (kafka enriched: Writer -> kafka enriched: Committer, kafka alerts: " +
				"Writer -> " +
				"kafka alerts: Committer, elasticsearch: orders: Writer) (2/4) - execution #0",
			TaskManager: "tm2",
		}, job.FirstFailure)
		require.Len(t, job.Failures, 10)
		require.Equal(t, noSlots, job.LastFailure.Class)
		require.Equal(t, job.Failures[9], *job.LastFailure)
		l.shows(float64(job.LastFailure.At.UnixMilli())/1000, "flink_job_last_failure_time_seconds")
		l.shows(1795373920.185, "flink_job_first_failure_time_seconds", "class", fenced)
	}
}

func TestFailureOfTheWholeJob(t *testing.T) {
	l := newLab(t, flinktest.Flink23).watchedBefore()
	l.Fail(flinktest.MissingTopic)
	l.first()
	l.next()
	l.shows(11, exception, "class", "org.apache.kafka.common.errors.UnknownTopicOrPartitionException")
	job, _ := l.Job(orders)
	require.Equal(t, "org.apache.kafka.common.errors.UnknownTopicOrPartitionException: This server does not host "+
		"this topic-partition.", job.LastFailure.Cause)
	require.Empty(t, job.LastFailure.Task)
	require.Empty(t, job.LastFailure.TaskManager)
}

// TestFailuresBeforeTheSidecar are reported, but not counted: an earlier process of the
// sidecar may have counted them.
func TestFailuresBeforeTheSidecar(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	l.Fail(flinktest.ProducerFenced)
	l.first()
	l.next()
	l.failedOf(fenced)
	l.shows(0, exception, "class", fenced)
	l.shows(0, exception, "class", noSlots)
	l.throw(0, noSlots)
	l.next()
	l.shows(0, exception, "class", fenced)
	l.shows(1, exception, "class", noSlots)

	ended := newLab(t, flinktest.Flink23)
	ended.Fail(flinktest.ProducerFenced)
	ended.SetJobState("FAILED")
	ended.first()
	ended.next()
	ended.failedOf(fenced)
	ended.shows(0, exception, "class", fenced)
}

// watchedBefore has the sidecar look at the cluster before its job came.
func (l *lab) watchedBefore() *lab {
	l.last.taken = l.now.Add(-time.Hour)
	return l
}

// throw adds an exception at the JobManager's time of the next poll, minus ago.
func (l *lab) throw(ago time.Duration, class string) {
	l.AddException(flinktest.Exception{
		At: l.jobManagerTime().Add(15*time.Second - ago).
			UnixMilli(), Name: class, Trace: class + ": why\n\tat a.b(c.java:1)",
		Task: "task (1/4)", TaskManager: "tm1",
	})
}

// jobManagerTime is the JobManager's clock at the last poll.
func (l *lab) jobManagerTime() time.Time {
	l.t.Helper()
	details, err := l.client.Job(l.t.Context(), l.JobID)
	require.NoError(l.t, err)
	return details.Now.Time()
}

func (l *lab) failedOf(class string) {
	l.t.Helper()
	job, _ := l.Job(orders)
	require.Equal(l.t, class, job.FirstFailure.Class)
}

// TestTheLastOfSixFailures has six restarts within two minutes, each of another
// TaskManager. Below the newest, Flink lists a task that failed because of it, elsewhere
// and by its own clock earlier.
func TestTheLastOfSixFailures(t *testing.T) {
	l := newLab(t, flinktest.Flink23).watchedBefore()
	l.first()
	for i := range 6 {
		l.AddException(flinktest.Exception{
			At:   l.jobManagerTime().Add(time.Duration(i-6) * 20 * time.Second).UnixMilli(),
			Name: fmt.Sprintf("a.Cause%d", i), Trace: fmt.Sprintf("a.Cause%d: why", i),
			Task: "map (1/4)", TaskManager: fmt.Sprintf("tm-%d", i),
		})
	}
	l.Edit("/jobs/"+l.JobID+"/exceptions", func(document map[string]any) {
		newest := document["exceptionHistory"].(map[string]any)["entries"].([]any)[0].(map[string]any)
		for i, earlier := range []int64{-1000, 1000} {
			newest["concurrentExceptions"] = append(newest["concurrentExceptions"].([]any), map[string]any{
				"exceptionName": "a.Torn", "stacktrace": "a.Torn: connection", "taskManagerId": "tm-9",
				"taskName": fmt.Sprintf("sink (%d/4)", i), "timestamp": newest["timestamp"].(int64) + earlier,
			})
		}
	})
	l.next()
	job, _ := l.Job(orders)
	require.Equal(t, "a.Cause5", job.LastFailure.Class)
	require.Equal(t, "tm-5", job.LastFailure.TaskManager)
	require.Equal(t, "a.Cause0", job.FirstFailure.Class)
	require.Equal(t, "tm-0", job.FirstFailure.TaskManager)
	require.Len(t, job.Failures, 6)
	require.WithinDuration(t, l.jobManagerTime(), job.Now, 0)
	l.shows(2, exception, "class", "a.Torn")
}

// TestIncidents keeps the first cause while restarts fail, and takes another
// when the job had run as a whole in between.
func TestIncidents(t *testing.T) {
	l := newLab(t, flinktest.Flink23).watchedBefore()
	l.first()
	l.throw(9*time.Second, "a.Root")
	for range 4 {
		l.throw(2*time.Second, "a.Follows")
	}
	l.SetJobState("RESTARTING")
	l.next()
	l.failedOf("a.Root")
	for range 40 { // ten minutes without slots, an attempt every minute or so
		l.throw(time.Second, "a.NoSlots")
		l.pass(45 * time.Second)
		l.next()
		l.failedOf("a.Root")
	}
	l.shows(1, exception, "class", "a.Follows") // All four were one entry
	l.shows(40, exception, "class", "a.NoSlots")

	l.SetJobState("RUNNING")
	l.next()
	l.throw(0, "a.Late")
	l.next()
	l.failedOf("a.Late")
	l.throw(0, "a.Again")
	l.next()
	l.failedOf("a.Late")
	l.next()
	l.throw(0, "a.Another")
	l.next()
	l.failedOf("a.Another")
}

// TestAllRunsAtOnceAfterTheCause has the job run for a moment before the last exceptions
// of a cause come.
func TestAllRunsAtOnceAfterTheCause(t *testing.T) {
	at := func(seconds int) flink.Millis { return flink.Millis(1_000_000 + seconds*1000) }
	e := func(second int, class string) flink.Exception {
		return flink.Exception{At: at(second), Name: class, Trace: class + ": why"}
	}
	f := failures{since: at(0).Time(), whole: at(0).Time()}
	f.learn([]flink.Exception{e(20, "a.Root")})
	f.whole = at(27).Time()
	f.learn([]flink.Exception{e(29, "a.Follows"), e(20, "a.Root")})
	require.Equal(t, "a.Root", f.first.Class)
	f.whole = at(45).Time()
	f.learn([]flink.Exception{e(50, "a.Other")})
	require.Equal(t, "a.Other", f.first.Class)

	// Of what was before we looked, only the pauses tell.
	f = failures{since: at(1000).Time()}
	f.learn([]flink.Exception{e(800, "a.Second"), e(740, "a.First"), e(600, "a.Before")})
	require.Equal(t, "a.First", f.first.Class)
}

// TestExceptionsAreCountedOnce has Flink forget the oldest of sixteen.
func TestExceptionsAreCountedOnce(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	for i := range 50 {
		l.throw(time.Duration(i%10)*time.Second, "a.B")
		l.next()
	}
	l.shows(50, exception, "class", "a.B")
}

func TestClassesAreBounded(t *testing.T) {
	var f failures
	var all []flink.Exception
	for i := range 1000 {
		all = append(all, flink.Exception{At: flink.Millis(i), Name: fmt.Sprintf("a.B%d", i%50)})
	}
	all = append(all, flink.Exception{At: 2000, Name: "not a class"})
	f.learn(all)
	require.Len(t, f.counts, maxClasses+1)
	sum := 0.0
	for _, n := range f.counts {
		sum += n
	}
	require.InDelta(t, maxRemembered, sum, 0)
	require.LessOrEqual(t, len(f.seen), maxRemembered)
}

// TestHostileException has text that would break a line or a page.
func TestHostileException(t *testing.T) {
	l := newLab(t, flinktest.Flink23).watchedBefore()
	l.AddException(flinktest.Exception{
		At: 1795374520000, Name: "<script>\n", Task: "a\nb\x00", TaskManager: strings.Repeat("é", 1000),
		Trace: "x: y\nCaused by: " + strings.Repeat("\u202e\"é", 5000) + "\nmore",
	})
	l.first()
	l.next()
	l.shows(1, exception, "class", otherClass)
	job, _ := l.Job(orders)
	require.Equal(t, "a b", job.LastFailure.Task)
	for _, text := range []string{job.LastFailure.Cause, job.LastFailure.TaskManager} {
		require.Len(t, []rune(text), maxText)
		require.NotContains(t, text, "\n")
	}
}

// TestExceptionsAreUnknown has no answer for them: the count is unknown then, and
// continues afterwards.
func TestExceptionsAreUnknown(t *testing.T) {
	l := newLab(t, flinktest.Flink23).watchedBefore()
	l.Fail(flinktest.ProducerFenced)
	l.first()
	l.next()
	l.Break(flinktest.Status(500), "/exceptions")
	l.next()
	l.unknown(exception, orders)
	l.failedOf(fenced)
	l.Heal()
	l.next()
	l.shows(9, exception, "class", noSlots)
}

// TestJobThatFailedForGood is asked once what it failed of.
func TestJobThatFailedForGood(t *testing.T) {
	l := newLab(t, flinktest.Flink23).watchedBefore()
	l.first()
	l.Fail(flinktest.ProducerFenced)
	l.SetJobState("FAILED")
	l.next()
	l.Requests()
	l.next()
	require.Zero(t, l.Requests()["/jobs/"+l.JobID+"/exceptions"])
	l.shows(1, exception, "class", fenced)
	l.failedOf(fenced)
	l.shows(0, "flink_job_up", "job", orders)
	_, ok := l.value("flink_job_tasks")
	require.False(t, ok)
}

// TestASecretInACauseIsMaskedBeforeItIsCut: cut within the password, it would not be
// recognised.
func TestASecretInACauseIsMaskedBeforeItIsCut(t *testing.T) {
	trace := "java.lang.RuntimeException: outer\n\tat x.Y.z(Y.java:1)\nCaused by: org.postgresql.PSQLException: " +
		strings.Repeat("no connection ", 32) + "postgres://flink:Hunter2hunter2hunter2@db.example/orders\n"
	cause := causeOf(trace)
	require.NotContains(t, cause, "Hunter2")
	require.Contains(t, cause, "postgres://")
}
