package rules

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/advisor/cause"
	"github.com/flink-sidecar/flink-sidecar/internal/documenttest"
)

// pair is what make removable timed for one rule with one size of its input.
type pair struct {
	size                 string
	before, after, cause took
}

// removed is the part of the cause that the change removes. The cause is all of before, unless the
// rule counts less. Errors of the times can bring it below 0 and above 1.
func (p pair) removed() float64 { return (p.before.ns - p.after.ns) / p.whole().ns }

func (p pair) whole() took {
	if p.cause != (took{}) {
		return p.cause
	}
	return p.before
}

// uncertain is the error of removed, from those of the times, which JMH gives with 99.9 %.
func (p pair) uncertain() float64 {
	if p.cause == (took{}) {
		return p.after.ns / p.before.ns * math.Hypot(p.after.err/p.after.ns, p.before.err/p.before.ns)
	}
	difference := math.Hypot(p.before.err, p.after.err) / (p.before.ns - p.after.ns)
	return p.removed() * math.Hypot(difference, p.cause.err/p.cause.ns)
}

// took is a time and its error, in ns.
type took struct{ ns, err float64 }

// timed reads testdata/removable.csv: JMH's own format below comments, a row for each method.
func timed(t *testing.T) map[string][]pair {
	t.Helper()
	text, err := os.ReadFile("testdata/removable.csv")
	require.NoError(t, err)
	rows := csv.NewReader(bytes.NewReader(text))
	rows.Comment = '#'
	all, err := rows.ReadAll()
	require.NoError(t, err)
	pairs := map[string][]pair{}
	for _, row := range all[1:] {
		addTime(t, pairs, all[0], row)
	}
	return pairs
}

func addTime(t *testing.T, pairs map[string][]pair, head, row []string) {
	t.Helper()
	parts := strings.Split(row[0], ".")
	rule, method, size := kebab(parts[len(parts)-2]), parts[len(parts)-1], ""
	for i, name := range head {
		if param, ok := strings.CutPrefix(name, "Param: "); ok && row[i] != "" {
			size = param + " " + row[i]
		}
	}
	require.Equal(t, "ns/op", row[slices.Index(head, "Unit")])
	time := took{number(t, row[slices.Index(head, "Score")]), number(t, row[slices.Index(head, "Score Error (99.9%)")])}
	at := slices.IndexFunc(pairs[rule], func(p pair) bool { return p.size == size })
	if at < 0 {
		pairs[rule], at = append(pairs[rule], pair{size: size}), len(pairs[rule])
	}
	switch p := &pairs[rule][at]; method {
	case "before":
		p.before = time
	case "after":
		p.after = time
	case "cause":
		p.cause = time
	default:
		require.Fail(t, "no such method of a pair", row[0])
	}
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	value, err := strconv.ParseFloat(text, 64)
	require.NoError(t, err)
	return value
}

// tolerated is how far a promise may be from the measurement.
const tolerated = 0.03

// TestPromisesAreMeasured: what a rule promises to remove is what make removable measured. The low
// end may be lower if the rule says why, the high end may be neither higher nor lower.
func TestPromisesAreMeasured(t *testing.T) {
	pairs := timed(t)
	for _, r := range All() {
		measured, ok := pairs[r.Name]
		promised, ground := held(r)
		require.Equal(t, ok, ground.Kind == cause.Measured, r.Name)
		if !ok {
			continue
		}
		low, high := spanOf(measured)
		says := fmt.Sprintf("%s: measured %.3f to %.3f", r.Name, low, high)
		require.LessOrEqual(t, promised.Low, low+tolerated, says)
		require.InDelta(t, high, promised.High, tolerated, says)
		require.Equal(t, promised.Low < low-tolerated, ground.Says != "", "%s: a reason for %.2f", says, promised.Low)
	}
}

// held is what a rule promises and was measured: for a part of its cause, or for all of it.
func held(r cause.Rule) (cause.Span, cause.Ground) {
	for _, p := range r.Parts {
		if p.RestsOn.Kind == cause.Measured {
			return p.Removable, p.RestsOn
		}
	}
	return r.Removable, r.RestsOn
}

