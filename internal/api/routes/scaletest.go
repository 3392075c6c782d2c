package routes

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"

	ulid "github.com/oklog/ulid/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

// ScaleTests are the stored scale tests, listed newest first. Errors are as with
// [Episodes].
type ScaleTests interface {
	api.StoredRuns
	// RunTests lists the scale tests of the runs of one name, newest first; an empty name is every
	// run.
	RunTests(run string, of episode.JobRef, before string, limit int) ([]scalerun.Test, error)
	PutScaleTest(scalerun.Test) error
	// ImportScaleTests stores the tests of a new run, all or none.
	ImportScaleTests([]scalerun.Test) error
}

// LiveScaleTest takes the progress of the scale test that is under way.
type LiveScaleTest interface {
	// Report takes the progress. It fails if another test is under way: an [*Error] keeps
	// its status.
	Report(api.ScaleProgress) error
}

// ScaleShards brings the processes together that send a scale test.
type ScaleShards interface {
	// Report takes the state of a process, and returns what it needs of the others. An
	// [*Error] keeps its status.
	Report(scalerun.Shard) (scalerun.Group, error)
}

// completeScaleTest replaces nil lists, which JSON would show as null. Several requests may
// answer with one test, so it changes a copy.
func completeScaleTest(t scalerun.Test) scalerun.Test {
	t.Iterations, t.Warnings = api.NotNil(slices.Clone(t.Iterations)), api.NotNil(t.Warnings)
	if t.Environment == nil {
		t.Environment = map[string]string{}
	}
	for i := range t.Iterations {
		it := &t.Iterations[i]
		it.Flags, it.Notes = api.NotNil(it.Flags), api.NotNil(it.Notes)
		if it.Sinks == nil {
			it.Sinks = map[string]scalerun.Sink{}
		}
	}
	if t.Profiled != nil {
		profiled := *t.Profiled
		profiled.Profiles, profiled.Modes = api.NotNil(profiled.Profiles), api.NotNil(profiled.Modes)
		t.Profiled = &profiled
	}
	if t.Sustainable != nil {
		sustainable := *t.Sustainable
		sustainable.Trials = api.NotNil(sustainable.Trials)
		t.Sustainable = &sustainable
	}
	return t
}

func (h *Handler) scaleTests(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query{Request: r}
	of, span, limit := q.job(), q.span(), q.limit()
	if q.err != nil {
		return nil, q.err
	}
	list := api.ScaleTestList{ScaleTests: []scalerun.Test{}}
	if h.sources.ScaleTests == nil {
		return list, nil
	}
	found, err := h.sources.ScaleTests.RunTests(q.text("run"), of, span.begin(), limit)
	for _, t := range found {
		if t.Began.Before(span.from) {
			return list, err
		}
		list.ScaleTests = append(list.ScaleTests, completeScaleTest(t))
	}
	if len(found) == limit {
		list.Next = found[limit-1].ID
	}
	return list, err
}

// putScaleTest stores a scale test that a command ran.
func (h *Handler) putScaleTest(w http.ResponseWriter, r *http.Request) (any, error) {
	var t scalerun.Test
	if err := readJSON(w, r, &t, api.MaxEpisode); err != nil {
		return nil, err
	}
	if err := checkScaleTest(t, time.Now().Add(clockSkew)); err != nil {
		return nil, err
	}
	if h.sources.ScaleTests == nil {
		return nil, errNoScaleTests
	}
	t = completeScaleTest(t)
	return t, h.sources.ScaleTests.PutScaleTest(t)
}

var errNoScaleTests = refusal(http.StatusServiceUnavailable, "this sidecar keeps no scale tests (use a newer one)")

// checkScaleTest refuses a test that cannot be stored or compared.
func checkScaleTest(t scalerun.Test, latest time.Time) error {
	id, err := ulid.ParseStrict(t.ID)
	switch {
	case err != nil:
		return checkID(t.ID)
	case ulid.Time(id.Time()).After(latest):
		return badRequest("id: it is of the future (correct the sender's clock)")
	case t.Run == "" || t.Label == "" || t.Job == "":
		return badRequest("run, label and job are needed (send all three)")
	case t.Verdict != scalerun.OK && t.Verdict != scalerun.Void && t.Verdict != scalerun.Aborted:
		return badRequest("verdict: %q is not one (use ok, void or aborted)", t.Verdict)
	}
	if _, err := json.Marshal(t); err != nil {
		return badRequest("the scale test cannot be stored: %v (correct that value)", err)
	}
	return nil
}

func (h *Handler) scaleProgress(w http.ResponseWriter, r *http.Request) (any, error) {
	var p api.ScaleProgress
	if err := readJSON(w, r, &p, api.MaxRequest); err != nil {
		return nil, err
	}
	if err := checkID(p.Test); err != nil {
		return nil, err
	}
	for _, text := range []string{p.Cluster, p.Job, p.Run, p.Label, p.Doing} {
		if len(text) > api.MaxText {
			return nil, badRequest("a text has %d bytes, more than %d (shorten it)", len(text), api.MaxText)
		}
	}
	if h.sources.LiveScaleTest == nil {
		return nil, errNoScaleTests
	}
	return completeProgress(p), h.sources.LiveScaleTest.Report(p)
}

// scaleShard takes the state of one of the processes that send a scale test.
func (h *Handler) scaleShard(w http.ResponseWriter, r *http.Request) (any, error) {
	var s scalerun.Shard
	if err := readJSON(w, r, &s, api.MaxEpisode); err != nil {
		return nil, err
	}
	if err := checkID(s.Member); err != nil {
		return nil, err
	}
	for _, text := range append([]string{s.Cluster, s.Job, s.Label, s.Load, s.Error}, s.Warnings...) {
		if len(text) > api.MaxText {
			return nil, badRequest("a text has %d bytes, more than %d (shorten it)", len(text), api.MaxText)
		}
	}
	if s.Begun != nil {
		if err := checkScaleTest(*s.Begun, time.Now().Add(clockSkew)); err != nil {
			return nil, err
		}
	}
	if h.sources.ScaleShards == nil {
		return nil, errNoScaleTests
	}
	group, err := h.sources.ScaleShards.Report(s)
	group.Missing = api.NotNil(group.Missing)
	if group.Merged != nil {
		merged := completeScaleTest(*group.Merged)
		group.Merged = &merged
	}
	return group, err
}
