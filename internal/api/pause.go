package api

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Part is what can be paused.
type Part string

// The parts that can be paused.
const (
	PartProbe     Part = "probe"     // no synthetic records are sent
	PartProfiling Part = "profiling" // no profiles are taken
	PartLLM       Part = "llm"       // the LLM is asked nothing
)

// Parts are all of them, in the order in which they are listed.
func Parts() []Part { return []Part{PartProbe, PartProfiling, PartLLM} }

// Pauser pauses and resumes parts of the sidecar. Pausing a paused part and resuming a
// running one change nothing.
type Pauser interface {
	// Pause pauses parts, Resume resumes them; both last beyond a restart.
	Pause(...Part) error
	Resume(...Part) error
	// Paused lists what is paused, in the order of [Parts].
	Paused() []Part
}

// PauseRequest names the part to pause or resume; empty is all of them.
type PauseRequest struct {
	Part Part `json:"part,omitempty"`
}

// PauseState is what is paused after a request.
type PauseState struct {
	Paused []Part `json:"paused"`
}

func (h *Handler) pause(w http.ResponseWriter, r *http.Request) (any, error) {
	return h.setPaused(w, r, Pauser.Pause)
}

func (h *Handler) resume(w http.ResponseWriter, r *http.Request) (any, error) {
	return h.setPaused(w, r, Pauser.Resume)
}

// setPaused pauses or resumes, and answers what is paused then.
func (h *Handler) setPaused(w http.ResponseWriter, r *http.Request, pull func(Pauser, ...Part) error) (any, error) {
	var request PauseRequest
	if err := readJSON(w, r, &request, MaxRequest); err != nil {
		return nil, err
	}
	parts, err := request.parts()
	if err != nil {
		return nil, err
	}
	pauser := h.sources.Pauser
	if pauser == nil {
		return nil, &Error{
			http.StatusServiceUnavailable,
			"nothing can be paused here (send the request to the sidecar that runs beside the job)",
		}
	}
	if err := pull(pauser, parts...); err != nil {
		return nil, err
	}
	return PauseState{Paused: notNil(pauser.Paused())}, nil
}

func (r PauseRequest) parts() ([]Part, error) {
	if r.Part == "" {
		return Parts(), nil
	}
	if !slices.Contains(Parts(), r.Part) {
		known := strings.Trim(fmt.Sprint(Parts()), "[]")
		return nil, badRequest("part: %q is unknown (there are: %s; without a part it is all of them)", r.Part,
			strings.ReplaceAll(known, " ", ", "))
	}
	return []Part{r.Part}, nil
}
