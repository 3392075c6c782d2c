package synthetic

import (
	"maps"
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// step is what one change of one record means for the account of one sink. An
// account is the sum of steps: all of them for the totals, those of a round or
// of a stretch of time for a measurement.
type step struct {
	sink, seed string
	// from is empty for a record that is new to the account.
	from, to   episode.RecordOutcome
	duplicates int
	// elsewhere is set when another sink has seen the record.
	elsewhere bool
	// seenAfter is the final outcome after which the record was seen, "" if not.
	seenAfter episode.RecordOutcome
}

// stepsBetween returns what changed from one stored state of a record to its
// next; before is nil for a record that was never stored.
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
		s.elsewhere = slices.ContainsFunc(after.Sinks, func(at episode.AtSink) bool {
			return at.Sink != now.Sink && seen(&at)
		})
		if s.from != s.to || s.duplicates != 0 || s.seenAfter != "" {
			steps = append(steps, s)
		}
	}
	return steps
}

// accounts is the bookkeeping of some sinks, in the order of the configuration.
type accounts struct {
	order  []string
	bySink map[string]*episode.Account
}

// newAccounts returns empty accounts with every outcome at a measured zero.
func newAccounts(sinks []string) *accounts {
	a := &accounts{bySink: map[string]*episode.Account{}}
	for _, sink := range sinks {
		a.of(sink)
	}
	return a
}

// of returns the account of a sink and opens it if need be.
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

// restore sets an account to what the history says it was.
func (a *accounts) restore(stored episode.Account) {
	account := a.of(stored.Sink)
	maps.Copy(account.Outcomes, stored.Outcomes)
	account.Intended = stored.Intended
	account.Duplicates = stored.Duplicates
	account.SeenAfterLost = stored.SeenAfterLost
	account.SeenAfterProduceFailed = stored.SeenAfterProduceFailed
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
	switch s.seenAfter {
	case episode.Lost:
		account.SeenAfterLost++
	case episode.ProduceFailed:
		account.SeenAfterProduceFailed++
	}
}

// snapshot returns copies, which do not change any more.
func (a *accounts) snapshot() []episode.Account {
	out := make([]episode.Account, 0, len(a.order))
	for _, sink := range a.order {
		account := *a.bySink[sink]
		account.Outcomes = maps.Clone(account.Outcomes)
		out = append(out, account)
	}
	return out
}

// cloneRecord copies a record so that the copy does not change with it. The
// From maps are shared: they are never written after a record was intended.
func cloneRecord(r *episode.ProbeRecord) episode.ProbeRecord {
	out := *r
	out.Sinks = slices.Clone(r.Sinks)
	return out
}
