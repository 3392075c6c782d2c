package server

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Why a request is refused before its handler: the values of the label reason.
const (
	refusedHost  = "host"
	refusedWrite = "unauthenticated_write"
	refusedSite  = "cross_site"
	refusedBody  = "body"
	refusedBusy  = "busy"
)

// poolWait is how long a request waits for its turn before it is refused.
const poolWait = time.Second

// guard decides which requests reach their handlers.
type guard struct {
	cfg   Config
	hosts hosts
	// webhookToken: the webhook asks for a token of its own.
	webhookToken bool
	// sites finds requests that the page of another site makes a browser send.
	sites   *http.CrossOriginProtection
	pools   map[string]chan struct{}
	refused *prometheus.CounterVec
}

func newGuard(cfg Config, refused *prometheus.CounterVec) *guard {
	g := &guard{cfg: cfg, hosts: newHosts(cfg), sites: http.NewCrossOriginProtection(), pools: map[string]chan struct{}{}, refused: refused}
	for name, size := range pools {
		g.pools[name] = make(chan struct{}, size)
	}
	for _, reason := range []string{refusedHost, refusedWrite, refusedSite, refusedBody, refusedBusy} {
		refused.WithLabelValues(reason)
	}
	return g
}

// wrap puts an entry's rules in front of its handler.
func (g *guard) wrap(t route, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		access := t.accessOf(r)
		switch {
		case !g.hostAllowed(r, access):
			g.refuse(w, r, refusedHost, http.StatusMisdirectedRequest, hostProblem(r))
			return
		case !g.writeAllowed(r, access):
			g.refuse(w, r, refusedWrite, http.StatusForbidden, writeProblem(access))
			return
		case g.sites.Check(r) != nil:
			g.refuse(w, r, refusedSite, http.StatusForbidden, "refused: the request comes from another site's page "+
				"(send it without a browser, or from the sidecar's own page)")
			return
		case t.body == 0 && hasBody(r):
			g.refuse(w, r, refusedBody, http.StatusRequestEntityTooLarge,
				"this address takes no body (send the request without one)")
			return
		}
		within(w, r, t.read, t.write)
		if hasBody(r) {
			r.Body = http.MaxBytesReader(w, r.Body, t.body)
		}
		leave, ok := g.enter(r, t.pool)
		if !ok {
			w.Header().Set("Retry-After", "1")
			g.refuse(w, r, refusedBusy, http.StatusServiceUnavailable,
				"too many such requests at a time (send it again in a second)")
			return
		}
		defer leave()
		next.ServeHTTP(w, r)
	})
}

func hasBody(r *http.Request) bool { return r.ContentLength != 0 && r.Body != http.NoBody }

// hostAllowed checks the Host header. A request with the webhook's token does not come from
// a page of the web in a browser.
func (g *guard) hostAllowed(r *http.Request, access Access) bool {
	if access == Webhook && g.webhookToken {
		return true
	}
	exempt := access == Public || access == Scrape
	return exempt && !viaLoopback(r) || g.hosts.allow(r.Host)
}

func hostProblem(r *http.Request) string {
	if viaLoopback(r) {
		return "this sidecar listens on loopback only: use its loopback address " +
			"(or add the host name to web.allowed_hosts)"
	}
	return "this sidecar does not know the host name of this request " +
		"(set web.external_url, or add the name to web.allowed_hosts)"
}

// writeAllowed requires authentication for changes from another machine. The web
// configuration is read for each request, as exporter-toolkit does.
func (g *guard) writeAllowed(r *http.Request, access Access) bool {
	if access != Write && access != Webhook || viaLoopback(r) || g.cfg.AllowUnauthenticatedWrites {
		return true
	}
	if access == Webhook && g.webhookToken {
		return true
	}
	file, err := readWebFile(g.cfg.ConfigFile)
	return err == nil && file.authenticates()
}

func writeProblem(access Access) string {
	if access == Webhook {
		return "from another machine the webhook needs a token (set alerts.webhook.token_file here, " +
			"and http_config.authorization.credentials_file in Alertmanager's webhook_configs)"
	}
	return "from another machine this needs authentication (set web.config_file with basic_auth_users or " +
		"client certificates; web.allow_unauthenticated_writes: true allows it without)"
}

// enter takes a place in a pool; leave gives it back.
func (g *guard) enter(r *http.Request, name string) (leave func(), ok bool) {
	pool := g.pools[name]
	if pool == nil {
		return func() {}, true
	}
	timer := time.NewTimer(poolWait)
	defer timer.Stop()
	select {
	case pool <- struct{}{}:
		return func() { <-pool }, true
	case <-timer.C:
	case <-r.Context().Done():
	}
	return nil, false
}

// refuse answers with an error, as JSON below /api/.
func (g *guard) refuse(w http.ResponseWriter, r *http.Request, reason string, status int, text string) {
	g.refused.WithLabelValues(reason).Inc()
	if !strings.HasPrefix(r.URL.Path, "/api/") {
		http.Error(w, text, status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	// A client that closed its connection needs no answer.
	_ = json.NewEncoder(w).Encode(map[string]string{"error": text})
}
