package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/pprof/profile"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

// page reads a recorded page of Flink.
func page(t *testing.T, name string) *flame.Tree {
	t.Helper()
	file, err := os.Open("../testdata/flink/" + name)
	require.NoError(t, err)
	defer file.Close()
	read, err := flame.ReadPage(file)
	require.NoError(t, err)
	return read.Tree
}

// stacksOf returns the stacks of a tree as text, root first, with their samples.
func stacksOf(tree *flame.Tree) map[string]int64 {
	stacks := map[string]int64{}
	for stack, samples := range tree.Stacks() {
		stacks[strings.Join(stack, ";")] += samples
	}
	return stacks
}

func readPprof(t *testing.T, tree *flame.Tree, mode flame.Mode) *profile.Profile {
	t.Helper()
	var text bytes.Buffer
	require.NoError(t, WritePprof(&text, tree, mode))
	require.Equal(t, []byte{0x1f, 0x8b}, text.Bytes()[:2], "gzipped")
	parsed, err := profile.Parse(&text)
	require.NoError(t, err)
	return parsed
}

func TestPprofHoldsEveryStack(t *testing.T) {
	tree := page(t, "flink-2.3.0-tm-ALLOC.html")
	parsed := readPprof(t, tree, flame.Alloc)
	stacks := map[string]int64{}
	for _, sample := range parsed.Sample {
		var frames []string
		for _, location := range slices.Backward(sample.Location) {
			frames = append(frames, location.Line[0].Function.Name)
		}
		stacks[strings.Join(frames, ";")] += sample.Value[0]
	}
	require.Equal(t, stacksOf(tree), stacks)
	require.Len(t, parsed.Function, len(tree.Frames()))
}

func TestPprofSaysWhatItCounts(t *testing.T) {
	tree := flame.New()
	tree.Add([]string{"run", "bad\xff"}, 2)
	tree.Add(nil, 1)
	for mode, want := range map[flame.Mode]string{
		flame.ITIMER: "samples", flame.CPU: "samples", flame.Alloc: "alloc_samples", flame.Lock: "lock_samples",
		flame.Wall: "wall_samples",
	} {
		parsed := readPprof(t, tree, mode)
		require.Equal(t, []*profile.ValueType{{Type: want, Unit: "count"}}, parsed.SampleType)
		require.Equal(t, []string{"async-profiler, mode " + string(mode)}, parsed.Comments)
		var names []string
		for _, function := range parsed.Function {
			names = append(names, function.Name)
		}
		require.ElementsMatch(t, []string{"run", "bad\uFFFD", "[no stack]"}, names)
	}
}

// speedscopeFile is the used part of speedscope's published schema, with all its required
// fields.
type speedscopeFile struct {
	Schema             string `json:"$schema"`
	Name               string `json:"name"`
	Exporter           string `json:"exporter"`
	ActiveProfileIndex int    `json:"activeProfileIndex"`
	Shared             struct {
		Frames []struct {
			Name string `json:"name"`
		} `json:"frames"`
	} `json:"shared"`
	Profiles []struct {
		Type       string  `json:"type"`
		Name       string  `json:"name"`
		Unit       string  `json:"unit"`
		StartValue int64   `json:"startValue"`
		EndValue   int64   `json:"endValue"`
		Samples    [][]int `json:"samples"`
		Weights    []int64 `json:"weights"`
	} `json:"profiles"`
}

func readSpeedscope(t *testing.T, tree *flame.Tree, mode flame.Mode) speedscopeFile {
	t.Helper()
	var text bytes.Buffer
	require.NoError(t, WriteSpeedscope(&text, tree, mode, "run.html"))
	decoder := json.NewDecoder(&text)
	decoder.DisallowUnknownFields()
	var file speedscopeFile
	require.NoError(t, decoder.Decode(&file))
	require.Equal(t, "https://www.speedscope.app/file-format-schema.json", file.Schema)
	require.Equal(t, "run.html", file.Name)
	require.Len(t, file.Profiles, 1)
	require.Equal(t, "sampled", file.Profiles[0].Type)
	require.Equal(t, string(mode), file.Profiles[0].Name)
	require.Equal(t, "none", file.Profiles[0].Unit)
	require.Equal(t, tree.Total(), file.Profiles[0].EndValue)
	require.Len(t, file.Profiles[0].Weights, len(file.Profiles[0].Samples))
	return file
}

