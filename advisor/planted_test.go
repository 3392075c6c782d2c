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

// Each rule about CPU is planted into 40 of 100 samples of a profile without other
// causes. The bound of 0.4 is 1/0.6 - 1 = 66.6 %; with the removable part 0.75 of Kryo
// it is 1/(1 - 0.3) - 1 = 42.8 %.
func TestRulesFindPlantedCauses(t *testing.T) {
	for _, tc := range []struct {
		rule, category string
		below          string // what the planted stacks go through
		high           float64
	}{
		{
			"mapper-creation", cause.ObjectMapperPerRecord,
			"com/fasterxml/jackson/databind/ObjectMapper.<init>;java/lang/reflect/Method.invoke", 64.4,
		},
		{
			"kryo", cause.GenericSerialization,
			"com/esotericsoftware/kryo/Kryo.writeObject;java/lang/reflect/Field.get", 42.8,
		},
		{
			"logging", cause.LoggingHotPath, "org/apache/logging/slf4j/Log4jLogger.info;java/util/Formatter.format",
			65.5,
		},
		{
			"exceptions", cause.ExceptionsControlFlow,
			"java/lang/Integer.parseInt;java/lang/NumberFormatException.<init>;java/lang/Throwable.<init>;java/lang/Throwable.fillInStackTrace", 65.5,
		},
		{"regex-compile", cause.RegexPerRecord, "java/lang/String.replaceAll;java/util/regex/Pattern.compile", 66.6},
		{"dates", cause.DateFormatting, "java/text/SimpleDateFormat.format", 56.2},
		{"dates", cause.DateFormatting, "java/text/SimpleDateFormat.<init>;java/text/SimpleDateFormat.compile", 59.2},
		{"formatting", cause.StringFormatting, "java/lang/String.format;java/util/Formatter.format", 61.2},
		{"regex-match", cause.RegexPerRecord, "java/util/regex/Matcher.find;java/util/regex/Pattern$Loop.match", 61.2},
		{
			"json-tree", cause.JSONParsing,
			"org/apache/flink/shaded/jackson2/com/fasterxml/jackson/databind/ObjectMapper.readTree", 25,
		},
		{"json", cause.JSONParsing, "com/fasterxml/jackson/databind/ObjectReader.readValue", 11.1},
		{"tls", cause.TLSCrypto, "sun/security/ssl/SSLEngineImpl.wrap", 31.5},
		{
			"state", cause.StateAccess,
			"org/apache/flink/state/rocksdb/RocksDBValueState.value;org/rocksdb/RocksDB.get;rocksdb::DBImpl::Get(rocksdb::ReadOptions const&);snappy::RawUncompress(char const*)", 25,
		},
		{"ciphers", cause.TLSCrypto, "javax/crypto/Cipher.doFinal", 25},
		{"ciphers", cause.TLSCrypto, "javax/crypto/Cipher.getInstance;java/security/Provider.getService", 64.4},
		{"heap-state", cause.StateAccess, "org/apache/flink/runtime/state/heap/HeapValueState.value", 19},
		{"compression", cause.Compression, "java/util/zip/GZIPOutputStream.write;java/util/zip/Deflater.deflate", 42.8},
		{"kafka-producer", cause.KafkaProducer, "org/apache/kafka/clients/producer/KafkaProducer.send", 19},
		{"locks", cause.LockContention, "java/util/concurrent/locks/ReentrantLock.lock", 47},
		{"reflection", cause.Reflection, "java/lang/reflect/Method.invoke", 59.2},
		{"boxing", cause.BoxingAllocation, "java/lang/Long.valueOf", 49.7},
		{"own-code", cause.Other, "java/util/HashMap.get", 25},
		{
			"avro-reflect", cause.GenericSerialization,
			"org/apache/avro/reflect/ReflectData.setField;org/apache/avro/reflect/FieldAccessReflect$ReflectionAccessor.set", 38.8,
		},
		{
			"hashing", cause.Other,
			"java/security/MessageDigest.digest;sun/security/provider/DigestBase.engineDigest;sha256_implCompress", 35.1,
		},
		{"random-numbers", cause.Other, "java/util/UUID.randomUUID;java/security/SecureRandom.nextBytes", 56.2},
		{"decimals", cause.Other, "java/math/BigDecimal.divide;java/math/MutableBigInteger.divideKnuth", 64.4},
		{"text-building", cause.StringFormatting, "java/lang/String.split;java/lang/String.substring", 42.8},
		{
			"python", cause.Other,
			"org/apache/flink/streaming/api/operators/python/process/AbstractExternalPythonFunctionOperator.invokeFinishBundle", 31.5,
		},
		{
			"beam-coders", cause.GenericSerialization,
			"org/apache/beam/runners/flink/translation/types/CoderTypeSerializer.copy;org/apache/beam/sdk/util/CoderUtils.clone", 47,
		},
		{
			"buffer-flushes", cause.NetworkBuffers,
			"org/apache/flink/runtime/io/network/api/writer/RecordWriter.flushAll", 56.2,
		},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			planted := evidencetest.IntoUser[len(evidencetest.IntoTask)+1:] + ";" + tc.below
			adv := Rules(evidence.Bundle{Profiles: []evidence.Profile{evidencetest.Tasks(t, "ITIMER",
				append(evidencetest.Flat(60), planted, 40)...)}})
			require.Len(t, adv.Findings, 1)
			f := adv.Findings[0]
			require.Equal(t, tc.category, f.Category)
			require.Equal(t, "rule:"+tc.rule, f.Source)
			require.Equal(t, 1, f.Rank)
			require.Equal(t, "F1", f.ID)
			require.InDelta(t, tc.high, f.Impact.HighPercent, 0.101)
			require.Less(t, f.Impact.LowPercent, f.Impact.HighPercent)
			require.NotEmpty(t, f.Change)
			require.NotEmpty(t, f.TradeOffs)
			e := entry(t, adv, f.Evidence[0])
			require.InDelta(t, 0.4, *e.Value, 1e-9)
			require.Contains(t, e.Text, "40 of 100 samples of task threads at work")
			require.Equal(t, int64(40), *e.Samples)
			require.Equal(t, int64(100), *e.Of)
			require.Equal(t, "ITIMER", e.Mode)
			require.Contains(t, e.Text, "com.acme.orders.Enrich.processElement")
		})
	}
}

