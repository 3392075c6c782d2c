package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// ScaleTests are the stored scale tests, listed newest first. Errors are as with
// [Episodes].
type ScaleTests interface {
	// RunTests lists the scale tests of the runs of one name, newest first; an empty name is every
	// run.
	RunTests(run string, of episode.JobRef, before string, limit int) ([]episode.ScaleTest, error)
	// ComparedTests is RunTests with only what comparisons read.
	ComparedTests(run string, of episode.JobRef, before string, limit int) ([]episode.ScaleTest, error)
	PutScaleTest(episode.ScaleTest) error
	// ImportScaleTests stores the tests of a new run, all or none.
	ImportScaleTests([]episode.ScaleTest) error
}

// LiveScaleTest takes the progress of the scale test that is under way.
type LiveScaleTest interface {
	// Report takes the progress. It fails if another test is under way: an [*Error] keeps
	// its status.
	Report(ScaleProgress) error
}

// ScaleShards brings the processes together that send a scale test.
type ScaleShards interface {
	// Report takes the state of a process, and returns what it needs of the others. An
	// [*Error] keeps its status.
	Report(episode.ScaleShard) (episode.ScaleGroup, error)
}

// ScaleTestList is the answer of GET /api/v1/scaletests.
type ScaleTestList struct {
	ScaleTests []episode.ScaleTest `json:"scaletests"`
	// Next is what to pass as before for those that follow; empty at the end.
	Next string `json:"next,omitempty"`
}

// ScaleProgress is how far the scale test that is under way is. Its process sends it every
// second.
type ScaleProgress struct {
	// Test is the id of this call of the test: the process makes it, and sends no other.
	Test    string `json:"test"`
	Cluster string `json:"cluster"`
	Job     string `json:"job"`
	Run     string `json:"run"`
	Label   string `json:"label"`
	// Iteration of Iterations is under way; Doing says what it is for, if it is not a
	// measured one.
	Iteration  int    `json:"iteration"`
	Iterations int    `json:"iterations"`
	Doing      string `json:"doing,omitempty"`
	// Intended records of the iteration, Sent to the producer, Acknowledged by Kafka.
	Intended     int `json:"intended"`
	Sent         int `json:"sent"`
	Acknowledged int `json:"acknowledged"`
	// Visible is the number of records that each sink shows.
	Visible []SeenAtSink `json:"visible"`
	// LatencySeconds is that of the newest records; nil if unknown.
	LatencySeconds *float64 `json:"latency_seconds,omitempty"`
	// LeftSeconds is the time until the end of the iteration; nil if unknown.
	LeftSeconds *float64 `json:"left_seconds,omitempty"`
	// Throughput is that of the last iteration in records per second; nil if there is none.
	Throughput *float64 `json:"throughput,omitempty"`
	// SustainableRate is what the search has found; nil until it has ended with a limit.
	SustainableRate *float64 `json:"sustainable_rate,omitempty"`
	// Headroom is SustainableRate divided by the 95 % quantile of the job's input of the last
	// day; nil if unknown.
	Headroom *float64 `json:"headroom,omitempty"`
	// Ended is set in the last report: the test is not under way any more.
	Ended bool `json:"ended,omitempty"`
}

// complete returns a copy with empty lists in place of nil ones.
func (p ScaleProgress) complete() *ScaleProgress {
	p.Visible = notNil(p.Visible)
	return &p
}

