package exposition

import (
	"slices"

	"github.com/flink-sidecar/flink-sidecar/collector/metricnames"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

type jobFamilies struct {
	up, info, state, start, epochStart, sourceRecords *metricnames.Family

	life        lifeFamilies
	checkpoints checkpointFamilies
}

func newJobFamilies() jobFamilies {
	return jobFamilies{
		up: metricnames.Gauge("flink_job_up", "1 if the job is RUNNING, 0 if it is in another state or "+
			"Flink no longer lists it. Flink: /jobs/overview state.", "job"),
		info: metricnames.Gauge("flink_job_info", "Always 1; the labels are the id of the present run "+
			"and the epoch of software and settings. Flink: /jobs/overview jid.", "job", "job_id", "epoch"),
		state: metricnames.Gauge("flink_job_state", "Always 1; the label is the present state, GONE for a "+
			"job that Flink no longer lists. Flink: /jobs/overview state.", "job", "state"),
		start: metricnames.Gauge("flink_job_start_time_seconds", "When the present run was submitted, in "+
			"Unix time of the JobManager. Flink: /jobs/overview start-time.", "job"),
		epochStart: metricnames.Gauge("flink_job_epoch_start_time_seconds", "When the sidecar first saw the present "+
			"epoch, in Unix time of the sidecar, also if it was started again since; absent while the epoch is "+
			"unknown. Derived: from the job's software, settings and scale.", "job", "epoch"),
		sourceRecords: metricnames.Counter("flink_job_source_records_total", "Records that all sources of the job "+
			"have read. Flink: numRecordsIn of the source operators or tasks, or numRecordsOut where sources do "+
			"not count what they read.", "job"),

		life:        newLifeFamilies(),
		checkpoints: newCheckpointFamilies(),
	}
}

func (j jobFamilies) all() []*metricnames.Family {
	return slices.Concat([]*metricnames.Family{j.up, j.info, j.state, j.start, j.epochStart, j.sourceRecords}, j.life.all(),
		j.checkpoints.all())
}

func (f *Renderer) renderJob(p *Page, j Job) {
	to := f.job
	up := 0.0
	if j.State == flink.JobRunning {
		up = 1
	}
	p.Add(to.up, up, j.Name)
	p.Add(to.state, 1, j.Name, j.State)
	p.Add(to.info, 1, j.Name, j.ID, j.EpochKey)
	if !j.Started.IsZero() {
		p.Add(to.start, seconds(j.Started), j.Name)
	}
	if !j.EpochBegan.IsZero() {
		p.Add(to.epochStart, seconds(j.EpochBegan), j.Name, j.EpochKey)
	}
	to.life.renderFailures(p, j)
	if !j.Live() {
		return
	}
	to.life.render(p, j)
	p.want(to.sourceRecords, j.SourceRecords, j.Name)
	to.checkpoints.render(p, j)
	if len(j.VertexViews) == 0 {
		p.want(f.vertex.parallelism, nil, j.Name, "", "")
		p.want(f.vertex.busy, nil, j.Name, "", "")
		p.want(f.vertex.recordsIn, nil, j.Name, "", "")
	}
	for _, v := range j.VertexViews {
		f.renderVertex(p, j.Name, v)
	}
	f.renderDerived(p, j)
}
