package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/advisor/llmtest"
	"github.com/flink-sidecar/flink-sidecar/grafana/grafanatest"
	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
	"github.com/flink-sidecar/flink-sidecar/profiling/pagestore"
)

// soon is longer than anything here takes, on a busy machine too.
const soon = 30 * time.Second

// world is everything that an episode meets, each as a server.
type world struct {
	flink   *flinktest.Server
	grafana *grafanatest.Server
	// grafanaDown makes Grafana answer 502 while it is set.
	grafanaDown atomic.Bool
	sidecar     runningSidecar
	client      *api.Client
	config      string
}

// newWorld starts a sidecar whose profiles take a second. more is added to its
// configuration.
func newWorld(t *testing.T, more string) *world {
	t.Helper()
	w := &world{flink: flinktest.New(t, flinktest.Flink23), grafana: &grafanatest.Server{Token: "glsa_test"}}
	page, err := os.ReadFile("../../internal/flame/testdata/flink/flink-2.3.0-tm-ITIMER.html")
	require.NoError(t, err)
	w.flink.EnableProfiler(page)
	graph, err := os.ReadFile("../../internal/flame/testdata/flink/flink-2.3.0-vertex-full.json")
	require.NoError(t, err)
	w.flink.EnableFlameGraphs(graph)
	grafana := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if w.grafanaDown.Load() {
			http.Error(rw, "no Grafana behind this proxy", http.StatusBadGateway)
			return
		}
		w.grafana.ServeHTTP(rw, r)
	}))
	t.Cleanup(grafana.Close)
	dir := t.TempDir()
	token := filepath.Join(dir, "token")
	require.NoError(t, os.WriteFile(token, []byte("glsa_test\n"), 0o600))
	w.config = filepath.Join(dir, "sidecar.yml")
	text := fmt.Sprintf("flink: {url: %q, cluster: test}\nprofiling: {duration: 1s}\ngrafana: {url: %q, "+
		"token_file: %q}\n%s", w.flink.URL, grafana.URL, token, more)
	require.NoError(t, os.WriteFile(w.config, []byte(text), 0o600))
	return w
}

// profiling adds settings to the section profiling.
func (w *world) profiling(t *testing.T, settings string) {
	t.Helper()
	text, err := os.ReadFile(w.config)
	require.NoError(t, err)
	with := strings.Replace(string(text), "duration: 1s", "duration: 1s, "+settings, 1)
	require.NotEqual(t, string(text), with)
	require.NoError(t, os.WriteFile(w.config, []byte(with), 0o600))
}

func (w *world) start(t *testing.T, args ...string) {
	t.Helper()
	w.sidecar = startSidecar(t, append([]string{"--config.file=" + w.config}, args...)...)
	client, err := api.NewClient(w.sidecar.url, nil)
	require.NoError(t, err)
	w.client = client
	w.waitFor(t, "the busy share of every vertex", func() bool {
		status, err := client.Status(t.Context())
		return err == nil && len(status.Jobs) > 0 && len(status.Jobs[0].Vertices) > 0 &&
			status.Jobs[0].Vertices[0].Busy != nil
	})
}

func (w *world) waitFor(t *testing.T, what string, condition func() bool) {
	t.Helper()
	require.Eventually(t, condition, soon, 10*time.Millisecond, "%s\n%s", what, w.sidecar.stderr)
}

// webhook sends an alert as Alertmanager does, and returns the answer.
func (w *world) webhook(t *testing.T, labels map[string]string) (int, string) {
	t.Helper()
	body, err := json.Marshal(map[string]any{
		"version": "4", "status": "firing", "receiver": "sidecar",
		"alerts": []any{map[string]any{
			"status": "firing", "labels": labels, "annotations": map[string]string{"summary": "lag grows"},
			"startsAt": "2026-11-23T00:00:00Z", "endsAt": "0001-01-01T00:00:00Z",
			"fingerprint": "f0e1" + labels["alertname"],
		}},
	})
	require.NoError(t, err)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.sidecar.url+"/alertmanager/webhook",
		strings.NewReader(string(body)))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	return answerOf(t, req)
}