// completeScaleTest replaces nil lists, which JSON would show as null. Several requests may
// answer with one test, so it changes a copy.
func completeScaleTest(t episode.ScaleTest) episode.ScaleTest {
	t.Iterations, t.Warnings = notNil(slices.Clone(t.Iterations)), notNil(t.Warnings)
	if t.Environment == nil {
		t.Environment = map[string]string{}
	}
	for i := range t.Iterations {
		it := &t.Iterations[i]
		it.Flags, it.Notes = notNil(it.Flags), notNil(it.Notes)
		if it.Sinks == nil {
			it.Sinks = map[string]episode.ScaleSink{}
		}
	}
	if t.Profiled != nil {
		profiled := *t.Profiled
		profiled.Profiles, profiled.Modes = notNil(profiled.Profiles), notNil(profiled.Modes)
		t.Profiled = &profiled
	}
	if t.Sustainable != nil {
		sustainable := *t.Sustainable
		sustainable.Trials = notNil(sustainable.Trials)
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
	list := ScaleTestList{ScaleTests: []episode.ScaleTest{}}
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
	var t episode.ScaleTest
	if err := readJSON(w, r, &t, MaxEpisode); err != nil {
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

var errNoScaleTests = &Error{http.StatusServiceUnavailable, "this sidecar keeps no scale tests (use a newer one)"}

// CheckScaleTests refuses scale tests that [Client.PutScaleTest] would refuse. The error names the
// first of them.
func CheckScaleTests(tests []episode.ScaleTest, now time.Time) error {
	for _, t := range tests {
		if err := checkScaleTest(t, now.Add(clockSkew)); err != nil {
			return fmt.Errorf("scale test %s: %w", shorten(t.ID), err)
		}
	}
	return nil
}

// checkScaleTest refuses a test that cannot be stored or compared.
func checkScaleTest(t episode.ScaleTest, latest time.Time) error {
	id, err := ulid.ParseStrict(t.ID)
	switch {
	case err != nil:
		return checkID(t.ID)
	case ulid.Time(id.Time()).After(latest):
		return badRequest("id: it is of the future (correct the sender's clock)")
	case t.Run == "" || t.Label == "" || t.Job == "":
		return badRequest("run, label and job are needed (send all three)")
	case t.Verdict != episode.ScaleOK && t.Verdict != episode.ScaleVoid && t.Verdict != episode.ScaleAborted:
		return badRequest("verdict: %q is not one (use ok, void or aborted)", t.Verdict)
	}
	if _, err := json.Marshal(t); err != nil {
		return badRequest("the scale test cannot be stored: %v (correct that value)", err)
	}
	return nil
}

func (h *Handler) scaleProgress(w http.ResponseWriter, r *http.Request) (any, error) {
	var p ScaleProgress
	if err := readJSON(w, r, &p, MaxRequest); err != nil {
		return nil, err
	}
	if err := checkID(p.Test); err != nil {
		return nil, err
	}
	for _, text := range []string{p.Cluster, p.Job, p.Run, p.Label, p.Doing} {
		if len(text) > MaxText {
			return nil, badRequest("a text has %d bytes, more than %d (shorten it)", len(text), MaxText)
		}
	}
	if h.sources.LiveScaleTest == nil {
		return nil, errNoScaleTests
	}
	return p.complete(), h.sources.LiveScaleTest.Report(p)
}

// scaleShard takes the state of one of the processes that send a scale test.
func (h *Handler) scaleShard(w http.ResponseWriter, r *http.Request) (any, error) {
	var s episode.ScaleShard
	if err := readJSON(w, r, &s, MaxEpisode); err != nil {
		return nil, err
	}
	if err := checkID(s.Member); err != nil {
		return nil, err
	}
	for _, text := range append([]string{s.Cluster, s.Job, s.Label, s.Load, s.Error}, s.Warnings...) {
		if len(text) > MaxText {
			return nil, badRequest("a text has %d bytes, more than %d (shorten it)", len(text), MaxText)
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
	group.Missing = notNil(group.Missing)
	if group.Merged != nil {
		merged := completeScaleTest(*group.Merged)
		group.Merged = &merged
	}
	return group, err
}

// ScaleTests lists scale tests, newest first. The rest is as with [Client.Episodes].
func (c *Client) ScaleTests(ctx context.Context, of episode.JobRef, before string, limit int) (ScaleTestList, error) {
	return c.ScaleTestsOf(ctx, ScaleTestQuery{Of: of, Before: before, Limit: limit})
}

// ScaleTestQuery says which scale tests are asked for. The zero value is all, up to a default number.
type ScaleTestQuery struct {
	Of episode.JobRef
	// Run is the name of runs; empty is any.
	Run string
	// Before is a scale test: only older ones. From and To bound when one began: From is the first
	// moment, To the first moment after. The zero time is open.
	Before   string
	From, To time.Time
	Limit    int
}

// ScaleTestsOf is [Client.ScaleTests] of a run or a time.
func (c *Client) ScaleTestsOf(ctx context.Context, q ScaleTestQuery) (ScaleTestList, error) {
	return get[ScaleTestList](ctx, c, "scaletests", params("cluster", q.Of.Cluster, "job", q.Of.Job, "run", q.Run,
		"before", q.Before, "from", timeText(q.From), "to", timeText(q.To), "limit", number(q.Limit)))
}

// PutScaleTest stores a scale test, and replaces the one with the same id. Idempotent.
func (c *Client) PutScaleTest(ctx context.Context, t episode.ScaleTest) error {
	_, err := post[episode.ScaleTest](ctx, c, "scaletests", t)
	return err
}

// ReportScaleTest sends the progress of a scale test. It fails with [http.StatusConflict]
// while another one is under way.
func (c *Client) ReportScaleTest(ctx context.Context, p ScaleProgress) error {
	_, err := post[ScaleProgress](ctx, c, "scaletests/progress", p)
	return err
}

// ReportScaleShard sends the state of one of the processes that send a scale test together,
// and returns what it needs of the others. It fails with [http.StatusConflict] if another
// process sends this shard.
func (c *Client) ReportScaleShard(ctx context.Context, s episode.ScaleShard) (episode.ScaleGroup, error) {
	return post[episode.ScaleGroup](ctx, c, "scaletests/shards", s)
}
