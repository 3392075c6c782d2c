package snapshot

// Reading is the number of records that the sources of a job had read at a known uptime.
type Reading struct {
	// Uptime is in seconds and is read together with the counters. It is the uptime of the
	// source that has run longest or, if sources do not report it, of the job.
	Uptime        float64
	SourceRecords float64
}

// Rate returns the records per second since an earlier reading of the same run. It is nil if
// no time passed, or if the sources restarted in between.
func (r Reading) Rate(since Reading) *float64 {
	records, seconds := r.SourceRecords-since.SourceRecords, r.Uptime-since.Uptime
	if records < 0 || seconds <= 0 {
		return nil
	}
	rate := records / seconds
	return &rate
}
