package demo

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// Result is the result of a stage.
type Result string

// The results.
const (
	Did        Result = "ok"
	DidNot     Result = "failed"
	NotReached Result = "not reached"
)

// Stage is a stage of the loop with its verdict.
type Stage struct {
	Name   string
	Result Result
	Detail string
}

// firstMeasurement is when the first standing measurement must be there: one is taken
// each minute.
const firstMeasurement = 90 * time.Second

// Summary is the result of all stages, and the story behind it.
type Summary struct {
	Stages   []Stage
	demo     *Demo
	evidence evidence
}

// Judge checks whether each stage of the loop did its work, and checks the failed ones
// again for as long as patience lasts.
func (d *Demo) Judge(ctx context.Context, patience time.Duration) (Summary, error) {
	deadline := time.Now().Add(patience)
	for {
		summary, err := d.judge(ctx)
		if err == nil && len(failed(summary.Stages)) == 0 || time.Now().After(deadline) {
			return summary, err
		}
		select {
		case <-ctx.Done():
			return summary, err
		case <-time.After(readEvery):
		}
	}
}

func (d *Demo) judge(ctx context.Context) (Summary, error) {
	ctx, cancel := context.WithTimeout(ctx, oneRead)
	defer cancel()
	e, err := d.gather(ctx)
	if err != nil {
		return Summary{}, err
	}
	return Summary{Stages: e.stages(), demo: d, evidence: e}, nil
}

// Print prints the stages and the story. The error names the stages that failed.
func (s Summary) Print(out io.Writer) error {
	if err := printStages(out, s.Stages); err != nil {
		return err
	}
	if err := s.evidence.tell(out, s.demo); err != nil {
		return err
	}
	if failed := failed(s.Stages); len(failed) > 0 {
		return fmt.Errorf("not every stage did its work: %s", strings.Join(failed, ", "))
	}
	return nil
}

func printStages(out io.Writer, stages []Stage) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "STAGE\tRESULT\tDETAIL")
	for _, stage := range stages {
		fmt.Fprintf(table, "%s\t%s\t%s\n", stage.Name, stage.Result, stage.Detail)
	}
	return table.Flush()
}

func (e evidence) stages() []Stage {
	stages := append([]Stage{
		verdict("metrics", e.metrics),
		verdict("probe", e.probe),
		e.history(),
	}, e.loop()...)
	return append(stages, e.repaired()...)
}

// verdict makes a stage of a check that returns what it found and what was missing.
func verdict(name string, check func() (found string, missing []string)) Stage {
	found, missing := check()
	if len(missing) > 0 {
		return Stage{name, DidNot, strings.Join(missing, "; ")}
	}
	return Stage{name, Did, found}
}

// metrics: Flink answers, the job runs, and its vertices are measured.
func (e evidence) metrics() (found string, missing []string) {
	job := labels{"job": jobName}
	if up, known := e.reading.sum("flink_sidecar_up", labels{"target": "flink"}); !known || up != 1 {
		missing = append(missing, "flink is not up")
	}
	if up, known := e.reading.sum("flink_job_up", job); !known || up != 1 {
		missing = append(missing, "the job is "+jobState(e.reading))
	}
	vertices := len(e.reading.series("flink_vertex_busy_ratio", job))
	if vertices == 0 {
		missing = append(missing, "no vertex has a busy ratio")
	}
	polls, _ := e.reading.sum("flink_sidecar_collector_polls_total", labels{"result": "ok"})
	if polls == 0 {
		missing = append(missing, "no poll of Flink was complete")
	}
	return fmt.Sprintf("%.0f complete polls of Flink, job %s, %d vertices measured", polls, jobState(e.reading),
		vertices), missing
}

// probe: synthetic records passed every hop, were seen at every sink, and are all
// accounted for. Whether they were on time depends on the job.
func (e evidence) probe() (found string, missing []string) {
	latencies := make([]string, len(hops))
	for i, hop := range hops {
		latencies[i] = hop + " " + quantiles(Reading{}, e.reading, hop)
		if e.reading.count(hop) == 0 {
			missing = append(missing, "no record passed the hop "+hop)
		}
	}
	for _, sink := range sinkNames {
		onTime, _ := e.reading.sum("flink_sidecar_probe_records_total", labels{"sink": sink, "outcome": "on_time"})
		late, _ := e.reading.sum("flink_sidecar_probe_records_total", labels{"sink": sink, "outcome": "late"})
		if onTime+late == 0 {
			missing = append(missing, "no record was seen at "+sink)
		}
	}
	for _, account := range e.accounts() {
		if !account.Balanced() {
			missing = append(missing, "records are not accounted for at "+account.Sink)
		}
	}
	return "p50/p99 " + strings.Join(latencies, " ") + "; " + outcomes(e.reading), missing
}

func (e evidence) accounts() []episode.Account {
	if e.status.Probe == nil {
		return nil
	}
	return e.status.Probe.Accounts
}

// history: it is in its file, has the probe's records, and after its first minute a
// measurement of the job.
func (e evidence) history() Stage {
	var missing []string
	if e.status.History.Mode != api.ModeFile {
		missing = append(missing, "it is not in its file: "+e.status.History.Reason)
	}
	if e.records == 0 {
		missing = append(missing, "no probe record is kept")
	}
	if e.measurements == 0 && e.at.Sub(e.started) > firstMeasurement {
		missing = append(missing, "no measurement of the job is kept")
	}
	stage := verdict("history", func() (string, []string) {
		return fmt.Sprintf("%d measurements and %d probe records in %s", e.measurements, e.records,
			e.status.History.Path), missing
	})
	if stage.Result == Did && e.measurements == 0 {
		return Stage{"history", NotReached, fmt.Sprintf("the first measurement comes after a minute; %d probe "+
			"records in %s", e.records, e.status.History.Path)}
	}
	return stage
}

// failed lists the stages that failed, with what was missing.
func failed(stages []Stage) []string {
	var names []string
	for _, stage := range stages {
		if stage.Result == DidNot {
			names = append(names, stage.Name+" ("+stage.Detail+")")
		}
	}
	return names
}
