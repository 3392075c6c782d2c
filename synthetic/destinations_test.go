package synthetic_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/synthetic"
	"github.com/flink-sidecar/flink-sidecar/synthetic/keygroup"
)

// keyedView is a job whose first keyed vertex the test sets; nil is unknown.
type keyedView struct {
	layout atomic.Pointer[keygroup.Layout]
}

func (v *keyedView) KeyedVertex() (subtasks, keyGroups int, known bool) {
	if l := v.layout.Load(); l != nil {
		return l.Parallelism, l.MaxParallelism, true
	}
	return 0, 0, false
}

// Each subtask gets a record in each round, also after a rescaling and while Flink does not
// answer. A key stays in one partition.
func TestARecordForEachSubtask(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.startJob()
		defer s.job.end()
		view := &keyedView{}
		s.options.Keyed, s.options.OnDemand = view, true
		s.options.Config.KeyMode, s.options.Config.MaxRate = synthetic.KeySubtask, 100
		p := s.start()
		partitionOf := map[string]int32{}
		for _, layout := range []*keygroup.Layout{
			{Parallelism: 6, MaxParallelism: 128}, nil, {Parallelism: 3, MaxParallelism: 128},
		} {
			if view.layout.Store(layout); layout == nil {
				layout = &keygroup.Layout{Parallelism: 6, MaxParallelism: 128} // the last known one
			}
			m, err := p.Round(s.ctx, 2*layout.Parallelism)
			require.NoError(t, err)
			subtasks := map[int]int{}
			for _, r := range s.history.All() {
				if r.Round != m.ID {
					continue
				}
				require.Equal(t, layout.Subtask(r.Key), *r.Subtask)
				subtasks[*r.Subtask]++
				if at, sent := partitionOf[r.Key]; sent {
					require.Equal(t, at, r.Partition, "the order of a key is known in one partition only")
				}
				partitionOf[r.Key] = r.Partition
			}
			require.Len(t, subtasks, layout.Parallelism)
			for subtask, records := range subtasks {
				require.Equal(t, 2, records, subtask)
			}
			clear(partitionOf)
		}
	})
}

func TestNoSubtasks(t *testing.T) {
	for want, layout := range map[string]*keygroup.Layout{
		"are unknown": nil,
		"the job has no keyed vertex, and probe.key_mode is subtask (use key_mode: fixed)": {},
		"900 subtasks with 128 key groups are not a layout of Flink":                       {Parallelism: 900, MaxParallelism: 128},
	} {
		run(t, func(t *testing.T, s *stack) {
			view := &keyedView{}
			view.layout.Store(layout)
			s.options.Keyed = view
			s.options.Config.KeyMode = synthetic.KeySubtask
			p := s.start()
			s.sleep(11 * time.Second)
			require.Contains(t, p.Status().Waiting, want)
			require.Empty(t, s.history.All())
			_, err := p.Round(s.ctx, 1)
			require.ErrorContains(t, err, want)
		})
	}
}
