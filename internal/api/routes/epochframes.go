package routes

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/flame/classify"
	"github.com/flink-sidecar/flink-sidecar/internal/flame/groupdiff"
	"github.com/flink-sidecar/flink-sidecar/internal/flame/report"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome/changepoint"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome/production"
	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

// EpochFramesSources is where the profiles of epochs come from.
type EpochFramesSources struct {
	Episodes interface {
		Episodes(of episode.JobRef, before string, limit int) ([]episode.Episode, error)
	}
	Measurements Measurements
	Trees        Trees
}

// mostProfiles bounds how many profiles of an epoch are read.
const mostProfiles = 20

// CompareEpochs compares the frames of two epochs. The error is an [*Error] if there are no such
// epochs, or too few profiles of them.
func CompareEpochs(from EpochFramesSources, q api.EpochFramesQuery) (api.EpochFrames, error) {
	base, next, err := twoEpochs(from, q)
	if err != nil {
		return api.EpochFrames{}, err
	}
	episodes, err := from.Episodes.Episodes(next.JobRef(), "", maxLimit)
	if err != nil {
		return api.EpochFrames{}, err
	}
	of, before, after := episode.InEpochs(episodes, base.Key, next.Key)
	out := api.EpochFrames{
		Cluster: next.Cluster, Job: next.Job, Vertex: of.Vertex, Mode: of.Mode, From: changepoint.EpochOf(base),
		To: changepoint.EpochOf(next),
	}
	baseTrees, missing := workOf(from.Trees, before)
	nextTrees, more := workOf(from.Trees, after)
	out.Missing = missing + more
	out.Comparison, err = groupdiff.Compare(baseTrees, nextTrees, report.Categorize)
	if err != nil {
		return out, refusal(http.StatusNotFound, fmt.Sprintf("epochs %s and %s of job %s: %v", base.Key, next.Key, next.Job,
			err))
	}
	err = addCost(&out, from.Measurements, base, next)
	return out, err
}

// fewestCosts is how many standing measurements of an epoch its CPU time needs.
const fewestCosts = 10

// addCost completes the comparison with the CPU time of both epochs, if it is known.
func addCost(f *api.EpochFrames, from Measurements, base, next episode.Epoch) error {
	before, err := cpuOf(from, base)
	if err != nil {
		return err
	}
	after, err := cpuOf(from, next)
	f.Comparison.Cost(before, after)
	return err
}

// cpuOf is the median CPU time for a million records in the standing measurements of an epoch: the
// newest of its first day. It is nil if there are too few.
func cpuOf(from Measurements, e episode.Epoch) (*float64, error) {
	ms, err := from.Measurements(e.JobRef(), "", e.Began, e.Began.Add(24*time.Hour), maxLimit)
	if err != nil {
		return nil, err
	}
	var costs []float64
	for _, m := range ms {
		if m.Kind == episode.KindWindow && m.EpochKey == e.Key && m.CPUPerMillion != nil {
			costs = append(costs, *m.CPUPerMillion)
		}
	}
	median, ok := stat.Quantile(costs, 0.5)
	if !ok || len(costs) < fewestCosts {
		return nil, nil
	}
	return &median, nil
}

// twoEpochs finds the epochs of a query.
func twoEpochs(from EpochFramesSources, q api.EpochFramesQuery) (base, next episode.Epoch, err error) {
	epochs, err := from.Measurements.Epochs(q.Of, maxLimit)
	if err != nil {
		return base, next, err
	}
	if next, err = epochNamed(epochs, q.To); err != nil {
		return base, next, err
	}
	epochs = slices.DeleteFunc(epochs, func(e episode.Epoch) bool { return e.JobRef() != next.JobRef() })
	if q.From == "" {
		at := slices.IndexFunc(epochs, func(e episode.Epoch) bool { return e.Began.Before(next.Began) && e.Key != next.Key })
		if at < 0 {
			return base, next, refusal(http.StatusNotFound, "there is no epoch before "+next.Key+" of job "+next.Job+
				" (name one with --from)")
		}
		return epochs[at], next, nil
	}
	if base, err = epochNamed(epochs, q.From); err == nil && base.Key == next.Key {
		err = badRequest("epoch %s is on both sides (name two)", next.Key)
	}
	return base, next, err
}

// epochNamed is the epoch with a name among epochs, newest first; the newest one without a name.
func epochNamed(epochs []episode.Epoch, name string) (episode.Epoch, error) {
	if name == "" {
		if len(epochs) == 0 {
			return episode.Epoch{}, refusal(http.StatusNotFound, "the history has no epoch of such a job yet (sidecar "+
				"history export --kind=epochs lists those there are)")
		}
		return epochs[0], nil
	}
	found, err := production.Find(epochs, name)
	if err != nil {
		return episode.Epoch{}, refusal(http.StatusNotFound, err.Error())
	}
	return found[0], nil
}

// workOf are the samples of tasks at work of profiles, and how many profiles cannot be read.
func workOf(from Trees, profiles []episode.Profile) (trees []*flame.Tree, missing int) {
	for _, p := range profiles {
		if len(trees) == mostProfiles {
			break
		}
		tree, err := from.Tree(p.Hash)
		if err != nil {
			missing++ // the page is older than its retention
			continue
		}
		trees = append(trees, classify.OfTasks(tree, flame.Mode(p.Mode)))
	}
	return trees, missing
}

func (h *Handler) epochFrames(_ http.ResponseWriter, r *http.Request) (any, error) {
	if h.sources.Trees == nil {
		return nil, refusal(http.StatusNotFound, "this sidecar keeps no profiles (use one that runs the loop)")
	}
	q := query{Request: r}
	return CompareEpochs(EpochFramesSources{h.sources.Episodes, h.sources.Measurements, h.sources.Trees},
		api.EpochFramesQuery{Of: q.job(), From: q.text("from"), To: q.text("to")})
}
