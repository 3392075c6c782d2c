package routes_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/api/routes"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

func TestRaise(t *testing.T) {
	var raised []episode.Alert
	answers := []error{
		nil, &api.Error{Status: http.StatusConflict, Message: "two jobs run (name one)"},
		errors.New("disk full (make room)"),
	}
	s := newSidecar(t, func(s *routes.Sources) {
		s.Alerts = raiseFunc(func(a episode.Alert) (api.Receipt, error) {
			raised = append(raised, a)
			return api.Receipt{Accepted: true, Episode: idAt(len(raised))}, answers[len(raised)-1]
		})
	})
	long := strings.Repeat("x", api.MaxText)
	receipt, err := s.client.Raise(t.Context(),
		api.AlertRequest{Job: "orders", Vertex: "v1", Summary: long, Source: episode.FromCLI})
	require.NoError(t, err)
	require.Equal(t, api.Receipt{Accepted: true, Episode: idAt(1)}, receipt)
	_, err = s.client.Raise(t.Context(), api.AlertRequest{})
	require.Equal(t, &api.Error{Status: http.StatusConflict, Message: "two jobs run (name one)"}, err)
	_, err = s.client.Raise(t.Context(), api.AlertRequest{})
	require.Equal(t, &api.Error{Status: http.StatusInternalServerError, Message: "disk full (make room)"}, err)
	require.Equal(t, []episode.Alert{
		{Rule: episode.RuleAsked, Source: episode.FromCLI, Job: "orders", Vertex: "v1", Summary: long},
		{Rule: episode.RuleAsked, Source: episode.FromAPI},
		{Rule: episode.RuleAsked, Source: episode.FromAPI},
	}, raised)
}

func TestRaiseWithoutDetails(t *testing.T) {
	s := newSidecar(t, func(s *routes.Sources) {
		s.Alerts = raiseFunc(func(episode.Alert) (api.Receipt, error) {
			return api.Receipt{Episode: idAt(1), Reason: "under_way"}, nil
		})
	})
	status, answer, _ := s.ask(t, "POST", "/api/v1/alerts", "{}")
	require.Equal(t, http.StatusOK, status)
	require.JSONEq(t, `{"accepted":false,"episode":"`+idAt(1)+`","reason":"under_way"}`, answer)
}

func TestPause(t *testing.T) {
	b := &brake{}
	s := newSidecar(t, func(s *routes.Sources) { s.Pauser = b })
	for _, step := range []struct {
		pull func(context.Context, api.Part) (api.PauseState, error)
		part api.Part
		want []api.Part
	}{
		{s.client.Pause, api.PartLLM, []api.Part{api.PartLLM}},
		{s.client.Pause, api.PartProbe, []api.Part{api.PartProbe, api.PartLLM}},
		{s.client.Resume, api.PartLLM, []api.Part{api.PartProbe}},
		{s.client.Pause, "", api.Parts()},
		{s.client.Resume, "", []api.Part{}},
	} {
		state, err := step.pull(t.Context(), step.part)
		require.NoError(t, err)
		require.Equal(t, api.PauseState{Paused: step.want}, state)
	}
	b.failure = errors.New("history: disk full (make room)")
	_, err := s.client.Pause(t.Context(), "")
	require.Equal(t, &api.Error{
		Status:  http.StatusInternalServerError,
		Message: "history: disk full (make room)",
	}, err)
}

// stored stands for what no test asks for here.
type stored = routes.Episodes

// advancing is a history in which an episode goes one state further at each look.
type advancing struct {
	stored
	looks atomic.Int64
}

var states = []episode.State{episode.Opened, episode.Advising, episode.Announcing, episode.Done}

func (a *advancing) Episode(id string) (episode.Episode, bool, error) {
	n := int(a.looks.Add(1))
	return episode.Episode{ID: id, State: states[min(n, len(states))-1]}, true, nil
}

func TestAwait(t *testing.T) {
	for _, test := range []struct {
		enough func(episode.Episode) bool
		want   episode.State
	}{
		{api.Concluded, episode.Announcing},
		{api.Finished, episode.Done},
	} {
		past := &advancing{}
		s := newSidecar(t, func(s *routes.Sources) { s.Episodes = past })
		e, err := s.client.Await(t.Context(), idAt(1), test.enough)
		require.NoError(t, err)
		require.Equal(t, episode.Episode{ID: idAt(1), State: test.want}, e)
	}
}