func TestNothingSignificantGivesNoFinding(t *testing.T) {
	pairs := append(evidencetest.Flat(2000),
		evidencetest.IntoUser[len(evidencetest.IntoTask)+1:]+";com/esotericsoftware/kryo/Kryo.writeObject", 40,
		evidencetest.IntoUser[len(evidencetest.IntoTask)+1:]+
			";com/fasterxml/jackson/databind/ObjectReader.readValue", 60,
		evidencetest.IntoUser[len(evidencetest.IntoTask)+1:]+
			";org/apache/kafka/clients/producer/KafkaProducer.send", 90)
	adv := Rules(evidence.Bundle{
		Profiles: []evidence.Profile{evidencetest.Tasks(t, "ITIMER", pairs...)},
		Vertices: []evidence.Vertex{{ID: "a", Name: "enrich", Busy: new(0.4), BusyMax: new(0.5)}}, Bottleneck: "a",
		Processes: []evidence.Process{{ID: "tm-1", GC: new(0.01)}},
		Sinks:     []evidence.SinkRate{{Name: "search", Vertex: "b", Subtasks: 2, Records: 20, Requests: 8}},
		Checkpoints: &evidence.Checkpoints{
			Interval: 10, Duration: new(0.3), Sync: new(0.02), Async: new(0.2),
			Alignment: new(0.01),
		},
		Trends: []evidence.Trend{{
			Signal: evidence.SignalCheckpointSize, Unit: "bytes", Now: 1e6,
			PerSecond: 10, PerSecondLow: -5,
		}},
	})
	require.Empty(t, adv.Findings)
	require.Empty(t, adv.Warnings)
	require.NotNil(t, adv.Findings, "[] in JSON, not null")
}

