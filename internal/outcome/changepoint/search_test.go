package changepoint_test

import (
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome/changepoint"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome/production"
)

const length = 30 * time.Minute

var (
	began = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	of    = episode.JobRef{Cluster: "prod", Job: "orders"}
)

// job has n blocks at 100 records a second. CPU time rises by 20 % at block change.
func job(n, change int) changepoint.Job {
	random := rand.New(rand.NewPCG(1, 2))
	j := changepoint.Job{Of: of, Length: length}
	for i := range n {
		cpu := 20 * math.Exp(0.01*random.NormFloat64())
		if i >= change {
			cpu *= 1.2
		}
		p50 := 0.1 * math.Exp(0.02*random.NormFloat64())
		j.Blocks = append(j.Blocks, production.Block{
			Began: began.Add(time.Duration(i) * length), Load: 100 + random.Float64(),
			Value: math.Log(1000) + 0.02*random.NormFloat64(), CPUPerMillion: &cpu, P50: &p50,
		})
	}
	return j
}

func TestSearch(t *testing.T) {
	report := changepoint.Search(job(60, 40))
	require.Len(t, report.Points, 1)
	p := report.Points[0]
	require.Equal(t, "cpu_seconds_per_million", p.Figure)
	require.Equal(t, began.Add(40*length), p.At)
	require.Equal(t, changepoint.Confirmed, p.State)
	require.Equal(t, changepoint.Worse, p.Direction)
	require.InDelta(t, 20, p.ChangePercent, 2)
	require.Equal(t, episode.Untriaged, p.Triage)
	require.Empty(t, p.Epochs)
	require.NotNil(t, p.Epochs)
	require.Len(t, report.Series, len(changepoint.Figures()))
	require.Equal(t, 60, report.Series[0].Blocks)
	require.False(t, report.Series[3].Enough(), "nobody measured p99")
	require.Equal(t, changepoint.Tally{Untriaged: 1}, report.Tally)
}

// TestTooFewBlocksAreACandidate: nine blocks on a side are not ten.
func TestTooFewBlocksAreACandidate(t *testing.T) {
	for after, want := range map[int]changepoint.State{9: changepoint.Candidate, 10: changepoint.Confirmed} {
		report := changepoint.Search(job(40+after, 40))
		require.Len(t, report.Points, 1, after)
		require.Equal(t, want, report.Points[0].State, after)
		require.Equal(t, after, report.Points[0].BlocksAfter)
	}
}

// TestEpochsNearAChange are candidates for its cause; others are not, and neither is the first
// known epoch, which changed nothing.
func TestEpochsNearAChange(t *testing.T) {
	j := job(60, 40)
	plan := []episode.Change{{What: "plan"}}
	j.Epochs = []episode.Epoch{
		{Key: "far", Began: began.Add(46 * length), Changes: plan},
		{Key: "near", Began: began.Add(39 * length), Changes: plan},
		{Key: "first", Began: began.Add(40 * length)},
	}
	report := changepoint.Search(j)
	require.Len(t, report.Points, 1)
	require.Equal(t, []changepoint.Epoch{{Key: "near", Began: began.Add(39 * length), Changes: []string{"plan"}}},
		report.Points[0].Epochs)
	require.Equal(t, "07:30 plan", report.Points[0].Cause())
}

// TestOtherLoadsDoNotCount: a change at another load is not a change of the job.
func TestOtherLoadsDoNotCount(t *testing.T) {
	j := job(60, 40)
	for i := range j.Blocks[40:] {
		j.Blocks[40+i].Load = 200
	}
	report := changepoint.Search(j)
	require.Empty(t, report.Points)
	require.Equal(t, 40, report.Series[1].Blocks)
	require.Equal(t, 20, report.Series[1].OtherLoad)
}

func TestTriageStays(t *testing.T) {
	first := changepoint.Search(job(60, 40)).Points[0]
	triage := first.Triaged(episode.Positive, "the new brokers", began)
	for name, c := range map[string]struct {
		change int
		triage episode.Triage
		want   episode.TriageState
	}{
		"same place":      {40, triage, episode.Positive},
		"moved by two":    {42, triage, episode.Positive},
		"moved by five":   {45, triage, episode.Positive},
		"moved by six":    {46, triage, episode.Untriaged},
		"of another job":  {40, with(triage, func(t *episode.Triage) { t.Job = "billing" }), episode.Untriaged},
		"other figure":    {40, with(triage, func(t *episode.Triage) { t.Figure = "latency_p50_seconds" }), episode.Untriaged},
		"other direction": {40, with(triage, func(t *episode.Triage) { t.ChangePercent = -20 }), episode.Untriaged},
	} {
		j := job(70, c.change)
		j.Triages = []episode.Triage{c.triage}
		report := changepoint.Search(j)
		require.Len(t, report.Points, 1, name)
		p := report.Points[0]
		require.Equal(t, c.want, p.Triage, name)
		if c.want == episode.Positive {
			require.Equal(t, triage.ID, p.ID, name)
			require.Equal(t, "the new brokers", p.Note)
		}
		require.Equal(t, 1, report.Tally.Positive, "it counts, even if its point is gone")
	}
}

