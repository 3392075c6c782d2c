package scaletest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/synthetic/files"
)

// fileSink is a directory as a sink. A line appeared between two looks at its file.
type fileSink struct {
	label   string
	path    string
	every   time.Duration // between two looks
	scanner *files.Scanner

	mu sync.Mutex // protects the following fields
	// after and till are the looks between which each record of the ledger of appeared.
	of          *ledger
	after, till []int64
}

func (s *fileSink) name() string         { return s.label }
func (s *fileSink) place() place         { return place{directory, s.path} }
func (s *fileSink) floor() time.Duration { return 0 }
func (s *fileSink) close()               {}

// readsAnew is true: what a look could not read, a later one reads.
func (s *fileSink) readsAnew() bool { return true }

// check begins reading at the end of each file.
func (s *fileSink) check(context.Context) (map[string]string, error) { return nil, s.scanner.Start() }

func (s *fileSink) watch(ctx context.Context, of *account) {
	s.scanner.Run(ctx, func(added files.Added) {
		if l := of.ledger(); l != nil {
			s.take(l, of.sink, added)
		}
	}, of.failed)
}

// take notes the records in a line.
func (s *fileSink) take(l *ledger, sink int, added files.Added) {
	found := l.indexesIn(added.Text)
	if len(found) == 0 {
		l.sawForeign(sink)
	}
	after, till := l.since(added.After), l.since(added.Till)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of != l {
		s.of, s.after, s.till = l, unset(l.n), unset(l.n)
	}
	for _, i := range found {
		if s.till[i] == never {
			s.after[i], s.till[i] = after, till
		}
		l.sight(sink, i, added.File, till)
	}
}

// mostLooks bounds the looks of settle, at a directory that grows faster than it is read.
const mostLooks = 100

// settle reads what was not read yet, and gives each record its moment: the middle of the looks
// between which it appeared.
func (s *fileSink) settle(_ context.Context, sink int, l *ledger) error {
	for look, complete := 0, false; !complete && look < mostLooks; look++ {
		var err error
		if complete, err = s.scanner.Look(func(added files.Added) { s.take(l, sink, added) }); err != nil {
			return lookFailed(s.label, err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of == l {
		l.narrow(sink, s.after, s.till)
	}
	return nil
}

// report says what can't be known of files, and how exact the rest is.
func (s *fileSink) report(_ context.Context, l *ledger, _ *scalerun.Sink) ([]string, error) {
	notes := []string{fmt.Sprintf("%s: its files are read every %s; they have no stamps, so no latency between stamps is "+
		"measured", s.label, s.every)}
	s.mu.Lock()
	defer s.mu.Unlock()
	longest := int64(0)
	for i, till := range s.till {
		if s.of == l && till != never {
			longest = max(longest, till-s.after[i])
		}
	}
	if gap := tooLong(longest, s.every); gap > 0 {
		notes = append(notes, fmt.Sprintf("%s: its files were not read for %.1f s, so their latencies are wrong by up to half of "+
			"that", s.label, gap.Seconds()))
	}
	return notes, nil
}

// remove can't delete lines of files that the job writes.
func (s *fileSink) remove(context.Context, string) (int64, error) { return 0, nil }
