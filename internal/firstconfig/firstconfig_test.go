package firstconfig

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/collector/discover"
	"github.com/flink-sidecar/flink-sidecar/internal/config"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
	"github.com/flink-sidecar/flink-sidecar/synthetic/kafka"
)

// settle makes the job publish its parameters.
func settle(s *flinktest.Server, parameters map[string]any) {
	s.Edit("/jobs/"+s.JobID+"/config", func(doc map[string]any) {
		doc["execution-config"].(map[string]any)["user-config"] = parameters
	})
}

// told are the parameters of the sample job.
var told = map[string]any{
	"bootstrap.servers": "kafka-1:9092,kafka-2:9092", "source.topic": "orders", "enriched.topic": "orders-enriched",
	"alerts.topic": "orders-alerts", "dead.letter.topic": "orders-dead", "group.id": "orders-enrichment",
	"elasticsearch.url": "http://user:pass@es:9200", "elasticsearch.index": "orders", "lookup.url": "http://lookup:80",
}

// newest is a sampler with fixed records.
func newest(values ...string) Sampler {
	return func(_ context.Context, _ kafka.Config, shown string) (string, []kafka.Sampled, error) {
		var records []kafka.Sampled
		for _, v := range values {
			records = append(records, kafka.Sampled{Key: []byte("c-4711"), Value: []byte(v), Timestamp: sampledAt})
		}
		return shown, records, nil
	}
}

var sampledAt = time.UnixMilli(1_790_000_000_000)

// discovered returns the file of a cluster.
func discovered(t *testing.T, s *flinktest.Server, o Options) (First, string) {
	t.Helper()
	cfg := flink.DefaultConfig()
	cfg.URL = s.URL
	first, err := Discover(t.Context(), cfg, o)
	require.NoError(t, err)
	var out strings.Builder
	require.NoError(t, first.Write(&out))
	return first, out.String()
}

// load checks a file as check config does.
func load(t *testing.T, text string) (config.Config, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sidecar.yml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return config.Load(path, config.Overrides{})
}

func TestWhatTheJobsSettingsTell(t *testing.T) {
	s := flinktest.New(t, flinktest.Flink23)
	settle(s, told)
	first, text := discovered(t, s, Options{
		Sample: true, Sampler: newest(`{"order_id": "o-1", "customer_id": "c-4711", "amount": 12.50}`),
	})
	require.Empty(t, first.Probe.Missing())
	cfg, err := load(t, text)
	require.NoError(t, err, text)
	require.Equal(t, []string{"kafka-1:9092", "kafka-2:9092"}, cfg.Kafka.Brokers)
	require.Equal(t, []string{"http://es:9200"}, cfg.Elasticsearch.URLs, "without the credentials")
	require.Equal(t, "orders", cfg.Probe.Topic)
	var places []string
	for _, sink := range cfg.Sinks {
		if sink.Kafka != nil {
			places = append(places, sink.Name+" "+sink.Kafka.Topic)
		} else {
			places = append(places, sink.Name+" "+sink.Elasticsearch.Index+" "+sink.Elasticsearch.SeedField)
		}
	}
	require.Equal(t, []string{"alerts orders-alerts", "enriched orders-enriched", "search orders order_id"}, places)
	require.JSONEq(t, `{"order_id": "{{.Seed}}", "customer_id": "{{.Key}}", "amount": 12.50}`, cfg.Probe.Template)
	for _, from := range []string{
		"  # found: setting bootstrap.servers of the job\n", "  # found: setting enriched.topic of the job\n",
		"  # found: metric Source__orders_v1_source.KafkaSourceReader.topic.orders.partition.0.currentOffset of vertex " +
			"Source: orders.v1 source -> normalize, and setting source.topic of the job\n",
	} {
		require.Contains(t, text, from)
	}
	require.NotContains(t, text, "pass@")
}

// The arguments of an application cluster's program tell as well.
func TestWhatTheProgramsArgumentsTell(t *testing.T) {
	s := flinktest.New(t, flinktest.Flink120)
	for _, args := range []string{
		"--bootstrap.servers;kafka:9092;--output-topic=out.v1;--fast;--es-hosts;es:9200;--index;orders-2026",
		"['--bootstrap.servers', 'kafka:9092', '--output-topic', 'out.v1', '--fast', '--es-hosts=es:9200', '--index', 'orders-2026']",
	} {
		s.Answer("/jobmanager/config", 200, `[{"key": "$internal.application.program-args", "value": "`+args+`"}]`)
		first, _ := discovered(t, s, Options{})
		require.Equal(t, []string{"probe.template"}, first.Probe.Missing())
		require.Equal(t, "kafka:9092", first.Probe.Brokers[0].Text)
		require.Equal(t, "found: argument --bootstrap.servers of the job's program", first.Probe.Brokers[0].From)
		require.Equal(t, "out.v1", first.Probe.Sinks[0].Place.Text)
		require.Equal(t, "orders-2026", first.Probe.Sinks[1].Place.Text)
		require.Equal(t, "http://es:9200", first.Probe.Elasticsearch[0].Text)
	}
}

