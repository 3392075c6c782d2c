package api

import (
	"context"
	"net/url"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

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
