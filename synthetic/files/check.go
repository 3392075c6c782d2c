package files

import (
	"errors"

	"github.com/flink-sidecar/flink-sidecar/internal/check"
	"github.com/flink-sidecar/flink-sidecar/synthetic"
)

// Check looks at the files in the directory of a sink. That it is there and can be read is checked
// with the other paths of the configuration.
func (s *SinkConfig) Check(sink string) []check.Result {
	found := &check.Results{Area: Target, Of: sink}
	t := tail{directory: s.Directory}
	err := t.explain(sink, t.skip(endOfTime))
	switch {
	case errors.Is(err, synthetic.ErrMissing), errors.Is(err, synthetic.ErrNoRight):
	case err != nil:
		found.Add("directory", check.Failed, nil, "%v", err)
	default:
		found.Add("directory", check.OK, nil, "%q has %d finished files that may change", s.Directory, len(t.files))
	}
	return found.All
}
