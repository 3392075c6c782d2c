package llm

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/flink-sidecar/flink-sidecar/advisor/cause"
	"github.com/flink-sidecar/flink-sidecar/internal/contact"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// Limits bound the size of the prompt and the cost of an LLM.
type Limits struct {
	// RequestsPerDay is the maximum number of requests in any 24 hours, including
	// repairs.
	RequestsPerDay int
	// Evidence is the maximum number of lines of evidence in a prompt.
	Evidence int
}

// Analyst asks an LLM for additions to the findings of the rules, and keeps those that
// the evidence supports. It is safe for concurrent use.
type Analyst struct {
	contact.Contact // with the LLM

	provider Provider
	metrics  *metrics
	log      *slog.Logger

	// Now is time.Now unless a test sets it.
	Now func() time.Time

	mu     sync.Mutex
	limits Limits
	layout Layout      // how the question is written
	asked  []time.Time // requests of the last 24 hours, oldest first
}

// New returns an Analyst that asks through a provider. It makes no request.
func New(provider Provider, limits Limits, log *slog.Logger) *Analyst {
	return &Analyst{provider: provider, limits: limits, metrics: newMetrics(), log: log, Now: time.Now}
}

// Use sets the limits and how the question is written, also while the sidecar runs. The requests of the
// last 24 hours count on.
func (a *Analyst) Use(limits Limits, layout Layout) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.limits, a.layout = limits, layout
}

// question is the first one about a bundle.
func (a *Analyst) question(f *cause.Facts, adv episode.Advice) Question {
	a.mu.Lock()
	layout, evidence := a.layout, a.limits.Evidence
	a.mu.Unlock()
	return firstQuestion(f.Bundle, adv, layout, evidence)
}

// Prompt returns the exact bytes of the request about the facts and the advice of the
// rules, and does not send them.
func (a *Analyst) Prompt(f *cause.Facts, adv episode.Advice) []byte {
	return a.provider.Prompt(a.question(f, adv))
}

// Consult asks about the facts and the advice of the rules, and returns the additions
// of the answer. Its errors end in what to do and hold no secret.
func (a *Analyst) Consult(ctx context.Context, f *cause.Facts, adv episode.Advice) (Additions, error) {
	given, err := a.answer(ctx, a.question(f, adv))
	if err != nil {
		return Additions{}, err
	}
	added := verifyAnswer(f, given, a.provider.Source())
	a.metrics.rejected(added.Rejected)
	return added, nil
}

// answer asks once, and once more if the answer is repairable.
func (a *Analyst) answer(ctx context.Context, q Question) (Answer, error) {
	given, said, err := a.request(ctx, q)
	if _, byHand := a.provider.(*File); byHand || (!errors.Is(err, errAnswer) && !errors.Is(err, errTruncated)) {
		return given, err
	}
	a.log.Info("LLM gets a request to repair its answer", "err", err)
	given, _, again := a.request(ctx, q.repair(said, err))
	if errors.Is(again, errAnswer) {
		again = fmt.Errorf("%w, twice", again)
	}
	return given, again
}

// request asks and reads the answer. It repeats the request while the provider omits
// another parameter that the server refuses.
func (a *Analyst) request(ctx context.Context, q Question) (given Answer, said string, err error) {
	var reply Reply
	for adapted := true; adapted; adapted = errors.Is(err, errAdapted) {
		if reply, err = a.send(ctx, q); errors.Is(err, errAdapted) {
			a.log.Info("LLM request is repeated without the refused parameter", "err", err)
		}
	}
	if err != nil {
		return Answer{}, reply.Content, err
	}
	given, err = parseAnswer(reply.Content)
	switch {
	case err == nil:
		return given, reply.Content, nil
	case reply.Truncated:
		err = errTruncated
	}
	a.metrics.requests.WithLabelValues(resultOf(err)).Inc()
	return Answer{}, reply.Content, err
}

// send makes one request if the day's budget allows it.
func (a *Analyst) send(ctx context.Context, q Question) (Reply, error) {
	if !a.spend() {
		a.metrics.requests.WithLabelValues(resultBudget).Inc()
		return Reply{}, errBudget
	}
	reply, err := a.provider.Ask(ctx, q)
	a.metrics.requests.WithLabelValues(resultOf(err)).Inc()
	a.metrics.tokens.WithLabelValues("prompt").Add(float64(max(0, reply.PromptTokens)))
	a.metrics.tokens.WithLabelValues("completion").Add(float64(max(0, reply.CompletionTokens)))
	a.note(err)
	return reply, err
}

// spend takes one request from the day's budget. It returns false if none is left.
func (a *Analyst) spend() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.Now()
	for len(a.asked) > 0 && now.Sub(a.asked[0]) >= 24*time.Hour {
		a.asked = a.asked[1:]
	}
	if len(a.asked) >= a.limits.RequestsPerDay {
		return false
	}
	a.asked = append(a.asked, now)
	return true
}

func (a *Analyst) note(err error) {
	up := !errors.Is(err, errUnreachable) && !errors.Is(err, errSlow) && !errors.Is(err, errStatus)
	a.Note(a.Now(), up, err)
}

// Collector returns the metrics about requests, tokens and dropped claims.
func (a *Analyst) Collector() prometheus.Collector { return a.metrics }
