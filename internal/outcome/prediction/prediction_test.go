package prediction_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome/prediction"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

const (
	block = 30 * time.Minute
	step  = 10 * time.Minute // of a measurement
)

var (
	orders  = episode.JobRef{Cluster: "prod", Job: "orders"}
	changed = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
)

// production is what a job measures.
type production struct {
	of       episode.JobRef
	epoch    string
	load     float64
	capacity float64
	noise    float64
	backlog  *float64
	random   *rand.Rand
}

// blocks are the measurements of n blocks from a moment on.
func (p production) blocks(from time.Time, n int) (ms []episode.Measurement) {
	for i := range n * int(block/step) {
		began := from.Add(time.Duration(i) * step)
		v := p.capacity
		if p.random != nil {
			v *= math.Exp(p.noise * p.random.NormFloat64())
		}
		ms = append(ms, episode.Measurement{
			Kind: episode.KindWindow, Cluster: p.of.Cluster, Job: p.of.Job, EpochKey: p.epoch, Began: began,
			Ended: began.Add(step), Throughput: new(p.load), Capacity: &v, Backlog: p.backlog,
		})
	}
	return ms
}

func job(epoch string, capacity float64, random *rand.Rand) production {
	return production{of: orders, epoch: epoch, load: 100, capacity: capacity, noise: 0.03, random: random}
}

// finding predicts a gain from low to high percent.
func finding(low, high float64) episode.Finding {
	return episode.Finding{
		ID: "E-F1", Category: "checkpoint-interval", Source: "rule:often",
		Change: "Raise execution.checkpointing.interval.", Impact: &episode.Impact{LowPercent: low, HighPercent: high},
	}
}

func theChange() prediction.Change {
	return prediction.Change{By: episode.ByMark, Before: "old", After: "new", At: changed}
}

func dataOf(now time.Time, parts ...[]episode.Measurement) prediction.Data {
	d := prediction.Data{Job: orders, Block: block, Now: now}
	for _, ms := range parts {
		d.Measurements = append(d.Measurements, ms...)
	}
	return d
}

// sides are n blocks before and m blocks after the change.
func sides(n, m int, before, after production) prediction.Data {
	return dataOf(changed.Add(time.Duration(m)*block), before.blocks(changed.Add(-time.Duration(n)*block), n),
		after.blocks(changed, m))
}

func TestResults(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for name, test := range map[string]struct {
		capacity  float64
		low, high float64
		want      episode.OutcomeResult
	}{
		"as predicted":           {1300, 20, 60, episode.Hit},
		"less than predicted":    {1100, 20, 60, episode.Miss},
		"more than predicted":    {1900, 20, 60, episode.Miss},
		"no change":              {1000, 20, 60, episode.Miss},
		"worse":                  {800, 20, 60, episode.Opposite},
		"too small to be seen":   {1010, 0, 1, episode.Unmeasurable},
		"predicted from nothing": {1300, 0, 60, episode.Hit},
	} {
		o := prediction.Measure(finding(test.low, test.high), theChange(),
			sides(20, 10, job("old", 1000, random), job("new", test.capacity, random)))
		require.Equal(t, test.want, o.Result, "%s: %+v", name, o)
		require.NotNil(t, o.Change, name)
		require.Equal(t, test.want != episode.Unmeasurable, o.Final, name)
		require.Equal(t, 10, o.UnitsAfter)
	}
}

// TestAnIdleJobHasNoCapacity: its busy time promises more than it can reach.
func TestAnIdleJobHasNoCapacity(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	predicted := finding(50, 5000)
	o := prediction.Measure(predicted, theChange(), sides(20, 10, job("old", 150, random), job("new", 2200, random)))
	require.Equal(t, episode.Unmeasurable, o.Result)
	require.Equal(t, "busy time does not tell the capacity of a job that is busy less than 5 % of the time "+
		"(compare scale tests)", o.Reason)
	require.Nil(t, o.Change)
	require.False(t, o.Final, "the load may rise")
	o = prediction.Measure(predicted, theChange(), sides(20, 10, job("old", 150, random), job("new", 1800, random)))
	require.Equal(t, episode.Hit, o.Result)
}

