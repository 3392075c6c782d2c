package annotations

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/grafana"
	"github.com/flink-sidecar/flink-sidecar/grafana/grafanatest"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/epochs"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/internal/loop"
	"github.com/flink-sidecar/flink-sidecar/internal/wait"
)

// TestAnnotationsExactlyOnce lets a sidecar live through lost answers, errors, requests that
// arrive late, and kills between any two steps, with other luck for each seed. In the end there
// is exactly one annotation of everything that happened, with its last words.
func TestAnnotationsExactlyOnce(t *testing.T) {
	lives, faults := 0, 0
	for seed := range uint64(100) {
		w := newStorm(t, seed)
		for n := 0; !w.over(); n++ {
			require.Less(t, n, 200, "seed %d does not end", seed)
			w.live(n > 20)
			lives++
		}
		w.settle()
		w.check()
		faults += w.faults
	}
	t.Logf("100 seeds: %d lives, %d requests that failed", lives, faults)
	require.Greater(t, lives, 300, "the seeds kill")
	require.Greater(t, faults, 1000, "and disturb")
}

// storm is a sidecar whose Grafana, network and process fail.
type storm struct {
	*testing.T
	seed    uint64
	store   *history.Store
	grafana *grafanatest.Server
	url     string

	mu     sync.Mutex
	luck   *rand.Rand
	calm   bool
	late   []func()
	faults int
	life   *life

	alerts []episode.Alert
	epochs []episode.Epoch
	ended  time.Time // of the trouble
}

// life is one process.
type life struct {
	context.Context

	kill func()
	dead atomic.Bool
}

func (l *life) die() {
	l.dead.Store(true)
	l.kill()
}

var errDead = errors.New("the process is dead")

// mortal is a history whose process may die before or after each write.
type mortal struct {
	*history.Store

	storm *storm
	life  *life
}

func (m mortal) PutEpisode(ep episode.Episode) error {
	return m.write(func() error { return m.Store.PutEpisode(ep) })
}

func (m mortal) write(put func() error) error {
	fate := m.storm.draw(100)
	if fate < 2 {
		m.life.die()
	}
	if m.life.dead.Load() {
		return errDead
	}
	err := put()
	if fate >= 2 && fate < 4 {
		m.life.die()
	}
	return err
}

func newStorm(t *testing.T, seed uint64) *storm {
	t.Helper()
	config := history.DefaultConfig()
	config.Path = filepath.Join(t.TempDir(), "none", "h.db") // in memory: its disk is not the matter here
	store, err := history.Open(t.Context(), config, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	w := &storm{T: t, seed: seed, store: store, grafana: &grafanatest.Server{Token: "t"}, luck: rand.New(rand.NewPCG(seed, 1))}
	server := httptest.NewServer(w)
	t.Setenv("SIDECAR_TEST_STORM_TOKEN", "t")
	w.url = server.URL
	t.Cleanup(func() { server.Close(); require.NoError(t, store.Close()) })
	for _, of := range []struct {
		job    string
		source episode.Source
	}{{"orders", episode.FromAlertmanager}, {"payments", episode.FromTrend}, {"refunds", episode.FromTrouble}} {
		w.alerts = append(w.alerts, episode.Alert{
			Rule: "rule-of-" + of.job, Source: of.source, Cluster: "prod", Job: of.job, StartsAt: time.Now(),
			Fingerprint: of.job, Summary: "something is wrong with " + of.job,
		})
	}
	return w
}

// draw returns a number below n; after the storm always the last one, which harms nothing.
func (w *storm) draw(n int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.calm {
		return n - 1
	}
	return w.luck.IntN(n)
}

// present is the life that runs.
func (w *storm) present() *life {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.life
}

// ServeHTTP is the way to Grafana.
func (w *storm) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil || w.present().dead.Load() {
		panic(http.ErrAbortHandler)
	}
	handle := func() *httptest.ResponseRecorder {
		again := httptest.NewRequestWithContext(context.WithoutCancel(r.Context()), r.Method, r.URL.String(), bytes.NewReader(body))
		again.Header = r.Header
		answer := httptest.NewRecorder()
		w.grafana.ServeHTTP(answer, again)
		return answer
	}
	if w.draw(4) == 0 {
		w.land()
	}
	answer := w.meet(handle)
	out.WriteHeader(answer.Code)
	_, _ = out.Write(answer.Body.Bytes()) // the client may be dead
}

