package pause

import (
	"errors"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
)

type store struct {
	paused []string
	fault  error
}

func (s *store) Paused() ([]string, error) { return s.paused, nil }

func (s *store) PutPaused(parts []string) error {
	if s.fault == nil {
		s.paused = parts
	}
	return s.fault
}

func TestSwitchesAreAsTheyWereLeft(t *testing.T) {
	st := &store{paused: []string{"probe"}}
	s, err := New(st)
	require.NoError(t, err)
	require.Equal(t, []api.Part{api.PartProbe}, s.Paused())
	require.InDelta(t, 1, testutil.ToFloat64(s.gauge.WithLabelValues("probe")), 0)

	var told []bool
	s.OnChange(api.PartLLM, func(paused bool) { told = append(told, paused) })
	require.NoError(t, s.Pause(api.PartLLM))
	require.NoError(t, s.Resume(api.Parts()...))
	require.Equal(t, []bool{true, false}, told)
	require.Empty(t, st.paused)
	require.Equal(t, 3, testutil.CollectAndCount(s))
}

func TestAPauseThatCannotBeStoredWorksAllTheSame(t *testing.T) {
	s, err := New(&store{fault: errors.New("disk full")})
	require.NoError(t, err)
	require.EqualError(t, s.Pause(api.PartProbe), "the switch works now, but is not stored, so a restart resets it: "+
		"disk full (make history.path writable, then repeat the command)")
	require.True(t, s.IsPaused(api.PartProbe))
}
