package episode

import "time"

// Thinning says for how long the history keeps snapshots of the metrics: each one of the last Whole,
// and of older ones the first in each Step, until they are older than Past.
type Thinning struct{ Whole, Past, Step time.Duration }