func TestOnlyTaskThreadsCount(t *testing.T) {
	pairs := append(evidencetest.Flat(100),
		"!java/lang/Thread.run;org/apache/kafka/clients/producer/internals/Sender.run;com/esotericsoftware/kryo/Kryo.writeObject", 500,
		"!start_thread;CompileBroker::compiler_thread_loop()", 300)
	adv := Rules(evidence.Bundle{Profiles: []evidence.Profile{evidencetest.Tasks(t, "ITIMER", pairs...)}})
	require.Empty(t, adv.Findings)
	require.Contains(t, adv.Evidence[0].Text, "100 of 900 samples are of task threads at work")
}

func TestAStackBelongsToOneRule(t *testing.T) {
	both := "org/apache/flink/contrib/streaming/state/RocksDBValueState.update;org/apache/flink/api/java/typeutils/runtime/kryo/KryoSerializer.serialize"
	adv := Rules(evidence.Bundle{Profiles: []evidence.Profile{evidencetest.Tasks(t, "ITIMER",
		append(evidencetest.Flat(60), both, 30, "org/rocksdb/RocksDB.get", 10)...)}})
	require.InDelta(t, 0.3, *entry(t, adv, found(t, adv, cause.GenericSerialization).Evidence[0]).Value, 1e-9)
	state := entry(t, adv, found(t, adv, cause.StateAccess).Evidence[0])
	require.Contains(t, state.Text, "; 10 of 100 (10.0 %) belong to this cause")
	require.Equal(t, "org.rocksdb.RocksDB.get", state.Subject, "a frame of stacks that belong to this cause")
	require.Equal(t, int64(10), *state.Samples)
}

func TestARuleThatDoesNotFireLeavesItsStacksToTheNext(t *testing.T) {
	adv := Rules(evidence.Bundle{Profiles: []evidence.Profile{evidencetest.Tasks(t, "ITIMER",
		append(evidencetest.Flat(80),
			"com/fasterxml/jackson/databind/ObjectMapper.readTree", 4,
			"com/fasterxml/jackson/databind/ObjectReader.readValue", 16)...)}})
	f := found(t, adv, cause.JSONParsing)
	require.Equal(t, "rule:json", f.Source)
	json := entry(t, adv, f.Evidence[0])
	require.Contains(t, json.Text, "ObjectReader.readValue is in 16 of 100 samples")
	require.Contains(t, json.Text, "; 20 of 100 (20.0 %) belong to this cause, with 1 similar frame")
	require.InDelta(t, 0.16, *json.Value, 1e-9)
}

// TestAHealthyJobGainsNothing has a job whose busiest vertex has more than half of its time
// left.
func TestAHealthyJobGainsNothing(t *testing.T) {
	adv := Rules(evidence.Bundle{
		Profiles: []evidence.Profile{evidencetest.Tasks(t, "ITIMER", append(evidencetest.Flat(60),
			"com/esotericsoftware/kryo/Kryo.writeObject", 40)...)},
		Bottleneck: "a", Vertices: []evidence.Vertex{{ID: "a", Name: "enrich", Busy: new(0.44), BusyMax: new(0.5)}},
	})
	f := found(t, adv, cause.GenericSerialization)
	require.Nil(t, f.Impact)
	require.Equal(t, episode.Info, f.Severity)
	require.Contains(t, f.Why, "No vertex limits the job now (enrich, the busiest, is busy 44.0 % of the time)")
	require.Contains(t, f.Why, " A change removes ")
	require.NotContains(t, f.Why, "The gain assumes", "there is no gain")
	require.Contains(t, adv.Evidence[0].Text, "it is the busiest, and no vertex limits the job")
}

