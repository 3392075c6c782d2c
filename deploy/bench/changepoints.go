package main

import (
	"bytes"
	"context"
	_ "embed" // the program of the peer
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"text/tabwriter"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/outcome/changepoint"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome/changepoint/changepointtest"
)

// changePoints measures what our detector of change points and Apache Otava find in the same
// labelled series, and their CPU time.
type changePoints struct {
	// python is an interpreter that has Otava; without it only ours is measured.
	python string
	// corpus is a file for the series; empty for none.
	corpus      string
	repetitions int
}

// otavaProgram reads series and writes what Otava finds.
//
//go:embed otava.py
var otavaProgram []byte

// otavaAnswer is what that program writes.
type otavaAnswer struct {
	Version string     `json:"version"`
	Runs    []otavaRun `json:"runs"`
}

// otavaRun is what it finds with one setting.
type otavaRun struct {
	P         float64 `json:"p"`
	Magnitude float64 `json:"magnitude"`
	CPU       float64 `json:"cpu_seconds"`
	Points    [][]int `json:"points"`
}

func (r otavaRun) name(version string) string {
	return fmt.Sprintf("Otava %s p %g magnitude %g", version, r.P, r.Magnitude)
}

func (c *changePoints) measure(ctx context.Context, _ string) error {
	corpus := changepointtest.Corpus(changepointtest.PerKind, changepointtest.Seed)
	text, err := json.Marshal(corpus)
	if err != nil {
		return err
	}
	if c.corpus != "" {
		if err := os.WriteFile(c.corpus, text, 0o600); err != nil {
			return err
		}
	}
	fmt.Printf("%d series, seed %d, a point is right within %d values; load of the machine %s\n", len(corpus),
		changepointtest.Seed, changepointtest.Tolerance, load())
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(out, "detector\tCPU\t")
	for _, kind := range changepointtest.Kinds() {
		fmt.Fprintf(out, "%s F1\tfalse\t", kind)
	}
	fmt.Fprintln(out, "F1\t")
	points, cpu, err := c.ours(corpus)
	if err != nil {
		return err
	}
	printFound(out, "ours", cpu, corpus, points)
	if c.python != "" {
		answer, err := otava(ctx, c.python, text)
		if err != nil {
			return err
		}
		for _, run := range answer.Runs {
			printFound(out, run.name(answer.Version), time.Duration(run.CPU*float64(time.Second)), corpus, run.Points)
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return c.excursions(ctx)
}

// excursions counts the series in which both points of a short change are found.
func (c *changePoints) excursions(ctx context.Context) error {
	for _, length := range []int{4, 6, 8, 10, 15} {
		series := changepointtest.Excursions(length)
		points, _, err := c.ours(series)
		if err != nil {
			return err
		}
		fmt.Printf("a change of %d values, found in %d series: ours %d", length, len(series), whole(series, points))
		if c.python != "" {
			text, err := json.Marshal(series)
			if err != nil {
				return err
			}
			answer, err := otava(ctx, c.python, text)
			if err != nil {
				return err
			}
			for _, run := range answer.Runs {
				fmt.Printf(", %s %d", run.name(answer.Version), whole(series, run.Points))
			}
		}
		fmt.Println()
	}
	return nil
}

// whole counts the series of which all changes are found.
func whole(series []changepointtest.Series, points [][]int) (n int) {
	for i, s := range series {
		if changepointtest.All(s.Points, points[i]) {
			n++
		}
	}
	return n
}

// ours looks at the corpus with the detector of the sidecar. The CPU time is the median.
func (c *changePoints) ours(corpus []changepointtest.Series) (points [][]int, cpu time.Duration, err error) {
	var times durations
	for range c.repetitions {
		points = make([][]int, len(corpus))
		began, err := cpuTime(os.Getpid())
		if err != nil {
			return nil, 0, err
		}
		for i, series := range corpus {
			for _, step := range changepoint.Detect(series.Values, changepoint.DefaultSettings()) {
				points[i] = append(points[i], step.Index)
			}
		}
		ended, err := cpuTime(os.Getpid())
		if err != nil {
			return nil, 0, err
		}
		times = append(times, ended-began)
	}
	return points, median(times), nil
}

// otava looks at the corpus with Otava.
func otava(ctx context.Context, python string, corpus []byte) (answer otavaAnswer, err error) {
	cmd := exec.CommandContext(ctx, python, "-c", string(otavaProgram))
	// More threads than one cost CPU time and do not help with series of this size.
	cmd.Env = append(os.Environ(), "OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1")
	cmd.Stdin, cmd.Stderr = bytes.NewReader(corpus), os.Stderr
	text, err := cmd.Output()
	if err != nil {
		return answer, fmt.Errorf("%s with Otava: %w (pip install apache-otava)", python, err)
	}
	return answer, json.Unmarshal(text, &answer)
}

// printFound prints a line: F1 and points in series without a change, for each kind.
func printFound(
	out *tabwriter.Writer, name string, cpu time.Duration, corpus []changepointtest.Series, points [][]int,
) {
	all, kinds := changepointtest.Score{}, map[changepointtest.Kind]*changepointtest.Score{}
	wrong := map[changepointtest.Kind]int{}
	for i, series := range corpus {
		if kinds[series.Kind] == nil {
			kinds[series.Kind] = &changepointtest.Score{}
		}
		all.Add(series.Points, points[i])
		kinds[series.Kind].Add(series.Points, points[i])
		if len(series.Points) == 0 {
			wrong[series.Kind] += len(points[i])
		}
	}
	fmt.Fprintf(out, "%s\t%s\t", name, ms(cpu))
	for _, kind := range changepointtest.Kinds() {
		fmt.Fprintf(out, "%.3f\t%d\t", kinds[kind].F1(), wrong[kind])
	}
	fmt.Fprintf(out, "%.3f\t\n", all.F1())
}
