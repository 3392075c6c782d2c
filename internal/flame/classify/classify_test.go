package classify

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

func TestFrame(t *testing.T) {
	for frame, want := range map[string]Category{
		"com/esotericsoftware/kryo/Kryo.writeObject":                                               Kryo,
		"org/apache/flink/api/java/typeutils/runtime/kryo/KryoSerializer.copy":                     Kryo,
		"java/io/ObjectOutputStream.writeObject0":                                                  JavaSerialization,
		"org/apache/avro/generic/GenericDatumReader.read":                                          Avro,
		"org/apache/flink/api/java/typeutils/runtime/PojoSerializer.deserialize":                   POJO,
		"org/apache/flink/shaded/jackson2/com/fasterxml/jackson/databind/ObjectMapper.readTree":    JSON,
		"com/google/protobuf/CodedInputStream.readTag":                                             Protobuf,
		"org/apache/flink/api/common/typeutils/base/StringSerializer.copy":                         Serialization,
		"java/util/regex/Pattern.compile":                                                          Regex,
		"java/lang/String.replaceAll":                                                              Regex,
		"java/lang/StringBuilder.append":                                                           StringBuilding,
		"org/apache/logging/log4j/core/Logger.info":                                                Logging,
		"java/time/format/DateTimeFormatter.parse":                                                 Dates,
		"java/util/zip/Deflater.deflate":                                                           Compression,
		"LZ4_compress_fast":                                                                        Compression,
		"sun/security/ssl/SSLCipher$T13GcmReadCipherGenerator$GcmReadCipher.decrypt":               TLS,
		"sun/security/provider/SHA2.implCompress0":                                                 Java,
		"org/rocksdb/RocksDB.get":                                                                  StateBackend,
		"rocksdb::DBImpl::Get(rocksdb::ReadOptions const&)":                                        StateBackend,
		"org/apache/flink/runtime/state/heap/CopyOnWriteStateMap.get":                              StateBackend,
		"org/apache/flink/streaming/runtime/tasks/SubtaskCheckpointCoordinatorImpl.checkpointStat": Checkpointing,
		"org/apache/flink/runtime/io/network/partition/PipelinedSubpartition.pollBuffer":           Network,
		"org/apache/flink/shaded/netty4/io/netty/channel/nio/NioEventLoop.run":                     Network,
		"org/apache/kafka/clients/consumer/KafkaConsumer.poll":                                     Kafka,
		"org/elasticsearch/client/RestClient.performRequest":                                       Elasticsearch,
		"jdk/internal/net/http/HttpClientImpl.send":                                                HTTP,
		"org/apache/pekko/actor/ActorCell.invoke":                                                  RPC,
		"org/apache/flink/streaming/runtime/tasks/StreamTask.invoke":                               Flink,
		"org/apache/commons/lang3/tuple/Pair.of":                                                   Library,
		"com/acme/Enrich$$Lambda$916.0x00007f4c066911a8.apply":                                     User,
		"com.acme.Enrich.map":                                                                      User,
		"StreamExecCalc$12.processElement":                                                         User,
		"Job.main":                                                                                 User,
		"G1ParScanThreadState::trim_queue_to_threshold(unsigned int)":                              GC,
		"[GC_active]": GC,
		"C2Compiler::compile_method(ciEnv*, ciMethod*, int, bool, DirectiveSet*)": JIT,
		"ObjectMonitor::enter(JavaThread*)":                                       Locks,
		"jdk/internal/misc/Unsafe.park":                                           Idle,
		"java/util/HashMap.get":                                                   Java,
		"java.util.HashMap$Node":                                                  Java,
		"com.acme.Order":                                                          Java,
		"byte[]":                                                                  Java,
		"__memcpy_avx512_unaligned_erms":                                          Native,
		"/usr/lib/x86_64-linux-gnu/libstdc++.so.6.0.30":                           Native,
		"[unknown_Java]":                                                          Unknown,
		"":                                                                        Native,
	} {
		require.Equal(t, want, Frame(frame), frame)
	}
}

