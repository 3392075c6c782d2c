package advisor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	openai "github.com/sashabaranov/go-openai"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// analyst is who is asked beside the rules.
type analyst interface {
	// ask returns the text of the answer. Its errors end in what to do and hold
	// no secret.
	ask(ctx context.Context, request openai.ChatCompletionRequest) (string, error)
}

// What can be wrong with an answer as a whole.
var (
	errTruncated   = errors.New("the answer was cut off (raise advisor.openai.max_tokens)")
	errRefused     = errors.New("the model refused to answer")
	errUnreachable = errors.New("the LLM can't be reached")
	errSlow        = errors.New("the LLM didn't answer in time")
	errStatus      = errors.New("the LLM's server refused")
	errBudget      = errors.New("the day's requests are used up (raise advisor.requests_per_day)")
	errNoAnswer    = errors.New("no answer yet")
)

// Advisor gives advice: the rules', and what an LLM adds. It is safe for
// concurrent use.
type Advisor struct {
	cfg     Config
	analyst analyst // nil for rules only
	metrics *metrics
	log     *slog.Logger

	// Paused says, when it is set and returns true, that nothing may be asked of
	// the LLM now. Set it before the first use.
	Paused func() bool
	// Now is time.Now unless a test sets it.
	Now func() time.Time

	mu    sync.Mutex
	asked []time.Time // of the last 24 hours, oldest first
	up    *bool       // nil until the LLM was asked
}

// New returns an Advisor for a valid configuration. It contacts nobody.
func New(cfg Config, log *slog.Logger) (*Advisor, error) {
	a := &Advisor{cfg: cfg, metrics: newMetrics(), log: log.With("component", "advisor"), Now: time.Now}
	switch cfg.Provider {
	case ProviderOpenAI:
		client, err := newOpenAI(cfg.OpenAI, a.metrics)
		if err != nil {
			return nil, err
		}
		a.analyst = client
	case ProviderFile:
		a.analyst = &byHand{cfg: cfg.File}
	}
	return a, nil
}

// Advise returns the rules' advice with what the LLM added to it. It never
// fails: if the LLM is no help, a warning says why.
func (a *Advisor) Advise(ctx context.Context, b evidence.Bundle) episode.Advice {
	adv, f := analyse(&b)
	if a.analyst == nil {
		return adv
	}
	if a.Paused != nil && a.Paused() {
		adv.Warnings = append(adv.Warnings, "the LLM was not asked: it is paused (sidecar resume llm)")
		return adv
	}
	given, err := a.consult(ctx, a.request(&b, adv))
	if err != nil {
		adv.Warnings = append(adv.Warnings, fmt.Sprintf("advice is the rules' alone: %v", err))
		a.log.Warn("LLM gave no advice", "err", err)
		return adv
	}
	merge(f, &adv, given, a.source())
	a.metrics.rejected(adv.Rejected)
	a.log.Info("LLM gave advice", "findings", len(given.Findings), "rejected", len(adv.Rejected))
	return adv
}

// source is how findings of the LLM are marked.
func (a *Advisor) source() string {
	if a.cfg.Provider == ProviderFile {
		return "llm:file"
	}
	return "llm:" + evidence.Clean(a.cfg.OpenAI.Model, maxTitle)
}

// consult asks once, and once more if the answer can be mended.
func (a *Advisor) consult(ctx context.Context, request openai.ChatCompletionRequest) (answer, error) {
	content, err := a.ask(ctx, request)
	if err == nil {
		var given answer
		if given, err = parseAnswer(content); err == nil {
			return given, nil
		}
		a.metrics.requests.WithLabelValues(resultInvalid).Inc()
	}
	if a.cfg.Provider == ProviderFile || (!errors.Is(err, errAnswer) && !errors.Is(err, errTruncated)) {
		return answer{}, err
	}
	a.log.Info("LLM is asked to repair its answer", "err", err)
	if content, err = a.ask(ctx, repair(request, content, err)); err != nil {
		return answer{}, err
	}
	given, err := parseAnswer(content)
	if err != nil {
		a.metrics.requests.WithLabelValues(resultInvalid).Inc()
		return answer{}, fmt.Errorf("%w, twice", err)
	}
	return given, nil
}

func (a *Advisor) ask(ctx context.Context, request openai.ChatCompletionRequest) (string, error) {
	if !a.spend() {
		a.metrics.requests.WithLabelValues(resultBudget).Inc()
		return "", errBudget
	}
	content, err := a.analyst.ask(ctx, request)
	a.metrics.requests.WithLabelValues(resultOf(err)).Inc()
	a.note(err)
	return content, err
}

// spend takes one request from the day's, if one is left.
func (a *Advisor) spend() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.Now()
	for len(a.asked) > 0 && now.Sub(a.asked[0]) >= 24*time.Hour {
		a.asked = a.asked[1:]
	}
	if len(a.asked) >= a.cfg.RequestsPerDay {
		return false
	}
	a.asked = append(a.asked, now)
	return true
}

func (a *Advisor) note(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	up := !errors.Is(err, errUnreachable) && !errors.Is(err, errSlow) && !errors.Is(err, errStatus)
	a.up = &up
}

// Up says whether the LLM answered when it was asked last; known is false when
// it was not asked yet.
func (a *Advisor) Up() (up, known bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.up == nil {
		return false, false
	}
	return *a.up, true
}

// Collector returns the advisor's metrics.
func (a *Advisor) Collector() prometheus.Collector { return a.metrics }

// Publish shows the findings of a job on the metrics page, in place of those
// that were shown for it before. Findings without impact are not shown: there
// is no number to show.
func (a *Advisor) Publish(job episode.JobRef, vertex string, adv episode.Advice) {
	a.metrics.publish(job, vertex, adv.Findings)
}
