package exposition

import "github.com/flink-sidecar/flink-sidecar/collector/metricnames"

type clusterFamilies struct {
	info, taskManagers, slots, slotsAvailable, jobs *metricnames.Family
	sums                                            sumFamilies
}

func newClusterFamilies() clusterFamilies {
	return clusterFamilies{
		info: metricnames.Gauge("flink_cluster_info",
			"Always 1; the label is Flink's version. Flink: /overview.", "version"),
		taskManagers: metricnames.Gauge("flink_cluster_taskmanagers", "Registered TaskManagers. Flink: /overview."),
		slots:        metricnames.Gauge("flink_cluster_slots", "Task slots of all TaskManagers. Flink: /overview."),
		slotsAvailable: metricnames.Gauge("flink_cluster_slots_available",
			"Free task slots of all TaskManagers. Flink: /overview."),
		jobs: metricnames.Gauge("flink_cluster_jobs", "Jobs that the JobManager knows, by state; "+
			"running counts all that have not ended. Flink: /overview.", "state"),
		sums: newSumFamilies(),
	}
}

func (c clusterFamilies) all() []*metricnames.Family {
	return append([]*metricnames.Family{c.info, c.taskManagers, c.slots, c.slotsAvailable, c.jobs}, c.sums.all()...)
}

func (f *Renderer) renderCluster(p *Page, s *View) {
	c := f.cluster
	if s.Cluster == nil {
		for _, family := range []*metricnames.Family{c.taskManagers, c.slots, c.slotsAvailable} {
			p.want(family, nil)
		}
		return
	}
	p.Add(c.info, 1, s.Cluster.FlinkVersion)
	p.Add(c.taskManagers, float64(s.Cluster.TaskManagers))
	p.Add(c.slots, float64(s.Cluster.Slots))
	p.Add(c.slotsAvailable, float64(s.Cluster.SlotsAvailable))
	for state, n := range map[string]int{
		"running": s.Cluster.Running, "finished": s.Cluster.Finished,
		"cancelled": s.Cluster.Cancelled, "failed": s.Cluster.Failed,
	} {
		p.Add(c.jobs, float64(n), state)
	}
	if s.Cluster.TaskManagers > 0 {
		c.sums.render(p, s.Sums)
		c.sums.renderCounters(p, s.Totals)
	}
}
