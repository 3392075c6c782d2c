package stack

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/jars"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/load"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/lookup"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/prerequisites"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/process"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/standin"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/supervisor"
)

func TestMain(m *testing.M) {
	if program := os.Getenv(pretending); program != "" {
		pretend(program, os.Args[1:])
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

const soon = 10 * time.Second // longer than anything here takes on a busy machine

// diary keeps what is reported, one "service: event" a line.
type diary struct {
	mu   sync.Mutex
	text strings.Builder
}

func (d *diary) report(service, event string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.text.WriteString(service + ": " + event + "\n")
}

func (d *diary) String() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.text.String()
}

// bare is a stack with a table of its own and no prerequisites.
func bare(t *testing.T, dir string, table ...supervisor.Service) (*Stack, *diary) {
	t.Helper()
	events := &diary{}
	layout, err := NewLayout(dir)
	require.NoError(t, err)
	release, err := layout.Hold()
	require.NoError(t, err)
	s := &Stack{
		options:   Options{Dir: dir, Report: events.report, Profiling: true},
		layout:    layout,
		jdk:       prerequisites.JDK{Home: "/jdk", Major: 17},
		shelf:     newArtifactCache(jars.Cache{Dir: t.TempDir()}, events.report),
		stream:    load.NewStream(nil, sourceTopic, loadSeed),
		grafana:   standin.New(),
		customers: lookup.New(lookup.DefaultDelay),
		asked:     make(chan struct{}),
		release:   release,
	}
	s.services, err = supervisor.New(table, s.report)
	require.NoError(t, err)
	s.control, err = serveControl(s)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close(context.Background())) })
	return s, events
}

// idle is a service that runs inside the test until it is stopped.
func idle(name string) supervisor.Service {
	return supervisor.Service{
		Name: name, Port: 4711, Patience: soon, Grace: soon,
		Launch: func(context.Context) (*process.Process, error) {
			return process.Inside(name, func(ctx context.Context) error { <-ctx.Done(); return nil }), nil
		},
	}
}

// serve starts an HTTP server and returns its port.
func serve(t *testing.T, handler http.HandlerFunc) int {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(func() { http.DefaultClient.CloseIdleConnections(); server.Close() })
	address, err := url.Parse(server.URL)
	require.NoError(t, err)
	port, err := strconv.Atoi(address.Port())
	require.NoError(t, err)
	return port
}

func TestOpenWithoutPrerequisites(t *testing.T) {
	dir := t.TempDir() + "/data"
	nothing := prerequisites.Machine{Getenv: func(string) string { return "" }}
	_, err := Open(t.Context(), Options{Dir: dir}, nothing)
	require.EqualError(t, err, "JDK 17+ needed, found none; Maven 3.8+ needed, found none "+
		"(apt-get install openjdk-17-jdk-headless maven)")
	require.NoDirExists(t, dir)
}

func TestTheTable(t *testing.T) {
	s, _ := bare(t, t.TempDir())
	s.ports = Ports{
		Kafka: 1, Elasticsearch: 2, Alertmanager: 3, Prometheus: 4, Grafana: 9, Lookup: 5, Flink: 6,
		TaskManagerMetrics: [2]int{7, 8},
	}
	all, err := supervisor.New(s.table(), s.report)
	require.NoError(t, err, "every service stands below what it comes after")
	var names []string
	for _, status := range all.Status() {
		names = append(names, status.Name)
		if !slices.Contains([]string{"lookup", "load", "grafana-stand-in"}, status.Name) {
			require.Equal(t, s.layout.Log(status.Name), status.Log)
		}
	}
	require.Equal(t, []string{
		"kafka", "elasticsearch", "alertmanager", "prometheus", "grafana-stand-in", "lookup",
		"jobmanager", "taskmanager-1", "taskmanager-2", "load",
	}, names)
}

func TestTheTableOfFlinkAlone(t *testing.T) {
	s, _ := bare(t, t.TempDir())
	s.options.FlinkOnly = true
	var names []string
	for _, row := range s.table() {
		names = append(names, row.Name)
	}
	require.Equal(t, []string{"jobmanager", "taskmanager-1", "taskmanager-2"}, names)
	names = nil
	for _, project := range s.projects() {
		names = append(names, project.Name)
	}
	require.Equal(t, []string{"flink", "flink-plugins"}, names)
}

func TestStackJSONFollowsTheServices(t *testing.T) {
	dir := t.TempDir()
	s, _ := bare(t, dir, idle("kafka"), idle("prometheus"))
	s.ports = Ports{
		Flink: 1, Kafka: 2, Elasticsearch: 3, Grafana: 4, Lookup: 5, JobManagerMetrics: 6,
		TaskManagerMetrics: [2]int{7, 8},
	}
	require.NoError(t, s.services.Up(t.Context()))
	_, err := ReadState(dir)
	require.EqualError(t, err, "no stack is ready in "+dir+" (start one with: local up --dir="+dir+")")

	require.NoError(t, s.becomeReady())
	state, err := ReadState(dir)
	require.NoError(t, err)
	pid := state.PID
	require.Equal(t, State{
		PID: pid, Dir: dir,
		FlinkURL: "http://127.0.0.1:1",
		FlinkReporters: []string{
			"http://127.0.0.1:6/metrics", "http://127.0.0.1:7/metrics",
			"http://127.0.0.1:8/metrics",
		},
		KafkaBrokers: []string{"127.0.0.1:2"}, ElasticsearchURL: "http://127.0.0.1:3",
		PrometheusURL: "http://127.0.0.1:4711", LookupURL: "http://127.0.0.1:5/customers/",
		GrafanaURL: "http://127.0.0.1:4", GrafanaTokenFile: dir + "/grafana-stand-in/token",
		Services: []ServiceState{{Name: "kafka", PID: pid, Port: 4711}, {Name: "prometheus", PID: pid, Port: 4711}},
	}, state)

	client, err := NewClient(dir)
	require.NoError(t, err)
	_, err = client.Kill(t.Context(), "kafka", "KILL")
	require.NoError(t, err)
	state, err = ReadState(dir)
	require.NoError(t, err)
	require.Equal(t, ServiceState{Name: "kafka", Port: 4711}, state.Services[0], "no pid, but its port is kept")
}

func TestSetLoad(t *testing.T) {
	s, events := bare(t, t.TempDir())
	before, err := s.SetLoad(50)
	require.NoError(t, err)
	require.Zero(t, before)
	rate, counts := s.Load()
	require.InDelta(t, 50, rate, 0)
	require.Zero(t, counts)
	require.Equal(t, "load: 50 records/s (was 0)\n", events.String())
	for _, rate := range []float64{-1, 200_000} {
		_, err = s.SetLoad(rate)
		require.Error(t, err)
	}
	require.EqualError(t, err, "a load of 200000 records/s is out of range (use 0 to 100000)")
}