// episodeOf waits until there is an episode of a rule for which enough is true.
func (w *world) episodeOf(t *testing.T, rule string, enough func(episode.Episode) bool) episode.Episode {
	t.Helper()
	var id string
	w.waitFor(t, "an episode of "+rule, func() bool {
		list, err := w.client.Episodes(t.Context(), episode.JobRef{}, "", 0)
		require.NoError(t, err)
		for _, ep := range list.Episodes {
			if ep.Alert.Rule == rule {
				id = ep.ID
			}
		}
		return id != ""
	})
	var ep episode.Episode
	w.waitFor(t, "the end of the episode", func() bool {
		var err error
		ep, _, err = w.client.Episode(t.Context(), id)
		require.NoError(t, err)
		return enough(ep)
	})
	return ep
}

func TestAnAlertOfAlertmanagerBecomesAnAnnotation(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	w.start(t)
	labels := map[string]string{"alertname": "ConsumerLag", "exported_job": flinktest.JobName, "job": "flink-sidecar"}
	code, text := w.webhook(t, labels)
	require.Equal(t, http.StatusAccepted, code, text)
	require.Equal(t, "1 accepted, 0 merged, 0 declined, 0 resolved, 0 own, 0 invalid\n", text)

	ep := w.episodeOf(t, "ConsumerLag", api.Finished)
	require.Equal(t, episode.Done, ep.State, ep.Notes)
	require.Empty(t, ep.Notes)
	require.Equal(t, flinktest.JobName, ep.Alert.Job)
	require.Equal(t, "test", ep.Alert.Cluster)
	require.Contains(t, ep.Target.Why, " is the busiest vertex (busy 29 % of the time); none is known")
	require.Len(t, ep.Profiles, 5, "the process, the vertex, its hottest and a typical subtask, another vertex")
	require.Equal(t, 0, *ep.Profiles[2].Subtask, "the busiest one")
	require.Equal(t, episode.Hot, ep.Profiles[2].Role)
	require.Equal(t, episode.Control, ep.Profiles[3].Role)
	require.Equal(t, ep.Target.Process, ep.Profiles[0].Process)
	require.Positive(t, ep.Profiles[0].Samples)
	require.Equal(t, "VERTEX", ep.Profiles[1].Mode)
	require.Equal(t, ep.Target.Vertex, ep.Profiles[1].Vertex)
	require.EqualValues(t, 400, ep.Profiles[1].Samples)
	require.NotEqual(t, ep.Target.Vertex, ep.Profiles[4].Vertex, "and the one that is next")
	require.NotEmpty(t, ep.Measurement.EpochKey)
	require.NotNil(t, ep.Advice)
	require.NotEmpty(t, ep.Advice.Evidence)
	require.FileExists(t, filepath.Join(pagestore.DirBeside(w.sidecar.history), ep.Profiles[0].Hash+".html.gz"))

	told := w.grafana.Annotations()
	require.Len(t, told, 1)
	require.Contains(t, told[0].Tags, "fsc:"+ep.ID)
	require.Contains(t, told[0].Text, "lag grows")
	require.Contains(t, told[0].Text, w.sidecar.url+"/episodes/"+ep.ID)
	require.Equal(t, ep.Alert.StartsAt.UnixMilli(), told[0].Time)
	require.Equal(t, ep.Concluded.UnixMilli(), told[0].TimeEnd)
	require.Equal(t, fmt.Sprint(told[0].ID), ep.Announcements[0].ID)

	_, text = w.webhook(t, labels)
	require.Equal(t, "0 accepted, 0 merged, 1 declined, 0 resolved, 0 own, 0 invalid\n", text)
	_, text = w.webhook(t, map[string]string{"alertname": "X", "origin": "flink-sidecar", "job": flinktest.JobName})
	require.Equal(t, "0 accepted, 0 merged, 0 declined, 0 resolved, 1 own, 0 invalid\n", text, "no echo")
	_, text = w.webhook(t, map[string]string{"alertname": "Y", "exported_job": "payments"})
	require.Equal(t, "0 accepted, 0 merged, 1 declined, 0 resolved, 0 own, 0 invalid\n", text)
	require.Contains(t, w.sidecar.stderr.String(),
		`there is no job \"payments\" (name a job of this Flink: orders enrichment)`)

	// A second alert within the cool-down has no profile of its own, but it has advice.
	_, text = w.webhook(t, map[string]string{"alertname": "Other", "job": flinktest.JobName})
	require.Contains(t, text, "1 accepted")
	other := w.episodeOf(t, "Other", api.Finished)
	require.Regexp(t, `it was profiled not long ago: ready again in .* \(wait, lower profiling.cooldown, or run sidecar profile take\)`, other.Notes[0])
	require.Contains(t, other.Advice.Warnings[0], "the profile is from episode "+ep.ID)
	require.Equal(t, 1, w.flink.ProfilesBegun())
}

