// Package standin stands in for Grafana on the local stack. It has the
// annotations API, which is all that the sidecar needs, and a page that lists the
// annotations. There are no dashboards, no users and no log-in: no real Grafana is
// started, and the stand-in never claims to be one.
//
// The API behaves as observed on a real Grafana 12.2, see package grafanatest. Its
// one token belongs to a service account with the role Editor. A missing or wrong
// token is refused as in Grafana.
package standin

import (
	"context"
	"crypto/rand"
	"net/http"
	"time"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/listen"
	"github.com/flink-sidecar/flink-sidecar/grafana/grafanatest"
)

const (
	// Name is the name of the stand-in in all output.
	Name = "grafana-stand-in"
	// Is explains the stand-in in the same places.
	Is = "annotations API only; no real Grafana is started"
)

// grace is how long open requests may take when the stand-in is stopped.
const grace = time.Second

// Grafana is the stand-in. Its annotations outlive Run, as in a real database.
type Grafana struct {
	api *grafanatest.Server
}

// New returns an empty stand-in with a token of its own.
func New() *Grafana {
	return &Grafana{api: &grafanatest.Server{Token: "glsa_" + rand.Text(), Role: grafanatest.Editor}}
}

// Token is the bearer token of the API.
func (g *Grafana) Token() string { return g.api.Token }

// Handler serves the page at / and the API.
func (g *Grafana) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", g.page)
	mux.Handle("/api/", g.api)
	return mux
}

// Run serves on address (host:port) until ctx is done.
func (g *Grafana) Run(ctx context.Context, address string) error {
	return listen.Serve(ctx, address, g.Handler(), grace, func() {})
}
