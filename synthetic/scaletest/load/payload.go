package load

import (
	"bytes"
	"fmt"
	"strconv"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/flink-sidecar/flink-sidecar/synthetic/payload"
)

// maxPayloads bounds the memory for the rendered payloads of an iteration.
const maxPayloads = 2 << 30

// Payloads are the rendered records of one iteration. They are made before the clock
// starts. The records differ in their seed; the time of sending is written into each one
// when it is sent, which changes no length.
type Payloads struct {
	// Seeds and Values are by their place in the part.
	Seeds, Values [][]byte
	// sentAt is the first place of the time of sending in each value, 13 digits; -1 if it has
	// none. further are the other places. Both, and the values, lie side by side in memory:
	// the sender reaches for each once, and would wait for memory.
	sentAt  []int32
	further [][]int
	// Bytes is the length of all values.
	Bytes int64
	// digits are those of milli, the time that was written last.
	room   room
	milli  int64
	digits []byte
}

// Render makes the payloads of a part of n records for the partitions, in turn.
func Render(
	t *payload.Template, round ulid.ULID, part Part, n int, partitions []int32, payloadSeed uint64,
) (*Payloads, error) {
	n = part.Count(n)
	p := &Payloads{Seeds: make([][]byte, n), Values: make([][]byte, n), sentAt: make([]int32, n)}
	now := time.Now().UnixMilli()
	mark := strconv.AppendInt(nil, now, 10)
	for i := range n {
		seed := payload.NewSeed(round, i)
		value, err := t.Render(payload.Fields{
			Seed: seed, Key: seed, Sequence: int64(part.Global(i) + 1), SentAt: now,
			Partition:   partitions[part.Global(i)%len(partitions)],
			PayloadSeed: payloadSeed,
		})
		if err != nil {
			return nil, fmt.Errorf("rendering record %d: %w (correct the template)", i+1, err)
		}
		if p.Bytes += int64(len(value)); p.Bytes > maxPayloads {
			return nil, fmt.Errorf("the payloads of an iteration need more than %d MiB (lower --records)", maxPayloads>>20)
		}
		p.Seeds[i], p.Values[i] = p.room.put([]byte(seed)), p.room.put(value)
		p.place(i, places(value, mark))
	}
	return p, nil
}

// place notes where the time of sending is in the i-th value.
func (p *Payloads) place(i int, at []int) {
	p.sentAt[i] = -1
	if len(at) > 0 {
		p.sentAt[i] = int32(at[0]) // a value is much smaller than 2 GiB
	}
	if len(at) > 1 {
		if p.further == nil {
			p.further = make([][]int, len(p.Values))
		}
		p.further[i] = at[1:]
	}
}

// room holds texts side by side.
type room struct{ free []byte }

// roomSize is how much a room takes at once.
const roomSize = 1 << 20

// put returns a copy of text in the room.
func (r *room) put(text []byte) []byte {
	if len(r.free) < len(text) {
		r.free = make([]byte, max(roomSize, len(text)))
	}
	kept := r.free[:copy(r.free, text):len(text)]
	r.free = r.free[len(text):]
	return kept
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

// Stamp writes the time of sending into the i-th value.
func (p *Payloads) Stamp(i int, now time.Time) {
	if p.sentAt[i] < 0 {
		return
	}
	if milli := now.UnixMilli(); milli != p.milli {
		p.milli, p.digits = milli, strconv.AppendInt(p.digits[:0], milli, 10)
	}
	copy(p.Values[i][p.sentAt[i]:], p.digits)
	if p.further == nil {
		return
	}
	for _, at := range p.further[i] {
		copy(p.Values[i][at:], p.digits)
	}
}
