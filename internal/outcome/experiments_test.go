package outcome_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/documenttest"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
)

// experiment is a scale test of two labels on machines that differ: by between from deployment to
// deployment, by within from iteration to iteration, and by drift, which the two of a pair share.
type experiment struct {
	deployments int
	paired      bool
	drift       float64
}

const (
	between, within, iterations = 0.03, 0.02, 5
	// truth is the change of the new label, in percent.
	truth = 10
	// many experiments give the shares of the document, few only show a gross fault.
	many, few = 2000, 60
)

// rows are the iterations of the experiment as a person imports them. The new label is better by
// a share of gain.
func (x experiment) rows(random *rand.Rand, gain float64) string {
	machine := make([]float64, x.deployments)
	for i := range machine {
		machine[i] = x.drift * random.NormFloat64()
	}
	var text strings.Builder
	text.WriteString("label,deployment,iteration,throughput\n")
	for label, level := range []float64{1000, 1000 * (1 + gain)} {
		for d, drift := range machine {
			if !x.paired {
				drift = x.drift * random.NormFloat64()
			}
			mean := math.Log(level) + drift + between*random.NormFloat64()
			for i := range iterations {
				fmt.Fprintf(&text, "%d,%d,%d,%.9g\n", label, d+1, i+1, math.Exp(mean+within*random.NormFloat64()))
			}
		}
	}
	return text.String()
}

// judged is the row of the new label in the table of the experiment.
func (x experiment) judged(t *testing.T, random *rand.Rand, gain float64) outcome.Row {
	t.Helper()
	rows, err := outcome.Read([]byte(x.rows(random, gain)), "csv", x.paired)
	require.NoError(t, err)
	table := outcome.NewTable(rows.Tests(outcome.Import{Run: "r", Job: "j", Paired: x.paired}, time.Now()))
	require.Len(t, table.Rows, 2)
	return table.Rows[1]
}

// shares are how often something happened, of all experiments.
type shares struct {
	// Covers is how often the interval has the truth, Falsely how often a change that is none has a
	// verdict, Finds how often the true change has one.
	Covers  float64 `json:"covers"`
	Falsely float64 `json:"falsely"`
	Finds   float64 `json:"finds"`
}

// shares are those of n experiments.
func (x experiment) shares(t *testing.T, n int) (s shares) {
	t.Helper()
	random := rand.New(rand.NewPCG(17, uint64(x.deployments)))
	one := 1 / float64(n)
	for range n {
		changed, same := x.judged(t, random, truth/100.), x.judged(t, random, 0)
		if *changed.Low <= truth && truth <= *changed.High {
			s.Covers += one
		}
		if changed.Verdict == outcome.Better {
			s.Finds += one
		}
		if same.Verdict != outcome.Unclear {
			s.Falsely += one
		}
	}
	return s
}

// drifts are the experiments of the document: five percent of drift, or none.
func drifts() (all []experiment) {
	for _, paired := range []bool{true, false} {
		for _, drift := range []float64{0, 0.05} {
			for _, deployments := range []int{3, 5, 8} {
				all = append(all, experiment{deployments, paired, drift})
			}
		}
	}
	return all
}

const experimentsFile = "testdata/experiments.json"

// TestCoverage holds what docs/history.md says of simulated experiments, and that the shares reach
// their goals. With -update they are simulated again: a minute.
func TestCoverage(t *testing.T) {
	var recorded []shares
	if *update {
		for _, x := range drifts() {
			recorded = append(recorded, x.shares(t, many))
		}
		text, err := json.MarshalIndent(recorded, "", "  ")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(experimentsFile, append(text, '\n'), 0o644))
	}
	text, err := os.ReadFile(experimentsFile)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &recorded))
	require.Len(t, recorded, len(drifts()))
	table := "| deployments a side | method | drift of the machine | interval has the truth | false verdicts | +10 % is found |\n" +
		"|---:|---|---:|---:|---:|---:|\n"
	for i, x := range drifts() {
		s, method := recorded[i], outcome.Welch
		if x.paired {
			method = outcome.Paired
		}
		table += fmt.Sprintf("| %d | %s | %.0f %% | %.1f %% | %.1f %% | %.0f %% |\n", x.deployments, method, 100*x.drift,
			100*s.Covers, 100*s.Falsely, 100*s.Finds)
		require.InDelta(t, 0.95, s.Covers, 0.02, "%+v", x)
		if x.drift == 0 || x.paired {
			require.LessOrEqual(t, s.Falsely, 0.02, "%+v", x)
		}
		if x.deployments == 5 && (x.drift == 0 || x.paired) {
			require.GreaterOrEqual(t, s.Finds, 0.9, "%+v", x)
		}
	}
	documenttest.Hold(t, "../../docs/history.md", "coverage", table, *update)
}

// TestCoverageOfNow simulates some of the experiments: the product has not become another one since
// they were recorded. The bound is five standard deviations.
func TestCoverageOfNow(t *testing.T) {
	for _, x := range drifts() {
		require.GreaterOrEqual(t, x.shares(t, few).Covers, 0.95-5*math.Sqrt(0.95*0.05/few), "%+v", x)
	}
}
