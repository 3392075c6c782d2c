package annotations

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/grafana"
	"github.com/flink-sidecar/flink-sidecar/grafana/grafanatest"
	"github.com/flink-sidecar/flink-sidecar/internal/documenttest"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/epochs"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/internal/history/historytest"
	"github.com/flink-sidecar/flink-sidecar/internal/loop"
)

// graphs is a history, a Grafana, and what tells the second of the first.
type graphs struct {
	*Annotations

	store *history.Store
	fake  *grafanatest.Server
}

func newGraphs(t *testing.T) graphs {
	t.Helper()
	fake := &grafanatest.Server{Token: "t"}
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	cfg := grafana.DefaultConfig()
	cfg.URL, cfg.TokenEnv = server.URL, "SIDECAR_TEST_GRAPHS_TOKEN"
	t.Setenv(cfg.TokenEnv, "t")
	notifier, err := grafana.New(cfg, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(func() { notifier.Close(); http.DefaultClient.CloseIdleConnections() })
	store := historytest.Open(t)
	return graphs{New(notifier, store, "http://page", slog.New(slog.DiscardHandler)), store, fake}
}

// link is the end of the text of an annotation.
func link(ep episode.Episode) string {
	return `<br><a href="http://page/episodes/` + ep.ID + `" target="_blank">Evidence</a>`
}

// put stores the episode of an epoch that began at a time.
func (g graphs) put(t *testing.T, began time.Time, changes ...episode.Change) episode.Episode {
	t.Helper()
	return g.putKey(t, historytest.IDAt(began), began, changes...)
}

// putKey is put for a configuration that may have been there before.
func (g graphs) putKey(t *testing.T, key string, began time.Time, changes ...episode.Change) episode.Episode {
	t.Helper()
	e := episode.Epoch{Cluster: "prod", Job: "orders", Key: key, Began: began.UTC(), Changes: changes}
	_, err := g.store.PutEpoch(e)
	require.NoError(t, err)
	ep := episode.Episode{ID: historytest.IDAt(began), Alert: epochs.AlertOf(e), State: episode.Announcing, Opened: began.UTC()}
	require.NoError(t, g.store.PutEpisode(ep))
	return ep
}

func TestABeginningIsOneRegionWithItsAdvice(t *testing.T) {
	g := newGraphs(t)
	began := time.Now().Add(-time.Minute).UTC()
	ep := episode.Episode{ID: historytest.IDAt(began), Opened: began, State: episode.Profiling, Alert: episode.Alert{
		Rule: "checkpoint-duration", Source: episode.FromTrend, Job: "orders", Summary: "checkpoints reach 60 s in 22 min",
		StartsAt: began,
	}}
	require.NoError(t, g.Open(t.Context(), ep))
	require.Equal(t, "checkpoints reach 60 s in 22 min<br>Profiling …"+link(ep), g.fake.Annotations()[0].Text)
	require.Equal(t, began.UnixMilli(), g.fake.Annotations()[0].TimeEnd)

	ep.Concluded, ep.Advice = began.Add(time.Minute), &episode.Advice{Findings: []episode.Finding{{Title: "Kryo", Change: "Register."}}}
	_, err := g.Notify(t.Context(), ep)
	require.NoError(t, err)
	require.NoError(t, g.Open(t.Context(), ep), "a late beginning changes nothing")
	all := g.fake.Annotations()
	require.Len(t, all, 1)
	require.Contains(t, all[0].Text, "First: Kryo. Register.")
	require.Equal(t, ep.Concluded.UnixMilli(), all[0].TimeEnd)

	ep.Alert.Source = episode.FromTrouble
	require.Contains(t, openingText(ep), "\nCollecting evidence …")
	ep.Alert.Omit = []episode.Action{episode.ActionAnnotate}
	ep.ID = historytest.IDAt(time.Now())
	require.NoError(t, g.Open(t.Context(), ep))
	require.Len(t, g.fake.Annotations(), 1, "actions.annotate: false")
}

// TestEpochsAreTold: values where they are known, others by key; a measured one with its rate.
func TestEpochsAreTold(t *testing.T) {
	g := newGraphs(t)
	began := time.Now().Add(-time.Hour).Truncate(time.Second)
	ep := g.put(t, began, episode.Change{What: "parallelism", From: "8", To: "16"},
		episode.Change{What: "checkpoints interval", From: "10s", To: "1m0s"}, episode.Change{What: "job user-config.password"})
	require.NoError(t, g.Open(t.Context(), ep))
	all := g.fake.Annotations()
	require.Equal(t, "orders deployed: parallelism 8 → 16, checkpoints interval 10s → 1m0s, job user-config.password"+
		link(ep), all[0].Text)
	require.Equal(t, began.UnixMilli(), all[0].Time)
	require.Equal(t, began.UnixMilli(), all[0].TimeEnd, "a point")
	require.Contains(t, all[0].Tags, "rule:epoch-began")

	ep.Measurement = &episode.Measurement{Throughput: new(1250.0)}
	require.NoError(t, g.store.PutEpisode(ep))
	_, err := g.Notify(t.Context(), ep)
	require.NoError(t, err)
	require.Len(t, g.fake.Annotations(), 1)
	require.Contains(t, g.fake.Annotations()[0].Text, "<br>Since then it reads 1250 records/s.<br>")

	first := epochs.AlertOf(episode.Epoch{Job: "new"})
	require.True(t, first.Omits(episode.ActionAnnotate), "the first epoch of a job is no change")
	require.False(t, epochs.PlanOf(loop.Plan{Announce: true}, first).Announce)
}

// TestAConfigurationThatWasThereBefore says until when: somebody may know why. That it was worse is said
// where an outcome shows it.
func TestAConfigurationThatWasThereBefore(t *testing.T) {
	g := newGraphs(t)
	began := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	change := episode.Change{What: "parallelism"}
	g.putKey(t, "zero", began.Add(-24*time.Hour), change)
	first := g.putKey(t, "first", began, change)
	g.putKey(t, "other", began.Add(24*time.Hour), change)
	ep := g.putKey(t, "first", began.Add(48*time.Hour), change)
	require.NoError(t, g.Open(t.Context(), ep))
	require.Contains(t, g.fake.Annotations()[0].Text, "; this configuration was in use before, until 2026-03-02<br>")

	first.Advice = &episode.Advice{Findings: []episode.Finding{{ID: first.ID + "-F1", Evidence: []string{}}}}
	first.State = episode.Done
	require.NoError(t, g.store.PutEpisode(first))
	stored, err := g.store.PutOutcome(first.ID, episode.Outcome{
		Finding: first.ID + "-F1", Result: episode.Opposite, Before: "zero", After: "first", Changed: began, Final: true,
	})
	require.NoError(t, err)
	require.True(t, stored)
	_, err = g.Notify(t.Context(), ep)
	require.NoError(t, err)
	require.Contains(t, g.fake.Annotations()[0].Text, "; this configuration was reverted on 2026-03-02, it was worse<br>")
}

// TestManyEpochsAreOneRegion: a job that is deployed again and again does not fill the graph.
func TestManyEpochsAreOneRegion(t *testing.T) {
	g := newGraphs(t)
	began := time.Now().Add(-2 * time.Hour).Truncate(time.Minute)
	var all []episode.Episode
	for n := range 7 {
		at := began.Add(time.Duration(n) * 9 * time.Minute)
		all = append(all, g.put(t, at, episode.Change{What: "plan"}))
		require.NoError(t, g.Open(t.Context(), all[n]))
	}
	other := g.put(t, began.Add(100*time.Minute), episode.Change{What: "parallelism", From: "1", To: "2"})
	require.NoError(t, g.Open(t.Context(), other))
	_, err := g.Notify(t.Context(), all[0]) // the first one is measured last
	require.NoError(t, err)

	stored := g.fake.Annotations()
	require.Len(t, stored, 2)
	require.Contains(t, stored[0].Tags, "fsc:"+all[0].ID)
	require.Contains(t, stored[0].Text, "orders changed 7 times within 54 min<br>")
	require.NotContains(t, stored[0].Text, began.UTC().Format("15:04 UTC"), "only the last ones are listed")
	require.Contains(t, stored[0].Text, began.Add(54*time.Minute).UTC().Format("15:04 UTC ")+"deployed: plan<br>")
	require.Equal(t, began.UnixMilli(), stored[0].Time)
	require.Equal(t, began.Add(54*time.Minute).UnixMilli(), stored[0].TimeEnd)
	require.Contains(t, stored[1].Text, "orders rescaled: parallelism 1 → 2")
}

// TestWhatBecomesKnownLater: the end of a trouble, and what came of a finding.
func TestWhatBecomesKnownLater(t *testing.T) {
	g := newGraphs(t)
	began := time.Now().Add(-time.Hour).Truncate(time.Second).UTC()
	ep := episode.Episode{
		ID: historytest.IDAt(began), Opened: began, Concluded: began.Add(time.Minute), State: episode.Announcing,
		Alert: episode.Alert{Rule: "restart-loop", Source: episode.FromTrouble, Cluster: "prod", Job: "orders", StartsAt: began},
		Advice: &episode.Advice{Findings: []episode.Finding{
			{ID: historytest.IDAt(began) + "-1", Title: "Kryo is slow"}, {ID: historytest.IDAt(began) + "-2", Title: "GC is busy"},
		}},
	}
	require.NoError(t, g.store.PutEpisode(ep))
	id, err := g.Notify(t.Context(), ep)
	require.NoError(t, err)
	ep.State, ep.Announcements = episode.Done, []episode.Announcement{{Where: inGrafana, ID: id, At: ep.Concluded}}
	require.NoError(t, g.store.PutEpisode(ep))
	look := func() []grafanatest.Annotation {
		t.Helper()
		require.NoError(t, g.look(t.Context(), followed))
		return g.fake.Annotations()
	}
	require.Equal(t, ep.Concluded.UnixMilli(), look()[0].TimeEnd, "it lasts")

	over := began.Add(30 * time.Minute)
	_, err = g.store.PutAlertEnd(ep.ID, over)
	require.NoError(t, err)
	all := look()
	require.Len(t, all, 1, "a crash loop is one region")
	require.Equal(t, over.UnixMilli(), all[0].TimeEnd)

	outcome := episode.Outcome{
		Finding: ep.Advice.Findings[0].ID, Result: episode.Unmeasurable, By: episode.ByMark, At: time.Now().UTC(), Changed: over,
		Reason: "2 blocks are too few (wait)",
	}
	put := func(o episode.Outcome) {
		t.Helper()
		stored, err := g.store.PutOutcome(ep.ID, o)
		require.NoError(t, err)
		require.True(t, stored)
	}
	put(outcome)
	require.Len(t, look(), 1, "nothing is known yet")
	outcome.Result, outcome.Reason, outcome.At = episode.Hit, "", time.Now().UTC()
	outcome.Change, outcome.Low, outcome.High = new(18.2), new(12.0), new(24.4)
	outcome.PredictedLow, outcome.PredictedHigh = new(10.0), new(25.0)
	put(outcome)
	all = look()
	require.Len(t, all, 2)
	require.Equal(t, "Applied: Kryo is slow<br>Throughput +18.2 % (+12 to +24.4), predicted +10 to 25 %.<br>"+
		"It helped as predicted."+link(ep), all[1].Text)
	require.Equal(t, over.UnixMilli(), all[1].Time)
	require.Contains(t, all[1].Tags, "rule:outcome")

	outcome.Result, outcome.Change, outcome.At, outcome.Final = episode.Miss, new(1.0), time.Now().Add(time.Second).UTC(), true
	put(outcome)
	require.Contains(t, look()[1].Text, "The prediction was wrong.", "the same one is changed")
	guess := episode.Outcome{Finding: ep.Advice.Findings[1].ID, Result: episode.Unattributed, By: episode.ByEpoch, Final: true, Changed: over}
	put(guess)
	require.Len(t, look(), 2, "nobody said that it was applied")
	require.Equal(t, 2, g.fake.Posts())
}

// TestThePageAboutGrafanaHasTheLimits of the code.
func TestThePageAboutGrafanaHasTheLimits(t *testing.T) {
	text := documenttest.Text(t, "../../docs/grafana.md")
	for words, holds := range map[string]bool{
		"follow each other within ten minutes":   epochsTogether == 10*time.Minute,
		"with the last five of them in its text": epochsTold == 5,
		"gives up after six hours":               waitFor500 == 6*time.Hour,
	} {
		require.True(t, holds, words)
		require.Contains(t, text, words)
	}
}
