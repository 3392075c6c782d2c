package demo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// evidence is the input of the verdicts and the story.
type evidence struct {
	at      time.Time // when it was gathered
	ready   time.Time // when the stack was ready
	started time.Time // when the sidecar was first ready

	reading      Reading
	status       api.Status
	measurements int // of the sample job, as far as the first page lists them
	records      int // probe records that are kept, likewise
	turns
	expected expected
	repair   *repair
}

// turns are the episodes and their annotations.
type turns struct {
	episodes    []episode.Episode // the oldest first
	annotations []annotation
	// unread says why the annotations are unknown; nil when they are known.
	unread error
}

// expected is what this stack can show of the loop.
type expected struct {
	planted   []string // faults that every job had
	growing   bool     // the job's state grows fast enough to be foreseen within minutes
	profiling bool     // Flink's profiler is on
}

// leastLoad is the rate, in orders per second, at which the state of the sample job
// grows fast enough for the demo's alert within six minutes, with a margin.
const leastLoad = 75

// expect returns what the stack can show now.
func (d *Demo) expect() expected {
	planted := d.stack.Planted()
	rate, _ := d.stack.Load()
	return expected{
		planted:   planted,
		growing:   slices.Contains(planted, "state") && rate >= leastLoad,
		profiling: d.stack.Profiling(),
	}
}

// gather reads everything again.
func (d *Demo) gather(ctx context.Context) (evidence, error) {
	e := evidence{ready: d.ready, started: d.began, expected: d.expect(), repair: d.repair}
	client, err := api.NewClient(d.url, nil)
	if err != nil {
		return e, err
	}
	var faults [5]error
	var measurements api.MeasurementList
	var records api.RecordList
	e.reading, faults[0] = d.Read(ctx)
	e.status, faults[1] = client.Status(ctx)
	measurements, faults[2] = client.Measurements(ctx, episode.JobRef{Job: jobName}, "", time.Time{}, time.Time{}, 0)
	records, faults[3] = client.Records(ctx, 0)
	e.turns, faults[4] = d.turns(ctx)
	if err := errors.Join(faults[:]...); err != nil {
		return e, fmt.Errorf("the sidecar cannot be judged: %w", err)
	}
	e.measurements, e.records, e.at = len(measurements.Measurements), len(records.Records), time.Now()
	return e, nil
}

// mostPages bounds how many pages of episodes are read.
const mostPages = 20

// turns reads the episodes from the sidecar, and the annotations from the stand-in for
// Grafana.
func (d *Demo) turns(ctx context.Context) (turns, error) {
	var t turns
	client, err := api.NewClient(d.url, nil)
	if err != nil {
		return t, err
	}
	before := ""
	for range mostPages {
		page, err := client.Episodes(ctx, episode.JobRef{}, before, 0)
		if err != nil {
			return t, err
		}
		t.episodes = append(t.episodes, page.Episodes...)
		if before = page.Next; before == "" {
			break
		}
	}
	slices.Reverse(t.episodes)
	t.annotations, t.unread = readAnnotations(ctx, d.stack.State())
	return t, nil
}

// alerts are the episodes that no person requested.
func (t turns) alerts() []episode.Episode {
	return slices.DeleteFunc(slices.Clone(t.episodes), func(ep episode.Episode) bool {
		return ep.Alert.Source != episode.FromTrend && ep.Alert.Source != episode.FromAlertmanager
	})
}

// lead is the alert of the verdicts: the first for which a process was profiled, which
// happens for one vertex every half hour; else the first of all.
func (t turns) lead() (episode.Episode, bool) {
	alerts := t.alerts()
	if len(alerts) == 0 {
		return episode.Episode{}, false
	}
	if i := slices.IndexFunc(alerts, func(ep episode.Episode) bool { return len(taken(ep)) > 0 }); i >= 0 {
		return alerts[i], true
	}
	return alerts[0], true
}

// taken are the profiles of processes: an episode also has Flink's own thread samples of
// its vertex, even when the profiler failed.
func taken(ep episode.Episode) []episode.Profile {
	return slices.DeleteFunc(slices.Clone(ep.Profiles), func(p episode.Profile) bool { return p.Process == "" })
}

// told is the annotation of an episode; ok is false when there is none, or more than one.
func (t turns) told(ep episode.Episode) (a annotation, ok bool) {
	found := t.annotationsOf(ep)
	if len(found) != 1 {
		return annotation{}, false
	}
	return found[0], true
}

func (t turns) annotationsOf(ep episode.Episode) []annotation {
	return slices.DeleteFunc(slices.Clone(t.annotations),
		func(a annotation) bool { return !slices.Contains(a.Tags, tagPrefix+ep.ID) })
}
