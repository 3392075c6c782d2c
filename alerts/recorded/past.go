package recorded

import (
	"context"
	"fmt"
	"time"

	"github.com/flink-sidecar/flink-sidecar/alerts/signal"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// Past returns the observations of all signals between two times, a step apart, in the order
// of their times. So a restart does not blind the trends for a whole window. probed are the
// labels of the probe's signals.
func (s *Source) Past(
	ctx context.Context, from, until time.Time, step time.Duration, probed snapshot.Labels,
) ([]signal.Observation, error) {
	reader := signal.NewReader()
	reader.Probed = probed
	var out []signal.Observation
	for page, err := range s.Pages(ctx, from, until, step) {
		if err != nil {
			return nil, fmt.Errorf("refilling the trends: %w (they begin empty)", err)
		}
		out = append(out, reader.Read(page.At, page.Series)...)
	}
	return presentLives(out), nil
}

// presentLives counts the lives of each process backwards: the last one is the first life
// that the new process of the sidecar sees.
func presentLives(all []signal.Observation) []signal.Observation {
	last := map[snapshot.Labels]string{}
	for _, o := range all {
		if o.ProcessID != "" {
			last[snapshot.Labels{Cluster: o.Labels.Cluster, Process: o.Labels.Process}] = o.ProcessID
		}
	}
	for i, o := range all {
		switch last[snapshot.Labels{Cluster: o.Labels.Cluster, Process: o.Labels.Process}] {
		case "":
		case o.ProcessID:
			all[i].ProcessID = o.Labels.Process + "/0"
		default:
			all[i].ProcessID = "before " + o.ProcessID
		}
	}
	return all
}
