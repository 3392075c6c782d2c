// Package webhook receives Alertmanager's alerts, and those that Grafana manages. It accepts
// version 4 of Alertmanager's format, from Alertmanager 0.25 to 0.34. It also accepts a list of
// alerts of Alertmanager's API v2, which vmalert sends itself. It answers at once: slow
// work happens behind the sink. Alerts that the sidecar itself sent carry a label of origin. They
// are dropped to prevent a cycle.
package webhook

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

const (
	// maxBody bounds a webhook; Alertmanager's alerts have about 1 KiB each. A body above
	// smallBody needs one of maxLarge places besides, so that large ones do not fill the memory.
	maxBody   = 16 << 20
	smallBody = 1 << 20
	maxLarge  = 2
	// maxToken bounds a token file.
	maxToken = 4 << 10
	// maxRequests bounds the number of bodies in memory at the same time.
	maxRequests = 16
	// bodyTimeout bounds the time in which a sender must send its body.
	bodyTimeout = 10 * time.Second
	// largePause is how long a large body waits for its place, before it is sent again.
	largePause = 5 * time.Second
)

// Config is the section "alerts.webhook" of the configuration.
type Config struct {
	// TokenFile holds the bearer token that Alertmanager must send. Without a file no
	// token is required. It is read for each request, so that the token can change
	// without a restart.
	TokenFile string `yaml:"token_file"`
}

// Sink accepts alerts and their ends, as alerts.Sink does: the result of a repeated one is the
// same, and an error means that it must come again.
type Sink interface {
	Submit(alert episode.Alert) (accepted bool, reason string, err error)
}

// The results of an alert in a webhook, as values of the label result.
const (
	resultAccepted  = "accepted"  // an episode follows
	resultDeclined  = "declined"  // the sink knows it, and no episode follows
	resultMerged    = "merged"    // it joined an episode that has just begun
	resultResolved  = "resolved"  // the end of the alert was accepted
	resultOwn       = "own"       // our own, dropped
	resultInvalid   = "invalid"   // without a name or a valid time, or neither firing nor resolved
	resultRefused   = "refused"   // the sink could not accept it: Alertmanager sends it again
	resultTruncated = "truncated" // the sender left it out
)

// Handler is the handler of /alertmanager/webhook. Its status decides what Alertmanager
// does next:
//
//	202  every alert in the body has its result (200 for a list of Alertmanager's API)
//	4xx  never sent again: the sender or its configuration is wrong
//	503  sent again within a second, with growing pauses: the sink is full, or
//	     the operator of the sidecar must repair something first
//
// 429 is never used, because Alertmanager drops the alerts of such a request. If a part
// of a body was accepted and then one alert was refused, the whole body comes again;
// the sink ignores the alerts it already knows.
type Handler struct {
	sink      Sink
	tokenFile string
	log       *slog.Logger
	// readTimeout is bodyTimeout unless a test sets it.
	readTimeout time.Duration
	places      chan struct{} // maxRequests of them
	large       chan struct{} // maxLarge of them
	alerts      *prometheus.CounterVec
	requests    *prometheus.CounterVec
	arrived     atomic.Int64 // Unix time of the last request that was accepted, in ns
}

// New returns a handler that submits alerts to sink.
func New(c Config, sink Sink, log *slog.Logger) *Handler {
	w := &Handler{
		sink: sink, tokenFile: c.TokenFile, log: log.With("component", "webhook"), readTimeout: bodyTimeout,
		places: make(chan struct{}, maxRequests), large: make(chan struct{}, maxLarge),
		alerts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "flink_sidecar_webhook_alerts_total", Help: "Alerts that Alertmanager sent, by result.",
		}, []string{"result"}),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "flink_sidecar_webhook_requests_total", Help: "Requests to the webhook, by status code.",
		}, []string{"code"}),
	}
	for _, result := range []string{
		resultAccepted, resultMerged, resultDeclined, resultResolved, resultOwn, resultInvalid,
		resultRefused, resultTruncated,
	} {
		w.alerts.WithLabelValues(result)
	}
	return w
}

// Describe is part of prometheus.Collector.
func (w *Handler) Describe(out chan<- *prometheus.Desc) {
	w.alerts.Describe(out)
	w.requests.Describe(out)
}

// Collect is part of prometheus.Collector.
func (w *Handler) Collect(out chan<- prometheus.Metric) {
	w.alerts.Collect(out)
	w.requests.Collect(out)
}

// Arrived is when a request was last accepted; the zero time if none was since the start.
func (w *Handler) Arrived() time.Time {
	if at := w.arrived.Load(); at != 0 {
		return time.Unix(0, at)
	}
	return time.Time{}
}

// answer is a status and a sentence for the sender's log.
type answer struct {
	code int
	text string
}

// ServeHTTP takes one webhook.
func (w *Handler) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	a := w.take(rw, r)
	w.requests.WithLabelValues(strconv.Itoa(a.code)).Inc()
	switch a.code {
	case http.StatusAccepted, http.StatusOK:
		w.arrived.Store(time.Now().UnixNano())
	case http.StatusUnauthorized:
		rw.Header().Set("WWW-Authenticate", "Bearer")
	case http.StatusMethodNotAllowed:
		rw.Header().Set("Allow", http.MethodPost)
	}
	if a.code >= http.StatusBadRequest {
		w.log.Warn("Webhook refused", "code", a.code, "reason", a.text, "remote", r.RemoteAddr)
	}
	rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
	rw.Header().Set("X-Content-Type-Options", "nosniff")
	rw.WriteHeader(a.code)
	fmt.Fprintln(rw, a.text)
}

