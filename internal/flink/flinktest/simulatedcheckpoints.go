package flinktest

import (
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest/simulate"
)

// remembered is how many checkpoints Flink lists by default.
const remembered = 10

// driveCheckpoints puts the simulated checkpoints into the document of the job's checkpoints.
// A job that simulates none keeps the captured ones.
func (s *Server) driveCheckpoints() {
	if s.job.Checkpointing.Every == 0 {
		return
	}
	document := s.document("/jobs/" + s.JobID + "/checkpoints")
	counts := map[string]any{"restored": 0, "total": 0, "in_progress": 0, "completed": 0, "failed": 0}
	latest := map[string]any{"completed": nil, "savepoint": nil, "failed": nil, "restored": nil}
	history, durations := []any{}, []float64{}
	for _, c := range s.job.Checkpoints() {
		entry, status := s.simulatedCheckpoint(c), "in_progress"
		switch {
		case c.Completed:
			status = "completed"
			durations = append(durations, float64((c.Ended - c.Triggered).Milliseconds()))
		case c.Failed:
			status = "failed"
		}
		if !c.Running() {
			latest[status] = entry
		}
		counts[status] = counts[status].(int) + 1
		counts["total"] = counts["total"].(int) + 1
		history = append(history, entry)
	}
	slices.Reverse(history)
	document["counts"], document["latest"] = counts, latest
	document["history"] = history[:min(len(history), remembered)]
	document["summary"].(map[string]any)["end_to_end_duration"] = summaryOf(durations)

	config := s.document("/jobs/" + s.JobID + "/checkpoints/config")
	config["interval"] = s.job.Checkpointing.Every.Milliseconds()
	config["timeout"] = s.job.Checkpointing.Timeout.Milliseconds()
}

func (s *Server) simulatedCheckpoint(c *simulate.Checkpoint) map[string]any {
	at := func(since time.Duration) int64 { return s.capturedNow() - (s.job.Since() - since).Milliseconds() }
	entry := map[string]any{
		"id": c.ID, "status": "IN_PROGRESS", "is_savepoint": false, "checkpoint_type": "CHECKPOINT",
		"trigger_timestamp": at(c.Triggered), "latest_ack_timestamp": at(c.Ended),
		"end_to_end_duration": (c.Ended - c.Triggered).Milliseconds(),
		"checkpointed_size":   c.StateBytes, "state_size": c.StateBytes,
		"processed_data": 0, "persisted_data": 0, "alignment_buffered": 0,
		"num_subtasks": c.Asks, "num_acknowledged_subtasks": c.Acknowledged,
	}
	switch {
	case c.Completed:
		entry["status"] = "COMPLETED"
	case c.Failed:
		entry["status"], entry["failure_timestamp"], entry["failure_message"] = "FAILED", at(c.Ended), c.Message
	}
	return entry
}

// summaryOf has the quantiles that Flink gives, by the nearest rank; without values they are
// NaN there.
func summaryOf(values []float64) map[string]any {
	at := func(q float64) any {
		if len(values) == 0 {
			return "NaN"
		}
		return values[int(q*float64(len(values)-1)+0.5)]
	}
	values = slices.Sorted(slices.Values(values))
	return map[string]any{"min": at(0), "max": at(1), "p50": at(0.5), "p90": at(0.9), "p99": at(0.99)}
}
