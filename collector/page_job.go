package collector

import (
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

type jobFamilies struct {
	up, info, state, start, uptime, restarts, sourceRecords     *Family
	checkpoints, inProgress, duration, size, stateSize, lastAge *Family
}

func newJobFamilies() jobFamilies {
	const checkpoints = " Flink: /jobs/:jobid/checkpoints "
	return jobFamilies{
		up:            gauge("flink_job_up", "1 if the job is RUNNING, 0 if it is in another state or Flink has forgotten it. Flink: /jobs/overview state.", "job"),
		info:          gauge("flink_job_info", "Always 1; the labels are the id of the present run and the epoch of software and settings. Flink: /jobs/overview jid.", "job", "job_id", "epoch"),
		state:         gauge("flink_job_state", "Always 1; the label is the present state, GONE for a job that Flink has forgotten. Flink: /jobs/overview state.", "job", "state"),
		start:         gauge("flink_job_start_time_seconds", "When the present run was submitted, in Unix time of the JobManager. Flink: /jobs/overview start-time.", "job"),
		uptime:        gauge("flink_job_uptime_seconds", "How long the job has run without interruption. Flink: job metric uptime, in milliseconds.", "job"),
		restarts:      counter("flink_job_restarts_total", "Restarts of the present run. Flink: job metric numRestarts.", "job"),
		sourceRecords: counter("flink_job_source_records_total", "Records read by all sources of the job. Flink: numRecordsIn of the source operators or tasks, or numRecordsOut where sources do not count what they read.", "job"),
		checkpoints:   counter("flink_job_checkpoints_total", "Checkpoints that ended, by how."+checkpoints+"counts.", "job", "status"),
		inProgress:    gauge("flink_job_checkpoints_in_progress", "Checkpoints that are being taken."+checkpoints+"counts.", "job"),
		duration:      gauge("flink_job_last_checkpoint_duration_seconds", "End-to-end duration of the last completed checkpoint."+checkpoints+"end_to_end_duration, in milliseconds.", "job"),
		size:          gauge("flink_job_last_checkpoint_size_bytes", "What the last completed checkpoint wrote."+checkpoints+"checkpointed_size.", "job"),
		stateSize:     gauge("flink_job_last_checkpoint_state_size_bytes", "The whole state the last completed checkpoint stands for."+checkpoints+"state_size.", "job"),
		lastAge:       gauge("flink_job_last_checkpoint_age_seconds", "Age of the last completed checkpoint at the poll, by the JobManager's clock."+checkpoints+"latest_ack_timestamp.", "job"),
	}
}

func (j jobFamilies) all() []*Family {
	return []*Family{
		j.up, j.info, j.state, j.start, j.uptime, j.restarts, j.sourceRecords,
		j.checkpoints, j.inProgress, j.duration, j.size, j.stateSize, j.lastAge,
	}
}

func (f *families) renderJob(p *page, j Job) {
	to := f.job
	up := 0.0
	if j.State == flink.JobRunning {
		up = 1
	}
	p.add(to.up, up, j.Name)
	p.add(to.state, 1, j.Name, j.State)
	p.add(to.info, 1, j.Name, j.ID, j.EpochKey)
	if !j.Started.IsZero() {
		p.add(to.start, float64(j.Started.UnixMilli())/1000, j.Name)
	}
	if !j.live() {
		return
	}
	p.want(to.uptime, j.Uptime, j.Name)
	p.want(to.restarts, j.Restarts, j.Name)
	p.want(to.sourceRecords, j.SourceRecords, j.Name)
	f.renderCheckpoints(p, j)
	if len(j.Vertices) == 0 {
		p.want(f.vertex.parallelism, nil, j.Name, "", "")
		p.want(f.vertex.busy, nil, j.Name, "", "")
		p.want(f.vertex.recordsIn, nil, j.Name, "", "")
	}
	for _, v := range j.Vertices {
		f.renderVertex(p, j.Name, v)
	}
}

func (f *families) renderCheckpoints(p *page, j Job) {
	to := f.job
	if !j.checkpointing {
		return
	}
	if j.Checkpoints == nil {
		for _, status := range []string{"completed", "failed"} {
			p.want(to.checkpoints, nil, j.Name, status)
		}
		p.want(to.duration, nil, j.Name)
		p.want(to.lastAge, nil, j.Name)
		return
	}
	p.add(to.checkpoints, float64(j.Checkpoints.Completed), j.Name, "completed")
	p.add(to.checkpoints, float64(j.Checkpoints.Failed), j.Name, "failed")
	p.add(to.inProgress, float64(j.Checkpoints.InProgress), j.Name)
	if last := j.Checkpoints.Last; last != nil {
		p.add(to.duration, last.Duration.Seconds(), j.Name)
		p.add(to.size, last.Bytes, j.Name)
		p.add(to.stateSize, last.StateBytes, j.Name)
		p.add(to.lastAge, last.Age.Seconds(), j.Name)
	}
}
