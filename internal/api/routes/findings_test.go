package routes_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/api/routes"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

// treeFunc is a function as the stored profiles.
type treeFunc func(hash string) (*flame.Tree, error)

func (f treeFunc) Tree(hash string) (*flame.Tree, error) { return f(hash) }

// advised is the episode of a minute with two findings and two profiles, one of them a control.
func advised(n int) episode.Episode {
	e := fullEpisode(n)
	e.ID, e.Opened, e.Finished, e.Concluded = idAt(n), start.Add(time.Duration(n)*time.Minute), time.Time{}, time.Time{}
	e.State, e.Marks = episode.Opened, nil
	e.Alert.Job = fmt.Sprintf("job-%d", n%2)
	advice := *e.Advice
	finding := advice.Findings[0]
	advice.Findings = nil
	for i, severity := range []episode.Severity{episode.Critical, episode.Info} {
		finding.ID, finding.Severity, finding.Rank = fmt.Sprintf("%s-F%d", e.ID, i+1), severity, i+1
		finding.Category = []string{"json-parsing", "other"}[i]
		advice.Findings = append(advice.Findings, finding)
	}
	e.Advice = &advice
	e.Profiles = []episode.Profile{
		{ID: e.ID, Mode: "ITIMER", Hash: fmt.Sprintf("hot-%d", n), Role: episode.Hot, Hot: []episode.HotFrame{{Name: "a"}}},
		{ID: e.ID, Mode: "ITIMER", Hash: fmt.Sprintf("calm-%d", n), Role: episode.Control},
	}
	return e
}

func withEpisodes(t *testing.T, count int, change func(*routes.Sources)) *sidecar {
	t.Helper()
	s := newSidecar(t, change)
	for n := range count {
		require.NoError(t, s.store.PutEpisode(advised(n)))
	}
	return s
}

func TestFindings(t *testing.T) {
	t.Parallel()
	s := withEpisodes(t, 6, nil)
	_, _, err := s.store.PutMark(idAt(5), episode.Mark{Finding: idAt(5) + "-F2", Decision: episode.Rejected, At: start})
	require.NoError(t, err)
	at := func(n int) time.Time { return start.Add(time.Duration(n) * time.Minute) }
	for _, c := range []struct {
		name  string
		query api.FindingQuery
		want  []string
	}{
		{"all", api.FindingQuery{}, []string{"5-F1", "5-F2", "4-F1", "4-F2", "3-F1", "3-F2", "2-F1", "2-F2", "1-F1", "1-F2", "0-F1", "0-F2"}},
		{"of a job", api.FindingQuery{Of: episode.JobRef{Job: "job-1"}, Severity: episode.Critical}, []string{"5-F1", "3-F1", "1-F1"}},
		{"of a category", api.FindingQuery{Category: "other", Limit: 2}, []string{"5-F2", "4-F2"}},
		{"of a time", api.FindingQuery{Category: "other", From: at(2), To: at(4)}, []string{"3-F2", "2-F2"}},
		{"before one and a time", api.FindingQuery{Category: "other", Before: idAt(3), To: at(5)}, []string{"2-F2", "1-F2", "0-F2"}},
		{"of years", api.FindingQuery{Category: "other", From: at(0).AddDate(-2026, 0, 0), To: at(0).AddDate(7000, 0, 0), Limit: 1}, []string{"5-F2"}},
		{"of no time", api.FindingQuery{From: at(100), To: at(-100)}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			list, err := s.client.Findings(t.Context(), c.query)
			require.NoError(t, err)
			var got []string
			for _, f := range list.Findings {
				require.Equal(t, f.Episode, f.Finding.ID[:len(f.Episode)])
				got = append(got, fmt.Sprintf("%d%s", int(f.At.Sub(start).Minutes()), f.Finding.ID[len(f.Episode):]))
				require.Equal(t, f.Finding.ID == idAt(5)+"-F2", f.Mark != nil)
			}
			require.Equal(t, c.want, got)
		})
	}
}

