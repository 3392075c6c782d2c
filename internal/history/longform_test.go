package history

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/documenttest"
)

var keep = flag.Bool("keep", false, "keep the figures of a long form in testdata/longform.json (make crash)")

// longForm are the figures of the last make crash.
type longForm struct {
	Date string `json:"date"`
	// Writes are those that were acknowledged before one of Kills; none was lost.
	Kills  int `json:"kills"`
	Writes int `json:"writes"`
	// Files are damaged ones. Of Harmless of them nothing that is stored was hit; of the others
	// Entries were saved of Written.
	Files    int `json:"files"`
	Harmless int `json:"harmless"`
	Entries  int `json:"entries"`
	Written  int `json:"written"`
}

var longFormFile = filepath.Join("testdata", "longform.json")

// keepFigures changes the figures of the last long form, if they are kept.
func keepFigures(t *testing.T, change func(*longForm)) {
	t.Helper()
	if !*keep {
		return
	}
	figures := readFigures(t)
	change(&figures)
	figures.Date = time.Now().UTC().Format(time.DateOnly)
	text, err := json.MarshalIndent(figures, "", "  ")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(longFormFile, append(text, '\n'), 0o600))
}

func readFigures(t *testing.T) (figures longForm) {
	t.Helper()
	text, err := os.ReadFile(longFormFile)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &figures))
	return figures
}

// TestDocumentedLongForm: docs/operations.md says what the last long form found.
func TestDocumentedLongForm(t *testing.T) {
	f := readFigures(t)
	require.GreaterOrEqual(t, f.Kills, 1000)
	require.GreaterOrEqual(t, f.Files, 1000)
	documenttest.Says(t, "../../docs/operations.md", fmt.Sprintf("On %s, %s acknowledged writes survived "+
		"%s kills, and of %s damaged files %d were opened, because at most the last write was hit; of the others %.0f %% "+
		"of the entries were saved", f.Date, grouped(f.Writes), grouped(f.Kills), grouped(f.Files), f.Harmless,
		100*float64(f.Entries)/float64(f.Written)))
}

// grouped puts a comma after each three digits.
func grouped(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", grouped(n/1000), n%1000)
}
