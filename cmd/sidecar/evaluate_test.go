package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/pipelinetest"
)

// sentAlert is an alert as Alertmanager gets it.
type sentAlert struct {
	Labels, Annotations map[string]string
	StartsAt, EndsAt    time.Time
}

// alertTaker keeps what is posted to Alertmanager's API, one alert for each name and job.
type alertTaker struct {
	*httptest.Server
	mu     sync.Mutex
	alerts map[string]sentAlert
}

func newAlertTaker(t *testing.T) *alertTaker {
	t.Helper()
	a := &alertTaker{alerts: map[string]sentAlert{}}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var got []sentAlert
		if r.URL.Path != "/api/v2/alerts" || json.Unmarshal(body, &got) != nil {
			http.Error(w, "not alerts", http.StatusBadRequest)
			return
		}
		a.mu.Lock()
		defer a.mu.Unlock()
		for _, one := range got {
			a.alerts[one.Labels["alertname"]+" "+one.Labels["job"]] = one
		}
	}))
	t.Cleanup(a.Close)
	return a
}

func (a *alertTaker) all() (out []sentAlert) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, one := range a.alerts {
		out = append(out, one)
	}
	return out
}

// newEvaluationWorld is a job with a profiler and an Alertmanager.
func newEvaluationWorld(t *testing.T, section string) (*scaleWorld, *alertTaker) {
	t.Helper()
	w, taker := newScaleWorld(t, pipelinetest.Behaviour{}), newAlertTaker(t)
	page, err := os.ReadFile("../../internal/flame/testdata/flink/flink-2.3.0-tm-ITIMER.html")
	require.NoError(t, err)
	w.flink.EnableProfiler(page)
	text, err := os.ReadFile(w.config)
	require.NoError(t, err)
	config := strings.Replace(string(text), "poll_interval: 50ms", "poll_interval: 50ms\n  key_mode: seeded", 1)
	config += fmt.Sprintf("profiling: {duration: 1s, cooldown: 1s}\nevaluate: {%s}\n"+
		"notify: {alertmanager: {urls: [%q]}}\n", section, taker.URL)
	require.NoError(t, os.WriteFile(w.config, []byte(config), 0o600))
	return w, taker
}

func (w *scaleWorld) evaluate(t *testing.T, args ...string) (code int, evaluation episode.Evaluation, stderr string) {
	t.Helper()
	var out, errs output
	code = run(t.Context(), append([]string{
		"evaluate", "--config.file=" + w.config, "--log.level=error", "--format=json",
	}, args...), &out, &errs)
	if out.String() != "" {
		require.NoError(t, json.Unmarshal([]byte(out.String()), &evaluation), out.String())
	}
	return code, evaluation, errs.String()
}

