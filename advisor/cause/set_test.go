package cause

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/evidence/evidencetest"
)

// There are more rules than bits in a word. The last of 150 rules gets its stacks. When
// it is released, no rule gets them.
func TestAnyNumberOfRules(t *testing.T) {
	var many []Rule
	for i := range 150 {
		many = append(many, Rule{Frames: Pattern{fmt.Sprintf("com.acme.Cause%d.*", i)}})
	}
	reader := newTallier(many)
	counted := reader.tally(evidencetest.Tasks(t, "ITIMER",
		"com/acme/Cause149.run", 5, "com/acme/Cause70.run;com/acme/Cause149.run", 7, "com/acme/Other.run", 11))
	require.EqualValues(t, 5, counted.attributed(149, nil))
	require.EqualValues(t, 7, counted.attributed(70, nil))
	require.EqualValues(t, 12, counted.Showing(149))

	released := newSet(len(many))
	released.add(70)
	require.EqualValues(t, 12, counted.attributed(149, released))
	require.Zero(t, counted.attributed(70, released))
}
