package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/documenttest"
)

var update = flag.Bool("update", false, "write the tables of the documents anew")

// TestTables compares the tables of the documents with the figures that were measured.
func TestTables(t *testing.T) {
	var past historyFigures
	readFigures(t, "testdata/history.json", &past)
	documenttest.Hold(t, "../../docs/benchmarks.md", "history", past.markdown(), *update)
	var job jobFigures
	readFigures(t, "testdata/footprint.json", &job)
	documenttest.Hold(t, "../../docs/benchmarks.md", "footprint", job.markdown(), *update)
	var clusters clusterFigures
	readFigures(t, "testdata/clusters.json", &clusters)
	documenttest.Hold(t, "../../docs/operations.md", "footprint", clusters.markdown(), *update)
}

// TestListsMeetTheirGoal: docs/benchmarks.md says so of all.
func TestListsMeetTheirGoal(t *testing.T) {
	var past historyFigures
	readFigures(t, "testdata/history.json", &past)
	text, err := os.ReadFile("../../docs/benchmarks.md")
	require.NoError(t, err)
	require.Contains(t, string(text), "All lists and tables meet their goal.")
	for _, l := range past.Lists {
		require.LessOrEqual(t, l.P99, 5*time.Millisecond, l.Name)
	}
}

func TestSpread(t *testing.T) {
	took := make([]time.Duration, 200)
	for i := range took {
		took[(i*7)%200] = time.Duration(i)
	}
	require.Equal(t, spread{"reads", 200, 99, 198}, spreadOf("reads", took), "two of two hundred are not below it")
	require.Equal(t, spread{"starts", 3, 2, 3}, spreadOf("starts", []time.Duration{3, 1, 2}), "the longest of few")
}

func TestMillis(t *testing.T) {
	require.Equal(t, "1.50 ms", millis(1500*time.Microsecond))
	require.Equal(t, "150 ms", millis(150*time.Millisecond))
	require.Equal(t, "1.5 s", millis(1500*time.Millisecond))
}

// TestPast: the made-up history is one that the product takes, and every list has entries.
func TestPast(t *testing.T) {
	store, err := openHistory(t.Context(), filepath.Join(t.TempDir(), "h.db"))
	require.NoError(t, err)
	defer store.Close()
	p := pastOf(2000, 2*jobs*testsPerRun*iterations)
	for i := range p.episodes / 20 { // the others are alike
		require.NoError(t, store.PutEpisode(newEpisode(start.Add(time.Duration(i)*p.episodesEvery()), i)))
	}
	require.NoError(t, p.putScaleTests(store))
	random := rand.New(rand.NewPCG(1, 2))
	for _, l := range p.lists(store) {
		if strings.Contains(l.name, "measurements") {
			continue
		}
		n, err := l.read(random)
		require.NoError(t, err, l.name)
		if strings.Contains(l.name, "table") {
			require.Equal(t, labels, n, l.name)
		} else {
			require.NotZero(t, n, l.name)
		}
	}
}

func readFigures(t *testing.T, file string, into any) {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, into))
}

// TestResources: what the manifests request is enough for a sidecar beside one cluster, and their
// limit for one with as many clusters as it may have.
func TestResources(t *testing.T) {
	var clusters clusterFigures
	readFigures(t, "testdata/clusters.json", &clusters)
	one, most := clusters.Sizes[0], clusters.Sizes[len(clusters.Sizes)-1]
	resources := regexp.MustCompile(`requests: \{cpu: (\d+)m, memory: (\d+)Mi\}\n\s+limits: \{memory: (\d+)Mi\}`)
	for _, file := range []string{
		"../helm/flink-sidecar/values.yaml", "../kubernetes/standalone/deployment.yaml",
		"../kubernetes/jobmanager-sidecar/flinkdeployment.yaml",
	} {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		found := resources.FindStringSubmatch(string(text))
		require.Len(t, found, 4, file)
		cpu, request, limit := number(t, found[1])/1000, number(t, found[2])*(1<<20), number(t, found[3])*(1<<20)
		require.GreaterOrEqual(t, cpu, most.Share, "%s: cores that %d clusters need", file, most.Clusters)
		require.GreaterOrEqual(t, request, float64(one.Resident), "%s: memory that one cluster needs", file)
		require.GreaterOrEqual(t, limit, 1.5*float64(most.Resident), "%s: memory that %d clusters need, and half as much again",
			file, most.Clusters)
		documenttest.Says(t, "../../docs/operations.md",
			fmt.Sprintf("request %sm of CPU and %s MiB, and limit memory to %s MiB", found[1], found[2], found[3]))
	}
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	require.NoError(t, err)
	return v
}
