package advisor

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/advisor/cause"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence/evidencetest"
)

// bySource are the findings of a bundle by the rule that made them.
func bySource(b evidence.Bundle) map[string]episode.Finding {
	out := map[string]episode.Finding{}
	for _, f := range Rules(b).Findings {
		out[f.Source] = f
	}
	return out
}

func TestSourceWithFewerPartitionsThanSubtasks(t *testing.T) {
	source := evidence.Vertex{ID: "s", Name: "Source: orders", Parallelism: 8, Partitions: 3, BusyMax: new(0.3)}
	got := bySource(evidence.Bundle{Vertices: []evidence.Vertex{source}, Bottleneck: "s"})["rule:few-partitions"]
	require.Equal(t, "5 of 8 subtasks of Source: orders read nothing: it has 3 partitions", got.Title)
	require.Equal(t, cause.SourceParallelism, got.Category)
	require.Equal(t, episode.Info, got.Severity)

	source.BusyMax = new(0.95)
	got = bySource(evidence.Bundle{Vertices: []evidence.Vertex{source}, Bottleneck: "s"})["rule:few-partitions"]
	require.Equal(t, episode.Warning, got.Severity, "it limits the job")

	for _, partitions := range []int{0, 8, 12} {
		source.Partitions = partitions
		require.NotContains(t, bySource(evidence.Bundle{Vertices: []evidence.Vertex{source}}), "rule:few-partitions")
	}
}

func TestFreeSlotsAreNamedWhereAllSubtasksAreBusy(t *testing.T) {
	full := evidence.Vertex{ID: "v", Name: "enrich", Parallelism: 2, Busy: new(0.97), BusyMax: new(0.99)}
	b := evidence.Bundle{Vertices: []evidence.Vertex{full}, Bottleneck: "v", FreeSlots: new(4)}
	got := bySource(b)["rule:free-slots"]
	require.Equal(t, "enrich is busy 97.0 % of the time in 2 subtasks, and 4 slots are free", got.Title)
	require.Equal(t, episode.Info, got.Severity)
	require.Nil(t, got.Impact)

	for name, change := range map[string]func(b *evidence.Bundle){
		"no slot is free":            func(b *evidence.Bundle) { b.FreeSlots = new(0) },
		"nothing is known of slots":  func(b *evidence.Bundle) { b.FreeSlots = nil },
		"one subtask is hot":         func(b *evidence.Bundle) { b.Vertices[0].Busy = new(0.6) },
		"a source has no more input": func(b *evidence.Bundle) { b.Vertices[0].Partitions = 2 },
	} {
		other := b
		other.Vertices = []evidence.Vertex{full}
		change(&other)
		require.NotContains(t, bySource(other), "rule:free-slots", name)
	}
}

func TestThreadsThatFetchFromKafka(t *testing.T) {
	fetching := "!java/lang/Thread.run;org/apache/flink/connector/base/source/reader/fetcher/SplitFetcher.run;" +
		"org/apache/kafka/clients/consumer/KafkaConsumer.poll"
	b := evidence.Bundle{Profiles: []evidence.Profile{evidencetest.Tasks(t, "ITIMER",
		append(evidencetest.Flat(600), fetching, 400)...)}}
	got := bySource(b)["rule:kafka-consumer"]
	require.Equal(t, "40.0 % of the process's CPU time goes into fetching from Kafka", got.Title)
	require.Contains(t, entry(t, Rules(b), got.Evidence[0]).Text, "400 of 1000 CPU samples of the process")

	b.Profiles[0] = evidencetest.Tasks(t, "ITIMER", append(evidencetest.Flat(900), fetching, 100)...)
	require.NotContains(t, bySource(b), "rule:kafka-consumer", "a tenth is normal")
}

func TestStateOfJoinsIsNamed(t *testing.T) {
	user := evidencetest.IntoUser[len(evidencetest.IntoTask)+1:]
	for name, below := range map[string]string{
		"rule:state": "org/apache/flink/streaming/api/operators/co/IntervalJoinOperator.processElement1;" +
			"org/apache/flink/state/rocksdb/RocksDBMapState.put;org/rocksdb/RocksDB.put",
		"rule:heap-state": "org/apache/flink/table/runtime/operators/join/stream/StreamingJoinOperator.processElement;" +
			"org/apache/flink/runtime/state/heap/HeapMapState.get",
	} {
		got := bySource(evidence.Bundle{Profiles: []evidence.Profile{evidencetest.Tasks(t, "ITIMER",
			append(evidencetest.Flat(60), user+";"+below, 40)...)}})[name]
		require.Contains(t, got.Why, "40 of the 40 samples that show this cause are in what a join keeps of both sides.")
		require.Contains(t, got.Change, "table.exec.state.ttl", name)
	}
}

func TestDebloatedBuffersAreNotAdvisedAgain(t *testing.T) {
	b := evidence.Bundle{
		Checkpoints: &evidence.Checkpoints{Interval: 10, Alignment: new(2.0)}, Bottleneck: "v",
		Vertices: []evidence.Vertex{{ID: "v", Name: "sink", Busy: new(0.7), BusyMax: new(0.9)}},
	}
	require.Contains(t, found(t, Rules(b), cause.CheckpointAlignment).Change, "set taskmanager.network.memory.buffer-debloat.enabled: true")
	b.Config = map[string]string{"taskmanager.network.memory.buffer-debloat.enabled": "true"}
	require.Contains(t, found(t, Rules(b), cause.CheckpointAlignment).Change, "Buffers are debloated already")
}

// Each trend that fired has a finding of its own, which comes first.
func TestTrendsThatHaveAFindingOfTheirOwn(t *testing.T) {
	for signal, want := range map[string]struct{ unit, rule, title string }{
		evidence.SignalMetaspace:       {"bytes", "rule:metaspace-growth", "Metaspace grows and reaches its limit in 20 min"},
		evidence.SignalDirectMemory:    {"bytes", "rule:direct-memory-growth", "Direct memory grows and reaches its limit in 20 min"},
		evidence.SignalFileDescriptors: {"count", "rule:descriptor-growth", "Number of open files grows and reaches its limit in 20 min"},
		evidence.SignalSourceLag:       {"seconds", "rule:falls-behind", "Source lag grows and reaches its limit in 20 min"},
		evidence.SignalPendingRecords:  {"records", "rule:falls-behind", "Backlog grows and reaches its limit in 20 min"},
	} {
		adv := Rules(evidence.Bundle{Trends: []evidence.Trend{{
			Signal: signal, Unit: want.unit, Now: 300, PerSecond: 0.5, PerSecondLow: 0.4, Breach: new(20 * time.Minute),
			Limit: new(900.0), Fired: true,
		}}})
		require.Len(t, adv.Findings, 1)
		require.Equal(t, want.rule, adv.Findings[0].Source)
		require.Equal(t, want.title, adv.Findings[0].Title)
		require.Equal(t, episode.Critical, adv.Findings[0].Severity)
	}
}
