package synthetic

import (
	"fmt"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// lossesThatContradict is how many records in a row are lost at one sink, while
// others see them, before that is a problem with a name.
const lossesThatContradict = 3

// contradict compares the sinks. What was checked once can change: records that
// are lost at one sink only are a reason to check that sink again, and to show
// it.
func (p *Prober) contradict(steps []step) {
	for _, s := range p.sinks {
		for _, step := range steps {
			if step.sink == s.watch.Sink() {
				s.compare(step, p.clock().wall)
			}
		}
	}
}

// compare takes one change of one record at the sink. A sink that can't be
// watched has a problem of its own.
func (s *watchedSink) compare(change step, now time.Time) {
	switch {
	case change.to == episode.OnTime, change.to == episode.Late, change.seenAfter != "", s.watch.Unwatchable() != nil:
		s.losses = 0
		s.watch.Note("records", nil)
	case change.to == episode.Lost && change.from == episode.Pending && change.elsewhere:
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

// contradiction is the problem; its text does not change while it lasts.
func (s *watchedSink) contradiction() error {
	return fmt.Errorf(
		"%s: since %s all records are lost at sink %q, but other sinks show them (check that the job writes "+
			"them there, and that sinks[name=%s] names the right place)",
		s.watch.target, s.lossSince.UTC().Format(time.RFC3339), s.watch.Sink(), s.watch.Sink())
}
