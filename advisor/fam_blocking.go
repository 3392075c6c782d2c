package advisor

import (
	"fmt"
)

var blockingCalls = rule{
	name:     "blocking-calls",
	category: BlockingIO,
	// Calls that wait for an answer in the thread they are made in. A client's
	// asynchronous methods are not among them, nor is what it does in its own threads.
	frames: pattern{
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
	// Waiting and networking that is Flink's or a checkpoint's own business.
	unless: pattern{
		"*.runtime.tasks.SubtaskCheckpointCoordinatorImpl.*", "org.apache.kafka.clients.consumer.*",
		"*.connector.base.source.reader.*", "org.apache.flink.runtime.io.network.*BufferPool*",
	},
	removable: span{low: 0.5, high: 0.95},
	waits:     true,
	judge:     blocks,
	settings:  []string{"async", "lookup"},
	what:      "blocking calls",
	why: "A task has one thread: while it waits for an answer, no other record of that subtask moves, and a " +
		"subtask does at most 1/latency records per second.",
	change: "Use Flink's Async I/O (AsyncDataStream.orderedWait or unorderedWait) with the client's asynchronous " +
		"method and a bounded capacity; or cache answers; or bring the looked-up data in as a stream and join.",
	tradeOffs: "More requests at once for the service behind it; results in order cost some latency; a cache may " +
		"be stale.",
}

// blocks judges calls that wait for an answer in the task thread.
func blocks(f *facts, i int) (verdict, bool) {
	basis := f.waitBasis()
	if basis == nil {
		return verdict{}, false
	}
	k := basis.attributed(i, f.released)
	if !significant(k, basis.busy) {
		return verdict{}, false
	}
	share, atLeast := float64(k)/float64(basis.busy), atLeastShare(k, basis.busy)
	v := verdict{
		evidence: append([]string{f.evidenceOf(i, basis, k)}, f.cited...),
		why:      fmt.Sprintf("%s runs in the task thread, which stands still until the answer comes.", frameName(most(basis.through[i].into))),
	}
	switch {
	case f.sinkIsBottleneck():
		// The job waits elsewhere: what this costs it now can't be measured.
		v.severity, v.confidence = severityOfHint(share), sureOfHints
		v.title = fmt.Sprintf("Blocking calls in task threads (%s of their time), before a sink that limits the job more", percent(share))
	case basis == &f.wall:
		v.impact, v.confidence = f.rules[i].removable.impact(atLeast*f.busy, share*f.busy), sureOfSamples*atLeast/share
		v.title = fmt.Sprintf("Task threads spend %s of their busy time in blocking calls", percent(share))
	case f.waited != nil:
		f.blame(&v, f.rules[i].removable, share)
		v.title = fmt.Sprintf("The bottleneck waits at least %s of its busy time, and makes blocking calls", percent(f.waited.share))
	default:
		v.severity, v.confidence = severityOfHint(share), sureOfHints
		v.title = fmt.Sprintf("Blocking calls in task threads (%s of their CPU time; how long they wait can't be seen in this mode)", percent(share))
	}
	return v, true
}
