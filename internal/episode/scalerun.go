package episode

// ScaleRun is a run of scale tests in a list.
type ScaleRun struct {
	Run     string `json:"run"`
	Job     string `json:"job"`
	Cluster string `json:"cluster"`
	// Newest is the id of its newest test. Search is that of its newest test that looked for the
	// sustainable rate, empty if there was none: the retention may have dropped it since.
	Newest string `json:"newest"`
	Search string `json:"search,omitempty"`
}

// JobRef names the job that was tested.
func (r ScaleRun) JobRef() JobRef { return JobRef{r.Cluster, r.Job} }
