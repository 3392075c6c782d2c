package synthetic

import (
	"fmt"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/synthetic/account"
)

// lossesThatContradict is the number of consecutive records, lost at one sink but seen
// at others, from which the sink has a problem.
const lossesThatContradict = 3

// contradict compares the sinks. A sink that passed its check can become wrong later.
// If records are lost at one sink only, that sink is checked again and the status shows
// the problem.
func (p *Prober) contradict(steps []account.Step) {
	for _, s := range p.sinks {
		for _, step := range steps {
			if step.Sink == s.watch.Sink() {
				s.compare(step, p.clock().Wall)
			}
		}
	}
}

// compare processes one change of one record at the sink. A sink that can't be watched or
// whose server is down is skipped: it has a problem already, and nobody can see its records.
func (s *watchedSink) compare(change account.Step, now time.Time) {
	switch {
	case change.To == episode.OnTime, change.To == episode.Late, change.SeenAfter != "", s.watch.lastFailure() != nil:
		s.losses = 0
		s.watch.Note("records", nil)
	case change.To == episode.Lost && change.From == episode.Pending && change.Elsewhere:
		if s.losses == 0 {
			s.lossSince = now
		}
		s.losses++
		if s.losses >= lossesThatContradict {
			s.watch.setChecked(false)
			s.watch.Note("records", s.contradiction())
		}
	}
}

// contradiction returns the problem. Its text is constant while the problem lasts.
func (s *watchedSink) contradiction() error {
	return fmt.Errorf(
		"%s: since %s all records are lost at sink %q, but other sinks show them (check that the job writes "+
			"them there, and that sinks[name=%s] names the right place)",
		s.watch.target, s.lossSince.UTC().Format(time.RFC3339), s.watch.Sink(), s.watch.Sink())
}