func with(t episode.Triage, change func(*episode.Triage)) episode.Triage {
	change(&t)
	return t
}

// TestMergedPointsKeepTheNewerTriage: of two triages for one place, the newer one counts.
func TestMergedPointsKeepTheNewerTriage(t *testing.T) {
	j := job(60, 40)
	p := changepoint.Search(j).Points[0]
	older, newer := p.Triaged(episode.Positive, "older", began), p.Triaged(episode.Negative, "newer", began.Add(time.Hour))
	older.Changed, newer.Changed = p.At.Add(-length), p.At.Add(2*length)
	j.Triages = []episode.Triage{newer, older}
	report := changepoint.Search(j)
	require.Equal(t, "newer", report.Points[0].Note)
	require.Equal(t, 1, report.Tally.Negative)
	require.Equal(t, 1, report.Tally.Positive)
	require.InDelta(t, 0.0945, *report.Tally.PrecisionLow, 1e-3)
	require.InDelta(t, 0.9055, *report.Tally.PrecisionHigh, 1e-3)
}

// TestPointsAreFoundByTheirEarlierID: between the list and the triage the point may move.
func TestPointsAreFoundByTheirEarlierID(t *testing.T) {
	before := changepoint.Search(job(60, 40)).Points[0]
	for change, want := range map[int]bool{40: true, 43: true, 47: false} {
		now := changepoint.Search(job(70, change))
		p, ok := now.Named(before.ID, length)
		require.Equal(t, want, ok, change)
		if ok {
			require.Equal(t, now.Points[0], p)
		}
	}
	_, ok := changepoint.NewReport().Named("x", length)
	require.False(t, ok)
}

func TestReportAsText(t *testing.T) {
	j := job(60, 52)
	j.Epochs = []episode.Epoch{{Key: "k2", Began: began.Add(52 * length), Changes: []episode.Change{{What: "parallelism", From: "2", To: "4"}}}}
	report := changepoint.Search(j)
	text := written(t, report.Text)
	for _, says := range []string{
		"When did it change?", "2026-03-02 14:00", "CPU s/million", "worse", "candidate", "14:00 parallelism 2 → 4", "untriaged",
		"fewer than 10 blocks", "is no proof",
	} {
		require.Contains(t, text, says)
	}
	require.NotContains(t, text, "epoch none")
	require.Contains(t, written(t, changepoint.Search(job(60, 40)).Text), "epoch none: no change of the job")
	require.Contains(t, written(t, report.Markdown), "| time | job |")
	lines := strings.Split(written(t, report.CSV), "\n")
	require.Equal(t, "id,at,cluster,job,figure,before,after,change_percent,direction,state,blocks_before,blocks_after,p,epochs,"+
		"triage,note", lines[0])
	require.True(t, strings.HasPrefix(lines[1], report.Points[0].ID+",2026-03-02T14:00:00Z,prod,orders,cpu_seconds_per_million,"))
}

// TestNoDataIsSaid: a report without points says whether anything could be found.
func TestNoDataIsSaid(t *testing.T) {
	require.Contains(t, written(t, changepoint.Search(job(7, 99)).Text), "Nothing can be said")
	require.Contains(t, written(t, changepoint.NewReport().Text), "Nothing can be said")
	require.Contains(t, written(t, changepoint.Search(job(60, 99)).Text), "No change point in the 3 of 4 series")
}

// TestSeveralJobs are in one report, in the order of time.
func TestSeveralJobs(t *testing.T) {
	report := changepoint.NewReport()
	report.Add(changepoint.Search(job(60, 40)))
	other := job(60, 20)
	other.Of.Job = "billing"
	report.Add(changepoint.Search(other))
	require.Len(t, report.Points, 2)
	require.Equal(t, "billing", report.Points[0].Job)
	require.NotEqual(t, report.Points[0].ID[10:], report.Points[1].ID[10:])
	require.Equal(t, 2, report.Tally.Untriaged)
}

func written(t *testing.T, write func(io.Writer) error) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, write(&b))
	return b.String()
}
