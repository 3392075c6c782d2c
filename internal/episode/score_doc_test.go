package episode

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/documenttest"
)

// TestTheScoresAreDocumented finds each number of a score, and the bounds of its buckets.
func TestTheScoresAreDocumented(t *testing.T) {
	t.Parallel()
	text := documenttest.Text(t, "../../docs/rules.md")
	for field := range reflect.TypeFor[RuleScore]().Fields() {
		key, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if !strings.Contains(text, "`"+key+"`") && !strings.Contains(text, "| "+key+" |") && key != "rule" {
			t.Errorf("docs/rules.md does not say what %s is", key)
		}
	}
	var bounds []string
	for _, bound := range LeadBounds() {
		bounds = append(bounds, fmt.Sprintf("%.0f", bound))
	}
	last := len(bounds) - 1
	require.Contains(t, text, "up to "+strings.Join(bounds[:last], ", ")+" and "+bounds[last]+" seconds")
}
