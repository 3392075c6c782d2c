package rules

import (
	"fmt"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/advisor/cause"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// A sink at work. Kafka's sink is left out because its producer makes batches itself.
var (
	sinking = cause.Pattern{
		"*.runtime.operators.sink.SinkWriterOperator.*", "*.connector.base.sink.writer.AsyncSinkWriter.*",
		"org.apache.flink.streaming.api.operators.StreamSink.*", "*.connector.elasticsearch.sink.*",
		"*.connector.opensearch.sink.*", "*.connector.jdbc.*",
	}
	sinkingToKafka = cause.Pattern{
		"*.connector.kafka.sink.*", "org.apache.kafka.*",
	}
)

var sinkRequests = cause.Rule{
	Name:     "sink-requests",
	Category: cause.SinkBatching,
	Frames: cause.Pattern{
		"*.submitRequestEntries", "jdk.internal.net.http.*", "java.net.HttpURLConnection.*",
		"sun.net.www.protocol.*", "*org.apache.http.*", "*org.apache.hc.*", "*okhttp3.*",
		"*org.elasticsearch.client.*", "*org.elasticsearch.action.bulk.BulkProcessor*", "*co.elastic.clients.*",
		"*org.opensearch.client.*", "*.executeBatch", "*.executeUpdate", "*software.amazon.awssdk.*Client.*",
		"*.tasks.mailbox.MailboxExecutorImpl.yield",
	},
	Below:     sinking,
	Unless:    sinkingToKafka,
	Removable: cause.Rarer(2, 20),
	RestsOn:   cause.Ground{Kind: cause.Calculated, Says: "2 to 20 records in a request instead of one"},
	Waits:     true,
	Judge:     sendsSingly,
	Settings:  []string{"bulk", "batch", "flush", "linger"},
	What:      "requests of a sink",
	Why: "Each request costs a round trip and, at the receiver, a commit; sent for single records these are paid " +
		"for every one.",
	Change: "Batch: for Elasticsearch 500 to 5000 actions or 5 to 10 MB per bulk request with a flush interval " +
		"of 200 ms to 1 s, for JDBC a batch size of at least 500; allow more than one request under way where " +
		"order doesn't matter.",
	TradeOffs: "Records wait up to the flush interval, and a failed request is repeated with all its records: " +
		"use ids that make that harmless.",
	Reference: docsFlink + "connectors/datastream/elasticsearch/",
}

var sinkAtWork = cause.Rule{
	Name:   "sink-at-work",
	Frames: sinking,
	Unless: sinkingToKafka,
}

// From manyRequests per second and subtask, a sink is assumed to send because of
// records and not because of its flush interval. Up to fewPerRequest records per
// request, the requests count as not batched.
const (
	manyRequests  = 20
	fewPerRequest = 5
	wellBatched   = 20
	// requestsInSink is the minimum share of a sink's samples that making requests has
	// if each record makes one. With batches the share is much smaller.
	requestsInSink = 0.5
)

// sendsSingly judges sinks that make a request for each record or for a few records.
func sendsSingly(f *cause.Facts, i int) (cause.Verdict, bool) {
	rate, rated := smallestBatches(f.Bundle.Sinks)
	perRequest := rate.PerRequest()
	k, profiled := requestSamples(f, i)
	if rated && perRequest > wellBatched {
		return cause.Verdict{}, false
	}
	tooMany := rated && perRequest <= fewPerRequest && rate.Requests/float64(max(1, rate.Subtasks)) >= manyRequests
	if !profiled && !tooMany {
		return cause.Verdict{}, false
	}
	v := cause.Verdict{
		Severity: episode.Info, Confidence: cause.SureOfHints,
		Title: "Requests are most of what a sink does: its batches are small, or single records",
	}
	if rated {
		id := f.Book.Metric("records per request "+evidence.CleanOr(rate.Name, rate.Vertex), perRequest, "records",
			fmt.Sprintf("sink %s sends %.1f records in each of %.4g requests per second",
				evidence.CleanOr(rate.Name, rate.Vertex), perRequest, rate.Requests))
		v.Evidence, v.Why = append(v.Evidence, id), fmt.Sprintf("A request carries %.1f records on average.",
			perRequest)
		v.Title = fmt.Sprintf("Sink %s sends %.1f records per request", evidence.CleanOr(rate.Name, rate.Vertex),
			perRequest)
		v.Severity, v.Confidence = severityOfSink(f, rate), cause.SureOfMetrics
	}
	if profiled {
		boundSink(f, &v, i, k)
	} else {
		boundAside(f, &v, i, rate.Vertex)
	}
	v.Evidence = append(v.Evidence, f.Cited...)
	return v, true
}

// boundSink adds the evidence about the requests from the profile.
func boundSink(f *cause.Facts, v *cause.Verdict, i int, k int64) {
	basis := f.WaitBasis()
	share, atLeast := float64(k)/float64(basis.Busy), cause.AtLeastShare(k, basis.Busy)
	v.Evidence = append(v.Evidence, f.EvidenceOf(i, basis, k))
	v.Why += fmt.Sprintf(" %s of the samples of task threads at work make requests of a sink, most of what that "+
		"sink does.", evidence.Percent(share))
	v.Why = strings.TrimSpace(v.Why)
	if basis != &f.Wall && f.Waited != nil && f.SinkIsBottleneck() {
		f.Blame(v, f.Rules[i].Removable, share)
		return
	}
	v.Impact = f.OnCPU(f.Rules[i].Removable, atLeast, share)
	if basis == &f.Wall {
		v.Impact = f.WhileItWaits(f.Rules[i].Removable, atLeast, share)
	}
	v.Confidence *= atLeast / share
}

// boundAside bounds the gain of a sink while another vertex limits the job: fewer requests leave more
// of the processors to that vertex and change nothing else of it.
func boundAside(f *cause.Facts, v *cause.Verdict, i int, sink string) {
	if f.Load.Ahead(sink) {
		f.TakesFromLimit(v, f.Rules[i].Removable.High)
	}
}

// requestSamples counts the stacks in which a sink makes requests. It also reports
// whether there are so many that each record must have made a request.
func requestSamples(f *cause.Facts, i int) (int64, bool) {
	basis := f.WaitBasis()
	if basis == nil {
		return 0, false
	}
	k := f.Attributed(basis, i)
	sinks := basis.Showing(f.IndexOf(sinkAtWork.Name))
	return k, cause.Significant(k, basis.Busy) && float64(k) >= requestsInSink*float64(sinks)
}

// smallestBatches returns the sink with the fewest records per request. Sinks without
// requests are ignored.
func smallestBatches(sinks []evidence.SinkRate) (evidence.SinkRate, bool) {
	var least evidence.SinkRate
	found := false
	for _, s := range sinks {
		if s.Requests > 0 && s.Records > 0 && (!found || s.PerRequest() < least.PerRequest()) {
			least, found = s, true
		}
	}
	return least, found
}

// severityOfSink grades small batches without a bound by the busy fraction of the sink.
func severityOfSink(f *cause.Facts, s evidence.SinkRate) episode.Severity {
	v, known := f.Bundle.Vertex(s.Vertex)
	if known && v.Busy != nil && *v.Busy >= busySink {
		return episode.Warning
	}
	return episode.Info
}

// busySink is the busy fraction of a sink from which small batches without a bound are
// a warning.
const busySink = 0.5

var kafkaProducer = cause.Rule{
	Name:     "kafka-producer",
	Category: cause.KafkaProducer,
	Frames: cause.Pattern{
		"org.apache.kafka.clients.producer.*", "*.connector.kafka.sink.internal.FlinkKafkaInternalProducer.*",
		"*.connector.kafka.sink.FlinkKafkaInternalProducer.*",
	},
	Removable: cause.Span{Low: 0.05, High: 0.4},
	RestsOn: cause.Ground{
		Kind: cause.Assumed,
		Says: "Larger batches save the sender's wakeups; partitioning and compression of a record stay.",
	},
	Judge:    cause.CostsCPU,
	Settings: []string{"linger.ms", "batch.size", "delivery-guarantee"},
	What:     "handing records to the Kafka producer",
	Why:      "Small batches wake the sender and take locks for nearly every record.",
	Change: "Raise linger.ms (20 to 100) and batch.size (128 KiB or more), and serialize keys and values into " +
		"bytes only once.",
	TradeOffs: "Up to linger.ms more latency at low rates.",
	Reference: docsFlink + "connectors/datastream/kafka/",
}
