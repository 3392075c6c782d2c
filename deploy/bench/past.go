package main

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

// The made-up history: a year of ten jobs. Each run of scale tests has ten labels with three
// deployments of five iterations.
const (
	jobs         = 10
	measurements = 100_000 // one a minute
	iterations   = 5       // of a test
	labels       = 10
	deployments  = 3
	testsPerRun  = labels * deployments
	year         = 365 * 24 * time.Hour
)

// start is when the made-up history begins.
var start = time.Date(2025, 11, 1, 0, 0, 0, 0, time.UTC)

var categories = []string{"generic-serialization", "sink-batching", "blocking-io", "json-parsing", "gc-pressure"}

// vertices are those of every job: all jobs are made from one template.
var vertices = []string{
	"Source: orders", "Parse", "Enrich orders -> Sink: search", "Count by minute", "Sink: kafka",
}

// past makes the entries.
type past struct{ episodes, tests int }

func pastOf(episodes, of int) past { return past{episodes, of / iterations} }

func jobName(n int) string { return "orders-" + strconv.Itoa(n) }

func runName(n int) string { return "nightly-" + strconv.Itoa(n) }

// idAt is a ULID of a time; n makes it unique.
func idAt(at time.Time, n int) string {
	var id ulid.ULID
	_ = id.SetTime(ulid.Timestamp(at)) // fails only in the year 10889
	binary.BigEndian.PutUint64(id[8:], uint64(n))
	return id.String()
}

func (p past) episodesEvery() time.Duration { return year / time.Duration(p.episodes) }

func (p past) putEpisodes(store *history.Store) error {
	for i := range p.episodes {
		if err := store.PutEpisode(newEpisode(start.Add(time.Duration(i)*p.episodesEvery()), i)); err != nil {
			return err
		}
	}
	return nil
}

// newEpisode has two profiles and three findings with their evidence.
func newEpisode(at time.Time, n int) episode.Episode {
	id := idAt(at, n)
	vertex := fmt.Sprintf("%032x", n/jobs%len(vertices))
	e := episode.Episode{
		ID: id, State: episode.Done, Opened: at, Concluded: at.Add(40 * time.Second), Finished: at.Add(41 * time.Second),
		EpochKey: fmt.Sprintf("%032x", n%100),
		Alert: episode.Alert{
			Rule: "checkpoint-duration", Source: episode.FromTrend, Cluster: "lab", Job: jobName(n % jobs), Vertex: vertex,
			Summary: "checkpoints will take longer than their interval in 20 min", StartsAt: at, Fingerprint: id,
		},
		Target: &episode.Target{Vertex: vertex, VertexName: vertices[n/jobs%len(vertices)], Process: "tm-1"},
		Advice: &episode.Advice{Rejected: []episode.Rejection{}, Observations: []string{}, Warnings: []string{}},
	}
	for i, mode := range []string{"ITIMER", "ALLOC"} {
		p := episode.Profile{
			ID: idAt(at, n+i), Mode: mode, Process: "tm-1", Taken: at, Duration: 30 * time.Second, Samples: 5400,
			Hash: fmt.Sprintf("%064x", n), Grade: "good",
		}
		for f := range 20 {
			name := "org/example/orders/Enrich.step" + strconv.Itoa(f)
			p.Hot = append(p.Hot, episode.HotFrame{Name: name, Self: int64(200 - f), Total: 5000})
		}
		e.Profiles = append(e.Profiles, p)
	}
	for i := range 3 {
		fact := "E" + strconv.Itoa(i+1)
		e.Advice.Evidence = append(e.Advice.Evidence, episode.Evidence{
			ID: fact, Kind: "frame", Subject: "com.esotericsoftware.kryo.Kryo.writeClassAndObject", Unit: "samples",
			Text: "com.esotericsoftware.kryo.Kryo.writeClassAndObject is in 1733 of 5400 samples", Mode: "ITIMER",
			Samples: new(int64(1733)), Self: new(int64(4)), Of: new(int64(5400)),
		})
		e.Advice.Findings = append(e.Advice.Findings, episode.Finding{
			ID: id + "-F" + strconv.Itoa(i+1), Category: categories[(n/jobs+i)%len(categories)], Rank: i + 1, Confidence: 0.8,
			Title: "Orders are serialized by Kryo", Severity: episode.Warning, Evidence: []string{fact}, Source: "rule:kryo",
			Impact: &episode.Impact{LowPercent: 10, HighPercent: 25},
			Why:    "32 % of the busy time of Enrich orders is spent in Kryo, which writes class names and field after field.",
			Change: "Make the class a POJO, or register a serializer, and set pipeline.generic-types to false.",
		})
	}
	return e
}

