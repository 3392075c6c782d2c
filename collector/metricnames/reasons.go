package metricnames

// The reasons for which a series is dropped.
const (
	Duplicate    = "duplicate"  // two things of one name
	TooMany      = "limit"      // the page is full
	TooManyUser  = "user_limit" // its part for user metrics is full
	TooManyNames = "names"      // Flink lists more names for a vertex than are asked for
)
