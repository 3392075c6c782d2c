package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/advisor"
	"github.com/flink-sidecar/flink-sidecar/grafana"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/loop"
)

// advising implements loop.Advisor.
type advising struct {
	advisor  *advisor.Advisor
	evidence *bundles
	// sure changes the confidence of findings by what came of earlier ones of their kind.
	sure func([]episode.Finding)
}

// Advise implements loop.Advisor: the rules' advice comes at once, the LLM's later.
func (a advising) Advise(
	ctx context.Context, ep episode.Episode, soon func(episode.Advice) error,
) (episode.Advice, error) {
	bundle := a.evidence.gather(ctx, ep)
	rules := advisor.Rules(bundle)
	a.sure(rules.Findings)
	if err := soon(rules); err != nil {
		return rules, err
	}
	advice := a.advisor.Advise(ctx, bundle)
	a.sure(advice.Findings)
	return advice, nil
}

// Prompt implements api.Prompts.
func (a advising) Prompt(ctx context.Context, ep episode.Episode) ([]byte, error) {
	bundle, err := a.evidence.of(ctx, ep)
	return a.advisor.Prompt(bundle), err
}

// Show implements loop.Advisor: the findings of a job's latest episode are metrics.
func (a advising) Show(ep episode.Episode) {
	vertex := ep.Alert.Vertex
	if ep.Target != nil {
		vertex = ep.Target.Vertex
	}
	a.advisor.Publish(ep.Alert.JobRef(), vertex, *ep.Advice)
}

// annotations is the loop's Notifier: a region on Grafana's graphs from the beginning of
// the trend or alert until the advice.
type annotations struct {
	notifier *grafana.Notifier
	// Page is the address of the sidecar's page, as other hosts reach it.
	page string
}

// Where implements loop.Notifier.
func (annotations) Where() string { return "grafana" }

// Notify implements loop.Notifier. A refused token counts as temporary: it is read again
// for each request.
func (a annotations) Notify(ctx context.Context, ep episode.Episode) (string, error) {
	if ep.Alert.Omits(episode.ActionAnnotate) {
		return "", fmt.Errorf("left out: the rule %s has actions.annotate: false", ep.Alert.Rule)
	}
	id, err := a.notifier.Notify(ctx, ep, announcement(ep, a.page), ep.Alert.StartsAt, ep.Concluded)
	if err != nil && mayPass(err, time.Since(ep.Concluded)) {
		err = loop.Later(err)
	}
	if err != nil {
		return "", err
	}
	return fmt.Sprint(id), nil
}

// waitFor500 is how long the sidecar repeats a request that Grafana answers with 500. The
// cause may be a locked database, which passes, or an unknown dashboard, which does not.
const waitFor500 = 6 * time.Hour

// mayPass reports whether a later attempt may succeed: Grafana is unreachable, another
// server answers in its place, the token is refused and may be renewed, or there is no
// token at the moment.
func mayPass(err error, waited time.Duration) bool {
	for _, passing := range []error{grafana.ErrAuth, grafana.ErrNoToken, grafana.ErrNotGrafana} {
		if errors.Is(err, passing) {
			return true
		}
	}
	refused, ok := errors.AsType[*grafana.Error](err)
	broken := ok && refused.Status == http.StatusInternalServerError
	return grafana.Retryable(err) || broken && waited < waitFor500
}

// announcement is read at three in the morning, in a small box: what happens and when,
// the first thing to do, where to look.
func announcement(ep episode.Episode, page string) string {
	lines := []string{cmp.Or(ep.Alert.Summary, ep.Alert.Rule)}
	switch advice := ep.Advice; {
	case ep.Alert.Source == episode.FromTrouble && (advice == nil || len(advice.Findings) == 0):
		// The summary says what to do; that nothing was profiled is in the notes.
	case advice == nil || len(advice.Findings) == 0:
		lines = append(lines, "No finding: nothing in the evidence is significant.")
	default:
		first := advice.Findings[0]
		lines = append(lines, fmt.Sprintf("First: %s%s. %s", first.Title, episode.ImpactText(first), first.Change))
		if more := len(advice.Findings) - 1; more > 0 {
			lines = append(lines, fmt.Sprintf("And %d more.", more))
		}
	}
	for _, further := range ep.Triggers {
		lines = append(lines, "Also: "+strings.TrimSuffix(cmp.Or(further.Summary, further.Rule), ".")+".")
	}
	for _, p := range ep.Profiles {
		lines = append(lines, fmt.Sprintf("Profile: %s of %s, %d samples.", p.Mode,
			cmp.Or(p.Process, p.VertexName, p.Vertex), p.Samples))
	}
	lines = append(lines, ep.Notes...)
	return strings.Join(append(lines, page+"/episodes/"+ep.ID), "\n")
}
