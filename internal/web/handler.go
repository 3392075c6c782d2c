package web

import (
	"bytes"
	"embed"
	"html/template"
	"log/slog"
	"net/http"
	"path"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

//go:embed page.html static
var files embed.FS

// policy lets the page load its own style, script and icon, and itself; nothing
// inline, nothing from elsewhere, nothing embedded, and it in nobody's frame.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// History is what the page shows of the past. The listings are newest first.
type History interface {
	Episodes(job, before string, limit int) ([]episode.Episode, error)
	Measurements(job, before string, from, to time.Time, limit int) ([]episode.Measurement, error)
}

// Handler serves the page at / and what it loads below /static/.
type Handler struct {
	status  func() api.Status
	history History
	page    *template.Template
	logger  *slog.Logger
	mux     *http.ServeMux
}

// NewHandler returns the page's handler. Status must answer at once.
func NewHandler(status func() api.Status, history History, logger *slog.Logger) *Handler {
	h := &Handler{
		status:  status,
		history: history,
		page:    template.Must(template.New("page.html").Funcs(functions()).ParseFS(files, "page.html")),
		logger:  logger.With("component", "web"),
		mux:     http.NewServeMux(),
	}
	h.mux.HandleFunc("GET /{$}", h.servePage)
	for name, contentType := range map[string]string{
		"page.css": "text/css; charset=utf-8",
		"page.js":  "text/javascript; charset=utf-8",
		"icon.svg": "image/svg+xml",
	} {
		h.mux.HandleFunc("GET /static/"+name, serveStatic(name, contentType))
	}
	return h
}

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

// servePage renders the page, or with ?part=main only what changes.
func (h *Handler) servePage(w http.ResponseWriter, r *http.Request) {
	part := "page.html"
	if r.URL.Query().Get("part") == "main" {
		part = "main"
	}
	var out bytes.Buffer
	if err := h.page.ExecuteTemplate(&out, part, h.view()); err != nil {
		h.logger.Error("Page can't be rendered", "err", err)
		http.Error(w, "the page can't be rendered (the sidecar's log says why; /metrics and /api/v1/status are not affected)", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	// A reader that went away is not our trouble.
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
