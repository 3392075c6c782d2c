package advisor

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/advisor/cause"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence/evidencetest"
)

// The unchanged sample job: a blocking lookup in the keyed operator, trees through
// Kryo, and a request per document. 400 samples are 4 s of CPU in 30 s, in which two
// subtasks were busy 98 % of the time, 58.8 s. So they waited at least 1 - 4/58.8 =
// 93.2 % of it.
func sampleJob(t *testing.T) evidence.Bundle {
	lookup := evidencetest.IntoUser[len(evidencetest.IntoTask)+1:] +
		";com/acme/orders/Customers.find;jdk/internal/net/http/HttpClientFacade.send;jdk/internal/net/http/HttpClientImpl.send"
	bulk := "org/apache/flink/streaming/runtime/operators/sink/SinkWriterOperator.processElement;org/apache/flink/connector/base/sink/writer/AsyncSinkWriter.write;" +
		"org/apache/flink/connector/base/sink/writer/AsyncSinkWriter.flush;com/acme/orders/BulkWriter.submitRequestEntries;jdk/internal/net/http/HttpClientFacade.sendAsync"
	convert := "org/apache/flink/streaming/runtime/operators/sink/SinkWriterOperator.processElement;org/apache/flink/connector/base/sink/writer/AsyncSinkWriter.write;com/acme/orders/ToDocument.apply"
	return evidence.Bundle{
		Job: "orders", Bottleneck: "enrich",
		Profiles: []evidence.Profile{evidencetest.Tasks(t, "ITIMER", append(evidencetest.Flat(100), lookup, 120,
			"com/esotericsoftware/kryo/Kryo.writeObject", 100, bulk, 60, convert, 20)...)},
		Vertices: []evidence.Vertex{
			{
				ID: "enrich", Name: "enrich orders", Parallelism: 4, Busy: new(0.98), BusyMax: new(1.0),
				SubtasksOn: map[string]int{"tm-1": 2, "tm-2": 2},
			},
			{ID: "search", Name: "orders to Elasticsearch: Writer", Parallelism: 4, Busy: new(0.5)},
		},
		Sinks: []evidence.SinkRate{{Name: "search", Vertex: "search", Subtasks: 4, Records: 800, Requests: 790}},
	}
}

func TestSampleJobShowsItsThreeFaults(t *testing.T) {
	adv := Rules(sampleJob(t))

	first := adv.Findings[0]
	require.Equal(t, cause.BlockingIO, first.Category)
	require.Equal(t, "At least 93.2 % of the busy time of enrich orders is waiting, and it makes blocking calls, "+
		"below com.acme.orders.Customers.find", first.Title)
	require.Equal(t, episode.Critical, first.Severity)
	// s = (0.932 + 0.068 x 0.3) x 0.95 = 0.905: at most 950 % while it limits. Half of the
	// waiting only, 0.932 x 0.98 x 0.5 = 0.457: at least 84 %.
	require.InDelta(t, 950, first.Impact.HighPercent, 1)
	require.InDelta(t, 84, first.Impact.LowPercent, 0.1)

	kryo := found(t, adv, cause.GenericSerialization)
	// s = 0.25 x 0.98 x (4/58.8) x 0.75 = 0.012: while the task waits, CPU has little
	// effect.
	require.InDelta(t, 1.2, kryo.Impact.HighPercent, 0.051)
	require.Equal(t, episode.Info, kryo.Severity)

	sink := found(t, adv, cause.SinkBatching)
	require.Equal(t, "Sink search sends 1.0 records per request", sink.Title)
	require.Contains(t, entry(t, adv, sink.Evidence[0]).Text, "sends 1.0 records in each of 790 requests per second")
}

// The immediate gain depends on the next vertex: if it is busy 80 % of the time, the
// job can become a quarter faster.
func TestTheNextBottleneckLimitsTheLowEnd(t *testing.T) {
	b := sampleJob(t)
	b.Vertices[1].Busy = new(0.8)
	first := Rules(b).Findings[0]
	require.Equal(t, cause.BlockingIO, first.Category)
	require.InDelta(t, 25, first.Impact.LowPercent, 1e-9)
	require.Contains(t, first.Why, "From +25 % on, ")
	require.InDelta(t, 950, first.Impact.HighPercent, 1, "what the sink can carry is not known")
}

func TestInferredWaitingNeedsABlockingCallInTheProfile(t *testing.T) {
	b := sampleJob(t)
	b.Sinks = nil
	b.Profiles = []evidence.Profile{evidencetest.Tasks(t, "ITIMER", append(evidencetest.Flat(300),
		"com/esotericsoftware/kryo/Kryo.writeObject", 100)...)}
	adv := Rules(b)
	_, ok := find(adv, cause.BlockingIO)
	require.False(t, ok, "waiting for a processor looks the same")
	require.Contains(t, adv.Observations[0], "busy for 58.8 s, but task threads used only 4.0 s of CPU, and no "+
		"blocking call was seen")
	// Then CPU counts in full: s = 0.25 x 0.98 x 0.75 = 0.184; 22.5 %.
	require.InDelta(t, 22.5, found(t, adv, cause.GenericSerialization).Impact.HighPercent, 0.1)
}

