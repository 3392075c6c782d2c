package recorded

import (
	"iter"
	"slices"
	"strings"

	"github.com/prometheus/common/model"

	"github.com/flink-sidecar/flink-sidecar/alerts/signal"
)

// probePrefix is that of the metrics of the probe, which name no cluster.
const probePrefix = "flink_sidecar_probe_"

// ours tells the series of this sidecar from those of others that the same Prometheus scrapes.
type ours struct {
	clusters []string
	// instances are the targets that had a series of one of the clusters: this sidecar, under
	// all addresses that it had.
	instances map[string]bool
}

func newOurs(clusters []string) *ours { return &ours{clusters, map[string]bool{}} }

// of returns what a page has of this sidecar. A series of the probe is ours if its target is; one
// without a target is.
func (o *ours) of(page []signal.Series) (out []signal.Series) {
	for _, s := range page {
		if cluster := s.Labels[clusterLabel]; !strings.HasPrefix(s.Name, probePrefix) && slices.Contains(o.clusters, cluster) {
			o.instances[s.Labels[model.InstanceLabel]] = true
			out = append(out, s)
		}
	}
	for _, s := range page {
		instance := s.Labels[model.InstanceLabel]
		if strings.HasPrefix(s.Name, probePrefix) && (instance == "" || o.instances[instance]) {
			out = append(out, s)
		}
	}
	return out
}

// only leaves of pages what is of this sidecar. A page without any is left out.
func (o *ours) only(pages iter.Seq2[Page, error]) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		for page, err := range pages {
			page.Series = o.of(page.Series)
			if (err != nil || len(page.Series) > 0) && !yield(page, err) {
				return
			}
		}
	}
}