// TestWorkBesideTheTasksIsTold has checkpoints that take longer than their interval: most
// samples are of the threads that write them.
func TestWorkBesideTheTasksIsTold(t *testing.T) {
	adv := Rules(evidence.Bundle{
		Profiles: []evidence.Profile{evidencetest.Tasks(t, "ITIMER", append(evidencetest.Flat(200),
			"!java/lang/Thread.run;org/apache/flink/streaming/runtime/tasks/AsyncCheckpointRunnable.run;java/io/X.write", 810,
			"!start_thread;CompileBroker::compiler_thread_loop()", 20)...)},
		Checkpoints: &evidence.Checkpoints{Interval: 0.2, Duration: new(0.23)},
	})
	f := adv.Findings[0]
	require.Equal(t, cause.CheckpointInterval, f.Category)
	require.Equal(t, "78.6 % of the process's CPU time goes into writing checkpoints", f.Title)
	require.Equal(t, episode.Critical, f.Severity)
	require.Nil(t, f.Impact)
	require.Contains(t, f.Why, "A checkpoint takes 0.23 s and the interval is 0.2 s.")
	require.Contains(t, adv.Observations, "810 of 1030 CPU samples of the process (78.6 %) are of asynchronous parts of "+
		"checkpoints, beside the tasks.")
}

// TestASleepingSourceIsNotBlocked has a source of the old kind that paces itself.
func TestASleepingSourceIsNotBlocked(t *testing.T) {
	adv := Rules(evidence.Bundle{Profiles: []evidence.Profile{evidencetest.Tasks(t, "WALL", append(evidencetest.Flat(100),
		"!org/apache/flink/streaming/runtime/tasks/SourceStreamTask$LegacySourceFunctionThread.run;com/acme/Gen.run;"+
			"java/lang/Thread.sleep", 1900)...)}})
	require.Empty(t, adv.Findings)
}

// TestAProfileGivenTwiceCountsOnce has the same samples under two names.
func TestAProfileGivenTwiceCountsOnce(t *testing.T) {
	one := evidencetest.Tasks(t, "ITIMER", append(evidencetest.Flat(60), "com/esotericsoftware/kryo/Kryo.writeObject", 40)...)
	copied := one
	copied.Name = "copy.html"
	other := evidencetest.Tasks(t, "ITIMER", append(evidencetest.Flat(80), "com/esotericsoftware/kryo/Kryo.writeObject", 40)...)
	once := Rules(evidence.Bundle{Profiles: []evidence.Profile{one}})
	twice := Rules(evidence.Bundle{Profiles: []evidence.Profile{one, copied}})
	require.Equal(t, once.Findings, twice.Findings)
	require.Contains(t, twice.Warnings, "profile copy.html has the samples of itimer.html and counts once")
	both := Rules(evidence.Bundle{Profiles: []evidence.Profile{one, other}})
	require.Contains(t, both.Evidence[0].Text, "220 of 220 samples", "they are not the same")
}

// TestWhatNoRuleReadsIsSaid has only an allocation profile: silence would look like health.
func TestWhatNoRuleReadsIsSaid(t *testing.T) {
	adv := Rules(evidence.Bundle{Profiles: []evidence.Profile{evidencetest.Tasks(t, "ALLOC", evidencetest.Flat(300)...)}})
	require.Empty(t, adv.Findings)
	require.Equal(t, []string{
		"15 of 300 sampled allocations of task threads are org.apache.flink.streaming.runtime.io.StreamTaskNetworkInput.step0.",
		"The code was not judged: no usable profile of mode ITIMER, CPU or WALL is in the evidence.",
	}, adv.Observations)
}

