package alerts

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// TestRulesThatWatchNothingAreSaid has one rule whose signal has no sample, one that is about another
// job, one about another cluster, and one that waits for samples and then judges.
func TestRulesThatWatchNothingAreSaid(t *testing.T) {
	w := newWatch(t, "window: 4m\nsettle: 0s\nshipped_rules: named\nrules: [{name: checkpoint-size}, {name: rocksdb-size}, "+
		"{name: other, signal: checkpoint-size, threshold: 1GiB, match: {job: other}}, "+
		"{name: far, signal: checkpoint-size, threshold: 1GiB, match: {cluster: far}}]", ordersSize)
	w.like.Labels.Cluster = "near"
	w.trends.Now = func() time.Time { return w.now }
	require.Empty(t, w.trends.Watched(), "before the first poll nothing is known")
	everything := func(snapshot.Labels) bool { return true }
	w.trends.Listed("near", everything)
	level := func(int) float64 { return 100 * mib }
	w.until(5*poll, level)
	of := func() map[string]Watched {
		out := map[string]Watched{}
		for _, one := range w.trends.Watched() {
			require.Equal(t, "near", one.Cluster)
			out[one.Rule] = one
		}
		return out
	}
	require.Equal(t, map[string]Watched{
		"checkpoint-size": {
			Rule: "checkpoint-size", Cluster: "near", Signal: snapshot.CheckpointSize, Series: 1, State: Waiting,
			Why: "5 of 20 samples so far",
		},
		"rocksdb-size": {
			Rule: "rocksdb-size", Cluster: "near", Signal: "rocksdb-size", State: Unseen,
			Why: "no sample of flink_state_sst_bytes so far; it needs RocksDB's metrics, which the job must switch on",
		},
		"other": {
			Rule: "other", Cluster: "near", Signal: snapshot.CheckpointSize, State: Unmatched,
			Why: "there are samples, but none matches the rule (change rules[].match)",
		},
	}, of())

	w.until(20*poll, level)
	judged := of()["checkpoint-size"]
	require.Equal(t, 1, judged.Judged)
	require.Empty(t, judged.Why)
	require.NoError(t, testutil.CollectAndCompare(w.trends, strings.NewReader(
		"# HELP flink_sidecar_rule_watched_series Signals that a trend rule judges on a cluster; 0 where it watches "+
			"nothing, because its signal has no sample or too few. Absent before the first poll of the cluster.\n"+
			"# TYPE flink_sidecar_rule_watched_series gauge\n"+
			`flink_sidecar_rule_watched_series{cluster="near",rule="checkpoint-size"} 1`+"\n"+
			`flink_sidecar_rule_watched_series{cluster="near",rule="other"} 0`+"\n"+
			`flink_sidecar_rule_watched_series{cluster="near",rule="rocksdb-size"} 0`+"\n"),
		"flink_sidecar_rule_watched_series"))

	w.now = w.now.Add(time.Hour)
	w.trends.Tick(w.now)
	require.Equal(t, "no sample since 12:04 UTC", of()["checkpoint-size"].Why)
	require.Equal(t, Unseen, of()["checkpoint-size"].State)
}
