package api

import (
	"cmp"
	"net/http"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

// MaxText is the maximum size of each text of an [AlertRequest], in bytes.
const MaxText = 512

// Alerts accepts the alerts that people raise.
type Alerts interface {
	// Raise opens an episode, or says why not. An [*Error] keeps its status; any
	// other is a 500.
	Raise(episode.Alert) (Receipt, error)
}

// AlertRequest asks for an episode about a job.
type AlertRequest struct {
	// Cluster is the name of the job's cluster. It may be empty where there is only
	// one, or if only one of them has such a job.
	Cluster string `json:"cluster,omitempty"`
	// Job is the job's name; empty is the only one that runs.
	Job string `json:"job,omitempty"`
	// Vertex is the id of the vertex to examine; empty is the busiest one.
	Vertex string `json:"vertex,omitempty"`
	// Summary is one sentence on why.
	Summary string `json:"summary,omitempty"`
	// Source is the kind of the sender: empty is [episode.FromAPI].
	Source episode.Source `json:"source,omitempty"`
	// ScaleTest is set by a scale test, whose episode this is.
	ScaleTest *episode.ScaleRequest `json:"scale_test,omitempty"`
}

// Receipt says what became of an alert.
type Receipt struct {
	// Accepted: an episode was opened for it.
	Accepted bool `json:"accepted"`
	// Episode is the id of that episode or, if the alert was not accepted, of the
	// existing episode about the same, if there is one.
	Episode string `json:"episode,omitempty"`
	// Reason says in a word why it was not accepted.
	Reason string `json:"reason,omitempty"`
}

// raise opens an episode on request.
func (h *Handler) raise(w http.ResponseWriter, r *http.Request) (any, error) {
	var request AlertRequest
	if err := readJSON(w, r, &request, MaxRequest); err != nil {
		return nil, err
	}
	alert, err := request.alert()
	if err != nil {
		return nil, err
	}
	if h.sources.Alerts == nil {
		return nil, &Error{
			http.StatusServiceUnavailable,
			"this sidecar accepts no alerts (send them to the sidecar that runs beside the job)",
		}
	}
	return h.sources.Alerts.Raise(alert)
}

// alert is what the request asks for, checked.
func (r AlertRequest) alert() (episode.Alert, error) {
	for _, text := range []struct{ name, value string }{
		{"cluster", r.Cluster},
		{"job", r.Job},
		{"vertex", r.Vertex},
		{"summary", r.Summary},
	} {
		if n := len(text.value); n > MaxText {
			return episode.Alert{}, badRequest("%s: %d bytes are too many (send at most %d)", text.name, n, MaxText)
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