func TestBusyFractionScalesTheBound(t *testing.T) {
	profile := evidencetest.Tasks(t, "ITIMER", append(evidencetest.Flat(60),
		"com/esotericsoftware/kryo/Kryo.writeObject", 40)...)
	alone := Rules(evidence.Bundle{Profiles: []evidence.Profile{profile}})
	require.Contains(t, alone.Warnings[len(alone.Warnings)-1], "the busy fraction of the bottleneck is not known "+
		"and counts as 1")

	busy := func(mean float64) episode.Advice {
		return Rules(evidence.Bundle{
			Profiles: []evidence.Profile{profile}, Bottleneck: "a",
			Vertices: []evidence.Vertex{{ID: "a", Name: "enrich", Busy: &mean, BusyMax: new(0.9)}},
		})
	}
	// s = 0.4 x 0.7 x 0.75 = 0.21; 1/0.79 - 1 = 26.58 %, cut to 26.5.
	require.InDelta(t, 26.5, found(t, busy(0.7), cause.GenericSerialization).Impact.HighPercent, 1e-9)
	half := busy(0.5)
	f := found(t, half, cause.GenericSerialization)
	// The job waits for the hot subtask: s = 0.4 x 0.9 x 0.75 = 0.27; 1/0.73 - 1 = 36.98 %, cut to 36.9.
	require.InDelta(t, 36.9, f.Impact.HighPercent, 1e-9)
	require.Equal(t, episode.Warning, f.Severity)
	require.Contains(t, f.Evidence, "E1", "the busy fraction is part of the evidence")
	require.Equal(t, "vertex enrich is busy 50.0 % of the time, its busiest subtask 90.0 %; it limits the job", half.Evidence[0].Text)
	require.NotContains(t, half.Warnings, alone.Warnings[len(alone.Warnings)-1])
}

func TestUnusableProfilesAreIgnored(t *testing.T) {
	good := evidencetest.Tasks(t, "ITIMER", append(evidencetest.Flat(200),
		"com/esotericsoftware/kryo/Kryo.writeObject", 100)...)
	adv := Rules(evidence.Bundle{Profiles: []evidence.Profile{
		good,
		recorded(t, "flink-2.3.0-jm-ITIMER", "ITIMER"),
		evidencetest.Tasks(t, "WALL", "!java/lang/Thread.run", 0),
		evidencetest.Tasks(t, "CPU", "![unknown_Java]", 70, "com/acme/A.b", 30),
		evidencetest.Tasks(t, "ALLOC", "com/acme/A.b", 5, "!start_thread", 50),
	}})
	require.Len(t, adv.Findings, 1)
	require.Equal(t, []string{
		"profile flink-2.3.0-jm-ITIMER was set aside: no task thread is in it (profile a TaskManager that runs " +
			"the job)",
		"profile wall.html was set aside: it has no samples (was the job running?)",
		"profile cpu.html was set aside: only 100 samples (profile for longer, or under load); 70 % of the " +
			"samples have a stack that could not be walked (profile in another mode, or after the job has warmed up)",
		"profile alloc.html was set aside: only 5 of its 55 samples are of tasks at work (profile for longer, or " +
			"under load)",
		"the busy fraction of the bottleneck is not known and counts as 1: gains are at most what is said (pass " +
			"metrics of the running job)",
	}, adv.Warnings)

	doubtful := Rules(evidence.Bundle{Profiles: []evidence.Profile{evidencetest.Tasks(t, "ITIMER",
		append(evidencetest.Flat(300), "com/esotericsoftware/kryo/Kryo.writeObject", 150, "![not_walkable_Java]",
			60)...)}})
	require.Len(t, doubtful.Findings, 1, "a profile with few samples is used")
	require.Equal(t, "profile itimer.html is poor: 12 % of the samples have a stack that could not be walked "+
		"(profile in another mode, or after the job has warmed up)", doubtful.Warnings[0])

	none := Rules(evidence.Bundle{Profiles: []evidence.Profile{recorded(t, "flink-2.3.0-jm-ITIMER", "ITIMER")}})
	require.Empty(t, none.Findings)
	require.Len(t, none.Warnings, 1)
}

