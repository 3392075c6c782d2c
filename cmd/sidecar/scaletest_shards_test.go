package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/pipelinetest"
)

const (
	shards       = 4
	shardRecords = 400 // of all shards together
	shardRate    = 400.0
)

// TestScaleTestOfFourProcesses compares four processes with one that sends the same number of
// records at the same rate, and both with what the job has seen of each record.
func TestScaleTestOfFourProcesses(t *testing.T) {
	t.Parallel()
	seen := &sightings{at: map[string]time.Time{}}
	w := newScaleWorld(t, pipelinetest.Behaviour{Wrote: seen.wrote, Fate: func(i int) pipelinetest.Fate {
		return pipelinetest.Fate{Delay: time.Duration(1+i%4) * 100 * time.Millisecond, Twice: i%100 == 7}
	}})
	between := listen(t, startSidecarOn(t, w.history, "--config.file="+w.config).url)
	flags := []string{
		"--label=base", "--run=r", "--iterations=2", fmt.Sprintf("--records=%d", shardRecords),
		fmt.Sprintf("--rate=%g", shardRate), "--format=json",
	}
	code, stdout, stderr := w.scaletest(t.Context(), flags...)
	require.Equal(t, exitFine, code, stderr)
	one := decodeScaleTest(t, stdout)
	four := w.inShards(t, append(flags, "--sidecar.url="+between.url)...)
	require.Equal(t, scalerun.OK, four.Verdict, four.Reason)
	require.Equal(t, one.Run, four.Run)
	require.Len(t, four.Iterations, 2)
	sequences := w.sequences(t, slices.Concat(one.Iterations, four.Iterations))
	for i, it := range four.Iterations {
		alone := one.Iterations[i]
		require.Len(t, strings.Fields(it.Seed), shards)
		require.EqualValues(t, shardRecords, it.Sent)
		require.Zero(t, it.Lost)
		require.Equal(t, alone.Duplicates, it.Duplicates)
		between.requireMerged(t, i+1, it)
		seen.requireLatencies(t, sequences, it)
		seen.requireLatencies(t, sequences, alone)
		t.Logf("%.1f records/s in four processes, %.1f in one", *it.Throughput, *alone.Throughput)
	}
}

// inShards runs the test in several processes, and returns what each of them printed.
func (w *scaleWorld) inShards(t *testing.T, flags ...string) scalerun.Test {
	t.Helper()
	var work sync.WaitGroup
	outs, errs := make([]output, shards), make([]output, shards)
	for shard := range shards {
		work.Go(func() {
			args := append([]string{
				"scaletest", "--config.file=" + w.config, fmt.Sprintf("--shards=%d", shards),
				fmt.Sprintf("--shard=%d", shard),
			}, flags...)
			cmd := exec.CommandContext(t.Context(), "sidecar", args...)
			cmd.Stdout, cmd.Stderr = &outs[shard], &errs[shard]
			_ = cmd.Run() // its output says what is wrong
		})
	}
	work.Wait()
	all := decodeScaleTest(t, outs[0].String())
	for shard := range shards {
		require.Equal(t, all, decodeScaleTest(t, outs[shard].String()), errs[shard].String())
	}
	return all
}

// sequences reads the records of iterations from the source topic, which has those of the probe too,
// and returns the place of each in the sequence of its iteration, by seed.
func (w *scaleWorld) sequences(t *testing.T, of []scalerun.Iteration) map[string]int {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(w.stack.Brokers...), kgo.ConsumeTopics("orders"),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	require.NoError(t, err)
	defer client.Close()
	found := map[string]int{}
	ours := func(seed string) bool {
		return slices.ContainsFunc(of, func(it scalerun.Iteration) bool { return belongs(seed, it) })
	}
	for len(found) < len(of)*shardRecords {
		fetches := client.PollFetches(t.Context())
		require.NoError(t, fetches.Err())
		fetches.EachRecord(func(r *kgo.Record) {
			var value struct {
				Seed string
				I    int
			}
			require.NoError(t, json.Unmarshal(r.Value, &value))
			if ours(value.Seed) {
				_, twice := found[value.Seed]
				require.False(t, twice, "%s is twice in the topic: partition %d, offset %d", value.Seed, r.Partition, r.Offset)
				found[value.Seed] = value.I
			}
		})
	}
	return found
}

