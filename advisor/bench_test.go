package advisor

import (
	"testing"

	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// BenchmarkRules reads and judges the largest recorded profile: 1.4 MB of stacks.
func BenchmarkRules(b *testing.B) {
	bundle := evidence.Bundle{Profiles: []evidence.Profile{recorded(b, "sample-kryo-ITIMER", "ITIMER")}}
	for b.Loop() {
		Rules(bundle)
	}
}