func TestFindingsAreRankedByBoundedImpact(t *testing.T) {
	adv := Rules(evidence.Bundle{
		Episode: "01J", Profiles: []evidence.Profile{evidencetest.Tasks(t, "ITIMER", append(evidencetest.Flat(100),
			"com/esotericsoftware/kryo/Kryo.writeObject", 100,
			"com/fasterxml/jackson/databind/ObjectReader.readValue", 40, "java/lang/String.format", 60)...)},
		Trends: []evidence.Trend{{
			Signal: evidence.SignalCheckpointSize, Unit: "bytes", Now: 9e6,
			PerSecond: 5000, PerSecondLow: 4000, Breach: new(20 * time.Minute), Limit: new(15e6),
		}},
	})
	var order []string
	for i, f := range adv.Findings {
		require.Equal(t, i+1, f.Rank)
		order = append(order, f.Category)
	}
	// Critical findings first, bounded ones before unbounded ones: null ranks by
	// severity.
	require.Equal(t, []string{
		cause.StateGrowth, cause.GenericSerialization, cause.StringFormatting,
		cause.JSONParsing,
	}, order)
	require.Nil(t, adv.Findings[0].Impact)
	require.Equal(t, episode.Critical, adv.Findings[0].Severity)
	require.Equal(t, "01J-F1", adv.Findings[0].ID)
	require.Equal(t, "Checkpoint size grows and reaches its limit in 20 min", adv.Findings[0].Title)
}

func TestTheSameBundleGivesTheSameAdvice(t *testing.T) {
	bundle := evidence.Bundle{
		Profiles: []evidence.Profile{recorded(t, "flink-1.20.5-tm-ITIMER", "ITIMER")},
		Config:   map[string]string{"a": "1", "b": "2", "c": "3"},
	}
	first := Rules(bundle)
	for range 5 {
		require.Equal(t, first, Rules(bundle))
	}
}

// Findings from real profiles of a job with RocksDB, Kafka and Elasticsearch. The
// counts can be checked against the files with grep.
func TestRecordedProfiles(t *testing.T) {
	t.Run("state access dominates the CPU", func(t *testing.T) {
		adv := Rules(evidence.Bundle{Profiles: []evidence.Profile{recorded(t, "flink-1.20.5-tm-ITIMER", "ITIMER")}})
		require.Equal(t, cause.StateAccess, adv.Findings[0].Category)
		require.Contains(t, entry(t, adv, adv.Findings[0].Evidence[0]).Text,
			"; 87 of 162 (53.7 %) belong to this cause")
		hashing := found(t, adv, cause.Other)
		require.Equal(t, "22.8 % of the CPU time of the tasks goes into hashing, below lab.EnrichJob$Enrich.hash", hashing.Title)
		require.Contains(t, entry(t, adv, hashing.Evidence[0]).Text, "mostly below lab.EnrichJob$Enrich.hash")
	})
	t.Run("waiting for work is left out of WALL", func(t *testing.T) {
		adv := Rules(evidence.Bundle{Profiles: []evidence.Profile{recorded(t, "flink-2.3.0-tm-WALL", "WALL")}})
		require.Contains(t, adv.Observations[0], "waited for work in 87.7 %")
		require.Equal(t, "92 of 20314 samples are of task threads at work (flink-2.3.0-tm-WALL); shares are "+
			"shares of these", adv.Evidence[0].Text)
		require.InDelta(t, 14.0/92, *entry(t, adv, found(t, adv, cause.SinkBatching).Evidence[0]).Value, 1e-9)
	})
	t.Run("allocations and locks are evidence, not time", func(t *testing.T) {
		adv := Rules(evidence.Bundle{Profiles: []evidence.Profile{
			recorded(t, "flink-2.3.0-tm-ALLOC", "ALLOC"),
			recorded(t, "flink-2.3.0-tm-LOCK", "LOCK"),
		}})
		require.Empty(t, adv.Findings)
		require.Equal(t, "293 of 448 allocations of task threads are in byte[]", adv.Evidence[0].Text)
	})
}

