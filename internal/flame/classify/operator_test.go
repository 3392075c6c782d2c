package classify

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

const (
	taskRoot   = "java/lang/Thread.run;org/apache/flink/runtime/taskmanager/Task.run;org/apache/flink/streaming/runtime/tasks/StreamTask.invoke;"
	emitting   = taskRoot + "org/apache/flink/streaming/runtime/io/StreamOneInputProcessor.processInput;org/apache/flink/streaming/runtime/io/AbstractStreamTaskNetworkInput.emitNext;"
	processing = emitting + "org/apache/flink/streaming/runtime/tasks/OneInputStreamTask$StreamTaskNetworkOutput.emitRecord;"
)

func TestOperator(t *testing.T) {
	reader := NewClassifier(flame.ITIMER)
	for stack, want := range map[string]string{
		taskRoot + "org/apache/flink/streaming/runtime/tasks/mailbox/MailboxProcessor.processMail":                                                     TaskItself,
		emitting + "org/apache/flink/streaming/runtime/streamrecord/StreamElementSerializer.deserialize;com/acme/Order.<init>":                         TaskInput,
		processing + "org/apache/flink/streaming/api/operators/KeyedProcessOperator.processElement;com/acme/Enrich.processElement;com/acme/Client.get": "KeyedProcessOperator (com.acme.Enrich)",
		processing + "org/apache/flink/streaming/api/operators/StreamMap.processElement;com/acme/Job$$Lambda$820.0x00007f24d0643e70.map;org/apache/flink/streaming/runtime/tasks/ChainingOutput.collect;" +
			"org/apache/flink/streaming/api/operators/StreamFilter.processElement;com/esotericsoftware/kryo/Kryo.copy": "StreamFilter",
		processing + "org/apache/flink/streaming/api/operators/StreamMap.processElement;com/acme/Job$$Lambda$820.0x00007f24d0643e70.map": "StreamMap (com.acme.Job)",
		processing + "org/apache/flink/streaming/api/operators/StreamMap.processElement;com/acme/Job.lambda$main$3;org/apache/flink/streaming/runtime/io/RecordWriterOutput.collect;" +
			"org/apache/flink/runtime/io/network/api/writer/RecordWriter.emit;com/esotericsoftware/kryo/Kryo.writeObject": "StreamMap (com.acme.Job)",
		processing + "org/apache/flink/streaming/api/operators/OneInputStreamOperator.setKeyContextElement": TaskInput,
		processing + "org/apache/flink/streaming/api/operators/AbstractStreamOperator.processWatermark":     TaskInput,
		processing + "StreamExecCalc$12.processElement":                                                     "StreamExecCalc",
		"com/acme/NotATask.run": TaskItself,
	} {
		require.Equal(t, want, reader.Operator(strings.Split(stack, ";")), stack)
	}
}

// TestOperatorsAddUpToTheTask: in every recorded page, the samples of the operators add up
// to the samples of the task threads.
func TestOperatorsAddUpToTheTask(t *testing.T) {
	for file, mode := range map[string]flame.Mode{
		"flink-2.3.0-tm-ITIMER.html": flame.ITIMER, "flink-1.20.5-tm-ITIMER.html": flame.ITIMER,
		"flink-2.3.0-tm-ALLOC.html": flame.Alloc,
		"flink-2.3.0-tm-WALL.html":  flame.Wall, "flink-2.3.0-tm-LOCK.html": flame.Lock,
	} {
		summary := Summarize(realTree(t, file), mode)
		var task, operators int64
		for _, row := range summary.Threads {
			if row.Thread == Task {
				task = row.Samples
			}
		}
		for _, row := range summary.Operators {
			var kinds int64
			for _, kind := range row.Categories {
				kinds += kind.Samples
			}
			require.Equal(t, row.Samples, kinds, "%s of %s", row.Operator, file)
			operators += row.Samples
		}
		require.Equal(t, task, operators, file)
	}
	rows := Summarize(realTree(t, "flink-1.20.5-tm-ITIMER.html"), flame.ITIMER).Operators
	require.Equal(t, "KeyedProcessOperator (lab.EnrichJob$Enrich)", rows[0].Operator)
	require.Equal(t, CategoryCount{StateBackend, 64}, rows[0].Categories[0])
}

func realTree(t *testing.T, name string) *flame.Tree {
	t.Helper()
	file, err := os.Open("../testdata/flink/" + name)
	require.NoError(t, err)
	defer file.Close()
	page, err := flame.ReadPage(file)
	require.NoError(t, err)
	return page.Tree
}
