package advisor

import "testing"

// BenchmarkRules reads and judges the largest recorded profile: 1.4 MB of stacks.
func BenchmarkRules(b *testing.B) {
	bundle := Bundle{Profiles: []Profile{recorded(b, "sample-kryo-ITIMER", "ITIMER")}}
	for b.Loop() {
		Rules(bundle)
	}
}
