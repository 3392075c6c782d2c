package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
)

// ruleFile writes a configuration with the items of alerts.rules.
func ruleFile(t *testing.T, path, url, items string) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, []byte("flink: {url: "+url+"}\nalerts: {rules: ["+items+"]}\n"), 0o600))
}

const mine = "{name: mine, signal: headroom, direction: below, threshold: 0.1}"

func (sc runningSidecar) reload(t *testing.T) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, sc.url+"/-/reload", nil)
	require.NoError(t, err)
	return answerOf(t, r)
}

func TestReload(t *testing.T) {
	t.Parallel()
	url := flinktest.New(t, flinktest.Flink23).URL
	file := filepath.Join(t.TempDir(), "mine.yml")
	ruleFile(t, file, url, "")
	sc := startSidecar(t, "--config.file="+file)

	ruleFile(t, file, url+"/flink", mine)
	code, text := sc.reload(t)
	require.Equal(t, http.StatusOK, code, text)
	require.Regexp(t, `^reloaded: \d+ trend rules; changed: alerts.rules; restart the sidecar for changes of: flink.url\n$`, text)
	_, card := sc.get(t, "/api/v1/rules/scorecard")
	require.Contains(t, card, `"rule":"mine"`)

	ruleFile(t, file, url, "{name: mine, signal: typo, threshold: 1}")
	code, text = sc.reload(t)
	require.Equal(t, http.StatusInternalServerError, code)
	require.Contains(t, text, `mine.yml:2: alerts.rules[0].signal: there is no signal "typo"`)
	sc.shows(t, "flink_sidecar_config_last_reload_successful 0")

	ruleFile(t, file, url, mine)
	code, text = sc.reload(t)
	require.Equal(t, http.StatusOK, code, text)
	sc.shows(t, "flink_sidecar_config_last_reload_successful 1")
	sc.shows(t, "flink_sidecar_history_in_memory 0")
}

// TestReloadSaysWhatBecameOfEachKey changes keys that are taken over and keys that need a restart. A
// template that cannot be read changes nothing.
func TestReloadSaysWhatBecameOfEachKey(t *testing.T) {
	t.Parallel()
	url := flinktest.New(t, flinktest.Flink23).URL
	var asked atomic.Int32
	manager := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	t.Cleanup(manager.Close)
	file := filepath.Join(t.TempDir(), "all.yml")
	write := func(text string) {
		t.Helper()
		require.NoError(t, os.WriteFile(file, []byte("flink: {url: "+url+"}\n"+text), 0o600))
	}
	write("notify: {alertmanager: {urls: ['" + url + "']}}\n")
	sc := startSidecar(t, "--config.file="+file)

	changed := "notify: {alertmanager: {urls: ['" + manager.URL + "']}}\nprofiling: {per_day: 3}\n" +
		"alerts: {for: 5m, webhook: {token_file: /t}}\n"
	write(changed + "advisor: {focus: one, prompt_template_file: /none}\n")
	code, text := sc.reload(t)
	require.Equal(t, http.StatusInternalServerError, code)
	require.Contains(t, text, "advisor.prompt_template_file /none: ")
	require.Zero(t, asked.Load())

	write(changed + "advisor: {focus: one}\ngrafana: {url: 'http://g', token_env: T}\n")
	for _, want := range []string{
		"; changed: alerts.for, profiling.per_day, advisor.focus, notify.alertmanager.urls; restart the sidecar for changes of: " +
			"alerts.webhook.token_file, grafana\n",
		" trend rules; restart the sidecar for changes of: alerts.webhook.token_file, grafana\n",
	} {
		code, text = sc.reload(t)
		require.Equal(t, http.StatusOK, code, text)
		require.True(t, strings.HasSuffix(text, want), text)
	}
	require.Eventually(t, func() bool { return asked.Load() > 0 }, 30*time.Second, 20*time.Millisecond, "the new Alertmanager")
	_, status := sc.get(t, "/api/v1/status")
	require.Contains(t, status, manager.URL)
	require.Contains(t, status, `"profiles_left":3`)
}

