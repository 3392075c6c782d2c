package routes

import (
	"net/http"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// Triage stores what people say of a change point. The error is an [*Error] if there is no such
// point.
func Triage(to ChangePoints, request api.TriageRequest, now time.Time) (episode.Triage, error) {
	if err := checkTriage(request); err != nil {
		return episode.Triage{}, err
	}
	query := api.ChangeQuery{Since: request.Since, Block: request.Block}
	report, err := FindChangePoints(to, query, now)
	if err != nil {
		return episode.Triage{}, err
	}
	_, block, err := spanOf(query, now)
	if err != nil {
		return episode.Triage{}, err
	}
	point, found := report.Named(request.ID, block)
	if !found {
		return episode.Triage{}, refusal(http.StatusNotFound, "there is no change point "+request.ID+" since "+
			sinceText(request.Since)+" (sidecar history changes lists those there are; name the same --since and --block)")
	}
	triage := point.Triaged(request.State, request.Note, now)
	return triage, to.PutTriage(triage)
}

func sinceText(since string) string {
	if since == "" {
		since = api.ChangesSince
	}
	return strings.TrimSpace(shorten(since))
}

func checkTriage(r api.TriageRequest) error {
	if err := checkID(r.ID); err != nil {
		return err
	}
	if r.State != episode.Positive && r.State != episode.Negative {
		return badRequest("state: %q is neither %q nor %q", shorten(string(r.State)), episode.Positive, episode.Negative)
	}
	return checkNote(r.Note)
}

func (h *Handler) triage(w http.ResponseWriter, r *http.Request) (any, error) {
	var request api.TriageRequest
	if err := readJSON(w, r, &request, api.MaxRequest); err != nil {
		return nil, err
	}
	if h.sources.ChangePoints == nil {
		return nil, errNoChangePoints
	}
	request.Block = h.blockOr(request.Block)
	return Triage(h.sources.ChangePoints, request, time.Now())
}
