package stack

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"go.yaml.in/yaml/v3"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/jars"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/supervisor"
)

func decode(t *testing.T, text string) map[string]any {
	t.Helper()
	var values map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(text), &values))
	return values
}

func TestFlinkConfig(t *testing.T) {
	s, _ := bare(t, t.TempDir())
	s.ports = Ports{Flink: 8081, JobManagerRPC: 6123, JobManagerBlobs: 6124}
	s.layout.Dir = "/home/me/my stack"
	config := decode(t, s.flinkConfig())
	require.Equal(t, 8081, config["rest.port"])
	require.Equal(t, 6123, config["jobmanager.rpc.port"])
	require.Equal(t, 2, config["taskmanager.numberOfTaskSlots"])
	require.Equal(t, true, config["rest.profiling.enabled"])
	require.Equal(t, 60000, config["web.timeout"])
	require.Equal(t, "/home/me/my stack/flink/profiling", config["rest.profiling.dir"])
	require.Equal(t, "file:///home/me/my%20stack/flink/checkpoints", config["execution.checkpointing.dir"])
	for key, value := range config {
		if strings.HasSuffix(key, "-host") || strings.HasSuffix(key, "address") {
			require.Equal(t, "127.0.0.1", value, key)
		}
	}
	s.options.Profiling = false
	require.Equal(t, false, decode(t, s.flinkConfig())["rest.profiling.enabled"])
	require.Equal(t, false, decode(t, s.flinkConfig())["rest.flamegraph.enabled"])
}

func TestSize(t *testing.T) {
	require.Equal(t, 2, Size{}.slots())
	limit, settings := Size{}.network()
	require.Equal(t, "-XX:MaxDirectMemorySize=192m", limit)
	require.Equal(t, []string{"taskmanager.memory.network.min=64m", "taskmanager.memory.network.max=64m"}, settings)
	require.Equal(t, 48, Size{Slots: 48}.slots())
	limit, settings = Size{NetworkMiB: 512}.network()
	require.Equal(t, "-XX:MaxDirectMemorySize=640m", limit)
	require.Equal(t, []string{"taskmanager.memory.network.min=512m", "taskmanager.memory.network.max=512m"}, settings)
}

func TestLayoutFlink(t *testing.T) {
	s, _ := bare(t, t.TempDir())
	require.NoError(t, s.layoutFlink())
	require.DirExists(t, s.layout.In("flink", "profiling"))
	require.FileExists(t, s.layout.In("flink", "conf", "config.yaml"))
	require.FileExists(t, s.layout.In("flink", "conf", "log4j2.properties"))
}

