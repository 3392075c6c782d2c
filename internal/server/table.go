package server

import (
	"net/http"
	"strings"
	"time"
)

// Access says who may use a route. By loopback every client may use every route. The
// authentication of web.config_file applies first, except for Public.
type Access string

// The kinds of access.
const (
	// Public routes are for health checks: no password, any host name.
	Public Access = "public"
	// Scrape is Read, under any host name: Prometheus finds targets by names that no
	// configuration lists.
	Scrape Access = "scrape"
	// Read routes change nothing.
	Read Access = "read"
	// Write routes change something: off loopback they need authentication, or
	// web.allow_unauthenticated_writes.
	Write Access = "write"
	// Webhook is Write, with alerts.webhook.token_file as another way of authentication.
	Webhook Access = "webhook"
)

// route is one entry of the table of routes. A request whose method is none of GET, HEAD
// and OPTIONS needs Write at least, whatever its entry says.
type route struct {
	// pattern is that of http.ServeMux.
	pattern string
	access  Access
	// body is how many bytes a request may bring; 0 is none.
	body int64
	// read bounds the time until the whole body has arrived, write the time until the
	// whole answer was taken. Both count from the request's headers.
	read, write time.Duration
	// pool bounds how many such requests are answered at a time; "" is the number of
	// connections.
	pool string
	to   func(Handlers) http.Handler
}

// How long a client may take over an ordinary body, and over an answer.
const (
	readWithin  = 10 * time.Second
	writeWithin = time.Minute
)

// The sizes of bodies. What reads a body may ask for less.
const (
	smallBody   = 16 << 10
	webhookBody = 16 << 20
	episodeBody = 4 << 20

	evaluationBody = 256 << 10
)

// pools say how many requests of a kind are answered at a time: lists are read whole into
// memory, an episode may be large.
var pools = map[string]int{"lists": 4, "reads": 16, "episodes": 4, "profiles": 4, "backups": 1}

// routes is everything that is served, on one screen.
var routes = []route{
	{"GET /metrics", Scrape, 0, readWithin, writeWithin, "", toMetrics},
	{"GET /-/healthy", Public, 0, readWithin, writeWithin, "", toHealthy},
	{"GET /-/ready", Public, 0, readWithin, writeWithin, "", toReady},
	{"/-/reload", Write, 0, readWithin, writeWithin, "", toReload},
	// The webhook limits its own requests, after it has checked the token.
	{"/alertmanager/webhook", Webhook, webhookBody, readWithin, writeWithin, "", toWebhook},
	// vmalert adds the path of Alertmanager's API to the address that it is given.
	{"/alertmanager/webhook/api/v2/alerts", Webhook, webhookBody, readWithin, writeWithin, "", toWebhook},

	{"GET /api/v1/status", Read, 0, readWithin, writeWithin, "reads", toAPI},
	{"GET /api/v1/episodes", Read, 0, readWithin, writeWithin, "lists", toAPI},
	{"GET /api/v1/episodes/{id}", Read, 0, readWithin, writeWithin, "reads", toAPI},
	{"GET /api/v1/episodes/{id}/prompt", Read, 0, readWithin, writeWithin, "lists", toAPI},
	{"GET /api/v1/episodes/{id}/bundle", Read, 0, readWithin, writeWithin, "lists", toAPI},
	{"POST /api/v1/episodes", Write, episodeBody, 2 * readWithin, writeWithin, "episodes", toAPI},
	{"GET /api/v1/findings", Read, 0, readWithin, writeWithin, "lists", toAPI},
	{"GET /api/v1/profiles", Read, 0, readWithin, writeWithin, "lists", toAPI},
	{"GET /api/v1/profiles/{hash}/tree", Read, 0, readWithin, writeWithin, "profiles", toAPI},
	{"GET /api/v1/profiles/{hash}/diff/{other}", Read, 0, readWithin, writeWithin, "profiles", toAPI},
	{"GET /api/v1/checks", Read, 0, readWithin, writeWithin, "reads", toAPI},
	{"GET /api/v1/trends", Read, 0, readWithin, writeWithin, "reads", toAPI},
	{"GET /api/v1/trends/samples", Read, 0, readWithin, writeWithin, "lists", toAPI},
	{"GET /api/v1/alerts/declined", Read, 0, readWithin, writeWithin, "lists", toAPI},
	{"POST /api/v1/alerts", Write, smallBody, readWithin, writeWithin, "", toAPI},
	{"POST /api/v1/pause", Write, smallBody, readWithin, writeWithin, "", toAPI},
	{"POST /api/v1/resume", Write, smallBody, readWithin, writeWithin, "", toAPI},
	{"GET /api/v1/measurements", Read, 0, readWithin, writeWithin, "lists", toAPI},
	{"GET /api/v1/hops", Read, 0, readWithin, writeWithin, "lists", toAPI},
	{"GET /api/v1/epochs", Read, 0, readWithin, writeWithin, "lists", toAPI},
	{"GET /api/v1/probe/records", Read, 0, readWithin, writeWithin, "lists", toAPI},
	// The handler lifts the limit of the answer for as long as the round takes.
	{"POST /api/v1/probe/rounds", Write, smallBody, readWithin, writeWithin, "", toAPI},
	{"GET /api/v1/scaletests", Read, 0, readWithin, writeWithin, "lists", toAPI},
	{"POST /api/v1/scaletests", Write, episodeBody, 2 * readWithin, writeWithin, "episodes", toAPI},
	{"POST /api/v1/scaletests/shards", Write, episodeBody, 2 * readWithin, writeWithin, "episodes", toAPI},
	{"POST /api/v1/scaletests/progress", Write, smallBody, readWithin, writeWithin, "", toAPI},
	{"GET /api/v1/rules/scorecard", Read, 0, readWithin, writeWithin, "reads", toAPI},
	{"GET /api/v1/evaluations", Read, 0, readWithin, writeWithin, "lists", toAPI},
	{"POST /api/v1/evaluations", Write, evaluationBody, readWithin, writeWithin, "episodes", toAPI},
	{"GET /api/v1/history/table", Read, 0, readWithin, writeWithin, "lists", toAPI},
	{"POST /api/v1/history/import", Write, episodeBody, 2 * readWithin, writeWithin, "episodes", toAPI},
	{"POST /api/v1/history/mark", Write, smallBody, readWithin, writeWithin, "", toAPI},
	{"GET /api/v1/history/changes", Read, 0, readWithin, writeWithin, "lists", toAPI},
	{"GET /api/v1/history/frames", Read, 0, readWithin, writeWithin, "profiles", toAPI},
	{"POST /api/v1/history/triage", Write, smallBody, readWithin, writeWithin, "lists", toAPI},
	// The whole history may be large, and is copied beside itself first.
	{"GET /api/v1/history/backup", Write, 0, readWithin, 10 * writeWithin, "backups", toAPI},
	{"GET /api/v1/openapi.yaml", Read, 0, readWithin, writeWithin, "reads", toAPI},
	{"/api/", Read, 0, readWithin, writeWithin, "", toAPI}, // answers 404 and 405

	{"GET /profiles/{file}", Read, 0, readWithin, 5 * writeWithin, "profiles", toProfiles},
	{"GET /{$}", Read, 0, readWithin, writeWithin, "reads", toPage},
	{"GET /episodes", Read, 0, readWithin, writeWithin, "lists", toPage},
	{"GET /runs", Read, 0, readWithin, writeWithin, "lists", toPage},
	{"GET /episodes/{id}", Read, 0, readWithin, writeWithin, "reads", toPage},
	{"GET /static/{file}", Read, 0, readWithin, writeWithin, "", toPage},
	{"/", Read, 0, readWithin, writeWithin, "", toPage}, // answers 404 and 405
}

