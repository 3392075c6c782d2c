package collector

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/collector/backlog"
	"github.com/flink-sidecar/flink-sidecar/collector/exposition"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// reading is a vertex that is busy for a share of time. A vertex without inputs is a source that
// reads 50 records per second.
func reading(id string, busy float64, inputs ...string) vertexRead {
	v := vertexRead{Vertex: exposition.Vertex{Vertex: snapshot.Vertex{
		ID: id, Inputs: inputs, Busy: &snapshot.Share{Mean: busy, Max: busy}, RecordsInRate: new(50.0),
	}}}
	if v.Source = len(inputs) == 0; v.Source {
		v.HasPending, v.Pending = true, new(5.0)
	}
	return v
}

// twoSources are two sources, whose backlogs grow by 20 and 30 records per second, and a vertex
// that joins them and is nearly full.
func twoSources() jobRead {
	job := jobRead{
		Job:      exposition.Job{Job: snapshot.Job{SourceRate: new(100.0)}},
		vertices: []vertexRead{reading("a", 0.1), reading("b", 0.1), reading("join", 0.8, "a", "b")},
	}
	job.vertices[0].growth, job.vertices[1].growth = &backlog.Records{All: 20}, &backlog.Records{All: 30}
	return job
}

func TestDemand(t *testing.T) {
	job := twoSources()
	demands := job.demands()
	require.InDelta(t, 1.5, *demands.on["join"], 1e-9)
	require.InDelta(t, 1.4, *demands.on["a"], 1e-9)
	require.Zero(t, demands.hidden, "the join is the limit")
	job.Headroom = job.headroom(demands)
	require.InDelta(t, 1/1.2-1, *job.Headroom, 1e-9, "it does not keep up")
	require.InDelta(t, 125, *job.capacity(), 1e-9, "100 records per second at 80 %%, although 150 arrive")

	job.vertices[0].growth.All = -60
	require.InDelta(t, 1, *job.demands().on["a"], 1e-9, "while a backlog shrinks the job works for what it reads")
	job.vertices[0].growth = nil
	require.Nil(t, job.demands().on["join"], "a vertex is full, and the input is unknown")
	require.Nil(t, job.headroom(job.demands()))
	job.vertices[2].Busy.Max = 0.7
	require.InDelta(t, 1.3, *job.demands().on["join"], 1e-9, "nothing is full, so what arrives at a is read")
	job.vertices[0].Pending = nil
	require.Nil(t, job.demands().on["join"], "the source does not say what waits")
	require.NotNil(t, job.demands().on["b"])
	require.Nil(t, (&jobRead{}).headroom((&jobRead{}).demands()), "not known")
	require.Nil(t, (&jobRead{}).capacity())
}

// TestAGrowingBacklogIsALimit has a backlog that grows although nothing works much.
func TestAGrowingBacklogIsALimit(t *testing.T) {
	job := twoSources()
	job.vertices[2].Busy = &snapshot.Share{Mean: 0.2, Max: 0.2}
	demands := job.demands()
	require.InDelta(t, 1.6, demands.hidden, 1e-9)
	job.Headroom = job.headroom(demands)
	require.InDelta(t, 1/1.6-1, *job.Headroom, 1e-9, "it reads less than what arrives")
	require.InDelta(t, 150/1.6, *job.capacity(), 1e-9)
}

// TestASourceThatStands has one of two sources that reads nothing.
func TestASourceThatStands(t *testing.T) {
	job := twoSources()
	job.SourceRate = new(50.0)
	job.vertices[0].RecordsInRate = new(0.0)
	require.Nil(t, job.demands().on["a"], "records arrive and none is read")
	require.Nil(t, job.headroom(job.demands()))
	job.vertices[0].growth.All = 0
	require.InDelta(t, 1, *job.demands().on["a"], 0, "nothing arrives")
	require.NotNil(t, job.headroom(job.demands()))
}

func TestHeadroomIsUnknownWhereALimitDoesNotShow(t *testing.T) {
	job := twoSources()
	job.vertices[0].growth, job.vertices[1].growth = nil, nil
	job.vertices[2].Busy = &snapshot.Share{Mean: 0.2, Max: 0.2}
	require.InDelta(t, 4, *job.headroom(job.demands()), 1e-9)
	job.vertices[0].HasPending = false
	job.vertices[0].Backpressured = &snapshot.Share{Mean: 0.5, Max: 0.5}
	require.Nil(t, job.headroom(job.demands()), "the join waits asynchronously")
	job.vertices[0].Backpressured, job.vertices[0].Busy = nil, nil
	require.Nil(t, job.headroom(job.demands()), "a legacy source may be the limit")
}
