//go:build e2e

package e2e

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/template"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/grafana/grafanatest"
	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// loopDay is everything that the loop meets: the real Flink, Prometheus and
// Alertmanager, and a server that behaves like Grafana.
type loopDay struct {
	stack   *stack
	sidecar *sidecar
	grafana *grafanatest.Server
	client  *api.Client
}

// The windows are short, so that the sample job's growing state is seen within
// two minutes; profiles are short, so that there is time for thirty kills. Its
// cool-down is off: each episode has its own profile.
var loopConfiguration = template.Must(template.New("sidecar.yml").Parse(`
flink: {url: "{{.FlinkURL}}", cluster: e2e}
collector: {poll_interval: 5s}
alerts:
  window: 2m
  horizon: 2h
  every: 1s
  for: 5s
  keep_firing_for: 30s
  settle: 0s
  min_samples: 6
  shipped_rules: named
  rules: [{name: checkpoint-size, threshold: 64MiB}]
profiling: {duration: {{.Profile}}, cooldown: 0s, per_day: 1000}
grafana: {url: "{{.Grafana}}", token_file: "{{.Token}}"}
web: {listen_address: "{{.Listen}}"}
`))

// TestLoop is the loop on the real stack: a trend that fires by itself, a rule of
// Prometheus that comes through Alertmanager, and a sidecar that is killed at
// thirty random moments of an episode. Each ends in one annotation.
func TestLoop(t *testing.T) {
	listen := freeAddress(t)
	d := &loopDay{
		stack:   startStack(t, "--load=100", "--webhook-url=http://"+listen+"/alertmanager/webhook"),
		grafana: &grafanatest.Server{Token: "glsa_e2e"},
	}
	grafana := httptest.NewServer(d.grafana)
	t.Cleanup(grafana.Close)
	dir := t.TempDir()
	token := filepath.Join(dir, "token")
	require.NoError(t, os.WriteFile(token, []byte("glsa_e2e"), 0o600))
	settings := map[string]any{
		"FlinkURL": d.stack.FlinkURL, "Grafana": grafana.URL, "Token": token,
		"Listen": listen, "Profile": "20s",
	}
	d.sidecar = &sidecar{config: filepath.Join(dir, "e2e.yml"), history: filepath.Join(dir, "e2e.db")}
	d.sidecar.configure(t, loopConfiguration, settings)
	d.start(t)

	t.Log("--- TrendFiresByItself")
	d.trendFires(t)
	t.Log("--- EveryModeIsTakenAndRead")
	d.everyMode(t)

	settings["Profile"] = "1s"
	d.sidecar.kill(t)
	d.sidecar.configure(t, loopConfiguration, settings)
	d.start(t)
	t.Log("--- PrometheusAndAlertmanager")
	d.alertmanagerFires(t)
	t.Log("--- SidecarKilledThirtyTimes")
	d.killed(t, 30)
	t.Log("--- EveryEpisodeToldOnce")
	d.audit(t)
}

func (d *loopDay) start(t *testing.T) {
	t.Helper()
	d.sidecar.start(t)
	client, err := api.NewClient(d.sidecar.url, nil)
	require.NoError(t, err)
	d.client = client
}

// finished waits for the newest episode of a rule to end.
func (d *loopDay) finished(t *testing.T, within time.Duration, rule string) episode.Episode {
	t.Helper()
	var found episode.Episode
	eventually(t, within, "an episode of "+rule+" is finished", func() error {
		list, err := d.client.Episodes(t.Context(), episode.JobRef{}, "", 0)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(list.Episodes, func(ep episode.Episode) bool { return ep.Alert.Rule == rule })
		if i < 0 {
			return errors.New("there is none yet")
		}
		if found, _, err = d.client.Episode(t.Context(), list.Episodes[i].ID); err == nil && !found.State.Final() {
			err = fmt.Errorf("it is %s", found.State)
		}
		return err
	})
	return found
}