// meet lets a request meet its fate.
func (w *storm) meet(handle func() *httptest.ResponseRecorder) *httptest.ResponseRecorder {
	bad := &httptest.ResponseRecorder{Code: http.StatusBadGateway, Body: bytes.NewBufferString("<html>busy</html>")}
	fate := w.draw(100)
	if fate < 35 {
		w.mu.Lock()
		w.faults++
		w.mu.Unlock()
	}
	switch {
	case fate < 10: // the answer is lost
		handle()
		panic(http.ErrAbortHandler)
	case fate < 15: // it is slow: the client gives up, and Grafana gets it later
		w.mu.Lock()
		w.late = append(w.late, func() { handle() })
		w.mu.Unlock()
		panic(http.ErrAbortHandler)
	case fate < 19:
		return bad
	case fate < 22:
		handle()
		return bad
	case fate < 25:
		return &httptest.ResponseRecorder{Code: http.StatusInternalServerError, Body: bytes.NewBufferString(`{"message":"locked"}`)}
	case fate < 30:
		w.present().die()
		panic(http.ErrAbortHandler)
	case fate < 35:
		handle()
		w.present().die()
		panic(http.ErrAbortHandler)
	}
	return handle()
}

// land lets the late requests arrive.
func (w *storm) land() {
	w.mu.Lock()
	late := w.late
	w.late = nil
	w.mu.Unlock()
	for _, arrive := range late {
		arrive()
	}
}

// process is what a life runs.
type process struct {
	*life

	*Annotations

	loop *loop.Loop
	work *sync.WaitGroup
}

func (w *storm) process(calm bool) process {
	ctx, cancel := context.WithCancel(w.Context())
	one := &life{Context: ctx, kill: cancel}
	w.mu.Lock()
	w.calm, w.life = calm, one
	w.mu.Unlock()
	cfg := grafana.DefaultConfig()
	cfg.URL, cfg.TokenEnv = w.url, "SIDECAR_TEST_STORM_TOKEN"
	notifier, err := grafana.New(cfg, slog.New(slog.DiscardHandler))
	require.NoError(w, err)
	notifier.Pause = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	log := slog.New(slog.DiscardHandler)
	told := New(notifier, w.store, "http://page", log)
	require.NoError(w, told.Restore())
	l := loop.New(loop.Options{
		Config: loop.DefaultConfig(), History: mortal{w.store, w, one}, Alerts: w.store, PlanFor: planOf,
		Notifier: told, Log: log,
	})
	l.Pause = func(ctx context.Context, _ time.Duration) error { return wait.For(ctx, time.Millisecond) }
	p := process{life: one, Annotations: told, loop: l, work: &sync.WaitGroup{}}
	p.work.Go(func() { _ = p.loop.Run(ctx) })
	return p
}

// planOf has steps that succeed at once.
func planOf(alert episode.Alert) (loop.Plan, bool) {
	measured := loop.MeasureFunc(func(context.Context, episode.Alert) (episode.Measurement, error) {
		return episode.Measurement{Throughput: new(100.0)}, nil
	})
	if alert.Source == episode.FromEpoch {
		return epochs.PlanOf(loop.Plan{Measurer: measured, Announce: true}, alert), true
	}
	return loop.Plan{Measurer: measured, Advisor: adviser{}}, true
}

// adviser has one finding for everything.
type adviser struct{}

func (adviser) Advise(_ context.Context, ep episode.Episode, soon func(episode.Advice) error) (episode.Advice, error) {
	advice := episode.Advice{Findings: []episode.Finding{{ID: ep.ID + "-1", Title: "Kryo is slow", Change: "Register it."}}}
	return advice, soon(advice)
}

func (adviser) Show(episode.Episode) {}

// live runs a process until it is killed, or everything is told.
func (w *storm) live(calm bool) {
	p := w.process(calm)
	left, err := epochs.Left(w.store, time.Now())
	require.NoError(w, err)
	for _, e := range left {
		w.turn(p, e)
	}
	for steps := 0; p.Err() == nil && !w.over(); steps++ {
		require.Less(w, steps, 5_000, "seed %d does not end: %s", w.seed, w.state())
		w.step(p)
		_ = wait.For(p, time.Millisecond) // the condition above ends it
	}
	p.kill()
	p.work.Wait()
	p.notifier.Close()
}

// turn measures an epoch.
func (w *storm) turn(p process, e episode.Epoch) {
	alert := epochs.AlertOf(e)
	plan, _ := planOf(alert)
	p.work.Go(func() { _, _ = p.loop.Turn(p, alert, plan) }) // the next life resumes it
}

// step does what can happen next.
func (w *storm) step(p process) {
	for _, alert := range w.alerts {
		_, _ = p.loop.Submit(alert) // the sender repeats it
	}
	episodes := w.episodes()
	if n := len(w.epochs); n < 3 && len(w.ofEpochs(episodes)) == n {
		// Epochs are a poll apart; their ids tell milliseconds.
		if n == 0 || time.Since(w.epochs[n-1].Began) > 2*time.Millisecond {
			w.deploy(p)
		}
	}
	for _, ep := range episodes {
		switch ep.Alert.Job {
		case "refunds":
			if w.ended.IsZero() && ep.State.Final() {
				w.ended = time.Now()
			}
			if over := w.alerts[2]; !w.ended.IsZero() && ep.Alert.ResolvedAt.IsZero() {
				over.ResolvedAt = w.ended
				_, _ = p.loop.Submit(over)
			}
		case "payments":
			if ep.State.Final() && len(ep.Outcomes) == 0 {
				w.applied(ep)
			}
		}
	}
	_ = p.look(p, followed) // it is tried again
	if w.draw(3) == 0 {
		_ = p.notifier.Tidy(p)
	}
}

