package api

import (
	_ "embed" // for openapi.yaml
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"time"
)

// How many bytes a body may have. An episode brings profiles and evidence, whose texts
// its makers bound: some hundred KiB at the most. Anything else is a few words.
const (
	MaxEpisode = 4 << 20
	MaxRequest = 16 << 10
)

// MaxRoundRecords is how many records one round may have.
const MaxRoundRecords = 10_000

//go:embed openapi.yaml
var openAPI []byte

func (h *Handler) describe(http.ResponseWriter, *http.Request) (any, error) {
	return document{"application/yaml", openAPI}, nil
}

// round runs a probe round. It may take as long as the cut-off; no deadline of the
// server's applies.
func (h *Handler) round(w http.ResponseWriter, r *http.Request) (any, error) {
	var request RoundRequest
	if err := readJSON(w, r, &request, MaxRequest); err != nil {
		return nil, err
	}
	if request.Records < 0 || request.Records > MaxRoundRecords {
		return nil, badRequest("records: %d is not a number from 1 to %d, nor 0 for the probe's own", request.Records, MaxRoundRecords)
	}
	var err error
	if request.Source, err = asker(request.Source); err != nil {
		return nil, err
	}
	if h.sources.Rounds == nil {
		return nil, &Error{http.StatusServiceUnavailable, "no probe is configured (add kafka, sinks and probe to the configuration)"}
	}
	// Where the connection can't do without a deadline there is none to lift.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Time{})
	return h.sources.Rounds.Round(r.Context(), request)
}

// readJSON reads the body into v, which must be one JSON value of at most limit
// bytes.
func readJSON(w http.ResponseWriter, r *http.Request, v any, limit int64) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return &Error{http.StatusUnsupportedMediaType, "the body must be JSON (send Content-Type: application/json)"}
	}
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, limit))
	err := decoder.Decode(v)
	if err == nil {
		if _, more := decoder.Token(); more == io.EOF {
			return nil
		}
		err = errors.New("something follows the JSON value")
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return &Error{http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is too large (send at most %d KiB)", limit>>10)}
	}
	return badRequest("the body can't be read: %v (send one JSON value)", err)
}