// TestFindingsInPages: the pages together have every finding once.
func TestFindingsInPages(t *testing.T) {
	t.Parallel()
	s := withEpisodes(t, 7, nil)
	seen := map[string]bool{}
	for before, pages := "", 0; ; pages++ {
		list, err := s.client.Findings(t.Context(), api.FindingQuery{Before: before, Limit: 3})
		require.NoError(t, err)
		for _, f := range list.Findings {
			require.False(t, seen[f.Finding.ID])
			seen[f.Finding.ID] = true
		}
		if list.Next == "" {
			require.Equal(t, 4, pages+1)
			break
		}
		before = list.Next
	}
	require.Len(t, seen, 14)
}

func TestFindingsRefuseWrongWords(t *testing.T) {
	t.Parallel()
	s := newSidecar(t, nil)
	for _, query := range []string{"severity=bad", "from=yesterday", "limit=1001", "before=x", "category=a&colour=red"} {
		status, answer, _ := s.ask(t, http.MethodGet, api.Prefix+"/findings?"+query, "")
		require.Equal(t, http.StatusBadRequest, status, "%s: %s", query, answer)
	}
}

func TestEpisodesOfATime(t *testing.T) {
	t.Parallel()
	s := withEpisodes(t, 5, nil)
	status, answer, _ := s.ask(t, http.MethodGet, api.Prefix+"/episodes?from=2026-03-01T12:01:00Z&to=2026-03-01T12:03:00Z", "")
	require.Equal(t, http.StatusOK, status)
	for n := range 5 {
		require.Equal(t, n == 1 || n == 2, strings.Contains(answer, `"id":"`+idAt(n)+`","alert"`), n)
	}
}

// TestEpochsInPages: those of one moment, of several jobs, are on one page.
func TestEpochsInPages(t *testing.T) {
	t.Parallel()
	s := newSidecar(t, nil)
	for n := range 4 {
		for _, job := range []string{"a", "b"} {
			e := fullEpoch()
			e.Job, e.Key, e.Began = job, fmt.Sprint(n), start.Add(time.Duration(n)*time.Minute)
			_, err := s.store.PutEpoch(e)
			require.NoError(t, err)
		}
	}
	seen, pages := map[string]int{}, 0
	for to := (time.Time{}); ; pages++ {
		list, err := s.client.EpochsOf(t.Context(), episode.JobRef{}, start.Add(time.Minute), to, 3)
		require.NoError(t, err)
		for _, e := range list.Epochs {
			seen[e.Job+e.Key]++
		}
		if to = list.Next; to.IsZero() {
			break
		}
	}
	require.Equal(t, map[string]int{"a1": 1, "b1": 1, "a2": 1, "b2": 1, "a3": 1, "b3": 1}, seen)
	require.Equal(t, 2, pages)
	all, err := s.client.Epochs(t.Context(), episode.JobRef{}, 1)
	require.NoError(t, err)
	require.Len(t, all.Epochs, 1, "a moment with more epochs than the limit")
}

// TestEpisodesThatLasted: what was open at the beginning of a time range belongs to it.
func TestEpisodesThatLasted(t *testing.T) {
	t.Parallel()
	s := newSidecar(t, nil)
	at := func(n int) time.Time { return start.Add(time.Duration(n) * time.Minute) }
	const week = 7 * 24 * 60
	for n, change := range map[int]func(*episode.Episode){
		0: func(e *episode.Episode) { e.State, e.Concluded, e.Finished = episode.Done, at(1), at(1) },
		1: func(e *episode.Episode) { e.State, e.Concluded, e.Finished = episode.Done, at(11), at(11) },
		2: func(*episode.Episode) {}, // under way
		3: func(e *episode.Episode) {
			e.State, e.Concluded, e.Finished, e.Alert.Source, e.Alert.ResolvedAt = episode.Done, at(4), at(4), episode.FromTrouble, at(20)
		},
		4:     func(e *episode.Episode) { e.State, e.Finished, e.Alert.ResolvedAt = episode.Done, at(5), at(20) }, // an alert
		12:    func(*episode.Episode) {},
		30:    func(*episode.Episode) {},
		-week: func(*episode.Episode) {}, // too long ago
	} {
		e := advised(n)
		e.Alert.ResolvedAt = time.Time{}
		change(&e)
		require.NoError(t, s.store.PutEpisode(e))
	}
	ask := func(lasting bool, limit int) (ids []string) {
		list, err := s.client.EpisodesOf(t.Context(), api.EpisodeQuery{From: at(10), To: at(25), Lasting: lasting, Limit: limit})
		require.NoError(t, err)
		for _, e := range list.Episodes {
			ids = append(ids, e.ID)
		}
		return ids
	}
	require.Equal(t, []string{idAt(12), idAt(3), idAt(2), idAt(1)}, ask(true, 0))
	require.Equal(t, []string{idAt(12), idAt(3)}, ask(true, 2))
	require.Equal(t, []string{idAt(12)}, ask(false, 0))
	status, _, _ := s.ask(t, http.MethodGet, api.Prefix+"/episodes?lasting=yes", "")
	require.Equal(t, http.StatusBadRequest, status)
}

