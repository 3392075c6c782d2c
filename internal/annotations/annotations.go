// Package annotations tells Grafana of episodes: when one begins, when its advice is complete, and
// what becomes known later, each exactly once.
package annotations

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/flink-sidecar/flink-sidecar/grafana"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/loop"
)

// Store is the part of the history that annotations are made from.
type Store interface {
	Episodes(of episode.JobRef, before string, limit int) ([]episode.Episode, error)
	Epochs(of episode.JobRef, limit int) ([]episode.Epoch, error)
	PutAnnouncement(id string, made episode.Announcement) (stored bool, err error)
}

// History has what the annotations show.
type History interface {
	Store
	Evaluations
}

// Annotations is the loop's Notifier: a region on Grafana's graphs from the beginning of
// the trend or alert until the advice, and a point for a new epoch. Use [New].
type Annotations struct {
	notifier *grafana.Notifier
	store    History
	// asked has a value while a look is asked for.
	asked chan struct{}
	// page is the address of the sidecar's page, as other hosts reach it.
	page string
	log  *slog.Logger
}

// New returns the annotations of a Grafana. page is the address of the sidecar's page, as other
// hosts reach it.
func New(notifier *grafana.Notifier, store History, page string, log *slog.Logger) *Annotations {
	return &Annotations{notifier: notifier, store: store, asked: make(chan struct{}, 1), page: page, log: log}
}

// inGrafana is the kind of receiver, for the record.
const inGrafana = "grafana"

// Where implements loop.Notifier.
func (*Annotations) Where() string { return inGrafana }

// Open implements loop.Notifier: within seconds, people see that somebody looks.
func (a *Annotations) Open(ctx context.Context, ep episode.Episode) error {
	if ep.Alert.Omits(episode.ActionAnnotate) {
		return nil
	}
	wanted, err := a.annotation(ep)
	if err != nil {
		return loop.Later(err)
	}
	if ep.Alert.Source != episode.FromEpoch { // the annotation of an epoch is complete at once
		wanted.Text, wanted.To, wanted.Opening = openingText(ep), time.Time{}, true
	}
	_, err = a.notifier.Annotate(ctx, wanted)
	return a.judged(err, ep)
}

// Notify implements loop.Notifier. A refused token counts as temporary: it is read again
// for each request.
func (a *Annotations) Notify(ctx context.Context, ep episode.Episode) (string, error) {
	if ep.Alert.Omits(episode.ActionAnnotate) {
		return "", fmt.Errorf("left out: the rule %s has actions.annotate: false", ep.Alert.Rule)
	}
	wanted, err := a.annotation(ep)
	if err != nil {
		return "", loop.Later(err)
	}
	id, err := a.notifier.Annotate(ctx, wanted)
	if err := a.judged(err, ep); err != nil {
		return "", err
	}
	return fmt.Sprint(id), nil
}

// judged marks an error that may pass.
func (*Annotations) judged(err error, ep episode.Episode) error {
	if err != nil && mayPass(err, time.Since(later(ep.Opened, ep.Concluded))) {
		return loop.Later(err)
	}
	return err
}

// annotation is what Grafana should show of an episode.
func (a *Annotations) annotation(ep episode.Episode) (grafana.Annotation, error) {
	if ep.Alert.Source == episode.FromEpoch {
		return a.ofEpochs(ep)
	}
	wanted := a.annotationOf(ep)
	wanted.Text, wanted.To = announcement(ep), ep.RegionEnd()
	return wanted, nil
}

// annotationOf is the annotation of an episode without its text and its end.
func (a *Annotations) annotationOf(ep episode.Episode) grafana.Annotation {
	return grafana.Annotation{
		ID: ep.ID, Cluster: ep.Alert.Cluster, Job: ep.Alert.Job, Rule: ep.Alert.Rule, From: ep.Alert.StartsAt,
		Link: a.evidence(ep),
	}
}

// evidence is the address of an episode on the sidecar's page.
func (a *Annotations) evidence(ep episode.Episode) string { return a.page + "/episodes/" + ep.ID }

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// waitFor500 is how long the sidecar repeats a request that Grafana answers with 500. The
// cause may be a locked database, which passes, or an unknown dashboard, which does not.
const waitFor500 = 6 * time.Hour

// mayPass reports whether a later attempt may succeed: Grafana is unreachable, another
// server answers in its place, the token is refused and may be renewed, or there is no
// token at the moment.
func mayPass(err error, waited time.Duration) bool {
	for _, passing := range []error{grafana.ErrAuth, grafana.ErrNoToken, grafana.ErrNotGrafana} {
		if errors.Is(err, passing) {
			return true
		}
	}
	refused, ok := errors.AsType[*grafana.Error](err)
	broken := ok && refused.Status == http.StatusInternalServerError
	return grafana.Retryable(err) || broken && waited < waitFor500
}
