package results

import (
	"bytes"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/documenttest"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/internal/history/historytest"
)

const aBlock = 10 * time.Minute

// change is a change of a job in production, twelve blocks ago, with an episode that advised it.
type change struct {
	*Predictions

	now, at time.Time
	advised episode.Episode
	log     bytes.Buffer
}

// newChange measures a job that gains a share by a change.
func newChange(t *testing.T, gain float64) *change {
	t.Helper()
	c := &change{now: time.Now().UTC().Truncate(time.Hour)}
	c.at = c.now.Add(-12 * aBlock)
	store := historytest.Open(t)
	c.Predictions = &Predictions{
		store: store, block: aBlock, log: slog.New(slog.NewTextHandler(&c.log, nil)), looked: map[string]time.Time{},
		now: func() time.Time { return c.now },
	}
	c.advised = advisedAt(t, store, c.at.Add(-time.Hour))
	putEpochs(t, store, c.at.Add(-40*aBlock), c.at, "plan")
	var measured []episode.Measurement
	for began := c.at.Add(-20 * aBlock); began.Before(c.now); began = began.Add(aBlock / 2) {
		key, capacity := "old", 1000.0
		if !began.Before(c.at) {
			key, capacity = "new", 1000*(1+gain)
		}
		capacity *= 1 + 0.02*math.Sin(float64(began.Unix()))
		measured = append(measured, episode.Measurement{
			ID: historytest.IDAt(began), Kind: episode.KindWindow, Cluster: "prod", Job: "orders", EpochKey: key, Began: began,
			Ended: began.Add(aBlock / 2), Throughput: new(100.0), Capacity: &capacity,
		})
	}
	require.NoError(t, store.PutMeasurement(measured...))
	return c
}

// putEpochs stores two epochs, of which the second one changes something.
func putEpochs(t *testing.T, store *history.Store, old, next time.Time, what string) {
	t.Helper()
	for i, began := range []time.Time{old, next} {
		_, err := store.PutEpoch(episode.Epoch{
			Key: []string{"old", "new"}[i], Cluster: "prod", Job: "orders", Began: began,
			Changes: []episode.Change{{What: what}}[:i],
		})
		require.NoError(t, err)
	}
}

// apply marks the finding of an episode as applied with the change.
func (c *change) apply(t *testing.T, ep episode.Episode) {
	t.Helper()
	_, found, err := c.store.PutMark(ep.ID, episode.Mark{Finding: ep.ID + "-F1", Decision: episode.Applied, At: c.at})
	require.NoError(t, err)
	require.True(t, found)
}

// outcomes are those of an episode after a look at everything.
func (c *change) outcomes(t *testing.T, ep episode.Episode) []episode.Outcome {
	t.Helper()
	require.NoError(t, c.measureAll(t.Context()))
	stored, _, err := c.store.Episode(ep.ID)
	require.NoError(t, err)
	return stored.Outcomes
}

// TestOutcomesOfAdvice goes from advice and a mark over measurements to an outcome that is
// stored once, counted and logged.
func TestOutcomesOfAdvice(t *testing.T) {
	c := newChange(t, 0.3)
	require.Zero(t, testutil.CollectAndCount(c))
	require.Empty(t, c.outcomes(t, c.advised))
	require.Zero(t, testutil.CollectAndCount(c), "nobody applied it")
	c.apply(t, c.advised)

	outcomes := c.outcomes(t, c.advised)
	require.Len(t, outcomes, 1)
	o := outcomes[0]
	require.Equal(t, episode.Hit, o.Result, "%+v", o)
	require.True(t, o.Final)
	require.InDelta(t, 30, *o.Change, 3)
	require.NoError(t, testutil.CollectAndCompare(c, strings.NewReader(`
# HELP flink_sidecar_prediction_outcomes Findings of the newest 1,000 episodes with advice by what came of them. Only hit is a success; unmeasurable and unattributed say nothing of the finding.
# TYPE flink_sidecar_prediction_outcomes gauge
flink_sidecar_prediction_outcomes{category="gc-pressure",result="hit",source="rule:heap"} 1
`), "flink_sidecar_prediction_outcomes"))
	require.Equal(t, 3, testutil.CollectAndCount(c))
	for _, attribute := range []string{
		"cluster=prod", "job=orders", "episode=" + c.advised.ID, "finding=" + c.advised.ID + "-F1", "result=hit",
	} {
		require.Contains(t, c.log.String(), " "+attribute+" ")
	}
	findings := []episode.Finding{{Category: "gc-pressure", Source: "rule:heap", Confidence: 0.5}, {Confidence: 0.5}}
	c.Weigh(findings)
	require.InDelta(t, 6./11, findings[0].Confidence, 1e-9)
	require.InDelta(t, 0.5, findings[1].Confidence, 1e-9)
	require.Equal(t, outcomes, c.outcomes(t, c.advised))
}

