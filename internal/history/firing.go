package history

import "github.com/flink-sidecar/flink-sidecar/internal/episode"

// PutFiring stores the alerts of trends that fire, in place of those before.
func (s *Store) PutFiring(firing []episode.FiringTrend) error { return s.putMeta(keyFiring, firing) }

// Firing returns the stored alerts, nil if none were stored.
func (s *Store) Firing() (firing []episode.FiringTrend, err error) {
	err = s.getMeta(keyFiring, &firing)
	return firing, err
}

// PutMedians stores what rules know of the present epochs, in place of what they knew before.
func (s *Store) PutMedians(medians []episode.TrendMedian) error {
	return s.putMeta(keyMedians, medians)
}

// Medians returns what was stored, nil if nothing was.
func (s *Store) Medians() (medians []episode.TrendMedian, err error) {
	err = s.getMeta(keyMedians, &medians)
	return medians, err
}
