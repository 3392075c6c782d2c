// Package doctor checks everything that a configuration needs: endpoints, rights, versions
// and files. Each check is made by the package that owns the connection; the doctor asks
// them all at once and says, for each fault, the line that repairs it. It changes nothing.
package doctor

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/check"
	"github.com/flink-sidecar/flink-sidecar/internal/config"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/synthetic"
)

// Options are what the caller gives the doctor beside the configuration.
type Options struct {
	// File is the configuration file, empty for sidecar.yml if it is there.
	File string
	// Alertmanager is the address of an Alertmanager that should send its alerts to the
	// sidecar; empty for those of notify.alertmanager.urls.
	Alertmanager string
	// Arrived is when the webhook of the running sidecar last took alerts, the zero time for
	// never; nil if it is not known.
	Arrived func() time.Time
	// Root is the root of the file system in which the container is examined; empty is /.
	Root string
	// Dial opens connections to Kafka and Elasticsearch; nil means the network.
	Dial synthetic.DialFunc
	// Clients are those of the running sidecar by the name of their cluster, so that the
	// requests of the checks count as its own; nil for new ones.
	Clients map[string]*flink.Client
	// Running means that the running sidecar checks itself. It holds its port, and it asks no
	// LLM: each check would cost a request.
	Running bool
	// Now is the clock of this machine; nil means time.Now.
	Now func() time.Time
}

// timeout bounds all checks of one area together.
const timeout = 30 * time.Second

// Report is the result of all checks, in the order of the configuration.
type Report struct {
	Checks []check.Result `json:"checks"`
	// Hints say what the configuration lacks.
	Hints []Hint `json:"hints"`
}

// Works reports whether the main job can run; see [check.Works].
func (r Report) Works() bool { return check.Works(r.Checks) }

// Count is the number of checks in a state.
func (r Report) Count(state check.State) int { return check.Count(r.Checks, state) }

// Examine makes all checks of a valid configuration.
func Examine(ctx context.Context, cfg config.Config, o Options) Report {
	if o.Now == nil {
		o.Now = time.Now
	}
	d := doctor{cfg: cfg, named: cfg.Files(), options: o}
	areas := []func(context.Context) []check.Result{
		d.flink, d.kafka, d.elasticsearch, d.directories, d.probe, d.grafana, d.alertmanager, d.llm, d.clocks, d.history, d.web,
		d.files, d.container,
	}
	found := make([][]check.Result, len(areas))
	var group sync.WaitGroup
	for i, area := range areas {
		group.Go(func() {
			within, cancel := context.WithTimeout(ctx, timeout)
			defer cancel()
			found[i] = area(within)
			if ctx.Err() != nil {
				unanswered(found[i])
			}
		})
	}
	group.Wait()
	report := Report{Checks: slices.Concat(found...), Hints: Hints(&cfg)}
	report.postponeInit(cfg.Flink.All()[0].ClusterName())
	for i := range report.Checks {
		d.place(&report.Checks[i])
	}
	return report
}

// unanswered changes the faults of an area in which the doctor was stopped: what does not answer then is
// not known to be broken.
func unanswered(found []check.Result) {
	for i := range found {
		if found[i].State == check.Failed {
			found[i].State, found[i].Fix = check.Unknown, nil
			found[i].Says = "interrupted before an answer came (run sidecar doctor again)"
		}
	}
}

// postponeInit takes back the lines that call sidecar init if the cluster that they name does not answer.
func (r *Report) postponeInit(cluster string) {
	if !slices.ContainsFunc(r.Checks, func(c check.Result) bool {
		return c.Check == "flink.connection" && c.Of == cluster && (c.State == check.Failed || c.State == check.Unknown)
	}) {
		return
	}
	for i, c := range r.Checks {
		if c.Check == "probe" && c.Fix != nil {
			r.Checks[i].Fix, r.Checks[i].Says = nil, c.Says+" (sidecar init writes it, once Flink answers)"
		}
	}
	for i := range r.Hints {
		r.Hints[i].Line = ""
	}
}

type doctor struct {
	cfg config.Config
	// named are the files that the configuration names.
	named   []string
	options Options
}

// place turns a setting into the line of the file that it replaces. A setting that the file
// does not have, or that came by a flag, has no such line: then the text names the key and the value.
func (d *doctor) place(r *check.Result) {
	if r.Fix == nil || r.Fix.Key == "" {
		return
	}
	replaced, found := config.Replace(d.options.File, r.Fix.Key, r.Fix.Value)
	if !found {
		r.Says += fmt.Sprintf(" (set %s to %q)", r.Fix.Key, r.Fix.Value)
		r.Fix = nil
		return
	}
	r.Fix.In, r.Fix.Line = fmt.Sprintf("%s:%d", replaced.File, replaced.Number), replaced.Line
}
