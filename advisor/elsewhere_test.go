package advisor

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/advisor/cause"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence/evidencetest"
)

// The sink limits the job, and a vertex before it has a blocking lookup.
func TestWaitingInOtherVerticesIsInfo(t *testing.T) {
	b := sampleJob(t)
	b.Bottleneck = "search"
	lookup := evidencetest.IntoUser[len(evidencetest.IntoTask)+1:] +
		";com/acme/orders/Customers.find;jdk/internal/net/http/HttpClientFacade.send"
	sink := evidencetest.Tasks(t, "WALL", evidencetest.Flat(100)...)
	sink.Name, sink.Vertex = "graph of search", "search"
	enrich := evidencetest.Tasks(t, "WALL", append(evidencetest.Flat(20), lookup, 180)...)
	enrich.Name, enrich.Vertex = "graph of enrich", "enrich"

	b.Profiles = []evidence.Profile{sink}
	_, ok := find(Rules(b), cause.BlockingIO)
	require.False(t, ok)

	b.Profiles = []evidence.Profile{sink, enrich}
	adv := Rules(b)
	aside := found(t, adv, cause.BlockingIO)
	require.Equal(t, "90.0 % of the busy time of enrich orders goes into blocking calls", aside.Title)
	require.Nil(t, aside.Impact, "a faster vertex gains nothing yet")
	require.Equal(t, episode.Info, aside.Severity)
	require.Equal(t, "rule:blocking-calls", aside.Source)
	require.Contains(t, entry(t, adv, aside.Evidence[0]).Text, "90.0 % of the samples of enrich orders "+
		"(180 of 200) are in blocking calls")
	require.Equal(t, []int{1, 2, 3}[:len(adv.Findings)], ranks(adv), "all findings have ranks")

	// If that vertex limits the job, the same samples bound a gain.
	b.Bottleneck = "enrich"
	require.NotNil(t, found(t, Rules(b), cause.BlockingIO).Impact)
}

func TestIdleVerticesGiveNoFinding(t *testing.T) {
	b := sampleJob(t)
	b.Bottleneck = "search"
	idle := evidencetest.Tasks(t, "WALL", evidencetest.Flat(3)...)
	idle.Vertex = "enrich"
	b.Profiles = []evidence.Profile{idle}
	adv := Rules(b)
	_, ok := find(adv, cause.BlockingIO)
	require.False(t, ok)
	require.Empty(t, adv.Warnings, "an idle vertex gives no warning")
}

func ranks(adv episode.Advice) (out []int) {
	for _, f := range adv.Findings {
		out = append(out, f.Rank)
	}
	return out
}