// trendFires: the state of the sample job only grows, and the sidecar sees it
// coming, looks, and says what the job is doing wrong.
func (d *loopDay) trendFires(t *testing.T) {
	ep := d.finished(t, 6*time.Minute, "checkpoint-size")
	require.Equal(t, episode.Done, ep.State)
	require.Equal(t, episode.FromTrend, ep.Alert.Source)
	require.NotEmpty(t, ep.Profiles, "notes: %q", ep.Notes)
	t.Logf("%s; profile of %s: %d samples; from alert to stored finding %s, to annotation %s, of which %s profile",
		ep.Alert.Summary, ep.Profiles[0].Process,
		ep.Profiles[0].Samples, ep.Concluded.Sub(ep.Opened), ep.Announcements[0].At.Sub(ep.Opened),
		ep.Profiles[0].Duration)
	ep = d.plantedIsFound(t, ep)
	for _, bound := range []string{"point", "low", "high"} {
		d.sidecar.atLeast(t, time.Minute, 0, "flink_sidecar_trend_breach_seconds",
			map[string]string{"rule": "checkpoint-size", "bound": bound})
	}
	pageIsSound(t, d.sidecar)
	d.boundsAreExported(t, ep)
	d.profileIsShown(t, ep)
}

// boundsAreExported holds the metric against the episode's findings: each bound
// under its own rank. Which rank that is differs: state that will pass its limit
// has no bound and may stand first. On a fast machine no vertex limits the job, and
// the findings say so instead of a gain.
func (d *loopDay) boundsAreExported(t *testing.T, ep episode.Episode) {
	t.Helper()
	bounds, unlimited := 0, 0
	for _, f := range ep.Advice.Findings {
		labels := map[string]string{"job": "orders enrichment", "rank": strconv.Itoa(f.Rank)}
		value, err := d.sidecar.value(t, "flink_sidecar_finding_impact_ratio", labels)
		if f.Impact == nil {
			require.Error(t, err, "rank %d has no bound, and the metric says %g", f.Rank, value)
			if strings.Contains(f.Why, "No vertex limits the job now") {
				unlimited++
			}
			continue
		}
		require.NoError(t, err)
		require.InDelta(t, f.Impact.HighPercent/100, value, 1e-9, "rank %d", f.Rank)
		bounds++
	}
	require.Positive(t, bounds+unlimited, "no finding says how much there is to gain, or why there is none")
}

// plantedIsFound holds the findings against what is wrong with the sample job.
// A job that is a minute old is still compiling, and which of its vertices
// limits it may change from look to look; so what the first look did not show,
// two more may. It returns the last look.
func (d *loopDay) plantedIsFound(t *testing.T, ep episode.Episode) episode.Episode {
	t.Helper()
	missing := []string{"generic-serialization", "blocking-io", "sink-batching"}
	for look := 1; ; look++ {
		found := categories(t, ep)
		missing = slices.DeleteFunc(missing, func(planted string) bool { return slices.Contains(found, planted) })
		if len(missing) == 0 {
			return ep
		}
		t.Logf("not found yet: %v; target %+v, notes %q", missing, ep.Target, ep.Notes)
		require.Less(t, look, 3, "planted, and not found in three looks: %v", missing)
		var err error
		ep, err = d.client.Await(t.Context(), d.raise(t).Episode, api.Finished)
		require.NoError(t, err)
	}
}

// categories of an episode's findings, by rank.
func categories(t *testing.T, ep episode.Episode) (found []string) {
	t.Helper()
	for _, f := range ep.Advice.Findings {
		t.Logf("%d. %s [%s] %+v", f.Rank, f.Title, f.Category, f.Impact)
		found = append(found, f.Category)
	}
	return found
}

