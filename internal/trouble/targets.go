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

// Targets takes the state of all targets. One that was not contacted yet is unknown.
func (w *Watch) Targets(targets []Target, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, t := range targets {
		found := unknown
		if t.Up != nil {
			found = absent
			if !*t.Up {
				found = present
			}
		}
		w.settle(key{kind: TargetDown, cluster: t.Cluster, target: t.Name}, found, t.down(), now)
	}
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
		What: what + " is down", Subject: t.Name, Since: t.Since, Seen: cmp.Or(why, "it does not answer"),
		Do: cmp.Or(of.do, "repair it; the sidecar tries again by itself"),
	}
}
