package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"go.yaml.in/yaml/v3"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/prerequisites"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/stack"
	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

func TestMain(m *testing.M) {
	// The test's own binary stands for bin/sidecar.
	if len(os.Args) == 3 && os.Args[1] == "run" {
		pretend(strings.TrimPrefix(os.Args[2], "--config.file="))
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// pretend serves what a sidecar that has done everything serves.
func pretend(config string) {
	text, err := os.ReadFile(config)
	if err != nil {
		os.Exit(1)
	}
	var c struct {
		Web struct {
			Address string `yaml:"listen_address"`
		}
	}
	if yaml.Unmarshal(text, &c) != nil {
		os.Exit(1)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/-/ready", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("/metrics", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, goodPage()) })
	for path, value := range map[string]any{
		"status":        api.Status{History: api.History{Mode: api.ModeFile, Path: "sidecar.db"}},
		"measurements":  api.MeasurementList{Measurements: make([]episode.Measurement, 2)},
		"probe/records": api.RecordList{Records: make([]episode.ProbeRecord, 4)},
	} {
		mux.HandleFunc(api.Prefix+"/"+path, func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(value) })
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	server := &http.Server{Addr: c.Web.Address, Handler: mux}
	go func() { <-ctx.Done(); _ = server.Close() }()
	_ = server.ListenAndServe()
}

// machine has a JDK and Maven that nothing is done with.
func machine(t *testing.T) prerequisites.Machine {
	t.Helper()
	home := t.TempDir()
	for _, program := range []string{"bin/java", "bin/javac", "bin/mvn"} {
		path := filepath.Join(home, program)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\necho 'openjdk version \"17.0.1\"'\n"), 0o700))
	}
	return prerequisites.Machine{Getenv: func(string) string { return home + "/bin" }}
}

// open is a stack of which only the sidecar will be started.
func open(t *testing.T) (*Demo, *stack.Stack) {
	t.Helper()
	d, err := New(os.Args[0])
	require.NoError(t, err)
	s, err := stack.Open(t.Context(), stack.Options{
		Dir: t.TempDir(), Cache: t.TempDir(), Beside: d.Sidecar, Report: func(string, string) {},
	}, machine(t))
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, d.End())
		require.NoError(t, s.Close(context.Background()))
		http.DefaultClient.CloseIdleConnections()
	})
	return d, s
}

// gallery keeps what was shown.
type gallery struct {
	mu    sync.Mutex
	shown []string
}

func (g *gallery) Show(lines ...string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shown = append(g.shown, strings.Join(lines, "\n"))
}

func (g *gallery) has(text string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return strings.Contains(strings.Join(g.shown, "\n"), text)
}

func TestDemo(t *testing.T) {
	d, s := open(t)
	layout := s.Layout()
	require.NoError(t, layout.Write("sidecar.db", "of an earlier stack"))
	require.NoError(t, d.Begin(t.Context()))
	require.NoFileExists(t, layout.In("sidecar.db"))
	targets, err := os.ReadFile(layout.In("prometheus", "targets", "sidecar.json"))
	require.NoError(t, err)
	require.JSONEq(t, fmt.Sprintf(`[{"targets":["127.0.0.1:%d"],"labels":{"job":"flink-sidecar"}}]`, s.Ports().Sidecar), string(targets))

	var out bytes.Buffer
	require.NoError(t, d.Print(&out, "bin/local"))
	require.Contains(t, out.String(), fmt.Sprintf("the page       http://127.0.0.1:%d/\n", s.Ports().Sidecar))
	require.Contains(t, out.String(), "configuration  "+layout.In("sidecar.yml")+"\n")
	require.Contains(t, out.String(), "bin/local kill taskmanager-1 --dir="+layout.Dir)

	stages, err := d.Judge(t.Context(), 10*time.Second)
	require.NoError(t, err)
	require.Empty(t, failed(stages))

	require.NoError(t, d.End())
	require.NoFileExists(t, layout.In("prometheus", "targets", "sidecar.json"))
}

func TestWatchOutlivesTheSidecar(t *testing.T) {
	d, s := open(t)
	require.NoError(t, d.Begin(t.Context()))
	ctx, cancel := context.WithCancel(t.Context())
	screen := &gallery{}
	ended := make(chan struct{})
	go func() { d.Watch(ctx, screen); close(ended) }()
	require.Eventually(t, func() bool { return screen.has("job RUNNING, ") }, 10*time.Second, 10*time.Millisecond)

	client, err := stack.NewClient(s.Layout().Dir)
	require.NoError(t, err)
	_, err = client.Kill(ctx, "sidecar", "KILL")
	require.NoError(t, err)
	require.Eventually(t, func() bool { return screen.has("the sidecar does not answer: ") }, 10*time.Second, 10*time.Millisecond)
	cancel()
	<-ended

	_, err = d.Judge(t.Context(), 0)
	require.ErrorContains(t, err, "the sidecar can't be judged: ")
}

func TestNewWithoutAProgram(t *testing.T) {
	_, err := New("/nowhere/sidecar")
	require.EqualError(t, err, "/nowhere/sidecar is not there (make build makes it, or name another with --sidecar)")
}

// keys lists the paths of all keys of a YAML document; those of lists without an index.
func keys(prefix string, value any, into map[string]bool) {
	switch value := value.(type) {
	case map[string]any:
		for name, below := range value {
			into[prefix+name] = true
			keys(prefix+name+".", below, into)
		}
	case []any:
		for _, below := range value {
			keys(prefix, below, into)
		}
	}
}

func TestConfiguration(t *testing.T) {
	text := configuration(stack.State{
		FlinkURL: "http://127.0.0.1:1", KafkaBrokers: []string{"127.0.0.1:2"}, ElasticsearchURL: "http://127.0.0.1:3",
	}, "127.0.0.1:4", "/my data/sidecar.db")
	var ours, reference map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(text), &ours))
	require.Equal(t, map[string]any{"url": "http://127.0.0.1:1", "cluster": "local"}, ours["flink"])
	require.Equal(t, map[string]any{"brokers": []any{"127.0.0.1:2"}}, ours["kafka"])
	require.Equal(t, map[string]any{"urls": []any{"http://127.0.0.1:3"}}, ours["elasticsearch"])
	require.Equal(t, map[string]any{"path": "/my data/sidecar.db"}, ours["history"])
	require.Equal(t, map[string]any{"listen_address": "127.0.0.1:4"}, ours["web"])
	for i, sink := range ours["sinks"].([]any) {
		require.Equal(t, sinkNames[i], sink.(map[string]any)["name"])
	}

	// Every key is one of the reference configuration, which the sidecar's own tests hold true.
	file, err := os.ReadFile("../../../sidecar.yml")
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(file, &reference))
	known, used := map[string]bool{}, map[string]bool{}
	keys("", reference, known)
	keys("", ours, used)
	for key := range used {
		require.True(t, known[key], key)
	}
}
