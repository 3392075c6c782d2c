package exposition

import (
	"strconv"
	"time"

	"github.com/flink-sidecar/flink-sidecar/collector/metricnames"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

type checkpointFamilies struct {
	ended, triggered, restores, inProgress *metricnames.Family
	failedInARow                           *metricnames.Family
	info, duration, size, stateSize        *metricnames.Family
	processed, persisted, buffered, age    *metricnames.Family
	failedTime, failedAge, restored        *metricnames.Family
	durationP50, durationP99, durationMax  *metricnames.Family
	interval, timeout, minPause            *metricnames.Family
}

func newCheckpointFamilies() checkpointFamilies {
	const (
		checkpoints = " Flink: /jobs/:jobid/checkpoints "
		config      = " Flink: /jobs/:jobid/checkpoints/config "
		all         = " of all completed checkpoints since the JobManager started the job." + checkpoints +
			"summary end_to_end_duration, in milliseconds."
	)
	of := func(kind func(string, string, ...string) *metricnames.Family, name, help string,
		labels ...string,
	) *metricnames.Family {
		return kind("flink_job_"+name, help, append([]string{"job"}, labels...)...)
	}
	return checkpointFamilies{
		ended: of(metricnames.Counter, "checkpoints_total",
			"Ended checkpoints by status."+checkpoints+"counts.", "status"),
		triggered: of(metricnames.Counter, "checkpoints_triggered_total",
			"Checkpoints that were triggered."+checkpoints+"counts total."),
		restores: of(metricnames.Counter, "checkpoint_restores_total",
			"Restores of the job from a checkpoint."+checkpoints+"counts restored."),
		failedInARow: of(metricnames.Gauge, "checkpoint_failures_in_a_row", "Checkpoints that failed since the last "+
			"completed one; 0 if the last one completed."+checkpoints+"latest and counts failed."),
		inProgress: of(metricnames.Gauge, "checkpoints_in_progress",
			"Checkpoints that are being taken."+checkpoints+"counts."),
		info: of(metricnames.Gauge, "last_checkpoint_info", "Always 1; the labels are the type of the last "+
			"completed checkpoint and whether it is a savepoint."+checkpoints+"checkpoint_type and is_savepoint.",
			"type", "savepoint"),
		duration: of(metricnames.Gauge, "last_checkpoint_duration_seconds", "End-to-end duration of the last "+
			"completed checkpoint."+checkpoints+"end_to_end_duration, in milliseconds."),
		size: of(metricnames.Gauge, "last_checkpoint_size_bytes",
			"Bytes that the last completed checkpoint wrote."+checkpoints+"checkpointed_size."),
		stateSize: of(metricnames.Gauge, "last_checkpoint_state_size_bytes",
			"Size of the whole state in the last completed checkpoint."+checkpoints+"state_size."),
		processed: of(metricnames.Gauge, "last_checkpoint_processed_bytes", "In-flight data that was processed "+
			"while the barriers of the last completed checkpoint were aligned."+checkpoints+"processed_data."),
		persisted: of(metricnames.Gauge, "last_checkpoint_persisted_bytes", "In-flight data that the last "+
			"completed checkpoint stored because it was unaligned."+checkpoints+"persisted_data."),
		buffered: of(metricnames.Gauge, "last_checkpoint_alignment_buffered_bytes", "Data that waited for the "+
			"barriers of the last completed checkpoint; 0 in all present versions."+checkpoints+"alignment_buffered."),
		age: of(metricnames.Gauge, "last_checkpoint_age_seconds", "Age of the last completed checkpoint "+
			"at the poll, by the JobManager's clock."+checkpoints+"latest_ack_timestamp."),
		failedTime: of(metricnames.Gauge, "last_failed_checkpoint_time_seconds", "When the last checkpoint "+
			"failed, in Unix time of the JobManager; absent if none did."+checkpoints+
			"latest failed failure_timestamp."),
		failedAge: of(metricnames.Gauge, "last_failed_checkpoint_age_seconds", "Time since the last checkpoint "+
			"failed at the poll, by the JobManager's clock; absent if none did."+checkpoints+
			"latest failed failure_timestamp."),
		restored: of(metricnames.Gauge, "last_restore_time_seconds", "When the job was last restored from a "+
			"checkpoint, in Unix time of the JobManager; absent if it started without one."+checkpoints+
			"latest restored restore_timestamp."),
		durationP50: of(metricnames.Gauge, "checkpoint_duration_seconds_p50", "Median of the end-to-end duration"+all),
		durationP99: of(metricnames.Gauge, "checkpoint_duration_seconds_p99",
			"99th percentile of the end-to-end duration"+all),
		durationMax: of(metricnames.Gauge, "checkpoint_duration_seconds_max", "Longest end-to-end duration"+all),
		interval: of(metricnames.Gauge, "checkpoint_interval_seconds",
			"Configured interval between checkpoints."+config+"interval, in milliseconds."),
		timeout: of(metricnames.Gauge, "checkpoint_timeout_seconds",
			"Configured timeout of a checkpoint."+config+"timeout, in milliseconds."),
		minPause: of(metricnames.Gauge, "checkpoint_min_pause_seconds",
			"Configured least time between checkpoints."+config+"min_pause, in milliseconds."),
	}
}

func (c checkpointFamilies) all() []*metricnames.Family {
	return []*metricnames.Family{
		c.ended, c.triggered, c.restores, c.inProgress, c.failedInARow, c.info, c.duration, c.size, c.stateSize,
		c.processed, c.persisted, c.buffered, c.age, c.failedTime, c.failedAge, c.restored,
		c.durationP50, c.durationP99, c.durationMax, c.interval, c.timeout, c.minPause,
	}
}

// render puts the checkpoints of a job on the page, if it takes any.
func (c checkpointFamilies) render(p *Page, j Job) {
	if !j.Checkpointing {
		return
	}
	if plan := j.Plan; plan != nil {
		for family, d := range map[*metricnames.Family]time.Duration{
			c.interval: plan.Interval,
			c.timeout:  plan.Timeout,
		} {
			if d > 0 {
				p.Add(family, d.Seconds(), j.Name)
			}
		}
		p.Add(c.minPause, plan.MinPause.Seconds(), j.Name)
	}
	if j.Checkpoints == nil {
		for _, status := range []string{"completed", "failed"} {
			p.want(c.ended, nil, j.Name, status)
		}
		for _, family := range []*metricnames.Family{c.triggered, c.inProgress, c.duration, c.age} {
			p.want(family, nil, j.Name)
		}
		return
	}
	c.renderCounts(p, j.Name, *j.Checkpoints)
	if j.Checkpoints.Last != nil {
		c.renderLast(p, j.Name, *j.Checkpoints.Last)
	}
}

func (c checkpointFamilies) renderCounts(p *Page, job string, is snapshot.Checkpoints) {
	p.Add(c.ended, float64(is.Completed), job, "completed")
	p.Add(c.ended, float64(is.Failed), job, "failed")
	p.Add(c.triggered, float64(is.Total), job)
	p.Add(c.restores, float64(is.Restores), job)
	p.Add(c.inProgress, float64(is.InProgress), job)
	p.Add(c.failedInARow, float64(is.FailedInARow()), job)
	if failed := is.LastFailed; failed != nil && !failed.Failed.IsZero() {
		p.Add(c.failedTime, seconds(failed.Failed), job)
		p.Add(c.failedAge, failed.Age.Seconds(), job)
	}
	if !is.Restored.IsZero() {
		p.Add(c.restored, seconds(is.Restored), job)
	}
	if d := is.Durations; d != nil {
		p.Add(c.durationP50, d.P50.Seconds(), job)
		p.Add(c.durationP99, d.P99.Seconds(), job)
		p.Add(c.durationMax, d.Max.Seconds(), job)
	}
}

func (c checkpointFamilies) renderLast(p *Page, job string, last snapshot.Checkpoint) {
	p.Add(c.info, 1, job, last.Type, strconv.FormatBool(last.Savepoint))
	p.Add(c.duration, last.Duration.Seconds(), job)
	p.Add(c.size, last.Bytes, job)
	p.Add(c.stateSize, last.StateBytes, job)
	p.Add(c.processed, last.Processed, job)
	p.Add(c.persisted, last.Persisted, job)
	p.Add(c.buffered, last.Buffered, job)
	p.Add(c.age, last.Age.Seconds(), job)
}