func toWebhook(h Handlers) http.Handler  { return h.Webhook }
func toAPI(h Handlers) http.Handler      { return h.API }
func toProfiles(h Handlers) http.Handler { return h.Profiles }
func toPage(h Handlers) http.Handler     { return h.Page }
func toMetrics(h Handlers) http.Handler  { return h.metrics }
func toReady(h Handlers) http.Handler    { return sayUnless(h.Ready, "the sidecar is ready") }
func toHealthy(h Handlers) http.Handler  { return sayUnless(h.Health, "the sidecar is healthy") }

// sayUnless answers with text, or with 503 and the reason against it.
func sayUnless(against func() error, text string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if against != nil {
			if err := against(); err != nil {
				http.Error(w, err.Error(), http.StatusServiceUnavailable)
				return
			}
		}
		say(text).ServeHTTP(w, r)
	})
}

func toReload(h Handlers) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost && r.Method != http.MethodPut {
			w.Header().Set("Allow", "POST, PUT")
			http.Error(w, "reload changes something (use POST)", http.StatusMethodNotAllowed)
			return
		}
		if h.Reload == nil {
			http.Error(w, "this sidecar cannot reload (restart it: nothing is lost)", http.StatusNotImplemented)
			return
		}
		text, err := h.Reload()
		if err != nil {
			http.Error(w, "the configuration has faults, and the one before it stays in use:\n"+err.Error(),
				http.StatusInternalServerError)
			return
		}
		say(text).ServeHTTP(w, r)
	})
}

// accessOf is what a request needs, by its entry and its method.
func (t route) accessOf(r *http.Request) Access {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return t.access
	}
	if t.access == Webhook {
		return Webhook
	}
	return Write
}

// public reports whether a path is one of the Public routes.
func public(path string) bool {
	for _, t := range routes {
		if t.access == Public && strings.TrimPrefix(t.pattern, "GET ") == path {
			return true
		}
	}
	return false
}
