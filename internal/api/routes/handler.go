package routes

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
)

// Handler serves the API.
type Handler struct {
	sources Sources
	logger  *slog.Logger
	next    http.Handler
}

// route is one operation. Its answer is what do returns, as JSON.
type route struct {
	method, path string
	params       []string // the query parameters it knows
	do           func(http.ResponseWriter, *http.Request) (any, error)
}

// routes is everything the API does.
func (h *Handler) routes() []route {
	return []route{
		{"GET", "/status", nil, h.status},
		{"GET", "/checks", nil, h.checks},
		{"GET", "/trends", []string{"cluster", "job", "limit"}, h.trends},
		{"GET", "/trends/samples", []string{"from", "after"}, h.samples},
		{"GET", "/episodes", []string{"cluster", "job", "vertex", "before", "from", "to", "lasting", "limit"}, h.episodes},
		{"GET", "/episodes/{id}", nil, h.episode},
		{"GET", "/episodes/{id}/prompt", nil, h.prompt},
		{"GET", "/episodes/{id}/bundle", nil, h.bundle},
		{"POST", "/episodes", nil, h.putEpisode},
		{
			"GET", "/findings",
			[]string{"cluster", "job", "category", "severity", "before", "from", "to", "limit"},
			h.findings,
		},
		{"GET", "/profiles", []string{"cluster", "job", "mode", "before", "from", "to", "limit"}, h.profiles},
		{"GET", "/profiles/{hash}/tree", []string{"frames"}, h.tree},
		{"GET", "/profiles/{hash}/diff/{other}", []string{"frames"}, h.diff},
		{"GET", "/alerts/declined", []string{"cluster", "job", "before", "limit"}, h.declined},
		{"POST", "/alerts", nil, h.raise},
		{"POST", "/pause", nil, h.pause},
		{"POST", "/resume", nil, h.resume},
		{"GET", "/measurements", []string{"cluster", "job", "kind", "before", "from", "to", "limit"}, h.measurements},
		{"GET", "/epochs", []string{"cluster", "job", "from", "to", "limit"}, h.epochs},
		{"GET", "/hops", []string{"cluster", "job", "hop", "kind", "before", "from", "to", "limit"}, h.hops},
		{"GET", "/probe/records", []string{"sink", "outcome", "seed", "before", "from", "to", "limit"}, h.records},
		{"POST", "/probe/rounds", nil, h.round},
		{"GET", "/scaletests", []string{"cluster", "job", "run", "before", "from", "to", "limit"}, h.scaleTests},
		{"POST", "/scaletests", nil, h.putScaleTest},
		{"POST", "/scaletests/progress", nil, h.scaleProgress},
		{"POST", "/scaletests/shards", nil, h.scaleShard},
		{"GET", "/rules/scorecard", nil, h.scorecard},
		{"GET", "/evaluations", []string{"cluster", "job", "before", "limit"}, h.evaluations},
		{"POST", "/evaluations", nil, h.putEvaluation},
		{"GET", "/history/table", []string{"cluster", "job", "run", "since", "block"}, h.table},
		{"POST", "/history/import", nil, h.importRows},
		{"POST", "/history/mark", nil, h.mark},
		{"GET", "/history/changes", []string{"cluster", "job", "since", "block"}, h.changePoints},
		{"POST", "/history/triage", nil, h.triage},
		{"GET", "/history/frames", []string{"cluster", "job", "from", "to"}, h.epochFrames},
		{"GET", "/history/backup", nil, h.backup},
		{"GET", "/openapi.yaml", nil, h.describe},
	}
}

// Operations lists the methods and patterns of everything the API does, for example
// "GET /api/v1/episodes/{id}".
func Operations() []string {
	var out []string
	for _, r := range (&Handler{}).routes() {
		out = append(out, r.method+" "+api.Prefix+r.path)
	}
	return out
}

