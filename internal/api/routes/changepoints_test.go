package routes_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/api/routes"
	"github.com/flink-sidecar/flink-sidecar/internal/documenttest"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome/changepoint"
)

// changed stores n blocks of half an hour up to now, in which the CPU time rises by 30 % before
// the last after ones, in an epoch that began with a change. It returns the change point.
func changed(t *testing.T, s *sidecar, n, after int) changepoint.Point {
	t.Helper()
	const block = 30 * time.Minute
	began := time.Now().UTC().Truncate(time.Hour).Add(-time.Duration(n+1) * block)
	random := rand.New(rand.NewPCG(1, 1))
	for i, at := range []time.Time{began, began.Add(time.Duration(n-after) * block)} {
		e := episode.Epoch{Key: []string{"c1", "c2"}[i], Cluster: "prod", Job: "changed", Began: at}
		if i == 1 {
			e.Changes = []episode.Change{{What: "plan"}}
		}
		_, err := s.store.PutEpoch(e)
		require.NoError(t, err)
	}
	var ms []episode.Measurement
	for i := range n {
		at, key, cpu := began.Add(time.Duration(i)*block), "c1", 20*math.Exp(0.01*random.NormFloat64())
		if i >= n-after {
			key, cpu = "c2", 1.3*cpu
		}
		ms = append(ms, episode.Measurement{
			ID: ulid.MustNew(ulid.Timestamp(at), ulid.DefaultEntropy()).String(), Kind: episode.KindWindow, Cluster: "prod",
			Job: "changed", EpochKey: key, Began: at, Ended: at.Add(block), Throughput: new(100.0),
			Capacity: new(1000 * math.Exp(0.01*random.NormFloat64())), CPUPerMillion: &cpu,
			Hops: []episode.Hop{}, Accounts: []episode.Account{},
		})
	}
	require.NoError(t, s.store.PutMeasurement(ms...))
	report, err := routes.FindChangePoints(s.store, api.ChangeQuery{Of: episode.JobRef{Job: "changed"}}, time.Now())
	require.NoError(t, err)
	require.Len(t, report.Points, 1)
	return report.Points[0]
}

func changing(t *testing.T) *sidecar {
	t.Helper()
	return newSidecar(t, func(s *routes.Sources) { s.ChangePoints = s.Episodes.(routes.ChangePoints) })
}

func TestChangePointsAndTriage(t *testing.T) {
	s := changing(t)
	point := changed(t, s, 60, 20)
	require.Equal(t, "cpu_seconds_per_million", point.Figure)
	require.Equal(t, changepoint.Confirmed, point.State)
	require.Equal(t, "c2", point.Epochs[0].Key)
	report, err := s.client.ChangePoints(t.Context(), api.ChangeQuery{})
	require.NoError(t, err)
	require.Equal(t, []changepoint.Point{point}, report.Points)
	require.Len(t, report.Series, 4)

	triage, err := s.client.Triage(t.Context(), api.TriageRequest{ID: point.ID, State: episode.Negative, Note: "a test"})
	require.NoError(t, err)
	require.Equal(t, point.ID, triage.ID)
	require.Equal(t, "changed", triage.Job)
	report, err = s.client.ChangePoints(t.Context(), api.ChangeQuery{Since: "3d", Block: "1h"})
	require.NoError(t, err)
	require.Len(t, report.Points, 1)
	require.Equal(t, episode.Negative, report.Points[0].Triage, "also with other blocks")
	require.Equal(t, "a test", report.Points[0].Note)
	require.Equal(t, 1, report.Tally.Negative)
	require.InDelta(t, 0, *report.Tally.PrecisionLow, 1e-9)
	report, err = s.client.ChangePoints(t.Context(), api.ChangeQuery{Since: point.At.Add(time.Hour).Format(time.RFC3339)})
	require.NoError(t, err)
	require.Empty(t, report.Points, "it is before that time")
}

func TestChangePointsThatAreRefused(t *testing.T) {
	s := changing(t)
	point := changed(t, s, 40, 20)
	for name, c := range map[string]struct {
		request api.TriageRequest
		status  int
		says    string
	}{
		"no id":     {api.TriageRequest{ID: "x", State: episode.Positive}, 400, "is not an id"},
		"no state":  {api.TriageRequest{ID: point.ID}, 400, `state: "" is neither "positive" nor "negative"`},
		"two lines": {api.TriageRequest{ID: point.ID, State: episode.Positive, Note: "a\nb"}, 400, "write one line"},
		"missing":   {api.TriageRequest{ID: idAt(1), State: episode.Positive}, 404, "there is no change point"},
		"since":     {api.TriageRequest{ID: point.ID, State: episode.Positive, Since: "1h"}, 404, "since 1h"},
		"block":     {api.TriageRequest{ID: point.ID, State: episode.Positive, Block: "1s"}, 400, "is not a duration from 30s"},
	} {
		_, err := s.client.Triage(t.Context(), c.request)
		require.ErrorContains(t, err, c.says, name)
		var answer *api.Error
		require.ErrorAs(t, err, &answer, name)
		require.Equal(t, c.status, answer.Status, name)
	}
	_, err := s.client.ChangePoints(t.Context(), api.ChangeQuery{Since: "yesterday"})
	require.ErrorContains(t, err, "is neither a time nor a duration")
	_, err = s.client.ChangePoints(t.Context(), api.ChangeQuery{Of: episode.JobRef{Job: "none"}})
	require.ErrorContains(t, err, "nothing was measured of such a job")
	status, _, _ := newSidecar(t, nil).ask(t, "GET", "/api/v1/history/changes", "")
	require.Equal(t, http.StatusServiceUnavailable, status)
}

// TestDocumentedNumbers: docs/history.md states the limits that are used.
func TestDocumentedNumbers(t *testing.T) {
	text := documenttest.Text(t, "../../../docs/history.md")
	reach, err := model.ParseDuration(api.ChangesSince)
	require.NoError(t, err)
	require.Equal(t, api.ChangesReach, time.Duration(reach))
	require.Contains(t, text, "how long ago (default `"+api.ChangesSince+"`)")
	require.Contains(t, text, fmt.Sprintf("at most %d a side", routes.MostProfilesForTest))
}
