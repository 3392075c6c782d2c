// Package pause stops parts of the sidecar at once, and remembers it: a restart must not
// resume what a person paused.
package pause

import (
	"fmt"
	"slices"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
)

// Store remembers which parts are paused.
type Store interface {
	Paused() ([]string, error)
	PutPaused(parts []string) error
}

// Switches pause and resume parts of the sidecar. They implement routes.Pauser, are safe for
// concurrent use, and are a prometheus.Collector.
type Switches struct {
	store Store
	gauge *prometheus.GaugeVec

	writing   sync.Mutex // of two requests at the same time the later one is remembered
	mu        sync.Mutex // guards what follows
	paused    map[api.Part]bool
	listeners map[api.Part][]func(paused bool)
}

var _ prometheus.Collector = (*Switches)(nil)

// New returns the switches as an earlier process left them.
func New(store Store) (*Switches, error) {
	s := &Switches{
		store: store, paused: map[api.Part]bool{}, listeners: map[api.Part][]func(bool){},
		gauge: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "flink_sidecar_paused", Help: "1 if a part of the sidecar is paused, else 0.",
		}, []string{"part"}),
	}
	left, err := store.Paused()
	if err != nil {
		return nil, fmt.Errorf("reading what was paused: %w", err)
	}
	for _, part := range left {
		s.paused[api.Part(part)] = true
	}
	s.show()
	return s, nil
}

// OnChange has f called, without delay, each time that the part is paused or resumed. f
// must not block.
func (s *Switches) OnChange(part api.Part, f func(paused bool)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listeners[part] = append(s.listeners[part], f)
}

// Pause implements api.Brake.
func (s *Switches) Pause(parts ...api.Part) error { return s.set(true, parts) }

// Resume implements api.Brake.
func (s *Switches) Resume(parts ...api.Part) error { return s.set(false, parts) }

// set acts first and stores then: a pause that cannot be stored must work all the same.
func (s *Switches) set(paused bool, parts []api.Part) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	var called []func(bool)
	s.mu.Lock()
	for _, part := range parts {
		s.paused[part] = paused
		called = append(called, s.listeners[part]...)
	}
	s.mu.Unlock()
	for _, f := range called {
		f(paused)
	}
	s.show()
	var names []string
	for _, part := range s.Paused() {
		names = append(names, string(part))
	}
	if err := s.store.PutPaused(names); err != nil {
		return fmt.Errorf("the switch works now, but is not stored, so a restart resets it: %w "+
			"(make history.path writable, then repeat the command)", err)
	}
	return nil
}

func (s *Switches) show() {
	for _, part := range api.Parts() {
		value := 0.0
		if s.IsPaused(part) {
			value = 1
		}
		s.gauge.WithLabelValues(string(part)).Set(value)
	}
}

// Paused implements api.Brake.
func (s *Switches) Paused() []api.Part {
	return slices.DeleteFunc(api.Parts(), func(p api.Part) bool { return !s.IsPaused(p) })
}

// IsPaused reports whether a part is paused now.
func (s *Switches) IsPaused(part api.Part) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.paused[part]
}

// Describe implements prometheus.Collector.
func (s *Switches) Describe(ch chan<- *prometheus.Desc) { s.gauge.Describe(ch) }

// Collect implements prometheus.Collector.
func (s *Switches) Collect(ch chan<- prometheus.Metric) { s.gauge.Collect(ch) }