// A TaskManager that was killed stays listed for a while; only the new process counts.
func TestTaskManagerReady(t *testing.T) {
	var listed atomic.Value
	listed.Store("")
	s, _ := bare(t, t.TempDir())
	s.ports.Flink = serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"taskmanagers":[`+listed.Load().(string)+`]}`)
	})
	row := s.taskManager(1)
	require.Equal(t, []string{"jobmanager"}, row.After)
	for _, others := range []string{
		"",
		`{"id":"tm-2","path":"pekko.tcp://flink@127.0.0.1:0/user/rpc/taskmanager_0"}`,
		`{"id":"tm-1","path":"pekko.tcp://flink@127.0.0.1:18131/user/rpc/taskmanager_0"}`,
	} {
		listed.Store(others)
		require.EqualError(t, row.Ready(t.Context()), "not registered at the JobManager")
	}
	// Not launched in this test, its RPC port is still 0.
	listed.Store(`{"id":"tm-1","path":"pekko.tcp://flink@127.0.0.1:0/user/rpc/taskmanager_0"}`)
	require.NoError(t, row.Ready(t.Context()))
}

func TestKafkaConfig(t *testing.T) {
	s, _ := bare(t, t.TempDir())
	s.ports = Ports{Kafka: 9092, KafkaController: 9093}
	config := s.kafkaConfig()
	require.Contains(t, config, "listeners=PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093\n")
	require.Contains(t, config, "advertised.listeners=PLAINTEXT://127.0.0.1:9092\n")
	require.Contains(t, config, "controller.quorum.voters=1@127.0.0.1:9093\n")
	require.Contains(t, config, "log.dirs="+s.layout.In("kafka", "data")+"\n")
}

func TestKafkaReadyAndTopics(t *testing.T) {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1))
	require.NoError(t, err)
	defer cluster.Close()
	address, err := net.ResolveTCPAddr("tcp", cluster.ListenAddrs()[0])
	require.NoError(t, err)
	s, _ := bare(t, t.TempDir())
	s.ports.Kafka = address.Port

	row := s.kafka()
	require.NoError(t, row.Ready(t.Context()))
	require.NoError(t, row.Settle(t.Context()))
	require.NoError(t, row.Settle(t.Context()), "after a restart the topics are there")
	require.NoError(t, s.withKafka(func(admin *kadm.Client) error {
		found, err := admin.ListTopics(t.Context())
		require.NoError(t, err)
		require.Len(t, found["orders"].Partitions, 4)
		require.Len(t, found["orders-enriched"].Partitions, 2)
		require.Len(t, found["orders-alerts"].Partitions, 2)
		return nil
	}))
}

func TestElasticsearchReady(t *testing.T) {
	for _, tc := range []struct{ name, answer, err string }{
		{"green", `{"status":"green"}`, ""},
		{"yellow", `{"status":"yellow"}`, ""},
		{"red, as after a restart", `{"status":"red"}`, "cluster health is red"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s, _ := bare(t, t.TempDir())
			s.ports.Elasticsearch = serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/_cluster/health" {
					w.WriteHeader(http.StatusBadRequest)
				}
				_, _ = io.WriteString(w, tc.answer)
			})
			err := s.lookAtHealth(t.Context())
			if tc.err == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, tc.err)
		})
	}
}

func TestElasticsearchIndex(t *testing.T) {
	for _, tc := range []struct{ name, answer, err string }{
		{name: "new"},
		{name: "after a restart", answer: `{"error":{"type":"resource_already_exists_exception"}}`},
		{name: "refused", answer: `{"error":"no room"}`, err: `PUT URL/orders: 400: {"error":"no room"}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			put := map[string]string{}
			s, _ := bare(t, t.TempDir())
			s.ports.Elasticsearch = serve(t, func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				put[r.Method+" "+r.URL.Path] = string(body)
				if r.URL.Path == "/orders" && tc.answer != "" {
					w.WriteHeader(http.StatusBadRequest)
					_, _ = io.WriteString(w, tc.answer)
				}
			})
			err := s.createIndex(t.Context())
			if tc.err != "" {
				require.EqualError(t, err, strings.ReplaceAll(tc.err, "URL", httpURL(s.ports.Elasticsearch)))
				return
			}
			require.NoError(t, err)
			require.JSONEq(t, timestampPipeline, put["PUT /_ingest/pipeline/timestamp"])
			require.JSONEq(t, indexDefinition, put["PUT /orders"])
		})
	}
}

func TestPrometheusConfig(t *testing.T) {
	s, _ := bare(t, t.TempDir())
	s.ports = Ports{Alertmanager: 9093, JobManagerMetrics: 9249, TaskManagerMetrics: [2]int{9250, 9251}}
	s.layout.Dir = "/data"
	config := decode(t, s.prometheusConfig())
	require.Equal(t, []any{"/data/prometheus/rules/*.yml"}, config["rule_files"])
	text, err := json.Marshal(config["scrape_configs"])
	require.Contains(t, string(text), `"honor_labels":true`, "the label job of the sidecar is that of Flink")
	require.NoError(t, err)
	for _, target := range []string{
		"127.0.0.1:9249", "127.0.0.1:9250", "127.0.0.1:9251",
		"/data/prometheus/targets/*.json",
	} {
		require.Contains(t, string(text), `"`+target+`"`)
	}
}

func TestAlertmanagerConfig(t *testing.T) {
	require.Equal(t, []any{map[string]any{"name": "nobody"}}, decode(t, alertmanagerConfig(""))["receivers"])
	require.Equal(t, []any{map[string]any{
		"name":            "webhook",
		"webhook_configs": []any{map[string]any{"url": "http://127.0.0.1:1/hook", "send_resolved": true, "max_alerts": 10000}},
	}}, decode(t, alertmanagerConfig("http://127.0.0.1:1/hook"))["receivers"])
}

