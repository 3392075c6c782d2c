package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/internal/loop"
	"github.com/flink-sidecar/flink-sidecar/internal/wait"
	"github.com/flink-sidecar/flink-sidecar/synthetic"
)

// The rules of episodes that only measure.
const (
	ruleProbeRound = "probe-round"
	ruleEpochBegan = "epoch-began"
)

// epochSettles is how long a job may warm up after a change before it is measured,
// epochMeasured the length of that measurement.
const (
	epochSettles  = 2 * time.Minute
	epochMeasured = 2 * time.Minute
)

// triggers start the loop: a request for a round, or a new epoch from the collector. Each
// episode runs in its own goroutine, under the context of the sidecar and not of the
// request: a caller that disconnects does not stop the episode.
type triggers struct {
	loop     *loop.Loop
	epochs   chan episode.Epoch
	requests chan roundTurn
	app      *App
	log      *slog.Logger
}

type roundTurn struct {
	alert   episode.Alert
	records int
	answer  chan<- turnEnd
}

type turnEnd struct {
	episode episode.Episode
	err     error
}

func newTriggers(a *App) *triggers {
	return &triggers{
		loop: a.loop, app: a, log: a.log.With("component", "triggers"),
		// Room for every job of a large cluster at once; the collector must not wait.
		epochs:   make(chan episode.Epoch, 256),
		requests: make(chan roundTurn),
	}
}

// epochChanged queues a changed epoch; it does not wait.
func (t *triggers) epochChanged(e episode.Epoch) {
	select {
	case t.epochs <- e:
	default:
		t.log.Warn("Epoch not recorded: too many at once", "cluster", e.Cluster, "job", e.Job)
	}
}

// run handles requests and epochs until ctx ends.
func (t *triggers) run(ctx context.Context) error {
	var work sync.WaitGroup
	defer work.Wait()
	left, err := t.epochsLeft(time.Now())
	for _, e := range left {
		work.Go(func() { t.measureEpoch(ctx, e) })
	}
	if err != nil {
		t.log.Warn("Epochs of an earlier process are not measured", "err", err)
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case e := <-t.epochs:
			work.Go(func() { t.epochBegan(ctx, e) })
		case r := <-t.requests:
			work.Go(func() {
				ep, err := t.loop.Turn(ctx, r.alert, t.round(r.records))
				r.answer <- turnEnd{ep, err}
			})
		}
	}
}

// Round implements api.Rounds.
func (t *triggers) Round(ctx context.Context, request api.RoundRequest) (episode.Episode, error) {
	answer := make(chan turnEnd, 1)
	turn := roundTurn{records: request.Records, answer: answer, alert: episode.Alert{
		Rule: ruleProbeRound, Source: cmp.Or(request.Source, episode.FromAPI),
		Cluster: t.app.cfg.ProbedJob().Cluster, Job: t.app.cfg.Probe.Job,
		Summary: "a round of synthetic records was requested",
	}}
	select {
	case t.requests <- turn:
	case <-ctx.Done():
		return episode.Episode{}, ctx.Err()
	}
	select {
	case end := <-answer:
		if errors.Is(end.err, synthetic.ErrPaused) {
			return end.episode, &api.Error{Status: http.StatusConflict, Message: end.err.Error()}
		}
		return end.episode, end.err
	case <-ctx.Done():
		return episode.Episode{}, ctx.Err()
	}
}

// round measures one round of n records.
func (t *triggers) round(n int) loop.Plan {
	return loop.Plan{Measurer: loop.MeasureFunc(func(
		ctx context.Context, _ episode.Alert,
	) (episode.Measurement, error) {
		return t.app.measureRound(ctx, n)
	})}
}

// putEpoch records an epoch. While the history cannot be written it tries again: the
// collector reports an epoch once.
func (t *triggers) putEpoch(ctx context.Context, e episode.Epoch) (isNew bool, err error) {
	for pauses := wait.Backoff(time.Second, time.Minute); ; {
		isNew, err = t.app.store.PutEpoch(e)
		var invalid interface{ Invalid() bool }
		if err == nil || errors.As(err, &invalid) && invalid.Invalid() {
			break
		}
		t.log.Warn("Epoch not recorded, it is tried again", "cluster", e.Cluster, "job", e.Job, "err", err)
		if wait.For(ctx, pauses.NextBackOff()) != nil {
			break
		}
	}
	if err != nil {
		t.log.Error("Epoch not recorded", "cluster", e.Cluster, "job", e.Job, "err", err)
	}
	return isNew, err
}

// epochBegan records an epoch that is new to history, and measures it once the job has
// warmed up.
func (t *triggers) epochBegan(ctx context.Context, e episode.Epoch) {
	isNew, err := t.putEpoch(ctx, e)
	if err != nil || !isNew {
		return
	}
	t.measureEpoch(ctx, e)
}

// measureEpoch opens the episode of an epoch.
func (t *triggers) measureEpoch(ctx context.Context, e episode.Epoch) {
	alert := epochAlert(e)
	if _, err := t.loop.Turn(ctx, alert, epochPlanOf(t.app.epochPlan(), alert)); err != nil && ctx.Err() == nil {
		t.log.Warn("Episode of a new epoch failed", "cluster", e.Cluster, "job", e.Job, "err", err)
	}
}

