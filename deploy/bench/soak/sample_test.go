//go:build soak

package soak

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
)

// columns are those of the file. Bytes beside the history are its pages of profiles and evidence.
var columns = []string{
	"seconds", "resident_bytes", "anonymous_bytes", "heap_bytes", "goal_bytes", "descriptors", "goroutines",
	"history_bytes", "beside_bytes", "log_bytes", "log_lines", "episodes", "records", "cpu_seconds",
}

// sample is a row of the file.
func (h *hour) sample() (row []string) {
	page, log := h.page(), h.log()
	require.NotZero(h, page["process_resident_memory_bytes"], "the sidecar has ended:\n%s", log)
	history, err := os.Stat(filepath.Join(h.dir, "history.db"))
	require.NoError(h, err)
	for _, v := range []float64{
		time.Since(h.began).Seconds(), page["process_resident_memory_bytes"], h.anonymous(),
		page["go_memstats_heap_inuse_bytes"], page["go_memstats_next_gc_bytes"], page["process_open_fds"],
		page["go_goroutines"], float64(history.Size()), h.beside(), float64(len(log)),
		float64(bytes.Count(log, []byte("\n"))), float64(h.episodes),
		page[`flink_sidecar_probe_records_total{outcome="on_time",sink="enriched"}`], page["process_cpu_seconds_total"],
	} {
		row = append(row, strconv.FormatFloat(v, 'f', -1, 64))
	}
	return row
}

// page is what /metrics shows, by series.
func (h *hour) page() map[string]float64 {
	values := map[string]float64{}
	response, err := http.Get(h.url + "/metrics") //nolint:noctx // the sidecar answers or the test ends
	if err != nil {
		return values
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(h, err)
	for line := range strings.Lines(string(text)) {
		series, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if v, err := strconv.ParseFloat(value, 64); err == nil {
			values[series] = v
		}
	}
	return values
}

// anonymous is the memory of the process that is no page of a file, in bytes.
func (h *hour) anonymous() float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", h.pid))
	require.NoError(h, err)
	_, size, _ := strings.Cut(string(text), "RssAnon:")
	var kilobytes float64
	_, err = fmt.Sscanf(size, "%g kB", &kilobytes)
	require.NoError(h, err)
	return kilobytes * 1024
}

// beside is the size of the directories of the history, in bytes.
func (h *hour) beside() (total float64) {
	for _, directory := range []string{"history-profiles", "history-bundles"} {
		err := filepath.WalkDir(filepath.Join(h.dir, directory), func(_ string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			info, err := entry.Info()
			if err == nil {
				total += float64(info.Size())
			}
			return err
		})
		if !os.IsNotExist(err) { // a directory is made with its first entry
			require.NoError(h, err)
		}
	}
	return total
}
