package snapshot

// CPUSeconds is the CPU time of all TaskManagers; nil unless every one reports it and no
// other job runs.
func (s State) CPUSeconds() *float64 {
	return s.overTaskManagers(func(tm TaskManager) *float64 { return tm.CPUSeconds })
}

// GCSeconds is the time in which garbage collection stopped the TaskManagers; nil as
// CPUSeconds is.
func (s State) GCSeconds() *float64 {
	return s.overTaskManagers(func(tm TaskManager) *float64 { return tm.GCSeconds })
}

func (s State) overTaskManagers(value func(TaskManager) *float64) *float64 {
	if s.Cluster.Running != 1 || len(s.TaskManagers) == 0 {
		return nil
	}
	sum := 0.0
	for _, tm := range s.TaskManagers {
		v := value(tm)
		if v == nil {
			return nil
		}
		sum += *v
	}
	return &sum
}

// ExchangedBytes is what the tasks of a job sent to each other; nil unless every vertex
// reports it.
func (j Job) ExchangedBytes() *float64 {
	if len(j.Vertices) == 0 {
		return nil
	}
	sum := 0.0
	for _, v := range j.Vertices {
		if v.BytesOut == nil {
			return nil
		}
		sum += *v.BytesOut
	}
	return &sum
}
