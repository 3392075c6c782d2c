package flink_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
)

// TestAnswers23 reads every endpoint as Flink 2.3.0 answered it.
func TestAnswers23(t *testing.T) {
	server := flinktest.New(t, flinktest.Flink23)
	c, ctx := client(t, server.URL), t.Context()

	overview, err := c.Overview(ctx)
	require.NoError(t, err)
	require.Equal(t, flink.Overview{
		TaskManagers: 2, SlotsTotal: 4, JobsRunning: 1,
		Version: flink.ParseVersion("2.3.0"), VersionText: "2.3.0",
	}, overview)

	jobs, err := c.Jobs(ctx)
	require.NoError(t, err)
	require.Equal(t, []flink.JobSummary{{
		ID: server.JobID, Name: flinktest.JobName, State: flink.JobRunning,
		Start: 1795374352702, End: -1,
	}}, jobs)
	require.False(t, jobs[0].Ended())
	require.Equal(t, time.UnixMilli(1795374352702), jobs[0].Start.Time())
	require.True(t, jobs[0].End.Time().IsZero())

	job, err := c.Job(ctx, server.JobID)
	require.NoError(t, err)
	require.Len(t, job.Vertices, 2)
	source := job.Vertices[0]
	require.Equal(t, "Source: orders.v1 source -> normalize", source.Name)
	require.Equal(t, 4, source.Parallelism)
	require.Equal(t, 128, source.MaxParallelism)
	require.InDelta(t, 726932, *source.IO.RecordsIn, 0)
	require.InDelta(t, 726932, *source.IO.RecordsOut, 0)
	require.InDelta(t, 100124627, *source.IO.BytesIn, 0)
	require.InDelta(t, 100676664, *source.IO.BytesOut, 0)
	n, settled := source.Running()
	require.True(t, settled)
	require.Equal(t, 4, n)
	require.Equal(t, []flink.PlanInput{{ID: source.ID, ShipStrategy: "HASH"}}, job.Plan.Nodes[0].Inputs)

	checkpoints, err := c.Checkpoints(ctx, server.JobID)
	require.NoError(t, err)
	require.Equal(t, 17, checkpoints.Counts.Completed)
	require.Equal(t, 1, checkpoints.Counts.Failed)
	require.Equal(t, 18, checkpoints.Counts.Total)

	taskManagers, err := c.TaskManagers(ctx)
	require.NoError(t, err)
	require.Len(t, taskManagers, 2)
	require.Equal(t, "tm2", taskManagers[0].ID)
	require.Equal(t, int64(167772160), taskManagers[0].Memory.Managed)
	require.Positive(t, taskManagers[0].Hardware.PhysicalMemory)
	taskManagers[0].Hardware.PhysicalMemory = 0 // that of the machine of the capture
	require.Equal(t, flink.Hardware{CPUCores: 2, Heap: 373293056, Managed: 167772160}, taskManagers[0].Hardware)
}

func TestSettings(t *testing.T) {
	server := flinktest.New(t, flinktest.Flink120)
	c, ctx := client(t, server.URL), t.Context()

	settings, err := c.JobConfig(ctx, server.JobID)
	require.NoError(t, err)
	require.Equal(t, flink.Settings{
		"execution-mode": "PIPELINED", "restart-strategy": "Cluster level default restart strategy",
		"job-parallelism": "4", "object-reuse-mode": "false",
	}, settings)

	settings, err = c.CheckpointConfig(ctx, server.JobID)
	require.NoError(t, err)
	require.Equal(t, "10000", settings["interval"])
	require.Equal(t, "false", settings["externalization.enabled"])

	settings, err = c.JobManagerConfig(ctx)
	require.NoError(t, err)
	require.Equal(t, "rocksdb", settings["state.backend.type"])
}

// TestAnswers120 reads what differs in Flink 1.20.5.
func TestAnswers120(t *testing.T) {
	server := flinktest.New(t, flinktest.Flink120)
	c, ctx := client(t, server.URL), t.Context()

	jobs, err := c.Jobs(ctx)
	require.NoError(t, err)
	require.Len(t, jobs, 2)
	require.True(t, jobs[0].Ended())

	job, err := c.Job(ctx, server.JobID)
	require.NoError(t, err)
	require.InDelta(t, 0, *job.Vertices[0].IO.RecordsIn, 0, "before Flink 2 a source's task reads nothing")
	require.InDelta(t, 283352, *job.Vertices[0].IO.RecordsOut, 0)

	values, err := c.JobMetrics(ctx, server.JobID,
		[]string{"uptime", "numRestarts", "lastCheckpointExternalPath", "none"})
	require.NoError(t, err)
	require.Equal(t, flink.Values{"uptime": 124417, "numRestarts": 0}, values,
		"a path is no number, and a missing name is left out")
}

func TestIncompleteCountsAreUnknown(t *testing.T) {
	server := flinktest.New(t, flinktest.Flink23)
	server.EditJob(func(job map[string]any) {
		source := job["vertices"].([]any)[0].(map[string]any)
		io := source["metrics"].(map[string]any)
		io["read-records-complete"] = false
		io["write-records"] = "NaN"
		delete(io, "read-bytes-complete")
		source["tasks"] = map[string]any{"RUNNING": 3, "DEPLOYING": 1}
	})
	job, err := client(t, server.URL).Job(t.Context(), server.JobID)
	require.NoError(t, err)
	source := job.Vertices[0]
	require.Nil(t, source.IO.RecordsIn)
	require.Nil(t, source.IO.RecordsOut)
	require.Nil(t, source.IO.BytesIn)
	require.InDelta(t, 100676664, *source.IO.BytesOut, 0)
	_, settled := source.Running()
	require.False(t, settled)
}

func TestMissingJobs(t *testing.T) {
	server := flinktest.New(t, flinktest.Flink23)
	c := client(t, server.URL)
	_, err := c.Job(t.Context(), "00000000000000000000000000000000")
	require.True(t, flink.NotFound(err))
	require.EqualError(t, err, "flink: /jobs/:jobid answered 404 Not Found: "+
		"org.apache.flink.runtime.messages.FlinkJobNotFoundException: "+
		"Could not find Flink job (00000000000000000000000000000000) "+
		"(it may have ended, or this Flink does not offer it)")
	_, err = c.Job(t.Context(), "xyz")
	require.False(t, flink.NotFound(err))
	require.ErrorContains(t, err, `answered 400 Bad Request: org.apache.flink.runtime.rest.handler.HandlerRequestException: Cannot resolve path parameter (jobid) from value "xyz".`)
}