func (p past) putScaleTests(store *history.Store) error {
	every := year / time.Duration(p.tests)
	for i := range p.tests {
		if err := store.PutScaleTest(newScaleTest(start.Add(time.Duration(i)*every), i)); err != nil {
			return err
		}
	}
	return nil
}

// newScaleTest is the n-th test. Runs of all jobs follow each other; within a run all labels are
// tested in turn.
func newScaleTest(at time.Time, n int) scalerun.Test {
	run, of := n/testsPerRun, n%testsPerRun
	label := of % labels
	t := scalerun.Test{
		ID: idAt(at, n), Run: runName(run), Label: "change " + strconv.Itoa(label), Baseline: label == 0,
		OpensRun: of == 0, Cluster: "lab", Job: jobName(run % jobs), Deployment: fmt.Sprintf("%032x", n), Began: at,
		Ended: at.Add(2 * time.Minute), Shape: "steady", Verdict: scalerun.OK,
		Environment: map[string]string{"flink": "2.3.0", "parallelism": "2"}, Warnings: []string{},
	}
	for i := range iterations {
		rate := 1000 * float64(10+label) / 10 * (1 + 0.01*float64((n+i)%7))
		latency := scalerun.Latency{
			Min: new(0.11), Mean: new(rate / 1e4), P50: new(rate / 1.1e4), P90: new(rate / 9e3), P99: new(rate / 8e3),
			Max: new(2.5),
		}
		t.Iterations = append(t.Iterations, scalerun.Iteration{
			Iteration: i + 1, Seed: idAt(at, i), Started: at, Intended: 20_000, Sent: 20_000, ToKafkaSeconds: new(3.1),
			ToAllSinksSeconds: new(20_000 / rate), Throughput: &rate, SlowestSink: "search", PayloadBytes: 7_000_000,
			PublishDelay: scalerun.Delay{P50: new(0.001), P99: new(0.02), Max: new(0.05)},
			Sinks: map[string]scalerun.Sink{"search": {
				Seen: 20_000, ToAllSeconds: new(20_000 / rate), Throughput: &rate, Latency: latency,
			}},
			CPUPerMillion: new(312.5), Checkpoints: new(2), Backpressure: new(0.7), GCSeconds: new(0.21),
			ExchangedBytes: new(8.1e6), Flags: []string{}, Notes: []string{},
		})
	}
	return t
}

func (p past) putMeasurements(store *history.Store) error {
	for from := 0; from < measurements; from += 1000 {
		var batch []episode.Measurement
		for i := from; i < from+1000; i++ {
			at := start.Add(time.Duration(i) * time.Minute)
			batch = append(batch, episode.Measurement{
				ID: idAt(at, i), Kind: episode.KindWindow, Cluster: "lab", Job: jobName(i % jobs),
				EpochKey: fmt.Sprintf("%032x", i/10_000), Began: at, Ended: at.Add(time.Minute),
				Throughput: new(1000.0), Capacity: new(1500.0), CPUPerMillion: new(300.0),
			})
		}
		if err := store.PutMeasurement(batch...); err != nil {
			return err
		}
	}
	return nil
}