// TestAlertStateIsNoOutcome: an alert that ended makes no success of a change without a gain, and one that
// still fires none the less of a change with one.
func TestAlertStateIsNoOutcome(t *testing.T) {
	for result, gain := range map[episode.OutcomeResult]float64{episode.Hit: 0.3, episode.Miss: 0} {
		for _, ended := range []bool{true, false} {
			c := newChange(t, gain)
			c.apply(t, c.advised)
			if ended {
				stored, err := c.store.PutAlertEnd(c.advised.ID, c.at.Add(time.Minute))
				require.NoError(t, err)
				require.True(t, stored)
			}
			outcomes := c.outcomes(t, c.advised)
			require.Len(t, outcomes, 1)
			require.Equal(t, result, outcomes[0].Result, "the alert ended: %t", ended)
		}
	}
}

// TestFindingsOfTwoEpisodesAtOnce: whose gain it is cannot be known, also if each was advised in an episode
// of its own.
func TestFindingsOfTwoEpisodesAtOnce(t *testing.T) {
	c := newChange(t, 0.3)
	other := episodeAt(c.at.Add(-2*time.Hour), "sink-batching")
	require.NoError(t, c.store.PutEpisode(other))
	for _, ep := range []episode.Episode{c.advised, other} {
		c.apply(t, ep)
	}
	for _, ep := range []episode.Episode{c.advised, other} {
		outcomes := c.outcomes(t, ep)
		require.Len(t, outcomes, 1)
		require.Equal(t, episode.Unattributed, outcomes[0].Result)
		require.Contains(t, outcomes[0].Reason, "more changed at the same time")
	}
}

// TestAFindingThatIsCountedWithAnother: a person marked the same advice in two episodes. The change counts
// once, and the older finding says with which.
func TestAFindingThatIsCountedWithAnother(t *testing.T) {
	c := newChange(t, 0.3)
	older := advisedAt(t, c.store, c.at.Add(-2*time.Hour))
	c.apply(t, older)
	c.apply(t, c.advised)
	outcomes := c.outcomes(t, older)
	require.Len(t, outcomes, 1)
	require.Equal(t, episode.Unattributed, outcomes[0].Result)
	require.True(t, outcomes[0].Final)
	require.Equal(t, "the change is counted with finding "+c.advised.ID+"-F1, which gives the same advice", outcomes[0].Reason)
	require.Equal(t, episode.Hit, c.outcomes(t, c.advised)[0].Result)
}

// TestEpisodesWithoutAdviceHideNoFinding: many alerts without advice came since.
func TestEpisodesWithoutAdviceHideNoFinding(t *testing.T) {
	c := newChange(t, 0.3)
	c.page = 2
	c.apply(t, c.advised)
	for i := range 5 {
		later := episodeAt(c.at.Add(time.Duration(i)*time.Minute), "")
		later.Advice = nil
		require.NoError(t, c.store.PutEpisode(later))
	}
	require.Len(t, c.outcomes(t, c.advised), 1)
	require.NotZero(t, testutil.CollectAndCount(c))
}

// TestLaterAdviceOfAKindReplacesEarlierAdvice: the same advice in two episodes is one prediction.
func TestLaterAdviceOfAKindReplacesEarlierAdvice(t *testing.T) {
	store := historytest.Open(t)
	now := time.Now().UTC()
	first, second := advisedAt(t, store, now.Add(-3*time.Hour)), advisedAt(t, store, now.Add(-2*time.Hour))
	putEpochs(t, store, now.Add(-11*time.Hour), now.Add(-time.Hour), "cluster taskmanager.memory.size")
	p := &Predictions{store: store, block: time.Minute, log: slog.New(slog.DiscardHandler), now: time.Now, looked: map[string]time.Time{}}
	require.NoError(t, p.measureAll(t.Context()))
	for id, want := range map[string]int{first.ID: 0, second.ID: 1} {
		ep, _, err := store.Episode(id)
		require.NoError(t, err)
		require.Len(t, ep.Outcomes, want)
	}
}

// advisedAt stores an episode with a finding.
func advisedAt(t *testing.T, store *history.Store, at time.Time) episode.Episode {
	t.Helper()
	ep := episodeAt(at, "gc-pressure")
	require.NoError(t, store.PutEpisode(ep))
	return ep
}

// episodeAt is an episode with a finding of a category.
func episodeAt(at time.Time, category string) episode.Episode {
	id := ulid.MustNew(ulid.Timestamp(at), ulid.DefaultEntropy()).String()
	return episode.Episode{
		ID: id, State: episode.Done, Opened: at, EpochKey: "old",
		Alert: episode.Alert{Rule: "asked", Source: episode.FromCLI, Cluster: "prod", Job: "orders"},
		Advice: &episode.Advice{Findings: []episode.Finding{{
			ID: id + "-F1", Category: category, Source: "rule:heap", Change: "Raise taskmanager.memory.size.",
			Impact: &episode.Impact{LowPercent: 10, HighPercent: 50},
		}}},
	}
}

// TestDocumentedEpisodes: docs/history.md says among how many episodes findings are looked for.
func TestDocumentedEpisodes(t *testing.T) {
	require.Equal(t, []int{1_000, 10_000}, []int{mostAdvised, mostRead})
	documenttest.Says(t, "../../docs/history.md", "the newest 1,000 episodes with advice, which it searches among the newest 10,000 episodes")
}
