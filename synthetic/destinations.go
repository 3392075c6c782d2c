package synthetic

import (
	"context"
	"errors"
	"fmt"

	"github.com/flink-sidecar/flink-sidecar/synthetic/keygroup"
)

// destinations are where the records of a round go.
type destinations struct {
	partitions []int32
	// keys has a key for each subtask of the first keyed vertex; nil if keys do not depend on
	// subtasks.
	keys []string
}

// size is the number of records of a scheduled round.
func (d destinations) size() int {
	if d.keys != nil {
		return len(d.keys)
	}
	return len(d.partitions)
}

// at returns where the i-th record goes. A key always goes to the same partition, because
// Kafka keeps the order of its records only there.
func (d destinations) at(i int) (partition int32, key string, subtask *int) {
	if d.keys == nil {
		return d.partitions[i%len(d.partitions)], "", nil
	}
	i %= len(d.keys)
	return d.partitions[i%len(d.partitions)], d.keys[i], &i
}

// destinations asks for the partitions and, if the keys depend on it, for the keyed vertex.
func (p *Prober) destinations(ctx context.Context) (destinations, error) {
	partitions, err := p.listPartitions(ctx)
	if err != nil || p.cfg.KeyMode != KeySubtask {
		return destinations{partitions: partitions}, err
	}
	layout, err := p.layout()
	if err != nil {
		return destinations{}, err
	}
	if layout != p.lastLayout {
		keys, err := layout.Keys(p.cfg.KeyPrefix)
		if err != nil {
			return destinations{}, fmt.Errorf("probe.key_mode subtask: %w (use fixed)", err)
		}
		p.lastLayout, p.keys = layout, keys
	}
	p.roundSize.Store(int64(len(p.keys)))
	return destinations{partitions, p.keys}, nil
}

// The reasons why keys for subtasks can't be chosen.
var (
	errLayoutUnknown = errors.New("the subtasks of the job's first keyed vertex are unknown, and probe.key_mode is " +
		"subtask (start the job, make Flink reachable, or use key_mode: fixed)")
	errNotKeyed = errors.New("the job has no keyed vertex, and probe.key_mode is subtask (use key_mode: fixed)")
)

// layout returns the present layout of the first keyed vertex. While it is unknown the last
// known one is used, because a restart seldom changes it.
func (p *Prober) layout() (keygroup.Layout, error) {
	if p.keyed == nil {
		return keygroup.Layout{}, errLayoutUnknown
	}
	subtasks, keyGroups, known := p.keyed.KeyedVertex()
	switch {
	case !known && p.lastLayout.Valid():
		return p.lastLayout, nil
	case !known:
		return keygroup.Layout{}, errLayoutUnknown
	case subtasks == 0:
		return keygroup.Layout{}, errNotKeyed
	}
	return keygroup.Layout{Parallelism: subtasks, MaxParallelism: keyGroups}, nil
}
