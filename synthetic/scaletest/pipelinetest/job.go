package pipelinetest

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/flink-sidecar/flink-sidecar/synthetic/elasticsearch/elasticsearchtest"
	"github.com/flink-sidecar/flink-sidecar/synthetic/payload"
)

// job reads the source topic and writes to the sinks.
type job struct {
	behaviour Behaviour
	elastic   *elasticsearchtest.Server
	client    *kgo.Client
	wake      chan struct{} // of capacity 1: something was read

	mu      sync.Mutex // protects the following fields
	waiting []emission // in the order in which they are due
	began   time.Time  // of the first record
	free    time.Time  // when the limit allows the next record
	taken   int
	written int
	parts   map[int32]*os.File
	held    map[int32]*emission // records that wait for the next one of their partition
	random  *rand.Rand
}

// emission is a record on its way to the sinks.
type emission struct {
	due       time.Time
	read      time.Time
	partition int32
	seed      string
	fate      Fate
}

func (j *job) read(ctx context.Context) {
	for ctx.Err() == nil {
		fetches := j.client.PollFetches(ctx)
		now := time.Now()
		fetches.EachRecord(func(r *kgo.Record) { j.take(r, now) })
		select {
		case j.wake <- struct{}{}:
		default:
		}
	}
}

// take plans when a record reaches the sinks.
func (j *job) take(r *kgo.Record, now time.Time) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.began.IsZero() {
		j.began = now
	}
	seed := seedOf(r)
	e := emission{due: now, read: now, partition: r.Partition, seed: seed}
	if j.behaviour.Fate != nil {
		e.fate = j.behaviour.Fate(indexOf(seed))
	}
	e.due = e.due.Add(e.fate.Delay)
	if limit := j.limit(); limit > 0 {
		if j.free.Before(now) {
			j.free = now
		}
		takes := (1 + j.behaviour.Jitter*(2*j.random.Float64()-1)) / limit
		j.free = j.free.Add(time.Duration(takes * float64(time.Second)))
		e.due = j.free
	}
	stalled := j.began.Add(j.behaviour.StallFrom)
	if end := stalled.Add(j.behaviour.StallFor); !e.due.Before(stalled) && e.due.Before(end) {
		e.due = end
	}
	if every := j.behaviour.Commits; every > 0 {
		e.due = j.began.Add(e.due.Sub(j.began).Truncate(every) + every)
	}
	if e.fate.Lost {
		return
	}
	if e.fate.Behind {
		j.held[r.Partition] = &e
		return
	}
	j.plan(e)
	if held := j.held[r.Partition]; held != nil {
		held.due = e.due
		j.plan(*held)
		delete(j.held, r.Partition)
	}
}

// plan keeps the order of due; equal ones stay in the order of their reading.
func (j *job) plan(e emission) {
	at := len(j.waiting)
	for at > 0 && j.waiting[at-1].due.After(e.due) {
		at--
	}
	j.waiting = slices.Insert(j.waiting, at, e)
}

// limit is the limit for the next record, which it counts.
func (j *job) limit() float64 {
	j.taken++
	if j.behaviour.LimitFor > 0 && j.taken > j.behaviour.LimitFor {
		return j.behaviour.LaterLimit
	}
	return j.behaviour.Limit
}

// seedOf returns the seed in the header of a record.
func seedOf(r *kgo.Record) string {
	for _, h := range r.Headers {
		if h.Key == payload.SeedHeader {
			return string(h.Value)
		}
	}
	return ""
}

func indexOf(seed string) int {
	i, _ := strconv.Atoi(seed[strings.LastIndex(seed, "-")+1:])
	return i
}

// emit writes what is due.
func (j *job) emit(ctx context.Context) {
	for ctx.Err() == nil {
		j.rest(ctx)
		for _, e := range j.due() {
			j.write(ctx, e)
			if e.fate.Twice {
				j.write(ctx, e)
			}
		}
	}
}

// rest waits until something is due, or something new was read.
func (j *job) rest(ctx context.Context) {
	j.mu.Lock()
	wait := time.Hour
	if len(j.waiting) > 0 {
		wait = time.Until(j.waiting[0].due)
	}
	j.mu.Unlock()
	timer := time.NewTimer(max(wait, time.Microsecond))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-j.wake:
	case <-timer.C:
	}
}

func (j *job) due() []emission {
	j.mu.Lock()
	defer j.mu.Unlock()
	n := 0
	for n < len(j.waiting) && !j.waiting[n].due.After(time.Now()) {
		n++
	}
	due := slices.Clone(j.waiting[:n])
	j.waiting = slices.Delete(j.waiting, 0, n)
	return due
}

// write puts one copy of a record into each sink.
func (j *job) write(ctx context.Context, e emission) {
	seed := e.seed
	if e.fate.NoSeed {
		seed = "none"
	}
	value := []byte(`{"seed":"` + seed + `"}`)
	key := []byte(seed)
	if e.fate.NewKey {
		key = []byte("customer")
	}
	for _, topic := range []string{"orders-enriched", "orders-alerts"} {
		j.client.Produce(ctx, &kgo.Record{Topic: topic, Key: key, Value: value, Partition: e.partition % sinkPartitions},
			func(_ *kgo.Record, err error) {
				if err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, kgo.ErrClientClosed) {
					panic(err)
				}
			})
	}
	if j.behaviour.Directory != "" {
		j.append(e.partition%sinkPartitions, value)
	}
	j.written++
	j.elastic.Put(strconv.Itoa(j.written), map[string]any{
		"seed": seed, "ingested_at": e.read.Add(e.fate.ClockAhead).UnixMilli(),
		"indexed_at": time.Now().Add(e.fate.ClockAhead).UnixMilli(),
	})
	if j.behaviour.Wrote != nil {
		j.behaviour.Wrote(e.seed, time.Now())
	}
}

// append writes a line to a file, which stays open as that of a real job.
func (j *job) append(part int32, value []byte) {
	if j.parts[part] == nil {
		path := filepath.Join(j.behaviour.Directory, "part-"+strconv.Itoa(int(part)))
		file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			panic(err)
		}
		j.parts[part] = file
	}
	if _, err := j.parts[part].Write(append(value, '\n')); err != nil {
		panic(err)
	}
}

func (j *job) closeParts() {
	for _, file := range j.parts {
		_ = file.Close() // the test has ended
	}
}
