package collector

type clusterFamilies struct {
	info, taskManagers, slots, slotsAvailable, jobs *Family
	sums                                            sumFamilies
}

func newClusterFamilies() clusterFamilies {
	return clusterFamilies{
		info:           gauge("flink_cluster_info", "Always 1; the label is Flink's version. Flink: /overview.", "version"),
		taskManagers:   gauge("flink_cluster_taskmanagers", "Registered TaskManagers. Flink: /overview."),
		slots:          gauge("flink_cluster_slots", "Task slots of all TaskManagers. Flink: /overview."),
		slotsAvailable: gauge("flink_cluster_slots_available", "Task slots in which nothing runs. Flink: /overview."),
		jobs:           gauge("flink_cluster_jobs", "Jobs the JobManager knows; running are all that have not ended. Flink: /overview.", "state"),
		sums:           newSumFamilies(),
	}
}

func (c clusterFamilies) all() []*Family {
	return append([]*Family{c.info, c.taskManagers, c.slots, c.slotsAvailable, c.jobs}, c.sums.all()...)
}

func (f *families) renderCluster(p *page, s *pollResult) {
	c := f.cluster
	if s.cluster == nil {
		for _, family := range []*Family{c.taskManagers, c.slots, c.slotsAvailable} {
			p.want(family, nil)
		}
		return
	}
	p.add(c.info, 1, s.cluster.FlinkVersion)
	p.add(c.taskManagers, float64(s.cluster.TaskManagers))
	p.add(c.slots, float64(s.cluster.Slots))
	p.add(c.slotsAvailable, float64(s.cluster.SlotsAvailable))
	for state, n := range map[string]int{
		"running": s.cluster.Running, "finished": s.cluster.Finished,
		"cancelled": s.cluster.Cancelled, "failed": s.cluster.Failed,
	} {
		p.add(c.jobs, float64(n), state)
	}
	if s.cluster.TaskManagers > 0 {
		c.sums.render(p, s.sums)
		c.sums.renderCounters(p, s.totals)
	}
}
