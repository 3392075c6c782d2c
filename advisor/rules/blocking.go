package rules

import (
	"fmt"

	"github.com/flink-sidecar/flink-sidecar/advisor/cause"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

var blockingCalls = cause.Rule{
	Name:     "blocking-calls",
	Category: cause.BlockingIO,
	// Calls that wait for an answer in the calling thread. Asynchronous methods of a
	// client and the client's own threads do not count.
	Frames: cause.Pattern{
		"jdk.internal.net.http.HttpClientImpl.send", "jdk.internal.net.http.HttpClientFacade.send",
		"java.net.HttpURLConnection.*", "sun.net.www.protocol.*", "*okhttp3.RealCall.execute",
		"*okhttp3.internal.connection.RealCall.execute", "*retrofit2.OkHttpCall.execute",
		"*org.apache.http.impl.client.*.execute", "*org.apache.http.impl.client.*.doExecute",
		"*org.apache.hc.client5.http.impl.classic.*", "*org.springframework.web.client.RestTemplate.*",
		"*org.elasticsearch.client.RestClient.performRequest", "*co.elastic.clients.transport.*.performRequest",
		"*RestHighLevelClient.bulk", "java.net.SocketInputStream.*", "java.net.Socket$SocketInputStream.read*",
		"sun.nio.ch.NioSocketImpl.*read*", "sun.nio.ch.NioSocketImpl.*connect*",
		"java.net.InetAddress.getAllByName*", "*.jdbc.*.executeQuery", "*.jdbc.*.executeUpdate",
		"*.jdbc.*.executeBatch", "com.mysql.*.executeQuery", "oracle.jdbc.*", "com.zaxxer.hikari.*.execute*",
		"redis.clients.jedis.*", "io.lettuce.core.FutureSyncInvocationHandler.*", "com.mongodb.client.internal.*",
		"com.datastax.*Session.execute", "org.apache.hadoop.hbase.client.HTable.*",
		"io.grpc.stub.ClientCalls.blocking*", "java.lang.Thread.sleep",
		"java.util.concurrent.CompletableFuture.get", "java.util.concurrent.CompletableFuture.join",
		"java.util.concurrent.FutureTask.get",
	},
	// Waiting and network calls of Flink itself or of a checkpoint.
	Unless: cause.Pattern{
		"*.runtime.tasks.SubtaskCheckpointCoordinatorImpl.*", "org.apache.kafka.clients.consumer.*",
		"*.connector.base.source.reader.*", "org.apache.flink.runtime.io.network.*BufferPool*",
	},
	Removable: cause.Rarer(2, 20),
	RestsOn:   cause.Ground{Kind: cause.Calculated, Says: "2 to 20 requests under way instead of one"},
	Waits:     true,
	Judge:     blocks,
	Settings:  []string{"async", "lookup"},
	What:      "blocking calls",
	Why: "A task has one thread: while it waits for an answer, no other record of that subtask moves, and a " +
		"subtask does at most 1/latency records per second.",
	Change: "Use Flink's Async I/O (AsyncDataStream.orderedWait or unorderedWait) with the client's asynchronous " +
		"method and a bounded capacity; or cache answers; or bring the looked-up data in as a stream and join.",
	TradeOffs: "More requests at once for the service behind it; results in order cost some latency; a cache may " +
		"be stale.",
	Reference: docsFlink + "dev/datastream/operators/asyncio/",
}

// blocks judges calls that wait for an answer in the task thread.
func blocks(f *cause.Facts, i int) (cause.Verdict, bool) {
	basis := f.WaitBasis()
	if basis == nil {
		return cause.Verdict{}, false
	}
	k := f.Attributed(basis, i)
	if !cause.Significant(k, basis.Busy) {
		return cause.Verdict{}, false
	}
	share, atLeast := float64(k)/float64(basis.Busy), cause.AtLeastShare(k, basis.Busy)
	v := cause.Verdict{
		Evidence: append([]string{f.EvidenceOf(i, basis, k)}, f.Cited...),
		Why: fmt.Sprintf("%s runs in the task thread, which stands still until the answer comes.",
			cause.FrameName(basis.Into(i))),
	}
	switch {
	case f.SinkIsBottleneck():
		// The job waits in another place, so the present cost of these calls is not
		// measurable.
		v.Severity, v.Confidence = cause.SeverityOfHint(share), cause.SureOfHints
		v.Title = fmt.Sprintf("Blocking calls in task threads (%s of their time), before a sink that limits the "+
			"job more", evidence.Percent(share))
	case basis == &f.Wall:
		v.Impact, v.Confidence = f.WhileItWaits(f.Rules[i].Removable, atLeast, share), cause.SureOfSamples*atLeast/share
		f.CapByNext(&v)
		v.Title = f.GoesInto(i, basis, k)
	case f.Waited != nil:
		f.Blame(&v, f.Rules[i].Removable, share)
		v.Title = fmt.Sprintf("At least %s of the busy time of %s is waiting, and it makes blocking calls%s",
			evidence.Percent(f.Waited.Share), f.Limit(), f.Below(i, basis, k))
	default:
		v.Severity, v.Confidence = cause.SeverityOfHint(share), cause.SureOfHints
		v.Title = fmt.Sprintf("Blocking calls take %s of the CPU time of %s%s; how long they wait is not measured in "+
			"this mode", evidence.Percent(share), f.Whose(), f.Below(i, basis, k))
	}
	return v, true
}
