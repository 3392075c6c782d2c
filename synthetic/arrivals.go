package synthetic

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/wait"
	"github.com/flink-sidecar/flink-sidecar/synthetic/account"
	"github.com/flink-sidecar/flink-sidecar/synthetic/clock"
)

const (
	// silentFor is the time after which a record that no sink shows is a reason to speak.
	// It is well below the default cut-off, so that a wrong payload is found before the
	// records are lost.
	silentFor = 30 * time.Second
	// arrivalsEvery is the interval at which the probe checks whether records arrive.
	arrivalsEvery = time.Second
)

// NothingArrived says that Kafka has stored synthetic records and no sink shows any.
type NothingArrived struct {
	// Since is when the first of these records was sent.
	Since time.Time
	// Records is their number.
	Records int
	// First is set if no record has ever arrived, so the configuration may be wrong.
	First bool
	// Causes are the likely causes. Those that evidence supports come first.
	Causes []Cause
}

// Cause is a possible reason why no record arrives.
type Cause struct {
	// Text says the cause, and in brackets what to do.
	Text string
	// Evidence are facts that support the cause; empty if there are none.
	Evidence []string
}

// silent is the sentence of NothingArrived. It ends in the question that a person must
// answer first.
const silent = "no record was seen at any sink: does the job accept this payload and pass the seed on?"

// Text returns the sentence with its numbers and causes, in one line.
func (n *NothingArrived) Text() string {
	causes := make([]string, len(n.Causes))
	for i, c := range n.Causes {
		causes[i] = c.String()
	}
	return fmt.Sprintf("%s (%d sent since %s; likely causes: %s)", silent, n.Records,
		n.Since.UTC().Format(time.RFC3339), strings.Join(causes, "; "))
}

// String returns the cause with its evidence.
func (c Cause) String() string {
	if len(c.Evidence) == 0 {
		return c.Text
	}
	return c.Text + " – evidence: " + strings.Join(c.Evidence, ", ")
}

// nothingArrived returns the finding; nil while records arrive, while it is too early to
// tell, while the probe is paused, and while no sink can be searched.
func (p *Prober) nothingArrived() *NothingArrived {
	if p.paused.Load() || p.blind() {
		return nil
	}
	a := p.recorder.Arrivals()
	if a.Since == nil {
		return nil
	}
	p.keepSearchable(a.Others)
	first := !a.Ever && !p.everSeen()
	within := silentFor
	if !first {
		within = max(within, time.Duration(p.cfg.OnTimeWithin))
	}
	if p.clock().Since(*a.Since) < within {
		return nil
	}
	return &NothingArrived{
		Since: a.Since.Wall.Round(0).UTC(), Records: a.Records, First: first, Causes: p.causes(&a),
	}
}

// keepSearchable drops the counts of the sinks that cannot be searched now: they tell nothing.
func (p *Prober) keepSearchable(others map[string]int) {
	for _, s := range p.sinks {
		if s.watch.lastFailure() != nil {
			delete(others, s.watch.Sink())
		}
	}
}

// blind reports whether no sink can be searched now. The status shows that problem.
func (p *Prober) blind() bool {
	return !slices.ContainsFunc(p.sinks, func(s *watchedSink) bool { return s.watch.lastFailure() == nil })
}

// everSeen reports whether the accounts hold a record that arrived.
func (p *Prober) everSeen() bool {
	state := p.recorder.Published()
	return state != nil && arrived(state.Accounts)
}

// causes returns the three likely causes with what supports each.
func (p *Prober) causes(a *account.Arrivals) []Cause {
	job := Cause{Text: "the job drops the record or fails to parse it (look at the job's exceptions, and make " +
		"probe.template like a real record)"}
	seed := Cause{Text: "the job does not pass the seed on to the sink (put {{.Seed}} into a field that the " +
		"sink keeps)"}
	place := Cause{Text: "the job does not read this topic, filters the record out, or writes elsewhere (compare " +
		"probe.topic and sinks with the job)"}
	p.jobEvidence(a, &job, &place)
	for _, sink := range p.sinkNames() {
		switch n, counts := a.Others[sink]; {
		case counts && n > 0:
			seed.Evidence = append(seed.Evidence,
				fmt.Sprintf("sink %s got %d other records meanwhile, none with a seed", sink, n))
		case counts:
			place.Evidence = append(place.Evidence, fmt.Sprintf("sink %s got no other record meanwhile", sink))
		}
	}
	all := []Cause{job, seed, place}
	slices.SortStableFunc(all, func(x, y Cause) int {
		return cmp.Compare(min(1, len(y.Evidence)), min(1, len(x.Evidence)))
	})
	return all
}

// jobEvidence adds what the job says about itself.
func (p *Prober) jobEvidence(a *account.Arrivals, dropped, elsewhere *Cause) {
	if p.job == nil {
		return
	}
	if failure := p.job.FailureSince(a.Since.Wall); failure != "" {
		dropped.Evidence = append(dropped.Evidence, "the job failed meanwhile: "+failure)
	}
	rate, known := p.job.InputRate()
	if known && rate == 0 {
		elsewhere.Evidence = append(elsewhere.Evidence, "the job's sources read 0 records per second")
	}
}

// watchArrivals logs when nothing arrives, and when that is over, until ctx ends. On
// demand, the caller of the round shows it.
func (p *Prober) watchArrivals(ctx context.Context) {
	var reported *clock.Moment // the start of the silence that was logged
	for wait.For(ctx, arrivalsEvery) == nil {
		since := p.recorder.Arrivals().Since
		if reported != nil && since != reported {
			reported = nil
			p.log.Info("Records arrive at a sink")
		}
		if found := p.nothingArrived(); found != nil && reported == nil {
			reported = since
			p.logSilence(found)
		}
	}
}

// logSilence writes one line per cause, so that each can be read.
func (p *Prober) logSilence(found *NothingArrived) {
	p.log.Warn("Nothing arrived: "+silent, "sent", found.Records, "since", found.Since)
	for _, c := range found.Causes {
		p.log.Warn("Nothing arrived: a likely cause", "cause", c.Text, "evidence", strings.Join(c.Evidence, ", "))
	}
}

// arrived reports whether an account has a record that arrived.
func arrived(accounts []episode.Account) bool {
	return slices.ContainsFunc(accounts, func(a episode.Account) bool {
		return a.Seen() > 0
	})
}
