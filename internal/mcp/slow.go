package mcp

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// slow is the answer of why_slow.
type slow struct {
	Job      api.Job       `json:"job"`
	Troubles []api.Trouble `json:"troubles"`
	// Episode is the newest one with advice about the job; empty if there is none, as Advice is.
	Episode episodeOf `json:"episode,omitzero"`
	Advice  *judged   `json:"advice,omitempty"`
}

// episodeOf says which episode the advice is of.
type episodeOf struct {
	ID       string            `json:"id"`
	Opened   string            `json:"opened"`
	Rule     string            `json:"rule"`
	Profiles []episode.Profile `json:"profiles"`
}

// judged is advice with the evidence that its findings cite.
type judged struct {
	Findings     []episode.Finding  `json:"findings"`
	Evidence     []episode.Evidence `json:"evidence"`
	Observations []string           `json:"observations"`
	Warnings     []string           `json:"warnings"`
}

// whySlow answers for one job. Its episode may be older than its present state, so it says when it was
// opened.
func (t tools) whySlow(ctx context.Context, of ofJob) (slow, error) {
	status, err := t.client.Status(ctx)
	if err != nil {
		return slow{}, err
	}
	job, err := oneJob(status.Jobs, of)
	if err != nil {
		return slow{}, err
	}
	found := slow{Job: job, Troubles: []api.Trouble{}}
	for _, trouble := range status.Troubles {
		if trouble.Cluster == job.Cluster && (trouble.Job == "" || trouble.Job == job.Name) {
			found.Troubles = append(found.Troubles, trouble)
		}
	}
	return found, t.addAdvice(ctx, &found)
}

// addAdvice adds the advice of the newest episode that has any.
func (t tools) addAdvice(ctx context.Context, to *slow) error {
	list, err := t.client.Episodes(ctx, episode.JobRef{Cluster: to.Job.Cluster, Job: to.Job.Name}, "", fewEntries)
	if err != nil {
		return err
	}
	for _, brief := range list.Episodes {
		if brief.Advice == nil {
			continue
		}
		ep, known, err := t.client.Episode(ctx, brief.ID)
		switch {
		case err != nil:
			return err
		case !known || ep.Advice == nil:
			continue
		}
		to.Episode = episodeOf{
			ID: ep.ID, Opened: ep.Opened.UTC().Format(time.RFC3339), Rule: ep.Alert.Rule, Profiles: api.NotNil(ep.Profiles),
		}
		to.Advice = citing(*ep.Advice)
		return nil
	}
	return nil
}

// citing leaves out what no finding cites.
func citing(advice episode.Advice) *judged {
	var cited []string
	for _, f := range advice.Findings {
		cited = append(cited, f.Evidence...)
	}
	out := &judged{
		Findings: api.NotNil(advice.Findings), Evidence: []episode.Evidence{},
		Observations: api.NotNil(advice.Observations), Warnings: api.NotNil(advice.Warnings),
	}
	for _, e := range advice.Evidence {
		if slices.Contains(cited, e.ID) {
			out.Evidence = append(out.Evidence, e)
		}
	}
	return out
}

// oneJob is the job that is asked for, or the only one.
func oneJob(jobs []api.Job, of ofJob) (api.Job, error) {
	var found []api.Job
	var names []string
	for _, job := range jobs {
		names = append(names, fmt.Sprintf("%s on %s", job.Name, job.Cluster))
		if (of.Job == "" || of.Job == job.Name) && (of.Cluster == "" || of.Cluster == job.Cluster) {
			found = append(found, job)
		}
	}
	if len(found) == 1 {
		return found[0], nil
	}
	return api.Job{}, fmt.Errorf("%d jobs are meant (give job and cluster; known: %s)", len(found), strings.Join(names, ", "))
}

// episode answers with one whole episode.
func (t tools) episode(ctx context.Context, of oneEpisode) (episode.Episode, error) {
	ep, known, err := t.client.Episode(ctx, of.Episode)
	if err == nil && !known {
		err = fmt.Errorf("there is no episode %q (list_episodes names them)", of.Episode)
	}
	return ep, err
}