func TestPatterns(t *testing.T) {
	for glob, test := range map[string]struct{ yes, no []string }{
		"a.b":    {[]string{"a.b"}, []string{"a.bc", "xa.b", "a", ""}},
		"a.*":    {[]string{"a.", "a.b"}, []string{"a", "xa.b"}},
		"*a*b":   {[]string{"ab", "xayb", "abab"}, []string{"ba", "abx"}},
		"*":      {[]string{"", "x"}, nil},
		"x*ab*b": {[]string{"xabb", "xyabzb"}, []string{"xab"}},
		"a*a":    {[]string{"aa", "axa"}, []string{"a"}},
	} {
		for _, name := range test.yes {
			require.True(t, names("never", glob).matches(name), "%s %s", glob, name)
		}
		for _, name := range test.no {
			require.False(t, names(glob).matches(name), "%s %s", glob, name)
		}
	}
}

const task = "java/lang/Thread.run;org/apache/flink/runtime/taskmanager/Task.run;org/apache/flink/streaming/runtime/tasks/StreamTask.invoke;"

func TestStack(t *testing.T) {
	for stack, want := range map[string]struct {
		mode     flame.Mode
		thread   Thread
		category Category
	}{
		// The specific category nearest to the top.
		task + "com/acme/Enrich.map;java/util/HashMap.get": {
			flame.ITIMER, Task,
			User,
		},
		task + "com/acme/Enrich.map;org/apache/flink/streaming/runtime/tasks/Out.collect": {
			flame.ITIMER, Task,
			Flink,
		},
		task + "com/acme/Enrich.map;java/util/regex/Matcher.find;java/lang/StringBuffer.append": {
			flame.ITIMER, Task,
			Regex,
		},
		task + "com/acme/Enrich.map;com/esotericsoftware/kryo/Kryo.copy;java/util/HashMap.get": {
			flame.ITIMER, Task,
			Kryo,
		},
		// Work that belongs to a frame further down.
		task + "com/acme/Enrich.map;org/apache/logging/log4j/core/Logger.info;java/lang/StringBuilder.append":                                                                                        {flame.ITIMER, Task, Logging},
		task + "org/apache/flink/streaming/runtime/tasks/SubtaskCheckpointCoordinatorImpl.takeSnapshotSync;org/apache/flink/runtime/state/heap/CopyOnWriteStateMap.snapshot;java/util/Arrays.copyOf": {flame.ITIMER, Task, Checkpointing},
		task + "org/apache/logging/log4j/core/Logger.info;com/acme/Layout.format;java/lang/StringBuilder.append":                                                                                     {flame.ITIMER, Task, StringBuilding},
		task + "com/acme/Enrich.map;byte[]": {flame.Alloc, Task, User},
		// Waiting.
		task + "org/apache/flink/streaming/runtime/tasks/mailbox/TaskMailboxImpl.take;jdk/internal/misc/Unsafe.park;__futex_abstimed_wait_common": {flame.Wall, Task, Idle},
		task + "org/apache/flink/streaming/runtime/tasks/mailbox/TaskMailboxImpl.take;jdk/internal/misc/Unsafe.park;__futex_abstimed_wait":        {flame.ITIMER, Task, Flink},
		task + "com/acme/Enrich.map;java/util/concurrent/CompletableFuture.get;jdk/internal/misc/Unsafe.park":                                     {flame.Wall, Task, Waiting},
		task + "com/acme/Enrich.map;java/util/concurrent/locks/ReentrantLock.lock;jdk/internal/misc/Unsafe.park":                                  {flame.Wall, Task, Locks},
		"java/util/concurrent/ForkJoinWorkerThread.run;java/util/concurrent/ForkJoinPool.awaitWork;jdk/internal/misc/Unsafe.park":                 {flame.Wall, Other, Idle},
		"[GC_active];__futex_abstimed_wait_common":                                                                                                  {flame.Wall, Collector, Idle},
		"start_thread;GangWorker::loop();pthread_cond_timedwait":                                                                                    {flame.Wall, Collector, Idle},
		"start_thread;GangWorker::loop();G1ParTask::work(unsigned int)":                                                                             {flame.Wall, Collector, GC},
		"start_thread;CompileBroker::compiler_thread_loop();G1BarrierSetC2::load()":                                                                 {flame.ITIMER, Compiler, JIT},
		"libstdc++.so;rocksdb::ThreadPoolImpl::Impl::BGThread(unsigned long);snappy::Compress":                                                      {flame.ITIMER, State, Compression},
		"java/lang/Thread.run;org/apache/kafka/clients/producer/internals/Sender.run;java/util/ArrayList.add":                                       {flame.ITIMER, Client, Kafka},
		"java/lang/Thread.run;org/apache/flink/connector/base/source/reader/fetcher/SplitFetcher.run;org/apache/kafka/clients/consumer/C.poll":      {flame.ITIMER, Source, Kafka},
		"java/lang/Thread.run;org/apache/flink/streaming/runtime/tasks/AsyncCheckpointRunnable.run;org/rocksdb/Checkpoint.create;java/util/List.of": {flame.ITIMER, Checkpoint, Checkpointing},
		"Thread::call_run();os::sleep": {flame.ITIMER, VM, Native},
	} {
		thread, category := NewClassifier(want.mode).Stack(strings.Split(stack, ";"))
		require.Equal(t, want.thread, thread, stack)
		require.Equal(t, want.category, category, stack)
	}
	thread, category := NewClassifier(flame.Wall).Stack(nil)
	require.Equal(t, Other, thread)
	require.Equal(t, Unknown, category)
}