func TestBlockingCallsWithoutMetricsHaveNoBound(t *testing.T) {
	for _, tc := range []struct {
		samples  int
		severity episode.Severity
	}{{10, episode.Info}, {30, episode.Warning}, {60, episode.Critical}} {
		adv := Rules(evidence.Bundle{Profiles: []evidence.Profile{evidencetest.Tasks(t, "ITIMER",
			append(evidencetest.Flat(100-tc.samples),
				evidencetest.IntoUser[len(evidencetest.IntoTask)+1:]+";org/postgresql/jdbc/PgStatement.executeQuery",
				tc.samples)...)}})
		f := found(t, adv, cause.BlockingIO)
		require.Nil(t, f.Impact)
		require.Equal(t, tc.severity, f.Severity)
	}
}

func TestBlockingCallsInWallAreBounded(t *testing.T) {
	wall := evidencetest.Tasks(t, "WALL",
		"!"+evidencetest.IntoTask[:len(evidencetest.IntoTask)-len(
			";org/apache/flink/streaming/runtime/tasks/StreamTask.processInput")]+
			";org/apache/flink/streaming/runtime/tasks/mailbox/MailboxProcessor.processMailsWhenDefaultActionUnavailable;org/apache/flink/streaming/runtime/tasks/mailbox/TaskMailboxImpl.take;jdk/internal/misc/Unsafe.park", 700,
		evidencetest.IntoUser[len(evidencetest.IntoTask)+1:]+
			";java/net/Socket$SocketInputStream.read;sun/nio/ch/NioSocketImpl.read;__libc_recv", 240,
		"org/apache/flink/streaming/runtime/io/StreamTaskNetworkInput.emitNext", 60)
	adv := Rules(evidence.Bundle{Profiles: []evidence.Profile{wall}})
	f := found(t, adv, cause.BlockingIO)
	require.Equal(t, "80.0 % of the busy time of the tasks goes into blocking calls, below com.acme.orders.Enrich.processElement", f.Title)
	// s = 240/300 x 0.95 = 0.76; 1/0.24 - 1 = 316.6 %.
	require.InDelta(t, 316.6, f.Impact.HighPercent, 0.1)
	require.Contains(t, adv.Observations[0], "70.0 %")
}

func TestWaitingOfABottleneckSinkIsAFindingOfTheSink(t *testing.T) {
	b := sampleJob(t)
	b.Bottleneck = "search"
	b.Vertices[0].Busy, b.Vertices[0].BusyMax, b.Vertices[1].Busy = new(0.4), new(0.4), new(0.98)
	b.Vertices[1].SubtasksOn = map[string]int{"tm-1": 2}
	adv := Rules(b)
	require.Equal(t, cause.SinkBatching, adv.Findings[0].Category)
	require.InDelta(t, 84, adv.Findings[0].Impact.LowPercent, 0.1)
	require.Nil(t, found(t, adv, cause.BlockingIO).Impact, "the lookup is not in the vertex that waits")
}

func TestSinkRequests(t *testing.T) {
	for _, tc := range []struct {
		name     string
		sink     evidence.SinkRate
		busy     float64
		severity episode.Severity // empty: no finding
	}{
		{"one by one, sink busy", evidence.SinkRate{
			Name: "s", Vertex: "v", Subtasks: 2, Records: 300,
			Requests: 300,
		}, 0.9, episode.Warning},
		{"one by one, sink idle", evidence.SinkRate{
			Name: "s", Vertex: "v", Subtasks: 2, Records: 300,
			Requests: 300,
		}, 0.1, episode.Info},
		{"batches", evidence.SinkRate{Name: "s", Vertex: "v", Subtasks: 2, Records: 3000, Requests: 6}, 0.9, ""},
		{"few records, flushed by time", evidence.SinkRate{
			Name: "s", Vertex: "v", Subtasks: 2, Records: 12,
			Requests: 10,
		}, 0.1, ""},
		{"no requests", evidence.SinkRate{Name: "s", Vertex: "v"}, 0.9, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			adv := Rules(evidence.Bundle{
				Sinks:    []evidence.SinkRate{tc.sink},
				Vertices: []evidence.Vertex{{ID: "v", Name: "w", Busy: new(tc.busy)}},
			})
			f, ok := find(adv, cause.SinkBatching)
			require.Equal(t, tc.severity != "", ok)
			require.Equal(t, tc.severity, f.Severity)
			require.Nil(t, f.Impact)
		})
	}
}

func TestBatchedSinkGivesNoFinding(t *testing.T) {
	b := sampleJob(t)
	b.Sinks = []evidence.SinkRate{{Name: "search", Vertex: "search", Subtasks: 4, Records: 4000, Requests: 10}}
	_, ok := find(Rules(b), cause.SinkBatching)
	require.False(t, ok)
}