// changeHistory does something with the history while no sidecar runs.
func (w *scaleWorld) changeHistory(t *testing.T, do func(*history.Store)) {
	t.Helper()
	cfg := history.DefaultConfig()
	cfg.Path = w.history
	store, err := history.Open(t.Context(), cfg, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	do(store)
	require.NoError(t, store.Close())
}

// acceptEarlier stores n accepted evaluations like one, whose latencies are times as high, and
// takes the acceptance of that one back.
func (w *scaleWorld) acceptEarlier(t *testing.T, like episode.Evaluation, n int, times float64) {
	t.Helper()
	w.changeHistory(t, func(store *history.Store) {
		alone := like
		alone.Accepted = false
		require.NoError(t, store.PutEvaluation(alone))
		for i := range n {
			e := like
			e.Began = like.Began.Add(-time.Duration(n-i) * time.Minute)
			e.ID = ulid.MustNew(ulid.Timestamp(e.Began), ulid.DefaultEntropy()).String()
			e.Accepted, e.Verdict, e.JobID = true, episode.EvaluationFine, fmt.Sprint(i)
			e.Figures.LatencyP99 = new(*like.Figures.LatencyP99 * times)
			require.NoError(t, store.PutEvaluation(e))
		}
	})
}

// TestEvaluateFromFirstToRegressionAndBack: the first evaluation has no baseline, a slow one
// among fast ones is a large regression and an alert, and a later one resolves it.
func TestEvaluateFromFirstToRegressionAndBack(t *testing.T) {
	t.Parallel()
	w, taker := newEvaluationWorld(t, "repeat: 25h")
	dir := filepath.Join(t.TempDir(), "out")
	code, first, stderr := w.evaluate(t, "--label=first", "--accept", "--measure=probe", "--output="+dir)
	require.Equal(t, exitFine, code, stderr)
	require.Equal(t, episode.EvaluationNoBaseline, first.Verdict)
	require.True(t, first.Accepted)
	require.NotNil(t, first.Figures.LatencyP99)
	require.NotEmpty(t, first.Episode, first.Notes)
	require.FileExists(t, filepath.Join(dir, "bundle", "bundle.json"))
	profiles, err := filepath.Glob(filepath.Join(dir, "profiles", "*ITIMER*.html"))
	require.NoError(t, err)
	require.NotEmpty(t, profiles)
	text, err := os.ReadFile(filepath.Join(dir, "report.md"))
	require.NoError(t, err)
	require.Contains(t, string(text), "Evaluation first of job")
	code, _, stderr = w.evaluate(t, "--label=again", "--output="+dir)
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "has files already")

	// No other process repeats the alert, so it stands until the next evaluation is due.
	w.acceptEarlier(t, first, 5, 1e-4)
	code, slow, stderr := w.evaluate(t, "--label=slow", "--accept", "--measure=probe")
	require.Equal(t, exitRegression, code, "%s %+v", stderr, slow)
	require.Equal(t, episode.EvaluationRegression, slow.Verdict)
	require.False(t, slow.Accepted)
	require.Contains(t, stderr, "Alertmanager has the alert")
	alerts := taker.all()
	require.Len(t, alerts, 1)
	require.Equal(t, "FlinkSidecarLargeRegression", alerts[0].Labels["alertname"])
	require.Equal(t, []string{"probe", "slow"}, []string{alerts[0].Labels["kind"], alerts[0].Labels["label"]})
	require.Equal(t, "flink-sidecar", alerts[0].Labels["origin"])
	require.Contains(t, alerts[0].Annotations["summary"], "with slow: p99 s is worse by")
	require.NotEmpty(t, alerts[0].Annotations["cause"])
	require.Contains(t, alerts[0].Annotations["episode"], "/episodes/"+slow.Episode)
	require.Greater(t, time.Until(alerts[0].EndsAt), 24*time.Hour)

	// Beside a running sidecar: it takes the alert over and repeats it, then resolves it.
	sidecar := startSidecarOn(t, w.history, "--config.file="+w.config)
	client, err := api.NewClient(sidecar.url, nil)
	require.NoError(t, err)
	_, page := sidecar.get(t, "/metrics")
	require.Contains(t, page, `flink_sidecar_evaluation_regression{cluster="lab",job="`+first.Job+`",kind="probe",label="slow"} 1`)
	require.Eventually(t, func() bool {
		return taker.all()[0].EndsAt.Before(time.Now().Add(time.Hour))
	}, soon, 10*time.Millisecond)
	code, kept, stderr := w.evaluate(t, "--label=kept", "--accept-regression", "--measure=probe")
	require.Equal(t, exitFine, code, stderr)
	require.True(t, kept.Accepted && kept.Fresh)
	require.Contains(t, stderr, "evaluating through the running sidecar at "+sidecar.url)
	require.False(t, taker.all()[0].EndsAt.After(time.Now()), "it is resolved")
	list, err := client.Evaluations(t.Context(), episode.JobRef{Job: first.Job}, "", 0)
	require.NoError(t, err)
	require.Equal(t, "kept", list.Evaluations[0].Label)
	_, page = sidecar.get(t, "/metrics")
	require.Contains(t, page, `flink_sidecar_evaluation_regression{cluster="lab",job="`+first.Job+`",kind="probe",label="kept"} 0`)
	require.Contains(t, page, `flink_sidecar_up{target="alertmanager"} 1`)
}

// TestEvaluationThatIsNotWritten is printed, and its verdict is the exit code: here a file takes the
// place of the output directory while it runs.
func TestEvaluationThatIsNotWritten(t *testing.T) {
	t.Parallel()
	w, taker := newEvaluationWorld(t, "repeat: 25h")
	code, first, stderr := w.evaluate(t, "--label=first", "--accept", "--measure=probe")
	require.Equal(t, exitFine, code, stderr)
	w.acceptEarlier(t, first, 5, 1e-4)
	dir := filepath.Join(t.TempDir(), "out")
	alerts := taker.Config.Handler
	taker.Config.Handler = http.HandlerFunc(func(to http.ResponseWriter, r *http.Request) {
		assertWritten(t, dir)
		alerts.ServeHTTP(to, r)
	})
	code, slow, stderr := w.evaluate(t, "--label=slow", "--measure=probe", "--output="+dir)
	require.Equal(t, exitRegression, code, stderr)
	require.Equal(t, episode.EvaluationRegression, slow.Verdict, "it is printed")
	require.Contains(t, stderr, "name a writable directory with --output")
}

// assertWritten writes a file, from any goroutine.
func assertWritten(t *testing.T, path string) {
	t.Helper()
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Error(err)
	}
}

