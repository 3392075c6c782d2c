package clusters

import (
	"errors"
	"fmt"
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// ErrNotLooked means that the job of an alert is unknown before the first poll.
var ErrNotLooked = errors.New("no poll of Flink has succeeded yet (send it again in a moment)")

// ErrAmbiguous is wrapped where an alert does not determine its cluster.
var ErrAmbiguous = errors.New("several clusters have it")

// Place fills in the cluster and the job of an alert. The error wraps [ErrNotLooked] or
// [ErrAmbiguous] where it may be another one at another time, or of another cluster.
func (cs Clusters) Place(alert episode.Alert) (episode.Alert, error) {
	among, err := cs.among(alert)
	if err != nil {
		return alert, err
	}
	looked := slices.DeleteFunc(slices.Clone(among), func(c *Cluster) bool { return !c.looked() })
	if len(looked) == 0 {
		return alert, ErrNotLooked
	}
	found, err := looked.concerned(alert)
	some := len(looked) < len(among)
	switch {
	case some && err != nil && !errors.Is(err, ErrAmbiguous), some && err == nil && !looked.certain(found, alert):
		return alert, fmt.Errorf("a cluster has not answered, and the alert may be about it "+
			"(give the alert the label cluster): %w", ErrNotLooked)
	case err != nil:
		return alert, err
	}
	alert.Cluster, alert.Job, alert.FoundBy = found.Cluster, found.Job, found.by
	return alert, nil
}

// among returns the clusters that an alert may be about: the one that it names, or any. A
// label cluster may also name something other than a Flink cluster, such as a Kubernetes
// cluster: then the job decides. A name from a person is taken literally.
func (cs Clusters) among(alert episode.Alert) (Clusters, error) {
	if alert.Cluster == "" {
		return cs, nil
	}
	c, err := cs.Of(alert.Cluster)
	switch {
	case err == nil:
		return Clusters{c}, nil
	case alert.Asked():
		return nil, err
	}
	return cs, nil
}
