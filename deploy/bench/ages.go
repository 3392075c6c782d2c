package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"os"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/stack"
)

// ages measures how old values are. It uses a metric as its clock: how long the job has
// run, which the JobManager fetches together with everything else. The job started at one
// moment of this machine's clock, so a value of that metric shows when it was fetched.
type ages struct {
	interval, duration time.Duration
}

// aged is the result of one way to poll.
type aged struct {
	name string
	// read is the age of values when they were read; shown is their age on the page at
	// each moment until the next poll.
	read, shown []time.Duration
}

// plainInterval is how often the peer polls, a common setting.
const plainInterval = 10 * time.Second

func (a *ages) measure(ctx context.Context, version string) (err error) {
	cluster, err := startCluster(ctx, stack.Options{FlinkOnly: true, FlinkVersion: version})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cluster.stop()) }()
	job, err := cluster.runParallel(ctx, 4, 4)
	if err != nil {
		return err
	}
	url := cluster.State().FlinkURL
	began, err := runningSince(ctx, url, job)
	if err != nil {
		return err
	}
	if !rest(ctx, warmUp) {
		return ctx.Err()
	}
	// One after the other: any request makes the JobManager fetch for every client.
	plain, err := a.plainly(ctx, url, job, began)
	if err != nil {
		return err
	}
	ours, err := a.ours(ctx, url, began)
	if err != nil {
		return err
	}
	fmt.Printf("Flink %s, each for %s, load of the machine %s\n", version, a.duration, load())
	return printAges(plain, ours)
}

// runningSince is the start of the job, by the clock of the JobManager, which is on this
// machine.
func runningSince(ctx context.Context, url, job string) (time.Time, error) {
	var details struct {
		Timestamps map[string]int64 `json:"timestamps"`
	}
	p := &peer{url: url}
	if err := p.get(ctx, "/jobs/"+job, &details); err != nil {
		return time.Time{}, err
	}
	if details.Timestamps["RUNNING"] == 0 {
		return time.Time{}, fmt.Errorf("job %s does not run", job)
	}
	return time.UnixMilli(details.Timestamps["RUNNING"]), nil
}

// plainly polls without knowledge of Flink's metric store: it reads the values every ten
// seconds.
func (a *ages) plainly(ctx context.Context, url, job string, began time.Time) (aged, error) {
	result := aged{name: "plain polling, " + plainInterval.String()}
	var taken time.Time
	read := func() error {
		uptime, err := uptimeOf(ctx, url, job)
		taken = began.Add(uptime)
		return err
	}
	err := a.watch(ctx, plainInterval, &result, read, func() (time.Time, bool) { return taken, true })
	return result, err
}

func uptimeOf(ctx context.Context, url, job string) (time.Duration, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/jobs/"+job+"/metrics?get=uptime",
		http.NoBody)
	if err != nil {
		return 0, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	var values []struct {
		Value string `json:"value"`
	}
	if err := json.NewDecoder(response.Body).Decode(&values); err != nil {
		return 0, err
	}
	if len(values) != 1 {
		return 0, fmt.Errorf("%d values of uptime", len(values))
	}
	millis, err := strconv.ParseFloat(values[0].Value, 64)
	return time.Duration(millis * float64(time.Millisecond)), err
}

// ours is the sidecar's collector, whose values are read from its page.
func (a *ages) ours(ctx context.Context, url string, began time.Time) (aged, error) {
	result := aged{name: "the sidecar, " + a.interval.String()}
	s, err := newSidecar(url)
	if err != nil {
		return result, err
	}
	shown := func() (time.Time, bool) {
		uptime, known, err := s.gauge("flink_job_uptime_seconds")
		return began.Add(time.Duration(uptime * float64(time.Second))), known && err == nil
	}
	err = a.watch(ctx, a.interval, &result, func() error { return s.poll(ctx) }, shown)
	return result, err
}

// watch polls and checks four times a second, until the next poll, how old the shown
// values are. The first two polls read the store as it was before the first request.
func (a *ages) watch(
	ctx context.Context, interval time.Duration, result *aged, poll func() error, taken func() (time.Time, bool),
) error {
	const look = 250 * time.Millisecond
	until := time.Now().Add(a.duration)
	var at time.Time
	for n := 0; time.Now().Before(until); n++ {
		next := time.Now().Add(interval)
		if err := poll(); err != nil {
			return err
		}
		if n > 2 {
			result.shown = append(result.shown, time.Since(at)) // until now it was still shown
		}
		var known bool
		at, known = taken()
		if !known {
			return errors.New("the job's uptime is unknown")
		}
		if n >= 2 {
			result.read = append(result.read, time.Since(at))
		}
		for time.Now().Before(next) {
			if n >= 2 {
				result.shown = append(result.shown, time.Since(at))
			}
			if !rest(ctx, min(look, time.Until(next))) && ctx.Err() != nil {
				return ctx.Err()
			}
		}
	}
	return nil
}

func printAges(all ...aged) error {
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(out, "\tpolls\twhen read\tworst\ton the page\tworst\t")
	for _, a := range all {
		if len(a.read) == 0 {
			return fmt.Errorf("%s: no poll counted (measure for longer)", a.name)
		}
		_, read := extent(a.read)
		_, shown := extent(a.shown)
		fmt.Fprintf(out, "%s\t%d\t%s\t%s\t%s\t%s\t\n", a.name, len(a.read), tenths(median(a.read)), tenths(read),
			tenths(median(a.shown)), tenths(shown))
	}
	return out.Flush()
}

func tenths(d time.Duration) string { return fmt.Sprintf("%.1f s", math.Round(d.Seconds()*10)/10) }
