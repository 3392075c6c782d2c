package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/profiling"
)

// episodesSearched bounds how far back the last good profile is looked for.
const episodesSearched = 1000

// twoProfiles are profiles of episodes that are to be compared.
type twoProfiles struct{ base, next episode.Profile }

// fromEpisode finds what an episode's profile is compared with: the one taken to
// compare with if control is true, and else the last good one of the same job, vertex
// and mode in an earlier epoch.
func fromEpisode(r historyReader, id string, control bool) (twoProfiles, error) {
	ep, found, err := r.show(id)
	switch {
	case err != nil:
		return twoProfiles{}, err
	case !found:
		return twoProfiles{}, fmt.Errorf("there is no episode %s (sidecar history list names them)", id)
	}
	next, ok := judgedProfile(ep)
	if !ok {
		return twoProfiles{}, fmt.Errorf("episode %s has no profile of a process (see its notes: sidecar history show %s)", id, id)
	}
	if control {
		base, ok := controlProfile(ep, next.Mode)
		if !ok {
			return twoProfiles{}, fmt.Errorf("episode %s has no profile to compare with (set profiling.control: true; one is taken where load is uneven)", id)
		}
		return twoProfiles{base, next}, nil
	}
	earlier, err := r.list(ep.Alert.JobRef(), episodesSearched)
	if err != nil {
		return twoProfiles{}, err
	}
	base, ok := lastGood(earlier, ep, next.Mode)
	if !ok {
		err = fmt.Errorf("no good %s profile of the same vertex is known from an epoch before that of episode %s (name two files instead)", next.Mode, id)
	}
	return twoProfiles{base, next}, err
}

// lastGood is the newest good profile in a mode among episodes, newest first, that are
// of another epoch than ep, older, and of the same vertex.
func lastGood(episodes []episode.Episode, ep episode.Episode, mode string) (episode.Profile, bool) {
	for _, earlier := range episodes {
		if earlier.ID >= ep.ID || earlier.EpochKey == "" || earlier.EpochKey == ep.EpochKey || !sameVertex(earlier.Target, ep.Target) {
			continue
		}
		good := func(p episode.Profile) bool {
			return p.Role != episode.Control && p.Mode == mode && p.Grade == string(flame.Good)
		}
		if p, ok := firstProfile(earlier, good); ok {
			return p, true
		}
	}
	return episode.Profile{}, false
}

// sameVertex reports whether two targets are of one vertex. Its id changes with the
// job's graph, its name only with the code.
func sameVertex(a, b *episode.Target) bool {
	return a != nil && b != nil && (a.Vertex == b.Vertex || a.VertexName == b.VertexName && a.VertexName != "")
}

// judgedProfile is the one that an episode's advice rests on.
func judgedProfile(ep episode.Episode) (episode.Profile, bool) {
	return firstProfile(ep, func(p episode.Profile) bool { return p.Role != episode.Control })
}

// controlProfile is the one to compare it with that was taken beside it.
func controlProfile(ep episode.Episode, mode string) (episode.Profile, bool) {
	return firstProfile(ep, func(p episode.Profile) bool { return p.Role == episode.Control && p.Mode == mode })
}

// firstProfile is the first of a process that is wanted: profiles of vertices are
// samples of another kind.
func firstProfile(ep episode.Episode, wanted func(episode.Profile) bool) (episode.Profile, bool) {
	i := slices.IndexFunc(ep.Profiles, func(p episode.Profile) bool { return p.Mode != string(flame.Vertex) && wanted(p) })
	if i < 0 {
		return episode.Profile{}, false
	}
	return ep.Profiles[i], true
}

// openEpisode opens the two profiles from the pages beside the history.
func (f *diffFlags) openEpisode(ctx context.Context, c console) (base, next profileFile, err error) {
	where, err := f.flags.standing()
	if err != nil {
		return base, next, err
	}
	if where.url != "" {
		return base, next, usageError{errors.New("--episode needs the pages beside the history (run it where the sidecar runs, or save the pages from the episode's page and name them)")}
	}
	var both twoProfiles
	err = readHistory(ctx, where, c, func(r historyReader) error {
		both, err = fromEpisode(r, f.episode, f.control)
		return err
	})
	if err != nil {
		return base, next, err
	}
	store := &profiling.Store{Dir: profilesDir(where.history)}
	if base, err = openStored(store, both.base); err == nil {
		next, err = openStored(store, both.next)
	}
	return base, next, err
}

func openStored(store *profiling.Store, p episode.Profile) (profileFile, error) {
	tree, err := store.Tree(p.Hash)
	if err != nil {
		return profileFile{}, err
	}
	name := fmt.Sprintf("%s of %s", p.ID, p.Process)
	return profileFile{name: name, mode: flame.Mode(p.Mode), tree: tree, quality: tree.Quality()}, nil
}
