package routes

import (
	"encoding/json"
	"net/http"
	"time"

	ulid "github.com/oklog/ulid/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// Evaluations are the stored evaluations, listed newest first. Errors are as with
// [Episodes].
type Evaluations interface {
	Evaluations(of episode.JobRef, before string, limit int) ([]episode.Evaluation, error)
	PutEvaluation(episode.Evaluation) error
}

// completeEvaluation replaces nil lists, which JSON would show as null.
func completeEvaluation(e episode.Evaluation) episode.Evaluation {
	e.Judged, e.Notes = api.NotNil(e.Judged), api.NotNil(e.Notes)
	if e.Environment == nil {
		e.Environment = map[string]string{}
	}
	return e
}

func (h *Handler) evaluations(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query{Request: r}
	of, before, limit := q.job(), q.id("before"), q.limit()
	if q.err != nil {
		return nil, q.err
	}
	list := api.EvaluationList{Evaluations: []episode.Evaluation{}}
	if h.sources.Evaluations == nil {
		return list, nil
	}
	found, err := h.sources.Evaluations.Evaluations(of, before, limit)
	for _, e := range found {
		list.Evaluations = append(list.Evaluations, completeEvaluation(e))
	}
	if len(found) == limit {
		list.Next = found[limit-1].ID
	}
	return list, err
}

// putEvaluation stores an evaluation that a command made.
func (h *Handler) putEvaluation(w http.ResponseWriter, r *http.Request) (any, error) {
	var e episode.Evaluation
	if err := readJSON(w, r, &e, api.MaxEvaluation); err != nil {
		return nil, err
	}
	if err := checkEvaluation(e, time.Now().Add(clockSkew)); err != nil {
		return nil, err
	}
	if h.sources.Evaluations == nil {
		return nil, refusal(http.StatusServiceUnavailable, "this sidecar keeps no evaluations (use a newer one)")
	}
	e = completeEvaluation(e)
	return e, h.sources.Evaluations.PutEvaluation(e)
}

// checkEvaluation refuses an evaluation that cannot be stored or compared.
func checkEvaluation(e episode.Evaluation, latest time.Time) error {
	id, err := ulid.ParseStrict(e.ID)
	switch {
	case err != nil:
		return checkID(e.ID)
	case ulid.Time(id.Time()).After(latest) || e.Ended.After(latest):
		return badRequest("the evaluation is of the future (correct the sender's clock)")
	case e.Label == "" || e.Job == "" || e.Fingerprint == "":
		return badRequest("label, job and fingerprint are needed (send all three)")
	}
	switch e.Kind {
	case episode.EvaluatedScaleTest, episode.EvaluatedProbe, episode.EvaluatedProfile:
	default:
		return badRequest("kind: %q is not one (use scaletest, probe or profile)", shorten(string(e.Kind)))
	}
	switch e.Verdict {
	case episode.EvaluationNoBaseline, episode.EvaluationTooFew, episode.EvaluationFine, episode.EvaluationRegression:
	default:
		return badRequest("verdict: %q is not one (see the description of the API)", shorten(string(e.Verdict)))
	}
	if _, err := json.Marshal(e); err != nil {
		return badRequest("the evaluation cannot be stored: %v (correct that value)", err)
	}
	return nil
}
