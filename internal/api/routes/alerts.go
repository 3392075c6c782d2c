package routes

import (
	"cmp"
	"net/http"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

// Alerts accepts the alerts that people raise.
type Alerts interface {
	// Raise opens an episode, or says why not. An [*Error] keeps its status; any
	// other is a 500.
	Raise(episode.Alert) (api.Receipt, error)
}

// raise opens an episode on request.
func (h *Handler) raise(w http.ResponseWriter, r *http.Request) (any, error) {
	var request api.AlertRequest
	if err := readJSON(w, r, &request, api.MaxRequest); err != nil {
		return nil, err
	}
	alert, err := alertOf(request)
	if err != nil {
		return nil, err
	}
	if h.sources.Alerts == nil {
		return nil, &api.Error{
			Status:  http.StatusServiceUnavailable,
			Message: "this sidecar accepts no alerts (send them to the sidecar that runs beside the job)",
		}
	}
	return h.sources.Alerts.Raise(alert)
}

// alertOf is what a request asks for, checked.
func alertOf(r api.AlertRequest) (episode.Alert, error) {
	for _, text := range []struct{ name, value string }{
		{"cluster", r.Cluster},
		{"job", r.Job},
		{"vertex", r.Vertex},
		{"summary", r.Summary},
	} {
		if n := len(text.value); n > api.MaxText {
			return episode.Alert{}, badRequest("%s: %d bytes are too many (send at most %d)", text.name, n, api.MaxText)
		}
	}
	source, err := asker(r.Source)
	alert := episode.Alert{
		Rule: episode.RuleAsked, Source: source, Cluster: r.Cluster, Job: r.Job, Vertex: r.Vertex,
		Summary: r.Summary,
	}
	if r.ScaleTest != nil {
		alert.Rule, alert.ScaleTest = episode.RuleScaleTest, r.ScaleTest
		err = cmp.Or(err, checkScaleRequest(*r.ScaleTest))
	}
	return alert, err
}

// checkScaleRequest refuses modes that Flink does not have.
func checkScaleRequest(r episode.ScaleRequest) error {
	if len(r.Modes) > maxModes {
		return badRequest("scale_test.modes: %d are too many (name each mode once)", len(r.Modes))
	}
	for _, name := range r.Modes {
		if mode, err := flame.ParseMode(name); err != nil || string(mode) != name {
			return badRequest("scale_test.modes: %q is not a profiling mode (use ITIMER, CPU, ALLOC, LOCK or WALL)",
				shorten(name))
		}
	}
	return checkID(r.Test)
}

// maxModes is how many modes Flink has.
const maxModes = 5

// asker is the source of a request. A request may name only two of the sources.
func asker(said episode.Source) (episode.Source, error) {
	source := cmp.Or(said, episode.FromAPI)
	if source != episode.FromAPI && source != episode.FromCLI {
		return "", badRequest("source: %q is neither %q nor %q", said, episode.FromAPI, episode.FromCLI)
	}
	return source, nil
}