// What is not known is a comment, and without the comment signs a fault with its line.
func TestWhatIsNotKnown(t *testing.T) {
	first, text := discovered(t, flinktest.New(t, flinktest.Flink23), Options{})
	require.Equal(t, []string{
		"kafka.brokers", "elasticsearch.urls", "the place of sink kafka_alerts", "the place of sink kafka_enriched",
		"the place of sink search", "probe.template",
	}, first.Probe.Missing())
	_, err := load(t, text)
	require.NoError(t, err)

	head, sections, found := strings.Cut(text, "# kafka:\n")
	require.True(t, found)
	active := head + strings.ReplaceAll("kafka:\n"+sections, "\n# ", "\n")
	_, err = load(t, strings.ReplaceAll(active, "\n#\n", "\n\n"))
	require.Error(t, err)
	faults := strings.Split(err.Error(), "\n")
	require.Len(t, faults, 6, err)
	for _, fault := range faults {
		require.Regexp(t, `^.*sidecar\.yml:\d+: [\w.\[\]]+: [A-Z-]+ is a placeholder of sidecar init \(write .*\)$`, fault)
	}
	require.Contains(t, err.Error(), "kafka.brokers[0]: WHERE-KAFKA-RUNS is a placeholder")
	require.Contains(t, text, "not found: operator kafka_enriched writes to Kafka (vertex JSON enrich (v1.2)")
}

func TestATopicWithADot(t *testing.T) {
	s := flinktest.New(t, flinktest.Flink23)
	first, _ := discovered(t, s, Options{})
	require.Equal(t, "orders", first.Probe.Topic.Text)
	require.Equal(t, "orders.v2", sourceTopic(discover.Topic{Name: "orders_v2", Ambiguous: true},
		facts{{"source.topic", "orders.v2", "setting source.topic of the job"}}).Text)
}

func TestBrokersGivenByHandComeFirst(t *testing.T) {
	s := flinktest.New(t, flinktest.Flink23)
	settle(s, told)
	first, _ := discovered(t, s, Options{Kafka: kafka.Config{Brokers: []string{"other:9092"}}})
	require.Len(t, first.Probe.Brokers, 1)
	require.Equal(t, Value{Text: "other:9092", From: "given on the command line or in its file"}, first.Probe.Brokers[0])
}

func TestNoJobReadsFromKafka(t *testing.T) {
	s := flinktest.New(t, flinktest.Flink23)
	s.ForgetJobs()
	first, text := discovered(t, s, Options{})
	require.Nil(t, first.Probe)
	cfg, err := load(t, text)
	require.NoError(t, err)
	require.Nil(t, cfg.Probe)
	require.Contains(t, text, "#   none\n")
	flinkConfig := flink.DefaultConfig()
	flinkConfig.URL = s.URL
	_, err = Discover(t.Context(), flinkConfig, Options{Sample: true})
	require.ErrorContains(t, err, "there is no record to sample (start the job and give its metrics a minute, or leave --sample out)")
}

func TestSamplesThatCannotBeUsed(t *testing.T) {
	for name, tc := range map[string]struct {
		sampler Sampler
		told    map[string]any
		want    string
	}{
		"no brokers": {newest(`{}`), nil, "(add --kafka.brokers=HOST:PORT)"},
		"no answer": {func(context.Context, kafka.Config, string) (string, []kafka.Sampled, error) {
			return "", nil, errors.New("kafka: down (start it)")
		}, told, "no record can be sampled: kafka: down (start it)"},
		"no JSON":   {newest("\x00avro", "[]", `"text"`, `{"a": 1} {}`), told, "none of the 4 newest records of topic orders is"},
		"our own":   {newest(`{"id": "fsp-01J0000000000000000000000A-0"}`), told, "none of the 1 newest records"},
		"too large": {newest(`{"a": "` + strings.Repeat("x", maxSampleBytes) + `"}`), told, "none of the 1 newest records"},
		"too deep":  {newest(strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40)), told, "none of the 1"},
	} {
		t.Run(name, func(t *testing.T) {
			s := flinktest.New(t, flinktest.Flink23)
			if tc.told != nil {
				settle(s, tc.told)
			}
			cfg := flink.DefaultConfig()
			cfg.URL = s.URL
			_, err := Discover(t.Context(), cfg, Options{Sample: true, Sampler: tc.sampler})
			require.ErrorContains(t, err, tc.want)
		})
	}
}

func TestSinksHaveNamesOfTheirOwn(t *testing.T) {
	sinks := distinct([]Sink{{Name: "out"}, {Name: "out"}, {Name: "visible"}, {Name: ""}})
	require.Equal(t, []Sink{{Name: "out"}, {Name: "sink-out-2"}, {Name: "sink-visible-2"}, {Name: "sink-2"}}, sinks)
}