// TestTooFewSamplesAreNeverSuccess: nine blocks are not ten, whatever they show.
func TestTooFewSamplesAreNeverSuccess(t *testing.T) {
	require.Equal(t, 10, prediction.MinBlocks)
	random := rand.New(rand.NewPCG(2, 1))
	before, after := job("old", 1000, random), job("new", 1300, random)
	for _, n := range [][2]int{{20, 9}, {9, 20}, {0, 20}, {20, 0}} {
		o := prediction.Measure(finding(20, 60), theChange(), sides(n[0], n[1], before, after))
		require.Equal(t, episode.Unmeasurable, o.Result, n)
		require.NotEmpty(t, o.Reason)
		require.Nil(t, o.Change)
	}
	// While the epoch lasts more may come; after its end nothing will.
	c, d := theChange(), sides(20, 9, before, after)
	require.False(t, prediction.Measure(finding(20, 60), c, d).Final)
	c.Until = d.Now.Add(-time.Second)
	require.True(t, prediction.Measure(finding(20, 60), c, d).Final)
}

// TestNoHitsFromTooLittleData simulates a thousand changes that do nothing, in short epochs and
// noisy jobs. None with fewer than ten blocks is a hit, and of the others few are.
func TestNoHitsFromTooLittleData(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 1))
	early, late := 0, 0
	for range 1000 {
		n := random.IntN(20)
		before, after := job("old", 1000, random), job("new", 1000, random)
		before.noise, after.noise = 0.2, 0.2
		o := prediction.Measure(finding(0, 200), theChange(), sides(20, n, before, after))
		switch {
		case o.Result == episode.Hit && n < prediction.MinBlocks:
			early++
		case o.Result == episode.Hit:
			late++
		}
	}
	require.Zero(t, early)
	require.Less(t, late, 30, "half of five percent of 500")
}

// TestOnlySamplesAfterTheChangeCount: samples of the old epoch that come late, for example of
// processes that end slowly, are not of the new one.
func TestOnlySamplesAfterTheChangeCount(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 1))
	d := sides(20, 5, job("old", 1000, random), job("new", 1300, random))
	d.Measurements = append(d.Measurements, job("old", 1000, random).blocks(changed, 15)...)
	d.Measurements = append(d.Measurements, job("new", 1300, random).blocks(changed.Add(-10*block), 10)...)
	d.Now = changed.Add(20 * block)
	o := prediction.Measure(finding(20, 60), theChange(), d)
	require.Equal(t, episode.Unmeasurable, o.Result)
	require.Equal(t, 5, o.UnitsAfter)
}

// TestLoadIsNormalised: more input raises throughput and is no gain; blocks at another load are
// left out.
func TestLoadIsNormalised(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 1))
	before, after := job("old", 1000, random), job("new", 1000, random)
	after.load = 115
	o := prediction.Measure(finding(5, 60), theChange(), sides(20, 12, before, after))
	require.Equal(t, episode.Miss, o.Result, "%+v", o)
	after.load = 130
	o = prediction.Measure(finding(5, 60), theChange(), sides(20, 12, before, after))
	require.Equal(t, episode.Unmeasurable, o.Result)
	require.Contains(t, o.Reason, "0 blocks at this load before the change")
}

// TestTwoJobsOfOneTemplateDoNotMix: another job, or the same in another cluster, has the same
// configuration and so the same key of its epoch.
func TestTwoJobsOfOneTemplateDoNotMix(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 1))
	d := sides(20, 5, job("old", 1000, random), job("new", 1000, random))
	for _, of := range []episode.JobRef{{Cluster: "prod", Job: "billing"}, {Cluster: "lab", Job: "orders"}} {
		other := job("new", 1300, random)
		other.of = of
		d.Measurements = append(d.Measurements, other.blocks(changed, 20)...)
	}
	d.Now = changed.Add(20 * block)
	require.Equal(t, 5, prediction.Measure(finding(20, 60), theChange(), d).UnitsAfter)
}

// TestCatchingUpIsNotMeasured: while a backlog is drained the job runs at its limit.
func TestCatchingUpIsNotMeasured(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 1))
	behind := job("new", 2000, random)
	behind.backlog = new(1e6)
	d := sides(20, 12, job("old", 1000, random), behind)
	c := theChange()
	c.Until = d.Now.Add(-time.Minute)
	o := prediction.Measure(finding(20, 200), c, d)
	require.Equal(t, episode.Unmeasurable, o.Result)
	require.Equal(t, "the backlog was never drained", o.Reason)

	drained := job("new", 1300, random)
	drained.backlog = new(50.0)
	d.Measurements = append(d.Measurements, drained.blocks(changed.Add(12*block), 12)...)
	d.Now = changed.Add(24 * block)
	o = prediction.Measure(finding(20, 60), theChange(), d)
	require.Equal(t, episode.Hit, o.Result)
}

