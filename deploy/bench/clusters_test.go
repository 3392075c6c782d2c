//go:build footprint

package main

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/ports"
	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
)

// The variables of the measurement: a file for the figures, and how long jobs are healthy.
const (
	footprintOutput  = "SIDECAR_FOOTPRINT_OUTPUT"
	footprintMinutes = "SIDECAR_FOOTPRINT_MINUTES"
)

// logged is the log of a sidecar.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) lines() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Split(strings.TrimSuffix(l.text.String(), "\n"), "\n")
}

// others are the lines after the first n that are not about the episodes of the start: those of
// each job's first epoch end some minutes later.
func (l *logged) others(n int, episodes []string) (count int) {
	for _, line := range l.lines()[n:] {
		_, after, about := strings.Cut(line, " episode=")
		id, _, _ := strings.Cut(after, " ")
		if !about || slices.Contains(episodes, id) {
			count++
		}
	}
	return count
}

// TestFootprint measures one sidecar, a process of its own, with 1 and with 32 clusters. They are
// simulated: each answers as a Flink 2.3 with a job of two vertices did.
func TestFootprint(t *testing.T) {
	minutes := 4
	if text := os.Getenv(footprintMinutes); text != "" {
		var err error
		minutes, err = strconv.Atoi(text)
		require.NoError(t, err)
	}
	figures := clusterFigures{Date: time.Now().UTC().Format(time.DateOnly), Load: load()}
	for _, n := range []int{1, 32} {
		figures.Sizes = append(figures.Sizes, sizeOf(t, n, time.Duration(minutes)*time.Minute))
	}
	t.Log("\n" + figures.markdown())
	require.NoError(t, writeFigures(os.Getenv(footprintOutput), figures))
}

// sizeOf measures a sidecar with n clusters.
func sizeOf(t *testing.T, n int, quiet time.Duration) sizeFigures {
	t.Helper()
	s := startWith(t, n)
	f := sizeFigures{Clusters: n, Start: s.await(t, n), Quiet: quiet, Episodes: 3}
	s.rest(t, 30*time.Second, &f)
	began, lines := time.Now(), len(s.log.lines())
	before, err := cpuTime(s.pid)
	require.NoError(t, err)
	s.rest(t, quiet, &f)
	after, err := cpuTime(s.pid)
	require.NoError(t, err)
	f.Share = (after - before).Seconds() / time.Since(began).Seconds()
	f.QuietLines, f.ResidentQuiet = s.log.others(lines, nil), f.Resident
	page, err := fetch(t.Context(), s.url+"/metrics")
	require.NoError(t, err)
	f.PageBytes, f.Series = len(page), len(regexp.MustCompile(`(?m)^[a-z]`).FindAllString(page, -1))
	lines = len(s.log.lines())
	var ids []string
	for i := range f.Episodes {
		ids = append(ids, s.episode(t, i%n))
		s.rest(t, time.Second, &f)
	}
	f.EpisodeLines = s.log.others(lines, ids)
	return f
}

// measured is a sidecar that is measured.
type measured struct {
	url string
	pid int
	log *logged
	// began is the start of the process, scraped is when its page was read last.
	began, scraped time.Time
}

func startWith(t *testing.T, n int) *measured {
	t.Helper()
	page, err := os.ReadFile("../../internal/flame/testdata/flink/flink-2.3.0-tm-ITIMER.html")
	require.NoError(t, err)
	free, err := ports.Free(1)
	require.NoError(t, err)
	dir, address := t.TempDir(), ports.Loopback(free[0])
	lines := "profiling: {duration: 1s, cooldown: 0s}\nhistory: {path: history.db}\nflink:\n  clusters:\n"
	for i := range n {
		server := flinktest.New(t, flinktest.Flink23)
		server.EnableProfiler(page)
		lines += fmt.Sprintf("    - {cluster: c%d, url: %q}\n", i, server.URL)
	}
	file := filepath.Join(dir, "sidecar.yml")
	require.NoError(t, os.WriteFile(file, []byte(lines), 0o600))
	s := &measured{url: "http://" + address, log: &logged{}, began: time.Now()}
	program := exec.CommandContext(t.Context(), "../../bin/sidecar", "run", "--config.file="+file,
		"--web.listen-address="+address)
	program.Stderr = s.log
	require.NoError(t, program.Start())
	s.pid = program.Process.Pid
	t.Cleanup(func() {
		_ = program.Process.Signal(syscall.SIGTERM) // it has ended if that fails
		_ = program.Wait()
		t.Log("the log:\n" + s.log.text.String())
	})
	return s
}

// await returns how long the start took until the page had all clusters.
func (s *measured) await(t *testing.T, n int) time.Duration {
	t.Helper()
	of := regexp.MustCompile(`(?m)^flink_vertex_busy_ratio\{cluster="(c\d+)"`)
	require.NoError(t, awaitPolled(t.Context(), s.url, n))
	page, err := fetch(t.Context(), s.url+"/metrics")
	took := time.Since(s.began)
	require.NoError(t, err)
	found := map[string]bool{}
	for _, match := range of.FindAllStringSubmatch(page, -1) {
		found[match[1]] = true
	}
	require.Len(t, found, n)
	return took
}

// rest waits while the page is read as by a Prometheus, and notes the most resident memory.
func (s *measured) rest(t *testing.T, d time.Duration, f *sizeFigures) {
	t.Helper()
	for began := time.Now(); time.Since(began) < d; {
		if time.Since(s.scraped) >= scrapeEvery {
			s.scraped = time.Now()
			_, err := fetch(t.Context(), s.url+"/metrics")
			require.NoError(t, err)
		}
		resident, err := residentBytes(s.pid)
		require.NoError(t, err)
		f.Resident = max(f.Resident, resident)
		// Without the pages of its program and of mapped files: the kernel can take them back.
		anonymous, err := statusBytes(s.pid, "RssAnon")
		require.NoError(t, err)
		f.Anonymous = max(f.Anonymous, anonymous)
		require.True(t, rest(t.Context(), 500*time.Millisecond))
	}
}

// episode opens one, waits for its end and returns its id.
func (s *measured) episode(t *testing.T, cluster int) string {
	t.Helper()
	client, err := api.NewClient(s.url, http.DefaultClient)
	require.NoError(t, err)
	receipt, err := client.Raise(t.Context(), api.AlertRequest{
		Cluster: "c" + strconv.Itoa(cluster), Job: flinktest.JobName, Summary: "why is it slow",
	})
	require.NoError(t, err)
	require.True(t, receipt.Accepted, receipt.Reason)
	ep, err := client.Await(t.Context(), receipt.Episode, api.Finished)
	require.NoError(t, err)
	require.NotEmpty(t, ep.Profiles, strings.Join(ep.Notes, "; "))
	return receipt.Episode
}