func (w *Handler) take(rw http.ResponseWriter, r *http.Request) answer {
	if r.Method != http.MethodPost {
		return answer{http.StatusMethodNotAllowed, "the webhook takes POST only"}
	}
	if a, ok := w.authorize(r); !ok {
		return a
	}
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return answer{http.StatusUnsupportedMediaType, "the webhook takes application/json only"}
	}
	// Only requests with the token can occupy a place.
	select {
	case w.places <- struct{}{}:
		defer func() { <-w.places }()
	default:
		return tooMany(rw)
	}
	if r.ContentLength < 0 || r.ContentLength > smallBody {
		select {
		case w.large <- struct{}{}:
			defer func() { <-w.large }()
		case <-time.After(largePause):
			return tooMany(rw)
		case <-r.Context().Done():
			return tooMany(rw)
		}
	}
	body, a, ok := w.readBody(rw, r)
	if !ok {
		return a
	}
	p, err := parsePayload(body, time.Now())
	if err != nil {
		return answer{http.StatusBadRequest, err.Error()}
	}
	return w.submit(p)
}

// tooMany asks the sender to come again.
func tooMany(rw http.ResponseWriter) answer {
	rw.Header().Set("Retry-After", "1")
	return answer{http.StatusServiceUnavailable, "too many requests at a time (send it again)"}
}

// authorize compares hashes in constant time, so that the time of an answer does not
// reveal the token or its length.
func (w *Handler) authorize(r *http.Request) (answer, bool) {
	if w.tokenFile == "" {
		return answer{}, true
	}
	want, err := readToken(w.tokenFile)
	if err != nil {
		w.log.Error("Webhook token not readable", "err", err)
		return answer{
			http.StatusServiceUnavailable,
			"the webhook's token file cannot be read (see the sidecar's log)",
		}, false
	}
	scheme, got, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	wantHash, gotHash := sha256.Sum256(want), sha256.Sum256([]byte(strings.TrimSpace(got)))
	if !strings.EqualFold(scheme, "Bearer") || subtle.ConstantTimeCompare(wantHash[:], gotHash[:]) != 1 {
		return answer{http.StatusUnauthorized, "the bearer token is missing or wrong"}, false
	}
	return answer{}, true
}

// readToken returns the content of a token file without the newline at its end. An
// empty token is an error.
func readToken(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, maxToken+1))
	token := bytes.TrimSpace(raw)
	switch {
	case err != nil:
		return nil, err
	case len(raw) > maxToken:
		return nil, fmt.Errorf("%s is larger than %d bytes (write only the token into it)", path, maxToken)
	case len(token) == 0:
		return nil, fmt.Errorf("%s is empty (write the token into it)", path)
	}
	return token, nil
}

func (w *Handler) readBody(rw http.ResponseWriter, r *http.Request) ([]byte, answer, bool) {
	// Some servers can't set a deadline; net/http's can.
	_ = http.NewResponseController(rw).SetReadDeadline(time.Now().Add(w.readTimeout))
	body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, answer{http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is larger than %d bytes "+
			"(set max_alerts in Alertmanager's webhook_config)", maxBody)}, false
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, answer{http.StatusServiceUnavailable, "the body did not arrive in time (send it again)"}, false
	case err != nil:
		return nil, answer{http.StatusBadRequest, "the body is incomplete"}, false
	}
	return body, answer{}, true
}

// submit passes all alerts to the sink. If the sink can't accept one of them now, the sender
// repeats the whole body, which is harmless for the others.
func (w *Handler) submit(p payload) answer {
	counts := map[string]int{}
	for _, raw := range p.Alerts {
		result := w.submitOne(raw)
		w.alerts.WithLabelValues(result).Inc()
		counts[result]++
	}
	if refused := counts[resultRefused]; refused > 0 {
		return answer{http.StatusServiceUnavailable, fmt.Sprintf(
			"%d of %d alerts cannot be accepted now (send them again later; the sidecar's log says why)",
			refused, len(p.Alerts))}
	}
	w.alerts.WithLabelValues(resultTruncated).Add(float64(p.TruncatedAlerts))
	if invalid := counts[resultInvalid]; invalid > 0 && invalid == len(p.Alerts) {
		return answer{
			http.StatusBadRequest,
			"no alert in the body has a label alertname, a status firing or resolved, and times of RFC 3339",
		}
	}
	return answer{p.taken(), fmt.Sprintf("%d accepted, %d merged, %d declined, %d resolved, %d own, %d invalid",
		counts[resultAccepted], counts[resultMerged], counts[resultDeclined], counts[resultResolved], counts[resultOwn],
		counts[resultInvalid])}
}

// taken is the status of a body whose alerts all have their result. The API answers with 200, and
// some versions of vmalert take nothing else for success.
func (p payload) taken() int {
	if p.posted {
		return http.StatusOK
	}
	return http.StatusAccepted
}

func (w *Handler) submitOne(raw amAlert) (result string) {
	if raw.own() {
		return resultOwn
	}
	alert, ok := raw.alert()
	if !ok {
		return resultInvalid
	}
	accepted, reason, err := w.sink.Submit(alert)
	log := w.log.With("rule", alert.Rule, "cluster", alert.Cluster, "job", alert.Job, "fingerprint", alert.Fingerprint)
	var invalid interface{ Invalid() bool }
	switch {
	case errors.As(err, &invalid) && invalid.Invalid():
		log.Warn("Alert can't be stored", "err", err)
		return resultInvalid
	case err != nil:
		log.Warn("Alert not accepted, Alertmanager sends it again", "err", err)
		return resultRefused
	case alert.Resolved():
		return resultResolved
	case !accepted && reason == resultMerged:
		return resultMerged
	case !accepted:
		log.Debug("Alert declined", "reason", reason)
		return resultDeclined
	}
	return resultAccepted
}
