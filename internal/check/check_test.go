package check

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNearest(t *testing.T) {
	names := []string{"orders", "orders-enriched", "payments"}
	for wanted, want := range map[string]string{
		"order": "orders", "Orders": "orders", "orders-enriched-v2": "orders-enriched", "fraud": "", "": "",
	} {
		got, found := Nearest(wanted, names)
		require.Equal(t, want, got, wanted)
		require.Equal(t, want != "", found, wanted)
	}
}

func TestQuoted(t *testing.T) {
	require.Equal(t, `'it'\''s'`, Quoted("it's"))
}

func TestResultsHaveTheirArea(t *testing.T) {
	r := Results{Area: "kafka"}
	r.Add("", OK, nil, "%d brokers answer", 3)
	r.Add("topic", Failed, Shell("x %d", 1), "gone")
	require.Equal(t, "kafka", r.All[0].Check)
	require.Equal(t, Result{Check: "kafka.topic", State: Failed, Says: "gone", Fix: &Fix{In: InShell, Line: "x 1"}}, r.All[1])
}
