package routes

import (
	_ "embed"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
)

//go:embed openapi.yaml
var openAPI []byte

func (h *Handler) describe(http.ResponseWriter, *http.Request) (any, error) {
	return document{"application/yaml", openAPI}, nil
}

// answerWithin is how long a client may take over the answer after a round.
const answerWithin = time.Minute

// round runs a probe round. It may take as long as the cut-off, for which the server's
// limit of the answer is lifted.
func (h *Handler) round(w http.ResponseWriter, r *http.Request) (any, error) {
	var request api.RoundRequest
	if err := readJSON(w, r, &request, api.MaxRequest); err != nil {
		return nil, err
	}
	if request.Records < 0 || request.Records > api.MaxRoundRecords {
		return nil, badRequest("records: %d is not a number from 1 to %d, nor 0 for the probe's own",
			request.Records, api.MaxRoundRecords)
	}
	var err error
	if request.Source, err = asker(request.Source); err != nil {
		return nil, err
	}
	if h.sources.Rounds == nil {
		return nil, &api.Error{
			Status:  http.StatusServiceUnavailable,
			Message: "no probe is configured (add kafka, sinks and probe to the configuration)",
		}
	}
	// A connection without deadlines, in a test, has none to lift.
	control := http.NewResponseController(w)
	_ = control.SetWriteDeadline(time.Time{})
	defer func() { _ = control.SetWriteDeadline(time.Now().Add(answerWithin)) }()
	return h.sources.Rounds.Round(r.Context(), request)
}

// readJSON reads the body into v, which must be one JSON value of at most limit
// bytes without keys that v does not have.
func readJSON(w http.ResponseWriter, r *http.Request, v any, limit int64) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return refusal(http.StatusUnsupportedMediaType, "the body must be JSON (send Content-Type: application/json)")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if err == nil {
		err = decodeStrict(body, v)
	}
	if err == nil {
		return nil
	}
	if refused, ok := errors.AsType[*api.Error](err); ok {
		return refused
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return &api.Error{
			Status:  http.StatusRequestEntityTooLarge,
			Message: fmt.Sprintf("the body is too large (send at most %d KiB)", limit>>10),
		}
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return refusal(http.StatusRequestTimeout, "the body did not arrive in time (send it again)")
	}
	return badRequest("the body cannot be read: %v (send one JSON value)", err)
}
