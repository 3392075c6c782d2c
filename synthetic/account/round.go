package account

import (
	"maps"
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/synthetic/clock"
)

// Round is what became of the records of a round, as stored in the history.
type Round struct {
	Seeds map[string]bool
	// Open is the number of records that are not final in the history.
	Open int
	// Began is when the first record was due, Ended when the last outcome became final. Both
	// are zero for a round without records, Ended also while no record is final.
	Began, Ended clock.Moment
	// Accounts are those of the round's records, in the order of the configuration.
	Accounts []episode.Account
	Samples  []Sample
}

// Round sums up the records of a round that are remembered or kept.
func (r *Recorder) Round(id string) Round {
	round := Round{Seeds: map[string]bool{}}
	accounts := newAccounts(r.sinks)
	r.view(func(t *Tracker) {
		for e := range t.ofRound(id) {
			round.add(e, accounts)
		}
	})
	round.Accounts = accounts.snapshot()
	return round
}

func (r *Round) add(e *entry, accounts *accounts) {
	r.Seeds[e.record.Seed] = true
	if len(r.Seeds) == 1 || e.intended.Before(r.Began) {
		r.Began = e.intended
	}
	if e.final != nil && r.Ended.Before(*e.final) {
		r.Ended = *e.final
	}
	if e.unfinished() {
		r.Open++
	}
	if e.stored != nil {
		for _, s := range stepsBetween(nil, e.stored) {
			accounts.apply(s)
		}
	}
	r.Samples = append(r.Samples, e.measured...)
}

// Unfinished reports whether a record of the round is not final in the history. A
// forgotten record is.
func (r *Recorder) Unfinished(round string) (open bool) {
	r.view(func(t *Tracker) {
		for _, e := range t.entries {
			open = open || e.record.Round == round && e.unfinished()
		}
	})
	return open
}

// LatestRound returns the newest round of which no remembered record is open, "" if there
// is none.
func (r *Recorder) LatestRound() string {
	final := map[string]bool{}
	r.view(func(t *Tracker) {
		for _, e := range t.entries {
			was, known := final[e.record.Round]
			final[e.record.Round] = (was || !known) && e.stored != nil && !e.stored.Open()
		}
	})
	for _, round := range slices.Backward(slices.Sorted(maps.Keys(final))) {
		if final[round] {
			return round
		}
	}
	return ""
}

// Progress is the state of a round that is under way.
type Progress struct {
	// Records is the number of records of the round, Sent the number that Kafka has
	// stored, and Final the number whose outcome is final at every sink.
	Records, Sent, Final int
	// Seen is the number of records that each sink shows, in the order of the
	// configuration.
	Seen []SeenAtSink
}

// SeenAtSink is the number of records of a round that one sink shows.
type SeenAtSink struct {
	Sink    string
	Records int
}

// Progress returns the state of a round of n records.
func (r *Recorder) Progress(round string, n int) *Progress {
	progress := &Progress{Records: n}
	for _, sink := range r.sinks {
		progress.Seen = append(progress.Seen, SeenAtSink{Sink: sink})
	}
	r.view(func(t *Tracker) {
		for e := range t.ofRound(round) {
			progress.add(e)
		}
	})
	return progress
}

func (p *Progress) add(e *entry) {
	if e.record.Acknowledged != nil {
		p.Sent++
	}
	if !e.unfinished() {
		p.Final++
	}
	for i := range p.Seen {
		if at := e.at(p.Seen[i].Sink); at != nil && seen(at) {
			p.Seen[i].Records++
		}
	}
}