// deploy begins an epoch: two of one job, then one of another.
func (w *storm) deploy(p process) {
	n := len(w.epochs)
	e := episode.Epoch{
		Cluster: "prod", Job: []string{"stock", "stock", "audit"}[n], Key: fmt.Sprint("key", n), Began: time.Now(),
		Changes: []episode.Change{{What: "parallelism", From: fmt.Sprint(n + 1), To: fmt.Sprint(n + 2)}},
	}
	isNew := false
	err := mortal{w.store, w, p.life}.write(func() (err error) {
		isNew, err = w.store.PutEpoch(e)
		return err
	})
	if isNew {
		w.epochs = append(w.epochs, e)
	}
	if err == nil && !p.dead.Load() {
		w.turn(p, e)
	}
}

func (w *storm) applied(ep episode.Episode) {
	finding := ep.ID + "-1"
	_, _, err := w.store.PutMark(ep.ID, episode.Mark{Finding: finding, Decision: episode.Applied, At: time.Now()})
	require.NoError(w, err)
	_, err = w.store.PutOutcome(ep.ID, episode.Outcome{
		Finding: finding, Result: episode.Hit, By: episode.ByMark, Final: true, At: time.Now(), Changed: time.Now(),
		Change: new(18.2),
	})
	require.NoError(w, err)
}

func (w *storm) episodes() []episode.Episode {
	all, err := w.store.Episodes(episode.JobRef{}, "", history.MaxLimit)
	require.NoError(w, err)
	return all
}

func (*storm) ofEpochs(all []episode.Episode) []episode.Episode {
	return slices.DeleteFunc(slices.Clone(all), func(ep episode.Episode) bool { return ep.Alert.Source != episode.FromEpoch })
}

// state says how far everything is.
func (w *storm) state() (text string) {
	for _, ep := range w.episodes() {
		text += fmt.Sprintf("%s of %s is %s, waits for %q, is over %t, told %v\n", ep.ID, ep.Alert.Job, ep.State, ep.Waiting,
			ep.Alert.Resolved(), ep.Announcements)
	}
	return fmt.Sprintf("%d epochs\n%s", len(w.epochs), text)
}

// over reports whether the history says that everything was told.
func (w *storm) over() bool {
	all := w.episodes()
	told := len(w.epochs) == 3 && len(all) == 6
	for _, ep := range all {
		told = told && ep.State.Final()
		switch ep.Alert.Job {
		case "refunds":
			a, ok := ep.AnnouncementOf(inGrafana, "")
			told = told && ok && !a.Until.IsZero()
		case "payments":
			_, ok := ep.AnnouncementOf(inGrafana, ep.ID+"-1")
			told = told && ok
		}
	}
	return told
}

// settle lets the late requests arrive, and the same or the next process look once more.
func (w *storm) settle() {
	p := w.process(true)
	w.land()
	require.NoError(w, p.notifier.Tidy(p))
	p.kill()
	p.work.Wait()
	p.notifier.Close()
}

// check compares what is in Grafana with what happened.
func (w *storm) check() {
	all := w.grafana.Annotations()
	want := map[string]string{} // the last words, by tag
	epochs := w.ofEpochs(w.episodes())
	for _, ep := range w.episodes() {
		require.Len(w, ep.Announcements, map[bool]int{true: 2, false: 1}[ep.Alert.Job == "payments"], "seed %d", w.seed)
		switch ep.Alert.Job {
		case "stock":
		case "audit":
			want[ep.ID] = "audit deployed: parallelism 3 → 4"
			if ep.Alert.Summary == "parallelism 3 → 4" {
				want[ep.ID] = "audit rescaled: parallelism 3 → 4"
			}
		default:
			want[ep.ID] = "First: Kryo is slow"
		}
		if ep.Alert.Job == "payments" {
			want[ep.ID+"-1"] = "It helped as predicted"
		}
	}
	first := epochs[len(epochs)-1] // newest first
	want[first.ID] = "stock changed 2 times within"
	require.Len(w, all, len(want), "seed %d: %v", w.seed, all)
	for id, words := range want {
		at := slices.IndexFunc(all, func(a grafanatest.Annotation) bool { return slices.Contains(a.Tags, "fsc:"+id) })
		require.GreaterOrEqual(w, at, 0, "seed %d: nothing with %s", w.seed, id)
		require.Contains(w, all[at].Text, words, "seed %d", w.seed)
		require.NotContains(w, all[at].Text, "Profiling …")
		if strings.Contains(all[at].Text, "refunds") {
			require.Equal(w, w.ended.UnixMilli(), all[at].TimeEnd, "seed %d: a trouble is one region", w.seed)
		}
	}
}
