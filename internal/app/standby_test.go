package app

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/ports"
	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/config"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
)

// The variables that make this test binary a sidecar.
const (
	childConfig  = "SIDECAR_TEST_CONFIG"
	childAddress = "SIDECAR_TEST_ADDRESS"
	// switches is how often the writer is killed.
	switches = "SIDECAR_SWITCHES"
)

// runChild is a sidecar as its own process.
func runChild() int {
	cfg, err := config.Load(os.Getenv(childConfig), config.Overrides{})
	if err == nil {
		cfg.Web.ListenAddress = os.Getenv(childAddress)
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		defer stop()
		err = Run(ctx, cfg, Options{}, slog.New(slog.NewTextHandler(os.Stderr, nil)))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// member is one of two sidecars on the same history.
type member struct {
	url    string
	cmd    *exec.Cmd
	stderr *bytes.Buffer
}

func startMember(t *testing.T, file string) *member {
	t.Helper()
	free, err := ports.Free(1)
	require.NoError(t, err)
	address := ports.Loopback(free[0])
	m := &member{url: "http://" + address, stderr: &bytes.Buffer{}}
	m.cmd = exec.CommandContext(t.Context(), os.Args[0])
	m.cmd.Env = append(os.Environ(), childConfig+"="+file, childAddress+"="+address)
	m.cmd.Stderr = m.stderr
	require.NoError(t, m.cmd.Start())
	return m
}

func (m *member) kill(t *testing.T) {
	t.Helper()
	require.NoError(t, m.cmd.Process.Signal(syscall.SIGKILL))
	_ = m.cmd.Wait() // says that it was killed
}

// ask returns the status and the body of an answer; status 0 is none.
func (m *member) ask(t *testing.T, method, path string, body []byte) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, m.url+path, bytes.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/json")
	request.Close = true // its server may be killed
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, ""
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body) // cut off if the server was killed
	return answer.StatusCode, string(text)
}

func (m *member) await(t *testing.T, what, path string, status int) {
	t.Helper()
	require.Eventually(t, func() bool {
		got, _ := m.ask(t, http.MethodGet, path, nil)
		return got == status
	}, time.Minute, 20*time.Millisecond, what)
}

// deliver sends an alert to both, as Alertmanager does: again until one of them has taken it.
func deliver(t *testing.T, rule string, to ...*member) {
	t.Helper()
	body := firing(rule)
	var last strings.Builder
	require.Eventually(t, func() bool {
		for _, m := range to {
			status, text := m.ask(t, http.MethodPost, "/alertmanager/webhook", body)
			if status == http.StatusAccepted {
				return true
			}
			last.Reset()
			fmt.Fprintf(&last, "%s: %d %s", rule, status, text)
		}
		return false
	}, time.Minute, 20*time.Millisecond, &last)
}

// firing is an alert of a rule as Alertmanager sends it.
func firing(rule string) []byte {
	return fmt.Appendf(nil, `{"version":"4","status":"firing","alerts":[{"status":"firing","labels":{"alertname":%q,"job":%q},`+
		`"startsAt":"2026-11-23T00:00:00Z","fingerprint":%q}]}`, rule, flinktest.JobName, rule)
}