// epochAlert opens the episode of an epoch. The first epoch that is known of a job is no
// change, and is not annotated.
func epochAlert(e episode.Epoch) episode.Alert {
	alert := episode.Alert{
		Rule: ruleEpochBegan, Source: episode.FromEpoch, Cluster: e.Cluster, Job: e.Job, Summary: DescribeEpoch(e),
		StartsAt: e.Began,
	}
	if len(e.Changes) == 0 {
		alert.Omit = []episode.Action{episode.ActionAnnotate}
	}
	return alert
}

// epochPlan is the plan of the episode of an epoch: it is measured, and annotated at once.
func (a *App) epochPlan() loop.Plan {
	return loop.Plan{Measurer: a.epochMeasurer(), Announce: a.notifier != nil}
}

func epochPlanOf(plan loop.Plan, alert episode.Alert) loop.Plan {
	plan.Announce = plan.Announce && !alert.Omits(episode.ActionAnnotate)
	return plan
}

// epochLeft is how old an epoch may be that an earlier process has stored without an episode.
const epochLeft = time.Hour

// epochsLeft are the present epochs that an earlier process has stored, and for which it ended
// before it opened an episode.
func (t *triggers) epochsLeft(now time.Time) (left []episode.Epoch, err error) {
	if t.app.options.OnDemand {
		return nil, nil
	}
	epochs, err := t.app.store.Epochs(episode.JobRef{}, history.MaxLimit)
	if err != nil {
		return nil, err
	}
	episodes, err := t.app.store.Episodes(episode.JobRef{}, "", history.MaxLimit)
	if err != nil {
		return nil, err
	}
	seen := map[episode.JobRef]bool{}
	for _, e := range epochs { // newest first
		if seen[e.JobRef()] || now.Sub(e.Began) > epochLeft {
			continue
		}
		seen[e.JobRef()] = true
		has := slices.ContainsFunc(episodes, func(ep episode.Episode) bool {
			return ep.Alert.Source == episode.FromEpoch && ep.Alert.JobRef() == e.JobRef() && !ep.Opened.Before(e.Began)
		})
		if !has {
			left = append(left, e)
		}
	}
	return left, nil
}

// recall returns to a collector the last epoch of a job in history.
func (a *App) recall(cluster string) func(job string) (episode.Epoch, bool) {
	return func(job string) (last episode.Epoch, known bool) {
		found, err := a.store.Epochs(episode.JobRef{Cluster: cluster, Job: job}, 1)
		if err != nil {
			a.log.Error("Epochs cannot be read, so changes since the last one are not reported", "cluster", cluster,
				"job", job, "err", err)
		}
		if len(found) == 0 {
			return episode.Epoch{}, false
		}
		return found[0], true
	}
}

// epochMeasurer measures a job some time after its epoch began.
func (a *App) epochMeasurer() loop.Measurer {
	return loop.MeasureFunc(func(ctx context.Context, alert episode.Alert) (episode.Measurement, error) {
		if wait.For(ctx, epochSettles) != nil {
			return episode.Measurement{}, ctx.Err()
		}
		from := time.Now()
		before, _ := a.clusters.job(alert.JobRef())
		if wait.For(ctx, epochMeasured) != nil {
			return episode.Measurement{}, ctx.Err()
		}
		return a.measureJob(alert.JobRef(), before, from, time.Now())
	})
}

// planFor returns the plan of an episode that the loop opens or resumes by itself. A
// round cannot be repeated: its records were sent, and count in the totals of the probe.
func planFor(full, epoch loop.Plan, evidence *bundles) func(episode.Alert) (loop.Plan, bool) {
	return func(alert episode.Alert) (loop.Plan, bool) {
		// By source first: rules from elsewhere may have any name.
		switch person := alert.Source == episode.FromCLI || alert.Source == episode.FromAPI; {
		case alert.Source == episode.FromEpoch:
			return epochPlanOf(epoch, alert), true
		case alert.Source == episode.FromTrouble:
			return troublePlan(alert, full, evidence), true
		case person && alert.Rule == ruleProbeRound:
			return loop.Plan{}, false
		case person && alert.ScaleTest != nil && !alert.ScaleTest.Advise:
			return loop.Plan{Profiler: full.Profiler, Measurer: full.Measurer}, true
		}
		return without(alert, full, evidence), true
	}
}

// without is the plan less the actions that the rule of the alert switches off. Without
// a profile the LLM is not asked.
func without(alert episode.Alert, full loop.Plan, evidence *bundles) loop.Plan {
	if alert.Omits(episode.ActionProfile) {
		why := fmt.Errorf("no profile: the rule %s has actions.profile: false (ask for one: sidecar advise)", alert.Rule)
		full.Profiler, full.Advisor = unprofiled{why}, rulesOnly{evidence, full.Advisor}
	}
	if alert.Omits(episode.ActionAdvise) {
		full.Advisor = noAdvice{}
	}
	return full
}

// DescribeEpoch says in a sentence what changed since the epoch before.
func DescribeEpoch(e episode.Epoch) string {
	if len(e.Changes) == 0 {
		return "this job is seen for the first time"
	}
	var changes []string
	for _, change := range e.Changes {
		changes = append(changes, change.String())
	}
	return strings.Join(changes, ", ")
}