// TestAnUnknownBacklogIsNotDrained: a source that is held back does not say what waits. Its minutes do
// not count where others say it, before the change or after it. Where no source ever says it, all count.
func TestAnUnknownBacklogIsNotDrained(t *testing.T) {
	random := rand.New(rand.NewPCG(17, 1))
	before, silent := job("old", 1000, random), job("new", 1300, random)
	before.backlog = new(50.0)
	c := theChange()
	d := sides(20, 12, before, silent)
	c.Until = d.Now.Add(-time.Minute)
	o := prediction.Measure(finding(20, 60), c, d)
	require.Equal(t, episode.Unmeasurable, o.Result, "%+v", o)
	require.Equal(t, "the sources do not say any more how much input waits", o.Reason)
	require.True(t, o.Final)

	behind, drained := silent, silent
	behind.backlog, drained.backlog = new(1e6), new(50.0)
	d = dataOf(changed.Add(40*block), before.blocks(changed.Add(-20*block), 20), behind.blocks(changed, 2),
		silent.blocks(changed.Add(2*block), 20), drained.blocks(changed.Add(22*block), 8))
	o = prediction.Measure(finding(20, 60), theChange(), d)
	require.Equal(t, episode.Unmeasurable, o.Result)
	require.Equal(t, 8, o.UnitsAfter)
	d.Measurements = append(d.Measurements, drained.blocks(changed.Add(30*block), 2)...)
	require.Equal(t, episode.Hit, prediction.Measure(finding(20, 60), theChange(), d).Result)

	before.backlog = nil
	require.Equal(t, episode.Hit, prediction.Measure(finding(20, 60), theChange(), sides(20, 12, before, silent)).Result)
}

// TestAPlanFollowsFromASetting: seen when an argument of the job changed its operators.
func TestAPlanFollowsFromASetting(t *testing.T) {
	for _, test := range []struct {
		changes []episode.Change
		several bool
	}{
		{[]episode.Change{{What: episode.ChangedPlan}}, false},
		{[]episode.Change{{What: episode.ChangedPlan}, {What: "job user-config.fixed"}}, false},
		{[]episode.Change{{What: episode.ChangedPlan}, {What: "job user-config.fixed"}, {What: "job user-config.rate"}}, true},
		{[]episode.Change{{What: episode.ChangedPlan}, {What: episode.ChangedVersion}}, true},
	} {
		epochs, ep := history(), advised()
		epochs[0].Changes = test.changes
		mark(&ep, "E-F1", changed)
		c, ok := prediction.Attribute(ep, finding(20, 60), epochs, knownOf(ep))
		require.True(t, ok)
		require.Equal(t, test.several, c.Several, "%+v", test.changes)
	}
}

// TestSeveralChangesAreUnattributed: whose gain it is cannot be known.
func TestSeveralChangesAreUnattributed(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 1))
	d := sides(20, 20, job("old", 1000, random), job("new", 1300, random))
	epochs := history()
	epochs[0].Changes = append(epochs[0].Changes, episode.Change{What: "plan"})
	ep := advised()
	_, ok := prediction.Attribute(ep, finding(20, 60), epochs, knownOf(ep))
	require.False(t, ok, "no mark, and the epoch changes more than the setting")
	mark(&ep, "E-F1", changed)
	c, ok := prediction.Attribute(ep, finding(20, 60), epochs, knownOf(ep))
	require.True(t, ok)
	o := prediction.Measure(finding(20, 60), c, d)
	require.Equal(t, episode.Unattributed, o.Result)
	require.True(t, o.Final)
}