// copied is a stack of a copy between two chained operators.
const copied = "org/apache/flink/streaming/runtime/tasks/CopyingChainingOutput.collect;" +
	"org/apache/flink/api/java/typeutils/runtime/PojoSerializer.copy"

// Settings decide two rules: what they see is wanted where the setting says so.
func TestRulesThatReadASetting(t *testing.T) {
	for _, tc := range []struct {
		name, below string
		config      map[string]string
		want        []string
	}{
		{"copies", copied, nil, []string{"rule:object-copies"}},
		{"copies off", copied, map[string]string{"pipeline.object-reuse": "true"}, []string{}},
		{
			"chaining off", "org/apache/flink/runtime/io/network/api/writer/RecordWriter.emit",
			map[string]string{"pipeline.operator-chaining.enabled": "false"},
			[]string{"rule:chaining-off"},
		},
		{"chaining", "org/apache/flink/runtime/io/network/api/writer/RecordWriter.emit", nil, []string{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			planted := evidencetest.IntoUser[len(evidencetest.IntoTask)+1:] + ";" + tc.below
			adv := Rules(evidence.Bundle{Config: tc.config, Profiles: []evidence.Profile{evidencetest.Tasks(t, "ITIMER",
				append(evidencetest.Flat(60), planted, 40)...)}})
			sources := []string{}
			for _, f := range adv.Findings {
				sources = append(sources, f.Source)
			}
			require.Equal(t, tc.want, sources)
		})
	}
}

// The part of a cause that most stacks show has its own advice.
func TestPartsOfTheStateBackend(t *testing.T) {
	for below, change := range map[string]string{
		"org/rocksdb/RocksIterator.next;rocksdb::DBIter::Next()":                         "Do not walk through a MapState",
		"org/rocksdb/RocksDB.put;rocksdb::DBImpl::DelayWrite(unsigned long)":             "state.backend.rocksdb.thread.num",
		"org/apache/flink/state/rocksdb/RocksDBListState.get;org/rocksdb/RocksDB.get":    "A list is read",
		"org/apache/flink/state/rocksdb/RocksDBValueState.value;org/rocksdb/RocksDB.get": "Read and write each state once",
	} {
		planted := evidencetest.IntoUser[len(evidencetest.IntoTask)+1:] + ";" + below
		adv := Rules(evidence.Bundle{Profiles: []evidence.Profile{evidencetest.Tasks(t, "ITIMER",
			append(evidencetest.Flat(60), planted, 40)...)}})
		require.Len(t, adv.Findings, 1)
		require.Contains(t, adv.Findings[0].Change, change, below)
	}
}

// Without a profile of the code the job graph still says who limits.
func TestBackpressureWithoutAProfile(t *testing.T) {
	adv := Rules(evidence.Bundle{Bottleneck: "sink", Vertices: []evidence.Vertex{
		{ID: "source", Name: "Source: orders", Busy: new(0.02), Backpressured: new(0.97)},
		{ID: "sink", Name: "orders: Writer", Busy: new(1.0), BusyMax: new(1.0)},
	}})
	require.Len(t, adv.Findings, 1)
	require.Equal(t, "rule:backpressure", adv.Findings[0].Source)
	require.Equal(t, "orders: Writer holds back Source: orders, which waits for it 97.0 % of the time",
		adv.Findings[0].Title)
	require.Nil(t, adv.Findings[0].Impact)
}

// A profiler may lose the callers of the JVM's own code for digests. Where task threads show who
// calls it, its samples count too.
func TestDigestsWithoutCallers(t *testing.T) {
	digest := evidencetest.IntoUser[len(evidencetest.IntoTask)+1:] +
		";java/security/MessageDigest.digest;sun/security/provider/DigestBase.engineDigest"
	lost := "![unknown_Java];sha512_implCompressMB"
	adv := Rules(evidence.Bundle{Profiles: []evidence.Profile{evidencetest.Tasks(t, "ITIMER",
		append(evidencetest.Flat(780), digest, 20, lost, 200)...)}})
	f := found(t, adv, cause.Other)
	require.Equal(t, "About 22.0 % of the CPU time of the tasks goes into hashing, below com.acme.orders.Enrich.processElement",
		f.Title, "(20 + 200) of (800 + 200)")
	require.Contains(t, f.Why, "200 of 1000 CPU samples of the process are in sha512_implCompressMB")

	adv = Rules(evidence.Bundle{Profiles: []evidence.Profile{evidencetest.Tasks(t, "ITIMER",
		append(evidencetest.Flat(800), lost, 200)...)}})
	require.Empty(t, adv.Findings, "nothing tells who calls it")
}

