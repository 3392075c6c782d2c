package loop

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// Each line about an episode says which, and of which job of which cluster.
func TestLinesAboutAnEpisodeNameItsClusterAndJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var logged bytes.Buffer
		s := &stages{aim: func(episode.Alert) error { return errors.New("no profiler") }}
		l := New(Options{
			Config: DefaultConfig(), History: &journal{}, PlanFor: s.plan,
			Log: slog.New(slog.NewJSONHandler(&logged, nil)),
		})
		plan, _ := s.plan(episode.Alert{})
		_, err := l.Turn(t.Context(), episode.Alert{Rule: "r", Cluster: "prod", Job: "orders"}, plan)
		require.NoError(t, err)
		lines := 0
		for dec := json.NewDecoder(&logged); dec.More(); lines++ {
			var line map[string]any
			require.NoError(t, dec.Decode(&line))
			require.NotEmpty(t, line["episode"], line)
			require.Equal(t, "prod", line["cluster"], line)
			require.Equal(t, "orders", line["job"], line)
		}
		require.GreaterOrEqual(t, lines, 3, "opened, a step that failed, the end")
	})
}

// What a plan leaves out on purpose is a note of the episode, and no warning.
func TestAStepLeftOutIsNoWarning(t *testing.T) {
	for failure, warned := range map[error]bool{
		LeftOut{errors.New("about a server")}: false, errors.New("no TaskManager"): true,
	} {
		synctest.Test(t, func(t *testing.T) {
			var logged bytes.Buffer
			s := &stages{aim: func(episode.Alert) error { return failure }}
			l := New(Options{
				Config: DefaultConfig(), History: &journal{}, PlanFor: s.plan,
				Log: slog.New(slog.NewTextHandler(&logged, nil)),
			})
			plan, _ := s.plan(episode.Alert{})
			ep, err := l.Turn(t.Context(), episode.Alert{Rule: "r"}, plan)
			require.NoError(t, err)
			require.Contains(t, ep.Notes, failure.Error())
			require.Equal(t, warned, bytes.Contains(logged.Bytes(), []byte("level=WARN")), logged.String())
		})
	}
}
