package scaletest

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/figures"
)

// spectra collects latencies for files that HdrHistogram's plotters read. Its methods work on
// nil, which collects nothing.
type spectra struct {
	path   string
	rounds map[int]latencies // by the number of the round
	// chosen is the round that is written whatever counts; 0 is none.
	chosen int
}

// latencies are those of one round, by sink. The publish delay has the name publishDelay.
type latencies map[string]scalerun.Histogram

// publishDelay is no name of a sink.
const publishDelay = "publish-delay"

// add takes the latencies of a round.
func (s *spectra) add(number int, l *ledger, names []string) {
	if s == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	of := latencies{publishDelay: l.delays().Encoded()}
	for i, name := range names {
		of[name] = l.latencies(i).Encoded()
	}
	s.rounds[number] = of
}

// choose says which round the files are about: the trial at the highest sustained rate.
func (s *spectra) choose(number int) {
	if s != nil {
		s.chosen = number
	}
}

// of returns the rounds that the files are about: the chosen one, or those of the iterations
// from which the throughput is.
func (s *spectra) of(result scalerun.Test) (numbers []int) {
	if s.chosen > 0 {
		return []int{s.chosen}
	}
	var all []int
	for _, it := range figures.Measured(result.Iterations) {
		if !it.WarmUp && it.NotSent == 0 {
			all = append(all, it.Iteration)
		}
		if it.Counts() {
			numbers = append(numbers, it.Iteration)
		}
	}
	if len(numbers) == 0 {
		return all
	}
	return numbers
}

// write writes one file for each sink: PATH for the only one, else PATH with the name of the
// sink at its end. The publish delay has a file of its own.
func (s *spectra) write(result scalerun.Test) error {
	if s == nil {
		return nil
	}
	merged := map[string]*figures.Histogram{}
	for _, number := range s.of(result) {
		for name, encoded := range s.rounds[number] {
			if merged[name] == nil {
				merged[name] = figures.NewHistogram()
			}
			if err := merged[name].MergeEncoded(encoded); err != nil {
				return err
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(merged)) {
		path := s.path + "." + name
		if name != publishDelay && len(merged) == 2 { // one sink, and the publish delay
			path = s.path
		}
		if err := writeTo(path, merged[name]); err != nil {
			return err
		}
	}
	return nil
}

// writeTo writes the spectrum of a histogram to a file.
func writeTo(path string, h *figures.Histogram) error {
	var text bytes.Buffer
	if err := h.Spectrum(&text); err != nil {
		return err
	}
	if err := os.WriteFile(path, text.Bytes(), 0o644); err != nil {
		return fmt.Errorf("the percentile spectrum: %w (choose another --hgrm)", err)
	}
	return nil
}
