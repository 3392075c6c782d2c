package episode

// JobRef names a job. A job's name is unique only within its cluster: two clusters may
// each run a job of the same name.
//
// In a filter an empty field matches any value: the zero JobRef matches every job of
// every cluster.
type JobRef struct{ Cluster, Job string }

// Takes reports whether a filter matches a job.
func (of JobRef) Takes(job JobRef) bool {
	return (of.Cluster == "" || of.Cluster == job.Cluster) && (of.Job == "" || of.Job == job.Job)
}

// JobRef names the job that an alert is about.
func (a Alert) JobRef() JobRef { return JobRef{a.Cluster, a.Job} }

// JobRef names the job that was measured.
func (m Measurement) JobRef() JobRef { return JobRef{m.Cluster, m.Job} }

// JobRef names the job that is in the epoch.
func (e Epoch) JobRef() JobRef { return JobRef{e.Cluster, e.Job} }
