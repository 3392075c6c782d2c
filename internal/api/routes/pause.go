package routes

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
)

// Pauser pauses and resumes parts of the sidecar. Pausing a paused part and resuming a
// running one change nothing.
type Pauser interface {
	// Pause pauses parts, Resume resumes them; both last beyond a restart.
	Pause(...api.Part) error
	Resume(...api.Part) error
	// Paused lists what is paused, in the order of [Parts].
	Paused() []api.Part
}

func (h *Handler) pause(w http.ResponseWriter, r *http.Request) (any, error) {
	return h.setPaused(w, r, Pauser.Pause)
}

func (h *Handler) resume(w http.ResponseWriter, r *http.Request) (any, error) {
	return h.setPaused(w, r, Pauser.Resume)
}

// setPaused pauses or resumes, and answers what is paused then.
func (h *Handler) setPaused(
	w http.ResponseWriter, r *http.Request, pull func(Pauser, ...api.Part) error,
) (any, error) {
	var request api.PauseRequest
	if err := readJSON(w, r, &request, api.MaxRequest); err != nil {
		return nil, err
	}
	parts, err := partsOf(request)
	if err != nil {
		return nil, err
	}
	pauser := h.sources.Pauser
	if pauser == nil {
		return nil, &api.Error{
			Status:  http.StatusServiceUnavailable,
			Message: "nothing can be paused here (send the request to the sidecar that runs beside the job)",
		}
	}
	if err := pull(pauser, parts...); err != nil {
		return nil, err
	}
	return api.PauseState{Paused: api.NotNil(pauser.Paused())}, nil
}

func partsOf(r api.PauseRequest) ([]api.Part, error) {
	if r.Part == "" {
		return api.Parts(), nil
	}
	if !slices.Contains(api.Parts(), r.Part) {
		known := strings.Trim(fmt.Sprint(api.Parts()), "[]")
		return nil, badRequest("part: %q is unknown (there are: %s; without a part it is all of them)", r.Part,
			strings.ReplaceAll(known, " ", ", "))
	}
	return []api.Part{r.Part}, nil
}
