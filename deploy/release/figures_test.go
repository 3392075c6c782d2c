package release_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/documenttest"
)

var update = flag.Bool("update", false, "write the table of the document anew")

// figures are what make image-check and make takeovers printed on a day.
type figures struct {
	On           string  `json:"on"`
	ImageMiB     int     `json:"image_mib"`
	CompressedMB float64 `json:"image_compressed_mb"`
	Takeovers    int     `json:"takeovers"` // 0 if they were not measured
}

// faults counts those that a test of the doctor plants at once and repairs by the lines it prints.
func faults(t *testing.T) int {
	t.Helper()
	_, rest, found := strings.Cut(read(t, "internal/doctor/doctor_test.go"), "func TestEachPlantedFaultIsNamedWithALineThatRepairsIt")
	require.True(t, found)
	_, rest, _ = strings.Cut(rest, "want := map[string]check.State{")
	planted, _, _ := strings.Cut(rest, "\n\t}\n")
	return len(regexp.MustCompile(`check\.(Warning|Failed)\b`).FindAllString(planted, -1))
}

// The document has the figures that were measured, and the faults that are planted now.
func TestFigures(t *testing.T) {
	raw, err := os.ReadFile("testdata/figures.json")
	require.NoError(t, err)
	var f figures
	require.NoError(t, json.Unmarshal(raw, &f))
	var out strings.Builder
	fmt.Fprintln(&out, "| what | figure |\n|---|---|")
	fmt.Fprintf(&out, "| files of the image (`make image-check`) | %d MiB, compressed %.1f MB |\n", f.ImageMiB, f.CompressedMB)
	fmt.Fprintln(&out, "| two builds of the image's files, in different directories | the same bytes |")
	if f.Takeovers > 0 {
		fmt.Fprintf(&out, "| takeovers by `kill -9` (`make takeovers`) | %d, no alert missed, none profiled twice |\n", f.Takeovers)
	}
	fmt.Fprintf(&out, "| faults that a test makes at once, all repaired by the lines that `doctor` prints | %d of %[1]d |\n", faults(t))
	fmt.Fprintf(&out, "\nMeasured on %s.\n", f.On)
	documenttest.Hold(t, "../../docs/installation.md", "figures", out.String(), *update)
}
