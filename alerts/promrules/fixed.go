package promrules

import (
	"fmt"
	"time"

	"github.com/flink-sidecar/flink-sidecar/alerts"
)

// alert is one that no trend rule makes.
func alert(name, severity string, hold time.Duration, expr, summary, description string) Rule {
	return Rule{
		Alert: name, Expr: expr, For: lasting(hold), KeepFiringFor: "5m",
		Labels: map[string]string{"severity": severity},
		Annotations: map[string]string{
			"summary": summary, "description": description, "runbook_url": alerts.Runbooks + name + ".md",
		},
	}
}

// ofJobs are about jobs, where one look is enough.
func ofJobs() []Rule {
	return []Rule{
		alert("FlinkSidecarJobDown", "critical", 5*time.Minute, onceBy("max", "flink_job_up == 0"),
			"A Flink job does not run.",
			"Job {{ $labels.job }} of cluster {{ $labels.cluster }} is not RUNNING, or Flink does not list it any more."),
		alert("FlinkSidecarJobsAbsent", "critical", 10*time.Minute, "absent(flink_job_up)",
			"No Flink job is known.", "The sidecar exports no job: Flink runs none, or does not answer."),
		alert("FlinkSidecarCheckpointsAbsent", "warning", 15*time.Minute,
			"absent(flink_job_last_checkpoint_age_seconds) and on () (max(flink_job_checkpoint_interval_seconds) > 0)",
			"No checkpoint is known.",
			"Jobs are configured to take checkpoints, and none has a completed one: alerts on checkpoints cannot fire."),
		alert("FlinkSidecarSignalUnknown", "info", 30*time.Minute,
			"max by (cluster, job, signal) (flink_sidecar_signal_unknown) == 1", "A signal is not known.",
			"{{ $labels.signal }} of job {{ $labels.job }} in cluster {{ $labels.cluster }} is not known: alerts on it "+
				"cannot fire."),
		alert("FlinkSidecarSustainableRate", "warning", time.Hour, onceBy("max", reached+" < 14 * 86400"),
			"The input of a Flink job reaches its sustainable rate soon.",
			"The input of job {{ $labels.job }} of cluster {{ $labels.cluster }} grows, and reaches the sustainable rate that "+
				"a scale test found in {{ $value | humanizeDuration }}."),
	}
}

// reached is the forecast of the input by days, which the sidecar makes.
const reached = `flink_sidecar_scaletest_reached_seconds{bound="point"}`

// unwatched are the clusters that a sidecar watched and that none does now. Clusters are compared and
// not instances, because each new pod is a new instance. Where no sidecar is left at all,
// FlinkSidecarDown says so.
const unwatched = "(max by (cluster) (max_over_time(flink_cluster_up[6h])) unless on (cluster) flink_cluster_up) " +
	"and on () flink_sidecar_build_info"

