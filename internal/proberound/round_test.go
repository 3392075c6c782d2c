package proberound

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
)

// probing is the status of a round in which nothing arrives from the 30th second on.
func probing(began time.Time) func(context.Context) (api.Status, error) {
	return func(context.Context) (api.Status, error) {
		p := api.Probe{CutoffSeconds: 180, Round: &api.RoundProgress{
			Records: 4, Sent: 4, Seen: []api.SeenAtSink{{Sink: "enriched"}, {Sink: "search", Records: 2}},
		}}
		switch took := time.Since(began); {
		case took < 2*time.Second:
			p.Round = nil
		case took < 4*time.Second:
			return api.Status{}, errors.New("no answer")
		case took >= 30*time.Second && took < 39*time.Second:
			p.NothingArrived = &api.NothingArrived{
				Since: began, Records: 4, Text: "no record was seen: does the job accept it? (4 sent)",
				Causes: []api.Cause{{Text: "the job fails (look)", Evidence: []string{"it failed"}}, {Text: "other (do)"}},
			}
		}
		return api.Status{Probe: &p}, nil
	}
}

func TestProgressOfARound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var plain strings.Builder
		ctx, cancel := context.WithTimeout(t.Context(), 41500*time.Millisecond)
		defer cancel()
		watchRound(ctx, probing(time.Now()), newStatusLine(&plain))
		lines := strings.Split(strings.TrimSpace(plain.String()), "\n")
		require.Equal(t, "sidecar: preparing the round (1s)", lines[0])
		require.Equal(t, "sidecar: 4 of 4 records sent; seen: enriched 0, search 2 (6s; a record counts as lost "+
			"after 3m0s)", lines[1])
		require.Equal(t, 8, strings.Count(plain.String(), "sidecar: 4 of 4"), "a line every five seconds")
		require.Contains(t, plain.String(), "sidecar: no record was seen: does the job accept it? (4 sent since 2000-01-01T"+
			"00:00:00Z)\n  likely: the job fails (look)\n    evidence: it failed\n  likely: other (do)\n  A job with a backlog")
		require.Equal(t, 1, strings.Count(plain.String(), "does the job accept it"), "once")
		require.Contains(t, plain.String(), "sidecar: a sink shows records now\n")
		require.NotContains(t, plain.String(), "\x1b")
	})
}

func TestProgressOnATerminalIsOneLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var screen strings.Builder
		ctx, cancel := context.WithTimeout(t.Context(), 8500*time.Millisecond)
		defer cancel()
		watchRound(ctx, probing(time.Now()), &statusLine{out: &screen, terminal: true})
		require.NotContains(t, screen.String(), "\n")
		require.Equal(t, 6, strings.Count(screen.String(), "\r\x1b[K"), "each second, and at the end: %q", screen.String())
		require.True(t, strings.HasSuffix(screen.String(), "\x1b[K"), "nothing is left on the line")
	})
}