func TestSpeedscopeHoldsEveryStack(t *testing.T) {
	tree := page(t, "flink-1.20.5-tm-ITIMER.html")
	file := readSpeedscope(t, tree, flame.ITIMER)
	stacks := map[string]int64{}
	for i, sample := range file.Profiles[0].Samples {
		var frames []string
		for _, frame := range sample {
			frames = append(frames, file.Shared.Frames[frame].Name)
		}
		stacks[strings.Join(frames, ";")] += file.Profiles[0].Weights[i]
	}
	require.Equal(t, stacksOf(tree), stacks)
	require.Len(t, file.Shared.Frames, len(tree.Frames()))
}

func TestSpeedscopeOfASmallTree(t *testing.T) {
	empty := readSpeedscope(t, flame.New(), flame.Wall)
	require.Equal(t, []int64{}, empty.Profiles[0].Weights)
	require.NotNil(t, empty.Shared.Frames)

	odd := flame.New()
	odd.Add(nil, 3)
	odd.Add([]string{"</script>\xff\""}, 1)
	file := readSpeedscope(t, odd, flame.CPU)
	require.Equal(t, "[no stack]", file.Shared.Frames[0].Name)
	require.Equal(t, "</script>\uFFFD\"", file.Shared.Frames[1].Name)
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, fmt.Errorf("no space left on device") }

func TestErrorsOfTheWriter(t *testing.T) {
	tree := page(t, "flink-2.3.0-jm-ITIMER.html")
	require.EqualError(t, WriteSpeedscope(fullDisk{}, tree, flame.ITIMER, "x"), "no space left on device")
	require.EqualError(t, WritePprof(fullDisk{}, tree, flame.ITIMER), "no space left on device")
}

// FuzzExport: for any names of frames, both formats contain every sample.
func FuzzExport(f *testing.F) {
	f.Add("a;b\xff;a 3\n 1\n")
	f.Add("\"\\;</script>\x00 9\n")
	f.Fuzz(func(t *testing.T, collapsed string) {
		tree, err := flame.ReadCollapsed(strings.NewReader(collapsed))
		if err != nil || tree.Total() == 0 {
			return
		}
		var sum int64
		for _, sample := range readPprof(t, tree, flame.CPU).Sample {
			sum += sample.Value[0]
		}
		require.Equal(t, tree.Total(), sum)
		file := readSpeedscope(t, tree, flame.CPU)
		require.Len(t, file.Profiles[0].Weights, len(slices.Collect(maps.Keys(stacksOf(tree)))))
	})
}

// Counts of profiles taken with --total keep their unit.
func TestUnitsOfTotals(t *testing.T) {
	for title, want := range map[string]struct{ kind, unit, speedscope string }{
		"Allocation profile (bytes)": {"alloc_space", "bytes", "bytes"},
		"Allocation profile":         {"alloc_samples", "count", "none"},
	} {
		page, err := flame.ReadPage(strings.NewReader("<h1>" + title +
			"</h1>\nf(0,0,9,3,'all')\nf(1,0,9,1,'a.b')\n</html>\n"))
		require.NoError(t, err)
		var out bytes.Buffer
		require.NoError(t, WritePprof(&out, page.Tree, flame.Alloc))
		parsed, err := profile.Parse(&out)
		require.NoError(t, err)
		require.Equal(t, &profile.ValueType{Type: want.kind, Unit: want.unit}, parsed.SampleType[0])
		out.Reset()
		require.NoError(t, WriteSpeedscope(&out, page.Tree, flame.Alloc, "x"))
		require.Contains(t, out.String(), `"unit":"`+want.speedscope+`"`)
	}
}
