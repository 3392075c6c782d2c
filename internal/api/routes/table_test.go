package routes_test

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/api/routes"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history/historytest"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

func TestTableOverTheAPI(t *testing.T) {
	s := newSidecar(t, func(s *routes.Sources) { s.ScaleTests = s.Episodes.(routes.ScaleTests) })
	_, err := s.client.Table(t.Context(), episode.JobRef{}, "")
	require.ErrorContains(t, err, "there is no run with a baseline (measure one with sidecar scaletest --baseline")
	require.True(t, api.IsNoRun(err))

	request := api.ImportRequest{Run: "story", Job: "orders", Format: "csv", Text: "label,throughput\na,100\nb,150\n"}
	receipt, err := s.client.Import(t.Context(), request)
	require.NoError(t, err)
	require.Equal(t, api.ImportReceipt{Run: "story", Job: "orders", Rows: 2}, receipt)
	table, err := s.client.Table(t.Context(), episode.JobRef{}, "")
	require.NoError(t, err)
	require.Equal(t, "story", table.Run)
	require.InDelta(t, 50, *table.Rows[1].Improvement, 1e-9)
	require.Equal(t, outcome.TooFew, table.Rows[1].Verdict)

	_, err = s.client.Import(t.Context(), request)
	require.ErrorContains(t, err, `run "story": job "orders" has it already (choose another name with --run)`)
	request.Run, request.Text = "", request.Text+"c,-1\nd,x\n"
	_, err = s.client.Import(t.Context(), request)
	require.ErrorContains(t, err, "line 4: ")
	require.ErrorContains(t, err, "line 5: ")
	tests, err := s.client.Run(t.Context(), episode.JobRef{}, "")
	require.NoError(t, err)
	require.Len(t, tests, 2, "nothing of the faulty text is stored")
	_, err = s.client.Table(t.Context(), episode.JobRef{}, "none")
	require.ErrorContains(t, err, "there is no run none")
	require.True(t, api.IsNoRun(err))
	require.False(t, api.IsNoRun(&api.Error{Status: 404, Message: "there is no such path"}))
	require.False(t, api.IsNoRun(nil))
}

func TestImportThatIsRefused(t *testing.T) {
	s := newSidecar(t, func(s *routes.Sources) { s.ScaleTests = s.Episodes.(routes.ScaleTests) })
	for want, request := range map[string]api.ImportRequest{
		`there is no format "xml"`: {Format: "xml"},
		"run, cluster and job":     {Format: "csv", Run: strings.Repeat("x", api.MaxText+1)},
		"printable characters":     {Format: "csv", Job: "a\x1bb"},
		"longer than 2 MiB":        {Format: "csv", Text: strings.Repeat("a", outcome.MaxImport+1)},
	} {
		_, err := s.client.Import(t.Context(), request)
		require.ErrorContains(t, err, want)
	}
}

// TestRunOverPages: a run is found whole however many tests there are.
func TestRunOverPages(t *testing.T) {
	s := newSidecar(t, func(s *routes.Sources) { s.ScaleTests = s.Episodes.(routes.ScaleTests) })
	const n = 65
	for i := range n {
		test := fullScaleTest(i)
		test.OpensRun, test.Baseline = i == 0, i == 0
		require.NoError(t, s.client.PutScaleTest(t.Context(), test))
	}
	tests, err := s.client.Run(t.Context(), episode.JobRef{Job: "orders"}, "run")
	require.NoError(t, err)
	require.Len(t, tests, n)
	require.True(t, tests[0].OpensRun)
}

// TestStoredRunIsThatOfTheNewestBaseline: the list of runs leads to the same tests as reading all tests
// does, for tests that are stored and dropped at random.
func TestStoredRunIsThatOfTheNewestBaseline(t *testing.T) {
	s := newSidecar(t, nil)
	random := rand.New(rand.NewPCG(17, 2))
	began := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	byReading := func(of episode.JobRef) ([]scalerun.Test, error) {
		return api.Run("", func(before string) ([]scalerun.Test, error) {
			return s.store.ComparedTests("", of, before, 7)
		})
	}
	found := 0
	for i := range 300 {
		began = began.Add(time.Minute)
		run := []string{scalerun.OfEvaluations, "a", "b", "c"}[random.IntN(4)] + []string{"", strconv.Itoa(i / 60)}[random.IntN(2)]
		require.NoError(t, s.store.PutScaleTest(scalerun.Test{
			ID: historytest.IDAt(began), Run: run, Job: []string{"orders", "billing"}[random.IntN(2)], Cluster: "lab",
			Label: "x", OpensRun: random.IntN(15) == 0, Began: began, Verdict: scalerun.OK,
		}))
		if i == 200 {
			s.store.Now = func() time.Time { return began.Add(4*90*24*time.Hour - 100*time.Minute) }
			n, err := s.store.Sweep(t.Context())
			require.NoError(t, err)
			require.Positive(t, n)
		}
		for _, of := range []episode.JobRef{{}, {Job: "orders"}, {Cluster: "lab", Job: "billing"}, {Job: "none"}} {
			want, wantErr := byReading(of)
			got, err := api.StoredRun(s.store, of, "")
			require.Equal(t, wantErr, err)
			require.Equal(t, want, got, i)
			found += len(got)
		}
	}
	require.Greater(t, found, 1000, "there are runs with tests")
}