// Two processes share a history. The one that writes is killed again and again, at different
// steps of an episode. Each alert that was accepted has its episode, and one profile at most.
func TestOneWriterThroughSwitches(t *testing.T) {
	t.Parallel()
	count := 3
	if text := os.Getenv(switches); text != "" {
		var err error
		count, err = strconv.Atoi(text)
		require.NoError(t, err)
	}
	flink := flinktest.New(t, flinktest.Flink23)
	page, err := os.ReadFile("../flame/testdata/flink/flink-2.3.0-tm-ITIMER.html")
	require.NoError(t, err)
	flink.EnableProfiler(page)
	file := filepath.Join(t.TempDir(), "sidecar.yml")
	require.NoError(t, os.WriteFile(file, []byte("flink: {url: '"+flink.URL+"', cluster: test}\n"+
		"profiling: {duration: 1s, cooldown: 0s, per_day: 100000}\nhistory: {path: history.db}\n"), 0o600))
	writer := startMember(t, file)
	writer.await(t, "the first is ready", "/-/ready", http.StatusOK)
	standby := startMember(t, file)
	defer func() { standby.kill(t) }()
	defer func() { writer.kill(t) }()

	var rules []string
	for i := range count {
		standby.await(t, "the second stands by", "/-/ready", http.StatusServiceUnavailable)
		status, text := standby.ask(t, http.MethodPost, "/alertmanager/webhook", []byte("{}"))
		require.Equal(t, http.StatusServiceUnavailable, status)
		require.Contains(t, text, "history.db open (go through "+writer.url+")")
		require.Eventually(t, func() bool {
			_, page := standby.ask(t, http.MethodGet, "/metrics", nil)
			return strings.Contains(page, "flink_sidecar_standby 1") && strings.Contains(page, "flink_job_up{")
		}, time.Minute, 20*time.Millisecond)

		rule := fmt.Sprintf("Lag%d", i)
		rules = append(rules, rule)
		begun := flink.ProfilesBegun()
		deliver(t, rule, standby, writer)
		if i%2 == 1 { // in the middle of the profile, if the alert has one of its own
			begins(t, writer, rule, func() bool { return flink.ProfilesBegun() > begun })
		}
		writer.kill(t)
		standby.await(t, "the second takes over", "/-/ready", http.StatusOK)
		writer, standby = standby, startMember(t, file)
	}
	checkEpisodes(t, writer, rules)
	require.LessOrEqual(t, flink.ProfilesBegun(), len(rules), "profiles that Flink began, one for each alert at most")
	t.Logf("Flink began %d profiles", flink.ProfilesBegun())
}

// begins waits until the profile of an alert has begun, or the alert has joined another
// episode.
func begins(t *testing.T, writer *member, rule string, begun func() bool) {
	t.Helper()
	require.Eventually(t, func() bool {
		for _, ep := range episodesOf(t, writer) {
			for _, joined := range ep.Triggers {
				if joined.Rule == rule {
					return true
				}
			}
		}
		return begun()
	}, time.Minute, 20*time.Millisecond)
}

// episodesOf are all episodes of alerts.
func episodesOf(t *testing.T, m *member) []episode.Episode {
	t.Helper()
	client, err := api.NewClient(m.url, nil)
	require.NoError(t, err)
	var all []episode.Episode
	for before := ""; ; {
		list, err := client.Episodes(t.Context(), episode.JobRef{}, before, 0)
		require.NoError(t, err)
		for _, ep := range list.Episodes {
			if strings.HasPrefix(ep.Alert.Rule, "Lag") {
				all = append(all, ep)
			}
		}
		if len(list.Episodes) == 0 {
			return all
		}
		before = list.Episodes[len(list.Episodes)-1].ID
	}
}

func checkEpisodes(t *testing.T, m *member, rules []string) {
	t.Helper()
	var all []episode.Episode
	require.Eventually(t, func() bool {
		all = episodesOf(t, m)
		for _, ep := range all {
			if !api.Finished(ep) {
				return false
			}
		}
		return true
	}, time.Minute, 50*time.Millisecond)
	seen := map[string]int{}
	profiles := 0
	for _, ep := range all {
		seen[ep.Alert.Rule]++
		for _, joined := range ep.Triggers {
			seen[joined.Rule]++
		}
		require.LessOrEqual(t, len(ep.Profiles), 1, ep.Alert.Rule)
		profiles += len(ep.Profiles)
	}
	for _, rule := range rules {
		require.Equal(t, 1, seen[rule], rule)
	}
	t.Logf("%d switches: %d episodes, %d profiles", len(rules), len(all), profiles)
}