// belongs reports whether a seed is one of an iteration, which has a round of each shard.
func belongs(seed string, it scalerun.Iteration) bool {
	round := seed[:strings.LastIndexByte(seed, '-')]
	return slices.Contains(strings.Fields(it.Seed), round)
}

// sightings are the moments at which the job wrote each record for the first time, by seed.
type sightings struct {
	mu sync.Mutex // protects at
	at map[string]time.Time
}

func (s *sightings) wrote(seed string, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.at[seed]; !known {
		s.at[seed] = at
	}
}

// How far a measured latency may be from what the job has seen: processes of one machine wait for
// each other, and an index is asked every 50 ms.
const (
	below = 100 * time.Millisecond
	above = 300 * time.Millisecond
)

// requireLatencies requires that an iteration has each record of the sequence once, and the quantiles
// of the latencies of them all.
func (s *sightings) requireLatencies(t *testing.T, sequences map[string]int, it scalerun.Iteration) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	var places []int
	var took []time.Duration
	for seed, place := range sequences {
		if !belongs(seed, it) {
			continue
		}
		due := it.Started.Add(time.Duration(float64(place-1) / shardRate * float64(time.Second)))
		places, took = append(places, place), append(took, s.at[seed].Sub(due))
	}
	slices.Sort(places)
	require.Len(t, places, shardRecords)
	for i, place := range places {
		require.Equal(t, i+1, place, "each place in the sequence has one record")
	}
	slices.Sort(took)
	for name, sink := range it.Sinks {
		for _, q := range quantiles(sink.Latency) {
			exact := took[int(math.Ceil(q.share*float64(len(took))))-1]
			got := time.Duration(*q.value * float64(time.Second))
			require.Greater(t, got, exact-below, "%s, quantile %g", name, q.share)
			if !testing.Short() { // with the race detector, a look at a sink can take longer than that
				require.Less(t, got, exact+above, "%s, quantile %g", name, q.share)
			}
		}
	}
}

type share struct {
	share float64
	value *float64
}

func quantiles(l scalerun.Latency) []share {
	return []share{{0.5, l.P50}, {0.9, l.P90}, {0.99, l.P99}, {1, l.Max}}
}

// listener stands between the shards and the sidecar, and keeps what they hand over.
type listener struct {
	url string

	mu sync.Mutex // protects slices
	// slices are by round and shard.
	slices map[int]*[shards]scalerun.Slice
}

func listen(t *testing.T, sidecar string) *listener {
	t.Helper()
	target, err := url.Parse(sidecar)
	require.NoError(t, err)
	l := &listener{slices: map[int]*[shards]scalerun.Slice{}}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		if strings.HasSuffix(r.In.URL.Path, "/scaletests/shards") {
			l.hear(r.Out)
		}
	}}
	server := httptest.NewServer(proxy)
	t.Cleanup(server.Close)
	l.url = server.URL
	return l
}

// hear keeps the slice in a request, if it has one.
func (l *listener) hear(r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the sidecar refuses the rest
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	var shard scalerun.Shard
	if json.Unmarshal(body, &shard) != nil || shard.Slice == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.slices[shard.Slice.Round] == nil {
		l.slices[shard.Slice.Round] = &[shards]scalerun.Slice{}
	}
	l.slices[shard.Slice.Round][shard.Shard] = *shard.Slice
}

// requireMerged requires that an iteration has exactly what the histograms of the shards have
// together.
func (l *listener) requireMerged(t *testing.T, round int, it scalerun.Iteration) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	require.Contains(t, l.slices, round)
	for name, sink := range it.Sinks {
		pooled := hdrhistogram.New(1, int64(24*time.Hour/time.Microsecond), 3)
		for _, slice := range l.slices[round] {
			latencies := slice.Sinks[name].Latencies
			require.EqualValues(t, shardRecords/shards, latencies.Count, name)
			part, err := hdrhistogram.Decode([]byte(latencies.HDR))
			require.NoError(t, err)
			require.Zero(t, pooled.Merge(part))
		}
		require.Equal(t, pooled.TotalCount(), sink.Seen, name)
		require.EqualValues(t, shardRecords, sink.Seen, name)
		for _, q := range quantiles(sink.Latency) {
			exact := float64(pooled.ValueAtPercentile(100*q.share)) / 1e6
			require.InEpsilon(t, exact, *q.value, 0.001, "%s, quantile %g", name, q.share)
		}
	}
}
