package api

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

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

// ProfileList is the answer of GET /api/v1/profiles.
type ProfileList struct {
	Profiles []ProfileEntry `json:"profiles"`
	// Next is what to pass as before for those that follow; empty at the end. It is an episode.
	Next string `json:"next,omitempty"`
}

// ProfileEntry is a profile without its frames, and whose it is.
type ProfileEntry struct {
	// Episode is the id of the profile's episode.
	Episode string          `json:"episode"`
	Cluster string          `json:"cluster,omitempty"`
	Job     string          `json:"job,omitempty"`
	Profile episode.Profile `json:"profile"`
	// Control is the hash of the profile of the control process of the same episode and mode;
	// empty if there is none.
	Control string `json:"control,omitempty"`
}

// ProfileQuery says which profiles are asked for, as [FindingQuery] does.
type ProfileQuery struct {
	Of episode.JobRef
	// Mode is that of the profiles, for example ITIMER; empty is any.
	Mode     string
	Before   string
	From, To time.Time
	Limit    int
}

func (h *Handler) profiles(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query{Request: r}
	of, span, limit, mode := q.job(), q.span(), q.limit(), q.text("mode")
	if q.err != nil {
		return nil, q.err
	}
	list := ProfileList{Profiles: []ProfileEntry{}}
	next, err := h.eachEpisode(of, span, func(e episode.Episode) bool {
		for _, p := range Brief(e).Profiles {
			if mode == "" || p.Mode == mode {
				list.Profiles = append(list.Profiles, profileEntry(e, p))
			}
		}
		return len(list.Profiles) < limit
	})
	list.Next = next
	return list, err
}

func profileEntry(e episode.Episode, p episode.Profile) ProfileEntry {
	entry := ProfileEntry{Episode: e.ID, Cluster: e.Alert.Cluster, Job: e.Alert.Job, Profile: p}
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
		return nil, &Error{http.StatusNotFound, "this sidecar keeps no profiles (use one that runs the loop)"}
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

// Profiles lists profiles, those of the newest episode first.
func (c *Client) Profiles(ctx context.Context, q ProfileQuery) (ProfileList, error) {
	return get[ProfileList](ctx, c, "profiles", params("cluster", q.Of.Cluster, "job", q.Of.Job, "mode", q.Mode,
		"before", q.Before, "from", timeText(q.From), "to", timeText(q.To), "limit", number(q.Limit)))
}

// Tree returns a stored profile as a nested set of about so many frames; 0 is a default.
func (c *Client) Tree(ctx context.Context, hash string, frames int) (flame.NestedSet, error) {
	return get[flame.NestedSet](ctx, c, "profiles/"+url.PathEscape(hash)+"/tree", params("frames", number(frames)))
}

// Diff returns the comparison of two stored profiles, the first of them as the base.
func (c *Client) Diff(ctx context.Context, base, other string, frames int) (flame.NestedSet, error) {
	return get[flame.NestedSet](ctx, c, "profiles/"+url.PathEscape(base)+"/diff/"+url.PathEscape(other),
		params("frames", number(frames)))
}
