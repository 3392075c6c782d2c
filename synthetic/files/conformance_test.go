package files_test

import (
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/synthetic"
	"github.com/flink-sidecar/flink-sidecar/synthetic/files"
	"github.com/flink-sidecar/flink-sidecar/synthetic/sinktest"
)

func TestConformance(t *testing.T) {
	sinktest.Run(t, func(t *testing.T) sinktest.Fixture { return newFixture(t).Fixture })
}

// TestConformanceOfFileSink: each record is in a part of its own, which has another name at first.
func TestConformanceOfFileSink(t *testing.T) {
	sinktest.Run(t, func(t *testing.T) sinktest.Fixture {
		fixture := newFixture(t)
		fixture.Write = func(seed string) {
			dir := filepath.Join(fixture.place(), "2026-12-01--10")
			require.NoError(t, os.MkdirAll(dir, 0o700))
			name := fmt.Sprintf("part-3f1c8a52-6a0e-4e0a-9d3a-0c1f6b2d7e44-%d", fixture.written.Add(1))
			hidden := filepath.Join(dir, "."+name+".inprogress.0d9b1a7e-8c55-4a52-9a63-7f1e2d3c4b5a")
			require.NoError(t, os.WriteFile(hidden, []byte(seed+"\n"), 0o600))
			require.NoError(t, os.Rename(hidden, filepath.Join(dir, name)))
		}
		return fixture.Fixture
	})
}

// fixture is one with the directory where the job writes now.
type fixture struct {
	sinktest.Fixture
	place   func() string
	written *atomic.Int64
}

// The directory of an outage has another name, as an unmounted volume has.
func newFixture(t *testing.T) fixture {
	here := filepath.Join(t.TempDir(), "out")
	away := here + "-away"
	require.NoError(t, os.Mkdir(here, 0o700))
	var written atomic.Int64
	var cut atomic.Bool
	probe := synthetic.DefaultConfig()
	place := func() string {
		if cut.Load() {
			return away
		}
		return here
	}
	return fixture{place: place, written: &written, Fixture: sinktest.Fixture{
		Spec: func() synthetic.SinkSpec {
			return files.Sink("archive", files.SinkConfig{Directory: here}, &probe)
		},
		Write: func(seed string) {
			name := fmt.Sprintf("part-%d.json", written.Add(1)%2)
			file, err := os.OpenFile(filepath.Join(place(), name), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
			require.NoError(t, err)
			defer file.Close()
			_, err = fmt.Fprintf(file, "{\"seed\":%q}\n", seed)
			require.NoError(t, err)
		},
		Cut:    func() { cut.Store(true); require.NoError(t, os.Rename(here, away)) },
		Mend:   func() { require.NoError(t, os.Rename(away, here)); cut.Store(false) },
		Remove: func() { require.NoError(t, os.RemoveAll(here)) },
		Create: func() { require.NoError(t, os.Mkdir(here, 0o700)) },
		Error:  time.Duration(probe.PollInterval)/2 + time.Millisecond,
	}}
}