// TestEvaluateAProbeBesideStandingMeasurements: the capacity and the CPU time of the last block are
// judged beside p99. Without them a note says what is missing.
func TestEvaluateAProbeBesideStandingMeasurements(t *testing.T) {
	t.Parallel()
	w, _ := newEvaluationWorld(t, "block: 30m")
	code, first, stderr := w.evaluate(t, "--label=first", "--measure=probe")
	require.Equal(t, exitFine, code, stderr)
	require.Nil(t, first.Figures.CPUPerMillion)
	require.Contains(t, strings.Join(first.Notes, "\n"), "only p99 is judged: less than half of the last 30m was measured")
	w.changeHistory(t, func(store *history.Store) {
		now := time.Now().UTC()
		for minute := range 29 {
			began := now.Add(-time.Duration(minute+1) * time.Minute)
			require.NoError(t, store.PutMeasurement(episode.Measurement{
				ID: ulid.MustNew(ulid.Timestamp(began), ulid.DefaultEntropy()).String(), Kind: episode.KindWindow,
				Cluster: first.Cluster, Job: first.Job, EpochKey: first.EpochKey, Began: began, Ended: began.Add(time.Minute),
				Throughput: new(100.0), Capacity: new(400.0), CPUPerMillion: new(25.0),
			}))
		}
	})
	code, e, stderr := w.evaluate(t, "--label=second", "--measure=probe")
	require.Equal(t, exitFine, code, stderr)
	require.InDelta(t, 400, *e.Figures.Throughput, 1e-6)
	require.InDelta(t, 25, *e.Figures.CPUPerMillion, 1e-6)
	require.NotContains(t, strings.Join(e.Notes, "\n"), "only p99")
}

// TestEvaluateWithAScaleTest: it is bounded, belongs to a run of its own, and is profiled
// while it runs.
func TestEvaluateWithAScaleTest(t *testing.T) {
	t.Parallel()
	w, _ := newEvaluationWorld(t, "iterations: 2, records: 100")
	code, e, stderr := w.evaluate(t, "--label=night", "--accept")
	require.Equal(t, exitFine, code, stderr)
	require.Equal(t, episode.EvaluatedScaleTest, e.Kind)
	require.NotEmpty(t, e.ScaleTest)
	require.NotEmpty(t, e.Episode, e.Notes)
	require.Equal(t, "4", e.Environment["kafka_partitions"])
	w.changeHistory(t, func(store *history.Store) {
		tests, err := store.ScaleTests(episode.JobRef{}, "", 0)
		require.NoError(t, err)
		require.Len(t, tests, 1)
		require.Equal(t, scalerun.OfEvaluations, tests[0].Run)
		_, err = api.StoredRun(store, episode.JobRef{}, "")
		require.ErrorContains(t, err, "there is no run with a baseline", "it is not the newest run of a person")
	})
}

// TestEvaluateOnDayOne needs only Flink: profiles and advice, and nothing to compare.
func TestEvaluateOnDayOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	var out, errs output
	code := run(t.Context(), []string{
		"evaluate", "--config.file=" + w.config, "--history.path=" + filepath.Join(t.TempDir(), "h.db"), "--label=first",
		"--format=json", "--log.level=error",
	}, &out, &errs)
	require.Equal(t, exitFine, code, errs.String())
	var e episode.Evaluation
	require.NoError(t, json.Unmarshal([]byte(out.String()), &e))
	require.Equal(t, episode.EvaluatedProfile, e.Kind)
	require.Equal(t, flinktest.JobName, e.Job)
	require.NotEmpty(t, e.Episode)
	require.Contains(t, e.Notes[0], "nothing was measured")
	require.Equal(t, episode.EvaluationNoBaseline, e.Verdict)
}

// TestEvaluateWhatItCannot: wrong usage and missing sections fail before any record is sent.
func TestEvaluateWhatItCannot(t *testing.T) {
	t.Parallel()
	var out, errs output
	require.Equal(t, exitUsage, run(t.Context(), []string{"evaluate"}, &out, &errs))
	config := filepath.Join(t.TempDir(), "c.yml")
	require.NoError(t, os.WriteFile(config, []byte("flink: {url: 'http://127.0.0.1:1'}\nhistory: {path: h.db}\n"), 0o600))
	for want, args := range map[string][]string{
		"no section probe": {"--label=x", "--measure=probe"},
		"one line":         {"--label=a\nb"},
		"is empty":         {"--label= "},
	} {
		var out, errs output
		code := run(t.Context(), append([]string{"evaluate", "--config.file=" + config, "--log.level=error"}, args...), &out,
			&errs)
		require.Equal(t, exitFailed, code)
		require.Contains(t, errs.String(), want)
	}
}
