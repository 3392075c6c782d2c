package collector

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/collector/backlog"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest/simulate"
)

// simulatedTopic answers as the brokers of the simulated source's topic.
type simulatedTopic struct {
	job    *simulate.Job
	broken bool
	asked  int
}

func (s *simulatedTopic) Ends(context.Context) (map[int32]int64, error) {
	s.asked++
	if s.broken {
		return nil, errors.New("kafka: no broker answers")
	}
	ends := map[int32]int64{}
	for i, t := range s.job.Subtasks(vertexID(0)) {
		ends[int32(i)] = int64(t.Read + t.Backlog)
	}
	return ends, nil
}

// TestBacklogDuringASinkOutage has a sink that stalls after two minutes, while 100 records
// per second arrive.
func TestBacklogDuringASinkOutage(t *testing.T) {
	for name, test := range map[string]struct{ broken, configured, known bool }{
		"by Kafka's end offsets":    {configured: true, known: true},
		"the brokers do not answer": {configured: true, broken: true},
		"no brokers are known":      {},
	} {
		t.Run(name, func(t *testing.T) {
			job := &simulate.Job{Vertices: with(chain(simulate.Steady(100), 2000, 329), 1,
				func(v *simulate.Vertex) { v.Stalled = simulate.From(0, 2*time.Minute, 1) })}
			w := watch(t, flinktest.Flink23, job)
			topic := &simulatedTopic{job: job, broken: test.broken}
			if test.configured {
				w.SetInput(backlog.NewTopic(flinktest.JobName, "v0", topic))
			}
			for range 8 {
				w.poll()
			}
			for range 8 {
				w.poll()
			}
			seen := w.poll()
			require.Equal(t, test.known, seen.Vertices[0].Pending != nil)
			require.Nil(t, seen.Headroom, "nothing is read")
			if test.known {
				require.Greater(t, w.now().waiting, 10_000.0)
				require.InDelta(t, w.now().waiting, *seen.Vertices[0].Pending, 5)
			}
		})
	}
}
