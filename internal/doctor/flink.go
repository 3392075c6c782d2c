package doctor

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/check"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
	"github.com/flink-sidecar/flink-sidecar/profiling/profiler"
)

// flinkPort is the default of Flink's rest.port.
const flinkPort = "8081"

// maxSkew is the difference of two clocks that is not worth a word.
const maxSkew = 2 * time.Second

// flink checks every cluster.
func (d *doctor) flink(ctx context.Context) []check.Result {
	var all []check.Result
	for i, cfg := range d.cfg.Flink.All() {
		found := &check.Results{Area: "flink", Of: cfg.ClusterName()}
		key := "flink.url"
		if d.cfg.Flink.Own.URL == "" {
			key = fmt.Sprintf("flink.clusters[%d].url", i)
		} else if i > 0 {
			key = fmt.Sprintf("flink.clusters[%d].url", i-1)
		}
		d.cluster(ctx, cfg, key, found)
		all = append(all, found.All...)
	}
	return all
}

func (d *doctor) cluster(ctx context.Context, cfg flink.Config, key string, found *check.Results) {
	client, own := d.options.Clients[cfg.ClusterName()]
	if !own {
		var err error
		if client, err = flink.New(cfg); err != nil {
			found.Add("connection", check.Failed, nil, "%v", err)
			return
		}
		defer client.CloseIdleConnections()
	}
	overview, err := client.Overview(ctx)
	if err != nil {
		found.Add("connection", check.Failed, elsewhere(ctx, cfg, key), "%v", err)
		return
	}
	version(overview, client, found)
	settings, err := client.JobManagerConfig(ctx)
	if err != nil {
		found.Add("settings", check.Unknown, nil, "%v", err)
	} else {
		d.settings(settings, found)
	}
	d.profiling(ctx, client, settings, overview, found)
	d.jobs(ctx, client, found)
}

func version(overview flink.Overview, client *flink.Client, found *check.Results) {
	says := fmt.Sprintf("Flink %s at %s, %d TaskManagers", plaintext.Line(overview.VersionText, 32), client.URL(),
		overview.TaskManagers)
	if overview.TaskManagers == 0 {
		found.Add("connection", check.Warning, nil, "%s (start one: no job can run)", says)
		return
	}
	found.Add("connection", check.OK, nil, "%s", says)
}

// elsewhere looks for Flink at its default port on the host of the configuration.
func elsewhere(ctx context.Context, cfg flink.Config, key string) *check.Fix {
	address, err := url.Parse(cfg.URL)
	if err != nil || address.Port() == flinkPort {
		return nil
	}
	address.Host = net.JoinHostPort(address.Hostname(), flinkPort)
	address.Path = ""
	other := cfg
	other.URL = address.String()
	client, err := flink.New(other)
	if err != nil {
		return nil
	}
	defer client.CloseIdleConnections()
	if _, err := client.Overview(ctx); err != nil {
		return nil
	}
	return check.Setting(key, other.URL)
}

// settings checks the keys of Flink's configuration on which the sidecar depends. Flink
// tells only those that are set.
func (d *doctor) settings(settings flink.Settings, found *check.Results) {
	if settings["rest.flamegraph.enabled"] == "true" {
		found.Add("flamegraph", check.OK, nil, "flame graphs of vertices are on")
	} else {
		found.Add("flamegraph", check.Warning, check.Flink("rest.flamegraph.enabled", "true"),
			"flame graphs of vertices are off: what tasks wait for is seen in thread dumps only")
	}
	poll := time.Duration(d.cfg.Collector.PollInterval)
	every, known := settings.MetricsInterval()
	fix := check.Flink("metrics.fetcher.update-interval", "10000")
	switch {
	case !known:
		found.Add("metrics", check.Unknown, nil, "metrics.fetcher.update-interval is not a time that can be read")
	case every == 0:
		found.Add("metrics", check.Failed, fix, "metrics.fetcher.update-interval is 0: Flink never renews its metrics")
	case every > poll:
		found.Add("metrics", check.Warning, fix, "Flink renews its metrics every %s, collector.poll_interval is %s", every, poll)
	default:
		found.Add("metrics", check.OK, nil, "Flink renews its metrics every %s", every)
	}
	kept, err := strconv.Atoi(cmp.Or(settings["web.checkpoints.history"], "10"))
	if err == nil && kept < 10 {
		found.Add("checkpoint-history", check.Warning, check.Flink("web.checkpoints.history", "10"),
			"Flink remembers %d checkpoints: they are judged by the last ten", kept)
	} else {
		found.Add("checkpoint-history", check.OK, nil, "Flink remembers enough checkpoints")
	}
}

// profiling checks the profiler of each process.
func (d *doctor) profiling(
	ctx context.Context, client *flink.Client, settings flink.Settings, overview flink.Overview, found *check.Results,
) {
	if overview.Version.Known() && !overview.Version.AtLeast(1, 19) {
		found.Add("profiling", check.Warning, nil, "Flink before 1.19 has no profiler: thread dumps are used (upgrade Flink)")
		return
	}
	taskManagers, err := client.TaskManagers(ctx)
	if err != nil {
		found.Add("profiling", check.Unknown, nil, "%v", err)
		return
	}
	var ids []string
	for _, tm := range taskManagers {
		ids = append(ids, tm.ID)
	}
	profiler.Check(ctx, client, ids, settings["rest.profiling.dir"], found)
}
