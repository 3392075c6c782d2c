package alerts

import (
	"math"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/series"
)

// A line through a morning's ramp points beyond the limit, and the ramp ends below it as every
// day. So the earlier days are evidence: a prediction does not count if, at the same time of an
// earlier day, the signal was about as high, and did not pass the limit within the horizon. A value
// beyond the limit counts always. The days of earlier epochs are evidence too, because the load has
// its season whatever the version: else each rule fires on the first morning of each version. Where
// the new version is worse, the signal is soon higher than it was, and then they are none.
const (
	bucketLength  = 15 * time.Minute
	bucketsPerDay = int(24 * time.Hour / bucketLength)
	// seasonDays is the number of earlier days that are looked at.
	seasonDays = 3
	// seasonMargin is how much higher than on the earlier day the signal may be, as a part of
	// the distance that the earlier day had to the limit. With 0.1, noise of 1 % of the limit makes
	// 8 of 300 second days too high.
	seasonMargin = 0.15
)

// Earlier is how much of the past before the window is evidence, and EarlierStep how dense it needs
// to be.
const (
	Earlier     = seasonDays * 24 * time.Hour
	EarlierStep = bucketLength
)

// season is the past of a signal in means of a quarter of an hour, over the last days.
type season struct {
	epoch string
	// buckets is a ring; the bucket of a time is its number modulo the length. Unknown ones
	// are NaN. It is nil until the first sample.
	buckets []float32
	// last is the number of the newest bucket, of whose sum and n samples it is the mean.
	last int64
	sum  float64
	n    int
}

func bucketOf(t time.Time) int64 { return t.Unix() / int64(bucketLength.Seconds()) }

// add adds a sample. cut marks the beginning of a run or a process: what such a bucket holds
// says nothing about where the signal was heading. The beginning of an epoch is one too.
func (s *season) add(epoch string, sample series.Sample, cut bool) {
	if epoch != "" && epoch != s.epoch {
		cut = cut || s.epoch != ""
		s.epoch = epoch
	}
	at := bucketOf(sample.T)
	switch {
	case s.buckets == nil:
		s.buckets = make([]float32, (seasonDays+1)*bucketsPerDay)
		for i := range s.buckets {
			s.buckets[i] = float32(math.NaN())
		}
		s.last = at
	case at < s.last: // the clock was set back
		*s = season{epoch: s.epoch}
		return
	}
	for s.last < at {
		s.last++
		s.buckets[s.last%int64(len(s.buckets))] = float32(math.NaN())
		s.sum, s.n = 0, 0
		if at-s.last > int64(len(s.buckets)) {
			s.last = at - int64(len(s.buckets))
		}
	}
	if cut {
		s.n, s.sum = 0, math.NaN()
	}
	s.sum += sample.V
	s.n++
	s.buckets[at%int64(len(s.buckets))] = float32(s.sum / float64(s.n))
}

// at is the mean of a bucket; NaN if it is not known.
func (s *season) at(bucket int64) float64 {
	if s.buckets == nil || bucket > s.last || s.last-bucket >= int64(len(s.buckets)) {
		return math.NaN()
	}
	return float64(s.buckets[bucket%int64(len(s.buckets))])
}

// knows reports whether an earlier day was like this one and stayed below the limit. Level and
// limit are mirrored where the trouble is a fall.
func (s *season) knows(now time.Time, level, limit, sign float64, horizon time.Duration) bool {
	for day := 1; day <= seasonDays; day++ {
		before := now.Add(-time.Duration(day) * 24 * time.Hour)
		past := sign * s.at(bucketOf(before))
		if level-past <= seasonMargin*(limit-past) && s.stayed(before, limit, sign, horizon) {
			return true
		}
	}
	return false
}

// stayed reports whether the signal is known for a horizon from a time, and stayed below the
// limit.
func (s *season) stayed(from time.Time, limit, sign float64, horizon time.Duration) bool {
	for bucket := bucketOf(from); bucket <= bucketOf(from.Add(horizon)); bucket++ {
		if !(sign*s.at(bucket) < limit) {
			return false
		}
	}
	return true
}
