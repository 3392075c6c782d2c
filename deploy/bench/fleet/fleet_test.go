package fleet

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/documenttest"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/profiling"
	"github.com/flink-sidecar/flink-sidecar/profiling/pagestore"
)

var update = flag.Bool("update", false, "write the table of the document anew")

// measured are figures of other benchmarks, by their names there.
type measured struct {
	Sizes []struct {
		Clusters int     `json:"clusters"`
		Resident float64 `json:"resident_bytes"`
		Share    float64 `json:"share_of_core"`
		Series   float64 `json:"series"`
	} `json:"sizes"`
	File      float64 `json:"file_bytes"`
	Episode   float64 `json:"episode_bytes"`
	Iteration float64 `json:"iteration_bytes"`
	Starts    []struct {
		Name   string  `json:"name"`
		Median float64 `json:"median_ns"`
	} `json:"starts"`

	// window and probed are what a history grows by for a measurement, page is what a profile needs.
	window, probed, page float64
}

func readMeasured(t *testing.T) (m measured) {
	t.Helper()
	for _, name := range []string{"clusters.json", "history.json"} {
		text, err := os.ReadFile(filepath.Join("../testdata", name))
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(text, &m))
	}
	m.window, m.probed, m.page = measurementBytes(t, false), measurementBytes(t, true), pageBytes(t)
	return m
}

// ready is the time in seconds until a history of so many bytes is open, if it grows with the size.
func (m measured) ready(bytes float64) float64 {
	for _, s := range m.Starts {
		if s.Name == "this history: ready" {
			return s.Median / 1e9 * bytes / m.File
		}
	}
	return 0
}

// pageBytes is the mean size of a recorded page of a TaskManager's CPU profile, as it is kept.
func pageBytes(t *testing.T) float64 {
	t.Helper()
	store := &pagestore.Store{Dir: t.TempDir()}
	names, err := filepath.Glob("../../../internal/flame/testdata/flink/*-tm-ITIMER.html")
	require.NoError(t, err)
	require.NotEmpty(t, names)
	for _, name := range names {
		page, err := os.ReadFile(name)
		require.NoError(t, err)
		require.NoError(t, store.Put(page))
	}
	files, err := os.ReadDir(store.Dir)
	require.NoError(t, err)
	require.Len(t, files, len(names))
	total := 0.0
	for _, f := range files {
		info, err := f.Info()
		require.NoError(t, err)
		total += float64(info.Size())
	}
	return total / float64(len(names))
}

// The load that is counted: an episode an hour in each cluster, and a scale test a night of the
// one job that a sidecar probes.
const (
	episodesADay   = 24
	iterationsADay = 10
	thousand       = 1000
)

// days are those of a retention.
func days(d time.Duration) float64 { return d.Hours() / 24 }

// need is what sidecars with so many clusters need. Sizes are in bytes.
type need struct {
	clusters, sidecars, series, profiles, measurements, episodes, iterations, resident, share float64
}

func (n need) history() float64 { return n.measurements + n.episodes + n.iterations }

// of counts one sidecar; size is its place in the figures.
func (m measured) of(size int) need {
	s, kept := m.Sizes[size], days(time.Duration(history.DefaultConfig().Retention))
	profiles, clusters := profiling.DefaultConfig(), float64(s.Clusters)
	const long = 4 // times the retention: docs/operations.md
	return need{
		clusters: clusters, sidecars: 1, series: s.Series, resident: s.Resident, share: s.Share,
		measurements: 24 * 60 * kept * (m.probed + (clusters-1)*m.window),
		episodes:     episodesADay * long * kept * clusters * m.Episode,
		iterations:   iterationsADay * long * kept * m.Iteration,
		profiles:     min(float64(profiles.PerDay)*days(time.Duration(profiles.Keep))*m.page, float64(profiles.KeepSize)),
	}
}

// times is the need of more such sidecars; the last may have fewer clusters.
func (n need) times(clusters float64) need {
	f := clusters / n.clusters
	sidecars := float64((int(clusters) + int(n.clusters) - 1) / int(n.clusters))
	return need{
		clusters: clusters, sidecars: sidecars, series: n.series * f, profiles: n.profiles * sidecars,
		measurements: n.measurements * f, episodes: n.episodes * f, iterations: n.iterations * sidecars,
		resident: n.resident * sidecars, share: n.share * sidecars,
	}
}

// markdown is what the document shows.
func markdown(t *testing.T) string {
	t.Helper()
	m := readMeasured(t)
	most := m.of(len(m.Sizes) - 1)
	all := []need{m.of(0), most, most.times(thousand)}
	var out strings.Builder
	row := func(name, format string, of func(need) float64) {
		fmt.Fprintf(&out, "| %s |", name)
		for _, n := range all {
			fmt.Fprintf(&out, " "+format+" |", of(n))
		}
		out.WriteByte('\n')
	}
	row("clusters", "%.0f", func(n need) float64 { return n.clusters })
	out.WriteString("|---|" + strings.Repeat("---:|", len(all)) + "\n")
	row("sidecars", "%.0f", func(n need) float64 { return n.sidecars })
	row("series on `/metrics`", "%.0f", func(n need) float64 { return n.series })
	row("measurements, MB", "%.0f", func(n need) float64 { return n.measurements / 1e6 })
	row("episodes, MB", "%.0f", func(n need) float64 { return n.episodes / 1e6 })
	row("iterations of scale tests, MB", "%.0f", func(n need) float64 { return n.iterations / 1e6 })
	row("history together, GB", "%.1f", func(n need) float64 { return n.history() / 1e9 })
	row("pages of profiles, MB", "%.0f", func(n need) float64 { return n.profiles / 1e6 })
	row("resident memory, MiB", "%.0f", func(n need) float64 { return n.resident / (1 << 20) })
	row("cores", "%.3f", func(n need) float64 { return n.share })
	fmt.Fprintf(&out, "\nEach: a measurement %.2f kB (%.2f kB of the probed job), an episode %.1f kB, an iteration %.1f kB,\n"+
		"a page %.0f kB. A history of %.1f GB is open %.0f s after a start, if the time grows with the size.\n",
		m.window/1e3, m.probed/1e3, m.Episode/1e3, m.Iteration/1e3, m.page/1e3,
		most.history()/1e9, m.ready(most.history()))
	return out.String()
}

func TestDocument(t *testing.T) {
	documenttest.Hold(t, "../../../docs/operations.md", "fleet", markdown(t), *update)
}