// TestWorkOfASourceIsNotTheBottlenecks has one process in which a source parses JSON, and a
// keyed vertex after it that is busy all the time with Kryo: less JSON gains nothing.
func TestWorkOfASourceIsNotTheBottlenecks(t *testing.T) {
	const source = "!org/apache/flink/runtime/taskmanager/Task.run;" +
		"org/apache/flink/streaming/runtime/tasks/StreamTask.invoke;" +
		"org/apache/flink/streaming/api/operators/SourceOperator.emitNext;"
	const keyed = "!org/apache/flink/runtime/taskmanager/Task.run;" +
		"org/apache/flink/streaming/runtime/tasks/StreamTask.invoke;" +
		"org/apache/flink/streaming/runtime/io/AbstractStreamTaskNetworkInput.emitNext;"
	p := evidencetest.Tasks(t, "ITIMER",
		source+"com/fasterxml/jackson/databind/ObjectMapper.readTree", 400,
		keyed+"com/esotericsoftware/kryo/Kryo.writeObject", 150,
		keyed+"com/acme/Enrich.work", 150)
	bundle := func(limits string) evidence.Bundle {
		return evidence.Bundle{
			Profiles: []evidence.Profile{p}, Bottleneck: limits,
			Vertices: []evidence.Vertex{
				{ID: "s", Name: "Source: orders", Busy: new(0.3)}, {ID: "k", Name: "enrich", Busy: new(1.0)},
			},
		}
	}
	adv := Rules(bundle("k"))
	kryo := found(t, adv, cause.GenericSerialization)
	require.Equal(t, 1, kryo.Rank)
	require.Equal(t, "50.0 % of the CPU time of enrich goes into generic (Kryo or Java) serialization", kryo.Title)
	require.InDelta(t, 60, kryo.Impact.HighPercent, 0.1, "half of the keyed vertex, three quarters of it removable")
	json := found(t, adv, cause.JSONParsing)
	require.Nil(t, json.Impact)
	require.Equal(t, episode.Info, json.Severity)
	require.Equal(t, "100.0 % of the busy time of Source: orders goes into JSON as trees and maps", json.Title)
	require.Contains(t, entry(t, adv, json.Evidence[0]).Text, "(400 of 400)")
	require.Equal(t, int64(150), *entry(t, adv, kryo.Evidence[0]).Samples)
	require.Equal(t, int64(700), *entry(t, adv, kryo.Evidence[0]).Of, "over all task threads, whichever vertex limits")
	recountAdvice(t, p, adv)

	adv = Rules(bundle("s"))
	require.Equal(t, cause.JSONParsing, adv.Findings[0].Category, "the source limits")
	require.Nil(t, found(t, adv, cause.GenericSerialization).Impact)
}

// Two keyed operators share a process and the side they read from. Flink's flame graphs tell
// whose methods are whose, so the JSON of the one that is not full bounds no gain.
func TestFlameGraphsTellKeyedVerticesApart(t *testing.T) {
	const (
		sums   = "org/apache/flink/streaming/api/operators/KeyedProcessOperator.processElement;com/acme/orders/Sums.processElement;"
		report = "org/apache/flink/streaming/api/operators/KeyedProcessOperator.processElement;com/acme/orders/Report.processElement;"
		json   = "com/fasterxml/jackson/databind/ObjectMapper.readTree"
		format = "java/lang/String.format;java/util/Formatter.format"
	)
	graph := func(vertex, stack string) evidence.Profile {
		p := evidencetest.Tasks(t, "WALL", stack, 100)
		p.Vertex, p.Name = vertex, "graph of "+vertex
		return p
	}
	both := evidencetest.Tasks(t, "ITIMER", sums+format, 300, report+json, 300)
	vertices := []evidence.Vertex{
		{ID: "sums", Name: "sums", Busy: new(1.0), BusyMax: new(1.0)},
		{ID: "report", Name: "report", Busy: new(0.3), BusyMax: new(0.3)},
	}
	adv := Rules(evidence.Bundle{
		Bottleneck: "sums", Vertices: vertices,
		Profiles: []evidence.Profile{both, graph("sums", sums+format), graph("report", report+json)},
	})
	formatting := found(t, adv, cause.StringFormatting)
	require.Equal(t, "100.0 % of the CPU time of sums goes into formatting strings, below com.acme.orders.Sums.processElement", formatting.Title)
	parsing := found(t, adv, cause.JSONParsing)
	require.Nil(t, parsing.Impact, "it does not limit the job")
	require.Contains(t, parsing.Title, "of the busy time of report goes into JSON")

	for _, e := range adv.Evidence {
		switch e.Subject {
		case "com.acme.orders.Sums.processElement":
			require.Equal(t, "sums", e.Operator)
		case "com.acme.orders.Report.processElement":
			require.Equal(t, "report", e.Operator)
		case "org.apache.flink.streaming.api.operators.KeyedProcessOperator.processElement":
			require.Empty(t, e.Operator, "both vertices show it")
		}
	}

	pooled := Rules(evidence.Bundle{Bottleneck: "sums", Vertices: vertices, Profiles: []evidence.Profile{both}})
	require.NotNil(t, found(t, pooled, cause.JSONParsing).Impact, "without flame graphs they cannot be told apart")
}
