//go:build soak

package soak

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/ports"
	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/pipelinetest"
)

// The variables of the hour: the program, the file for the samples, how long it lasts.
const (
	program  = "SIDECAR_SOAK_PROGRAM"
	output   = "SIDECAR_SOAK_OUTPUT"
	duration = "SIDECAR_SOAK_DURATION"
)

// The times of the load. The sidecar polls Flink at its default interval.
const (
	sampleEvery = 10 * time.Second
	alertEvery  = 3 * time.Minute
)

// configuration has every part on. Its limits are so low that an hour reaches them: the history
// keeps 4,096 records of the probe, which come in 17 minutes.
const configuration = `
flink: {url: %q, cluster: soak}
kafka: {brokers: [%q]}
elasticsearch: {urls: [%q]}
sinks:
  - {name: enriched, kafka: {topic: orders-enriched}}
  - {name: search, elasticsearch: {index: orders, ingested_field: ingested_at, indexed_field: indexed_at, cleanup: delete}}
probe:
  job: %q
  topic: orders
  interval: 1s
  max_rate: 4
  template: '{"seed":"{{.Seed}}","at":{{.SentAt}},"n":{{.Int 1000}}}'
profiling: {cooldown: 0s}
history: {path: history.db, max_measurements: 10, max_episodes: 5}
`

// hour is a sidecar, a process of its own, and the servers that it talks to.
type hour struct {
	*testing.T

	dir, url string
	pid      int
	client   *api.Client
	began    time.Time
	episodes int
}

// TestHour fails if a size is neither flat nor within its limit. The samples are written whatever
// comes of it.
func TestHour(t *testing.T) {
	lasts := setting(t, duration, time.Hour+time.Minute)
	h := start(t)
	file, err := os.Create(os.Getenv(output))
	require.NoError(t, err, "name a file for the samples in %s", output)
	defer file.Close()
	rows := csv.NewWriter(file)
	require.NoError(t, rows.Write(columns))
	sample, alert := time.NewTicker(sampleEvery), time.NewTicker(alertEvery)
	defer sample.Stop()
	defer alert.Stop()
	for time.Since(h.began) < lasts {
		select {
		case <-sample.C:
			require.NoError(t, rows.Write(h.sample()))
			rows.Flush()
			require.NoError(t, rows.Error())
		case <-alert.C:
			h.alert()
		}
	}
	h.judge(file.Name())
}

func (h *hour) judge(file string) {
	text, err := os.ReadFile(file)
	require.NoError(h, err)
	all, err := parse(text)
	require.NoError(h, err)
	h.Log("\n" + all.markdown())
	for _, fault := range all.since(settled).faults() {
		h.Error(fault)
	}
}

func setting(t *testing.T, name string, otherwise time.Duration) time.Duration {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	d, err := time.ParseDuration(text)
	require.NoError(t, err)
	return d
}

// start runs the program beside a fake Flink, Kafka and Elasticsearch with a job between them.
func start(t *testing.T) *hour {
	t.Helper()
	page, err := os.ReadFile("../../../internal/flame/testdata/flink/flink-2.3.0-tm-ITIMER.html")
	require.NoError(t, err)
	flink, stack := flinktest.New(t, flinktest.Flink23), pipelinetest.StartLocal(t, pipelinetest.Behaviour{})
	flink.EnableProfiler(page)
	free, err := ports.Free(1)
	require.NoError(t, err)
	address := ports.Loopback(free[0])
	h := &hour{T: t, dir: t.TempDir(), url: "http://" + address, began: time.Now()}
	text := fmt.Sprintf(configuration, flink.URL, stack.Brokers[0], stack.ElasticURL, flinktest.JobName)
	file := filepath.Join(h.dir, "sidecar.yml")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	log, err := os.Create(filepath.Join(h.dir, "log"))
	require.NoError(t, err)
	defer log.Close()
	run := exec.CommandContext(t.Context(), os.Getenv(program), "run", "--config.file="+file,
		"--web.listen-address="+address)
	run.Stderr = log
	require.NoError(t, run.Start(), "name the sidecar's program in %s", program)
	h.pid = run.Process.Pid
	t.Cleanup(func() {
		_ = run.Process.Signal(syscall.SIGTERM) // it has ended if that fails
		_ = run.Wait()
		t.Log("the log:\n" + string(h.log()))
	})
	h.client, err = api.NewClient(h.url, http.DefaultClient)
	require.NoError(t, err)
	require.Eventually(t, func() bool { return h.page()["process_resident_memory_bytes"] > 0 }, time.Minute,
		100*time.Millisecond)
	return h
}

func (h *hour) log() []byte {
	text, err := os.ReadFile(filepath.Join(h.dir, "log"))
	require.NoError(h, err)
	return text
}

// alert opens an episode, which takes a profile. It does not wait for its end. An alert that is
// refused does not end the hour.
func (h *hour) alert() {
	receipt, err := h.client.Raise(h.Context(), api.AlertRequest{Job: flinktest.JobName, Summary: "an alert every three minutes"})
	switch {
	case err != nil:
		h.Error(err)
	case !receipt.Accepted:
		h.Error(receipt.Reason)
	default:
		h.episodes++
	}
}
