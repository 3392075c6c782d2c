package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/ports"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/stack"
	"github.com/flink-sidecar/flink-sidecar/internal/api"
)

// footprint measures the sidecar itself, as it runs without any configuration, beside
// the sample job.
type footprint struct {
	program  string
	duration time.Duration
	// output is the file for the figures; empty for none.
	output string
}

// jobFigures are what the sidecar needs beside the sample job.
type jobFigures struct {
	Date  string `json:"date"`
	Load  string `json:"load"`
	Flink string `json:"flink"`
	// Start is from the start of the process to the first complete page.
	Start time.Duration `json:"start_ns"`
	// Resident is the most resident memory in bytes, Share that of a core.
	Resident int64   `json:"resident_bytes"`
	Share    float64 `json:"share_of_core"`
}

// markdown is what docs/benchmarks.md shows.
func (f jobFigures) markdown() string {
	resident, percent := float64(f.Resident)/(1<<20), 100*f.Share
	return fmt.Sprintf("Measured on %s with Flink %s, load %s.\n\n| | | goal |\n|---|---|---|\n"+
		"| peak resident memory | %.1f MiB | 40 MiB, %s |\n| share of a core | %.2f %% | 0.5 %%, %s |\n"+
		"| start until `/metrics` is complete | %.1f s | 1 s, %s |\n",
		f.Date, f.Flink, f.Load, resident, met(resident <= 40), percent, met(percent <= 0.5),
		f.Start.Seconds(), met(f.Start <= time.Second))
}

func (f *footprint) measure(ctx context.Context, version string) (err error) {
	cluster, err := startCluster(ctx, stack.Options{
		FlinkVersion: version, Job: true, Load: 40,
		LookupDelay: 5 * time.Millisecond, Profiling: true,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cluster.stop()) }()
	if !rest(ctx, warmUp) {
		return ctx.Err()
	}
	free, err := ports.Free(1)
	if err != nil {
		return err
	}
	address := ports.Loopback(free[0])
	began := time.Now()
	program := exec.CommandContext(ctx, f.program, "run", "--flink.url="+cluster.State().FlinkURL,
		"--history.path="+filepath.Join(cluster.dir, "sidecar.db"), "--web.listen-address="+address)
	program.Cancel = func() error { return program.Process.Signal(syscall.SIGTERM) }
	if err := program.Start(); err != nil {
		return err
	}
	defer func() {
		_ = program.Process.Signal(syscall.SIGTERM) // it has ended if that fails
		_ = program.Wait()
	}()
	base := "http://" + address
	complete, err := firstComplete(ctx, base, began)
	if err != nil {
		return err
	}
	return f.watch(ctx, version, base, program.Process.Pid, complete)
}

// scrapeEvery is how often a Prometheus reads the page, by its default in most set-ups.
const scrapeEvery = 15 * time.Second

// watch measures the process once it has settled, while its page is read as by a Prometheus, and prints the
// result.
func (f *footprint) watch(ctx context.Context, version, base string, pid int, complete time.Duration) error {
	if !rest(ctx, 30*time.Second) {
		return ctx.Err()
	}
	before, err := cpuTime(pid)
	if err != nil {
		return err
	}
	began, scraped := time.Now(), time.Time{}
	var most int64
	for time.Since(began) < f.duration {
		if time.Since(scraped) >= scrapeEvery {
			scraped = time.Now()
			if _, err := fetch(ctx, base+"/metrics"); err != nil {
				return err
			}
		}
		resident, err := residentBytes(pid)
		if err != nil {
			return err
		}
		most = max(most, resident)
		if !rest(ctx, time.Second) {
			return ctx.Err()
		}
	}
	after, err := cpuTime(pid)
	if err != nil {
		return err
	}
	figures := jobFigures{
		Date: began.UTC().Format(time.DateOnly), Load: load(), Flink: version, Start: complete, Resident: most,
		Share: (after - before).Seconds() / time.Since(began).Seconds(),
	}
	fmt.Printf("Flink %s, sample job, polled every 15 s for %s\n%s", version, f.duration, figures.markdown())
	return writeFigures(f.output, figures)
}

// firstComplete is the time from the start until the page has a vertex of the job and
// lacks only rates, which need two polls.
func firstComplete(ctx context.Context, base string, began time.Time) (time.Duration, error) {
	if err := awaitPolled(ctx, base, 1); err != nil {
		return 0, err
	}
	page, err := fetch(ctx, base+"/metrics")
	if err == nil && (!strings.Contains(page, "\nflink_vertex_busy_ratio{") ||
		!strings.Contains(page, "\nflink_tm_memory_used_bytes{")) {
		err = errors.New("the page after the first poll is not complete")
	}
	return time.Since(began), err
}

// awaitPolled waits until the sidecar has read so many clusters. It asks for the status and not for the page,
// because what the page was gathered from serves all scrapes of a second.
func awaitPolled(ctx context.Context, base string, clusters int) error {
	client, err := api.NewClient(base, http.DefaultClient)
	if err != nil {
		return err
	}
	for began := time.Now(); time.Since(began) < time.Minute; {
		status, err := client.Status(ctx)
		polled := 0
		for _, c := range status.Clusters {
			if !c.Polled.IsZero() {
				polled++
			}
		}
		if err == nil && polled == clusters {
			return nil
		}
		if !rest(ctx, 10*time.Millisecond) {
			return ctx.Err()
		}
	}
	return fmt.Errorf("the sidecar did not read %d clusters within a minute", clusters)
}

func fetch(ctx context.Context, url string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return "", err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s answers %s", url, response.Status)
	}
	page, err := io.ReadAll(io.LimitReader(response.Body, 64<<20))
	return string(page), err
}