func TestAsyncOperatorWithAFullQueue(t *testing.T) {
	full := "org/apache/flink/streaming/api/operators/async/AsyncWaitOperator.processElement;" +
		"org/apache/flink/streaming/api/operators/async/AsyncWaitOperator.addToWorkQueue;" +
		"org/apache/flink/streaming/runtime/tasks/mailbox/MailboxExecutorImpl.yield;" +
		"org/apache/flink/streaming/runtime/tasks/mailbox/TaskMailboxImpl.take;jdk/internal/misc/Unsafe.park"
	adv := Rules(evidence.Bundle{Profiles: []evidence.Profile{evidencetest.Tasks(t, "WALL",
		append(evidencetest.Flat(100), full, 300)...)}})
	f := found(t, adv, cause.BlockingIO)
	require.Equal(t, "rule:async-capacity", f.Source)
	require.Equal(t, "75.0 % of the busy time of the tasks goes into waiting for a free place in the queue of an async operator",
		f.Title)
}

// JSON between tasks is not the JSON of the messages.
func TestJSONInsideASerializer(t *testing.T) {
	adv := Rules(evidence.Bundle{Profiles: []evidence.Profile{evidencetest.Tasks(t, "ITIMER", append(evidencetest.Flat(400),
		"org/apache/flink/runtime/plugable/SerializationDelegate.write;com/acme/orders/OrderSerializer.serialize;"+
			"com/fasterxml/jackson/databind/ObjectMapper.writeValueAsString", 300,
		"com/acme/orders/Parse.map;com/fasterxml/jackson/databind/ObjectReader.readValue", 300)...)}})
	require.Equal(t, "rule:json-serializer", adv.Findings[0].Source)
	require.Equal(t, "30.0 % of the CPU time of the tasks goes into JSON text inside a serializer, between tasks of this job, "+
		"below com.acme.orders.OrderSerializer.serialize", adv.Findings[0].Title)
	require.Equal(t, "rule:json", adv.Findings[1].Source)
}

// Checkpoints that never rest, and those that are written byte by byte.
func TestCheckpointSettings(t *testing.T) {
	adv := Rules(evidence.Bundle{Checkpoints: &evidence.Checkpoints{Interval: 0.1, Duration: new(0.744)}})
	require.Equal(t, "A checkpoint takes 0.744 s and the interval is 0.1 s", found(t, adv, cause.CheckpointInterval).Title)
	require.Empty(t, Rules(evidence.Bundle{Checkpoints: &evidence.Checkpoints{Interval: 10, Duration: new(0.744)}}).Findings)

	snapshot := "!java/lang/Thread.run;org/apache/flink/streaming/runtime/tasks/AsyncCheckpointRunnable.run;" +
		"org/apache/flink/runtime/state/filesystem/FsCheckpointStreamFactory$FsCheckpointStateOutputStream.write"
	adv = Rules(evidence.Bundle{Profiles: []evidence.Profile{evidencetest.Tasks(t, "ITIMER", append(evidencetest.Flat(700),
		snapshot+";java/io/FileOutputStream.writeBytes", 250, snapshot, 50)...)}})
	f := found(t, adv, cause.CheckpointUpload)
	require.Equal(t, "25.0 % of the process's CPU time goes into writing checkpoints in small pieces", f.Title)
	require.Contains(t, f.Why, "250 of 300 samples of the snapshots")
}
