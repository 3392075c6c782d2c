package scaletest

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// spectra collects the latencies of all iterations, by sink, for a file that HdrHistogram's
// plotters read. Its methods work on nil, which collects nothing.
type spectra struct {
	path       string
	histograms map[string]*histogram
}

// add takes the latencies of an iteration that was sent as planned.
func (s *spectra) add(l *ledger, names []string, it episode.ScaleIteration) {
	if s == nil || it.NotSent > 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, name := range names {
		if s.histograms[name] == nil {
			s.histograms[name] = newHistogram()
		}
		for k, seen := range l.arrivals[i].seen {
			if seen != never {
				s.histograms[name].add(seen - l.due[k])
			}
		}
	}
}

// write writes one file for each sink: PATH for the only one, else PATH with the name of the
// sink before it ends.
func (s *spectra) write() error {
	if s == nil {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(s.histograms)) {
		var text bytes.Buffer
		if err := s.histograms[name].spectrum(&text); err != nil {
			return err
		}
		path := s.path
		if len(s.histograms) > 1 {
			path = s.path + "." + name
		}
		if err := os.WriteFile(path, text.Bytes(), 0o644); err != nil {
			return fmt.Errorf("the percentile spectrum: %w (choose another --hgrm)", err)
		}
	}
	return nil
}