// fill puts a project on the shelf that cannot be built, or that has the given files.
func fill(t *testing.T, s *Stack, err error, files ...string) {
	t.Helper()
	dir := t.TempDir()
	for _, name := range files {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o700))
	}
	item := s.shelf.item("prometheus")
	item.dir, item.err = dir, err
	close(item.done)
}

func TestMonitoringFromPackages(t *testing.T) {
	s, _ := bare(t, t.TempDir())
	fill(t, s, nil, "usr/bin/prometheus", "usr/bin/prometheus-alertmanager", "usr/bin/promtool")
	require.NoError(t, s.prometheus().Prepare(t.Context()))
	require.NoError(t, s.alertmanager().Prepare(t.Context()))
	require.Equal(t, s.monitoring().dir+"/usr/bin/prometheus", s.monitoring().prometheus)
	require.FileExists(t, s.State().Promtool)
}

func TestMonitoringFromPath(t *testing.T) {
	bin := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(bin, "prometheus"), nil, 0o700))
	t.Setenv("PATH", bin)
	s, _ := bare(t, t.TempDir())
	fill(t, s, &jarsError{"apt-get: not found"})
	require.NoError(t, s.prometheus().Prepare(t.Context()))
	require.Equal(t, filepath.Join(bin, "prometheus"), s.monitoring().prometheus)
	require.Equal(t, s.layout.Dir, s.monitoring().dir)
	err := s.alertmanager().Prepare(t.Context())
	require.ErrorIs(t, err, supervisor.ErrAbsent)
	require.EqualError(t, err, "not available; the stack runs without it: neither as a Debian package nor on PATH "+
		"(apt-get: not found)")
}

type jarsError struct{ text string }

func (e *jarsError) Error() string { return e.text }

func TestJobArgs(t *testing.T) {
	s, _ := bare(t, t.TempDir())
	s.ports = Ports{Kafka: 1, Elasticsearch: 2, Lookup: 3}
	plain := []string{
		"--bootstrap.servers=127.0.0.1:1", "--source.topic=orders", "--enriched.topic=orders-enriched",
		"--alerts.topic=orders-alerts", "--elasticsearch.url=http://127.0.0.1:2", "--elasticsearch.index=orders",
		"--lookup.url=http://127.0.0.1:3/customers/",
	}
	require.Equal(t, plain, s.jobArgs(JobSpec{}))
	require.Equal(t, append(plain, "--archive.directory=/archive", "--faults=json,types", "--fixed=kryo,bulk",
		"--parallelism=4"),
		s.jobArgs(JobSpec{
			Archive: "/archive", Planted: []string{"json", "types"}, Fixed: []string{"kryo", "bulk"}, Parallelism: 4,
		}))
}

func TestPlantedIsWhatEveryJobHad(t *testing.T) {
	s, _ := bare(t, t.TempDir())
	require.Equal(t, []string{"kryo", "bulk", "lookup", "state"}, s.Planted())
	s.rememberJob(submitted{}, JobSpec{Planted: []string{"interval", "mapper"}, Fixed: []string{"bulk"}}.Faults())
	require.Equal(t, []string{"kryo", "lookup", "state", "mapper", "interval"}, s.Planted())
	s.rememberJob(submitted{}, JobSpec{Planted: []string{"mapper", "json"}, Fixed: []string{"state"}}.Faults())
	require.Equal(t, []string{"kryo", "lookup", "mapper"}, s.Planted())
	s.rememberJob(submitted{}, JobSpec{Fixed: Faults()}.Faults())
	require.Empty(t, s.Planted())
	s.rememberJob(submitted{}, JobSpec{}.Faults())
	require.Empty(t, s.Planted(), "a fault that was away once cannot be relied upon")
}

// flinkWithJob is a JobManager on which a job of ours runs already.
type flinkWithJob struct {
	cancelled atomic.Bool
	run       atomic.Value
}