// Every sample of the recorded pages is counted, and few have no specific category.
func TestSummariesOfFlinksPages(t *testing.T) {
	files, err := filepath.Glob("../testdata/flink/*.html")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		f, err := os.Open(file)
		require.NoError(t, err)
		page, err := flame.ReadPage(f)
		require.NoError(t, err)
		require.NoError(t, f.Close())
		mode := flame.ModeOf(page.Title, file)
		summary := Summarize(page.Tree, mode)

		threads, categories, unsaid := summary.Idle, summary.Idle, int64(0)
		for _, row := range summary.Threads {
			threads += row.Samples
		}
		for _, row := range summary.Categories {
			categories += row.Task + row.Other
			if !row.Category.Tells() {
				unsaid += row.Task + row.Other
			}
		}
		require.Equal(t, page.Tree.Total(), threads, file)
		require.Equal(t, page.Tree.Total(), categories, file)
		require.Less(t, float64(unsaid), 0.12*float64(summary.Samples), "%s: %v", file, summary.Categories)

		busy, idle := WithoutIdle(page.Tree, mode)
		require.Equal(t, summary.Idle, idle)
		require.Equal(t, summary.Samples-summary.Idle, busy.Total())
		require.Equal(t, mode == flame.Wall, idle > 0, file)
	}
}

func TestSummarize(t *testing.T) {
	tree := flame.New()
	tree.Add(strings.Split(task+"com/acme/Enrich.map", ";"), 5)
	tree.Add(strings.Split(task+"com/acme/Enrich.map;java/util/regex/Pattern.compile", ";"), 7)
	tree.Add([]string{"java/lang/Thread.run", "java/lang/Thread.sleep"}, 9)
	tree.Add([]string{"CompileBroker::compiler_thread_loop()"}, 2)
	require.Equal(t, Summary{
		Samples: 23, Idle: 9,
		Threads:    []ThreadShare{{Task, 12}, {Compiler, 2}},
		Categories: []CategoryShare{{Regex, 7, 0}, {User, 5, 0}, {JIT, 0, 2}},
		Operators:  []OperatorShare{{TaskItself, 12, []CategoryCount{{Regex, 7}, {User, 5}}}},
	}, Summarize(tree, flame.Wall))
}

// FuzzStack: for any names of frames, each stack has one kind of thread and one category.
func FuzzStack(f *testing.F) {
	f.Add("java/lang/Thread.run;[GC_active];a.B;x[]")
	f.Add(";.;/")
	f.Fuzz(func(t *testing.T, stack string) {
		frames := strings.Split(stack, ";")
		for _, mode := range flame.Modes() {
			thread, category := NewClassifier(mode).Stack(frames)
			require.NotEmpty(t, NewClassifier(mode).Operator(frames))
			require.NotEmpty(t, thread)
			require.NotEmpty(t, category)
			require.True(t, mode == flame.Wall || category != Idle)
		}
	})
}

func BenchmarkSummarize(b *testing.B) {
	file, err := os.Open("../testdata/flink/flink-2.3.0-tm-ITIMER.html")
	require.NoError(b, err)
	page, err := flame.ReadPage(file)
	require.NoError(b, err)
	require.NoError(b, file.Close())
	for b.Loop() {
		Summarize(page.Tree, flame.ITIMER)
	}
}