// TestMemoryIsLookedAtByAllocation has an alert about memory, and both modes allowed.
func TestMemoryIsLookedAtByAllocation(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	w.profiling(t, "modes: [ITIMER, ALLOC, WALL]")
	w.start(t)
	_, answer := w.webhook(t, map[string]string{"alertname": "TaskManagerHeapFull", "job": flinktest.JobName})
	require.Contains(t, answer, "1 accepted")
	ep := w.episodeOf(t, "TaskManagerHeapFull", api.Finished)
	require.Equal(t, []string{"ALLOC", "ITIMER"}, ep.Target.Modes)
	require.Equal(t, flinktest.JobName, ep.Target.Job)
	require.Contains(t, ep.Target.Why, "the alert is about memory")
	require.GreaterOrEqual(t, len(ep.Profiles), 2)
	require.Equal(t, "ALLOC", ep.Profiles[0].Mode)
	require.Equal(t, "ITIMER", ep.Profiles[1].Mode)
	_, page := w.sidecar.get(t, "/metrics")
	require.Contains(t, page, "flink_sidecar_profiles_left 10")
}

// TestThreadDumpsStandInForTheProfiler where Flink offers neither it nor flame graphs
// of vertices.
func TestThreadDumpsStandInForTheProfiler(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	w.flink.DisableProfiling()
	dump, err := os.ReadFile("../../internal/flame/testdata/flink/flink-2.3.0-tm-threads.json")
	require.NoError(t, err)
	w.flink.Answer("/taskmanagers/tm2/thread-dump", http.StatusOK, string(dump))
	w.start(t)
	_, answer := w.webhook(t, map[string]string{"alertname": "Lag", "job": flinktest.JobName})
	require.Contains(t, answer, "1 accepted")
	ep := w.episodeOf(t, "Lag", api.Finished)
	require.Len(t, ep.Profiles, 1, "%v", ep.Notes)
	require.Equal(t, "THREADS", ep.Profiles[0].Mode)
	require.Contains(t, strings.Join(ep.Profiles[0].Warnings, "\n"), "thread dumps")
	require.Contains(t, ep.Notes[0], "set rest.profiling.enabled: true", "why there is nothing better")
	_, page := w.sidecar.get(t, "/metrics")
	require.Contains(t, page, `flink_sidecar_profiles_total{mode="ITIMER",result="disabled"} 1`)
	require.Contains(t, page, `flink_sidecar_profiles_total{mode="THREADS",result="finished"} 1`)
	require.Contains(t, page, `flink_sidecar_profile_samples{cluster="test",grade="poor",job="`+flinktest.JobName+`",mode="THREADS"}`)
	code, stacks := w.sidecar.get(t, "/profiles/"+ep.Profiles[0].Hash+".html")
	require.Equal(t, http.StatusOK, code)
	require.Contains(t, stacks, "org/apache/flink/runtime/taskmanager/Task.run;")
}

func TestWhatIsMissingIsSaidAndNothingIsLost(t *testing.T) {
	t.Parallel()
	llm := llmtest.NewServer(llmtest.Reply{Content: "Certainly! Here is my advice: buy more memory."})
	defer llm.Close()
	w := newWorld(t, fmt.Sprintf("advisor: {provider: openai, openai: {base_url: %q, model: m}}\n", llm.BaseURL()))
	w.grafanaDown.Store(true)
	w.flink.Break(flinktest.Status(http.StatusInternalServerError), "/profiler")
	w.start(t)
	_, text := w.webhook(t, map[string]string{"alertname": "Lag", "job": flinktest.JobName})
	require.Contains(t, text, "1 accepted")

	ep := w.episodeOf(t, "Lag", func(ep episode.Episode) bool { return ep.Waiting != "" })
	require.Equal(t, episode.Announcing, ep.State)
	require.Contains(t, ep.Waiting, "502")
	require.Contains(t, ep.Notes[0], "profiling: ")
	require.Contains(t, strings.Join(ep.Advice.Warnings, "\n"), "the advice comes from the rules only")
	_, page := w.sidecar.get(t, "/metrics")
	require.Contains(t, page, `flink_sidecar_up{target="grafana"} 0`)
	require.Contains(t, page, `flink_sidecar_up{target="llm"} 1`, "it answers, if nonsense")
	require.Contains(t, page, `flink_sidecar_episodes_open{stage="announcing"} 1`)

	w.grafanaDown.Store(false)
	ep = w.episodeOf(t, "Lag", api.Finished)
	require.Empty(t, ep.Waiting)
	require.Len(t, w.grafana.Annotations(), 1)
	require.Equal(t, 1, w.grafana.Posts())
}

