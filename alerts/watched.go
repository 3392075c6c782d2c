package alerts

import (
	"fmt"
	"slices"

	"github.com/flink-sidecar/flink-sidecar/alerts/signal"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// Watched is what a rule watches on one cluster. A rule whose signal has no sample is as quiet as one
// about a healthy job, so it is said.
type Watched struct {
	Rule, Cluster string
	Signal        snapshot.Signal
	// Series counts the signals that the rule follows there, and Judged those of them of which it can
	// say whether they are well.
	Series, Judged int
	// State is unseen, unmatched or waiting where Judged is 0; else empty. Why says so in words.
	State, Why string
}

// Why a rule judges nothing.
const (
	Unseen    = "unseen"    // no sample of the signal
	Unmatched = "unmatched" // samples, but of nothing that the rule is about
	Waiting   = "waiting"   // the rule follows signals, and can't judge one yet
)

// seenKey is a signal on a cluster.
type seenKey struct {
	signal  snapshot.Signal
	cluster string
}

// Watched lists what each rule watches on each cluster that was polled, in the order of the clusters'
// first polls and then of the rules. A rule that is about other clusters is left out.
func (t *Trends) Watched() []Watched {
	t.mu.Lock()
	defer t.mu.Unlock()
	followed := map[Watched][]*track{}
	for _, one := range t.order {
		of := Watched{Rule: one.rule.Name, Cluster: one.labels.Cluster}
		followed[of] = append(followed[of], one)
	}
	out := []Watched{}
	for _, cluster := range t.clusters {
		for i := range t.rules {
			if rule := &t.rules[i]; accepts(rule.match.cluster, cluster) {
				out = append(out, t.watchedBy(rule, cluster, followed[Watched{Rule: rule.Name, Cluster: cluster}]))
			}
		}
	}
	return out
}

func (t *Trends) watchedBy(rule *Rule, cluster string, followed []*track) Watched {
	w := Watched{Rule: rule.Name, Cluster: cluster, Signal: rule.Signal, Series: len(followed)}
	var reason error
	for _, one := range followed {
		switch unknown := one.trend.Unknown; {
		case unknown == nil:
			w.Judged++
		case reason == nil:
			reason = unknown
		}
	}
	seen, known := t.seen[seenKey{rule.Signal, cluster}]
	switch {
	case w.Judged > 0:
	case w.Series > 0:
		w.State, w.Why = Waiting, reason.Error()
	case !known:
		w.State, w.Why = Unseen, unseen(rule.row)
	case t.Now().Sub(seen) > rule.Window/4:
		w.State, w.Why = Unseen, fmt.Sprintf("%s since %s", errStale, clock(seen))
	default:
		w.State, w.Why = Unmatched, "there are samples, but none matches the rule (change rules[].match)"
	}
	return w
}

// unseen says of which metric there is no sample, and what it needs.
func unseen(row signal.Row) string {
	text := "no sample of " + row.Metric + " so far"
	if row.Needs != "" {
		text += "; it needs " + row.Needs
	}
	return text
}

// see notes that a signal of a cluster has samples.
func (t *Trends) see(o signal.Observation) {
	key := seenKey{o.Signal, o.Labels.Cluster}
	if at := t.seen[key]; o.Sample.T.After(at) {
		t.seen[key] = o.Sample.T
	}
}

// polled notes that a cluster was polled.
func (t *Trends) polled(cluster string) {
	if !slices.Contains(t.clusters, cluster) {
		t.clusters = append(t.clusters, cluster)
	}
}
