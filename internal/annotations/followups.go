package annotations

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/flink-sidecar/flink-sidecar/grafana"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
)

const (
	// followEvery is the time between two looks, and outcomesEvery how many looks there are
	// for one at all findings.
	followEvery   = time.Minute
	outcomesEvery = 5
	// followed is how many episodes are looked at for their ends, and followFor how long after
	// the end.
	followed  = 100
	followFor = 6 * time.Hour
	// rescaledFor is how long after its beginning changes of scale may be added to an epoch.
	rescaledFor = time.Hour
)

// Run tells what becomes known after an episode was announced, until ctx ends: the end of a
// trouble, further changes of scale, and what came of a finding. It tells of large regressions of
// evaluations, too. It compares what the history says
// with the announcements in it, so that it goes on after a crash.
func (a *Annotations) Run(ctx context.Context) error {
	for look := 0; ; look++ {
		number := followed
		if look%outcomesEvery == 0 {
			number = history.MaxLimit
		}
		if err := a.look(ctx, number); err != nil && ctx.Err() == nil {
			a.log.Warn("Annotations are not completed, it is tried again", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-a.asked:
		case <-time.After(followEvery):
		}
	}
}

// look tells what is new of the newest episodes.
func (a *Annotations) look(ctx context.Context, number int) error {
	episodes, err := a.store.Episodes(episode.JobRef{}, "", number)
	if err != nil {
		return err
	}
	faults := []error{a.regressions(ctx)}
	for i, ep := range episodes {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if i < followed {
			faults = append(faults, a.extend(ctx, ep))
		}
		for _, o := range ep.Outcomes {
			faults = append(faults, a.tellOutcome(ctx, ep, o))
		}
	}
	return errors.Join(faults...)
}

// extend moves the end of a region to where it is known to be by now.
func (a *Annotations) extend(ctx context.Context, ep episode.Episode) error {
	told, ok := ep.AnnouncementOf(inGrafana, "")
	if !ok || told.ID == "" || !a.mayExtend(ep) {
		return nil
	}
	wanted, err := a.annotation(ep)
	if err != nil {
		return err
	}
	known := later(later(ep.Concluded, ep.Alert.StartsAt), told.Until)
	if !wanted.To.After(known) || time.Since(wanted.To) > followFor {
		return nil
	}
	wanted.Made = true
	if _, err := a.notifier.Annotate(ctx, wanted); err != nil {
		return err
	}
	told.Until = wanted.To
	_, err = a.store.PutAnnouncement(ep.ID, told)
	return err
}

// mayExtend reports whether the end of a region may be known later: of a trouble, and of an
// epoch while changes of scale may be added to it.
func (a *Annotations) mayExtend(ep episode.Episode) bool {
	switch ep.Alert.Source {
	case episode.FromTrouble:
		return !ep.Alert.ResolvedAt.IsZero()
	case episode.FromEpoch:
		return time.Since(ep.Opened) < rescaledFor
	}
	return false
}

// tellOutcome tells what came of a finding, and again when that is known better.
func (a *Annotations) tellOutcome(ctx context.Context, ep episode.Episode, o episode.Outcome) error {
	told, again := ep.AnnouncementOf(inGrafana, o.Finding)
	if !worthTelling(o) || again && !o.At.After(told.At) {
		return nil
	}
	wanted := a.ofOutcome(ep, o)
	wanted.Made = again && told.ID != ""
	made := episode.Announcement{Where: inGrafana, ID: told.ID, At: time.Now(), Finding: o.Finding}
	id, err := a.notifier.Annotate(ctx, wanted)
	switch {
	case err != nil && mayPass(err, time.Since(o.At)):
		return err
	case err != nil:
		made.Error = err.Error()
	case id != 0:
		made.ID = fmt.Sprint(id)
	}
	_, err = a.store.PutAnnouncement(ep.ID, made)
	return err
}

// ofOutcome is what Grafana should show of the outcome of a finding.
func (a *Annotations) ofOutcome(ep episode.Episode, o episode.Outcome) grafana.Annotation {
	wanted := a.annotationOf(ep)
	wanted.ID, wanted.Rule, wanted.From, wanted.Text = o.Finding, "outcome", o.Changed, outcomeText(ep, o)
	return wanted
}

// told is what Grafana should show of an announcement.
func (a *Annotations) told(ep episode.Episode, t episode.Announcement) (grafana.Annotation, error) {
	if t.Finding == "" {
		return a.annotation(ep)
	}
	o, _ := ep.OutcomeOf(t.Finding)
	o.Finding = t.Finding
	return a.ofOutcome(ep, o), nil
}

// worthTelling reports whether an outcome says something. A person who has marked a finding
// is also told that its effect cannot be measured.
func worthTelling(o episode.Outcome) bool {
	switch o.Result {
	case episode.Hit, episode.Miss, episode.Opposite:
		return true
	}
	return o.Final && o.By == episode.ByMark
}

// Restore takes over from an earlier process how many annotations it made, and
// which of its requests may have had no answer.
func (a *Annotations) Restore() error {
	recent, err := a.store.Episodes(episode.JobRef{}, "", history.MaxLimit)
	if err != nil {
		return fmt.Errorf("reading recent episodes: %w", err)
	}
	now := time.Now()
	for i := range recent {
		ep := recent[len(recent)-1-i] // oldest first
		if !ep.State.Final() {
			a.notifier.Doubt(grafana.Annotation{ID: ep.ID})
		}
		for _, told := range ep.Announcements {
			if told.Where != inGrafana || told.ID == "" {
				continue
			}
			a.notifier.Restore(told.At)
			if now.Sub(later(told.At, told.Until)) >= doubtedAfterRestart {
				continue
			}
			wanted, err := a.told(ep, told)
			if err != nil {
				return err
			}
			a.notifier.Doubt(wanted)
		}
	}
	if err := a.restoreRegressions(); err != nil {
		return fmt.Errorf("reading recent evaluations: %w", err)
	}
	return nil
}

// doubtedAfterRestart is how long before a restart an announcement may have been made whose
// request arrives again.
const doubtedAfterRestart = 10 * time.Minute
