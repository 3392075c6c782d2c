package recorded

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/alerts/signal"
)

func TestPagesAreReadAsTheyWereWritten(t *testing.T) {
	page := Page{At: time.UnixMilli(1_800_000_000_123), Series: []signal.Series{
		{Name: "flink_job_headroom_ratio", Labels: map[string]string{"job": "orders \"v1\""}, Value: -0.125},
		{Name: "flink_job_restarts_total", Labels: map[string]string{}, Value: 1e300},
	}}
	more := page
	more.Series = append(more.Series[:2:2], signal.Series{Name: "a", Value: math.NaN()},
		signal.Series{Name: "b", Value: math.Inf(1)})
	data, err := more.Encode()
	require.NoError(t, err)
	got, err := Decode(data)
	require.NoError(t, err)
	require.Equal(t, page, got)
}

func TestDamagedPagesAreNamed(t *testing.T) {
	data, err := Page{At: time.Now()}.Encode()
	require.NoError(t, err)
	for _, damaged := range [][]byte{nil, []byte("text"), data[:len(data)/2]} {
		_, err := Decode(damaged)
		require.ErrorContains(t, err, "(it is left out)")
	}
}