// NewHandler returns a handler for every path below [Prefix].
func NewHandler(sources Sources, logger *slog.Logger) *Handler {
	h := &Handler{sources: sources, logger: logger.With("component", "api")}
	mux := http.NewServeMux()
	methods := map[string][]string{}
	for _, r := range h.routes() {
		mux.HandleFunc(r.method+" "+api.Prefix+r.path, h.serve(r))
		methods[r.path] = append(methods[r.path], r.method)
	}
	for path, allowed := range methods {
		mux.HandleFunc(api.Prefix+path, h.serve(route{do: notAllowed(allowed)}))
	}
	mux.HandleFunc("/", h.serve(route{do: notFound}))

	sameSite := http.NewCrossOriginProtection()
	sameSite.SetDenyHandler(h.serve(route{do: crossSite}))
	h.next = sameSite.Handler(mux)
	return h
}

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	h.next.ServeHTTP(w, r)
}

func (h *Handler) serve(route route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		answer, err := any(nil), error(nil)
		if route.method != "" {
			err = checkParams(r.URL.Query(), route.params)
		}
		if err == nil {
			answer, err = route.do(w, r)
		}
		status := http.StatusOK
		if err != nil {
			failure := asError(err)
			if status = failure.Status; status >= http.StatusInternalServerError && !isGivenUp(r, err) {
				h.logger.Error("Request failed", "method", r.Method, "path", r.URL.Path, "err", err)
			}
			answer = failure
		}
		if raw, ok := answer.(document); ok {
			raw.writeTo(w)
			return
		}
		if copied, ok := answer.(stream); ok {
			copied.writeTo(w)
			return
		}
		h.writeJSON(w, r, status, answer)
	}
}

func (h *Handler) writeJSON(w http.ResponseWriter, r *http.Request, status int, answer any) {
	body, err := json.Marshal(answer)
	if err != nil {
		h.logger.Error("Answer cannot be written as JSON", "path", r.URL.Path, "err", err)
		status, body = http.StatusInternalServerError,
			[]byte(`{"error":"the answer cannot be written as JSON (report this with the log)"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// The error of a client that closed its connection needs no handling.
	_, _ = w.Write(append(body, '\n'))
}

// document is an answer that is not JSON, or is encoded already.
type document struct {
	contentType string
	body        []byte
}

func (d document) writeTo(w http.ResponseWriter) {
	w.Header().Set("Content-Type", d.contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(d.body))) // who reads it needs no second copy
	_, _ = w.Write(d.body)
}

// isGivenUp reports that the client does not wait for the answer any more, or that the sidecar stops. That is no
// fault of the sidecar.
func isGivenUp(r *http.Request, err error) bool {
	return r.Context().Err() != nil || errors.Is(err, context.Canceled)
}

// asError adds the status: 4xx for a fault of the request, 5xx for one of the sidecar.
func asError(err error) *api.Error {
	if known, ok := errors.AsType[*api.Error](err); ok {
		return known
	}
	var conflict interface{ Conflict() bool }
	if errors.As(err, &conflict) && conflict.Conflict() {
		return refusal(http.StatusConflict, err.Error())
	}
	var invalid interface{ Invalid() bool }
	if errors.As(err, &invalid) && invalid.Invalid() {
		return refusal(http.StatusBadRequest, err.Error())
	}
	if errors.Is(err, context.Canceled) {
		return &api.Error{
			Status:  http.StatusServiceUnavailable,
			Message: "the sidecar stops before there is a result (send the request again when it runs)",
		}
	}
	return refusal(http.StatusInternalServerError, err.Error())
}

func checkParams(given url.Values, known []string) error {
	for name := range given {
		if !slices.Contains(known, name) {
			return badRequest("unknown parameter %q (%s)", name, "there are: "+strings.Join(known, ", "))
		}
	}
	return nil
}

func notAllowed(allowed []string) func(http.ResponseWriter, *http.Request) (any, error) {
	return func(w http.ResponseWriter, r *http.Request) (any, error) {
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		return nil, &api.Error{
			Status:  http.StatusMethodNotAllowed,
			Message: r.Method + " is not possible here (use " + strings.Join(allowed, " or ") + ")",
		}
	}
}

func notFound(http.ResponseWriter, *http.Request) (any, error) {
	return nil, refusal(http.StatusNotFound, "there is no such path ("+api.Prefix+"/openapi.yaml lists all paths)")
}

func crossSite(http.ResponseWriter, *http.Request) (any, error) {
	return nil, refusal(http.StatusForbidden, "refused: the request comes from another site's page "+
		"(send it without a browser, or from the sidecar's own page)")
}
