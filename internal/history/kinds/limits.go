package kinds

import (
	"fmt"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
)

// The maximum sizes of one stored value, in bytes of JSON. Real values are much
// smaller: an episode with all its evidence has some hundred KiB.
const (
	MaxEpisode     = 1 << 20
	MaxMeasurement = 256 << 10
	MaxEpoch       = 256 << 10
	MaxDeclined    = 32 << 10
	MaxScaleTest   = 2 << 20
	MaxEvaluation  = 256 << 10
	MaxTriage      = 16 << 10
	MaxPage        = 256 << 10
)

// SweepBatch bounds one transaction of a sweep, because other writers wait for it.
const SweepBatch = 500

// checkID parses an id before it is stored.
func (s *Entries) checkID(kind, id string) (ulid.ULID, error) {
	parsed, err := ledger.ParseID(id)
	if err != nil {
		return parsed, fmt.Errorf("%s: %w", kind, err)
	}
	if at := ulid.Time(parsed.Time()); at.After(s.file.Now().Add(ledger.MaxAhead)) {
		problem := fmt.Sprintf("its id is of %s, in the future (set the clocks)", at.UTC().Format(time.RFC3339))
		return parsed, ledger.Invalid(kind+" "+id, problem)
	}
	return parsed, nil
}
