package pause

import (
	"fmt"
	"slices"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
)

// Switches stops parts of the sidecar at once, and remembers it: a restart must not
// let go of what somebody stopped. It implements api.Brake.
type Switches struct {
	store *history.Store
	// onProbe is told of each change of the probe; nil without one.
	onProbe func(paused bool)
	// OnResume is told of each part that goes on; nil if nobody is.
	OnResume func(api.Part)
	Gauge    *prometheus.GaugeVec

	writing sync.Mutex
	mu      sync.Mutex
	paused  map[api.Part]bool
}

// New returns the brake as it was left.
func New(store *history.Store, onProbe func(bool)) (*Switches, error) {
	b := &Switches{
		store: store, onProbe: onProbe, paused: map[api.Part]bool{},
		Gauge: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "flink_sidecar_paused", Help: "Whether somebody paused a part of the sidecar: 1 or 0.",
		}, []string{"part"}),
	}
	left, err := store.Paused()
	if err != nil {
		return nil, fmt.Errorf("what was paused: %w", err)
	}
	for _, part := range left {
		b.paused[api.Part(part)] = true
	}
	b.apply()
	return b, nil
}

// Pause implements api.Brake.
func (b *Switches) Pause(parts ...api.Part) error { return b.set(true, parts) }

// Resume implements api.Brake.
func (b *Switches) Resume(parts ...api.Part) error { return b.set(false, parts) }

// set acts first and remembers then: a brake that can't be written down must
// stop all the same.
func (b *Switches) set(paused bool, parts []api.Part) error {
	b.writing.Lock() // of two at the same time the later one is remembered
	defer b.writing.Unlock()
	b.mu.Lock()
	for _, part := range parts {
		b.paused[part] = paused
	}
	b.mu.Unlock()
	b.apply()
	for _, part := range parts {
		if !paused && b.OnResume != nil {
			b.OnResume(part)
		}
	}
	var names []string
	for _, part := range b.Paused() {
		names = append(names, string(part))
	}
	if err := b.store.PutPaused(names); err != nil {
		return fmt.Errorf("it is done, but will be forgotten by a restart: %w", err)
	}
	return nil
}

func (b *Switches) apply() {
	for _, part := range api.Parts() {
		value := 0.0
		if b.IsPaused(part) {
			value = 1
		}
		b.Gauge.WithLabelValues(string(part)).Set(value)
	}
	if b.onProbe != nil {
		b.onProbe(b.IsPaused(api.PartProbe))
	}
}

// Paused implements api.Brake.
func (b *Switches) Paused() []api.Part {
	return slices.DeleteFunc(api.Parts(), func(p api.Part) bool { return !b.IsPaused(p) })
}

func (b *Switches) IsPaused(part api.Part) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.paused[part]
}
