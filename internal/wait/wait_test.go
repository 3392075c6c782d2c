package wait

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestFor(t *testing.T) {
	require.NoError(t, For(t.Context(), time.Nanosecond))
	ended, end := context.WithCancel(t.Context())
	end()
	require.ErrorIs(t, For(ended, time.Hour), context.Canceled)
	require.ErrorIs(t, For(ended, 0), context.Canceled, "an ended context takes precedence over an ended pause")
}

func TestBackoffDoublesUpToTheLongest(t *testing.T) {
	pauses := Backoff(time.Second, 5*time.Second)
	var got []time.Duration
	for range 5 {
		got = append(got, pauses.NextBackOff())
	}
	require.Equal(t, []time.Duration{
		time.Second, 2 * time.Second, 4 * time.Second, 5 * time.Second,
		5 * time.Second,
	}, got)
}
