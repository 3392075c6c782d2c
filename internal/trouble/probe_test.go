package trouble

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// prober is a probe of two sinks that sends a record every 15 seconds.
type prober struct {
	*testing.T
	watch *Watch
	probe Probe
	now   time.Time
}

func newProber(t *testing.T) *prober {
	t.Helper()
	return &prober{T: t, watch: NewWatch(), now: beginning, probe: Probe{
		Cluster: "prod", Job: healthy(), OnTimeWithin: time.Minute, Sinks: []Sink{{Name: "out"}, {Name: "search"}},
	}}
}

// next looks again after an interval, in which so many records arrived at each sink.
func (p *prober) next(out, search int64) *prober {
	p.now = p.now.Add(every)
	for i, n := range []int64{out, search} {
		s := &p.probe.Sinks[i]
		s.Arrived += n
		s.Pending += 1 - n
	}
	p.watch.Probed(p.probe, p.now)
	return p
}

func (p *prober) quiet() {
	p.Helper()
	require.Empty(p, p.watch.List())
}

func (p *prober) silent(subject string) Trouble {
	p.Helper()
	list := p.watch.List()
	require.Len(p, list, 1)
	require.Equal(p, ProbeRecordsMissing, list[0].Kind)
	require.Equal(p, subject, list[0].Subject)
	return list[0]
}

// TestProbeRecordsDoNotArrive: the trouble is there at the first look after a record is
// overdue.
func TestProbeRecordsDoNotArrive(t *testing.T) {
	p := newProber(t)
	for range 10 {
		p.next(1, 1).quiet()
	}
	for range 4 { // the first was sent in the interval before the first of these looks
		p.next(0, 0).quiet()
	}
	p.next(0, 0)
	found := p.silent("out, search")
	require.Equal(t, `no probe record of job "orders" has arrived at any sink (out, search) within 1 min`, found.Seen)
	require.Equal(t, p.now.Add(-time.Minute), found.Since)

	for i := range p.probe.Sinks { // the cut-off, and nothing is sent any more
		p.probe.Sinks[i].Lost, p.probe.Sinks[i].Pending = p.probe.Sinks[i].Pending, -1
	}
	p.next(0, 0).silent("out, search")
	p.probe.Blind = true
	p.next(0, 0).silent("out, search")
	p.probe.Blind = false
	p.next(1, 0)
	require.Equal(t, "no probe record has arrived at search within 1 min", p.silent("search").Seen)
	p.next(1, 1).quiet()
}

// TestSlowRecordsArrive: late is not missing.
func TestSlowRecordsArrive(t *testing.T) {
	p := newProber(t)
	for range 3 {
		p.next(0, 0).quiet()
	}
	for range 20 {
		p.next(1, 1).quiet()
	}
}

// TestLostAtOnce has a cut-off that is as long as a record may take.
func TestLostAtOnce(t *testing.T) {
	p := newProber(t)
	p.probe.Sinks = p.probe.Sinks[:1]
	look := func(s Sink) {
		s.Name = "out"
		p.probe.Sinks[0], p.now = s, p.now.Add(every)
		p.watch.Probed(p.probe, p.now)
	}
	look(Sink{Arrived: 9})
	for range 4 {
		look(Sink{Arrived: 9, Pending: 1})
		p.quiet()
	}
	look(Sink{Arrived: 9, Lost: 1})
	p.silent("out")

	p.watch = NewWatch()
	look(Sink{Arrived: 9, Pending: 1})
	look(Sink{Arrived: 9, Lost: 1})
	for range 2 {
		look(Sink{Arrived: 9, Lost: 1})
		p.quiet()
	}
	look(Sink{Arrived: 9, Lost: 1})
	p.silent("out")
}

// TestNobodyCouldSeeTheRecords: while the job restarts or a server is down, the time does
// not count.
func TestNobodyCouldSeeTheRecords(t *testing.T) {
	p := newProber(t)
	p.next(1, 1)
	p.probe.Blind = true
	for range 10 {
		p.next(0, 0).quiet()
	}
	p.probe.Blind = false
	for _, job := range []snapshot.Job{
		{Name: "orders"},
		{Name: "orders", Known: true, State: "RESTARTING"},
		{Name: "orders", Known: true, State: "RUNNING"},
	} {
		p.probe.Job = job
		for range 10 {
			p.next(0, 0).quiet()
		}
	}
	p.probe.Job = healthy()
	for range 4 {
		p.next(0, 0).quiet()
	}
	p.next(0, 0).silent("out, search")
	p.probe.Job.State = "CANCELED"
	p.next(0, 0).quiet()
}

// TestNothingIsSent: a record that was not sent, or never acknowledged, is not missing.
func TestNothingIsSent(t *testing.T) {
	p := newProber(t)
	p.next(1, 1)
	for range 20 {
		for i := range p.probe.Sinks {
			p.probe.Sinks[i].Pending = -1 // what next adds
		}
		p.next(0, 0).quiet()
	}
}
