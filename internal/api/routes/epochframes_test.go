package routes_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/api/routes"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

// workTree is a profile of task threads by its hash, which begins with the key of its epoch:
// from c2 on Regex.match has four times the samples. A hash with "gone" has no page.
func workTree(hash string) (*flame.Tree, error) {
	if strings.Contains(hash, "gone") {
		return nil, &api.Error{Status: http.StatusNotFound, Message: "the page is gone (it was removed)"}
	}
	base := []string{"java/lang/Thread.run", "org/apache/flink/streaming/runtime/tasks/StreamTask.invoke"}
	tree := flame.New()
	for i := range 40 {
		tree.Add(append(base, fmt.Sprintf("com/acme/Job.method%d", i)), int64(100+i+len(hash)))
	}
	match := int64(300)
	if strings.HasPrefix(hash, "c2") {
		match = 1200
	}
	tree.Add(append(base, "com/acme/Job.map", "com/acme/Regex.match"), match)
	return tree, nil
}

// profiled stores three episodes of each epoch, each with a good profile, and one whose page is
// gone.
func profiled(t *testing.T, s *sidecar, job string, epochs ...string) {
	t.Helper()
	now := time.Now().UTC()
	for n, key := range epochs {
		for i := range 4 {
			hash := key + strings.Repeat("x", i)
			if i == 3 {
				hash = key + "gone"
			}
			at := now.Add(-time.Duration(10*n+i+1) * time.Minute)
			require.NoError(t, s.store.PutEpisode(episode.Episode{
				ID: ulid.MustNew(ulid.Timestamp(at), ulid.DefaultEntropy()).String(), State: episode.Done, Opened: at,
				Alert: episode.Alert{Rule: "asked", Cluster: "prod", Job: job}, EpochKey: key,
				Target: &episode.Target{VertexName: "Map"},
				Profiles: []episode.Profile{
					{ID: "p", Mode: "ITIMER", Grade: "good", Process: "tm-1", Taken: at, Hash: hash},
				},
			}))
		}
	}
}

func TestFramesOfEpochs(t *testing.T) {
	s := newSidecar(t, func(s *routes.Sources) { s.Trees = treeFunc(workTree) })
	changed(t, s, 40, 20)
	var failure *api.Error
	_, err := s.client.EpochFrames(t.Context(), api.EpochFramesQuery{})
	require.ErrorAs(t, err, &failure)
	require.Equal(t, http.StatusNotFound, failure.Status)
	require.ErrorContains(t, err, "epochs c1 and c2 of job changed: too few profiles: 0 and 0")

	profiled(t, s, "changed", "c1", "c2")
	frames, err := s.client.EpochFrames(t.Context(), api.EpochFramesQuery{})
	require.NoError(t, err)
	require.Equal(t, "c1", frames.From.Key)
	require.Equal(t, "c2", frames.To.Key)
	require.Equal(t, []string{"plan"}, frames.To.Changes)
	require.Equal(t, "Map", frames.Vertex)
	require.Equal(t, 2, frames.Missing)
	require.Equal(t, 3, frames.Comparison.Base.Profiles)
	require.Equal(t, "com/acme/Regex.match", frames.Comparison.Frames[0].Name)
	require.Equal(t, flame.Grown, frames.Comparison.Frames[0].Verdict)
	require.InDelta(t, 20, *frames.Comparison.Base.CPUPerMillion, 0.5)
	require.InDelta(t, 26, *frames.Comparison.New.CPUPerMillion, 0.5)
	regex := frames.Comparison.Frames[0]
	require.InDelta(t, regex.NewPercent/100**frames.Comparison.New.CPUPerMillion, *regex.NewCPU, 1e-9)
	require.Contains(t, frames.Title(), "Frames of job changed, epoch c1 since ")
	require.Contains(t, frames.Title(), "(plan), ITIMER of Map")

	back, err := s.client.EpochFrames(t.Context(), api.EpochFramesQuery{From: "c2", To: "c1"})
	require.NoError(t, err)
	require.Equal(t, flame.Shrunk, back.Comparison.Frames[0].Verdict)
	for says, q := range map[string]api.EpochFramesQuery{
		"there is no epoch \"none\"":    {To: "none"},
		"there is no epoch before c1":   {To: "c1"},
		"epoch c2 is on both sides":     {From: "c2", To: "c2"},
		"no epoch of such a job":        {Of: episode.JobRef{Job: "none"}},
		"there is no epoch \"nothing\"": {From: "nothing"},
	} {
		_, err := s.client.EpochFrames(t.Context(), q)
		require.ErrorContains(t, err, says)
	}
	status, _, _ := newSidecar(t, nil).ask(t, "GET", "/api/v1/history/frames", "")
	require.Equal(t, http.StatusNotFound, status)
}