// shows waits until a line is on the page of metrics, which is kept for a moment.
func (sc runningSidecar) shows(t *testing.T, line string) {
	t.Helper()
	require.Eventually(t, func() bool {
		_, page := sc.get(t, "/metrics")
		return strings.Contains(page, "\n"+line+"\n")
	}, 30*time.Second, 50*time.Millisecond, line)
}

func TestHangupReloads(t *testing.T) {
	t.Parallel()
	url := flinktest.New(t, flinktest.Flink23).URL
	file := filepath.Join(t.TempDir(), "mine.yml")
	ruleFile(t, file, url, "")
	p, page := startProcess(t, nil, "run", "--config.file="+file, "--web.listen-address=127.0.0.1:0")
	sc := runningSidecar{url: page}
	ruleFile(t, file, url, mine)
	require.NoError(t, p.Process.Signal(syscall.SIGHUP))
	require.Eventually(t, func() bool {
		_, card := sc.get(t, "/api/v1/rules/scorecard")
		return strings.Contains(card, `"rule":"mine"`)
	}, 20*time.Second, 20*time.Millisecond)
	require.NoError(t, p.Process.Signal(syscall.SIGTERM))
	p.ended(t, exitFine)
}

// TestScorecardSurvivesARestart reads the scores with and without a running sidecar.
func TestScorecardSurvivesARestart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "history.db")
	store, err := history.Open(t.Context(), history.Config{Path: path},
		slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	score := episode.RuleScore{Rule: "headroom", Fired: 3, False: 1}
	score.CameTrue(20*time.Minute, time.Minute)
	require.NoError(t, store.PutScores([]episode.RuleScore{score}))
	require.NoError(t, store.Close())

	read := func() episode.RuleScore {
		out, stderr := &output{}, &output{}
		code := run(t.Context(), []string{"rules", "scorecard", "--format=json", "--history.path=" + path}, out, stderr)
		require.Equal(t, exitFine, code, stderr)
		var card api.Scorecard
		require.NoError(t, json.Unmarshal([]byte(out.String()), &card))
		for _, s := range card.Rules {
			if s.Rule == "headroom" {
				return s
			}
		}
		return episode.RuleScore{}
	}
	require.Equal(t, score, read())
	sc := startSidecarOn(t, path, "--flink.url="+flinktest.New(t, flinktest.Flink23).URL)
	score.Fired = 2 // what was open is not followed any more
	require.Equal(t, score, read())
	sc.shows(t, `flink_sidecar_rule_alerts_total{outcome="true",rule="headroom"} 1`)
	sc.shows(t, `flink_sidecar_rule_lead_seconds_bucket{rule="headroom",le="1800"} 1`)
	sc.shows(t, `flink_sidecar_rule_lead_seconds_bucket{rule="headroom",le="600"} 0`)
}

// TestTrendsAreRefilledFromPrometheus has one that answers and one that does not.
func TestTrendsAreRefilledFromPrometheus(t *testing.T) {
	t.Parallel()
	url := flinktest.New(t, flinktest.Flink23).URL
	past := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{`+
			`"__name__":"flink_job_headroom_ratio","cluster":"lab","job":"%s"},"values":[[%s,"0.5"]]}]}}`, flinktest.JobName, r.FormValue("end"))
	}))
	t.Cleanup(past.Close)
	for prometheus, logged := range map[string]string{
		past.URL: `msg="Trends are refilled" samples=2`,
		url:      `msg="Prometheus does not refill the trends, the history does"`,
	} {
		file := filepath.Join(t.TempDir(), "past.yml")
		require.NoError(t, os.WriteFile(file, []byte("flink: {url: "+url+", cluster: lab}\n"+
			"alerts: {prometheus: {url: "+prometheus+"}}\n"), 0o600))
		sc := startSidecar(t, "--config.file="+file)
		require.Eventually(t, func() bool { return strings.Contains(sc.stderr.String(), logged) },
			30*time.Second, 20*time.Millisecond, sc.stderr)
		require.Eventually(t, func() bool {
			_, status := sc.get(t, "/api/v1/status")
			return strings.Contains(status, `"rule":"headroom"`)
		}, 30*time.Second, 20*time.Millisecond, "what was held is not lost")
	}
}
