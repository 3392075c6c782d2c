package grafana

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/wait"
)

// doubtFor is how long a request that had no answer may still arrive: longer than the
// timeouts of the usual proxies.
const doubtFor = 10 * time.Minute

// doubts are the annotations for which a request had no answer.
type doubts struct {
	mu sync.Mutex
	of map[string]doubt // by tag
}

type doubt struct {
	since time.Time
	// want is the annotation that should exist; without a text it is not known.
	want annotation
	// counted is set once it is known to exist.
	counted bool
}

func (d *doubts) add(tag string, want annotation, at time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.of == nil {
		d.of = map[string]doubt{}
	}
	d.of[tag] = doubt{since: at, want: want, counted: d.of[tag].counted}
}

// settled replaces the annotation that should exist, where there is a doubt.
func (d *doubts) settled(tag string, want annotation) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if one, ok := d.of[tag]; ok {
		one.want = want
		d.of[tag] = one
	}
}

// found reports, once, that an annotation exists whose request had no answer.
func (d *doubts) found(tag string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	one, ok := d.of[tag]
	if !ok || one.counted {
		return false
	}
	one.counted = true
	d.of[tag] = one
	return true
}

func (d *doubts) get(tag string) doubt {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.of[tag]
}

func (d *doubts) tags() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Sorted(maps.Keys(d.of))
}

func (d *doubts) forget(tag string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.of, tag)
}

// Doubt lets [Notifier.Tidy] look again at an annotation of an earlier process, which may have
// ended without an answer. Without a text, the words of it are left alone.
func (a *Notifier) Doubt(wanted Annotation) {
	want, err := a.stored(wanted)
	if err != nil {
		want = annotation{}
	}
	a.doubts.add(tagOf(wanted.ID), want, a.Now())
	a.doubts.found(tagOf(wanted.ID)) // [Notifier.Restore] counts it
}

// Tidy looks again at annotations for which a request had no answer. If that request arrived
// late, there are two by now, or one with old words: it repairs both.
func (a *Notifier) Tidy(ctx context.Context) error {
	var faults []error
	for _, tag := range a.doubts.tags() {
		if err := a.tidyOne(ctx, tag); err != nil {
			faults = append(faults, err)
		}
	}
	return errors.Join(faults...)
}

func (a *Notifier) tidyOne(ctx context.Context, tag string) error {
	a.tidying.Lock() // what should exist must not change meanwhile
	defer a.tidying.Unlock()
	one, now := a.doubts.get(tag), a.Now()
	found, err := a.find(ctx, tag)
	if err != nil {
		return err
	}
	if len(found) > 0 {
		a.removeOthers(ctx, found)
		if one.want.Text != "" {
			if _, err := a.update(ctx, found[0], one.want); err != nil {
				return err
			}
		}
	}
	if now.Sub(one.since) >= doubtFor {
		a.doubts.forget(tag)
	}
	return nil
}

const (
	tidyEvery  = time.Minute
	pruneEvery = time.Hour
	// prunePage is how many old annotations are asked for at a time, and prunePages how many
	// times in a row.
	prunePage  = 100
	prunePages = 100
)

// Run tidies up every minute, and removes old annotations every hour, until ctx ends.
func (a *Notifier) Run(ctx context.Context) error {
	for pruned := (time.Time{}); ; {
		if err := a.Tidy(ctx); err != nil && ctx.Err() == nil {
			a.log.Warn("Annotations are not checked for second ones, it is tried again", "err", err)
		}
		if now := a.Now(); a.cfg.Load().Keep > 0 && now.Sub(pruned) >= pruneEvery {
			pruned = now
			if err := a.Prune(ctx); err != nil && ctx.Err() == nil {
				a.log.Warn("Old annotations are not removed, it is tried again in an hour", "err", err)
			}
		}
		if wait.For(ctx, tidyEvery) != nil {
			return nil
		}
	}
}

// Prune deletes the annotations of this sidecar and of its clusters that ended before grafana.keep.
func (a *Notifier) Prune(ctx context.Context) error {
	before := a.Now().Add(-time.Duration(a.cfg.Load().Keep))
	for _, cluster := range a.Clusters {
		for _, tag := range []string{clusterTag + cluster, makerTag + cluster} {
			if err := a.pruneTag(ctx, tag, before); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *Notifier) pruneTag(ctx context.Context, tag string, before time.Time) error {
	for range prunePages {
		if n, err := a.prunePage(ctx, tag, before); err != nil || n == 0 {
			return err
		}
	}
	return nil
}

// prunePage deletes old annotations with a tag and returns how many. It leaves alone what
// does not have the tag of one of ours.
func (a *Notifier) prunePage(ctx context.Context, tag string, before time.Time) (n int, err error) {
	var found []annotation
	query := url.Values{
		"tags": {ownTag, tagText(tag)}, "type": {"annotation"}, "limit": {fmt.Sprint(prunePage)},
		"from": {"1"}, "to": {fmt.Sprint(before.UnixMilli())},
	}
	if err := a.client.call(ctx, "looking for old annotations", http.MethodGet, "/api/annotations", query, nil,
		&found); err != nil {
		return 0, err
	}
	for _, old := range found {
		own := slices.ContainsFunc(old.Tags, func(tag string) bool { return strings.HasPrefix(tag, tagPrefix) })
		if old.ID <= 0 || old.AlertID != 0 || !own || max(old.Time, old.TimeEnd) >= before.UnixMilli() {
			continue
		}
		err := a.client.call(ctx, "deleting an old annotation", http.MethodDelete, annotationPath(old.ID), nil, nil, nil)
		if err != nil && !errors.Is(err, errNotFound) {
			return n, err
		}
		n++
		a.results.WithLabelValues(resultPruned).Inc()
	}
	return n, nil
}
