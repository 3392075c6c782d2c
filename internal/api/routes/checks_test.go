package routes_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/api/routes"
	"github.com/flink-sidecar/flink-sidecar/internal/check"
)

func TestChecksThatWereNotMadeAreNoSuccess(t *testing.T) {
	var at time.Time
	found := []check.Result{{Check: "flink.job", State: check.Failed, Says: "none", Fix: check.Flink("a", "b")}}
	s := newSidecar(t, func(s *routes.Sources) {
		s.Checks = func() (time.Time, []check.Result) { return at, found }
	})
	status, answer, _ := s.ask(t, "GET", "/api/v1/checks", "")
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Contains(t, answer, "(ask again in a minute)")

	at = start
	got, err := s.client.Checks(t.Context())
	require.NoError(t, err)
	require.Equal(t, api.Checks{At: start, Works: false, Checks: found}, got)
}
