package measure

import (
	"reflect"
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// probeRecords are the records of the probe in the history.
type probeRecords interface {
	Intended(from, to time.Time) (records []episode.ProbeRecord, forgotten time.Time, err error)
}

// countedAgain is the age until which a measurement is counted again although no record is
// pending: a record may come into the history after its minute was counted.
const countedAgain = 2 * time.Minute

// unsettled reports whether the accounts of a measurement may still change.
func unsettled(m episode.Measurement, now time.Time) bool {
	return m.Records(episode.Pending) > 0 || now.Sub(m.Ended) < countedAgain
}

// forgottenWarning is in a measurement whose records the history does not keep any more.
const forgottenWarning = "what became of the probe's records is not known: too many came after them " +
	"(lower probe.max_rate)"

// complete counts the records that were due in the span of each measurement. It returns the
// measurements whose accounts changed, and those that may still change. A measurement without accounts has no probe.
func (m *Measurer) complete(open []episode.Measurement) (changed, still []episode.Measurement) {
	changed, still, err := completed(m.History.Probes(), open, time.Now())
	if err != nil {
		m.Log.Error("The accounts of measurements cannot be counted, it is tried again", "err", err)
	}
	return changed, still
}

// completeAll is complete, and does the same for the measurements of episodes.
func (m *Measurer) completeAll(open []episode.Measurement) (changed, still []episode.Measurement) {
	if err := completeEpisodes(m.History, m.History.Probes()); err != nil {
		m.Log.Error("The accounts of episodes cannot be completed, it is tried again", "err", err)
	}
	return m.complete(open)
}

func completed(probes probeRecords, open []episode.Measurement, now time.Time) (
	changed, still []episode.Measurement, err error,
) {
	open = slices.DeleteFunc(slices.Clone(open), func(m episode.Measurement) bool { return len(m.Accounts) == 0 })
	if len(open) == 0 {
		return nil, nil, nil
	}
	from, to := spanOf(open)
	records, forgotten, err := probes.Intended(from, to)
	if err != nil {
		return unknownAccounts(open), open, err
	}
	for _, m := range open {
		if !forgotten.Before(m.Began) {
			changed = append(changed, unknownAccounts([]episode.Measurement{m})...)
			continue
		}
		next := m
		next.Accounts = m.AccountsOf(records)
		if !reflect.DeepEqual(next.Accounts, m.Accounts) {
			changed = append(changed, next)
		}
		if unsettled(next, now) {
			still = append(still, next)
		}
	}
	return changed, still, nil
}

// unknownAccounts takes the accounts out of measurements that were never counted: nothing
// counted is not zero. A measurement that was counted keeps what it has.
func unknownAccounts(ms []episode.Measurement) (changed []episode.Measurement) {
	for _, m := range ms {
		if slices.ContainsFunc(m.Accounts, func(a episode.Account) bool { return a.Intended > 0 }) {
			continue
		}
		m.Accounts, m.Warnings = nil, append(slices.Clip(m.Warnings), forgottenWarning)
		changed = append(changed, m)
	}
	return changed
}

// spanOf is from the first begin to the last end.
func spanOf(ms []episode.Measurement) (from, to time.Time) {
	for i, m := range ms {
		if i == 0 || m.Began.Before(from) {
			from = m.Began
		}
		if m.Ended.After(to) {
			to = m.Ended
		}
	}
	return from, to
}

// episodeAccounts are the episodes in the history.
type episodeAccounts interface {
	Episodes(of episode.JobRef, before string, limit int) ([]episode.Episode, error)
	PutAccounts(id string, accounts []episode.Account) error
}

// episodesCompleted is how many of the newest episodes are looked at: their records are
// final within minutes.
const episodesCompleted = 50

// completeEpisodes completes the measurements of the newest episodes.
func completeEpisodes(episodes episodeAccounts, probes probeRecords) error {
	recent, err := episodes.Episodes(episode.JobRef{}, "", episodesCompleted)
	if err != nil {
		return err
	}
	now := time.Now()
	for _, ep := range recent {
		m := ep.Measurement
		if m == nil || m.Kind != episode.KindWindow || !unsettled(*m, now) {
			continue
		}
		changed, _, err := completed(probes, []episode.Measurement{*m}, now)
		if err != nil {
			return err
		}
		for _, c := range changed {
			if err := episodes.PutAccounts(ep.ID, c.Accounts); err != nil {
				return err
			}
		}
	}
	return nil
}