func TestProfiles(t *testing.T) {
	t.Parallel()
	s := withEpisodes(t, 3, nil)
	list, err := s.client.Profiles(t.Context(), api.ProfileQuery{Of: episode.JobRef{Job: "job-1"}, Mode: "ITIMER"})
	require.NoError(t, err)
	require.Len(t, list.Profiles, 2)
	require.Equal(t, "hot-1", list.Profiles[0].Profile.Hash)
	require.Equal(t, "calm-1", list.Profiles[0].Control)
	require.Empty(t, list.Profiles[0].Profile.Hot)
	require.Empty(t, list.Profiles[1].Control, "the control is not compared with itself")
	none, err := s.client.Profiles(t.Context(), api.ProfileQuery{Mode: "ALLOC"})
	require.NoError(t, err)
	require.Empty(t, none.Profiles)
}

func TestTreeAndDiff(t *testing.T) {
	t.Parallel()
	s := newSidecar(t, func(sources *routes.Sources) {
		sources.Trees = treeFunc(func(hash string) (*flame.Tree, error) {
			if hash == "gone" {
				return nil, &api.Error{Status: http.StatusNotFound, Message: "the page is gone (it was removed)"}
			}
			if hash == "broken" {
				return nil, errors.New("the page is damaged (restore it)")
			}
			tree := flame.New()
			tree.Add([]string{"main", hash}, 2)
			return tree, nil
		})
	})
	one, err := s.client.Tree(t.Context(), "a", 0)
	require.NoError(t, err)
	require.Equal(t, []string{"all", "main", "a"}, one.Names)
	both, err := s.client.Diff(t.Context(), "a", "b", 100)
	require.NoError(t, err)
	require.Equal(t, []int64{2, 2, 2, 0}, both.Value)
	require.Equal(t, []int64{2, 2, 0, 2}, both.ValueRight)
	for path, want := range map[string]int{"gone/tree": 404, "a/diff/gone": 404, "broken/tree": 500, "a/tree?frames=0": 400, "a/tree?frames=x": 400} {
		status, answer, _ := s.ask(t, http.MethodGet, api.Prefix+"/profiles/"+path, "")
		require.Equal(t, want, status, "%s: %s", path, answer)
	}
	status, _, _ := newSidecar(t, nil).ask(t, http.MethodGet, api.Prefix+"/profiles/a/tree", "")
	require.Equal(t, http.StatusNotFound, status, "where no profiles are kept")
}

func TestTrendsOfAJob(t *testing.T) {
	t.Parallel()
	s := newSidecar(t, func(sources *routes.Sources) {
		sources.Status = func() api.Status {
			return api.Status{Trends: []api.Trend{{Rule: "a", Job: "x"}, {Rule: "b", Job: "y"}, {Rule: "c", Job: "y"}}}
		}
	})
	list, err := s.client.Trends(t.Context(), episode.JobRef{Job: "y"}, 0)
	require.NoError(t, err)
	require.Len(t, list.Trends, 2)
	require.Zero(t, list.LeftOut)
	list, err = s.client.Trends(t.Context(), episode.JobRef{Job: "y"}, 1)
	require.NoError(t, err)
	require.Len(t, list.Trends, 1)
	require.Equal(t, 1, list.LeftOut)
	require.Equal(t, "b", list.Trends[0].Rule)
}
