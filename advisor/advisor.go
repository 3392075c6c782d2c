package advisor

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/flink-sidecar/flink-sidecar/advisor/cause"
	"github.com/flink-sidecar/flink-sidecar/advisor/llm"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// Advisor combines the advice of the rules with the additions of an LLM. It is safe for
// concurrent use.
type Advisor struct {
	analyst *llm.Analyst // nil for rules only
	// preview makes prompts. It exists even if no LLM is configured.
	preview *llm.Analyst
	metrics *metrics
	log     *slog.Logger

	// Paused, if set, is called before each request to the LLM. The request is skipped
	// if it returns true. Set it before the first use.
	Paused func() bool
}

// New returns an Advisor for a valid configuration. It makes no connection.
func New(cfg Config, log *slog.Logger) (*Advisor, error) {
	log = log.With("component", "advisor")
	provider, err := cfg.provider()
	if err != nil {
		return nil, err
	}
	analyst := llm.New(provider, llm.Limits{}, log)
	a := &Advisor{preview: analyst, metrics: newMetrics(analyst.Collector()), log: log}
	use, err := a.Reload(cfg)
	if err != nil {
		return nil, err
	}
	use()
	if cfg.Provider != ProviderNone {
		a.analyst = analyst
	}
	return a, nil
}

// Reload reads the template of the prompt. What it returns takes over the template, the focus and the
// limits; the other keys need a restart.
func (a *Advisor) Reload(cfg Config) (use func(), err error) {
	layout, err := llm.NewLayout(cfg.PromptTemplateFile, cfg.Focus)
	if err != nil {
		return nil, err
	}
	limits := llm.Limits{RequestsPerDay: cfg.RequestsPerDay, Evidence: cfg.MaxEvidence}
	return func() { a.preview.Use(limits, layout) }, nil
}

// Prompt returns the exact bytes of the request about a bundle and does not send them:
// the output of --dry-run. For provider none it returns the request of provider openai.
func (a *Advisor) Prompt(b evidence.Bundle) []byte {
	adv, f := analyse(&b)
	return a.preview.Prompt(f, adv)
}

// Advise returns the advice of the rules and the additions of the LLM. It never fails:
// if the LLM adds nothing, a warning says why.
func (a *Advisor) Advise(ctx context.Context, b evidence.Bundle) episode.Advice {
	adv, f := analyse(&b)
	if a.analyst == nil {
		return adv
	}
	if a.Paused != nil && a.Paused() {
		adv.Warnings = append(adv.Warnings, "the LLM was not asked: it is paused (sidecar resume llm)")
		return adv
	}
	added, err := a.analyst.Consult(ctx, f, adv)
	if err != nil {
		adv.Warnings = append(adv.Warnings, fmt.Sprintf("the advice comes from the rules only: %v", err))
		a.logOf(b).Warn("LLM gave no advice", "err", err)
		return adv
	}
	add(&adv, f, added, b.Episode)
	a.logOf(b).Info("LLM gave advice", "findings", len(added.Findings), "rejected", len(added.Rejected))
	return adv
}

// logOf names the episode in each line, as the loop does.
func (a *Advisor) logOf(b evidence.Bundle) *slog.Logger {
	return a.log.With("episode", b.Episode, "cluster", b.Cluster, "job", b.Job)
}

// add appends the additions of an LLM. The numbers of the existing findings do not
// change.
func add(adv *episode.Advice, f *cause.Facts, added llm.Additions, episodeID string) {
	rank(added.Findings, func(episode.Finding) bool { return false })
	f.Temper(added.Findings)
	number(added.Findings, episodeID, len(adv.Findings)+1)
	adv.Findings = append(adv.Findings, added.Findings...)
	adv.Observations = append(adv.Observations, added.Observations...)
	adv.Rejected = append(adv.Rejected, added.Rejected...)
}

// Up reports whether the LLM answered the last request. known is false before the first
// request.
func (a *Advisor) Up() (up, known bool) {
	if a.analyst == nil {
		return false, false
	}
	return a.analyst.Up()
}

// Failure returns why the last request to the LLM failed, and since when requests have had this
// result. It is nil after one that succeeded, and without an LLM.
func (a *Advisor) Failure() (since time.Time, failure error) {
	if a.analyst == nil {
		return time.Time{}, nil
	}
	return a.analyst.Failure()
}

// Collector returns the advisor's metrics.
func (a *Advisor) Collector() prometheus.Collector { return a.metrics }

// Publish exports the findings of a job as metrics and replaces the earlier ones of
// that job. Findings without impact are left out because they have no number.
func (a *Advisor) Publish(job episode.JobRef, vertex string, adv episode.Advice) {
	a.metrics.publish(job, vertex, adv.Findings)
}
