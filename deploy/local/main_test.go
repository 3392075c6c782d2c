package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/load"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/stack"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/supervisor"
)

// local runs the program and returns its exit code and what it wrote.
func local(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errors bytes.Buffer
	code = run(t.Context(), args, console{out: &out, err: &errors, hurry: t.Context()})
	return code, out.String(), errors.String()
}

func TestUsage(t *testing.T) {
	for _, tc := range []struct {
		name, args string
		code       int
		out, err   string // the beginning of
	}{
		{"help", "--help", 0, "usage: local [<flags>] <command>", ""},
		{"help of a command", "up --help", 0, "usage: local up [<flags>]", ""},
		{"no command", "", 2, "", "usage: local [<flags>] <command>"},
		{"unknown command", "nope", 2, "", `local: error: expected command but got "nope", try --help`},
		{"unknown flag", "up --colour", 2, "", "local: error: unknown long flag '--colour', try --help"},
		{"missing argument", "kill", 2, "", "local: error: required argument 'service' not provided, try --help"},
		{"missing flag", "load", 2, "", "local: error: required flag(s) '--rate' not provided, try --help"},
		{
			"bad value", "load --rate=fast", 2, "",
			`local: error: strconv.ParseFloat: parsing "fast": invalid syntax, try --help`,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			code, out, err := local(t, strings.Fields(tc.args)...)
			require.Equal(t, tc.code, code)
			require.True(t, strings.HasPrefix(out, tc.out) && (out == "") == (tc.out == ""), out)
			require.True(t, strings.HasPrefix(err, tc.err) && (err == "") == (tc.err == ""), err)
		})
	}
}

func TestCommandsWithoutAStack(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	for _, args := range []string{"status", "kill kafka", "start kafka", "submit", "load --rate=1", "lookup --delay=1ms"} {
		code, out, err := local(t, append(strings.Fields(args), "--dir="+dir)...)
		require.Equal(t, 1, code, args)
		require.Empty(t, out)
		require.Equal(t, "local: error: no stack runs in "+dir+" (start one with: local up)\n", err)
	}
	code, out, err := local(t, "down", "--dir="+dir)
	require.Equal(t, 0, code, "what is not there need not be stopped")
	require.Empty(t, out+err)
}

func TestUpWithoutPrerequisites(t *testing.T) {
	t.Setenv("PATH", "")
	t.Setenv("JAVA_HOME", "")
	if found, _ := filepath.Glob("/usr/lib/jvm/*/bin/javac"); len(found) > 0 {
		t.Skip("this machine has a JDK that is found without PATH")
	}
	code, _, err := local(t, "up", "--dir="+t.TempDir())
	require.Equal(t, 1, code)
	require.Contains(t, err, "(apt-get install openjdk-17-jdk-headless maven)")
}

func TestLogs(t *testing.T) {
	dir := t.TempDir()
	code, _, err := local(t, "logs", "kafka", "--dir="+dir)
	require.Equal(t, 1, code)
	require.Equal(t, "local: error: no logs in "+dir+"/logs (local up writes them)\n", err)

	require.NoError(t, os.Mkdir(filepath.Join(dir, "logs"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "logs", "kafka.log"), []byte("one\ntwo\nthree\n"), 0o600))
	code, out, _ := local(t, "logs", "kafka", "-n", "2", "--dir="+dir)
	require.Equal(t, 0, code)
	require.Equal(t, "two\nthree\n", out)

	for _, name := range []string{"zookeeper", "../../etc/passwd"} {
		code, _, err = local(t, "logs", name, "--dir="+dir)
		require.Equal(t, 1, code)
		require.Equal(t, "local: error: no log of \""+name+"\" (there are kafka)\n", err)
	}
}

