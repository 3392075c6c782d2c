package server

import (
	"errors"
	"net/http"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/profiling/pagestore"
)

// pageGuard limits what a profile's page may do in a browser. The page comes from a JVM of
// the job, with scripts and with names from outside. A browser opens it as a document
// without an origin, which can reach no server, this one included.
const pageGuard = "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; style-src " +
	"'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

var contentTypes = map[pagestore.Kind]string{
	pagestore.FlameGraph:      "text/html; charset=utf-8",
	pagestore.GraphOfVertex:   "application/json",
	pagestore.CollapsedStacks: "text/plain; charset=utf-8",
}

// ServePages serves the pages of profiles as Flink delivered them. A flame graph opens in
// the browser, or with ?download is a file; the other kinds are always files.
func ServePages(store *pagestore.Store) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		hash := strings.TrimSuffix(r.PathValue("file"), ".html")
		page, err := store.Page(hash)
		switch {
		case errors.Is(err, pagestore.ErrMissing) || errors.Is(err, pagestore.ErrNoHash):
			http.Error(w, err.Error(), http.StatusNotFound)
			return
		case err != nil:
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		head := w.Header()
		kind := pagestore.KindOf(page)
		head.Set("Content-Type", contentTypes[kind])
		shown := "attachment"
		if kind == pagestore.FlameGraph && !r.URL.Query().Has("download") {
			shown = "inline"
		}
		head.Set("Content-Disposition", shown+`; filename="`+hash+pagestore.Ending(page)+`"`)
		head.Set("Content-Security-Policy", pageGuard)
		head.Set("X-Content-Type-Options", "nosniff")
		head.Set("Cross-Origin-Resource-Policy", "same-origin")
		head.Set("Referrer-Policy", "no-referrer")
		head.Set("Cache-Control", "private, no-store")
		// A client that closed its connection needs no answer.
		_, _ = w.Write(page)
	}
}
