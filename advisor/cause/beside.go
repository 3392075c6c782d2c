package cause

import (
	"fmt"
	"maps"
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// besideKind is a kind of threads that work beside the tasks and use the same processors.
type besideKind struct {
	name    string
	threads Pattern
}

// AsyncCheckpoints is the kind of the threads that write checkpoints.
const AsyncCheckpoints = "asynchronous parts of checkpoints"

// KafkaFetchers is the kind of the threads that fetch for Kafka sources.
const KafkaFetchers = "threads that fetch from Kafka"

// compiler is the kind of the threads that compile.
const compiler = "the JIT compiler"

// CheckpointFiles is the part of AsyncCheckpoints that is in calls which write files.
const CheckpointFiles = "file writes of checkpoints"

var writesFiles = Pattern{
	"java.io.FileOutputStream.write*", "*.FsCheckpointStreamFactory$FsCheckpointStateOutputStream.flush*",
	"sun.nio.ch.FileDispatcherImpl.write*", "*.core.fs.local.LocalDataOutputStream.*",
}

// besideKinds recognise threads by a frame that no task has.
var besideKinds = []besideKind{
	{AsyncCheckpoints, Pattern{"org.apache.flink.streaming.runtime.tasks.AsyncCheckpointRunnable.*"}},
	{"flushes and compactions of RocksDB", Pattern{
		"rocksdb::ThreadPoolImpl::*", "rocksdb::DBImpl::Background*", "rocksdb::CompactionJob::*",
		"rocksdb::FlushJob::*",
	}},
	{compiler, Pattern{"CompileBroker::*", "C2Compiler::*", "Compilation::*"}},
	{"Netty's network threads", Pattern{"*io.netty.channel.*EventLoop*.run", "*io.netty.channel.nio.*.run"}},
	{KafkaFetchers, Pattern{"org.apache.flink.connector.base.source.reader.fetcher.SplitFetcher.run"}},
	{"senders of Kafka's producers", Pattern{"org.apache.kafka.clients.producer.internals.Sender.run"}},
}

// besideOf returns the index of the kind of a frame, -1 if it shows none.
func besideOf(dotted string) int {
	return slices.IndexFunc(besideKinds, func(k besideKind) bool { return k.threads.Matches(dotted) })
}

// Beside is how many samples are of threads of a kind, and of all threads.
func (y *Tally) Beside(kind string) (samples, of int64) { return y.beside[kind], y.All }

// fewCompiling is the share of the CPU samples of a process below which its code counts as compiled.
const fewCompiling = 0.05

// warm reports whether the profiles show a JVM that hardly compiles any more. Without CPU samples that
// is not known. Before, the same work costs several times as much.
func (f *Facts) warm() bool {
	k, n := f.CPU.Beside(compiler)
	return n > 0 && float64(k) < fewCompiling*float64(n)
}

// muchBeside is the share of all CPU samples from which an observation names work beside the tasks.
const muchBeside = 0.15

// sayWhatWorksBeside tells which threads take much CPU from the tasks.
func (f *Facts) sayWhatWorksBeside() {
	for _, kind := range slices.Sorted(maps.Keys(f.CPU.beside)) {
		n := f.CPU.beside[kind]
		if kind == CheckpointFiles {
			continue // a part of another kind
		}
		if share := float64(n) / float64(f.CPU.All); share >= muchBeside && n >= MinSamples {
			f.Observations = append(f.Observations, fmt.Sprintf("%d of %d CPU samples of the process (%s) are of %s, beside "+
				"the tasks.", n, f.CPU.All, evidence.Percent(share), kind))
		}
	}
}
