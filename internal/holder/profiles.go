package holder

import (
	"context"
	"fmt"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/api/routes"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/flame/report"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/profiling/pagestore"
)

// episodesSearched bounds the search for the last good profile.
const episodesSearched = 1000

// pages are the pages of profiles beside the history.
func (h History) pages() *pagestore.Store {
	return &pagestore.Store{Dir: pagestore.DirBeside(h.Path)}
}

// EpochFrames compares the frames of two epochs.
func (h History) EpochFrames(ctx context.Context, q api.EpochFramesQuery) (api.EpochFrames, error) {
	return from(ctx, h, func(client *api.Client) (api.EpochFrames, error) {
		return client.EpochFrames(ctx, q)
	}, func(store *history.Store) (api.EpochFrames, error) {
		return routes.CompareEpochs(routes.EpochFramesSources{Episodes: store, Measurements: store, Trees: h.pages()}, q)
	})
}

// Profiles are the profile of an episode and the one to compare it with: its control if control
// is true, otherwise the last good one of the same job, vertex and mode in an earlier epoch. The
// pages are read beside the history, so its holder must be on this machine.
func (h History) Profiles(ctx context.Context, id string, control bool) (base, next report.Profile, err error) {
	var older, newer episode.Profile
	err = h.reading(ctx, func(from source) (err error) {
		older, newer, err = twoProfiles(from, id, control)
		return err
	})
	if err != nil {
		return base, next, err
	}
	if base, err = h.open(older); err == nil {
		next, err = h.open(newer)
	}
	return base, next, err
}

// twoProfiles finds the profiles to compare in the history.
func twoProfiles(from source, id string, control bool) (base, next episode.Profile, err error) {
	ep, err := one(from, id)
	if err != nil {
		return base, next, err
	}
	next, ok := episode.JudgedProfile(ep)
	if !ok {
		return base, next, fmt.Errorf("episode %s has no profile of a process (see its notes: sidecar history show %s)",
			id, id)
	}
	if control {
		if base, ok = episode.ControlProfile(ep, next.Mode); !ok {
			err = fmt.Errorf("episode %s has no control profile "+
				"(set profiling.control: true; one is taken where load is uneven)", id)
		}
		return base, next, err
	}
	earlier, err := from.episodes(ep.Alert.JobRef(), "", episodesSearched)
	if err != nil {
		return base, next, err
	}
	if base, ok = episode.LastGood(earlier, ep, next.Mode); !ok {
		err = fmt.Errorf("there is no good %s profile of the same vertex from an epoch before that of episode %s "+
			"(name two files instead)", next.Mode, id)
	}
	return base, next, err
}

// FramesBetween compares the newest good profiles of the epochs that two labels were tested in.
// It is nil if there are none, or if their pages are on another machine.
func (h History) FramesBetween(
	ctx context.Context, tests []scalerun.Test, base, changed string,
) (*report.Diff, error) {
	if h.URL != "" || len(tests) == 0 {
		return nil, nil
	}
	episodes, err := h.Episodes(ctx, tests[0].JobRef(), "", episodesSearched)
	if err != nil {
		return nil, err
	}
	before, after, found := episode.BetweenEpochs(episodes, outcome.EpochsOf(tests, base),
		outcome.EpochsOf(tests, changed))
	if !found || before.ID == after.ID {
		return nil, nil
	}
	older, err := h.open(before)
	if err != nil {
		return nil, nil //nolint:nilerr // the page is older than the retention: the comparison stands without it
	}
	newer, err := h.open(after)
	if err != nil {
		return nil, nil //nolint:nilerr // as above
	}
	diff, err := report.CompareAtWork(older, newer, flame.Normal)
	return &diff, err
}

func (h History) open(p episode.Profile) (report.Profile, error) {
	tree, err := h.pages().Tree(p.Hash)
	if err != nil {
		return report.Profile{}, err
	}
	name := fmt.Sprintf("%s of %s", p.ID, p.Process)
	return report.Profile{Name: name, Mode: flame.Mode(p.Mode), Tree: tree, Quality: tree.Quality()}, nil
}
