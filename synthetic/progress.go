package synthetic

// RoundProgress is the state of a round on demand that is under way.
type RoundProgress struct {
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

// roundUnderWay names a round on demand.
type roundUnderWay struct {
	id string
	n  int
}

// roundProgress returns the progress of the newest round on demand; nil if none is under
// way.
func (p *Prober) roundProgress() *RoundProgress {
	round := p.current.Load()
	if round == nil {
		return nil
	}
	progress := &RoundProgress{Records: round.n}
	for _, sink := range p.sinkNames() {
		progress.Seen = append(progress.Seen, SeenAtSink{Sink: sink})
	}
	p.recorder.view(func(t *tracker) {
		for e := range t.ofRound(round.id) {
			progress.add(e)
		}
	})
	return progress
}

func (r *RoundProgress) add(e *entry) {
	if e.record.Acknowledged != nil {
		r.Sent++
	}
	if !e.unfinished() {
		r.Final++
	}
	for i := range r.Seen {
		if at := e.at(r.Seen[i].Sink); at != nil && seen(at) {
			r.Seen[i].Records++
		}
	}
}