// TestFindingsThatAreAppliedAtOnce: of one episode or of two of the job, they are unattributed. The same
// advice in two episodes is one finding, and one that has an epoch of its own is apart.
func TestFindingsThatAreAppliedAtOnce(t *testing.T) {
	second := finding(20, 60)
	second.ID, second.Category = "E-F2", "json-parsing"
	ep := advised()
	ep.Advice.Findings = append(ep.Advice.Findings, second)
	mark(&ep, "E-F1", changed)
	mark(&ep, "E-F2", changed.Add(time.Hour))
	c, _ := prediction.Attribute(ep, finding(20, 60), history(), knownOf(ep))
	require.True(t, c.Several, "two findings of one episode")

	for name, test := range map[string]struct {
		category string
		at       time.Time
		epochs   []episode.Epoch
		want     bool
	}{
		"another finding":       {"json-parsing", changed.Add(time.Hour), history(), true},
		"the same advice":       {"checkpoint-interval", changed.Add(time.Hour), history(), false},
		"days later":            {"json-parsing", changed.Add(72 * time.Hour), history(), false},
		"with the next epoch":   {"json-parsing", changed.Add(6 * time.Hour), withNext(5 * time.Hour), false},
		"without an epoch":      {"json-parsing", changed.Add(20 * time.Hour), nil, true},
		"without an epoch, far": {"json-parsing", changed.Add(30 * time.Hour), nil, false},
	} {
		ep, other := advised(), advised()
		other.ID, other.Advice.Findings[0].ID, other.Advice.Findings[0].Category = "G", "G-F1", test.category
		mark(&ep, "E-F1", changed)
		mark(&other, "G-F1", test.at)
		c, ok := prediction.Attribute(ep, finding(20, 60), test.epochs, knownOf(ep, other))
		require.True(t, ok)
		require.Equal(t, test.want, c.Several, name)
	}
}

// TestOneChangeIsNotTwoSuccesses: the epoch changes the setting of one finding, and a person says that
// another one was applied with it. Neither can be told apart, whether or not the first one is marked.
func TestOneChangeIsNotTwoSuccesses(t *testing.T) {
	setting, code := finding(20, 60), finding(20, 60)
	code.ID, code.Category, code.Change = "E-F2", "json-parsing", "Reuse one ObjectMapper."
	for name, test := range map[string]struct {
		marked  time.Time
		several bool
	}{
		"with this epoch": {changed.Add(time.Hour), true},
		"days later":      {changed.Add(72 * time.Hour), false},
	} {
		ep := advised()
		ep.Advice.Findings = append(ep.Advice.Findings, code)
		mark(&ep, code.ID, test.marked)
		c, ok := prediction.Attribute(ep, setting, history(), knownOf(ep))
		require.True(t, ok, name)
		require.Equal(t, episode.ByEpoch, c.By, name)
		require.Equal(t, test.several, c.Several, name)
		c, ok = prediction.Attribute(ep, code, history(), knownOf(ep))
		require.True(t, ok, name)
		require.Equal(t, test.several, c.Several, name)
	}
	// Two findings that ask for the same setting have one change, which is measured for both.
	same := setting
	same.ID, same.Category = "E-F2", "checkpoint-upload"
	ep := advised()
	ep.Advice.Findings = append(ep.Advice.Findings, same)
	mark(&ep, same.ID, changed)
	for _, f := range ep.Advice.Findings {
		c, ok := prediction.Attribute(ep, f, history(), knownOf(ep))
		require.True(t, ok)
		require.False(t, c.Several)
	}
	// One that was rejected claims nothing.
	ep = advised()
	ep.Advice.Findings = append(ep.Advice.Findings, code)
	mark(&ep, code.ID, changed)
	ep.Marks = append(ep.Marks, episode.Mark{Finding: setting.ID, Decision: episode.Rejected})
	c, _ := prediction.Attribute(ep, code, history(), knownOf(ep))
	require.False(t, c.Several)
}

// withNext are the epochs of the job with a further one so long after the change.
func withNext(after time.Duration) []episode.Epoch {
	next := episode.Epoch{
		Key: "next", Cluster: "prod", Job: "orders", Began: changed.Add(after), Changes: []episode.Change{{What: "plan"}},
	}
	return append([]episode.Epoch{next}, history()...)
}