func spanOf(pairs []pair) (low, high float64) {
	low, high = 1, 0
	for _, p := range pairs {
		part := min(max(p.removed(), 0), 1)
		low, high = min(low, part), max(high, part)
	}
	return low, high
}

var times = regexp.MustCompile(`([\d.]+) to ([\d.]+) `)

// TestEveryPromiseHasAGround: a span comes from a measurement, from a calculation that its sentence
// holds, from a document that it names, or it is called assumed, with what is assumed.
func TestEveryPromiseHasAGround(t *testing.T) {
	for _, r := range All() {
		switch r.RestsOn.Kind {
		case cause.Measured: // TestPromisesAreMeasured
		case cause.Calculated:
			said := times.FindStringSubmatch(r.RestsOn.Says)
			require.NotNil(t, said, r.Name)
			require.Equal(t, cause.Rarer(number(t, said[1]), number(t, said[2])), r.Removable, r.Name)
		case cause.Documented, cause.Assumed:
			require.NotEmpty(t, r.RestsOn.Says, r.Name)
		default:
			require.Zero(t, r.RestsOn, r.Name)
			require.Zero(t, r.Removable, "%s: nothing is said of where its part is from", r.Name)
		}
	}
	words := documenttest.Text(t, page)
	require.Contains(t, words, sinkRequests.RestsOn.Says+" remove "+promise(sinkRequests.Removable)+" of the requests")
	require.Equal(t, cause.Documented, jsonTyped.RestsOn.Kind)
	documented := func(r cause.Rule) bool { return r.RestsOn.Kind == cause.Documented && r.Name != jsonTyped.Name }
	require.False(t, slices.ContainsFunc(All(), documented), "%s says that one rule alone is documented", page)
}

// TestTheTableOfRemovables holds the table of docs/advice.md against the measurements, and both
// against the classes of make removable.
func TestTheTableOfRemovables(t *testing.T) {
	pairs, compared := timed(t), comparisons(t)
	require.ElementsMatch(t, slices.Collect(maps.Keys(compared)), slices.Collect(maps.Keys(pairs)))
	before := documenttest.Hold(t, page, "measured parts", removables(pairs, compared), *update)
	require.Contains(t, strings.ReplaceAll(before, "\n", " "),
		fmt.Sprintf("times what the changes of %d rules leave", len(pairs)))
}

func removables(pairs map[string][]pair, compared map[string]string) string {
	var b strings.Builder
	b.WriteString("| rule | what is compared | promised | measured |\n|---|---|---:|---|\n")
	for _, r := range All() {
		if len(pairs[r.Name]) == 0 {
			continue
		}
		promised, _ := held(r)
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", r.Name, compared[r.Name], promise(promised), inWords(pairs[r.Name]))
	}
	return b.String()
}

func inWords(pairs []pair) string {
	words := make([]string, len(pairs))
	for i, p := range pairs {
		words[i] = fmt.Sprintf("%.0f ± %.0f %%", 100*p.removed(), 100*p.uncertain())
		if p.size != "" {
			words[i] = p.size + ": " + words[i]
		}
	}
	return strings.Join(words, ", ")
}

var sentence = regexp.MustCompile(`(?s)/\*\*\s*(.*?\.)\s.*?\*/\s*public class \w+ extends Pair`)

// comparisons are the first sentences above the classes of make removable, by rule.
func comparisons(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("../../deploy/bench/removable/src/main/java/org/flinksidecar/removable/*.java")
	require.NoError(t, err)
	found := map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		if strings.Contains(string(text), " extends Pair ") {
			says := sentence.FindSubmatch(text)
			require.NotNil(t, says, file)
			line := strings.Join(strings.Fields(strings.ReplaceAll(string(says[1]), "\n *", " ")), " ")
			line = strings.TrimSuffix(strings.TrimPrefix(line, "* "), ".")
			found[kebab(strings.TrimSuffix(filepath.Base(file), ".java"))] = line
		}
	}
	return found
}

// kebab turns the name of a Java class into that of a rule.
func kebab(class string) string {
	var b strings.Builder
	for i, r := range class {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
