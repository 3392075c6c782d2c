package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/flame/report"
	"github.com/flink-sidecar/flink-sidecar/profiling/pagestore"
)

// episodesSearched bounds the search for the last good profile.
const episodesSearched = 1000

// twoProfiles are profiles of episodes to compare.
type twoProfiles struct{ base, next episode.Profile }

// fromEpisode finds the profile to compare an episode's with: its control if control is
// true, otherwise the last good one of the same job, vertex and mode in an earlier epoch.
func fromEpisode(r historyReader, id string, control bool) (twoProfiles, error) {
	ep, found, err := r.show(id)
	switch {
	case err != nil:
		return twoProfiles{}, err
	case !found:
		return twoProfiles{}, fmt.Errorf("there is no episode %s (sidecar history list shows the ids)", id)
	}
	next, ok := episode.JudgedProfile(ep)
	if !ok {
		return twoProfiles{}, fmt.Errorf("episode %s has no profile of a process "+
			"(see its notes: sidecar history show %s)", id, id)
	}
	if control {
		base, ok := episode.ControlProfile(ep, next.Mode)
		if !ok {
			return twoProfiles{}, fmt.Errorf("episode %s has no control profile "+
				"(set profiling.control: true; one is taken where load is uneven)", id)
		}
		return twoProfiles{base, next}, nil
	}
	earlier, err := r.list(ep.Alert.JobRef(), episodesSearched)
	if err != nil {
		return twoProfiles{}, err
	}
	base, ok := episode.LastGood(earlier, ep, next.Mode)
	if !ok {
		err = fmt.Errorf("there is no good %s profile of the same vertex from an epoch before that of episode %s "+
			"(name two files instead)", next.Mode, id)
	}
	return twoProfiles{base, next}, err
}

// openEpisode opens the two profiles from the pages beside the history.
func (f *diffFlags) openEpisode(ctx context.Context, c console) (base, next report.Profile, err error) {
	where, err := f.flags.standing()
	if err != nil {
		return base, next, err
	}
	if where.url != "" {
		return base, next, usageError{errors.New("--episode needs the pages beside the history " +
			"(run it on the sidecar's machine, or download both pages from the episode's page and name the files)")}
	}
	var both twoProfiles
	err = readHistory(ctx, where, c, func(r historyReader) error {
		both, err = fromEpisode(r, f.episode, f.control)
		return err
	})
	if err != nil {
		return base, next, err
	}
	store := &pagestore.Store{Dir: pagestore.DirBeside(where.history)}
	if base, err = openStored(store, both.base); err == nil {
		next, err = openStored(store, both.next)
	}
	return base, next, err
}

func openStored(store *pagestore.Store, p episode.Profile) (report.Profile, error) {
	tree, err := store.Tree(p.Hash)
	if err != nil {
		return report.Profile{}, err
	}
	name := fmt.Sprintf("%s of %s", p.ID, p.Process)
	return report.Profile{Name: name, Mode: flame.Mode(p.Mode), Tree: tree, Quality: tree.Quality()}, nil
}
