package advisor

import (
	"fmt"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// A sink at work. Kafka's sink has a producer that batches by itself and is left out.
var (
	sinking = pattern{
		"*.runtime.operators.sink.SinkWriterOperator.*", "*.connector.base.sink.writer.AsyncSinkWriter.*",
		"org.apache.flink.streaming.api.operators.StreamSink.*", "*.connector.elasticsearch.sink.*",
		"*.connector.opensearch.sink.*", "*.connector.jdbc.*",
	}
	sinkingToKafka = pattern{
		"*.connector.kafka.sink.*", "org.apache.kafka.*",
	}
)

var sinkRequests = rule{
	name:     "sink-requests",
	category: SinkBatching,
	frames: pattern{
		"*.submitRequestEntries", "jdk.internal.net.http.*", "java.net.HttpURLConnection.*",
		"sun.net.www.protocol.*", "*org.apache.http.*", "*org.apache.hc.*", "*okhttp3.*",
		"*org.elasticsearch.client.*", "*org.elasticsearch.action.bulk.BulkProcessor*", "*co.elastic.clients.*",
		"*org.opensearch.client.*", "*.executeBatch", "*.executeUpdate", "*software.amazon.awssdk.*Client.*",
		"*.tasks.mailbox.MailboxExecutorImpl.yield",
	},
	below:     sinking,
	unless:    sinkingToKafka,
	removable: span{low: 0.5, high: 0.95},
	waits:     true,
	judge:     sendsSingly,
	settings:  []string{"bulk", "batch", "flush", "linger"},
	what:      "requests of a sink",
	why: "Each request costs a round trip and, at the receiver, a commit; sent for single records these are paid " +
		"for every one.",
	change: "Batch: for Elasticsearch 500 to 5000 actions or 5 to 10 MB per bulk request with a flush interval " +
		"of 200 ms to 1 s, for JDBC a batch size of at least 500; allow more than one request under way where " +
		"order doesn't matter.",
	tradeOffs: "Records wait up to the flush interval, and a failed request is repeated with all its records: " +
		"use ids that make that harmless.",
}

var sinkAtWork = rule{
	name:   "sink-at-work",
	frames: sinking,
	unless: sinkingToKafka,
}

// From how many requests per second and subtask a sink is taken to send them
// because of records rather than because of its flush interval, and up to how
// many records a request counts as not batched.
const (
	manyRequests  = 20
	fewPerRequest = 5
	wellBatched   = 20
	// requestsInSink is the part of a sink's own samples that making requests
	// has at least where each record makes one; batches spread it thin.
	requestsInSink = 0.5
)

// sendsSingly judges sinks that make a request for each record or few.
func sendsSingly(f *facts, i int) (verdict, bool) {
	rate, rated := smallestBatches(f.bundle.Sinks)
	perRequest := rate.perRequest()
	k, profiled := requestSamples(f, i)
	if rated && perRequest > wellBatched {
		return verdict{}, false
	}
	tooMany := rated && perRequest <= fewPerRequest && rate.Requests/float64(max(1, rate.Subtasks)) >= manyRequests
	if !profiled && !tooMany {
		return verdict{}, false
	}
	v := verdict{severity: episode.Info, confidence: sureOfHints, title: "Requests are most of what a sink does: its batches are small, or single records"}
	if rated {
		id := f.book.metric("records per request "+cleanOr(rate.Name, rate.Vertex), perRequest, "records",
			fmt.Sprintf("sink %s sends %.1f records in each of %.4g requests per second", cleanOr(rate.Name, rate.Vertex), perRequest, rate.Requests))
		v.evidence, v.why = append(v.evidence, id), fmt.Sprintf("A request carries %.1f records on average.", perRequest)
		v.title = fmt.Sprintf("Sink %s sends %.1f records per request", cleanOr(rate.Name, rate.Vertex), perRequest)
		v.severity, v.confidence = severityOfSink(f, rate), sureOfMetrics
	}
	if profiled {
		boundSink(f, &v, i, k)
	}
	v.evidence = append(v.evidence, f.cited...)
	return v, true
}

// boundSink adds what the profile says about the requests.
func boundSink(f *facts, v *verdict, i int, k int64) {
	basis := f.waitBasis()
	share, atLeast := float64(k)/float64(basis.busy), atLeastShare(k, basis.busy)
	v.evidence = append(v.evidence, f.evidenceOf(i, basis, k))
	v.why += fmt.Sprintf(" %s of the samples of task threads at work make requests of a sink, most of what that sink does.", percent(share))
	v.why = strings.TrimSpace(v.why)
	scale := f.busy
	if basis != &f.wall {
		scale *= f.running
	}
	if basis != &f.wall && f.waited != nil && f.sinkIsBottleneck() {
		f.blame(v, f.rules[i].removable, share)
		return
	}
	v.impact = f.rules[i].removable.impact(atLeast*scale, share*scale)
	v.confidence *= atLeast / share
}

// requestSamples counts the stacks in which a sink makes requests, and says
// whether they are so many that each record must have made one.
func requestSamples(f *facts, i int) (int64, bool) {
	basis := f.waitBasis()
	if basis == nil {
		return 0, false
	}
	k := basis.attributed(i, f.released)
	sinks := basis.showing(f.indexOf(sinkAtWork.name))
	return k, significant(k, basis.busy) && float64(k) >= requestsInSink*float64(sinks)
}

// smallestBatches returns the sink with the fewest records per request among
// those that send any.
func smallestBatches(sinks []SinkRate) (SinkRate, bool) {
	var least SinkRate
	found := false
	for _, s := range sinks {
		if s.Requests > 0 && s.Records > 0 && (!found || s.perRequest() < least.perRequest()) {
			least, found = s, true
		}
	}
	return least, found
}

// severityOfSink grades small batches without a bound by how busy they keep
// the sink.
func severityOfSink(f *facts, s SinkRate) episode.Severity {
	v, known := f.bundle.vertex(s.Vertex)
	if known && v.Busy != nil && *v.Busy >= busySink {
		return episode.Warning
	}
	return episode.Info
}

// busySink is the busy fraction from which small batches without a bound are worth a warning.
const busySink = 0.5
