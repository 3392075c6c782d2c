package routes_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/api/routes"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
)

// FuzzBodies sends bodies to everything that takes one. Whatever they hold is the sender's
// fault: no answer is a 5xx, and what was accepted can be listed.
func FuzzBodies(f *testing.F) {
	mutating := []string{
		"/episodes", "/alerts", "/pause", "/resume", "/probe/rounds", "/history/import", "/history/mark", "/history/entries",
	}
	whole, err := json.Marshal(fullEpisode(1))
	require.NoError(f, err)
	for i, body := range []string{
		string(whole), `{"cluster":"c","job":"orders","vertex":"v","summary":"why","source":"cli"}`, `{"part":"llm"}`, `{}`,
		`{"records":5,"source":"api"}`, `{"format":"csv","text":"label,throughput\na,1\n","job":"j"}`,
		`{"finding":"` + idAt(1) + `-F1","decision":"applied","note":"why"}`,
	} {
		f.Add(uint8(i), body)
	}
	f.Add(uint8(0), `{"id":"`+idAt(1)+`","state":"done","opened":"2026-03-01T12:00:00+24:00"}`)
	f.Add(uint8(2), `{"xpart":"llm"}`)
	f.Add(uint8(7), `{"kind":"episodes","entries":[{"line":1,"entry":{"id":"`+idAt(9)+`","state":"done"}}]}`)

	log := slog.New(slog.DiscardHandler)
	config := history.DefaultConfig()
	config.Path = filepath.Join(f.TempDir(), "h.db")
	store, err := history.Open(f.Context(), config, log)
	require.NoError(f, err)
	f.Cleanup(func() { require.NoError(f, store.Close()) })
	handler := routes.NewHandler(routes.Sources{
		Status:   func() api.Status { return api.Status{} },
		Episodes: store, Measurements: store, Records: store.Probes(), Pauser: &brake{}, ScaleTests: store,
		Marks: store, Entries: store,
		Alerts: raiseFunc(func(a episode.Alert) (api.Receipt, error) {
			_, err := json.Marshal(a)
			return api.Receipt{Accepted: true}, err
		}),
		Rounds: roundFunc(func(context.Context, api.RoundRequest) (episode.Episode, error) { return fullEpisode(1), nil }),
	}, log)
	f.Fuzz(func(t *testing.T, route uint8, body string) {
		path := "/api/v1" + mutating[int(route)%len(mutating)]
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, r)
		require.Less(t, answer.Code, 500, answer.Body)
		require.True(t, json.Valid(answer.Body.Bytes()))
		list := httptest.NewRecorder()
		handler.ServeHTTP(list, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/episodes?limit=1", nil))
		require.Equal(t, http.StatusOK, list.Code, list.Body)
	})
}
