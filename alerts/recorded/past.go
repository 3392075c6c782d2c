package recorded

import (
	"context"
	"fmt"
	"time"

	"github.com/flink-sidecar/flink-sidecar/alerts/signal"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// Wanted is the past that the trends want.
type Wanted struct {
	// Until is its end.
	Until time.Time
	// Window is how much of it has a sample each Step, Earlier how much before that has one each
	// EarlierStep; 0 is none.
	Window, Step         time.Duration
	Earlier, EarlierStep time.Duration
	// Clusters are those of this sidecar: the Prometheus may have pages of others.
	Clusters []string
	// Probed are the labels of the probe's signals.
	Probed snapshot.Labels
}

// Past returns the observations of all signals in the order of their times. So a restart does not
// blind the trends for a whole window.
func (s *Source) Past(ctx context.Context, w Wanted) ([]signal.Observation, error) {
	ours := newOurs(w.Clusters)
	reader := signal.NewReader()
	reader.Probed = w.Probed
	var out []signal.Observation
	read := func(from, until time.Time, step time.Duration) error {
		for page, err := range ours.only(s.Pages(ctx, from, until, step)) {
			if err != nil {
				return fmt.Errorf("refilling the trends: %w", err)
			}
			out = append(out, reader.Read(page.At, page.Series)...)
		}
		return nil
	}
	dense := w.Until.Add(-w.Window)
	if w.Earlier > 0 {
		if err := read(dense.Add(-w.Earlier), dense.Add(-w.Step), w.EarlierStep); err != nil {
			return nil, err
		}
	}
	if err := read(dense, w.Until, w.Step); err != nil {
		return nil, err
	}
	return PresentLives(out), nil
}

// PresentLives counts the lives of each process backwards: the last one is the first life
// that the new process of the sidecar sees.
func PresentLives(all []signal.Observation) []signal.Observation {
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