func TestAwaitInVain(t *testing.T) {
	s := newSidecar(t, nil)
	_, err := s.client.Await(t.Context(), idAt(7), api.Finished)
	require.Equal(t, &api.Error{
		Status:  http.StatusNotFound,
		Message: "there is no episode " + idAt(7) + " (sidecar history list names them)",
	}, err)

	past := &advancing{}
	s = newSidecar(t, func(s *routes.Sources) { s.Episodes = past })
	cause := errors.New("somebody pressed Ctrl-C")
	ctx, cancel := context.WithCancelCause(t.Context())
	e, err := s.client.Await(ctx, idAt(1), func(e episode.Episode) bool {
		if e.State == episode.Advising {
			cancel(cause)
		}
		return false
	})
	require.ErrorIs(t, err, cause)
	require.EqualError(t, err, "waiting for episode "+idAt(1)+", which is advising: somebody pressed Ctrl-C")
	require.Equal(t, episode.Advising, e.State)
	require.Less(t, past.looks.Load(), int64(4))
}

func TestConcluded(t *testing.T) {
	for state, want := range map[episode.State][2]bool{
		episode.Opened: {}, episode.Profiling: {}, episode.Measuring: {}, episode.Advising: {},
		episode.Announcing: {true, false}, episode.Done: {true, true}, episode.Failed: {true, true},
	} {
		e := episode.Episode{State: state, Waiting: "Grafana"}
		require.Equal(t, want, [2]bool{api.Concluded(e), api.Finished(e)}, state)
	}
}

func TestDeclinedAlerts(t *testing.T) {
	s := newSidecar(t, nil)
	list, err := s.client.Declined(t.Context(), episode.JobRef{}, "", 0)
	require.NoError(t, err)
	require.Empty(t, list.Declined, "no history of alerts is an empty list")

	s = newSidecar(t, func(s *routes.Sources) { s.Declined = s.Episodes.(routes.Declined) })
	for n, job := range []string{"orders", "payments", "orders"} {
		require.NoError(t, s.store.PutDeclined(episode.Declined{
			Alert:  episode.Alert{Rule: "lag", Job: job, Fingerprint: strings.Repeat("f", n+1)},
			Reason: "unknown_job", Detail: "there is no such job (start it)",
			First: start.Add(time.Duration(n) * time.Second),
		}))
	}
	list, err = s.client.Declined(t.Context(), episode.JobRef{}, "", 2)
	require.NoError(t, err)
	require.Equal(t, []string{"orders", "payments"}, []string{list.Declined[0].Alert.Job, list.Declined[1].Alert.Job})
	require.NotEmpty(t, list.Next)
	list, err = s.client.Declined(t.Context(), episode.JobRef{}, list.Next, 2)
	require.NoError(t, err)
	require.Len(t, list.Declined, 1)
	require.Empty(t, list.Next)
	list, err = s.client.Declined(t.Context(), episode.JobRef{Job: "payments"}, "", 0)
	require.NoError(t, err)
	require.Len(t, list.Declined, 1)
	require.Equal(t, 1, list.Declined[0].Count)
}

type bundleFunc func(episode.Episode) (map[string][]byte, error)

func (f bundleFunc) Bundle(_ context.Context, ep episode.Episode) (map[string][]byte, error) {
	return f(ep)
}

type promptFunc func(episode.Episode) ([]byte, error)

func (f promptFunc) Prompt(_ context.Context, ep episode.Episode) ([]byte, error) { return f(ep) }

func TestPromptOfAnEpisode(t *testing.T) {
	s := newSidecar(t, nil)
	require.NoError(t, s.store.PutEpisode(episode.Episode{ID: idAt(1), State: episode.Opened, Opened: start}))
	_, err := s.client.Prompt(t.Context(), idAt(1))
	require.ErrorContains(t, err, "gives no advice")

	s = newSidecar(t, func(s *routes.Sources) {
		s.Prompts = promptFunc(func(ep episode.Episode) ([]byte, error) { return []byte("about " + ep.ID), nil })
	})
	require.NoError(t, s.store.PutEpisode(episode.Episode{ID: idAt(1), State: episode.Opened, Opened: start}))
	prompt, err := s.client.Prompt(t.Context(), idAt(1))
	require.NoError(t, err)
	require.Equal(t, "about "+idAt(1), string(prompt))
	_, err = s.client.Prompt(t.Context(), idAt(2))
	require.ErrorContains(t, err, "there is no episode")
}
