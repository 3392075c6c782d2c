package routes_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/api/routes"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
)

// manyFindings is a history of 2,000 episodes with five findings each, as large as real ones.
func manyFindings(b *testing.B) *history.Store {
	b.Helper()
	config := history.DefaultConfig()
	config.Path = filepath.Join(b.TempDir(), "h.db")
	store, err := history.Open(b.Context(), config, slog.New(slog.DiscardHandler))
	require.NoError(b, err)
	b.Cleanup(func() { _ = store.Close() })
	for n := range 2_000 {
		e := fullEpisode(n)
		var id ulid.ULID
		at := start.Add(time.Duration(n) * time.Minute)
		_ = id.SetTime(ulid.Timestamp(at))
		e.ID, e.Opened, e.State, e.Marks = id.String(), at, episode.Done, nil
		one := e.Advice.Findings[0]
		one.Why = "In 41.7 % of the samples of the task threads, the frame writeClassAndObject is on the stack, which " +
			"means that Flink has no serializer of its own for these types and falls back to Kryo."
		one.Change = "Register the types with pipeline.serialization-config, or make them POJOs: a public class with a " +
			"public constructor without arguments, and public fields or getters and setters."
		one.TradeOffs = "State that was written by Kryo cannot be read by the POJO serializer: migrate it, or start anew."
		e.Advice.Findings = nil
		for i := range 5 {
			one.ID, one.Rank = fmt.Sprintf("%s-%d", e.ID, i+1), i+1
			e.Advice.Findings = append(e.Advice.Findings, one)
		}
		require.NoError(b, store.PutEpisode(e))
	}
	return store
}

// BenchmarkTenThousandFindings reads 10,000 findings in pages, as the plugin does; for
// comparison also from whole summaries of episodes, as it was done before.
func BenchmarkTenThousandFindings(b *testing.B) {
	store := manyFindings(b)
	for name, handler := range map[string]http.Handler{
		"findings":  routes.NewHandler(routes.Sources{Episodes: store}, slog.New(slog.DiscardHandler)),
		"summaries": fromSummaries(b, store),
	} {
		b.Run(name, func(b *testing.B) {
			server := httptest.NewServer(handler)
			defer server.Close()
			client, err := api.NewClient(server.URL, server.Client())
			require.NoError(b, err)
			used := cpuTime(b)
			for b.Loop() {
				n := 0
				for before := ""; n < 10_000; {
					list, err := client.Findings(b.Context(), api.FindingQuery{Before: before, Limit: 1000})
					require.NoError(b, err)
					n, before = n+len(list.Findings), list.Next
				}
			}
			b.ReportMetric(float64(cpuTime(b)-used)/1e6/float64(b.N), "cpu-ms/op")
		})
	}
}

// fromSummaries answers a request for findings from whole summaries.
func fromSummaries(b *testing.B, store *history.Store) http.Handler {
	b.Helper()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		list := api.FindingList{}
		page, err := store.Episodes(episode.JobRef{}, r.URL.Query().Get("before"), 1000)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		for _, e := range page {
			for _, f := range api.Brief(e).Advice.Findings {
				list.Findings = append(list.Findings, api.FindingEntry{Episode: e.ID, At: e.Opened, Job: e.Alert.Job, Finding: f})
			}
			if list.Next = e.ID; len(list.Findings) >= 1000 {
				break
			}
		}
		_ = json.NewEncoder(w).Encode(list) // the client would notice
	})
}

// cpuTime is the processor time of this process. It does not grow while others have the
// processors.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
