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

func TestConformance(t *testing.T) { sinktest.Run(t, newFixture) }

// The directory of an outage has another name, as an unmounted volume has.
func newFixture(t *testing.T) sinktest.Fixture {
	here := filepath.Join(t.TempDir(), "out")
	away := here + "-away"
	require.NoError(t, os.Mkdir(here, 0o700))
	var written atomic.Int64
	var cut atomic.Bool
	probe := synthetic.DefaultConfig()
	return sinktest.Fixture{
		Spec: func() synthetic.SinkSpec {
			return files.Sink("archive", files.SinkConfig{Directory: here}, &probe)
		},
		Write: func(seed string) {
			dir := here
			if cut.Load() {
				dir = away
			}
			name := fmt.Sprintf("part-%d.json", written.Add(1)%2)
			file, err := os.OpenFile(filepath.Join(dir, name), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
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
	}
}