// ofItself are about the sidecar: each process has its own, and the label instance says which. One that
// stands by says of its targets what the writer says.
func ofItself() []Rule {
	return []Rule{
		alert("FlinkSidecarDown", "critical", 5*time.Minute, "absent(flink_sidecar_build_info)",
			"The Flink sidecar is down.", "Prometheus has no metrics of the sidecar: it is down, or is not scraped."),
		alert("FlinkSidecarClusterUnwatched", "warning", 15*time.Minute, unwatched,
			"A Flink cluster has lost its sidecar.",
			"Prometheus had metrics of cluster {{ $labels.cluster }} in the last six hours and has none now: its sidecar is "+
				"down, or is not scraped."),
		alert("FlinkSidecarTargetDown", "warning", 10*time.Minute,
			"flink_sidecar_up == 0 unless on (instance) flink_sidecar_standby == 1",
			"The Flink sidecar cannot use a configured server.",
			"The target {{ $labels.target }} does not answer or does not fit the configuration; the page of the "+
				"sidecar says why and what to do."),
		alert("FlinkSidecarMetricsFrozen", "warning", 10*time.Minute,
			onceBy("max", "flink_sidecar_collector_metrics_frozen == 1"),
			"Flink does not update its metrics.",
			"The metrics of cluster {{ $labels.cluster }} stand still, so that their values are not known."),
		alert("FlinkSidecarEpisodesStuck", "warning", 5*time.Minute, "flink_sidecar_episodes_stuck > 0",
			"Episodes of the Flink sidecar do not go on.",
			"{{ $value }} episodes are stuck; /-/healthy of the sidecar says why."),
		alert("FlinkSidecarHistoryInMemory", "warning", 10*time.Minute, "flink_sidecar_history_in_memory == 1",
			"The Flink sidecar keeps its history in memory.",
			"The path of the history is not writable: a restart loses everything."),
		alert("FlinkSidecarHistoryUnwritable", "warning", 10*time.Minute,
			"flink_sidecar_history_writable == 0 unless flink_sidecar_history_in_memory == 1",
			"The Flink sidecar cannot write its history.",
			"The volume of the history refuses writes: a restart loses what the sidecar did since then."),
		alert("FlinkSidecarReloadFailed", "warning", 5*time.Minute, "flink_sidecar_config_last_reload_successful == 0",
			"The Flink sidecar refused its configuration.",
			"The last reload failed: the sidecar runs with the configuration before it."),
		alert("FlinkSidecarProfilesFail", "warning", 15*time.Minute,
			"increase(flink_sidecar_profiles_total{result=\"failed\"}[1h]) > 3", "Profiles of Flink fail.",
			"{{ $value | humanize }} profiles in mode {{ $labels.mode }} failed within an hour."),
		alert("FlinkSidecarBudgetExhausted", "info", 5*time.Minute,
			"sum without (mode) (increase(flink_sidecar_profiles_total{result=\"over_budget\"}[1h])) > 0",
			"The budget of profiles is used up.", "{{ $value | humanize }} profiles were left out within an hour, because "+
				"profiling.per_day is used up."),
		alert("FlinkSidecarProbeStands", "warning", 15*time.Minute,
			"increase(flink_sidecar_probe_skipped_rounds_total[15m]) > 0 and "+
				"sum without (sink, outcome) (increase(flink_sidecar_probe_records_total[15m])) == 0",
			"The probe of the Flink sidecar sends nothing.",
			"Rounds of synthetic records are due, and none begins: see the probe on the sidecar's page."),
	}
}

// objective is the share of the probe's records that must be on time, over thirty days.
const objective = 0.99

// burnWindows are the windows of the burn rates.
var burnWindows = []string{"5m", "30m", "1h", "6h"}

// burnRecords are the shares of records that were not on time.
func burnRecords() []Rule {
	var out []Rule
	for _, over := range burnWindows {
		out = append(out, Rule{
			Record: recordedBurn(over), Expr: burnExpr(over),
		})
	}
	return out
}

// recordedBurn is the name of the recording rule of a window.
func recordedBurn(over string) string {
	return "probe:flink_sidecar_probe_records_not_on_time:ratio_rate" + over
}

// burnExpr is the share of records that were not on time in a window.
func burnExpr(over string) string {
	return fmt.Sprintf("1 - (\n  sum without (sink, outcome) "+
		"(rate(flink_sidecar_probe_records_total{outcome=\"on_time\"}[%s]))\n  /\n"+
		"  (sum without (sink, outcome) (rate(flink_sidecar_probe_records_total[%s])) > 0)\n)", over, over)
}

// burnAlerts fire when the error budget of thirty days is used up too fast: 2 % of it in an
// hour, or 5 % in six hours. The windows and factors are those of Google's "The Site Reliability
// Workbook", chapter 5. The short window ends the alert soon after the trouble.
func burnAlerts(burned func(over string) string) []Rule {
	burn := func(factor float64, long, short string) string {
		limit := factor * (1 - objective)
		return fmt.Sprintf("%s > %.3g and %s > %.3g", burned(long), limit, burned(short), limit)
	}
	return []Rule{
		alert("FlinkSidecarProbeBurnsFast", "critical", 2*time.Minute, burn(14.4, "1h", "5m"),
			"Synthetic records are late or lost, fast.",
			"{{ $value | humanizePercentage }} of the probe's records of the last hour were not on time: 2 % of the "+
				"monthly error budget in an hour."),
		alert("FlinkSidecarProbeBurnsSlowly", "warning", 15*time.Minute, burn(6, "6h", "30m"),
			"Synthetic records are late or lost.",
			"{{ $value | humanizePercentage }} of the probe's records of the last six hours were not on time: 5 % of "+
				"the monthly error budget in six hours."),
	}
}
