package holder

import (
	"context"
	"fmt"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/episode/export"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

// source answers for episodes, whoever has the history open.
type source interface {
	episode(id string) (ep episode.Episode, found bool, err error)
	episodes(of episode.JobRef, vertex string, limit int) ([]episode.Episode, error)
}

type remote struct {
	ctx    context.Context //nolint:containedctx // a source lives as long as one call
	client *api.Client
}

func (r remote) episode(id string) (episode.Episode, bool, error) { return r.client.Episode(r.ctx, id) }

func (r remote) episodes(of episode.JobRef, vertex string, limit int) ([]episode.Episode, error) {
	list, err := r.client.EpisodesOf(r.ctx, api.EpisodeQuery{Of: of, Vertex: vertex, Limit: limit})
	return list.Episodes, err
}

type local struct{ store *history.Store }

func (l local) episode(id string) (episode.Episode, bool, error) { return l.store.Episode(id) }

func (l local) episodes(of episode.JobRef, vertex string, limit int) ([]episode.Episode, error) {
	episodes, err := l.store.VertexEpisodes(vertex, of, "", limit)
	for i, ep := range episodes {
		episodes[i] = api.Brief(ep)
	}
	return episodes, err
}

// reading calls a function with a source; where no process holds the history, the file is opened
// once. The file must exist.
func (h History) reading(ctx context.Context, do func(source) error) error {
	return h.with(ctx, false, func(client *api.Client) error { return do(remote{ctx, client}) },
		func(store *history.Store) error { return do(local{store}) })
}

// Episodes are the newest episodes of jobs, at most limit, newest first and without their large
// parts. A vertex restricts them to those of its name.
func (h History) Episodes(
	ctx context.Context, of episode.JobRef, vertex string, limit int,
) (newest []episode.Episode, err error) {
	err = h.reading(ctx, func(from source) (err error) {
		newest, err = from.episodes(of, vertex, limit)
		return err
	})
	return newest, err
}

// Episode is the whole of one episode. It is an error if there is none with the id.
func (h History) Episode(ctx context.Context, id string) (ep episode.Episode, err error) {
	err = h.reading(ctx, func(from source) (err error) {
		ep, err = one(from, id)
		return err
	})
	return ep, err
}

func one(from source, id string) (episode.Episode, error) {
	if _, err := ulid.ParseStrict(id); err != nil {
		return episode.Episode{}, fmt.Errorf("%q is not an id (ids have 26 letters and digits; sidecar history list "+
			"shows them)", id)
	}
	ep, found, err := from.episode(id)
	if err == nil && !found {
		err = fmt.Errorf("there is no episode %s (sidecar history list shows the ids)", id)
	}
	return ep, err
}

// Declined are the newest alerts that opened no episode, at most limit.
func (h History) Declined(ctx context.Context, of episode.JobRef, limit int) ([]episode.Declined, error) {
	return from(ctx, h, func(client *api.Client) ([]episode.Declined, error) {
		list, err := client.Declined(ctx, of, "", limit)
		return list.Declined, err
	}, func(store *history.Store) ([]episode.Declined, error) {
		return store.Declined(of, "", limit)
	})
}

// Scores are how often each rule was right.
func (h History) Scores(ctx context.Context) ([]episode.RuleScore, error) {
	return from(ctx, h, func(client *api.Client) ([]episode.RuleScore, error) {
		card, err := client.Scorecard(ctx)
		return card.Rules, err
	}, (*history.Store).Scores)
}

// exportPage is how many entries are in memory at a time; a scale test may have 2 MiB.
const exportPage = 30

// Export calls write with the entries of jobs.
func (h History) Export(ctx context.Context, of episode.JobRef, write func(export.History) error) error {
	return h.with(ctx, false, func(client *api.Client) error {
		return write(exportOfSidecar(ctx, client, of))
	}, func(store *history.Store) error {
		return write(exportOfFile(store, of))
	})
}

func exportOfSidecar(ctx context.Context, client *api.Client, of episode.JobRef) export.History {
	return export.History{
		Episodes: func(before string) ([]episode.Episode, error) {
			list, err := client.Episodes(ctx, of, before, exportPage)
			return list.Episodes, err
		},
		Episode: func(id string) (episode.Episode, bool, error) { return client.Episode(ctx, id) },
		Measurements: func(before string) ([]episode.Measurement, error) {
			list, err := client.Measurements(ctx, of, before, time.Time{}, time.Time{}, exportPage)
			return list.Measurements, err
		},
		ScaleTests: func(before string) ([]scalerun.Test, error) {
			list, err := client.ScaleTests(ctx, of, before, exportPage)
			return list.ScaleTests, err
		},
		Evaluations: func(before string) ([]episode.Evaluation, error) {
			list, err := client.Evaluations(ctx, of, before, exportPage)
			return list.Evaluations, err
		},
		Epochs: func(to time.Time) ([]episode.Epoch, error) {
			list, err := client.EpochsOf(ctx, of, time.Time{}, to, history.MaxLimit)
			return list.Epochs, err
		},
	}
}

func exportOfFile(store *history.Store, of episode.JobRef) export.History {
	return export.History{
		Episodes: func(before string) ([]episode.Episode, error) { return store.Episodes(of, before, exportPage) },
		Episode:  store.Episode,
		Measurements: func(before string) ([]episode.Measurement, error) {
			return store.Measurements(of, before, time.Time{}, time.Time{}, exportPage)
		},
		ScaleTests:  func(before string) ([]scalerun.Test, error) { return store.ScaleTests(of, before, exportPage) },
		Evaluations: func(before string) ([]episode.Evaluation, error) { return store.Evaluations(of, before, exportPage) },
		Epochs: func(to time.Time) ([]episode.Epoch, error) {
			return store.EpochsOf(of, time.Time{}, to, history.MaxLimit)
		},
	}
}
