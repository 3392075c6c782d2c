package web

import (
	"bytes"
	"embed"
	"html/template"
	"log/slog"
	"maps"
	"net/http"
	"path"
	"slices"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/check"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	whatchanged "github.com/flink-sidecar/flink-sidecar/internal/outcome"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome/changepoint"
)

//go:embed templates static
var files embed.FS

// policy lets the pages load their own style, script, icon and data; nothing inline,
// nothing from elsewhere, and no frames.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// History is the past that the pages show. The listings are newest first.
type History interface {
	Episodes(of episode.JobRef, before string, limit int) ([]episode.Episode, error)
	// Episode returns false when there is none with that id.
	Episode(id string) (episode.Episode, bool, error)
	Measurements(of episode.JobRef, before string, from, to time.Time, limit int) ([]episode.Measurement, error)
}

// Alerts are the alerts that opened no episode, listed newest first.
type Alerts interface {
	Declined(of episode.JobRef, before string, limit int) ([]episode.Declined, error)
}

// Handler serves the page at /, the pages of episodes, and the files below /static/.
type Handler struct {
	// Scores are how often each trend rule was right; nil shows none.
	Scores func() []episode.RuleScore
	// Changes are the change points that were found last, oldest first; nil shows none.
	Changes func() []changepoint.Point

	// Epochs are the newest epochs of jobs, newest first, and Production the table of the epochs of a
	// job from one on; nil shows none.
	Epochs     func(of episode.JobRef, limit int) ([]episode.Epoch, error)
	Production func(of episode.JobRef, since string) (whatchanged.Table, error)

	// Checks are what sidecar doctor found last, and when; nil shows none.
	Checks func() (time.Time, []check.Result)

	status  func() api.Status
	history History
	alerts  Alerts
	runs    Runs
	logger  *slog.Logger
	mux     *http.ServeMux
}

// templates are parsed at the first request of a page. Many sidecars get none.
var templates = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("").Funcs(functions()).ParseFS(files, "templates/*.html"))
})

// NewHandler returns the pages' handler. Status must answer at once.
func NewHandler(
	status func() api.Status, history History, alerts Alerts, runs Runs, logger *slog.Logger,
) *Handler {
	h := &Handler{
		status:  status,
		history: history,
		alerts:  alerts,
		runs:    runs,
		logger:  logger.With("component", "web"),
		mux:     http.NewServeMux(),
	}
	for pattern, serve := range h.pages() {
		h.mux.HandleFunc(pattern, serve)
	}
	h.mux.HandleFunc("GET /", h.serveNothing)
	return h
}

// pages is everything that there is, by its pattern.
func (h *Handler) pages() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"GET /{$}":             h.servePage,
		"GET /episodes":        h.serveEpisodes,
		"GET /episodes/{id}":   h.serveEpisode,
		"GET /runs":            h.serveRuns,
		"GET /static/page.css": serveStatic("page.css", "text/css; charset=utf-8"),
		"GET /static/page.js":  serveStatic("page.js", "text/javascript; charset=utf-8"),
		"GET /static/mark.js":  serveStatic("mark.js", "text/javascript; charset=utf-8"),
		"GET /static/icon.svg": serveStatic("icon.svg", "image/svg+xml"),
	}
}

// Patterns lists the methods and patterns of all pages.
func Patterns() []string { return slices.Collect(maps.Keys((&Handler{}).pages())) }

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Security-Policy", policy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Cache-Control", "no-cache")
	h.mux.ServeHTTP(w, r)
}

func (h *Handler) servePage(w http.ResponseWriter, r *http.Request) {
	h.render(w, r, http.StatusOK, "page", h.view())
}

func (h *Handler) serveEpisodes(w http.ResponseWriter, r *http.Request) {
	before := r.URL.Query().Get("before")
	if before != "" && !isID(before) {
		h.serveNothing(w, r)
		return
	}
	h.render(w, r, http.StatusOK, "episodes", h.listView(before))
}

func (h *Handler) serveEpisode(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	if !isID(id) {
		h.serveNothing(w, r)
		return
	}
	e, found, err := h.history.Episode(id)
	switch {
	case err != nil:
		h.serveMessage(w, r, http.StatusInternalServerError, "History cannot be read", err.Error())
	case !found:
		h.serveMessage(w, r, http.StatusNotFound, "This episode does not exist",
			"The history has no episode "+id+": it is older than the retention, or of another sidecar.")
	default:
		h.render(w, r, http.StatusOK, "episode", h.episodeView(e))
	}
}

func isID(text string) bool {
	_, err := ulid.ParseStrict(text)
	return err == nil
}

func (h *Handler) serveNothing(w http.ResponseWriter, r *http.Request) {
	h.serveMessage(w, r, http.StatusNotFound, "Page not found",
		"The address is wrong, or its content no longer exists.")
}

// serveMessage answers with a page that has a message and a link back.
func (h *Handler) serveMessage(w http.ResponseWriter, r *http.Request, status int, what, why string) {
	h.render(w, r, status, "message", messageView{
		frame: frame{Title: what, Root: wayUp(r.URL), Final: true}, Text: why,
	})
}

// render answers with a page, or for ?part=main only with its main part.
func (h *Handler) render(w http.ResponseWriter, r *http.Request, status int, name string, view any) {
	if r.URL.Query().Get("part") == "main" {
		name += "-main"
	}
	var out bytes.Buffer
	if err := templates().ExecuteTemplate(&out, name, view); err != nil {
		h.logger.Error("Page cannot be rendered", "path", r.URL.Path, "err", err)
		http.Error(w, "the page cannot be rendered (see the sidecar's log; /metrics and /api/v1/status still work)",
			http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	// A client that disconnected is no fault of the sidecar.
	_, _ = w.Write(out.Bytes())
}

func serveStatic(name, contentType string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		content, err := files.ReadFile(path.Join("static", name))
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write(content)
	}
}
