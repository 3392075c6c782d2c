package advisor

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/advisor/cause"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// Measurements of the sample job of deploy/local on a real Flink 2.3 with more load
// than it could process: 30 s profiles of one of two TaskManagers, and the metrics of
// the same minute. The name of a run lists the faults that were left in.

// sample is one of these runs with an ITIMER profile.
func sample(t *testing.T, run string) evidence.Bundle {
	t.Helper()
	// Busy fractions of source, keyed operator and Elasticsearch sink; records
	// and bulk requests of that sink per second.
	busy := map[string][5]float64{
		"all":    {0.007, 1, 0.474, 514, 514},
		"kryo":   {0.988, 0.13, 0.093, 1460, 10},
		"lookup": {0.001, 0.986, 0.003, 540, 10},
		"fixed":  {0.992, 0.024, 0.044, 1980, 10},
	}[run]
	on := map[string]int{"tm1": 1, "tm2": 1}
	b := evidence.Bundle{
		Job: "orders enrichment", FlinkVersion: "2.3.0", Bottleneck: "enrich",
		Profiles: []evidence.Profile{ofSample(t, run, "ITIMER")},
		Vertices: []evidence.Vertex{
			{
				ID: "source", Name: "Source: orders from Kafka", Parallelism: 2, Busy: &busy[0], BusyMax: &busy[0],
				SubtasksOn: on,
			},
			{ID: "enrich", Name: "enrich orders", Parallelism: 2, Busy: &busy[1], BusyMax: &busy[1], SubtasksOn: on},
			{
				ID: "search", Name: "orders to Elasticsearch: Writer", Parallelism: 2, Busy: &busy[2],
				BusyMax: &busy[2], SubtasksOn: on,
			},
		},
		Sinks: []evidence.SinkRate{{
			Name: "search", Vertex: "search", Subtasks: 2, Records: busy[3],
			Requests: busy[4],
		}},
	}
	if busy[0] > busy[1] {
		b.Bottleneck = "source"
	}
	return b
}

func ofSample(t *testing.T, run, mode string) evidence.Profile {
	t.Helper()
	p := recorded(t, "sample-"+run+"-"+mode, mode)
	p.Duration = 30 * time.Second
	return p
}

// worthIt returns the categories of findings that are more severe than info.
func worthIt(adv episode.Advice) []string {
	out := []string{}
	for _, f := range adv.Findings {
		if f.Severity != episode.Info {
			out = append(out, f.Category)
		}
	}
	return out
}

func TestSampleJobWithAllFaults(t *testing.T) {
	adv := Rules(sample(t, "all"))
	first := adv.Findings[0]
	require.Equal(t, cause.BlockingIO, first.Category)
	require.Equal(t, "At least 92.4 % of the busy time of enrich orders is waiting, and it makes blocking calls, "+
		"below org.flinksidecar.sample.customers.CustomerClient.find", first.Title)
	require.Equal(t, episode.Critical, first.Severity)
	require.Equal(t, "53.3 % of the CPU time of the tasks that limit goes into generic (Kryo or Java) serialization", found(t, adv,
		cause.GenericSerialization).Title)
	require.Equal(t, "Sink search sends 1.0 records per request", found(t, adv, cause.SinkBatching).Title)

	both := sample(t, "all")
	both.Profiles = append(both.Profiles, ofSample(t, "all", "WALL"))
	require.Equal(t, []string{cause.BlockingIO, cause.SinkBatching}, worthIt(Rules(both)),
		"WALL sees the waiting itself")

	alone := Rules(evidence.Bundle{Profiles: both.Profiles[:1]})
	for _, category := range []string{cause.GenericSerialization, cause.BlockingIO, cause.SinkBatching} {
		found(t, alone, category)
	}
}

func TestSampleJobWithOneFault(t *testing.T) {
	require.Equal(t, []string{cause.GenericSerialization}, worthIt(Rules(sample(t, "kryo"))))
	require.Equal(t, []string{cause.BlockingIO}, worthIt(Rules(sample(t, "lookup"))))

	wall := Rules(evidence.Bundle{Profiles: []evidence.Profile{ofSample(t, "lookup", "WALL")}})
	require.Equal(t, []string{cause.BlockingIO}, worthIt(wall))
	require.Equal(t, "97.7 % of the busy time of the tasks goes into blocking calls, below "+
		"org.flinksidecar.sample.customers.CustomerClient.find", wall.Findings[0].Title)
}

func TestRepairedSampleJobHasNothingSignificant(t *testing.T) {
	for name, b := range map[string]evidence.Bundle{
		"with metrics": sample(t, "fixed"), "profile alone": {Profiles: []evidence.Profile{ofSample(t, "fixed",
			"ITIMER")}},
	} {
		adv := Rules(b)
		require.Empty(t, worthIt(adv), name)
		for _, f := range adv.Findings {
			require.Equal(t, episode.Info, f.Severity, name)
			if f.Impact != nil { // nil for a vertex that does not limit
				require.Less(t, f.Impact.HighPercent, 10.0, name)
			}
		}
	}
}
