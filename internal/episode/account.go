package episode

// Account is the bookkeeping of one sink: how many records were intended for it, and how
// many have which outcome.
type Account struct {
	Sink     string `json:"sink"`
	Intended int64  `json:"intended"`
	// RecordOutcomes counts records by outcome; an absent outcome counts 0.
	Outcomes map[RecordOutcome]int64 `json:"fates"`
	// The attributes below are outside the sum: a record counts once under its outcome
	// and may have any of these in addition.
	Duplicates             int64 `json:"duplicates"`
	SeenAfterLost          int64 `json:"seen_after_lost"`
	SeenAfterProduceFailed int64 `json:"seen_after_produce_failed"`
	// InOrder and Reordered count the records whose order is known. Both are 0 at a sink that
	// shows no order, such as Elasticsearch: that is not a measured 0 of reordered records.
	InOrder   int64 `json:"in_order"`
	Reordered int64 `json:"reordered"`
}

// Balanced reports whether every intended record has exactly one outcome.
func (a Account) Balanced() bool {
	var sum int64
	for _, n := range a.Outcomes {
		sum += n
	}
	return sum == a.Intended
}

// Arrived is how many records the sink showed before they were given up.
func (a Account) Arrived() int64 { return a.Outcomes[OnTime] + a.Outcomes[Late] }

// Seen is how many records the sink showed at all, also after they were given up.
func (a Account) Seen() int64 { return a.Arrived() + a.SeenAfterLost + a.SeenAfterProduceFailed }

// Enter adds a record to an account, or subtracts it if by is -1.
func (a *Account) Enter(s AtSink, by int64) {
	if a.Outcomes == nil {
		a.Outcomes = map[RecordOutcome]int64{}
	}
	a.Intended += by
	if a.Outcomes[s.Outcome] += by; a.Outcomes[s.Outcome] == 0 {
		delete(a.Outcomes, s.Outcome)
	}
	a.Duplicates += by * int64(s.Duplicates)
	switch s.Order {
	case InOrder:
		a.InOrder += by
	case Reordered:
		a.Reordered += by
	}
	switch {
	case s.SeenAfter && s.Outcome == Lost:
		a.SeenAfterLost += by
	case s.SeenAfter && s.Outcome == ProduceFailed:
		a.SeenAfterProduceFailed += by
	}
}

// Incomplete is the account of the first sink at which fewer records arrived than were intended;
// ok is false if there is none.
func (m Measurement) Incomplete() (account Account, ok bool) {
	for _, account := range m.Accounts {
		if account.Arrived() < account.Intended {
			return account, true
		}
	}
	return Account{}, false
}

// Records is the number of records of the measurement with an outcome, over all sinks; 0
// also if it has no accounts.
func (m Measurement) Records(outcome RecordOutcome) (n int64) {
	for _, account := range m.Accounts {
		n += account.Outcomes[outcome]
	}
	return n
}

// AccountsOf counts, for the same sinks, the records that were intended in the span of the
// measurement. Every outcome is counted, also if it is 0.
func (m Measurement) AccountsOf(records []ProbeRecord) []Account {
	out := make([]Account, len(m.Accounts))
	for i, account := range m.Accounts {
		out[i].Sink = account.Sink
		for _, r := range records {
			if r.Intended.Before(m.Began) || !r.Intended.Before(m.Ended) {
				continue
			}
			for _, at := range r.Sinks {
				if at.Sink == account.Sink {
					out[i].Enter(at, +1)
				}
			}
		}
		counted := out[i].Outcomes
		out[i].Outcomes = map[RecordOutcome]int64{}
		for _, outcome := range RecordOutcomes() {
			out[i].Outcomes[outcome] = counted[outcome]
		}
	}
	return out
}
