package files

import (
	"context"
	"sync"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/wait"
)

// Scanner reads everything that is added to a directory that the job writes. A scale test uses it:
// unlike the sink of the probe it reads all the time. It is safe for concurrent use.
type Scanner struct {
	sink  string
	every time.Duration

	mu   sync.Mutex // protects the following fields
	tail tail
	// after is the begin of the last look that saw everything.
	after time.Time
}

// Added is a line that was added to a file.
type Added struct {
	// File is a number of the file. Its lines come in their order.
	File int32
	// After and Till are the looks between which the line was added.
	After, Till time.Time
	Text        []byte
}

// NewScanner makes a scanner for the directory of a sink. It reads nothing. every is the shortest
// time between two looks.
func NewScanner(sink string, cfg SinkConfig, every time.Duration) *Scanner {
	return &Scanner{
		sink: sink, every: every, tail: tail{directory: cfg.Directory, files: map[string]*position{}},
	}
}

// Start makes the scanner begin at the present end of each file.
func (s *Scanner) Start() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.after = time.Now()
	return s.tail.explain(s.sink, s.tail.skip(endOfTime))
}

// endOfTime is after the last change of every file, whatever the clock of its server says.
var endOfTime = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// Run looks until ctx ends. It calls found for each line, and failed after each look with its
// error, nil if there was none. The pause between two looks is at least as long as a look.
func (s *Scanner) Run(ctx context.Context, found func(Added), failed func(error)) {
	for ctx.Err() == nil {
		began := time.Now()
		complete, err := s.Look(found)
		failed(err)
		if complete || err != nil {
			_ = wait.For(ctx, max(s.every, time.Since(began)))
		}
	}
}

// Look calls found for each line that was added since the last look. It is not complete if there
// are more than one look may read, or with an error.
func (s *Scanner) Look(found func(Added)) (complete bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	began := time.Now()
	lines, complete, err := s.tail.read()
	till := time.Now()
	for _, l := range lines {
		found(Added{File: l.lane, After: s.after, Till: till, Text: l.text})
	}
	if complete {
		s.after = began
	}
	return complete, s.tail.explain(s.sink, err)
}