// TestEqualValuesAreNoMeasurement: a stuck metric has no noise, and says nothing.
func TestEqualValuesAreNoMeasurement(t *testing.T) {
	o := prediction.Measure(finding(20, 60), theChange(), sides(20, 10, job("old", 1000, nil), job("new", 1300, nil)))
	require.Equal(t, episode.Unmeasurable, o.Result)
	f := finding(20, 60)
	f.Impact = nil
	require.Equal(t, episode.Unmeasurable, prediction.Measure(f, theChange(), prediction.Data{}).Result)

	// A mean of equal values may differ from them in its last digit, if some values are missing.
	d := sides(20, 10, job("old", 1000.1, nil), job("new", 1300.7, nil))
	some := d.Measurements[:0]
	for i, m := range d.Measurements {
		if i%7 != 0 {
			some = append(some, m)
		}
	}
	d.Measurements = some
	o = prediction.Measure(finding(20, 60), theChange(), d)
	require.Equal(t, episode.Unmeasurable, o.Result)
	require.Contains(t, o.Reason, "all values of a side are equal")
}

// TestNoisyJobsGetASecondLook: ten blocks are too noisy for the prediction, 48 are not.
func TestNoisyJobsGetASecondLook(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 1))
	before, after := job("old", 1000, random), job("new", 1250, random)
	before.noise, after.noise = 0.35, 0.35
	d := sides(48, 10, before, after)
	o := prediction.Measure(finding(5, 30), theChange(), d)
	require.Equal(t, episode.Unmeasurable, o.Result)
	require.False(t, o.Final)
	d.Measurements = append(d.Measurements, after.blocks(changed.Add(10*block), 38)...)
	d.Now = changed.Add(48 * block)
	o = prediction.Measure(finding(5, 30), theChange(), d)
	require.True(t, o.Final)
	require.Equal(t, 48, o.UnitsAfter)
	require.NotEqual(t, episode.Unmeasurable, o.Result, "%+v", o)
}

// alternated are scale tests of both epochs in turn, a minute apart. The machine becomes faster by
// drift with each pair.
func alternated(pairs int, drift float64) (tests []scalerun.Test) {
	for i := range 2 * pairs {
		epoch, v := "old", 1000+float64(i)
		if i%2 == 1 {
			epoch, v = "new", 1300+float64(i)
		}
		v *= math.Pow(1+drift, float64(i/2))
		tests = append(tests, scalerun.Test{
			Run: "r", Label: epoch, Cluster: orders.Cluster, Job: orders.Job, Deployment: fmt.Sprint(i), EpochKey: epoch,
			Began: changed.Add(time.Duration(i) * time.Minute), Shape: "steady", Verdict: scalerun.OK,
			Iterations: []scalerun.Iteration{{Iteration: 1, Throughput: &v}},
		})
	}
	return tests
}

// rested is a moment at which the scale tests of alternated have no further deployment.
var rested = changed.Add(3 * time.Hour)

// TestDeploymentsOfScaleTests: three deployments of each epoch in one run decide.
func TestDeploymentsOfScaleTests(t *testing.T) {
	d := dataOf(rested)
	d.ScaleTests = alternated(3, 0)
	o := prediction.Measure(finding(20, 60), theChange(), d)
	require.Equal(t, episode.Hit, o.Result, "%+v", o)
	require.Equal(t, episode.UnitDeployment, o.Unit)
	require.Equal(t, []int{3, 3}, []int{o.UnitsBefore, o.UnitsAfter})
	require.True(t, o.Final)
	d.ScaleTests = d.ScaleTests[:4]
	require.Equal(t, episode.Unmeasurable, prediction.Measure(finding(20, 60), theChange(), d).Result)
}

// TestSeriesThatGoesOnIsNotDecided: neither its first pair nor the third ends a series of five, also
// where the epochs alternate, so that the first one is over. The test that ended in the middle of a
// pair leaves the sides unequal until the next one.
func TestSeriesThatGoesOnIsNotDecided(t *testing.T) {
	c, all := theChange(), alternated(5, 0)
	c.Until = all[2].Began
	for n := 2; n <= len(all); n++ {
		d := dataOf(all[n-1].Began.Add(time.Hour))
		d.ScaleTests = all[:n]
		o := prediction.Measure(finding(20, 60), c, d)
		require.Equal(t, episode.Unmeasurable, o.Result, n)
		require.False(t, o.Final, n)
	}
	d := dataOf(rested)
	d.ScaleTests = all
	o := prediction.Measure(finding(20, 60), c, d)
	require.Equal(t, episode.Hit, o.Result, "%+v", o)
	require.Equal(t, []int{5, 5}, []int{o.UnitsBefore, o.UnitsAfter})
	require.True(t, o.Final)
	d.ScaleTests[9].Began = changed.Add(25 * time.Hour)
	d.Now = d.ScaleTests[9].Began
	require.True(t, prediction.Measure(finding(20, 60), theChange(), d).Final, "a test each day is no series")
}

