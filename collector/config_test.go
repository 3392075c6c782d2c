package collector

import (
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"
)

func TestConfigFaults(t *testing.T) {
	cfg := DefaultConfig()
	require.Empty(t, cfg.Validate())
	cfg = Config{PollInterval: model.Duration(4 * time.Second), TaskManagerDetails: -1, MaxSeries: 1}
	faults := cfg.Validate()
	require.Len(t, faults, 2)
	require.EqualError(t, faults[0], "poll_interval: 4s is below 5s (raise it; Flink refreshes its metrics every 10s)")
	require.EqualError(t, faults[1], "taskmanager_details: -1 is negative (0 shows none one by one)")
}

func TestPace(t *testing.T) {
	for _, test := range []struct{ work, want time.Duration }{
		{0, 15 * time.Second},
		{3 * time.Second, 15 * time.Second},
		{10 * time.Second, 40 * time.Second},
		{maxPoll, time.Minute},
		{10 * time.Minute, 5 * time.Minute},
	} {
		require.Equal(t, test.want, pace(15*time.Second, test.work))
	}
	require.Equal(t, 10*time.Minute, pace(10*time.Minute, time.Hour), "never faster than configured")
}