// alertmanagerFires adds a rule to the real Prometheus that holds at once.
func (d *loopDay) alertmanagerFires(t *testing.T) {
	require.NotEmpty(t, d.stack.Prometheus, "the stack runs without Prometheus")
	d.stack.scrape(t, d.sidecar.url)
	d.shippedRulesAreEvaluated(t)
	d.stack.addRule(t, `
groups:
  - name: e2e
    rules:
      - alert: JobRuns
        expr: flink_job_up == 1
        annotations: {summary: "{{ $labels.job }} runs, which is worth a look"}
`)
	ep := d.finished(t, 3*time.Minute, "JobRuns")
	require.Equal(t, episode.FromAlertmanager, ep.Alert.Source)
	require.Equal(t, "orders enrichment", ep.Alert.Job)
	require.Equal(t, "orders enrichment runs, which is worth a look", ep.Alert.Summary)
	require.Empty(t, ep.Notes)
	require.NotEmpty(t, ep.Profiles)
	require.NotNil(t, ep.Advice)
}

// killed raises an alert and kills the sidecar at a random moment of its
// episode, again and again.
func (d *loopDay) killed(t *testing.T, times int) {
	for range times {
		receipt := d.raise(t)
		moment := time.NewTimer(rand.N(1500 * time.Millisecond))
		<-moment.C
		before, found, err := d.client.Episode(t.Context(), receipt.Episode)
		require.NoError(t, err)
		require.True(t, found)
		d.sidecar.kill(t)
		d.start(t)
		ep, err := d.client.Await(t.Context(), receipt.Episode, api.Finished)
		require.NoError(t, err)
		require.Equal(t, episode.Done, ep.State, ep.Error)
		t.Logf("killed while %s, finished with %d profiles, %d findings, notes %q", before.State, len(ep.Profiles),
			len(ep.Advice.Findings), ep.Notes)
	}
}

// raise asks for an episode, as soon as the sidecar has looked at Flink.
func (d *loopDay) raise(t *testing.T) (receipt api.Receipt) {
	t.Helper()
	eventually(t, time.Minute, "an alert is taken", func() (err error) {
		receipt, err = d.client.Raise(t.Context(), api.AlertRequest{Summary: "what happens if the sidecar dies now"})
		return err
	})
	require.True(t, receipt.Accepted, receipt.Reason)
	return receipt
}

// audit holds Grafana's annotations against the history: one for each episode
// that was to be told, and no other. Alertmanager goes on sending what fires, and a
// trend may fire once more: so it waits for a moment at which nothing is under way.
func (d *loopDay) audit(t *testing.T) {
	eventually(t, 2*time.Minute, "each episode is finished and told once", func() error {
		list, err := d.client.Episodes(t.Context(), episode.JobRef{}, "", 1000)
		if err != nil {
			return err
		}
		told := d.told()
		announced := 0
		for _, ep := range list.Episodes {
			switch {
			case ep.Alert.Rule == "epoch-began":
				continue
			case !ep.State.Final():
				return fmt.Errorf("%s is %s", ep.ID, ep.State)
			case told[ep.ID] != 1:
				return fmt.Errorf("episode %s has %d annotations", ep.ID, told[ep.ID])
			}
			announced++
		}
		if len(told) != announced {
			return fmt.Errorf("%d episodes are told, and %d were to be", len(told), announced)
		}
		for _, annotation := range d.regions() {
			require.Greater(t, annotation.TimeEnd, annotation.Time, "it is a region")
		}
		t.Logf("%d episodes, %d annotations, %d posts", announced, len(d.grafana.Annotations()), d.grafana.Posts())
		return nil
	})
}

// told counts the annotations of each episode.
func (d *loopDay) told() map[string]int {
	told := map[string]int{}
	for _, annotation := range d.regions() {
		for _, tag := range annotation.Tags {
			if id, ok := strings.CutPrefix(tag, "fsc:"); ok {
				told[id]++
			}
		}
	}
	return told
}

// regions are the annotations of episodes with advice; those of epochs are points.
func (d *loopDay) regions() []grafanatest.Annotation {
	return slices.DeleteFunc(d.grafana.Annotations(), func(a grafanatest.Annotation) bool {
		return slices.Contains(a.Tags, "rule:epoch-began") || slices.Contains(a.Tags, "rule:outcome")
	})
}
