package outcome

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/oklog/ulid/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

// The limits of one import.
const (
	// MaxImport is the size of the text in bytes, MaxRows the number of its rows.
	MaxImport = 2 << 20
	MaxRows   = 20_000
	// maxPerDeployment is the number of iterations of one deployment: they are stored as one
	// scale test, whose size is limited.
	maxPerDeployment = 2000
	maxLabel         = 200
	maxNumber        = 1_000_000_000
	// maxFaults is how many faults are reported one by one.
	maxFaults = 20
)

// Rows are numbers that were measured elsewhere, in the order of their text.
type Rows struct {
	List []Measured
	// Deployments and Iterations say which of the columns there are.
	Deployments, Iterations bool
}

// Measured is one row: the throughput of one iteration.
type Measured struct {
	Label                 string
	Deployment, Iteration int
	// Throughput is in records per second, above 0.
	Throughput float64
	// Line is its line in the text, from 1; 0 if it comes from no text.
	Line int
}

// Faults are everything that is wrong with a text. Each says the line and what to do.
type Faults struct {
	list  []fault
	total int
}

type fault struct {
	line int
	text string
}

// Error returns a line for each of the first faults.
func (f *Faults) Error() string {
	var lines []string
	slices.SortStableFunc(f.list, func(a, b fault) int { return cmp.Compare(a.line, b.line) })
	for _, one := range f.list {
		lines = append(lines, fmt.Sprintf("line %d: %s", one.line, one.text))
	}
	if more := f.total - len(f.list); more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more faults (correct those above first)", more))
	}
	return strings.Join(lines, "\n")
}

// Invalid marks an error of the caller.
func (f *Faults) Invalid() bool { return true }

func (f *Faults) add(line int, format string, args ...any) {
	if f.total++; len(f.list) < maxFaults {
		f.list = append(f.list, fault{line, fmt.Sprintf(format, args...)})
	}
}

// orNil is nil if there is no fault.
func (f *Faults) orNil() error {
	if f.total == 0 {
		return nil
	}
	return f
}

// check adds the faults of rows that are well-formed each.
func (r Rows) check(paired bool, faults *Faults) {
	if len(r.List) == 0 && faults.total == 0 {
		faults.add(1, "there is no row (add one for each measurement)")
	}
	type key struct {
		label                 string
		deployment, iteration int
	}
	seen, ended, label, sizes := map[key]int{}, map[string]int{}, "", map[key]int{}
	for _, m := range r.List {
		if m.Label != label {
			if last, again := ended[m.Label]; again {
				faults.add(m.Line, "label %q was in line %d already, with others between (put the rows of a label together)",
					m.Label, last)
			}
			label = m.Label
		}
		ended[m.Label] = m.Line
		k := key{m.Label, m.Deployment, m.Iteration}
		if first, twice := seen[k]; twice {
			faults.add(m.Line, "%s is in line %d already (%s)", r.name(m), first, r.twiceHint())
		} else {
			seen[k] = m.Line
		}
		k.iteration = 0
		if sizes[k]++; sizes[k] == maxPerDeployment+1 {
			faults.add(m.Line, "label %q has more than %d iterations of one deployment (import fewer)", m.Label,
				maxPerDeployment)
		}
	}
	if paired && faults.total == 0 {
		r.checkPairs(faults)
	}
}

// name says which measurement a row is.
func (r Rows) name(m Measured) string {
	text := fmt.Sprintf("label %q", m.Label)
	if r.Deployments {
		text += fmt.Sprintf(", deployment %d", m.Deployment)
	}
	if r.Iterations {
		text += fmt.Sprintf(", iteration %d", m.Iteration)
	}
	return text
}

func (r Rows) twiceHint() string {
	if r.Iterations {
		return "correct the number, or remove the row"
	}
	return "number repeated measurements in a column iteration"
}

// checkPairs checks that each label has as many deployments as the baseline.
func (r Rows) checkPairs(faults *Faults) {
	if !r.Deployments {
		faults.add(1, "pairs need deployments (add the column deployment, or import without --paired)")
		return
	}
	groups := r.byDeployment()
	count, line := map[string]int{}, map[string]int{}
	for _, g := range groups {
		count[g[0].Label]++
		if line[g[0].Label] == 0 {
			line[g[0].Label] = g[0].Line
		}
	}
	baseline := r.List[0].Label
	for label, n := range count {
		if n != count[baseline] {
			faults.add(line[label], "label %q has %d deployments and the baseline %q has %d (pairs need as many on both "+
				"sides: import without --paired, or complete them)", label, n, baseline, count[baseline])
		}
	}
}

