package collector

import (
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

type clusterFamilies struct {
	info, taskManagers, slots, slotsAvailable, jobs *Family
	memoryUsed, memoryUsedMax, memoryMax, threads   *Family
}

func newClusterFamilies() clusterFamilies {
	const over = " Flink: /taskmanagers/metrics, "
	return clusterFamilies{
		info:           gauge("flink_cluster_info", "Always 1; the label is Flink's version. Flink: /overview.", "version"),
		taskManagers:   gauge("flink_cluster_taskmanagers", "Registered TaskManagers. Flink: /overview."),
		slots:          gauge("flink_cluster_slots", "Task slots of all TaskManagers. Flink: /overview."),
		slotsAvailable: gauge("flink_cluster_slots_available", "Task slots in which nothing runs. Flink: /overview."),
		jobs:           gauge("flink_cluster_jobs", "Jobs the JobManager knows; running are all that have not ended. Flink: /overview.", "state"),
		memoryUsed:     gauge("flink_cluster_tm_memory_used_bytes", "Memory used in an area, summed over all TaskManagers. Areas overlap."+over+"sum of Status.*.Used.", "area"),
		memoryUsedMax:  gauge("flink_cluster_tm_memory_used_bytes_max", "Memory used in an area by the TaskManager that uses most."+over+"max of Status.*.Used.", "area"),
		memoryMax:      gauge("flink_cluster_tm_memory_max_bytes", "Limit of an area of memory, summed over all TaskManagers."+over+"sum of Status.*.Max or Total.", "area"),
		threads:        gauge("flink_cluster_tm_threads", "Live threads of all TaskManagers."+over+"sum of Status.JVM.Threads.Count."),
	}
}

func (c clusterFamilies) all() []*Family {
	return []*Family{
		c.info, c.taskManagers, c.slots, c.slotsAvailable, c.jobs,
		c.memoryUsed, c.memoryUsedMax, c.memoryMax, c.threads,
	}
}

func (f *families) renderCluster(p *page, s *snapshot) {
	c := f.cluster
	if s.cluster == nil {
		for _, family := range []*Family{c.taskManagers, c.slots, c.slotsAvailable} {
			p.want(family, nil)
		}
		return
	}
	p.add(c.info, 1, s.cluster.Version.String())
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
		f.renderSums(p, s.sums)
	}
}

func (f *families) renderSums(p *page, sums flink.Aggregates) {
	of := func(name string) (sum, most *float64) {
		a, ok := sums[name]
		if !ok || a.Min < 0 {
			return nil, nil // a limit of -1 is none
		}
		return &a.Sum, &a.Max
	}
	for _, area := range areasOf(true) {
		sum, most := of(area.used)
		p.want(f.cluster.memoryUsed, sum, area.label)
		p.want(f.cluster.memoryUsedMax, most, area.label)
		sum, _ = of(area.limit)
		p.maybe(f.cluster.memoryMax, sum, area.label)
	}
	sum, _ := of(threads)
	p.want(f.cluster.threads, sum)
}
