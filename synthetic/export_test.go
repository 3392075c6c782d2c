package synthetic

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// StandStill makes the probe assume that the process stood still until now.
func (p *Prober) StandStill() {
	p.recorder.update(func(t *tracker) { t.blinded(p.clock()) })
}

// RequireNothingKept checks that no round is kept.
func (p *Prober) RequireNothingKept(t *testing.T) {
	t.Helper()
	p.recorder.view(func(tracked *tracker) { require.Empty(t, tracked.kept) })
}
