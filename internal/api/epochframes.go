package api

import (
	"context"
	"fmt"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flame/groupdiff"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome/changepoint"
	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
)

// EpochFrames says which frames changed between the profiles of two epochs of a job.
type EpochFrames struct {
	Cluster string `json:"cluster"`
	Job     string `json:"job"`
	// Vertex and Mode are what the compared profiles share; the vertex is empty if the profiles
	// are of none.
	Vertex string            `json:"vertex,omitempty"`
	Mode   string            `json:"mode"`
	From   changepoint.Epoch `json:"from"`
	To     changepoint.Epoch `json:"to"`
	// Missing is how many profiles are left out, because their pages are not kept any more.
	Missing    int              `json:"missing"`
	Comparison groupdiff.Report `json:"comparison"`
}

// EpochFramesQuery says which epochs to compare.
type EpochFramesQuery struct {
	Of episode.JobRef
	// From and To are the beginnings of keys, or times, as with [Client.ProductionTable]. An empty To is
	// the newest epoch, an empty From the one before To.
	From, To string
}

// Title says what is compared.
func (f EpochFrames) Title() string {
	text := fmt.Sprintf("Frames of job %s, epoch %s since %s, then %s since %s", f.Job, f.From.Key,
		f.From.Began.Format("2006-01-02 15:04"), f.To.Key, f.To.Began.Format("2006-01-02 15:04"))
	if len(f.To.Changes) > 0 {
		text += " (" + strings.Join(f.To.Changes, ", ") + ")"
	}
	text += ", " + f.Mode
	if f.Vertex != "" {
		text += " of " + f.Vertex
	}
	return plaintext.Line(text, 0)
}

// EpochFrames compares the frames of two epochs. The error is an [*Error] if there are no such
// epochs, or too few profiles of them.
func (c *Client) EpochFrames(ctx context.Context, q EpochFramesQuery) (EpochFrames, error) {
	return get[EpochFrames](ctx, c, "history/frames",
		params("cluster", q.Of.Cluster, "job", q.Of.Job, "from", q.From, "to", q.To))
}
