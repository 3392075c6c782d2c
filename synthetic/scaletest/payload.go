package scaletest

import (
	"bytes"
	"fmt"
	"strconv"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/flink-sidecar/flink-sidecar/synthetic"
)

// maxPayloads bounds the memory for the rendered payloads of an iteration.
const maxPayloads = 2 << 30

// payloads are the rendered records of one iteration. They are made before the clock
// starts. The records differ in their seed; the time of sending is written into each one
// when it is sent, which changes no length.
type payloads struct {
	seeds  [][]byte
	values [][]byte
	// sentAt are the places of the time of sending in each value: 13 digits.
	sentAt [][]int
	bytes  int64 // of all values
}

// render makes the payloads of a slice of n records for the partitions, in turn.
func render(
	t *synthetic.Template, round ulid.ULID, part slice, n int, partitions []int32, payloadSeed uint64,
) (*payloads, error) {
	n = part.count(n)
	p := &payloads{seeds: make([][]byte, n), values: make([][]byte, n), sentAt: make([][]int, n)}
	now := time.Now().UnixMilli()
	mark := strconv.AppendInt(nil, now, 10)
	for i := range n {
		seed := synthetic.NewSeed(round, i)
		value, err := t.Render(synthetic.Fields{
			Seed: seed, Key: seed, Sequence: int64(part.global(i) + 1), SentAt: now,
			Partition:   partitions[part.global(i)%len(partitions)],
			PayloadSeed: payloadSeed,
		})
		if err != nil {
			return nil, fmt.Errorf("rendering record %d: %w (correct the template)", i+1, err)
		}
		if p.bytes += int64(len(value)); p.bytes > maxPayloads {
			return nil, fmt.Errorf("the payloads of an iteration need more than %d MiB (lower --records)", maxPayloads>>20)
		}
		p.seeds[i], p.values[i], p.sentAt[i] = []byte(seed), value, places(value, mark)
	}
	return p, nil
}

// places returns where text appears in value.
func places(value, text []byte) (at []int) {
	for from := 0; ; {
		i := bytes.Index(value[from:], text)
		if i < 0 {
			return at
		}
		at = append(at, from+i)
		from += i + len(text)
	}
}

// stamp writes the time of sending into the i-th value.
func (p *payloads) stamp(i int, now time.Time) {
	if len(p.sentAt[i]) == 0 {
		return
	}
	var digits [20]byte
	text := strconv.AppendInt(digits[:0], now.UnixMilli(), 10)
	for _, at := range p.sentAt[i] {
		copy(p.values[i][at:], text)
	}
}
