package snapshot

// Reading is how many records the sources of a job had read after a known uptime.
type Reading struct {
	// Uptime is in seconds, fetched together with the counters: of the source that has
	// run longest or, where sources do not report it, of the job.
	Uptime        float64
	SourceRecords float64
}

// Rate is how many records per second were read since an earlier reading of the same run;
// nil if no time passed, or if the sources restarted in between.
func (r Reading) Rate(since Reading) *float64 {
	records, seconds := r.SourceRecords-since.SourceRecords, r.Uptime-since.Uptime
	if records < 0 || seconds <= 0 {
		return nil
	}
	rate := records / seconds
	return &rate
}
