package history

import "github.com/flink-sidecar/flink-sidecar/internal/episode"

// PutScores stores how often each trend rule was right.
func (s *Store) PutScores(scores []episode.RuleScore) error { return s.putMeta(keyScores, scores) }

// Scores returns the stored scores, nil if none were stored.
func (s *Store) Scores() (scores []episode.RuleScore, err error) {
	err = s.getMeta(keyScores, &scores)
	return scores, err
}
