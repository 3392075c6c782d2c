package routes

import (
	"net/http"
	"strconv"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

// The number of frames of a flame graph, where the request does not say, and at most.
const (
	defaultFrames = 5000
	maxFrames     = 100_000
)

// Trees are the stored profiles as trees.
type Trees interface {
	// Tree reads a profile by its hash. An [*Error] keeps its status; any other is a 500.
	Tree(hash string) (*flame.Tree, error)
}

func (h *Handler) profiles(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query{Request: r}
	of, span, limit, mode := q.job(), q.span(), q.limit(), q.text("mode")
	if q.err != nil {
		return nil, q.err
	}
	list := api.ProfileList{Profiles: []api.ProfileEntry{}}
	next, err := h.eachEpisode(of, span, func(e episode.Episode) bool {
		for _, p := range api.Brief(e).Profiles {
			if mode == "" || p.Mode == mode {
				list.Profiles = append(list.Profiles, profileEntry(e, p))
			}
		}
		return len(list.Profiles) < limit
	})
	list.Next = next
	return list, err
}

func profileEntry(e episode.Episode, p episode.Profile) api.ProfileEntry {
	entry := api.ProfileEntry{Episode: e.ID, Cluster: e.Alert.Cluster, Job: e.Alert.Job, Profile: p}
	if control, found := episode.ControlProfile(e, p.Mode); found && p.Role != episode.Control {
		entry.Control = control.Hash
	}
	return entry
}

func (h *Handler) tree(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query{Request: r}
	frames := q.frames()
	if q.err != nil {
		return nil, q.err
	}
	tree, err := h.treeOf(r.PathValue("hash"))
	if err != nil {
		return nil, err
	}
	return tree.NestedSet(frames), nil
}

// diff is the comparison of two profiles. Names that differ at each start of a JVM are made
// equal, as everywhere where profiles are compared.
func (h *Handler) diff(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query{Request: r}
	frames := q.frames()
	if q.err != nil {
		return nil, q.err
	}
	base, err := h.treeOf(r.PathValue("hash"))
	if err != nil {
		return nil, err
	}
	next, err := h.treeOf(r.PathValue("other"))
	if err != nil {
		return nil, err
	}
	if base.Unit() != next.Unit() {
		return nil, badRequest("the profiles count %s and %s (compare two of one mode)", base.Unit(), next.Unit())
	}
	return flame.Align(base, next, flame.Normal).NestedSet(frames), nil
}

func (h *Handler) treeOf(hash string) (*flame.Tree, error) {
	if h.sources.Trees == nil {
		return nil, refusal(http.StatusNotFound, "this sidecar keeps no profiles (use one that runs the loop)")
	}
	return h.sources.Trees.Tree(hash)
}

func (q *query) frames() int {
	text := q.text("frames")
	if text == "" {
		return defaultFrames
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxFrames {
		q.keep(badRequest("frames: %q is not a number from 1 to %d", shorten(text), maxFrames))
	}
	return n
}
