package synthetic

import (
	"maps"
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// step is the effect of one change of one record on the account of one sink. An account
// is a sum of steps: all steps for the totals, and the steps of a round or of a time
// window for a measurement.
type step struct {
	sink, seed string
	// from is empty if the record is new to the account.
	from, to   episode.RecordOutcome
	duplicates int
	// elsewhere is set when another sink has seen the record.
	elsewhere bool
	// seenAfter is the final outcome after which the record was seen, "" if it was not.
	seenAfter episode.RecordOutcome
	// order is the record's order if it became known, "" if not.
	order episode.RecordOrder
}

// stepsBetween returns the changes from one stored state of a record to the next.
// before is nil if the record was never stored.
func stepsBetween(before, after *episode.ProbeRecord) []step {
	var steps []step
	for i := range after.Sinks {
		now := &after.Sinks[i]
		var was episode.AtSink
		if before != nil {
			was = before.Sinks[i]
		}
		s := step{
			sink: now.Sink, seed: after.Seed, from: was.Outcome, to: now.Outcome,
			duplicates: now.Duplicates - was.Duplicates,
		}
		if now.SeenAfter && !was.SeenAfter {
			s.seenAfter = now.Outcome
		}
		if now.Order != was.Order {
			s.order = now.Order
		}
		s.elsewhere = slices.ContainsFunc(after.Sinks, func(at episode.AtSink) bool {
			return at.Sink != now.Sink && seen(&at)
		})
		if s.from != s.to || s.duplicates != 0 || s.seenAfter != "" || s.order != "" {
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
func (a *accounts) apply(s step) {
	account := a.of(s.sink)
	if s.from == "" {
		account.Intended++
	} else {
		account.Outcomes[s.from]--
	}
	account.Outcomes[s.to]++
	account.Duplicates += int64(s.duplicates)
	switch s.order {
	case episode.InOrder:
		account.InOrder++
	case episode.Reordered:
		account.Reordered++
	}
	switch s.seenAfter {
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
