package advisor

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence/evidencetest"
)

// TestThreadsNameTheOperator where a profile alone has them: async-profiler writes them with the
// option threads.
func TestThreadsNameTheOperator(t *testing.T) {
	const kryo = "com/esotericsoftware/kryo/Kryo.writeObject"
	operators := func(first, second string) map[string]string {
		p := evidencetest.Tasks(t, "ITIMER",
			"!"+first+evidencetest.IntoTask+";com/acme/Enrich.map;"+kryo, 200,
			"!"+second+evidencetest.IntoTask+";com/acme/Report.map;"+kryo, 200)
		out := map[string]string{}
		for _, e := range Rules(evidence.Bundle{Profiles: []evidence.Profile{p}}).Evidence {
			if e.Kind == evidence.KindFrame {
				out[e.Subject] = e.Operator
			}
		}
		return out
	}
	got := operators("[enrich -> map (1/2)#0 tid=11];", "[report (2/2)#0 tid=12];")
	require.Equal(t, "enrich -> map", got["com.acme.Enrich.map"])
	require.Equal(t, "report", got["com.acme.Report.map"])
	require.Contains(t, got, "com.esotericsoftware.kryo.Kryo.writeObject")
	require.Empty(t, got["com.esotericsoftware.kryo.Kryo.writeObject"], "both run it")
	got = operators("[enrich (1/2)#0 tid=11];", "[enrich (2/2)#0 tid=12];")
	require.Equal(t, "enrich", got["com.esotericsoftware.kryo.Kryo.writeObject"], "two subtasks of one vertex")
	got = operators("[enrich (1/2)#0 tid=11];", "")
	require.Empty(t, got["com.esotericsoftware.kryo.Kryo.writeObject"], "some samples do not say")
	require.Empty(t, operators("[pool-1-thread-2 tid=11];", "")["com.acme.Enrich.map"], "no thread of a task")
}
