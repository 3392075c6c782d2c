package grafana

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
)

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

// ensure is one attempt: see the steps in the package comment.
func (a *Notifier) ensure(ctx context.Context, wanted Annotation, want annotation) (id int64, result string, err error) {
	tag := tagOf(wanted.ID)
	found, err := a.find(ctx, tag)
	switch {
	case err != nil:
		return 0, "", err
	case len(found) == 0 && wanted.Made:
		return 0, resultUnchanged, nil
	case len(found) == 0:
		return a.create(ctx, wanted, want)
	}
	if a.doubts.found(tag) {
		a.budget.add(a.Now())
	}
	a.removeOthers(ctx, found)
	if wanted.Opening {
		return found[0].ID, resultUnchanged, nil
	}
	if result, err = a.update(ctx, found[0], want); err != nil {
		a.doubts.add(tag, want, a.Now())
	}
	return found[0].ID, result, err
}

// create posts an annotation and looks again. It exists then, so a failure to look or to
// remove a second one is no error: [Notifier.Tidy] does it later.
func (a *Notifier) create(ctx context.Context, wanted Annotation, want annotation) (id int64, result string, err error) {
	tag, doubtful := tagOf(wanted.ID), want
	if wanted.Opening {
		doubtful = annotation{} // later words may follow before the doubt is over
	}
	if id, err = a.post(ctx, tag, want, doubtful); err != nil {
		return 0, "", err
	}
	found, err := a.find(ctx, tag)
	switch {
	case err != nil:
		a.doubts.add(tag, doubtful, a.Now())
		a.doubts.found(tag) // it is counted
	case len(found) > 1:
		a.removeOthers(ctx, found)
		// The oldest may be of an earlier call, with other words.
		if _, err := a.update(ctx, found[0], want); err != nil {
			a.doubts.add(tag, doubtful, a.Now())
		}
		return found[0].ID, resultCreated, nil
	}
	return id, resultCreated, nil
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

// post makes an annotation, if the hour has room for it. doubtful is what should exist if there
// is no answer.
func (a *Notifier) post(ctx context.Context, tag string, want, doubtful annotation) (int64, error) {
	var made annotation
	const op = "posting an annotation"
	if err := a.budget.take(a.Now()); err != nil {
		return 0, err
	}
	counted := false
	defer func() {
		if !counted {
			a.budget.giveBack()
		}
	}()
	err := a.client.call(ctx, op, http.MethodPost, "/api/annotations", nil, want, &made)
	switch failed, _ := errors.AsType[*Error](err); {
	case err == nil && made.ID <= 0:
		return 0, &Error{Op: op, Message: "the answer has no id", Hint: "check grafana.url", Cause: ErrNotGrafana}
	case err == nil:
		counted = true
		return made.ID, nil
	case failed.Status == http.StatusInternalServerError:
		return 0, a.client.explained(ctx, failed)
	case failed.Status == 0 && !unsent(err) || failed.Status > http.StatusInternalServerError:
		a.doubts.add(tag, doubtful, a.Now()) // Grafana may have it, or may get it from a proxy later
	}
	return 0, err
}

// unsent reports whether a request failed before it was sent.
func unsent(err error) bool {
	failed, ok := errors.AsType[*net.OpError](err)
	return ok && failed.Op == "dial" || errors.Is(err, ErrNoToken)
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
