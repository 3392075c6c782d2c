package outcome_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

// TestRatesAreComparedWithThemselves: a label at full speed and at a rate has two throughputs, not
// one mean of both.
func TestRatesAreComparedWithThemselves(t *testing.T) {
	tests := []scalerun.Test{
		own(0, "base", "a", 0, 5000), own(1, "change", "b", 1, 6000), own(2, "change", "b", 2, 100),
		own(3, "base", "a", 3, 50), own(4, "change", "b", 4, 48), own(5, "change", "b", 5),
	}
	tests[2].Rate, tests[3].Rate, tests[4].Rate = 100, 50, 50
	tests[5].Rate, tests[5].Sustainable = 10, &scalerun.Sustainable{}
	table := outcome.NewTable(tests)
	var got []string
	for _, r := range records(t, table) {
		got = append(got, r[0]+" "+r[7]+" "+r[1]+" "+r[2])
	}
	require.Equal(t, []string{
		"base steady 5000 ", "change steady 6000 20.00", "change steady 100/s 100 ", "base steady 50/s 50 ",
		"change steady 50/s 48 -4.00",
	}, got)
	require.Equal(t, []string{`there is no baseline of shape "steady 100/s" (test the baseline with this shape)`},
		table.Warnings)
}

// TestASinkThatOnlyOneSideHasWarns: a removed sink is less work.
func TestASinkThatOnlyOneSideHasWarns(t *testing.T) {
	tests := []scalerun.Test{own(0, "base", "a", 0, 100), own(1, "change", "b", 1, 200)}
	tests[0].Environment = map[string]string{"sink_a": "topic a", "sink_b": "index b"}
	tests[1].Environment = map[string]string{"sink_a": "topic a"}
	require.Equal(t, []string{
		"change: it differs from the baseline in more than the change: sink_b index b → none (test both alike)",
	}, outcome.NewTable(tests).Warnings)
}
