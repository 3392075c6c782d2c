package synthetic

import "github.com/flink-sidecar/flink-sidecar/synthetic/account"

// StandStill makes the probe assume that the process stood still until now.
func (p *Prober) StandStill() {
	p.recorder.Update(func(t *account.Tracker) { t.Blinded(p.clock()) })
}

// Remembered is the number of records of a round that the probe still knows.
func (p *Prober) Remembered(round string) int { return len(p.recorder.Round(round).Seeds) }
