package account

import (
	"maps"
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// Step is the effect of one change of one record on the account of one sink. An account
// is a sum of steps: all steps for the totals, and the steps of a round for its measurement.
type Step struct {
	Sink, Seed string
	// From is the outcome before the change, empty if the record is new to the account; To is
	// the outcome after it.
	From, To episode.RecordOutcome
	// Duplicates is the number of further sightings.
	Duplicates int
	// Elsewhere is set when another sink has seen the record.
	Elsewhere bool
	// SeenAfter is the final outcome after which the record was seen, "" if it was not.
	SeenAfter episode.RecordOutcome
	// Order is the record's order if it became known, "" if not.
	Order episode.RecordOrder
}

// stepsBetween returns the changes from one stored state of a record to the next.
// before is nil if the record was never stored.
func stepsBetween(before, after *episode.ProbeRecord) []Step {
	var steps []Step
	for i := range after.Sinks {
		now := &after.Sinks[i]
		var was episode.AtSink
		if before != nil {
			was = before.Sinks[i]
		}
		s := Step{
			Sink: now.Sink, Seed: after.Seed, From: was.Outcome, To: now.Outcome,
			Duplicates: now.Duplicates - was.Duplicates,
		}
		if now.SeenAfter && !was.SeenAfter {
			s.SeenAfter = now.Outcome
		}
		if now.Order != was.Order {
			s.Order = now.Order
		}
		s.Elsewhere = slices.ContainsFunc(after.Sinks, func(at episode.AtSink) bool {
			return at.Sink != now.Sink && seen(&at)
		})
		if s.From != s.To || s.Duplicates != 0 || s.SeenAfter != "" || s.Order != "" {
			steps = append(steps, s)
		}
	}
	return steps
}

// accounts holds the accounts of some sinks, in the order of the configuration.
type accounts struct {
	order  []string
	bySink map[string]*episode.Account
}

// Empty returns the accounts of sinks without a record. Each outcome is a measured zero.
func Empty(sinks []string) []episode.Account { return newAccounts(sinks).snapshot() }

// newAccounts returns empty accounts. Each outcome is a measured zero.
func newAccounts(sinks []string) *accounts {
	a := &accounts{bySink: map[string]*episode.Account{}}
	for _, sink := range sinks {
		a.of(sink)
	}
	return a
}

// of returns the account of a sink and creates it if needed.
func (a *accounts) of(sink string) *episode.Account {
	account, ok := a.bySink[sink]
	if !ok {
		account = &episode.Account{Sink: sink, Outcomes: map[episode.RecordOutcome]int64{}}
		for _, outcome := range episode.RecordOutcomes() {
			account.Outcomes[outcome] = 0
		}
		a.bySink[sink] = account
		a.order = append(a.order, sink)
	}
	return account
}

// restore sets an account to the totals from the history.
func (a *accounts) restore(stored episode.Account) {
	account := a.of(stored.Sink)
	maps.Copy(account.Outcomes, stored.Outcomes)
	account.Intended = stored.Intended
	account.Duplicates = stored.Duplicates
	account.SeenAfterLost = stored.SeenAfterLost
	account.SeenAfterProduceFailed = stored.SeenAfterProduceFailed
	account.InOrder, account.Reordered = stored.InOrder, stored.Reordered
}

// apply adds one step to the account of its sink.
func (a *accounts) apply(s Step) {
	account := a.of(s.Sink)
	if s.From == "" {
		account.Intended++
	} else {
		account.Outcomes[s.From]--
	}
	account.Outcomes[s.To]++
	account.Duplicates += int64(s.Duplicates)
	switch s.Order {
	case episode.InOrder:
		account.InOrder++
	case episode.Reordered:
		account.Reordered++
	}
	switch s.SeenAfter {
	case episode.Lost:
		account.SeenAfterLost++
	case episode.ProduceFailed:
		account.SeenAfterProduceFailed++
	}
}

// snapshot returns copies of the accounts.
func (a *accounts) snapshot() []episode.Account {
	out := make([]episode.Account, 0, len(a.order))
	for _, sink := range a.order {
		account := *a.bySink[sink]
		account.Outcomes = maps.Clone(account.Outcomes)
		out = append(out, account)
	}
	return out
}

// cloneRecord copies a record so that the copy is independent. The copy shares the From
// maps, which are never written after a record was intended.
func cloneRecord(r *episode.ProbeRecord) episode.ProbeRecord {
	out := *r
	out.Sinks = slices.Clone(r.Sinks)
	return out
}
