package provisioning

import (
	"encoding/json"
	"fmt"
)

// rule is an alert rule of Grafana. Its query is a value for each series; it fires while the
// value is above Above for at least For.
type rule struct {
	UID, Title, Expr string
	Above            float64
	For              string
	Severity         string
	// Summary may use Grafana's .Labels. It has no dollar sign: Grafana would expand it as a
	// variable of the environment.
	Summary string
	// Board is the name of a dashboard's file without its ending, Panel the title of a panel
	// there that shows the signal.
	Board, Panel string
	// NoData is the state while the query has no result.
	NoData string
}

// rules are about what the sidecar exports. Trends have rules of their own in the sidecar: one
// rule here tells of all of them. Every rule has the label origin=flink-sidecar, so that the
// sidecar's webhook drops what the sidecar itself has seen.
var rules = []rule{
	{
		UID: "flink-sidecar-gone", Title: "FlinkSidecarGone", Expr: "absent(flink_sidecar_build_info)", For: "5m",
		Severity: "critical", Summary: "Prometheus gets no metrics of a sidecar.",
		Board: "fleet", Panel: "Targets of the sidecars", NoData: "OK",
	},
	{
		UID: "flink-cluster-down", Title: "FlinkClusterDown",
		Expr: "max by (cluster) (flink_cluster_up == bool 0)", For: "1m",
		Severity: "critical", Summary: "The JobManager of {{ .Labels.cluster }} does not answer.",
		Board: "fleet", Panel: "Clusters", NoData: "OK",
	},
	{
		UID: "flink-job-not-running", Title: "FlinkJobNotRunning",
		Expr: "max by (cluster, job) (flink_job_up == bool 0)", For: "1m",
		Severity: "critical", Summary: "The job {{ .Labels.job }} does not run.",
		Board: "job", Panel: "State", NoData: "OK",
	},
	{
		UID: "flink-trouble", Title: "FlinkTrouble", Expr: "max by (cluster, job, kind) (flink_sidecar_trouble)", For: "0s",
		Severity: "critical", Summary: "{{ .Labels.kind }}: the page of the sidecar says what to do.",
		Board: "job", Panel: "Wrong now", NoData: "OK",
	},
	{
		UID: "flink-limit-ahead", Title: "FlinkLimitAhead",
		Expr: "max by (rule, cluster, job, vertex, process) (flink_sidecar_trend_firing)", For: "0s",
		Severity: "warning", Summary: "{{ .Labels.rule }}: a signal of {{ .Labels.job }} heads for its limit.",
		Board: "forecast", Panel: "Trends, the soonest breach first", NoData: "OK",
	},
	{
		UID: "flink-job-falls-behind", Title: "FlinkJobFallsBehind",
		Expr: "max by (cluster, job) (flink_job_headroom_ratio < bool 0)", For: "10m",
		Severity: "warning", Summary: "The job {{ .Labels.job }} cannot process its input.",
		Board: "job", Panel: "Headroom", NoData: "OK",
	},
	{
		UID: "flink-records-lost", Title: "FlinkRecordsLost",
		Expr: `sum by (sink) (increase(flink_sidecar_probe_records_total{outcome="lost"}[10m]))`, For: "0s",
		Severity: "critical", Summary: "Synthetic records did not arrive at {{ .Labels.sink }}.",
		Board: "end-to-end", Panel: "Lost", NoData: "OK",
	},
	{
		UID: "flink-sidecar-target-down", Title: "FlinkSidecarTargetDown",
		// One that stands by says what the writer says.
		Expr:     "max by (instance, target) ((flink_sidecar_up unless on (instance) flink_sidecar_standby == 1) == bool 0)",
		For:      "5m",
		Severity: "warning", Summary: "{{ .Labels.target }} does not answer the sidecar, or cannot be used as configured.",
		Board: "fleet", Panel: "Targets of the sidecars", NoData: "OK",
	},
}

// BoardUID is the UID of the rule's dashboard.
func (r rule) BoardUID() string { return "flink-sidecar-" + r.Board }

// panelIDs finds the panels of the rules in the dashboards: their ids by the rule's UID.
func panelIDs(boards map[string][]byte) (map[string]int, error) {
	ids := map[string]int{}
	for _, r := range rules {
		var board struct {
			Panels []struct {
				ID    int    `json:"id"`
				Title string `json:"title"`
			} `json:"panels"`
		}
		if err := json.Unmarshal(boards[r.Board+".json"], &board); err != nil {
			return nil, err
		}
		for _, p := range board.Panels {
			if p.Title == r.Panel {
				ids[r.UID] = p.ID
			}
		}
		if ids[r.UID] == 0 {
			return nil, fmt.Errorf("dashboard %s has no panel %q (report this)", r.Board, r.Panel)
		}
	}
	return ids, nil
}
