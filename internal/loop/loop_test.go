package loop

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

var alert = episode.Alert{Rule: "probe-round", Source: episode.FromCLI, Job: "orders"}

func newLoop(j *journal) *Loop {
	l := loopOf(j, never, nil)
	l.Now = func() time.Time { return time.Unix(1700000000, 0) }
	return l
}

func measured(context.Context, episode.Alert) (episode.Measurement, error) {
	return episode.Measurement{Kind: episode.KindRound, EpochKey: "e1"}, nil
}

// measuring is the plan of a probe round.
func measuring(f MeasureFunc) Plan { return Plan{Measurer: f} }

func TestTurnStoresEachStateBeforeItsWork(t *testing.T) {
	j := &journal{}
	var storedWhenMeasuring []episode.State
	ep, err := newLoop(j).Turn(t.Context(), alert,
		measuring(func(ctx context.Context, a episode.Alert) (episode.Measurement, error) {
			storedWhenMeasuring = j.states()
			return measured(ctx, a)
		}))
	require.NoError(t, err)
	require.Equal(t, []episode.State{episode.Opened, episode.Measuring}, storedWhenMeasuring)
	require.Equal(t, []episode.State{episode.Opened, episode.Measuring, episode.Done}, j.states())
	require.Equal(t, j.writes[2], ep)
	require.Equal(t, "e1", ep.EpochKey)
	require.Equal(t, time.Unix(1700000000, 0), ep.Finished)
	require.Equal(t, time.Unix(1700000000, 0), ep.Alert.StartsAt)
	require.Zero(t, ep.Concluded, "a round asks for no advice")
}

func TestTurnRecordsWhyItFailed(t *testing.T) {
	j := &journal{}
	broken := errors.New("kafka: no broker answers (start it)")
	ep, err := newLoop(j).Turn(t.Context(), alert,
		measuring(func(context.Context, episode.Alert) (episode.Measurement, error) {
			return episode.Measurement{}, broken
		}))
	require.ErrorIs(t, err, broken)
	require.Equal(t, episode.Failed, ep.State)
	require.Equal(t, broken.Error(), j.last().Error)
	require.Nil(t, ep.Measurement)
}

func TestTurnDoesNoWorkThatItCouldNotRecord(t *testing.T) {
	for _, full := range []int{1, 2} {
		j := &journal{failFrom: full}
		_, err := newLoop(j).Turn(t.Context(), alert,
			measuring(func(context.Context, episode.Alert) (episode.Measurement, error) {
				require.Fail(t, "measured although the journal refused the state")
				return episode.Measurement{}, nil
			}))
		require.ErrorContains(t, err, "no space left on device")
	}
}

func TestAWholeEpisode(t *testing.T) {
	j, s := &journal{}, &stages{}
	plan, _ := s.plan(alert)
	ep, err := newLoop(j).Turn(t.Context(), alert, plan)
	require.NoError(t, err)
	require.Equal(t, []episode.State{
		episode.Opened, episode.Profiling, episode.Measuring, episode.Advising,
		episode.Advising, episode.Done,
	}, j.states())
	require.Equal(t, []string{"aim", "take tm-1", "measure", "advise", "show", "show"}, s.calls)
	require.Equal(t, "tm-1", j.writes[1].Target.Process, "the target is stored before profiling begins")
	require.Empty(t, j.writes[1].Profiles)
	require.Equal(t, "p1", j.writes[2].Profiles[0].ID)
	require.NotNil(t, j.writes[3].Measurement)
	require.Nil(t, j.writes[3].Advice)
	require.Len(t, j.writes[4].Advice.Findings, 1, "the rules' advice is stored before the LLM is asked")
	require.Len(t, ep.Advice.Findings, 2)
	require.Equal(t, time.Unix(1700000000, 0), ep.Concluded)
	require.Empty(t, ep.Notes)
}

func TestWhatIsMissingIsANoteOfAnEpisodeThatAdvises(t *testing.T) {
	disabled := errors.New("profiling: it is disabled (set rest.profiling.enabled: true)")
	unknown := errors.New("nothing is known of the job")
	for name, test := range map[string]struct {
		stages *stages
		notes  []string
		target *episode.Target
		states []episode.State
	}{
		"no process to profile": {
			stages: &stages{aim: func(episode.Alert) error { return disabled }},
			notes:  []string{disabled.Error()},
			states: []episode.State{
				episode.Opened, episode.Measuring, episode.Advising, episode.Advising,
				episode.Done,
			},
		},
		"nothing works": {
			stages: &stages{
				take:    func(context.Context) error { return disabled },
				measure: func(context.Context) error { return unknown },
			},
			notes:  []string{disabled.Error(), unknown.Error()},
			target: &episode.Target{Vertex: "v1", Process: "tm-1", Why: "it is the busiest"},
			states: []episode.State{
				episode.Opened, episode.Profiling, episode.Measuring, episode.Advising,
				episode.Advising, episode.Done,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			j := &journal{}
			plan, _ := test.stages.plan(alert)
			ep, err := newLoop(j).Turn(t.Context(), alert, plan)
			require.NoError(t, err)
			require.Equal(t, test.states, j.states())
			require.Equal(t, test.notes, ep.Notes)
			if test.target != nil {
				require.NotZero(t, ep.Target.Begun)
				ep.Target.Begun = time.Time{}
			}
			require.Equal(t, test.target, ep.Target)
			require.Len(t, ep.Advice.Findings, 2)
		})
	}
}

func TestStoppingLeavesTheEpisodeWhereItIs(t *testing.T) {
	for state, stage := range map[episode.State]func(*stages, func()){
		episode.Opened: func(s *stages,
			stop func(),
		) {
			s.aim = func(episode.Alert) error { stop(); return context.Canceled }
		},
		episode.Profiling: func(s *stages,
			stop func(),
		) {
			s.take = func(ctx context.Context) error { stop(); return ctx.Err() }
		},
		episode.Measuring: func(s *stages,
			stop func(),
		) {
			s.measure = func(ctx context.Context) error { stop(); return ctx.Err() }
		},
		episode.Advising: func(s *stages, stop func()) { s.advise = func(context.Context) { stop() } },
	} {
		t.Run(string(state), func(t *testing.T) {
			j, s := &journal{}, &stages{}
			ctx, cancel := context.WithCancel(t.Context())
			stage(s, cancel)
			plan, _ := s.plan(alert)
			_, err := newLoop(j).Turn(ctx, alert, plan)
			require.ErrorIs(t, err, context.Canceled)
			require.Equal(t, state, j.last().State)
		})
	}
}
