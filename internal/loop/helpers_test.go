package loop

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// journal is a History that keeps every write, so that a test can see not just
// where an episode ended but what was stored on the way.
type journal struct {
	mu       sync.Mutex
	writes   []episode.Episode
	failFrom int // the write from which the disk is full; 0 is never
}

func (j *journal) PutEpisode(ep episode.Episode) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.failFrom > 0 && len(j.writes)+1 >= j.failFrom {
		return errors.New("no space left on device")
	}
	j.writes = append(j.writes, ep)
	return nil
}

// latest returns every episode as it was stored last, oldest first.
func (j *journal) latest() []episode.Episode {
	j.mu.Lock()
	defer j.mu.Unlock()
	var out []episode.Episode
	for _, ep := range j.writes {
		if i := slices.IndexFunc(out, func(e episode.Episode) bool { return e.ID == ep.ID }); i >= 0 {
			out[i] = ep
			continue
		}
		out = append(out, ep)
	}
	return out
}

func (j *journal) Unfinished() ([]episode.Episode, error) {
	return slices.DeleteFunc(j.latest(), func(e episode.Episode) bool { return e.State.Final() }), nil
}

func (j *journal) Episodes(episode.JobRef, string, int) ([]episode.Episode, error) {
	out := j.latest()
	slices.Reverse(out)
	return out, nil
}

func (j *journal) states() []episode.State {
	j.mu.Lock()
	defer j.mu.Unlock()
	var states []episode.State
	for _, ep := range j.writes {
		states = append(states, ep.State)
	}
	return states
}

func (j *journal) last() episode.Episode {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.writes[len(j.writes)-1]
}

// stages is every part of a Plan at once. Its hooks stand for what a real stage
// may do; nil ones succeed.
type stages struct {
	mu    sync.Mutex
	calls []string

	aim     func(episode.Alert) error
	take    func(context.Context) error
	measure func(context.Context) error
	advise  func(context.Context)
}

func (s *stages) called(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, name)
}

func (s *stages) count(name string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, call := range s.calls {
		if call == name {
			n++
		}
	}
	return n
}

func (s *stages) plan(episode.Alert) (Plan, bool) {
	return Plan{Profiler: s, Measurer: MeasureFunc(s.doMeasure), Advisor: s}, true
}

func (s *stages) SelectTarget(_ context.Context, alert episode.Alert) (episode.Target, error) {
	s.called("aim")
	if s.aim != nil {
		return episode.Target{}, s.aim(alert)
	}
	return episode.Target{Vertex: "v1", Process: "tm-1", Why: "it is the busiest"}, nil
}

func (s *stages) Take(ctx context.Context, target episode.Target) ([]episode.Profile, error) {
	s.called("take " + target.Process)
	if s.take != nil {
		return nil, s.take(ctx)
	}
	return []episode.Profile{{ID: "p1", Mode: "ITIMER", Process: target.Process, Samples: 100}}, nil
}

func (s *stages) doMeasure(ctx context.Context, _ episode.Alert) (episode.Measurement, error) {
	s.called("measure")
	if s.measure != nil {
		return episode.Measurement{}, s.measure(ctx)
	}
	return episode.Measurement{Kind: episode.KindWindow, EpochKey: "e1"}, nil
}

func (s *stages) Advise(
	ctx context.Context, _ episode.Episode, soon func(episode.Advice) error,
) (episode.Advice, error) {
	s.called("advise")
	rules := episode.Advice{Findings: []episode.Finding{{ID: "F1", Source: "rule:kryo"}}}
	if err := soon(rules); err != nil {
		return rules, err
	}
	if s.advise != nil {
		s.advise(ctx)
	}
	return episode.Advice{Findings: append(slices.Clip(rules.Findings),
		episode.Finding{ID: "F2", Source: "llm:m"})}, nil
}

func (s *stages) Show(episode.Episode) { s.called("show") }

// town is a Notifier that records its announcements, by episode.
type town struct {
	mu    sync.Mutex
	told  []string
	fails func(attempt int) error
	tries int
	// opened are the episodes whose beginning was told; shut, if not nil, may refuse.
	opened []string
	shut   func(opened int) error
}

// openings are the episodes whose beginning was told so far.
func (t *town) openings() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.opened)
}

func (t *town) Where() string { return "grafana" }

func (t *town) Open(_ context.Context, ep episode.Episode) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.shut != nil {
		if err := t.shut(len(t.opened)); err != nil {
			return err
		}
	}
	t.opened = append(t.opened, ep.ID)
	return nil
}

func (t *town) Notify(_ context.Context, ep episode.Episode) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.tries++
	if t.fails != nil {
		if err := t.fails(t.tries); err != nil {
			return "", err
		}
	}
	if !slices.Contains(t.told, ep.ID) {
		t.told = append(t.told, ep.ID)
	}
	return "annotation of " + ep.ID, nil
}

func loopOf(j *journal, plan func(episode.Alert) (Plan, bool), announcer Notifier) *Loop {
	return New(Options{
		Config: DefaultConfig(), History: j, PlanFor: plan, Notifier: announcer,
		Log: slog.New(slog.DiscardHandler),
	})
}

var discard = slog.New(slog.DiscardHandler)

// never is the plan of what cannot be repeated.
func never(episode.Alert) (Plan, bool) { return Plan{}, false }