func (f *flinkWithJob) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	old, fresh := `"state":"RUNNING","tasks":{"running":2,"total":2}`, ""
	if f.cancelled.Load() {
		old = `"state":"CANCELED","tasks":{"running":0,"total":2}`
	}
	if f.run.Load() != nil {
		fresh = `,{"jid":"new","name":"orders enrichment","state":"RUNNING","tasks":{"running":2,"total":2}}`
	}
	switch r.Method + " " + r.URL.Path {
	case "GET /jobs/overview":
		_, _ = io.WriteString(w, `{"jobs":[{"jid":"other","name":"not ours","state":"RUNNING","tasks":{"running":1,"total":1}},`+
			`{"jid":"old","name":"orders enrichment",`+old+`}`+fresh+`]}`)
	case "PATCH /jobs/old":
		f.cancelled.Store(true)
	case "POST /jars/upload":
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, `{"filename":"/upload/1_sample-job.jar"}`)
	case "POST /jars/1_sample-job.jar/plan":
		if body, _ := io.ReadAll(r.Body); strings.Contains(string(body), "speed") {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"errors":["--fixed: no fault is called speed"]}`)
		}
	case "POST /jars/1_sample-job.jar/run":
		body, _ := io.ReadAll(r.Body)
		f.run.Store(string(body))
		_, _ = io.WriteString(w, `{"jobid":"new"}`)
	default:
		http.NotFound(w, r)
	}
}

func TestFaultsAreThoseOfTheJob(t *testing.T) {
	source, err := os.ReadFile("../job/src/main/java/org/flinksidecar/sample/Fault.java")
	require.NoError(t, err)
	var names, standingNames []string
	constants := regexp.MustCompile(`(?m)^    ([A-Z]+)\((true|false)\)[,;]$`)
	for _, constant := range constants.FindAllStringSubmatch(string(source), -1) {
		name := strings.ToLower(constant[1])
		names = append(names, name)
		if constant[2] == "true" {
			standingNames = append(standingNames, name)
		}
	}
	require.Equal(t, Faults(), names)
	require.Equal(t, standing(), standingNames)
}

func TestSubmitReplacesTheJob(t *testing.T) {
	cluster := &flinkWithJob{}
	s, events := bare(t, t.TempDir())
	s.ports.Flink = serve(t, cluster.ServeHTTP)
	checkout := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(checkout, "job"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(checkout, "job", "pom.xml"), nil, 0o600))
	maven := filepath.Join(checkout, "mvn")
	require.NoError(t, os.WriteFile(maven,
		[]byte("#!/bin/sh\nfor last; do :; done; echo jar >${last#*=}/sample-job.jar\n"), 0o700))
	s.workshop = jars.Workshop{
		Source: checkout,
		Maven:  jars.Maven{Program: maven, Log: filepath.Join(checkout, "log")},
	}

	_, err := s.Submit(t.Context(), JobSpec{Fixed: []string{"speed"}})
	require.EqualError(t, err, "flink: POST /jars/1_sample-job.jar/plan: 400 Bad Request: --fixed: no fault is "+
		"called speed")
	require.False(t, cluster.cancelled.Load(), "a mistake leaves the job alone")

	id, err := s.Submit(t.Context(), JobSpec{Fixed: []string{"kryo"}})
	require.NoError(t, err)
	require.Equal(t, "new", id)
	require.True(t, cluster.cancelled.Load())
	require.Contains(t, cluster.run.Load(), `"entryClass":"org.flinksidecar.sample.OrdersJob"`)
	require.Contains(t, cluster.run.Load(), `"--fixed=kryo"`)
	require.Regexp(t, `^jars: fetching job, which is new or has changed
job: cancelled old
job: orders enrichment runs after \d+\.\d s \(new\)
$`, events.String())
	state := s.State()
	require.Equal(t, "new", state.JobID)
	require.FileExists(t, state.JobJar)

	require.Equal(t, []string{"bulk", "lookup", "state"}, s.Planted(), "a repair that was refused is none")
	s.rememberJob(s.job, []string{"kryo", "bulk", "lookup"})
	require.Equal(t, []string{"bulk", "lookup"}, s.Planted(), "what one job before did not have is not expected")

	s.forgetJob()
	require.Empty(t, s.State().JobID)
	require.FileExists(t, s.State().JobJar)
}
