package alerts

import "github.com/flink-sidecar/flink-sidecar/alerts/signal"

// maxHeld bounds the samples that are held: minutes of polls of a large cluster.
const maxHeld = 100_000

// Hold keeps new samples back until [Trends.Refill]: a window takes no sample that is older
// than its last one.
func (t *Trends) Hold() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.holding = true
}

// Refill adds samples from before the start of the process, in the order of their times, and
// then those that were held. Without past samples it only ends the holding.
func (t *Trends) Refill(past []signal.Observation) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, o := range past {
		t.observe(o)
	}
	for _, o := range t.held {
		t.observe(o)
	}
	t.holding, t.held = false, nil
}
