package grafana

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/flink-sidecar/flink-sidecar/internal/contact"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/wait"
)

// Notifier puts annotations on Grafana's graphs. It is safe for concurrent use.
type Notifier struct {
	contact.Contact // with Grafana

	client  *client
	log     *slog.Logger
	results *prometheus.CounterVec
	// Pause waits between attempts; a test may replace it. It returns early, with the
	// error of ctx, when ctx ends.
	Pause func(ctx context.Context, d time.Duration) error
	// Now is time.Now unless a test sets it.
	Now func() time.Time
	// Clusters are the names of the clusters whose old annotations may be removed.
	Clusters []string

	cfg    atomic.Pointer[Config]
	budget budget
	doubts doubts
	// tidying is held for reading while an annotation is made or changed, and one of ids for
	// the annotation's own.
	tidying sync.RWMutex
	ids     [16]sync.Mutex
}

// New returns a Notifier for a valid configuration. It sends no request.
func New(cfg Config, log *slog.Logger) (*Notifier, error) {
	c, err := newClient(cfg)
	if err != nil {
		return nil, err
	}
	a := &Notifier{
		client: c, log: log.With("component", "grafana"), results: newResults(), Pause: wait.For, Now: time.Now,
	}
	a.Reload(cfg)
	return a, nil
}

// Reload takes over the tags of new annotations, how many there may be, and how long they are kept. The
// other keys need a restart.
func (a *Notifier) Reload(cfg Config) {
	a.cfg.Store(&cfg)
	a.budget.limit(cmp.Or(cfg.MaxPerHour, DefaultConfig().MaxPerHour))
}

// Close closes idle connections.
func (a *Notifier) Close() { a.client.http.CloseIdleConnections() }

// Annotation is what should be on the graphs.
type Annotation struct {
	// ID identifies it for ever. It is the id of an episode, an evaluation or a finding.
	ID string
	// Cluster, Job and Rule become tags; an empty one does not.
	Cluster, Job, Rule string
	// Text is plain: what Grafana would take for markup is shown as it is. A line stays a line.
	Text string
	// Link is the address of the evidence, below the text; empty is none.
	Link string
	// From is the moment of a point, or the beginning of a region until To. A zero To leaves
	// the end as it is: a new annotation is a point until a later call closes it.
	From, To time.Time
	// Opening is set for the first words about something. They do not replace what is there.
	Opening bool
	// Made is set if an earlier call is known to have made it. If it is gone, a person has
	// deleted it, and it is not made again.
	Made bool
}

// attempts is how often a request with a temporary failure is sent, with longer pauses
// each time. The caller may try again later.
const (
	attempts   = 3
	firstPause = 500 * time.Millisecond
)

// Notify is [Notifier.Annotate] for an episode without evidence.
func (a *Notifier) Notify(
	ctx context.Context, ep episode.Episode, text string, from, to time.Time,
) (id int64, err error) {
	return a.Annotate(ctx, Annotation{
		ID: ep.ID, Cluster: ep.Alert.Cluster, Job: ep.Alert.Job, Rule: ep.Alert.Rule, Text: text, From: from, To: to,
	})
}

// Annotate makes sure that there is exactly one annotation with this id, with this text and
// this span, and returns the id that Grafana gave it. It may be called any number of times,
// also after a crash in the middle of it. The id is 0 if it was made before and deleted by a
// person.
//
// The error says what to do. [Retryable] reports whether a later call may succeed, and
// [ErrAuth] marks a token at fault, [ErrNoDashboard] an unknown dashboard, and [ErrCapped] an
// annotation that is not made because there are too many new ones.
func (a *Notifier) Annotate(ctx context.Context, wanted Annotation) (id int64, err error) {
	want, err := a.stored(wanted)
	if err != nil {
		return 0, err
	}
	a.tidying.RLock()
	defer a.tidying.RUnlock()
	own := a.lockOf(wanted.ID)
	own.Lock()
	defer own.Unlock()
	result := ""
	for attempt := range attempts {
		if attempt > 0 {
			if err := a.Pause(ctx, firstPause<<attempt); err != nil {
				break // the error of the last attempt is more specific
			}
		}
		id, result, err = a.ensure(ctx, wanted, want)
		if err == nil || !worthAnotherAttempt(err) {
			break
		}
	}
	a.count(result, err)
	if err == nil {
		if !wanted.Opening {
			a.doubts.settled(tagOf(wanted.ID), want)
		}
		a.log.Info("Annotated", "of", wanted.ID, "cluster", wanted.Cluster, "job", wanted.Job, "rule", wanted.Rule,
			"annotation", id, "result", result)
	}
	return id, err
}

// lockOf returns the lock of an annotation: two calls for the same one must not overlap.
func (a *Notifier) lockOf(id string) *sync.Mutex {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id)) // never fails
	return &a.ids[h.Sum32()%uint32(len(a.ids))]
}

func (a *Notifier) count(result string, err error) {
	switch {
	case errors.Is(err, ErrCapped): // Grafana has answered
		a.results.WithLabelValues(resultCapped).Inc()
		return
	case err != nil:
		result = resultFailed
	}
	a.note(err)
	a.results.WithLabelValues(result).Inc()
}

// worthAnotherAttempt is wider than Retryable: a 500 may pass within a second, but a long
// wait rarely helps.
func worthAnotherAttempt(err error) bool {
	var failed *Error
	broken := errors.As(err, &failed) && failed.Status == http.StatusInternalServerError
	return Retryable(err) || broken && !errors.Is(err, ErrNoDashboard)
}

// maker is the tag of an annotation that belongs to no cluster, or to several; none for any other.
func (a *Notifier) maker(of Annotation) []string {
	if of.Cluster != "" || len(a.Clusters) == 0 {
		return nil
	}
	return []string{makerTag + a.Clusters[0]}
}

// stored composes the annotation that Grafana should have.
func (a *Notifier) stored(wanted Annotation) (annotation, error) {
	cfg := a.client.cfg
	out := annotation{
		DashboardUID: cfg.DashboardUID, PanelID: cfg.PanelID, Time: wanted.From.UnixMilli(),
		Text: shown(wanted.Text, wanted.Link), Tags: tagsOf(wanted, append(a.maker(wanted), a.cfg.Load().Tags...)),
	}
	switch {
	case wanted.ID == "":
		return out, errors.New("grafana: the episode has no id")
	case out.Text == "":
		return out, fmt.Errorf("grafana: nothing to say about episode %s", wanted.ID)
	case wanted.From.IsZero():
		return out, fmt.Errorf("grafana: episode %s has no beginning", wanted.ID)
	}
	if !wanted.To.IsZero() {
		out.TimeEnd = max(wanted.To.UnixMilli(), out.Time) // Grafana would swap them
	}
	return out, nil
}

// Check sends a harmless request: it shows whether Grafana answers and accepts the token
// for reading. The right to write shows only in a write.
func (a *Notifier) Check(ctx context.Context) error {
	var found []annotation
	err := a.client.call(ctx, "reading annotations", http.MethodGet, "/api/annotations",
		url.Values{"limit": {"1"}, "type": {"annotation"}}, nil, &found)
	a.note(err)
	return err
}

func (a *Notifier) note(err error) { a.Note(a.Now(), err == nil, err) }