// TestBlocksSayWhatDeploymentsDoNot: too few deployments for the prediction do not end the matter.
func TestBlocksSayWhatDeploymentsDoNot(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 1))
	d := sides(20, 8, job("old", 1000, random), job("new", 1300, random))
	d.ScaleTests = alternated(3, 0)
	for i := range d.ScaleTests {
		v := *d.ScaleTests[i].Iterations[0].Throughput * math.Pow(2, float64(i%3))
		d.ScaleTests[i].Iterations[0].Throughput = &v
	}
	o := prediction.Measure(finding(20, 60), theChange(), d)
	require.Equal(t, episode.Unmeasurable, o.Result, "%+v", o)
	require.Equal(t, episode.UnitDeployment, o.Unit)
	require.False(t, o.Final, "blocks may follow")
	d.Measurements = append(d.Measurements, job("new", 1300, random).blocks(changed.Add(8*block), 2)...)
	d.Now = changed.Add(10 * block)
	o = prediction.Measure(finding(20, 60), theChange(), d)
	require.Equal(t, episode.Hit, o.Result, "%+v", o)
	require.Equal(t, episode.UnitBlock, o.Unit)
}

// TestDeploymentsThatAlternatedArePaired: a machine that becomes faster meets both epochs alike.
func TestDeploymentsThatAlternatedArePaired(t *testing.T) {
	d := dataOf(rested)
	d.ScaleTests = alternated(3, 0.3)
	o := prediction.Measure(finding(20, 60), theChange(), d)
	require.Equal(t, episode.Hit, o.Result, "%+v", o)
	for i := range d.ScaleTests {
		d.ScaleTests[i].Began = changed // their order is unknown
	}
	require.Equal(t, episode.Unmeasurable, prediction.Measure(finding(20, 60), theChange(), d).Result)
}

// history are the epochs of the job, newest first.
func history() []episode.Epoch {
	return []episode.Epoch{
		{
			Key: "new", Cluster: "prod", Job: "orders", Began: changed,
			Changes: []episode.Change{{What: "cluster execution.checkpointing.interval"}},
		},
		{Key: "old", Cluster: "prod", Job: "orders", Began: changed.Add(-48 * time.Hour)},
	}
}

// advised is an episode with advice, an hour before the change.
func advised() episode.Episode {
	return episode.Episode{
		ID: "E", Alert: episode.Alert{Cluster: "prod", Job: "orders"}, Opened: changed.Add(-time.Hour), EpochKey: "old",
		Advice: &episode.Advice{Findings: []episode.Finding{finding(20, 60)}},
	}
}

// knownOf is what the episodes of a job know.
func knownOf(episodes ...episode.Episode) (known prediction.Known) {
	for _, ep := range episodes {
		known.Add(ep)
	}
	return known
}

func mark(ep *episode.Episode, id string, at time.Time) {
	ep.Marks = append(ep.Marks, episode.Mark{Finding: id, Decision: episode.Applied, At: at})
}

func TestAttribution(t *testing.T) {
	f := finding(20, 60)
	c, ok := prediction.Attribute(advised(), f, history(), knownOf())
	require.True(t, ok)
	require.Equal(t, prediction.Change{By: episode.ByEpoch, Before: "old", After: "new", At: changed}, c)

	// A mark finds the deployment shortly before or after it, or stands for itself.
	for after, want := range map[time.Duration]prediction.Change{
		time.Hour:      {By: episode.ByMark, Before: "old", After: "new", At: changed},
		-time.Minute:   {By: episode.ByMark, Before: "old", After: "new", At: changed},
		72 * time.Hour: {By: episode.ByMark, Before: "new", After: "new", At: changed.Add(72 * time.Hour)},
	} {
		ep := advised()
		mark(&ep, f.ID, changed.Add(after))
		c, ok := prediction.Attribute(ep, f, history(), knownOf(ep))
		require.True(t, ok)
		require.Equal(t, want, c, after)
	}
	early := advised()
	early.Opened = changed.Add(-47 * time.Hour)
	mark(&early, f.ID, changed.Add(-30*time.Hour))
	c, ok = prediction.Attribute(early, f, history(), knownOf(early))
	require.True(t, ok)
	require.Equal(t, "old", c.After)
	require.Equal(t, changed, c.Until, "the epoch of the mark ends with the next one")
	rejected := advised()
	rejected.Marks = []episode.Mark{{Finding: f.ID, Decision: episode.Rejected, At: changed}}
	_, ok = prediction.Attribute(rejected, f, history(), knownOf(rejected))
	require.False(t, ok)
	late := advised()
	late.Opened = changed.Add(time.Minute)
	_, ok = prediction.Attribute(late, f, history(), knownOf(late))
	require.False(t, ok, "advice that came after the change did not cause it")
}