func TestAdviseIsAWishAndPauseABrake(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	w.start(t)
	sidecar := func(args ...string) (int, string, string) {
		var stdout, stderr output
		code := run(t.Context(), append(args, "--history.path="+w.sidecar.history), &stdout, &stderr)
		return code, stdout.String(), stderr.String()
	}
	code, out, stderr := sidecar("pause", "profiling")
	require.Equal(t, exitFine, code, stderr)
	require.Equal(t, "paused: profiling\n", out)
	code, _, stderr = sidecar("advise", "--flink.url="+w.flink.URL)
	require.Equal(t, exitFine, code, stderr)
	require.Contains(t, stderr, "profiling: profiling is paused (sidecar resume profiling)")
	require.Zero(t, w.flink.ProfilesBegun())

	code, out, stderr = sidecar("resume")
	require.Equal(t, exitFine, code, stderr)
	require.Equal(t, "paused: nothing\n", out)
	code, out, stderr = sidecar("advise", "--format=json") // the history leads to the sidecar that runs
	require.Equal(t, exitFine, code, stderr)
	var advice episode.Advice
	require.NoError(t, json.Unmarshal([]byte(out), &advice))
	require.NotEmpty(t, advice.Evidence)
	require.Equal(t, 1, w.flink.ProfilesBegun())

	code, _, stderr = sidecar("advise", "--flink.url="+w.flink.URL, "--job=no such job")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, `there is no job "no such job" (name a job of this Flink: orders enrichment)`)

	w.webhook(t, map[string]string{"alertname": "Lag", "exported_job": "payments"})
	w.waitFor(t, "the declined alert", func() bool {
		code, out, stderr = sidecar("history", "list", "--declined")
		return code == exitFine && strings.Contains(out, "unknown_job")
	})
	require.Contains(t, out, `there is no job "payments" (name a job of this Flink: orders enrichment)`)
}

func TestAdviseNeedsNoRunningSidecar(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	var stdout, stderr output
	code := run(t.Context(), []string{
		"advise", "--config.file=" + w.config,
		"--history.path=" + filepath.Join(t.TempDir(), "h.db"), "--format=json",
	}, &stdout, &stderr)
	require.Equal(t, exitFine, code, stderr.String())
	require.Contains(t, stdout.String(), `"evidence": [`)
	require.Equal(t, 1, w.flink.ProfilesBegun())
}

// TestDryRunOfAnEpisode compares what the running sidecar would send with what a sidecar
// of the command would, after the first has stopped.
func TestDryRunOfAnEpisode(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	w.start(t)
	w.webhook(t, map[string]string{"alertname": "Lag", "job": flinktest.JobName})
	ep := w.episodeOf(t, "Lag", api.Finished)
	dryRun := func() string {
		var stdout, stderr output
		code := run(t.Context(), []string{
			"advise", "--config.file=" + w.config, "--episode=" + ep.ID, "--dry-run",
			"--history.path=" + w.sidecar.history,
		}, &stdout, &stderr)
		require.Equal(t, exitFine, code, stderr.String())
		require.True(t, json.Valid([]byte(stdout.String())), "it is the body of a request")
		return stdout.String()
	}
	require.Contains(t, dryRun(), flinktest.JobName)
	w.sidecar.stop()
	require.Contains(t, dryRun(), flinktest.JobName)
	require.Equal(t, 1, w.flink.ProfilesBegun(), "nothing is profiled for it")
}

