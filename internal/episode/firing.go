package episode

import "time"

// FiringTrend is the alert of a trend while it fires: what the next process of the sidecar must
// know, so that the alert neither ends nor begins again.
type FiringTrend struct {
	Alert Alert `json:"alert"`
	// Level is true if the signal itself was beyond the limit, false if its line was.
	Level bool `json:"level"`
	// Expected is when the line was to pass the limit, Decided whether that is known; Expected
	// is zero for an alert that the level raised.
	Expected time.Time `json:"expected,omitzero"`
	Decided  bool      `json:"decided"`
	// Unsent is true for an alert that was left to Prometheus: its end is not sent either.
	Unsent bool `json:"unsent,omitempty"`
}

// TrendMedian is what a rule with a multiple of the median knows of the present epoch of a signal.
type TrendMedian struct {
	Rule    string `json:"rule"`
	Cluster string `json:"cluster,omitempty"`
	Job     string `json:"job,omitempty"`
	Vertex  string `json:"vertex,omitempty"`
	Process string `json:"process,omitempty"`
	Epoch   string `json:"epoch"`
	// Began and Last are the times of the first sample and of the last one in Values, which are
	// evenly spread, at least Apart apart.
	Began  time.Time     `json:"began"`
	Last   time.Time     `json:"last"`
	Apart  time.Duration `json:"apart"`
	Values []float64     `json:"values"`
}
