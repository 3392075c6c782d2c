package grafana

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/wait"
)

// Notifier puts episodes on Grafana's graphs. It is safe for concurrent use;
// calls for the same episode should not overlap.
type Notifier struct {
	client  *client
	log     *slog.Logger
	results *prometheus.CounterVec
	// Pause waits between attempts; a test may replace it. It returns early, with the
	// error of ctx, when ctx ends.
	Pause func(ctx context.Context, d time.Duration) error

	mu sync.Mutex
	up *bool // nil before the first request
}

// New returns a Notifier for a valid configuration. It sends no request.
func New(cfg Config, log *slog.Logger) (*Notifier, error) {
	c, err := newClient(cfg)
	if err != nil {
		return nil, err
	}
	return &Notifier{client: c, log: log.With("component", "grafana"), results: newResults(), Pause: wait.For}, nil
}

// Close closes idle connections.
func (a *Notifier) Close() { a.client.http.CloseIdleConnections() }

// annotation is Grafana's, as far as we use it. Times are epoch milliseconds.
type annotation struct {
	ID           int64    `json:"id,omitempty"`
	AlertID      int64    `json:"alertId,omitempty"`
	DashboardUID string   `json:"dashboardUID,omitempty"`
	PanelID      int64    `json:"panelId,omitempty"`
	Time         int64    `json:"time,omitempty"`
	TimeEnd      int64    `json:"timeEnd,omitempty"`
	Text         string   `json:"text,omitempty"`
	Tags         []string `json:"tags,omitempty"`
}

// attempts is how often a request with a temporary failure is sent, with longer pauses
// each time. The caller may try again later.
const (
	attempts   = 3
	firstPause = 500 * time.Millisecond
)

// Notify makes sure that there is exactly one annotation of an episode, with this text
// and this span, and returns its id. It may be called any number of times, also after a
// crash in the middle of it. A zero to leaves the region open: it is a point until a
// later call closes it.
//
// The error says what to do. [Retryable] reports whether a later call may succeed, and
// [ErrAuth] marks a token at fault.
func (a *Notifier) Notify(
	ctx context.Context, ep episode.Episode, text string, from, to time.Time,
) (id int64, err error) {
	want, err := a.annotation(ep, text, from, to)
	if err != nil {
		return 0, err
	}
	result := ""
	for attempt := range attempts {
		if attempt > 0 {
			if err := a.Pause(ctx, firstPause<<attempt); err != nil {
				break // the error of the last attempt is more specific
			}
		}
		id, result, err = a.ensure(ctx, tagOf(ep), want)
		if err == nil || !worthAnotherAttempt(err) {
			break
		}
	}
	a.note(err)
	if err != nil {
		a.results.WithLabelValues(resultFailed).Inc()
		return 0, err
	}
	a.results.WithLabelValues(result).Inc()
	a.log.Info("Episode announced", "episode", ep.ID, "annotation", id, "result", result)
	return id, nil
}

// worthAnotherAttempt is wider than Retryable: a 500 may pass within a second, but a long
// wait rarely helps.
func worthAnotherAttempt(err error) bool {
	var failed *Error
	return Retryable(err) || (errors.As(err, &failed) && failed.Status == http.StatusInternalServerError)
}

// annotation composes the annotation that should exist.
func (a *Notifier) annotation(ep episode.Episode, text string, from, to time.Time) (annotation, error) {
	cfg := a.client.cfg
	out := annotation{
		DashboardUID: cfg.DashboardUID, PanelID: cfg.PanelID, Time: from.UnixMilli(),
		Text: escaped(text), Tags: tagsOf(ep, cfg.Tags),
	}
	switch {
	case ep.ID == "":
		return out, errors.New("grafana: the episode has no id")
	case out.Text == "":
		return out, fmt.Errorf("grafana: nothing to say about episode %s", ep.ID)
	case from.IsZero():
		return out, fmt.Errorf("grafana: episode %s has no beginning", ep.ID)
	}
	if !to.IsZero() {
		out.TimeEnd = max(to.UnixMilli(), out.Time) // Grafana would swap them
	}
	return out, nil
}

