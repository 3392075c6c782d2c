package history

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// TestProbeRecordsProperty applies random valid changes to probe records: batches in
// any order, old states put again, restarts, and forgotten records. A separate count of
// the true states gives the expected totals.
func TestProbeRecordsProperty(t *testing.T) {
	for seed := range uint64(10) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			p := &prober{rng: rand.New(rand.NewPCG(seed, 1)), store: openNew(t)}
			p.store.Probes().Keep = 8
			for range 80 {
				p.step(t)
				require.NoError(t, p.store.Probes().Verify())
				require.Equal(t, p.expected(), totals(t, p.store.Probes()))
			}
		})
	}
}

// prober generates the changes of records.
type prober struct {
	rng   *rand.Rand
	store *Store
	truth []episode.ProbeRecord // the state that was put last, by number
}

func (p *prober) step(t *testing.T) {
	var batch, older []episode.ProbeRecord
	for _, n := range p.rng.Perm(len(p.truth) + 2)[:1+p.rng.IntN(2)] {
		if n >= len(p.truth) {
			n = len(p.truth)
			p.truth = append(p.truth, record(n, episode.Pending, episode.Pending))
		}
		was := p.truth[n]
		p.truth[n] = p.advance(was)
		batch = append(batch, p.truth[n])
		if sameFates(was, p.truth[n]) {
			older = append(older, was)
		}
	}
	puts := [][]episode.ProbeRecord{batch}
	if p.rng.IntN(4) == 0 {
		puts = append(puts, batch, older) // an acknowledgement was lost; an old copy was left over
	}
	for _, records := range puts {
		require.NoError(t, p.store.Probes().Put(records))
	}
	if p.rng.IntN(20) == 0 {
		p.store = reopen(t, p.store)
		p.store.Probes().Keep = 8
	}
}

// advance returns a later state of a record. A kept record may change in any valid way,
// a forgotten one does not change. No record is not_sent at all sinks, because such a
// record always counts as new.
func (p *prober) advance(r episode.ProbeRecord) episode.ProbeRecord {
	if !p.kept(r) {
		return r
	}
	final := []episode.RecordOutcome{episode.ProduceFailed, episode.OnTime, episode.Late, episode.Lost}
	sinks := append([]episode.AtSink{}, r.Sinks...)
	for i := range sinks {
		switch s := &sinks[i]; {
		case s.Outcome == episode.Pending && p.rng.IntN(2) == 0:
			s.Outcome = final[p.rng.IntN(len(final))]
		case s.Outcome == episode.Lost || s.Outcome == episode.ProduceFailed:
			s.SeenAfter = s.SeenAfter || p.rng.IntN(3) == 0
		case s.Outcome == episode.OnTime:
			s.Duplicates += p.rng.IntN(2)
		}
		if s := &sinks[i]; s.Order == "" && s.Outcome == episode.OnTime {
			s.Order = []episode.RecordOrder{"", episode.InOrder, episode.Reordered}[p.rng.IntN(3)]
		}
		if s := &sinks[i]; s.Latency == nil && s.Outcome == episode.OnTime {
			latency := time.Duration(p.rng.IntN(1000)) * time.Millisecond
			s.Latency = &latency
		}
	}
	r.Sinks = sinks
	return r
}

func (p *prober) kept(r episode.ProbeRecord) bool {
	records, _ := p.store.Probes().Recent(0)
	for _, k := range records {
		if k.Seed == r.Seed {
			return true
		}
	}
	return false
}

func sameFates(a, b episode.ProbeRecord) bool {
	for i := range a.Sinks {
		if a.Sinks[i].Outcome != b.Sinks[i].Outcome {
			return false
		}
	}
	return true
}

// expected counts the true states.
func (p *prober) expected() []episode.Account {
	out := []episode.Account{}
	for _, r := range p.truth {
		for i, s := range r.Sinks {
			if i == len(out) {
				out = append(out, episode.Account{Sink: s.Sink, Outcomes: map[episode.RecordOutcome]int64{}})
			}
			out[i].Intended++
			out[i].Outcomes[s.Outcome]++
			out[i].Duplicates += int64(s.Duplicates)
			switch s.Order {
			case episode.InOrder:
				out[i].InOrder++
			case episode.Reordered:
				out[i].Reordered++
			}
			if s.SeenAfter && s.Outcome == episode.Lost {
				out[i].SeenAfterLost++
			}
			if s.SeenAfter && s.Outcome == episode.ProduceFailed {
				out[i].SeenAfterProduceFailed++
			}
		}
	}
	return out
}