func TestAdviseAboutAFile(t *testing.T) {
	t.Parallel()
	const page = "../../internal/flame/testdata/flink/flink-2.3.0-tm-ITIMER.html"
	advise := func(args ...string) (int, string, string) {
		var stdout, stderr output
		code := run(t.Context(), append([]string{"advise"}, args...), &stdout, &stderr)
		return code, stdout.String(), stderr.String()
	}
	code, out, stderr := advise("--profile="+page, "--format=json")
	require.Equal(t, exitFine, code, stderr)
	var advice episode.Advice
	require.NoError(t, json.Unmarshal([]byte(out), &advice))
	require.NotEmpty(t, advice.Evidence)
	require.Contains(t, strings.Join(advice.Warnings, "\n"), "busy fraction")

	code, out, _ = advise("--profile="+page, "--dry-run")
	require.Equal(t, exitFine, code)
	require.True(t, json.Valid([]byte(out)), "it is the body of a request")

	cut := filepath.Join(t.TempDir(), "cut.html")
	whole, err := os.ReadFile(page)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(cut, whole[:len(whole)/2], 0o600))
	code, out, stderr = advise("--profile=" + cut)
	require.Equal(t, exitFailed, code)
	require.Empty(t, out)
	require.Contains(t, stderr, "the page ends here")

	code, _, stderr = advise("--profile="+page, "--episode=X")
	require.Equal(t, exitUsage, code)
	require.Contains(t, stderr, "--episode, --bundle and --profile exclude each other")
}

func TestABrakeNeedsARunningSidecar(t *testing.T) {
	t.Parallel()
	var stderr output
	path := filepath.Join(t.TempDir(), "none.db")
	require.Equal(t, exitFailed, run(t.Context(), []string{"pause", "--history.path=" + path}, io.Discard, &stderr))
	require.Equal(t, "sidecar: no running sidecar has the history "+path+" open (start one with sidecar run, or "+
		"name its history with --history.path)\n", stderr.String())
	require.Equal(t, exitUsage, run(t.Context(), []string{"pause", "everything"}, io.Discard, io.Discard))
}

// A command without a running sidecar calls its own API, whatever passwords the
// configured sidecar needs.
func TestACommandNeedsNoPasswordOfItsOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fmt.Sprintf("web: {config_file: %q}\n", webConfig(t, true)))
	var stdout, stderr output
	code := run(t.Context(), []string{
		"advise", "--config.file=" + w.config,
		"--history.path=" + filepath.Join(t.TempDir(), "h.db"), "--format=json",
	}, &stdout, &stderr)
	require.Equal(t, exitFine, code, stderr.String())
}

// TestProfilesGoToPyroscope runs a sidecar with a Pyroscope server.
func TestProfilesGoToPyroscope(t *testing.T) {
	t.Parallel()
	sent := make(chan string, 1)
	pyroscope := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter,
		r *http.Request,
	) {
		sent <- r.URL.Query().Get("name")
	}))
	defer pyroscope.Close()
	w := newWorld(t, "")
	w.profiling(t, fmt.Sprintf("pyroscope: {url: %q}", pyroscope.URL))
	w.start(t)
	_, answer := w.webhook(t, map[string]string{"alertname": "Lag", "job": flinktest.JobName})
	require.Contains(t, answer, "1 accepted")
	require.Equal(t, "flink.itimer{cluster=test,job="+flinktest.JobName+",process=tm2}", <-sent)
	w.waitFor(t, "the count", func() bool {
		_, page := w.sidecar.get(t, "/metrics")
		return strings.Contains(page, `flink_sidecar_profile_pushes_total{result="pushed"} 1`) &&
			strings.Contains(page, `flink_sidecar_profile_work_ratio{category=`)
	})
}

// TestUnevenLoadHasAControl has one of two subtasks busy for 90 % of the time and the
// other, on another TaskManager, for half as much.
func TestUnevenLoadHasAControl(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	w.profiling(t, "control: true")
	w.start(t)
	_, answer := w.webhook(t, map[string]string{"alertname": "ConsumerLag", "job": flinktest.JobName})
	require.Contains(t, answer, "1 accepted")
	ep := w.episodeOf(t, "ConsumerLag", api.Finished)
	require.NotEmpty(t, ep.Target.Control, ep.Target.Why)
	require.NotEqual(t, ep.Target.Process, ep.Target.Control)
	require.Contains(t, ep.Target.Why,
		"; its load is 1.3 times the median, so "+ep.Target.Control+", with typical load, is profiled as a control")
	for i, want := range []episode.Profile{
		{Role: episode.Hot, Process: ep.Target.Process, Mode: "ITIMER"},
		{Role: episode.Control, Process: ep.Target.Control, Mode: "ITIMER"},
	} {
		got := ep.Profiles[i]
		require.Equal(t, want, episode.Profile{Role: got.Role, Process: got.Process, Mode: got.Mode})
	}
	_, page := w.sidecar.get(t, "/metrics")
	require.Contains(t, page, "flink_sidecar_profiles_left 10")
	require.Contains(t, page, `flink_sidecar_profiles_total{mode="ITIMER",result="finished"} 2`)
}
