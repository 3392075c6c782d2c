package routes

import (
	"net/http"
	"slices"
	"time"

	"github.com/prometheus/common/model"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome/changepoint"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome/production"
)

// ChangePoints is what change points are found in, and what people said of them.
type ChangePoints interface {
	Measurements
	// Triages lists those of the newest changes first.
	Triages(of episode.JobRef, limit int) ([]episode.Triage, error)
	// PutTriage stores a triage in place of an earlier one with the same id.
	PutTriage(episode.Triage) error
}

// spanOf returns the begin and the length of a block.
func spanOf(q api.ChangeQuery, now time.Time) (since time.Time, block time.Duration, err error) {
	text := q.Since
	if text == "" {
		text = api.ChangesSince
	}
	if ago, err := model.ParseDuration(text); err == nil {
		since = now.Add(-time.Duration(ago))
	} else if since, err = time.Parse(time.RFC3339, text); err != nil {
		return since, 0, badRequest("since: %q is neither a time nor a duration (use 2026-01-31T12:00:00Z or 14d, for example)",
			shorten(text))
	}
	block, err = blockLength(q.Block)
	return since, block, err
}

// FindChangePoints looks for change points in the standing measurements of all jobs that a query
// takes. The error is an [*Error] if the query names a job that is not known.
func FindChangePoints(from ChangePoints, q api.ChangeQuery, now time.Time) (changepoint.Report, error) {
	report := changepoint.NewReport()
	since, block, err := spanOf(q, now)
	if err != nil {
		return report, err
	}
	epochs, err := from.Epochs(q.Of, maxLimit)
	if err != nil {
		return report, err
	}
	if len(epochs) == 0 && q.Of != (episode.JobRef{}) {
		return report, refusal(http.StatusNotFound,
			"nothing was measured of such a job ("+api.Prefix+"/epochs lists the jobs)")
	}
	searched := map[episode.JobRef]bool{}
	for _, e := range epochs {
		if searched[e.JobRef()] {
			continue
		}
		searched[e.JobRef()] = true
		one, err := JobChangePoints(from, e.JobRef(), since, block)
		if err != nil {
			return report, err
		}
		report.Add(one)
	}
	return report, nil
}

// JobChangePoints looks for change points in the standing measurements of one job.
func JobChangePoints(
	from ChangePoints, of episode.JobRef, since time.Time, block time.Duration,
) (changepoint.Report, error) {
	epochs, err := from.Epochs(of, maxLimit)
	if err != nil {
		return changepoint.Report{}, err
	}
	slices.Reverse(epochs)
	blocks := production.NewCollector(epochs, block)
	if err := eachMeasurement(from, of, since, blocks.Add); err != nil {
		return changepoint.Report{}, err
	}
	triages, err := from.Triages(of, maxLimit)
	if err != nil {
		return changepoint.Report{}, err
	}
	slices.SortStableFunc(triages, func(a, b episode.Triage) int { return b.At.Compare(a.At) })
	return changepoint.Search(changepoint.Job{
		Of: of, Epochs: epochs, Triages: triages, Length: block,
		Blocks: slices.Concat(blocks.Blocks()...),
	}), nil
}

var errNoChangePoints = &api.Error{
	Status: http.StatusServiceUnavailable, Message: "this sidecar keeps no change points (ask one that runs the loop)",
}

func (h *Handler) changePoints(_ http.ResponseWriter, r *http.Request) (any, error) {
	if h.sources.ChangePoints == nil {
		return nil, errNoChangePoints
	}
	q := query{Request: r}
	query := api.ChangeQuery{Of: q.job(), Since: q.text("since"), Block: h.blockOr(q.text("block"))}
	return FindChangePoints(h.sources.ChangePoints, query, time.Now())
}

// blockLength reads the length of a block; empty is the default.
func blockLength(text string) (time.Duration, error) {
	if text == "" {
		return time.Duration(outcome.DefaultConfig().Block), nil
	}
	parsed, err := model.ParseDuration(text)
	if err != nil || parsed < outcome.MinBlock {
		return 0, badRequest("block: %q is not a duration from %s (use 30m, for example)", shorten(text), outcome.MinBlock)
	}
	return time.Duration(parsed), nil
}

// blockOr is the length of a block that a request names, or that of the sidecar.
func (h *Handler) blockOr(text string) string {
	if text == "" && h.sources.Block != 0 {
		return h.sources.Block.String()
	}
	return text
}
