package trouble

import (
	"cmp"
	"strings"
	"time"
)

// flinkTarget is the name of a JobManager among the targets.
const flinkTarget = "flink"

// Target is the state of a server that the sidecar talks to.
type Target struct {
	// Name is the name in flink_sidecar_up; Cluster says which, for a target flink.
	Name, Cluster string
	// Up is nil while it is unknown.
	Up *bool
	// Since is when it went down or came up; zero if unknown.
	Since time.Time
	// Problems are sentences, each with what to do in brackets.
	Problems []string
}

// means says what a target that is down costs, and do what to do about it.
var means = map[string]struct{ loss, do string }{
	flinkTarget:     {"nothing new is known of its jobs", "repair the JobManager, the network or the credentials"},
	"kafka":         {"the probe cannot send or see records", "repair the brokers or the rights"},
	"elasticsearch": {"the probe cannot see records there", "repair the server, or correct index, rights or mapping"},
	"grafana":       {"annotations wait", "repair Grafana or renew the token; the sidecar sends them afterwards"},
	"llm":           {"advice has the findings of the rules only", "repair the server or the key"},
}

// DownFor is how long a target must be down: a single request that fails is repeated, and
// mostly succeeds.
const DownFor = 10 * time.Second

// Targets takes the state of all targets. One that was not contacted yet is unknown.
func (w *Watch) Targets(targets []Target, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, t := range targets {
		k := key{kind: TargetDown, cluster: t.Cluster, target: t.Name}
		found := w.isDown(k, t, now)
		trouble := t.down()
		trouble.Since = w.down[k]
		w.settle(k, found, trouble, now)
	}
}

// isDown judges a target, and notes since when it is down.
func (w *Watch) isDown(k key, t Target, now time.Time) verdict {
	switch since, known := w.down[k]; {
	case t.Up == nil:
		return unknown
	case *t.Up:
		delete(w.down, k)
		return absent
	case !known:
		w.down[k] = now
		if !t.Since.IsZero() {
			w.down[k] = t.Since
		}
		return w.isDown(k, t, now)
	case now.Sub(since) < DownFor:
		return unknown
	}
	return present
}

func (t Target) down() Trouble {
	what := t.Name
	if t.Cluster != "" && t.Cluster != t.Name {
		what += " of " + t.Cluster
	}
	of := means[t.Name]
	why := strings.TrimPrefix(strings.Join(t.Problems, "; "), t.Name+": ")
	if of.loss != "" {
		why = strings.TrimPrefix(why+"; "+of.loss, "; ")
	}
	return Trouble{
		What: what + " is down", Subject: t.Name, Seen: cmp.Or(why, "it does not answer"),
		Do: cmp.Or(of.do, "repair it; the sidecar tries again by itself"),
	}
}