// ensure is one attempt: see the steps in the package comment.
func (a *Notifier) ensure(ctx context.Context, tag string, want annotation) (id int64, result string, err error) {
	found, err := a.find(ctx, tag)
	if err != nil {
		return 0, "", err
	}
	if len(found) == 0 {
		if id, err = a.post(ctx, want); err != nil {
			return 0, "", err
		}
		// It exists. A possible second one is removed, but a failure to do so is no
		// error.
		if found, err = a.find(ctx, tag); err != nil || len(found) < 2 {
			return id, resultCreated, nil
		}
		a.removeOthers(ctx, found)
		return found[0].ID, resultCreated, nil
	}
	a.removeOthers(ctx, found)
	result, err = a.update(ctx, found[0], want)
	return found[0].ID, result, err
}

// find returns the annotations with a tag, the oldest first.
func (a *Notifier) find(ctx context.Context, tag string) ([]annotation, error) {
	var found []annotation
	query := url.Values{"tags": {tag}, "type": {"annotation"}, "limit": {"20"}}
	if err := a.client.call(ctx, "looking for an annotation", http.MethodGet, "/api/annotations", query, nil,
		&found); err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found,
		func(n annotation) bool { return n.ID <= 0 || n.AlertID != 0 || !slices.Contains(n.Tags, tag) })
	slices.SortFunc(found, func(x, y annotation) int { return int(min(max(x.ID-y.ID, -1), 1)) })
	return found, nil
}

func (a *Notifier) post(ctx context.Context, want annotation) (int64, error) {
	var made annotation
	const op = "posting an annotation"
	if err := a.client.call(ctx, op, http.MethodPost, "/api/annotations", nil, want, &made); err != nil {
		return 0, err
	}
	if made.ID <= 0 {
		return 0, &Error{Op: op, Message: "the answer has no id", Hint: "check grafana.url", Cause: ErrNotGrafana}
	}
	return made.ID, nil
}

// update changes what differs. Tags stay: people add their own.
func (a *Notifier) update(ctx context.Context, there, want annotation) (result string, err error) {
	var change annotation
	if there.Text != want.Text {
		change.Text = want.Text
	}
	if want.TimeEnd != 0 && there.TimeEnd != want.TimeEnd {
		change.TimeEnd = want.TimeEnd
	}
	if change.Text == "" && change.TimeEnd == 0 {
		return resultUnchanged, nil
	}
	err = a.client.call(ctx, "changing an annotation", http.MethodPatch, annotationPath(there.ID), nil, change, nil)
	if errors.Is(err, errNotFound) {
		// A person deleted it since the search: it was announced, and is not wanted.
		return resultUnchanged, nil
	}
	return resultUpdated, err
}

// removeOthers deletes all but the oldest. The next call finds what cannot be deleted
// now.
func (a *Notifier) removeOthers(ctx context.Context, found []annotation) {
	for _, n := range found[1:] {
		err := a.client.call(ctx, "deleting a second annotation", http.MethodDelete, annotationPath(n.ID), nil,
			nil, nil)
		if err != nil && !errors.Is(err, errNotFound) {
			a.log.Warn("Second annotation of an episode stays", "annotation", n.ID, "err", err)
			continue
		}
		a.results.WithLabelValues(resultRemoved).Inc()
	}
}

func annotationPath(id int64) string { return fmt.Sprintf("/api/annotations/%d", id) }

// Check sends a harmless request: it shows whether Grafana answers and accepts the token
// for reading. The right to write shows only in a write.
func (a *Notifier) Check(ctx context.Context) error {
	var found []annotation
	err := a.client.call(ctx, "reading annotations", http.MethodGet, "/api/annotations",
		url.Values{"limit": {"1"}, "type": {"annotation"}}, nil, &found)
	a.note(err)
	return err
}

func (a *Notifier) note(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	up := err == nil
	a.up = &up
}

// Up reports whether the last request to Grafana succeeded; known is false before the
// first request.
func (a *Notifier) Up() (up, known bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.up == nil {
		return false, false
	}
	return *a.up, true
}

// Collector returns the notifier's metrics.
func (a *Notifier) Collector() prometheus.Collector { return a.results }

// The results of an announcement, as label values. A removed second annotation counts in
// addition to the announcement's own result.
const (
	resultCreated   = "created"
	resultUpdated   = "updated"
	resultUnchanged = "unchanged"
	resultRemoved   = "removed"
	resultFailed    = "failed"
)

func newResults() *prometheus.CounterVec {
	results := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "flink_sidecar_annotations_total",
		Help: "Announcements of episodes in Grafana by result; removed counts deleted second annotations.",
	}, []string{"result"})
	for _, result := range []string{resultCreated, resultUpdated, resultUnchanged, resultRemoved, resultFailed} {
		results.WithLabelValues(result)
	}
	return results
}
