package production

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

// Find returns the epochs of one job from a given one on, oldest first. name is the beginning
// of its key, or a time in RFC 3339. Epochs are newest first, of any jobs. The error says
// what was not found.
func Find(epochs []episode.Epoch, name string) ([]episode.Epoch, error) {
	at, isTime := time.Time{}, false
	if t, err := time.Parse(time.RFC3339, name); err == nil {
		at, isTime = t, true
	}
	var first *episode.Epoch
	for i, e := range epochs {
		named := name != "" && strings.HasPrefix(e.Key, name)
		if isTime {
			named = !e.Began.After(at)
		}
		if !named {
			continue
		}
		if first != nil && first.JobRef() != e.JobRef() {
			return nil, fmt.Errorf("several jobs have an epoch %q (choose one with --job and --cluster)", name)
		}
		if first == nil {
			first = &epochs[i]
		}
	}
	if first == nil {
		return nil, fmt.Errorf("there is no epoch %q (%s)", name, known(epochs))
	}
	var since []episode.Epoch
	for _, e := range slices.Backward(epochs) {
		if e.JobRef() == first.JobRef() && !e.Began.Before(first.Began) {
			since = append(since, e)
		}
	}
	return since, nil
}

// known names the newest epochs.
func known(epochs []episode.Epoch) string {
	if len(epochs) == 0 {
		return "the history has none yet"
	}
	var names []string
	for _, e := range epochs[:min(len(epochs), 5)] {
		names = append(names, fmt.Sprintf("%s of %s since %s", e.Key, e.Job, e.Began.UTC().Format(time.RFC3339)))
	}
	return "the newest are " + strings.Join(names, ", ")
}

// Table is the table "What changed?" of epochs of one job, oldest first: the first is the
// baseline. The throughput of a row is the capacity, and a deployment is a block, of which at most
// [MaxBlocks] of an epoch count.
func Table(epochs []episode.Epoch, ms []episode.Measurement, length time.Duration) outcome.Table {
	if len(epochs) == 0 {
		return outcome.Table{Rows: []outcome.Row{}, Warnings: []string{}}
	}
	collector := NewCollector(epochs, length)
	for _, m := range ms {
		collector.Add(m)
	}
	blocks := collector.Blocks()
	base := blocks[0]
	var tests []scalerun.Test
	var warnings []string
	for i, e := range epochs {
		all := blocks[i]
		like := Alike(all, base)
		if left := len(all) - len(like); left > 0 {
			warnings = append(warnings, fmt.Sprintf("%s: %d of %d blocks had another load than the baseline and do not count",
				labelOf(e), left, len(all)))
		}
		if len(like) == 0 {
			warnings = append(warnings, labelOf(e)+": there is no block at the load of the baseline")
			continue
		}
		if Idle(like) {
			warnings = append(warnings, labelOf(e)+": "+WhyIdle())
			continue
		}
		tests = append(tests, testsOf(e, i == 0, nearest(like, i == 0))...)
	}
	t := outcome.SuccessiveTable(tests)
	t.Run, t.Cluster, t.Job = "production", epochs[0].Cluster, epochs[0].Job
	t.Warnings = append(t.Warnings, warnings...)
	return t
}

// nearest are the blocks that count: the last ones of the baseline, the first ones of an epoch after it.
func nearest(blocks []Block, baseline bool) []Block {
	if baseline {
		return blocks[max(0, len(blocks)-MaxBlocks):]
	}
	return blocks[:min(len(blocks), MaxBlocks)]
}

// maxLabel bounds the changes in a label, in bytes.
const maxLabel = 80

// labelOf names an epoch: its beginning, since a key may come again, and what changed.
func labelOf(e episode.Epoch) string {
	var changes []string
	for _, c := range e.Changes {
		changes = append(changes, c.String())
	}
	text := strings.Join(changes, ", ")
	if len(text) > maxLabel {
		text = fmt.Sprintf("%d changes", len(changes))
	}
	return strings.TrimSpace(e.Began.UTC().Format("2006-01-02 15:04") + " " + text)
}

// testsOf makes a scale test of each block. Too few blocks have no number, so that they get no
// interval.
func testsOf(e episode.Epoch, baseline bool, blocks []Block) (tests []scalerun.Test) {
	for i, b := range blocks {
		number := ""
		if len(blocks) >= MinBlocks {
			number = strconv.Itoa(i + 1)
		}
		v := math.Exp(b.Value)
		tests = append(tests, scalerun.Test{
			Run: "production", Label: labelOf(e), Baseline: baseline, Cluster: e.Cluster, Job: e.Job, Deployment: number,
			EpochKey: e.Key, Began: b.Began, Verdict: scalerun.OK,
			Imported: &scalerun.Import{Deployment: i + 1},
			Iterations: []scalerun.Iteration{{
				Iteration: 1, Throughput: &v, CPUPerMillion: b.CPUPerMillion,
				Sinks: map[string]scalerun.Sink{"probe": {Latency: scalerun.Latency{P50: b.P50, P99: b.P99}}},
			}},
		})
	}
	return tests
}
