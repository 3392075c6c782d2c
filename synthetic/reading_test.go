package synthetic

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/synthetic/account"
)

func TestIngestedUpperBound(t *testing.T) {
	require.Nil(t, ingestedUpperBound([]account.Sample{{Hop: "visible", Latency: time.Second}}), "no bound is no zero")
	require.Equal(t,
		&episode.UpperBound{Count: 2, P50: 2, P99: 2.98, Max: 3, Resolution: 2},
		ingestedUpperBound([]account.Sample{
			{Hop: "visible", Latency: time.Hour},
			{Latency: time.Second, Quality: account.Bound, Resolution: time.Second},
			{Latency: 3 * time.Second, Quality: account.Bound, Resolution: 2 * time.Second},
		}))
}
