package routes_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

func TestHops(t *testing.T) {
	t.Parallel()
	s := newSidecar(t, nil)
	at := func(n int) time.Time { return start.Add(time.Duration(n) * time.Minute) }
	for n := range 6 {
		m := fullMeasurement(n)
		m.Hops = []episode.Hop{{Name: episode.HopAcknowledged, Count: 1}, {Name: episode.HopVisible, Count: 1, P99: float64(n)}}
		m.Kind = []string{episode.KindWindow, episode.KindRound}[n%2]
		if n == 3 {
			m.Hops, m.Job = nil, "payments"
		}
		require.NoError(t, s.store.PutMeasurement(m))
	}
	for _, c := range []struct {
		name  string
		query api.HopQuery
		want  []string
	}{
		{"of a name", api.HopQuery{Hop: "visible"}, []string{"5 visible", "4 visible", "2 visible", "1 visible", "0 visible"}},
		{"of a kind", api.HopQuery{Kind: "round"}, []string{"5 acknowledged", "5 visible", "1 acknowledged", "1 visible"}},
		{"of a job without", api.HopQuery{Of: episode.JobRef{Job: "payments"}}, nil},
		{"of a time", api.HopQuery{Hop: "visible", From: at(1), To: at(4)}, []string{"2 visible", "1 visible"}},
		{"of an unknown name", api.HopQuery{Hop: "none"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			list, err := s.client.Hops(t.Context(), c.query)
			require.NoError(t, err)
			require.Empty(t, list.Next)
			var got []string
			for _, e := range list.Hops {
				got = append(got, fmt.Sprintf("%d %s", int(e.Began.Sub(start).Minutes()), e.Hop.Name))
			}
			require.Equal(t, c.want, got)
		})
	}
	rounds, err := s.client.MeasurementsOf(t.Context(), api.MeasurementQuery{Kind: episode.KindRound, Limit: 2})
	require.NoError(t, err)
	require.Equal(t, idAt(5), rounds.Measurements[0].ID)
	require.Equal(t, idAt(3), rounds.Measurements[1].ID)
	rounds, err = s.client.MeasurementsOf(t.Context(), api.MeasurementQuery{Kind: episode.KindRound, Before: rounds.Next})
	require.NoError(t, err)
	require.Len(t, rounds.Measurements, 1)
	require.Empty(t, rounds.Next)
	// In pages, every hop once; those of a measurement stay together.
	seen, pages := 0, 0
	for before := ""; ; pages++ {
		list, err := s.client.Hops(t.Context(), api.HopQuery{Before: before, Limit: 3})
		require.NoError(t, err)
		seen += len(list.Hops)
		if before = list.Next; before == "" {
			break
		}
		require.Len(t, list.Hops, 4)
	}
	require.Equal(t, 10, seen)
	require.Equal(t, 2, pages)
}

func TestRecordsOfASinkAnOutcomeAndATime(t *testing.T) {
	t.Parallel()
	s := newSidecar(t, nil)
	at := func(n int) time.Time { return start.Add(time.Duration(n) * time.Minute) }
	for n, outcome := range []episode.RecordOutcome{episode.OnTime, episode.Lost, episode.Pending, episode.Lost} {
		r := fullRecord(n)
		r.Intended = at(n)
		r.Sinks = []episode.AtSink{{Sink: "search", Outcome: outcome}, {Sink: "audit", Outcome: episode.OnTime}}
		require.NoError(t, s.store.Probes().Put([]episode.ProbeRecord{r}))
	}
	for name, c := range map[string]struct {
		query api.RecordQuery
		want  []int
	}{
		"all":                           {api.RecordQuery{}, []int{3, 2, 1, 0}},
		"lost anywhere":                 {api.RecordQuery{Outcome: episode.Lost}, []int{3, 1}},
		"lost at a sink":                {api.RecordQuery{Sink: "search", Outcome: episode.Lost}, []int{3, 1}},
		"lost at another":               {api.RecordQuery{Sink: "audit", Outcome: episode.Lost}, nil},
		"of a sink that is not":         {api.RecordQuery{Sink: "none"}, nil},
		"of a time":                     {api.RecordQuery{From: at(1), To: at(3)}, []int{2, 1}},
		"so many":                       {api.RecordQuery{Limit: 2}, []int{3, 2}},
		"so many of those asked for":    {api.RecordQuery{Outcome: episode.Lost, Limit: 1}, []int{3}},
		"of a time and with an outcome": {api.RecordQuery{Outcome: episode.Lost, To: at(3)}, []int{1}},
		"of a seed":                     {api.RecordQuery{Seed: fullRecord(1).Seed}, []int{1}},
		"of a seed that is not":         {api.RecordQuery{Seed: fullRecord(9).Seed}, nil},
		"of a seed at another time":     {api.RecordQuery{Seed: fullRecord(1).Seed, From: at(2)}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			list, err := s.client.RecordsOf(t.Context(), c.query)
			require.NoError(t, err)
			var got []int
			for _, r := range list.Records {
				got = append(got, int(r.Intended.Sub(start).Minutes()))
			}
			require.Equal(t, c.want, got)
		})
	}
	seen := []string{}
	for before := ""; len(seen) == 0 || before != ""; {
		list, err := s.client.RecordsOf(t.Context(), api.RecordQuery{Sink: "search", Before: before, Limit: 3})
		require.NoError(t, err)
		for _, r := range list.Records {
			seen = append(seen, r.Seed)
		}
		before = list.Next
	}
	require.Equal(t, []string{fullRecord(3).Seed, fullRecord(2).Seed, fullRecord(1).Seed, fullRecord(0).Seed}, seen, "in pages")
	for _, query := range []string{"probe/records?outcome=gone", "probe/records?from=x", "hops?kind=minute", "hops?before=x", "hops?sink=a"} {
		status, answer, _ := s.ask(t, http.MethodGet, api.Prefix+"/"+query, "")
		require.Equal(t, http.StatusBadRequest, status, "%s: %s", query, answer)
	}
}
