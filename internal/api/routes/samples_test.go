package routes_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/api/routes"
	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
)

// samplesFunc are kept samples.
type samplesFunc func(since time.Time, after string) ([][]byte, string, error)

func (f samplesFunc) AllPages(since time.Time, after string) ([][]byte, string, error) {
	return f(since, after)
}

func TestSamples(t *testing.T) {
	since := time.Unix(1_800_000_000, 0).UTC()
	s := newSidecar(t, func(s *routes.Sources) {
		s.Samples = samplesFunc(func(from time.Time, after string) ([][]byte, string, error) {
			switch {
			case after == "bad":
				return nil, "", ledger.Invalid("page", "it is no name of a page (begin without one)")
			case after == "" && from.Equal(since):
				return [][]byte{{0x1f, 0xff}}, "more", nil
			}
			return nil, "", nil
		})
	})
	list, err := s.client.Samples(t.Context(), since, "")
	require.NoError(t, err)
	require.Equal(t, api.SampleList{Pages: [][]byte{{0x1f, 0xff}}, Next: "more"}, list)
	list, err = s.client.Samples(t.Context(), since, list.Next)
	require.NoError(t, err)
	require.Equal(t, api.SampleList{Pages: [][]byte{}}, list)
	status, _, _ := s.ask(t, http.MethodGet, "/api/v1/trends/samples?after=bad", "")
	require.Equal(t, http.StatusBadRequest, status)
	status, _, _ = s.ask(t, http.MethodGet, "/api/v1/trends/samples?from=yesterday", "")
	require.Equal(t, http.StatusBadRequest, status)
}

func TestSamplesThatAreNotKept(t *testing.T) {
	s := newSidecar(t, func(s *routes.Sources) { s.Samples = nil })
	_, answer, _ := s.ask(t, http.MethodGet, "/api/v1/trends/samples", "")
	require.JSONEq(t, `{"pages":[]}`, answer)
}
