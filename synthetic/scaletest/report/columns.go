package report

import (
	"strconv"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

// columns are those of one iteration in every form but JSON.
var columns = []string{
	"iteration", "intended", "sent", "not_sent", "produce_failed", "lost", "duplicates", "reordered",
	"to_kafka_seconds", "to_all_sinks_seconds", "throughput", "slowest_sink", "publish_delay_p99_seconds",
	"cpu_seconds_per_million", "checkpoints", "backpressured_ratio", "gc_seconds", "payload_bytes", "exchanged_bytes",
	"warm_up", "flags",
}

// row has a value for each column; unknown is empty.
func row(it scalerun.Iteration) []string {
	count := func(n int64) string { return strconv.FormatInt(n, 10) }
	return []string{
		strconv.Itoa(it.Iteration), count(it.Intended), count(it.Sent), count(it.NotSent), count(it.ProduceFailed),
		count(it.Lost), count(it.Duplicates), count(it.Reordered), number(it.ToKafkaSeconds),
		number(it.ToAllSinksSeconds), number(it.Throughput), it.SlowestSink, number(it.PublishDelay.P99),
		number(it.CPUPerMillion), whole(it.Checkpoints), number(it.Backpressure), number(it.GCSeconds),
		count(it.PayloadBytes), number(it.ExchangedBytes), strconv.FormatBool(it.WarmUp), strings.Join(it.Flags, " "),
	}
}

func number(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'g', 6, 64)
}

func whole(v *int) string {
	if v == nil {
		return ""
	}
	return strconv.Itoa(*v)
}

// sinkColumns are those of one iteration at one sink.
var sinkColumns = []string{
	"iteration", "sink", "seen", "lost", "duplicates", "reordered", "to_all_seconds", "throughput",
	"latency_min_seconds", "latency_mean_seconds", "latency_p50_seconds", "latency_p90_seconds", "latency_p99_seconds",
	"latency_max_seconds",
	"stamps_min_seconds", "stamps_mean_seconds", "stamps_p50_seconds", "stamps_p90_seconds", "stamps_p99_seconds",
	"stamps_max_seconds",
	"ingested_min_seconds", "ingested_mean_seconds", "ingested_p50_seconds", "ingested_p90_seconds",
	"ingested_p99_seconds", "ingested_max_seconds",
	"indexed_min_seconds", "indexed_mean_seconds", "indexed_p50_seconds", "indexed_p90_seconds", "indexed_p99_seconds",
	"indexed_max_seconds",
}

func sinkRow(iteration int, name string, s scalerun.Sink) []string {
	count := func(n int64) string { return strconv.FormatInt(n, 10) }
	row := []string{
		strconv.Itoa(iteration), name, count(s.Seen), count(s.Lost), count(s.Duplicates), count(s.Reordered),
		number(s.ToAllSeconds), number(s.Throughput),
	}
	for _, l := range []*scalerun.Latency{&s.Latency, s.Stamps, s.Ingested, s.Indexed} {
		if l == nil {
			l = &scalerun.Latency{} // unknown
		}
		row = append(row, number(l.Min), number(l.Mean), number(l.P50), number(l.P90), number(l.P99), number(l.Max))
	}
	return row
}

// testColumns are those of a test, which each line of CSV repeats.
var testColumns = []string{"run", "label", "baseline", "verdict", "deployment"}

func testRow(t scalerun.Test) []string {
	return []string{
		plaintext.Line(t.Run, 0), plaintext.Line(t.Label, 0), strconv.FormatBool(t.Baseline), string(t.Verdict),
		plaintext.Line(t.Deployment, 0),
	}
}

// trialColumns are those of one trial of a search.
var trialColumns = []string{
	"trial", "rate", "trial_verdict", "sent_rate", "growth", "growth_low", "growth_high", "seconds", "lost", "duplicates",
	"latency_p99_seconds", "sustainable_rate", "next_rate", "search_verdict",
}

func trialRow(index int, s scalerun.Sustainable) []string {
	trial := s.Trials[index]
	return []string{
		strconv.Itoa(index + 1), number(&trial.Rate), string(trial.Verdict), number(trial.SentRate), number(trial.Growth),
		number(trial.GrowthLow), number(trial.GrowthHigh), number(&trial.Seconds), strconv.FormatInt(trial.Lost, 10),
		strconv.FormatInt(trial.Duplicates, 10), number(trial.LatencyP99), number(s.Rate), number(s.NextRate),
		string(s.Verdict),
	}
}
