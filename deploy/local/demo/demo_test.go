package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"go.yaml.in/yaml/v3"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/prerequisites"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/stack"
	"github.com/flink-sidecar/flink-sidecar/grafana"
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
		Grafana struct {
			URL       string
			TokenFile string `yaml:"token_file"`
		}
	}
	if yaml.Unmarshal(text, &c) != nil {
		os.Exit(1)
	}
	turn := fullTurn()
	announcer, err := grafana.New(grafana.Config{
		URL: c.Grafana.URL, TokenFile: c.Grafana.TokenFile,
		Timeout: model.Duration(time.Minute),
	}, slog.New(slog.DiscardHandler))
	if err != nil {
		os.Exit(1)
	}
	id, err := announcer.Notify(context.Background(), turn, turn.Alert.Summary, turn.Alert.StartsAt, turn.Concluded)
	if err != nil {
		os.Exit(1)
	}
	turn.Announcements[0].ID = strconv.FormatInt(id, 10)
	mux := http.NewServeMux()
	mux.HandleFunc("/-/ready", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("/metrics", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, goodPage()) })
	for path, value := range map[string]any{
		"status":        api.Status{History: api.History{Mode: api.ModeFile, Path: "sidecar.db"}},
		"episodes":      api.EpisodeList{Episodes: []episode.Episode{turn}},
		"measurements":  api.MeasurementList{Measurements: make([]episode.Measurement, 2)},
		"probe/records": api.RecordList{Records: make([]episode.ProbeRecord, 4)},
	} {
		mux.HandleFunc(api.Prefix+"/"+path,
			func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(value) })
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

// bareStack is a stack of which nothing is started.
func bareStack(t *testing.T, d *Demo) *stack.Stack {
	t.Helper()
	s, err := stack.Open(t.Context(), stack.Options{
		Dir: t.TempDir(), Cache: t.TempDir(), Profiling: true, Beside: d.Sidecar, Report: func(string, string) {},
	}, machine(t))
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, d.End())
		require.NoError(t, s.Close(context.Background()))
		http.DefaultClient.CloseIdleConnections()
	})
	return s
}

// open is a stack of which only the sidecar and the stand-in for Grafana are started.
func open(t *testing.T) (*Demo, *stack.Stack) {
	t.Helper()
	d, err := New(os.Args[0])
	require.NoError(t, err)
	s := bareStack(t, d)
	require.NoError(t, s.Start(t.Context(), "grafana-stand-in"))
	return d, s
}

// gallery keeps what was shown and written.
type gallery struct {
	mu      sync.Mutex
	shown   []string
	written bytes.Buffer
}

func (g *gallery) Write(text []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.written.Write(text)
}

func (g *gallery) text() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.written.String()
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
	require.NoError(t, layout.Write("sidecar-profiles/0.html", "likewise"))
	require.NoError(t, d.Begin(t.Context()))
	require.NoFileExists(t, layout.In("sidecar.db"))
	require.NoDirExists(t, layout.In("sidecar-profiles"))
	targets, err := os.ReadFile(layout.In("prometheus", "targets", "sidecar.json"))
	require.NoError(t, err)
	require.JSONEq(t, fmt.Sprintf(`[{"targets":["127.0.0.1:%d"],"labels":{"job":"flink-sidecar"}}]`,
		s.Ports().Sidecar), string(targets))

	var out bytes.Buffer
	require.NoError(t, d.Print(&out, "bin/local"))
	require.Contains(t, out.String(), fmt.Sprintf("the page       http://127.0.0.1:%d/\n", s.Ports().Sidecar))
	require.Contains(t, out.String(), "configuration  "+layout.In("sidecar.yml")+"\n")
	require.Contains(t, out.String(), "bin/local kill taskmanager-1 --dir="+layout.Dir)

	require.Contains(t, out.String(), "/  (grafana-stand-in: annotations API only; no real Grafana is started)\n")

	summary, err := d.Judge(t.Context(), 10*time.Second)
	require.NoError(t, err)
	require.Empty(t, failed(summary.Stages))
	out.Reset()
	require.NoError(t, summary.Print(&out))
	require.Contains(t, out.String(), "annotation  ok      annotation 1, 22 s after the alert: checkpoint size "+
		"will pass 40 MiB in 7 min (6.9–7.1)\n")
	require.Contains(t, out.String(), fmt.Sprintf("  http://127.0.0.1:%d/episodes/01E1\n", s.Ports().Sidecar))
	require.Contains(t, out.String(), " history show 01E1 --history.path="+layout.In("sidecar.db")+"\n")

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
	require.Eventually(t, func() bool { return strings.Count(screen.text(), "\n") == 3 }, 10*time.Second,
		10*time.Millisecond)
	require.Regexp(t, `^\d\d:\d\d checkpoint-size fires: checkpoint size will pass 40 MiB in 7 min \(6\.9–7\.1\)
\d\d:\d\d annotation 1 covers 22 s: checkpoint size will pass 40 MiB in 7 min \(6\.9–7\.1\)
\d\d:\d\d episode 01E1 is done: 3 findings, first Orders are serialized by Kryo \(\+10 to 25 %\)
$`, screen.text())

	client, err := stack.NewClient(s.Layout().Dir)
	require.NoError(t, err)
	_, err = client.Kill(ctx, "sidecar", "KILL")
	require.NoError(t, err)
	require.Eventually(t, func() bool { return screen.has("the sidecar does not answer: ") }, 10*time.Second,
		10*time.Millisecond)
	cancel()
	<-ended

	_, err = d.Judge(t.Context(), 0)
	require.ErrorContains(t, err, "the sidecar cannot be judged: ")
}

func TestNewWithoutAProgram(t *testing.T) {
	_, err := New("/nowhere/sidecar")
	require.EqualError(t, err, "/nowhere/sidecar does not exist "+
		"(run make build, or name another program with --sidecar)")
}