// byDeployment groups the rows by label and deployment: labels in their order, deployments
// by ascending number.
func (r Rows) byDeployment() (groups [][]Measured) {
	for start := 0; start < len(r.List); {
		end := start
		for end < len(r.List) && r.List[end].Label == r.List[start].Label {
			end++
		}
		of := slices.Clone(r.List[start:end])
		slices.SortStableFunc(of, func(a, b Measured) int { return cmp.Compare(a.Deployment, b.Deployment) })
		for len(of) > 0 {
			n := slices.IndexFunc(of, func(m Measured) bool { return m.Deployment != of[0].Deployment })
			if n < 0 {
				n = len(of)
			}
			groups, of = append(groups, of[:n]), of[n:]
		}
		start = end
	}
	return groups
}

// Import says where imported rows belong.
type Import struct {
	Run, Cluster, Job string
	// Paired pairs the deployments of all labels by ascending number.
	Paired bool
}

// Tests are the rows as scale tests, one for each deployment of a label, made at now. The
// first label is the baseline.
func (r Rows) Tests(of Import, now time.Time) []scalerun.Test {
	var tests []scalerun.Test
	// A source of its own: what others make meanwhile does not break the order, and the shared
	// source is safe only when it is used directly.
	entropy := ulid.Monotonic(rand.Reader, 0)
	for _, group := range r.byDeployment() {
		label := group[0].Label
		t := scalerun.Test{
			ID: ulid.MustNew(ulid.Timestamp(now), entropy).String(), Run: of.Run, Cluster: of.Cluster, Job: of.Job,
			Label: label, Baseline: label == r.List[0].Label, OpensRun: len(tests) == 0, Began: now, Ended: now,
			Verdict: scalerun.OK, Environment: map[string]string{}, Warnings: []string{},
			Imported: &scalerun.Import{Paired: of.Paired},
		}
		if r.Deployments {
			t.Deployment = "deployment " + strconv.Itoa(group[0].Deployment)
			t.Imported.Deployment = 1
			if last := len(tests) - 1; last >= 0 && tests[last].Label == label {
				t.Imported.Deployment = tests[last].Imported.Deployment + 1
			}
		}
		for i, m := range group {
			if !r.Iterations {
				m.Iteration = i + 1
			}
			t.Iterations = append(t.Iterations, scalerun.Iteration{
				Iteration: m.Iteration, Started: now, Throughput: new(m.Throughput),
				Sinks: map[string]scalerun.Sink{}, Flags: []string{}, Notes: []string{},
			})
		}
		tests = append(tests, t)
	}
	return tests
}

// checkLabel returns what is wrong with a label; empty if nothing is.
func checkLabel(label string) string {
	switch {
	case strings.TrimSpace(label) == "":
		return "the label is empty (name the change)"
	case len(label) > maxLabel:
		return fmt.Sprintf("the label has %d bytes, more than %d (shorten it)", len(label), maxLabel)
	case !utf8.ValidString(label) || strings.ContainsFunc(label, unicode.IsControl):
		return fmt.Sprintf("the label %q has characters that cannot be shown (remove them)", label)
	}
	return ""
}

// parseThroughput reads records per second.
func parseThroughput(text string) (v float64, problem string) {
	text = strings.TrimSpace(text)
	quoted := strconv.Quote(shorten(text))
	if strings.Contains(text, ",") {
		return 0, "throughput " + quoted + " has a comma (write the decimal point, and no thousands separator)"
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || strings.Trim(text, "0123456789.eE+-") != "" {
		return 0, "throughput " + quoted + " is not a number (write records per second, for example 161.7)"
	}
	if !(v >= minThroughput && v <= maxThroughput) {
		return 0, "throughput " + quoted + " is not a rate above 0 (leave out an iteration that failed)"
	}
	return v, ""
}

// The range of a throughput. Beyond it ratios leave the range of numbers.
const (
	minThroughput = 1e-100
	maxThroughput = 1e100
)

// parseNumber reads the number of a deployment or an iteration.
func parseNumber(column, text string) (n int, problem string) {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || n < 0 || n > maxNumber {
		return 0, fmt.Sprintf("%s %q is not a number from 0 (number them)", column, shorten(text))
	}
	return n, ""
}

func shorten(text string) string {
	const most = 60
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}