func TestLastLines(t *testing.T) {
	for _, tc := range []struct {
		text string
		n    int
		want string
	}{
		{"a\nb\nc\n", 2, "b\nc\n"},
		{"a\nb\nc", 2, "b\nc"},
		{"a\nb\n", 5, "a\nb\n"},
		{"a\n\n\n", 2, "\n\n"},
		{"a\nb", 0, ""},
		{"\n", 1, "\n"},
		{"", 3, ""},
	} {
		require.Equal(t, tc.want, string(lastLines([]byte(tc.text), tc.n)), "%q", tc.text)
	}
}

func TestFollowLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kafka.log")
	require.NoError(t, os.WriteFile(path, []byte("old\n"), 0o600))
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close()
	_, err = io.Copy(io.Discard, file)
	require.NoError(t, err)

	ctx, cancel := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- followLog(ctx, writer, file) }()
	added, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = added.WriteString("new\n")
	require.NoError(t, err)
	require.NoError(t, added.Close())
	line := make([]byte, 4)
	_, err = io.ReadFull(reader, line)
	require.NoError(t, err)
	require.Equal(t, "new\n", string(line))
	cancel()
	require.NoError(t, <-ended)
}

func TestPrintReady(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, printReady(&out, stack.State{
		Dir: "/data", FlinkURL: "http://127.0.0.1:1", KafkaBrokers: []string{"127.0.0.1:2"},
		ElasticsearchURL: "http://127.0.0.1:3", LookupURL: "http://127.0.0.1:4/customers/", JobID: "j1",
		GrafanaURL: "http://127.0.0.1:5",
	}, []supervisor.Status{
		{Name: "kafka", State: supervisor.Ready, Took: 9.84},
		{Name: "prometheus", State: supervisor.Absent},
		{Name: "jobmanager", State: supervisor.Ready, Took: 6},
	}, 41*time.Second))
	require.Equal(t, `stack ready after 41.0 s (kafka 9.8 s, jobmanager 6.0 s)
  Flink             http://127.0.0.1:1
  Kafka             127.0.0.1:2
  Elasticsearch     http://127.0.0.1:3
  grafana-stand-in  http://127.0.0.1:5  (annotations API only; no real Grafana is started)
  lookup            http://127.0.0.1:4/customers/
  job               j1
  data              /data
`, out.String())
}

func TestPrintStatus(t *testing.T) {
	var out bytes.Buffer
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	require.NoError(t, printStatus(&out, stack.Report{
		PID: 77, Rate: 100, Counts: load.Counts{Acknowledged: 10, Dropped: 2, Skipped: 3},
		Services: []supervisor.Status{
			{Name: "kafka", State: supervisor.Ready, PID: 78, Port: 9092, Since: now.Add(-time.Minute), Starts: 1},
			{Name: "load", State: supervisor.Dead, Since: now.Add(-time.Second), Starts: 2, Reason: "signal: killed"},
		},
	}, now))
	require.Equal(t, `SERVICE  STATE  PID  PORT  FOR   STARTS  REASON
kafka    ready  78   9092  1m0s  1       
load     dead   -    -     1s    2       signal: killed
launcher pid 77, job none, load 100 records/s: 10 acknowledged, 2 dropped, 3 skipped
`, out.String())
}

func TestNews(t *testing.T) {
	var progress, result bytes.Buffer
	n := &news{out: &progress}
	n.tell("kafka", "ready after 9.8 s")
	n.to(&result)
	n.tell("kafka", "died")
	require.Regexp(t, `^\d\d:\d\d:\d\d kafka: ready after 9.8 s\n$`, progress.String())
	require.Regexp(t, `^\d\d:\d\d:\d\d kafka: died\n$`, result.String())
}

func TestSplitCommas(t *testing.T) {
	require.Equal(t, []string{"kryo", "bulk", "lookup"}, splitCommas([]string{"kryo,bulk", "lookup"}))
	require.Empty(t, splitCommas(nil))
}

func TestFindSource(t *testing.T) {
	source, err := findSource()
	require.NoError(t, err)
	require.FileExists(t, filepath.Join(source, "job", "pom.xml"))
}
