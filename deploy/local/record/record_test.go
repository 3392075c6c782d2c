package record

import (
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// TestMain makes the test's program a sidecar too, for recorders that start one.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && strings.HasPrefix(os.Args[2], "--config.file=") {
		os.Exit(fakeSidecar(os.Args[1:]))
	}
	os.Exit(m.Run())
}

// fakeSidecar behaves as the sidecar's commands do as far as a recorder sees them.
func fakeSidecar(args []string) int {
	last := args[len(args)-1]
	switch {
	case args[0] == "run":
		return serve(strings.TrimPrefix(args[1], "--config.file="))
	case strings.HasPrefix(last, "--output="):
		dir := strings.TrimPrefix(last, "--output=")
		if err := os.MkdirAll(filepath.Join(dir, "profiles"), 0o700); err != nil {
			return 1
		}
		return exit(os.WriteFile(filepath.Join(dir, "bundle.json"), []byte(args[2]), 0o600))
	default:
		fmt.Fprintln(os.Stderr, "sidecar: episode E1 is in progress: profile, measurement, advice")
		fmt.Println("nothing in the evidence is significant")
		return 0
	}
}

// serve answers until a signal ends it, and then writes a file beside the configuration.
func serve(config string) int {
	text, err := os.ReadFile(config)
	if err != nil {
		return exit(err)
	}
	var cfg struct {
		Web struct {
			Address string `yaml:"listen_address"`
		} `yaml:"web"`
	}
	if err := yaml.Unmarshal(text, &cfg); err != nil {
		return exit(err)
	}
	http.HandleFunc("GET /-/ready", func(http.ResponseWriter, *http.Request) {})
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGTERM)
	go func() { _ = http.ListenAndServe(cfg.Web.Address, nil) }()
	<-ended
	return exit(os.WriteFile(config+".ended", nil, 0o600))
}

func exit(err error) int {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func answer(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, AnswerName), []byte(text), 0o600))
	return dir
}

func TestReadPlanted(t *testing.T) {
	t.Parallel()
	p, err := readPlanted(answer(t, "title: t\nplanted: {class: a.B, args: [--url=LOOKUP, --to=ELASTICSEARCH/i]}\n"))
	require.NoError(t, err)
	require.Equal(t, Planted{
		Class: "a.B", Args: []string{"--url=LOOKUP", "--to=ELASTICSEARCH/i"}, Modes: []string{"ITIMER"},
		Warm: usualWarm, Duration: usualDuration,
	}, p)
	require.Equal(t, []string{"--url=http://l/", "--to=http://e/i"}, p.args("http://l/", "http://e"))

	p, err = readPlanted(answer(t, "planted: {faults: [json], fixed: [kryo], load: 9, warm: 2m, modes: [ALLOC]}\n"))
	require.NoError(t, err)
	require.Equal(t, Planted{
		Faults: []string{"json"}, Fixed: []string{"kryo"}, Load: 9, Warm: 2 * time.Minute, Modes: []string{"ALLOC"},
		Duration: usualDuration,
	}, p)
}

func TestPlantedWithAMistake(t *testing.T) {
	t.Parallel()
	_, err := readPlanted(answer(t, "planted: {lode: 9}\n"))
	require.ErrorContains(t, err, "field lode not found")
	_, err = readPlanted(t.TempDir())
	require.ErrorContains(t, err, "write the answer first")
}

// TestSidecarRecords starts a process that behaves as a sidecar, lets it record, and ends it.
func TestSidecarRecords(t *testing.T) {
	t.Parallel()
	program, err := os.Executable()
	require.NoError(t, err)
	work := t.TempDir()
	s, err := startSidecar(t.Context(), program, work, "http://127.0.0.1:1", Planted{Modes: []string{"ITIMER", "LOCK"}})
	require.NoError(t, err)
	bundle := filepath.Join(work, "bundle")
	advice, err := s.record(t.Context(), bundle)
	require.NoError(t, err)
	require.Equal(t, "nothing in the evidence is significant\n", advice)

	scenario := answer(t, "title: mine\n")
	require.NoError(t, os.Mkdir(filepath.Join(scenario, "profiles"), 0o700))
	stale := filepath.Join(scenario, "profiles", "stale.collapsed.gz")
	require.NoError(t, os.WriteFile(stale, nil, 0o600))
	require.NoError(t, replace(bundle, scenario))
	text, err := os.ReadFile(filepath.Join(scenario, "bundle.json"))
	require.NoError(t, err)
	require.Equal(t, "--episode=E1", string(text))
	require.NoFileExists(t, stale)
	require.FileExists(t, filepath.Join(scenario, AnswerName))

	s.stop()
	require.FileExists(t, s.config+".ended", "it was told to end, not killed")
	config, err := os.ReadFile(s.config)
	require.NoError(t, err)
	require.Contains(t, string(config), "modes: [ITIMER, LOCK]")
	_, err = s.record(t.Context(), filepath.Join(s.config, "under a file"))
	require.ErrorContains(t, err, "sidecar advise:")
}
