package figures

import "time"

// The flags of an iteration that does not count.
const (
	// FlagShort means: it was too short for a stable number.
	FlagShort = "short"
	// FlagUnsent means: records were not sent as planned.
	FlagUnsent = "unsent"
	// FlagLost means: records are missing in a sink.
	FlagLost = "lost"
	// FlagAborted means: a person ended it.
	FlagAborted = "aborted"
	// FlagLateSends means: the generator was late, so the load was not the planned one.
	FlagLateSends = "late-sends"
	// FlagRestarted means: the job restarted.
	FlagRestarted = "restarted"
	// FlagProfiled means: it is the iteration for the profiles, which cost throughput.
	FlagProfiled = "profiled"
)

// LateAtLeast is the 99 % quantile of the publish delay beyond which an iteration is another
// test than the planned one.
const LateAtLeast = 100 * time.Millisecond