// TestSettingsAreNamedWhole: the key of a change is not the beginning of another key.
func TestSettingsAreNamedWhole(t *testing.T) {
	for text, want := range map[string]bool{
		"Set execution.checkpointing.interval to 60 s.":   true,
		"Raise execution.checkpointing.interval.":         true,
		"Set execution.checkpointing.interval-during-x.":  false,
		"Set my.execution.checkpointing.interval to 1.":   false,
		"Set execution.checkpointing.intervals.":          false,
		"Use a.b, or execution.checkpointing.interval: 1": true,
		"Write less.": false,
	} {
		f := finding(20, 60)
		f.Change = text
		_, ok := prediction.Attribute(advised(), f, history(), knownOf())
		require.Equal(t, want, ok, text)
	}
}

// TestEarlierConfigurations: the epoch is the same as one that ended before. That it did badly is only
// said where that was measured.
func TestEarlierConfigurations(t *testing.T) {
	epochs := append(history(), episode.Epoch{
		Key: "new", Cluster: "prod", Job: "orders", Began: changed.Add(-96 * time.Hour),
	}, episode.Epoch{Key: "first", Cluster: "prod", Job: "orders", Began: changed.Add(-120 * time.Hour)})
	opposite := episode.Outcome{
		Finding: "D-F1", Result: episode.Opposite, Before: "first", After: "new", Changed: changed.Add(-96 * time.Hour),
	}
	hit, late, below := opposite, opposite, opposite
	hit.Result, hit.High = episode.Hit, new(40.0)
	late.Changed = changed
	below.Result, below.High = episode.Unmeasurable, new(-3.0)
	const used, reverted = "this configuration was in use before, until 2026-02-27",
		"this configuration was reverted on 2026-02-27, it was worse"
	for want, all := range map[string][][]episode.Outcome{used: {nil, {hit}, {late}}, reverted: {{opposite}, {hit, below}}} {
		for _, outcomes := range all {
			c, ok := prediction.Attribute(advised(), finding(20, 60), epochs, prediction.Known{Outcomes: outcomes})
			require.True(t, ok)
			require.Equal(t, changed.Add(-48*time.Hour), c.Earlier.Until)
			o := prediction.Measure(finding(20, 60), c, prediction.Data{Job: orders, Block: block, Now: changed})
			require.Contains(t, o.Reason, want, "%+v", outcomes)
		}
	}
	require.Empty(t, prediction.EarlierUse(history(), 0, nil).String(), "it is new")
}

// TestThreeOfThreeIsNotCertain: rates have the uncertainty of their number.
func TestThreeOfThreeIsNotCertain(t *testing.T) {
	hit := episode.Outcome{Category: "gc-pressure", Source: "rule:heap", Result: episode.Hit}
	unknown := hit
	unknown.Result = episode.Unmeasurable
	records := prediction.Count([]episode.Episode{{Outcomes: []episode.Outcome{hit, hit}}, {
		Outcomes: []episode.Outcome{hit, unknown},
	}})
	r := records[prediction.Kind{Category: "gc-pressure", Source: "rule:heap"}]
	require.Equal(t, 3, r.Judged(), "what cannot be measured does not count")
	low, high := r.HitRate()
	require.InDelta(t, 0.44, low, 0.01)
	require.InDelta(t, 1, high, 1e-9)
	low, high = prediction.Record{}.HitRate()
	require.InDelta(t, 0, low, 0)
	require.InDelta(t, 1, high, 0)
	require.InDelta(t, 0.6, prediction.Confidence(0.6, prediction.Record{}), 1e-12)
	require.InDelta(t, 9./13, prediction.Confidence(0.6, r), 1e-12)
}
