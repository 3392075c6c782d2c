package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// TriageRequest is the body of POST /api/v1/history/triage.
type TriageRequest struct {
	// ID is that of a change point.
	ID    string              `json:"id"`
	State episode.TriageState `json:"state"`
	// Note has at most [episode.MaxNote] bytes; empty for none.
	Note string `json:"note,omitempty"`
	// Since and Block are those of the search that showed the point; empty are [ChangesSince] and
	// the length of the sidecar.
	Since string `json:"since,omitempty"`
	Block string `json:"block,omitempty"`
}

// Triage stores what people say of a change point. The error is an [*Error] if there is no such
// point.
func Triage(to ChangePoints, request TriageRequest, now time.Time) (episode.Triage, error) {
	if err := checkTriage(request); err != nil {
		return episode.Triage{}, err
	}
	query := ChangeQuery{Since: request.Since, Block: request.Block}
	report, err := FindChangePoints(to, query, now)
	if err != nil {
		return episode.Triage{}, err
	}
	_, block, err := query.span(now)
	if err != nil {
		return episode.Triage{}, err
	}
	point, found := report.Named(request.ID, block)
	if !found {
		return episode.Triage{}, &Error{http.StatusNotFound, "there is no change point " + request.ID + " since " +
			sinceText(request.Since) + " (sidecar history changes lists those there are; name the same --since and --block)"}
	}
	triage := point.Triaged(request.State, request.Note, now)
	return triage, to.PutTriage(triage)
}

func sinceText(since string) string {
	if since == "" {
		since = ChangesSince
	}
	return strings.TrimSpace(shorten(since))
}

func checkTriage(r TriageRequest) error {
	if err := checkID(r.ID); err != nil {
		return err
	}
	if r.State != episode.Positive && r.State != episode.Negative {
		return badRequest("state: %q is neither %q nor %q", shorten(string(r.State)), episode.Positive, episode.Negative)
	}
	return checkNote(r.Note)
}

func (h *Handler) triage(w http.ResponseWriter, r *http.Request) (any, error) {
	var request TriageRequest
	if err := readJSON(w, r, &request, MaxRequest); err != nil {
		return nil, err
	}
	if h.sources.ChangePoints == nil {
		return nil, errNoChangePoints
	}
	request.Block = h.blockOr(request.Block)
	return Triage(h.sources.ChangePoints, request, time.Now())
}

// Triage has the sidecar store what people say of a change point.
func (c *Client) Triage(ctx context.Context, request TriageRequest) (episode.Triage, error) {
	return post[episode.Triage](ctx, c, "history/triage", request)
}
